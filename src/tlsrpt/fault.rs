//! What is wrong with reports: why one is refused, what was tolerated in one, why one cannot be written.

use super::path::Path;
use crate::error::{Section, table};
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

table! {
/// Why a report cannot be read.
pub enum ReportErrorKind {
    TooLong = "tlsrpt-json-too-long", TLS_RPT_COMPRESSION, "the report is longer than the limit", "";
    Utf8 = "tlsrpt-json-utf8", I_JSON_TEXT, "bytes that are not UTF-8", "";
    Syntax = "tlsrpt-json-syntax", TLS_RPT_SCHEMA, "the text is not JSON", "";
    Nesting = "tlsrpt-json-nesting", TLS_RPT_SCHEMA, "arrays and objects are nested deeper than the limit", "";
    Values = "tlsrpt-json-values", TLS_RPT_SCHEMA, "the report holds more values than the limit", "";
    NotAnObject = "tlsrpt-json-not-an-object", TLS_RPT_SCHEMA, "the report is not a JSON object", "";
    NoPolicies = "tlsrpt-report-no-policies", TLS_RPT_SCHEMA, "the report has no `policies`", "it is empty, or not a TLS report";
    CountNegative = "tlsrpt-report-count-negative", TLS_RPT_SCHEMA, "a count is negative", "";
    CountRange = "tlsrpt-report-count-range", TLS_RPT_SCHEMA, "a count is over 2^64 - 1", "";
    GzipSyntax = "tlsrpt-gzip-syntax", TLS_RPT_COMPRESSION, "the bytes are not valid gzip", "";
    GzipTruncated = "tlsrpt-gzip-truncated", TLS_RPT_COMPRESSION, "the gzip file ends too early", "";
    GzipMembers = "tlsrpt-gzip-members", TLS_RPT_COMPRESSION, "the gzip file has more than 100 parts", "";
    GzipRatio = "tlsrpt-gzip-ratio", TLS_RPT_COMPRESSION, "the gzip file inflates to many more times its length than any report", "";
}
}

table! {
/// What is not as RFC 8460 wants it, and was understood all the same.
pub enum DeviationKind {
    ByteOrderMark = "tlsrpt-json-bom", I_JSON_TEXT, "a byte order mark stands before the report", "";
    Duplicate = "tlsrpt-json-duplicate", I_JSON_NAMES, "the member is there already: only the first counts", "";
    Noncharacter = "tlsrpt-json-noncharacter", I_JSON_TEXT, "a string holds a noncharacter of Unicode, or half of a surrogate pair", "such a half is read as U+FFFF";
    LargeNumber = "tlsrpt-json-large-number", I_JSON_NUMBERS, "a number is over 2^53 - 1, which many readers round", "";
    Missing = "tlsrpt-report-missing", TLS_RPT_SCHEMA, "a member is missing", "";
    Null = "tlsrpt-report-null", TLS_RPT_SCHEMA, "`null`, read as a missing member", "";
    Empty = "tlsrpt-report-empty", TLS_RPT_SCHEMA, "an empty value, read as a missing one", "";
    Type = "tlsrpt-report-type", TLS_RPT_SCHEMA, "a value of another JSON type", "read where its meaning is plain, else as missing";
    UnknownMember = "tlsrpt-report-unknown-member", TLS_RPT_SCHEMA, "an unknown member", "it is kept";
    ListAsString = "tlsrpt-report-list-as-string", TLS_RPT_SCHEMA, "a string in place of an array of strings", "";
    ListPacked = "tlsrpt-report-list-packed", TLS_RPT_SAMPLES, "a whole JSON array packed into one string", "";
    MxPrefix = "tlsrpt-report-mx-prefix", TLS_RPT_SCHEMA, "`mx:` before a pattern", "";
    PolicyType = "tlsrpt-report-policy-type", TLS_RPT_SCHEMA, "the policy type is not `tlsa`, `sts` or `no-policy-found`", "it is kept";
    Domain = "tlsrpt-report-domain", TLS_RPT_SCHEMA, "the domain is no name of A-labels", "it is kept";
    MxHost = "tlsrpt-report-mx-host", TLS_RPT_SCHEMA, "not a host name or a pattern of host names", "it is kept";
    Address = "tlsrpt-report-address", TLS_RPT_SCHEMA, "not an IP address", "it is kept";
    Uri = "tlsrpt-report-uri", TLS_RPT_SCHEMA, "not a URI", "it is kept";
    Contact = "tlsrpt-report-contact", TLS_RPT_SCHEMA, "the contact is not an email address", "it is kept";
    CountAsString = "tlsrpt-report-count-as-string", TLS_RPT_SCHEMA, "a string in place of a number", "";
    CountNotation = "tlsrpt-report-count-notation", TLS_RPT_SCHEMA, "a count with a fraction or an exponent", "";
    Time = "tlsrpt-report-time", TLS_RPT_SCHEMA, "not a time of RFC 3339", "";
    TimeFormat = "tlsrpt-report-time-format", TLS_RPT_SCHEMA, "not quite a time of RFC 3339", "";
    TimeZone = "tlsrpt-report-time-zone", TLS_RPT_SCHEMA, "a time without zone, read as UTC", "";
    TimeMidnight = "tlsrpt-report-time-midnight", TLS_RPT_FRAME, "the range ends with the first second of the next day, read as the last one of the day", "";
    RangeOrder = "tlsrpt-report-range-order", TLS_RPT_FRAME, "the range ends before it begins", "";
    GzipTrailing = "tlsrpt-gzip-trailing", TLS_RPT_COMPRESSION, "bytes behind the gzip file", "";
}
}

