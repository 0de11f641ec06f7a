//! The command line.

use clap::{Args as Options, Parser, ValueEnum};
use live::network::Network;
use live::postfix::{self, Attributes};
use live::redis_store::PREFIX;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Answers the `smtp_tls_policy_maps` of Postfix with the MTA-STS policies of domains
///
/// In `main.cf`: `smtp_tls_policy_maps = socketmap:inet:127.0.0.1:8461:mta-sts`
#[derive(Debug, Parser)]
#[command(version)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) listen: Listen,
    /// The permissions of the sockets, in octal
    #[arg(long, value_name = "MODE", default_value = "660", value_parser = octal)]
    pub(crate) unix_mode: u32,
    /// The name of the table, the last part of socketmap:…
    #[arg(long, default_value = "mta-sts")]
    pub(crate) table: String,
    /// Add the attributes of Postfix 3.10 and later; older versions refuse them, and keep all mail
    #[arg(long)]
    sts_attributes: bool,
    /// What to say about a domain with an enforced policy whose MX hosts have usable TLSA records
    #[arg(long, value_enum, default_value = "dane-only")]
    dane: BesideDane,
    #[command(flatten)]
    pub(crate) discovery: Discovery,
    /// Keep policies in this Redis instead of in memory, where a restart loses them
    #[arg(long, value_name = "URL")]
    pub(crate) redis: Option<String>,
    /// What the keys in Redis begin with
    #[arg(long, default_value = PREFIX)]
    pub(crate) redis_prefix: String,
    /// The most domains that are kept in memory
    #[arg(long, value_name = "NUMBER", default_value_t = 100_000)]
    pub(crate) capacity: usize,
    /// The most connections at once
    #[arg(long, value_name = "NUMBER", default_value_t = 256)]
    pub(crate) connections: usize,
    /// How often due policies are looked for
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    pub(crate) refresh_interval: u64,
    /// How many refreshes begin in a minute at most
    #[arg(long, value_name = "NUMBER", default_value_t = 120, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) refreshes: u32,
    #[command(flatten)]
    pub(crate) network: Network,
}

/// How policies are found.
#[derive(Debug, Options)]
pub(crate) struct Discovery {
    /// Let mail wait while the DNS does not say whether a domain has a policy
    #[arg(long)]
    pub(crate) defer_undetermined: bool,
    /// Ask the DNS for a newer policy at each look-up
    #[arg(long)]
    pub(crate) ask_each_time: bool,
    /// Read policies leniently
    #[arg(long)]
    pub(crate) lenient: bool,
}

/// Where to listen.
#[derive(Debug, Options)]
#[group(required = true, multiple = true)]
pub(crate) struct Listen {
    /// Listen on this address
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(crate) tcp: Vec<SocketAddr>,
    /// Listen on this socket
    #[arg(long, value_name = "PATH")]
    pub(crate) unix: Vec<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum BesideDane {
    /// Never less than DANE asks; needs `smtp_dns_support_level = dnssec`
    DaneOnly,
    /// Nothing, so that `smtp_tls_security_level` holds, which must be `dane`
    NotFound,
    /// The policy, without asking for TLSA records: for a Postfix that does no DANE
    Policy,
}

impl Args {
    pub(crate) fn options(&self) -> postfix::Options {
        postfix::Options {
            attributes: if self.sts_attributes {
                Attributes::With
            } else {
                Attributes::Without
            },
            dane: match self.dane {
                BesideDane::DaneOnly => postfix::BesideDane::DaneOnly,
                BesideDane::NotFound => postfix::BesideDane::NotFound,
                BesideDane::Policy => postfix::BesideDane::Policy,
            },
            undetermined: if self.discovery.defer_undetermined {
                postfix::Undetermined::Temporary
            } else {
                postfix::Undetermined::NotFound
            },
        }
    }
}

fn octal(text: &str) -> Result<u32, String> {
    u32::from_str_radix(text, 8)
        .ok()
        .filter(|mode| *mode <= 0o777)
        .ok_or_else(|| "octal permissions such as 660 are wanted".to_owned())
}
