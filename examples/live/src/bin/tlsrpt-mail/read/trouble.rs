//! Why something is no report.

use mta_sts::ReportError;
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
    /// There is none in the mail; what there is in its place.
    NoReport(Vec<String>),
    /// The file does not begin with header fields.
    NotAMail,
    TooLong,
    Boundaries,
    /// The MIME parser has a fault.
    Parser,
}

/// How many parts are named of a mail without a report.
const NAMED: usize = 6;

impl Trouble {
    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Self::Report(error) => error.code(),
            Self::Encoding(_) => "mail-encoding",
            Self::NoReport(_) => "mail-no-report",
            Self::NotAMail => "mail-no-mail",
            Self::TooLong => "mail-too-long",
            Self::Boundaries => "mail-boundaries",
            Self::Parser => "mail-parser",
        }
    }

    /// Whether nothing is wrong: mailboxes hold other mails, too.
    pub(crate) const fn is_note(&self) -> bool {
        matches!(self, Self::NoReport(_))
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
            Self::NoReport(parts) => {
                f.write_str("there is no TLS report in it, but ")?;
                for (index, part) in parts.iter().take(NAMED).enumerate() {
                    let comma = if index > 0 { ", " } else { "" };
                    write!(f, "{comma}{part}")?;
                }
                match parts.len().checked_sub(NAMED) {
                    Some(more @ 1..) => write!(f, " and {more} parts more"),
                    _ => Ok(()),
                }
            }
            Self::NotAMail => f.write_str("this is neither a mail nor a report"),
            Self::TooLong => f.write_str("the mail is longer than 32 MiB"),
            Self::Boundaries => f.write_str("the mail has more than 200 boundaries"),
            Self::Parser => f.write_str("the MIME parser gave up on it"),
        }
    }
}
