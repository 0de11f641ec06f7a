//! TLS reports (RFC 8460): reading what others send, writing what RFC 8460 asks for, counting sessions, and a summary for people.

mod path;
mod fault;
mod options;
mod json;
mod day;
mod time;
mod contact;
mod reported;
mod report;
mod details;
mod reader;
mod writer;
mod builder;
mod submission;
mod aggregate;
mod summary;
#[cfg(feature = "gzip")]
mod gzip;

pub use aggregate::{Aggregate, DomainReport, SessionFacts};
pub use builder::ReportBuilder;
pub use contact::Contact;
pub use day::{DateRange, UtcDay};
pub use details::FailureDetails;
pub use fault::{
    Deviation, DeviationKind, ReportError, ReportErrorKind, WriteError, WriteErrorKind,
};
#[cfg(feature = "gzip")]
pub use gzip::inflate;
pub use options::{
    MAX_GZIP_RATIO, MAX_REPORT_LEN, MAX_REPORT_NESTING, MAX_REPORT_VALUES, ReadOptions,
};
pub use reader::ReadReport;
pub use report::{Report, ReportPolicy};
pub use reported::{Reported, UnknownMember};
pub use submission::{ReportEncoding, Submission};
pub use summary::{
    Assessment, Cause, DomainSummary, MxHostSummary, ReporterSummary, ResultSummary, Sessions,
    Summary,
};

/// The greatest count that every reader of JSON understands: 2^53 - 1 (RFC 7493 §2.2).
pub(super) const MAX_EXACT: u64 = 9_007_199_254_740_991;
