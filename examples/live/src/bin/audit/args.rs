//! The command line.

use clap::Parser;
use live::network::Network;
use std::num::NonZeroUsize;
use std::path::PathBuf;

/// Audits the MTA-STS deployments of mail domains: DNS records, policy, MX hosts and TLS reporting held against each other.
///
/// Each MX host is asked for STARTTLS, and left without a message.
#[derive(Debug, Parser)]
#[command(
    name = "audit",
    after_help = "Exit status:\n  \
        0  nothing is worse than a note\n  \
        3  there are warnings\n  \
        1  there are errors\n  \
        2  wrong use, or something on this machine is in the way"
)]
pub(crate) struct Args {
    /// The domains; `-` reads them from standard input, one a line
    #[arg(required = true, value_name = "DOMAIN")]
    pub(crate) domains: Vec<String>,

    /// Write one JSON object a line for each domain
    #[arg(long)]
    pub(crate) json: bool,

    /// Write what was seen into the folder DIR/<DOMAIN>, for the example `audit`
    #[arg(long, value_name = "DIR")]
    pub(crate) save: Option<PathBuf>,

    /// Tell what has changed since `--save` wrote into the folder DIR/<DOMAIN>, which may be the same
    #[arg(long, value_name = "DIR")]
    pub(crate) previous: Option<PathBuf>,

    /// Do not ask the MX hosts, as where port 25 is blocked
    #[arg(long)]
    pub(crate) no_smtp: bool,

    /// Ask MX hosts at this port: for tests
    #[arg(long, value_name = "PORT", default_value = "25")]
    pub(crate) smtp_port: u16,

    /// How many domains are looked at at a time
    #[arg(long, short, value_name = "NUMBER", default_value = "16")]
    pub(crate) jobs: NonZeroUsize,

    #[command(flatten)]
    pub(crate) network: Network,
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
