//! The command line.

use clap::Parser;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// Serves the MTA-STS policies of many domains by HTTPS, from files.
///
/// A change of a file needs no restart. What is not a valid policy is not served, and standard error says what is wrong with it.
#[derive(Debug, Parser)]
#[command(
    name = "host",
    after_help = "POLICIES holds `<domain>.txt` for each domain. CERTIFICATES holds `mta-sts.<domain>/cert.pem`, the chain, \
        and `mta-sts.<domain>/key.pem` for each policy host; what is in `_default/` is shown for all names that it is valid for.\n\n\
        Exit status:\n  \
        0  stopped by a signal\n  \
        2  wrong use, or something on this machine is in the way"
)]
pub(crate) struct Args {
    /// The folder of the policies
    pub(crate) policies: PathBuf,

    /// The folder of the certificates
    pub(crate) certificates: PathBuf,

    /// Where to listen; the port is 443 if none is given
    #[arg(long, value_name = "ADDRESS[:PORT]", default_value = "[::]:443", value_parser = listen)]
    pub(crate) listen: SocketAddr,

    /// Say that a reverse proxy may keep a policy for a minute, as RFC 8461 proposes in section 8.2
    #[arg(long)]
    pub(crate) proxied: bool,

    /// How long a client may take for TLS, again for its request, and again for the response
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    pub(crate) timeout: Duration,

    /// How many connections there are at a time; others wait
    #[arg(long, value_name = "NUMBER", default_value = "1000", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) connections: u32,
}

fn listen(text: &str) -> Result<SocketAddr, String> {
    live::network::with_port(text, 443)
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
