//! Why something is no report.

use mta_sts::{ReportError, ReportErrorKind};
use std::fmt;

/// What keeps a report from being read, or a mail from having one.
///
/// `{:#}` leaves the place within the report out, as with [`ReportError`].
#[derive(Debug)]
pub(crate) enum Trouble {
    /// It was found, and cannot be read.
    Report(ReportError),
    /// Its transfer encoding, such as base64, is broken or not known.
    Encoding(String),
    /// There is none in the mail; what there is in its place, and how many parts more.
    NoReport(Vec<String>, usize),
    /// The file does not begin with header fields.
    NotAMail,
    TooLong,
    TooManyParts,
    /// The MIME parser has a fault.
    Parser,
}

impl Trouble {
    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Self::Report(error) => error.code(),
            Self::Encoding(_) => "mail-encoding",
            Self::NoReport(..) => "mail-no-report",
            Self::NotAMail => "mail-no-mail",
            Self::TooLong => "mail-too-long",
            Self::TooManyParts => "mail-too-many-parts",
            Self::Parser => "mail-parser",
        }
    }

    /// Whether nothing is wrong: mailboxes hold other mails, too.
    pub(crate) const fn is_note(&self) -> bool {
        matches!(self, Self::NoReport(..))
    }

    /// Whether it inflates to more than a report would.
    pub(super) fn is_bomb(&self) -> bool {
        matches!(self, Self::Report(error) if error.kind() == ReportErrorKind::GzipRatio)
    }

    /// At which byte of the report.
    pub(crate) const fn offset(&self) -> Option<usize> {
        match self {
            Self::Report(error) => error.offset(),
            _ => None,
        }
    }

    /// At which member of the report.
    pub(crate) fn path(&self) -> Option<&str> {
        match self {
            Self::Report(error) => error.path(),
            _ => None,
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Report(error) => error.fmt(f),
            Self::Encoding(name) => write!(f, "the part is not valid {name}"),
            Self::NoReport(parts, more) => {
                let parts = parts.join(", ");
                write!(f, "there is no TLS report in it, but {parts}")?;
                match more {
                    0 => Ok(()),
                    more => write!(f, " and {more} more"),
                }
            }
            Self::NotAMail => f.write_str("this is neither a mail nor a report"),
            Self::TooLong => f.write_str("the mail is longer than 32 MiB"),
            Self::TooManyParts => f.write_str("the mail has too many parts"),
            Self::Parser => f.write_str("the MIME parser gave up on it"),
        }
    }
}
