//! A server for the lookup protocol of Postfix's `socketmap:` tables (`man socketmap_table`).
//!
//! To copy: this directory. It needs the crates `tokio` (features `io-util`, `net`, `sync`, `time`) and `tracing`.

mod netstring;
mod server;

pub use netstring::{Malformed, Netstrings, netstring};
pub use server::{Limits, Listener, Server, Stop};

use std::fmt;

/// The longest reply that Postfix takes, without what makes it a netstring.
pub const MAX_REPLY: usize = 100_000;

/// Answers requests.
pub trait Lookup: Send + Sync + 'static {
    /// What the table of this name says about the key. Both come from the other side as they are: any octets.
    fn lookup(&self, table: &[u8], key: &[u8]) -> impl Future<Output = Reply> + Send;
}

/// A reply. The text of a failure ends up in the log of Postfix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// The value of the key.
    Found(String),
    /// The table does not have the key.
    NotFound,
    /// Not known now: mail waits.
    Temporary(&'static str),
    /// Not known in time: mail waits.
    TimedOut(&'static str),
    /// It makes no sense to ask. Mail waits here too, until somebody has mended the configuration.
    Permanent(&'static str),
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Found(value) => write!(f, "OK {value}"),
            // The blank belongs to it.
            Self::NotFound => f.write_str("NOTFOUND "),
            Self::Temporary(reason) => write!(f, "TEMP {reason}"),
            Self::TimedOut(reason) => write!(f, "TIMEOUT {reason}"),
            Self::Permanent(reason) => write!(f, "PERM {reason}"),
        }
    }
}

/// What a stranger wrote, fit for a log: in printable ASCII, and no longer than a name can be.
#[derive(Clone, Copy, Debug)]
pub struct Untrusted<'a>(pub &'a [u8]);

impl fmt::Display for Untrusted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const LONGEST: usize = 300;
        let (shown, cut) = match self.0.split_at_checked(LONGEST) {
            Some((shown, rest)) if !rest.is_empty() => (shown, "…"),
            _ => (self.0, ""),
        };
        write!(f, "\"{}\"{cut}", shown.escape_ascii())
    }
}