table! {
/// Why a report cannot be written.
pub enum WriteErrorKind {
    Missing = "tlsrpt-write-missing", TLS_RPT_SCHEMA, "a member is missing that a report must have", "";
    Text = "tlsrpt-write-text", I_JSON_TEXT, "a string is empty or holds a noncharacter of Unicode", "";
    Number = "tlsrpt-write-number", I_JSON_NUMBERS, "a number is over 2^53 - 1", "";
    PolicyType = "tlsrpt-write-policy-type", TLS_RPT_SCHEMA, "the policy type is not `tlsa`, `sts` or `no-policy-found`", "";
    PolicyString = "tlsrpt-write-policy-string", TLS_RPT_SAMPLES, "a single string that is itself a JSON array would be read as that array", "";
    Domain = "tlsrpt-write-domain", TLS_RPT_SCHEMA, "the domain is no name of A-labels", "";
    MxHost = "tlsrpt-write-mx-host", TLS_RPT_SCHEMA, "not a host name or a pattern of host names", "";
    Address = "tlsrpt-write-address", TLS_RPT_SCHEMA, "not an IP address", "";
    Uri = "tlsrpt-write-uri", TLS_RPT_SCHEMA, "not a URI", "";
    Contact = "tlsrpt-write-contact", TLS_RPT_SCHEMA, "the contact is not an email address", "letters, digits and the usual marks before the `@`, a name of A-labels behind it";
    Time = "tlsrpt-write-time", TLS_RPT_SCHEMA, "the year has more than four digits", "";
    UniqueId = "tlsrpt-write-unique-id", TLS_RPT_FILENAME, "the unique id is not made of letters and digits", "";
    Nesting = "tlsrpt-write-nesting", TLS_RPT_SCHEMA, "an unknown member is nested deeper than readers take", "";
    TooLong = "tlsrpt-write-too-long", TLS_RPT_COMPRESSION, "the report is longer than readers take", "";
}
}

