//! The command line.

use crate::address;
use clap::Parser;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

/// Looks up the MTA-STS policies of mail domains, and says what a sender would do with each of their MX hosts.
///
/// Asks as a sender would that meets the domain for the first time: the TXT record, the policy by HTTPS, the MX records. DANE is not looked at.
#[derive(Debug, Parser)]
#[command(
    name = "lookup",
    after_help = "Exit status:\n  \
        0  each domain has a policy that works, or none at all\n  \
        1  something is wrong with a domain, with its policy, or with one of its MX hosts under the policy\n  \
        2  wrong use, or something on this machine is in the way"
)]
pub(crate) struct Args {
    /// The domains; `-` reads them from standard input, one a line
    #[arg(required = true, value_name = "DOMAIN")]
    pub(crate) domains: Vec<String>,

    /// Write one JSON object a line for each domain
    #[arg(long)]
    pub(crate) json: bool,

    /// Ask this name server, and not those of the system; the port is 53 if none is given
    #[arg(long, value_name = "ADDRESS[:PORT]", value_parser = name_server)]
    pub(crate) dns: Option<SocketAddr>,

    /// Validate DNSSEC here, from the keys of the root zone on
    #[arg(long)]
    pub(crate) dnssec: bool,

    /// Trust the authorities in this PEM file too
    #[arg(long, value_name = "FILE")]
    pub(crate) ca: Option<PathBuf>,

    /// Fetch from this port: for tests. Implies `--any-address`
    #[arg(long, value_name = "PORT")]
    pub(crate) https_port: Option<u16>,

    /// Connect to policy hosts on private networks and on this machine too
    #[arg(long)]
    pub(crate) any_address: bool,

    /// How long a policy host may take
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = seconds)]
    pub(crate) timeout: Duration,

    /// How many domains are looked up at a time
    #[arg(long, short, value_name = "NUMBER", default_value = "16")]
    pub(crate) jobs: NonZeroUsize,
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

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn arguments_are_well_defined() {
        Args::command().debug_assert();
    }
}
