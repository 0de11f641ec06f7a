//! TLS reports: reading what reporters send, writing what RFC 8460 asks for.

#![cfg(feature = "tlsrpt")]

mod built;
mod corpus;
mod counted;
#[expect(dead_code, reason = "rows in blocks are those of `tests/vectors`")]
#[path = "../vectors/format.rs"]
mod format;
mod hostile;
mod laws;
mod messages;
mod rows;
mod summed;
mod written;
mod zipped;

use mta_sts::Report;

/// A report with all that one can have.
const BASE: &str = include_str!("base.json");

#[track_caller]
fn read(text: impl AsRef<[u8]>) -> Report {
    Report::from_json(text.as_ref()).unwrap().into_report()
}
