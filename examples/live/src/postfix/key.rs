//! What Postfix asks for: the next hop, as it stands in its configuration or in an address.

use mta_sts::PolicyDomain;
use std::net::IpAddr;

/// A key of `smtp_tls_policy_maps`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    /// `example.com` or `example.com:port`: a domain, or a smart host that is found by MX records.
    Domain(PolicyDomain, u16),
    /// `[host]` or `[host]:port`: a smart host that is connected to as it is. It is the Policy Domain (RFC 8461 §3.4), and its only host.
    Host(PolicyDomain, u16),
    /// Whatever has no policy.
    Without(Why),
}

/// Why a key has no policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// `.example.com`: Postfix has found nothing for a domain and asks for all of its parent's. A policy is never inherited (RFC 8461 §3.1).
    Parent,
    /// An address: nobody publishes a policy for one.
    Address,
    /// No name that can have a policy: a path, a name with `_`, an overlong one.
    NotADomain,
    /// A port by a name that is not known here, so that the TLSA records could not be found.
    Port,
}

impl Key {
    /// Reads a key.
    #[must_use]
    pub fn parse(key: &[u8]) -> Self {
        let Ok(key) = str::from_utf8(key) else {
            return Self::Without(Why::NotADomain);
        };
        if key.starts_with('.') {
            return Self::Without(Why::Parent);
        }
        let (host, rest, is_host) = match key.strip_prefix('[').map(|key| key.split_once(']')) {
            Some(Some((host, rest))) => (host, rest, true),
            Some(None) => return Self::Without(Why::NotADomain),
            None => {
                let (host, rest) = key.split_at(key.find(':').unwrap_or(key.len()));
                (host, rest, false)
            }
        };
        if is_address(host) || is_address(key) {
            return Self::Without(Why::Address);
        }
        let Ok(domain) = host.parse() else {
            return Self::Without(Why::NotADomain);
        };
        let port = match rest.strip_prefix(':') {
            Some(port) => port_number(port),
            None if rest.is_empty() => Some(25),
            None => return Self::Without(Why::NotADomain),
        };
        match (port, is_host) {
            (None, _) => Self::Without(Why::Port),
            (Some(port), true) => Self::Host(domain, port),
            (Some(port), false) => Self::Domain(domain, port),
        }
    }
}

/// Also as in addresses of mail: `IPv6:2001:db8::1`.
fn is_address(host: &str) -> bool {
    let address = match host.split_at_checked(5) {
        Some((tag, address)) if tag.eq_ignore_ascii_case("ipv6:") => address,
        _ => host,
    };
    address.parse::<IpAddr>().is_ok()
}

/// A port, or a service of mail by its registered name.
fn port_number(port: &str) -> Option<u16> {
    match port {
        "smtp" => Some(25),
        "submission" => Some(587),
        "submissions" | "smtps" => Some(465),
        _ if port.bytes().all(|byte| byte.is_ascii_digit()) => {
            port.parse().ok().filter(|&port| port > 0)
        }
        _ => None,
    }
}
