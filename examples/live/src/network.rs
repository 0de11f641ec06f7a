//! What the programs let an operator say about DNS and HTTPS.

use crate::fetcher::{HttpsFetcher, Reach};
use crate::resolver::{Dnssec, HickoryResolver};
use crate::verify::{add_authorities, system_authorities};
use clap::Args;
use hickory_resolver::proto::dnssec::TrustAnchors;
use std::error::Error;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio_rustls::rustls::RootCertStore;

/// Where to ask, and whom to trust.
#[derive(Args, Clone, Debug)]
pub struct Network {
    /// Ask this name server instead of those of the system
    #[arg(long, value_name = "ADDRESS:PORT")]
    dns: Option<SocketAddr>,
    /// Leave DNSSEC validation to the name server, so that nothing is ever known to be signed
    #[arg(long)]
    no_dnssec: bool,
    /// Validate from the DNSKEY records in this file on instead of those of the root zone
    #[arg(long, value_name = "FILE", conflicts_with = "no_dnssec")]
    trust_anchor: Option<PathBuf>,
    /// Trust the authorities in this PEM file too
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// Connect to another port than 443: for tests
    #[arg(long, value_name = "PORT", default_value_t = 443, hide = true)]
    https_port: u16,
    /// Connect to addresses that are not global: for tests and for networks that have policies of their own
    #[arg(long)]
    any_address: bool,
    /// The longest time for fetching a policy, at most 60
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    fetch_time: u64,
}

impl Network {
    /// The resolver.
    ///
    /// # Errors
    ///
    /// The configuration of the system or the trust anchor cannot be read.
    pub fn resolver(&self) -> Result<HickoryResolver, Box<dyn Error + Send + Sync>> {
        let dnssec = match &self.trust_anchor {
            Some(file) => Dnssec::ValidateFrom(Arc::new(TrustAnchors::from_file(file)?)),
            None if self.no_dnssec => Dnssec::Upstream,
            None => Dnssec::Validate,
        };
        Ok(match self.dns {
            Some(server) => HickoryResolver::at(server, dnssec)?,
            None => HickoryResolver::from_system(dnssec)?,
        })
    }

    /// The fetcher, which finds hosts by this resolver.
    ///
    /// # Errors
    ///
    /// There are no authorities to trust.
    pub fn fetcher(
        &self,
        resolver: HickoryResolver,
    ) -> Result<HttpsFetcher, Box<dyn Error + Send + Sync>> {
        let authorities = match (&self.ca, system_authorities()) {
            (Some(file), of_system) => {
                let mut authorities = of_system.unwrap_or_else(|_| RootCertStore::empty());
                add_authorities(&mut authorities, file)?;
                authorities
            }
            (None, of_system) => of_system?,
        };
        let reach = if self.any_address {
            Reach::Anywhere
        } else {
            Reach::Global
        };
        let fetcher = HttpsFetcher::new(resolver, authorities)?;
        Ok(fetcher
            .with_reach(reach)
            .with_port(self.https_port)
            .with_time(Duration::from_secs(self.fetch_time)))
    }
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
