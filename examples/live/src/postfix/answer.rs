//! From a policy and the hosts it is for to a line of `smtp_tls_policy_maps`.

use super::hosts::MailHost;
use crate::socketmap::MAX_REPLY;
use mta_sts::{Candidate, Decision, MxPatternRef, Policy, PolicyDomain, UnixTime, Verification};
use std::fmt::Write;

/// What the attributes of Postfix 3.10 say about MTA-STS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attributes {
    /// Nothing: older versions refuse a policy with an attribute that they do not know, and keep all mail for the domain.
    Without,
    /// All of them.
    With,
}

/// How an enforced policy is carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Enforced {
    /// At least one host has usable TLSA records: DANE decides.
    ByDane,
    /// By certificates: this policy.
    ByCertificate(String),
    /// No host may be connected to.
    Impossible,
}

/// How Postfix may look at the answer for that long before it asks again. So what this program has refreshed gets there within an hour.
const LONGEST_TTL: u64 = 3_600;

/// How an enforced policy is carried out for these hosts.
///
/// The hosts are judged one by one by the library; what Postfix cannot be told for each host is told in the way that refuses more.
#[must_use]
pub fn enforced(
    decision: &Decision,
    hosts: &[MailHost],
    attributes: Attributes,
    now: UnixTime,
) -> Enforced {
    let Some(policy) = decision.policy() else {
        return Enforced::Impossible;
    };
    let (mut allowed, mut refused) = (Vec::new(), Vec::new());
    for host in hosts.iter().filter(|host| is_plain(&host.name)) {
        match decision.candidate(&host.name, host.dane) {
            Candidate::Skip(_) => refused.push(&*host.name),
            Candidate::Connect(session) => match session.requirement().verification() {
                Verification::RequireDane | Verification::RequireBoth => return Enforced::ByDane,
                Verification::RequirePkix => allowed.push(&*host.name),
                // Not in an enforced policy. Whatever it is: no certificate, no host.
                Verification::Nothing | Verification::ObservePkix => refused.push(&*host.name),
            },
        }
    }
    if allowed.is_empty() {
        return Enforced::Impossible;
    }
    let names = names(policy, &allowed, &refused);
    let mut line = format!("secure match={} servername=hostname", names.join(":"));
    if attributes == Attributes::With {
        let attributes = sts(decision.domain(), policy, left(decision, now));
        if line.len() + attributes.len() + "OK ".len() <= MAX_REPLY {
            line += &attributes;
        } else {
            tracing::warn!(domain = %decision.domain(), "the policy is too long for its attributes");
        }
    }
    Enforced::ByCertificate(line)
}

/// The names one of which must be in the certificate: those that the policy names in full, and of its wildcards the hosts that there are. A
/// wildcard itself would be `.example.net` here, which Postfix takes for names of any depth, and the policy means one label.
fn names<'a>(policy: &'a Policy, allowed: &[&'a str], refused: &[&str]) -> Vec<&'a str> {
    let in_full = policy.mx().filter(|pattern| !pattern.is_wildcard());
    let in_full = in_full.map(MxPatternRef::as_str);
    let in_full = in_full.filter(|name| !refused.contains(name));
    let mut names: Vec<_> = in_full.chain(allowed.iter().copied()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// The attributes of Postfix 3.10 and later (`TLSRPT_README`), from the policy as it was understood. Extensions are left out: their values
/// may hold what means something in a line of Postfix.
fn sts(domain: &PolicyDomain, policy: &Policy, ttl: u64) -> String {
    let mut text = format!(" policy_type=sts policy_domain={domain} policy_ttl={ttl}");
    for pattern in policy.mx() {
        write!(text, " mx_host_pattern={pattern}").unwrap_or_default();
    }
    let mut lines = vec![
        "version: STSv1".to_owned(),
        format!("mode: {}", policy.mode()),
    ];
    lines.extend(policy.mx().map(|pattern| format!("mx: {pattern}")));
    lines.push(format!("max_age: {}", policy.max_age().as_secs()));
    for line in lines {
        write!(text, " {{ policy_string = {line} }}").unwrap_or_default();
    }
    text
}

/// The seconds for which the policy may still be applied.
fn left(decision: &Decision, now: UnixTime) -> u64 {
    let until = decision.valid_until().unwrap_or(now);
    until
        .saturating_duration_since(now)
        .as_secs()
        .min(LONGEST_TTL)
}

/// Whether a name from the DNS can stand in a line of Postfix.
fn is_plain(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    name.bytes().all(is_plain)
}
