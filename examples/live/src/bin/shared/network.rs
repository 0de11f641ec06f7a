//! The options about whom to ask, and the tools that they make.

use crate::address;
use live::fetcher::{HttpsFetcher, Reach};
use live::resolver::{Dnssec, HickoryResolver};
use live::verify::{add_authorities, system_authorities};
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;
use tokio_rustls::rustls::RootCertStore;

#[derive(Debug, clap::Args)]
pub(crate) struct Network {
    /// Ask this name server, and not those of the system; the port is 53 if none is given
    #[arg(long, value_name = "ADDRESS[:PORT]", value_parser = name_server)]
    dns: Option<SocketAddr>,

    /// Validate DNSSEC here, from the keys of the root zone on
    #[arg(long)]
    dnssec: bool,

    /// Trust the authorities in this PEM file too
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,

    /// Fetch from this port: for tests. Implies `--any-address`
    #[arg(long, value_name = "PORT")]
    https_port: Option<u16>,

    /// Connect to hosts on private networks and on this machine too
    #[arg(long)]
    any_address: bool,

    /// How long a host may take
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = seconds)]
    pub(crate) timeout: Duration,

    /// How many domains are looked at at a time
    #[arg(long, short, value_name = "NUMBER", default_value = "16")]
    pub(crate) jobs: NonZeroUsize,
}

impl Network {
    pub(crate) fn resolver(&self) -> Result<HickoryResolver, String> {
        let dnssec = if self.dnssec {
            Dnssec::Validate
        } else {
            Dnssec::Upstream
        };
        let resolver = match self.dns {
            Some(server) => HickoryResolver::at(server, dnssec),
            None => HickoryResolver::from_system(dnssec),
        };
        resolver
            .map_err(|error| format!("no name servers are known here: {error}; `--dns` names one"))
    }

    pub(crate) fn authorities(&self) -> Result<RootCertStore, String> {
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

    pub(crate) fn fetcher(
        &self,
        resolver: HickoryResolver,
        authorities: RootCertStore,
    ) -> Result<HttpsFetcher, String> {
        let fetcher = HttpsFetcher::new(resolver, authorities)
            .map_err(|error| format!("cannot set up TLS: {error}"))?
            .with_time(self.timeout)
            .with_reach(self.reach());
        Ok(match self.https_port {
            Some(port) => fetcher.with_port(port),
            None => fetcher,
        })
    }

    pub(crate) const fn reach(&self) -> Reach {
        if self.any_address || self.https_port.is_some() {
            Reach::Anywhere
        } else {
            Reach::Global
        }
    }
}

fn name_server(text: &str) -> Result<SocketAddr, String> {
    address::with_port(text, 53)
}

fn seconds(text: &str) -> Result<Duration, String> {
    match text.parse() {
        Ok(seconds @ 1..=60) => Ok(Duration::from_secs(seconds)),
        _ => Err("a whole number from 1 to 60 is wanted".to_owned()),
    }
}
