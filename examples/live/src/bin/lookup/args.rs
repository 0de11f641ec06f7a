//! The command line.

use clap::Parser;
use live::network::Network;
use std::num::NonZeroUsize;

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
