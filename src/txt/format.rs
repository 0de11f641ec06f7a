//! What the kinds of TXT records differ in.

use super::{Report, SelectError};
use crate::diagnostic::{Lint, Sink};
use crate::error::{Error, ErrorKind};
use crate::extension::Extension;
use alloc::boxed::Box;

/// A kind of TXT record: `v=`, then fields `name=value`, separated by `;`. One of them is known and must be
/// there.
pub(crate) trait TxtRecord: Sized {
    /// What a record begins with: `v=` and the version.
    const VERSION: &'static str;
    /// The name of the known field.
    const FIELD: &'static str;
    /// What is said of mistakes.
    const KINDS: Kinds;
    /// What is said of what is accepted.
    const LINTS: Lints;

    /// What was read of the known field so far.
    type Known<'a>: Default;

    /// Reads one record.
    fn parse(record: &[u8]) -> Result<Self, Error>;

    /// Says which two records of an answer count at once.
    fn several(first: usize, second: usize) -> SelectError;

    /// Whether the field of this name that comes next is a known one and counts. If it is, and turns out to be
    /// no good, it is not called missing too.
    fn expects(known: &mut Self::Known<'_>, name: &[u8]) -> bool;

    /// Judges the value of a field that was expected.
    fn value<'a, S: Sink>(
        known: &mut Self::Known<'a>,
        value: &'a [u8],
        report: &mut Report<'a, '_, S>,
    );

    /// Reports what is to be said when the end is reached.
    fn end<S: Sink>(known: &Self::Known<'_>, report: &mut Report<'_, '_, S>);

    /// The record of these fields, if nothing was refused.
    fn build(known: Self::Known<'_>, extensions: Box<[Extension]>) -> Option<Self>;

    /// Help on a name that is nearly a known one.
    fn misspelled(name: &[u8]) -> Option<&'static str>;
}

/// The kinds of errors that all records share, as one kind of record names them.
#[derive(Debug)]
pub(crate) struct Kinds {
    pub(crate) empty: ErrorKind,
    pub(crate) version: ErrorKind,
    pub(crate) version_case: ErrorKind,
    pub(crate) version_not_first: ErrorKind,
    pub(crate) leading_space: ErrorKind,
    pub(crate) quotes: ErrorKind,
    pub(crate) backslash: ErrorKind,
    pub(crate) delimiter: ErrorKind,
    pub(crate) empty_field: ErrorKind,
    pub(crate) trailing_space: ErrorKind,
    pub(crate) field_without_equals: ErrorKind,
    pub(crate) space_around_equals: ErrorKind,
    pub(crate) field_name: ErrorKind,
    pub(crate) field_name_too_long: ErrorKind,
    pub(crate) field_value_empty: ErrorKind,
    pub(crate) field_value: ErrorKind,
    pub(crate) not_ascii: ErrorKind,
    pub(crate) none: ErrorKind,
    pub(crate) several: ErrorKind,
    pub(crate) extension_reserved: ErrorKind,
    pub(crate) extension_repeated: ErrorKind,
}

/// The lints that all records share, as one kind of record names them.
#[derive(Debug)]
pub(crate) struct Lints {
    pub(crate) duplicate_field: Lint,
    pub(crate) unknown_field: Lint,
    pub(crate) misspelled_field: Lint,
    pub(crate) space_before_delimiter: Lint,
    pub(crate) discarded: Lint,
    pub(crate) foreign: Lint,
    pub(crate) more_findings: Lint,
}
