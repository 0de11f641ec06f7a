//! The command line.

use clap::{Args, Parser, Subcommand};
use live::network::Hosts;
use mta_sts::Contact;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// TLS reports (RFC 8460) in mails and over HTTPS: reads those that others send, and sends some.
#[derive(Debug, Parser)]
#[command(name = "tlsrpt-mail")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Read(Read),
    Send(Send),
    Receive(Receive),
}

/// Takes reports out of mails, and sums them up.
///
/// Reports are as trustworthy as their senders: whether the mails are signed with DKIM, as they must be, is not checked here.
#[derive(Debug, Args)]
#[command(after_help = "Exit status:\n  \
        0  every report was read; mails without one do not matter\n  \
        1  something that should be a report was not read\n  \
        2  wrong use, or something on this machine is in the way")]
pub(crate) struct Read {
    /// Mails, mailboxes (mbox), maildirs, folders of mails, and reports as they come over HTTPS; `-` is standard input
    #[arg(required = true, value_name = "FILE | FOLDER | -")]
    pub(crate) inputs: Vec<PathBuf>,

    /// List what in each report is not as RFC 8460 wants it
    #[arg(long)]
    pub(crate) deviations: bool,

    /// Write one JSON object in place of the text
    #[arg(long)]
    pub(crate) json: bool,

    /// Write a page with charts, too: a single file that loads nothing
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
}

/// Counts the sessions of a day, and sends the reports: as mails for your mailer, and by HTTPS.
///
/// Where a report goes is said by the TLS reporting record of its domain. Mails are written into a folder, without a signature: your mailer must sign them with DKIM,
/// and deliver them whatever MTA-STS and DANE say.
#[derive(Debug, Args)]
#[command(after_help = "Exit status:\n  \
        0  each report has gone at least one way\n  \
        1  one has not\n  \
        2  wrong use, or something on this machine is in the way")]
pub(crate) struct Send {
    /// What was found out about domains, and the sessions with their MX hosts; the README says how it is written
    #[arg(value_name = "FILE")]
    pub(crate) sessions: PathBuf,

    /// Who reports
    #[arg(long, value_name = "NAME")]
    pub(crate) organization: String,

    /// Whom to ask about the reports; the mails come from there
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) contact: Contact,

    /// Write the mails into this folder
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    pub(crate) out: PathBuf,

    /// Send all reports where this record says, and do not ask the DNS
    #[arg(long, value_name = "TXT")]
    pub(crate) record: Option<String>,

    /// Do not compress the reports
    #[arg(long)]
    pub(crate) plain: bool,

    /// For how long to try again by HTTPS, each time after twice the pause; at most a day
    #[arg(long, value_name = "SECONDS", default_value = "0", value_parser = clap::value_parser!(u64).range(..=86_400))]
    pub(crate) retry: u64,

    /// The first pause
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) pause: u64,

    #[command(flatten)]
    pub(crate) hosts: Hosts,
}

impl Send {
    pub(crate) const fn first_pause(&self) -> Duration {
        Duration::from_secs(self.pause)
    }

    pub(crate) const fn retry_time(&self) -> Duration {
        Duration::from_secs(self.retry)
    }
}

/// Takes reports by HTTPS on this machine, and stores them as they come.
#[derive(Debug, Args)]
pub(crate) struct Receive {
    /// Where to store them; `read` reads the folder
    #[arg(value_name = "FOLDER")]
    pub(crate) folder: PathBuf,

    /// Listen here; only addresses of this machine itself, for nobody is asked who they are
    #[arg(long, value_name = "ADDRESS[:PORT]", default_value = "127.0.0.1:8460", value_parser = loopback)]
    pub(crate) listen: SocketAddr,

    /// The chain of certificates, a PEM file
    #[arg(long, value_name = "FILE")]
    pub(crate) cert: PathBuf,

    /// The key of the first certificate, a PEM file
    #[arg(long, value_name = "FILE")]
    pub(crate) key: PathBuf,
}

fn loopback(text: &str) -> Result<SocketAddr, String> {
    let address = live::network::with_port(text, 8460)?;
    if address.ip().is_loopback() {
        Ok(address)
    } else {
        Err("an address of this machine itself is wanted, such as 127.0.0.1".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn arguments_are_well_defined() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn only_this_machine_is_listened_to() {
        for good in ["127.0.0.1", "127.0.0.1:0", "[::1]:8460", "::1"] {
            assert!(loopback(good).is_ok(), "{good}");
        }
        for bad in ["0.0.0.0:8460", "192.0.2.1", "[::]:1", "localhost"] {
            assert!(loopback(bad).is_err(), "{bad}");
        }
    }
}