/// Why a report was refused, and where.
///
/// It holds nothing of the input, so it can be logged as it is. `Display` is one line in lower case that ends with the place:
/// ` at byte 12`, or a JSON path once the JSON was understood; `{:#}` leaves the place out.
///
/// # Examples
///
/// ```
/// use mta_sts::Report;
///
/// let error = Report::from_json(b"<html>").unwrap_err();
/// assert_eq!(error.to_string(), "the text is not JSON at byte 0");
/// let error = Report::from_json(br#"{"policies": []}"#).unwrap_err();
/// assert_eq!(error.to_string(), "the report has no `policies` at $.policies");
/// assert_eq!((error.code(), error.path()), ("tlsrpt-report-no-policies", Some("$.policies")));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub struct ReportError {
    kind: ReportErrorKind,
    place: Place,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Place {
    Byte(usize),
    Member(Box<str>),
}

impl ReportError {
    pub(super) const fn at_byte(kind: ReportErrorKind, offset: usize) -> Self {
        let place = Place::Byte(offset);
        Self { kind, place }
    }

    pub(super) fn at_member(kind: ReportErrorKind, path: Path<'_>) -> Self {
        let place = Place::Member(path.to_boxed_str());
        Self { kind, place }
    }

    /// What is the matter.
    #[must_use]
    pub const fn kind(&self) -> ReportErrorKind {
        self.kind
    }

    /// The stable code of the kind.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.kind.code()
    }

    /// The section that says so.
    #[must_use]
    pub const fn section(&self) -> Section {
        self.kind.section()
    }

    /// At which byte of the input; `None` if the place is a member.
    #[must_use]
    pub const fn offset(&self) -> Option<usize> {
        match self.place {
            Place::Byte(offset) => Some(offset),
            Place::Member(_) => None,
        }
    }

    /// At which member, such as `$.policies[0].summary`; `None` if the place is a byte.
    #[must_use]
    pub fn path(&self) -> Option<&str> {
        match &self.place {
            Place::Byte(_) => None,
            Place::Member(path) => Some(path),
        }
    }
}

impl fmt::Display for ReportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.message())?;
        match &self.place {
            _ if f.alternate() => Ok(()),
            Place::Byte(offset) => write!(f, " at byte {offset}"),
            Place::Member(path) => write!(f, " at {path}"),
        }
    }
}

/// One thing that was tolerated in a report. `Display` is one line that ends with the place.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Deviation {
    kind: DeviationKind,
    path: Box<str>,
}

impl Deviation {
    /// What it is.
    #[must_use]
    pub const fn kind(&self) -> DeviationKind {
        self.kind
    }

    /// The stable code of the kind.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.kind.code()
    }

    /// The section that it departs from.
    #[must_use]
    pub const fn section(&self) -> Section {
        self.kind.section()
    }

    /// The member, such as `$.policies[0].policy.mx-host`; `$` is the report. Unusual characters of unknown names are escaped.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }
}

impl fmt::Display for Deviation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}", self.kind.message(), self.path)
    }
}

/// Why a report cannot be written, and which member is the cause.
///
/// `Display` is one line that ends with the member; `{:#}` leaves it out.
#[derive(Clone, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub struct WriteError {
    kind: WriteErrorKind,
    path: Box<str>,
}

impl WriteError {
    pub(super) fn new(kind: WriteErrorKind, path: Path<'_>) -> Self {
        let path = path.to_boxed_str();
        Self { kind, path }
    }

    /// What is the matter.
    #[must_use]
    pub const fn kind(&self) -> WriteErrorKind {
        self.kind
    }

    /// The stable code of the kind.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.kind.code()
    }

    /// The section that says so.
    #[must_use]
    pub const fn section(&self) -> Section {
        self.kind.section()
    }

    /// The member, such as `$.contact-info`.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.message())?;
        if f.alternate() {
            return Ok(());
        }
        write!(f, " at {}", self.path)
    }
}

/// The deviations of a report: all counted, and so many listed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Deviations {
    pub(super) listed: Vec<Deviation>,
    pub(super) total: usize,
}

impl Deviations {
    const MAX_LISTED: usize = 1_000;

    pub(super) fn add(&mut self, kind: DeviationKind, path: Path<'_>) {
        self.total = self.total.saturating_add(1);
        if self.listed.len() < Self::MAX_LISTED {
            let path = path.to_boxed_str();
            self.listed.push(Deviation { kind, path });
        }
    }
}
