//! What came of STARTTLS with each MX host.

use mta_sts::{TlsOutcome, TlsVerdict};
use std::fmt;

/// An MX host, as the parts shared with the example `audit` know it. `Display` is its line in `tls.txt`.
#[derive(Clone, Debug)]
pub(crate) struct Host {
    pub(crate) name: String,
    /// `TLSv1.3`
    pub(crate) protocol: Option<String>,
    /// `None`: the host was not reached.
    pub(crate) outcome: Option<TlsOutcome>,
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.", self.name)?;
        if let Some(protocol) = &self.protocol {
            write!(f, " {protocol}")?;
        }
        match self.outcome {
            None => f.write_str(" unreachable"),
            Some(TlsOutcome::NotOffered) => f.write_str(" starttls-not-offered"),
            Some(TlsOutcome::Refused(reply)) => write!(f, " starttls-refused {reply}"),
            Some(TlsOutcome::Established { pkix, .. }) => match pkix {
                TlsVerdict::Passed => f.write_str(" valid"),
                TlsVerdict::NotChecked => f.write_str(" certificate-not-checked"),
                TlsVerdict::Failed(failure) => write!(f, " {}", failure.code()),
            },
            Some(TlsOutcome::Failed(failure)) => write!(f, " {}", failure.code()),
        }
    }
}
