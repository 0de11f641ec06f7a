//! What the programs let their users say about the DNS and HTTPS, and the tools that come of it.

use crate::fetcher::{HttpsFetcher, Reach};
use crate::resolver::{Dnssec, HickoryResolver};
use crate::verify::{add_authorities, system_authorities};
use clap::{Args, ValueEnum};
use hickory_resolver::proto::dnssec::TrustAnchors;
use std::error::Error;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio_rustls::rustls::RootCertStore;

/// Whom to ask, whom to trust, where to connect, and how long to wait.
#[derive(Args, Clone, Debug)]
pub struct Hosts {
    /// Ask this name server, and not those of the system; the port is 53 if none is given
    #[arg(long, value_name = "ADDRESS[:PORT]", value_parser = name_server)]
    dns: Option<SocketAddr>,

    /// Who validates DNSSEC [default: here for `postfix`, where DANE counts; else upstream]
    #[arg(long, value_name = "WHO", value_enum)]
    dnssec: Option<Validation>,

    /// Validate from the DNSKEY records in this file on instead of those of the root zone
    #[arg(long, value_name = "FILE")]
    trust_anchor: Option<PathBuf>,

    /// Trust the authorities in this PEM file too
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,

    /// Connect to hosts on private networks and on this machine too
    #[arg(long)]
    any_address: bool,

    /// How long a host may take
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = seconds)]
    timeout: Duration,
}

/// The same for programs that fetch policies.
#[derive(Args, Clone, Debug)]
pub struct Network {
    /// The rest of it.
    #[command(flatten)]
    pub hosts: Hosts,

    /// Fetch from this port: for tests. Implies `--any-address`
    #[arg(long, value_name = "PORT")]
    https_port: Option<u16>,
}

/// Who validates DNSSEC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Validation {
    /// This program, from the keys of the root zone on; the name server must hand out signatures
    Here,
    /// The name server, so that nothing is ever known to be signed
    Upstream,
}

impl Hosts {
    /// The resolver; `otherwise` holds if the command line does not say who validates.
    ///
    /// # Errors
    ///
    /// The configuration of the system or the trust anchor cannot be read.
    pub fn resolver(&self, otherwise: Validation) -> Result<HickoryResolver, String> {
        let dnssec = match (&self.trust_anchor, self.dnssec.unwrap_or(otherwise)) {
            (Some(_), _) if self.dnssec == Some(Validation::Upstream) => {
                return Err("`--trust-anchor` is for those who validate here".to_owned());
            }
            (Some(file), _) => {
                let anchors = TrustAnchors::from_file(file);
                let anchors =
                    anchors.map_err(|error| format!("cannot read {}: {error}", file.display()))?;
                Dnssec::ValidateFrom(Arc::new(anchors))
            }
            (None, Validation::Here) => Dnssec::Validate,
            (None, Validation::Upstream) => Dnssec::Upstream,
        };
        let resolver = match self.dns {
            Some(server) => HickoryResolver::at(server, dnssec),
            None => HickoryResolver::from_system(dnssec),
        };
        resolver
            .map_err(|error| format!("no name servers are known here: {error}; `--dns` names one"))
    }

    /// The authorities of the system, and those that the command line names.
    ///
    /// # Errors
    ///
    /// There are none, or the file cannot be read.
    pub fn authorities(&self) -> Result<RootCertStore, String> {
        let Some(file) = &self.ca else {
            return system_authorities().map_err(|error| {
                format!("no authorities are trusted here: {error}; `--ca` names some")
            });
        };
        // A system without any is none that `--ca` could not help.
        let mut authorities = system_authorities().unwrap_or_else(|_| RootCertStore::empty());
        add_authorities(&mut authorities, file)
            .map_err(|error| format!("cannot read {}: {error}", file.display()))?;
        Ok(authorities)
    }

    /// Where to connect.
    #[must_use]
    pub const fn reach(&self) -> Reach {
        if self.any_address {
            Reach::Anywhere
        } else {
            Reach::Global
        }
    }

    /// How long a host may take.
    #[must_use]
    pub const fn timeout(&self) -> Duration {
        self.timeout
    }
}

impl Network {
    /// The fetcher, which finds hosts by this resolver.
    ///
    /// # Errors
    ///
    /// Those of [`Hosts::authorities`].
    pub fn fetcher(&self, resolver: HickoryResolver) -> Result<HttpsFetcher, String> {
        let fetcher = HttpsFetcher::new(resolver, self.hosts.authorities()?)
            .map_err(|error| format!("cannot set up TLS: {error}"))?
            .with_time(self.hosts.timeout)
            .with_reach(self.reach());
        Ok(match self.https_port {
            Some(port) => fetcher.with_port(port),
            None => fetcher,
        })
    }

    /// Where to connect.
    #[must_use]
    pub const fn reach(&self) -> Reach {
        match self.https_port {
            Some(_) => Reach::Anywhere,
            None => self.hosts.reach(),
        }
    }
}

fn name_server(text: &str) -> Result<SocketAddr, String> {
    with_port(text, 53)
}

fn seconds(text: &str) -> Result<Duration, String> {
    match text.parse() {
        Ok(seconds @ 1..=60) => Ok(Duration::from_secs(seconds)),
        _ => Err("a whole number from 1 to 60 is wanted".to_owned()),
    }
}

/// An address with a port, or without one: then it is this port.
///
/// # Errors
///
/// What is wanted, for those who gave something else.
pub fn with_port(text: &str, port: u16) -> Result<SocketAddr, String> {
    if let Ok(address) = text.parse::<IpAddr>() {
        return Ok(SocketAddr::new(address, port));
    }
    text.parse().map_err(|_| {
        format!("an IP address, or `192.0.2.1:{port}` or `[2001:db8::1]:{port}`, is wanted")
    })
}

/// The clock.
#[must_use]
pub fn now() -> mta_sts::UnixTime {
    SystemTime::now().into()
}

/// An error and its causes, one behind the other.
#[must_use]
pub fn explain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text += ": ";
        text += &error.to_string();
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports() {
        let port = |text| with_port(text, 53).map(|address| address.port());
        assert_eq!(port("192.0.2.1"), Ok(53));
        assert_eq!(port("192.0.2.1:5353"), Ok(5353));
        assert_eq!(port("2001:db8::1"), Ok(53));
        assert_eq!(port("[2001:db8::1]:5353"), Ok(5353));
        assert!(port("ns.example.com").is_err());
    }
}
