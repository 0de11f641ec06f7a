//! Reading one record: at once where it is valid, field by field where somebody wants to know more.

use super::{PolicyId, StsRecord};
use crate::diagnostic::{Lint, Sink};
use crate::error::{Error, ErrorKind};
use crate::extension::{self, Extension};
use crate::grammar::{self, RecordField, is_whole};
use crate::txt::{Kinds, Lints, Report, SelectError, TxtRecord};
use alloc::boxed::Box;
use alloc::vec::Vec;

/// The id of a record as most are: a version, an id and nothing else. `None` is no verdict but a reason to look on.
#[inline]
pub(super) fn plain_id(source: &[u8]) -> Option<PolicyId> {
    let (rest, _) = grammar::sts_version(source).ok()?;
    let (rest, ()) = grammar::sts_field_delim(rest).ok()?;
    let (rest, id) = grammar::sts_id(rest).ok()?;
    let is_end = matches!(rest, [] | [b';']) || is_whole(grammar::sts_field_delim, rest);
    is_end.then(|| PolicyId::from_run(id))
}

/// Reads any valid record. `None` is no verdict but a reason to look closely.
#[inline(never)]
pub(super) fn read_valid(source: &[u8]) -> Option<StsRecord> {
    let (mut rest, _) = grammar::sts_version(source).ok()?;
    let mut id = None;
    let mut extensions = Vec::new();
    while !rest.is_empty() {
        (rest, ()) = grammar::sts_field_delim(rest).ok()?;
        if rest.is_empty() {
            break;
        }
        let here = rest;
        let field;
        (rest, field) = grammar::sts_field(rest).ok()?;
        match field {
            RecordField::Id(value) if id.is_none() => id = Some(value),
            RecordField::Id(_) | RecordField::Extension { name: b"v", .. } => {}
            RecordField::Extension { name: b"id", .. } if id.is_some() => {}
            RecordField::Extension { name: b"id", .. } => return None,
            RecordField::Extension { name, value } => {
                if extensions.is_empty() {
                    // Of this field and each to come there is a `=` in what is left.
                    let equals = here.iter().filter(|&&byte| byte == b'=');
                    extensions.reserve_exact(equals.count());
                }
                extensions.push(Extension::new(name, value));
            }
        }
    }
    let id = PolicyId::from_run(id?);
    if extensions.is_empty() {
        return Some(StsRecord::new(id));
    }
    extension::keep_first(&mut extensions, |field| field.parts().0, |_| {});
    let extensions = extensions.into_boxed_slice();
    Some(StsRecord { id, extensions })
}

/// The first `id` of a record.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) enum Id {
    #[default]
    Missing,
    Bad,
    Good(PolicyId),
}

impl TxtRecord for StsRecord {
    const VERSION: &'static str = "v=STSv1";
    const FIELD: &'static str = "id";
    const KINDS: Kinds = Kinds {
        empty: ErrorKind::RecordEmpty,
        version: ErrorKind::RecordVersion,
        version_case: ErrorKind::RecordVersionCase,
        version_not_first: ErrorKind::RecordVersionNotFirst,
        leading_space: ErrorKind::RecordLeadingSpace,
        quotes: ErrorKind::RecordQuotes,
        backslash: ErrorKind::RecordBackslash,
        delimiter: ErrorKind::RecordDelimiter,
        empty_field: ErrorKind::RecordEmptyField,
        trailing_space: ErrorKind::RecordTrailingSpace,
        field_without_equals: ErrorKind::RecordFieldWithoutEquals,
        space_around_equals: ErrorKind::RecordSpaceAroundEquals,
        field_name: ErrorKind::RecordFieldName,
        field_name_too_long: ErrorKind::RecordFieldNameTooLong,
        field_value_empty: ErrorKind::RecordFieldValueEmpty,
        field_value: ErrorKind::RecordFieldValue,
        not_ascii: ErrorKind::RecordNotAscii,
        none: ErrorKind::RecordNone,
        several: ErrorKind::RecordSeveral,
        extension_reserved: ErrorKind::RecordExtensionReserved,
        extension_repeated: ErrorKind::RecordExtensionRepeated,
    };
    const LINTS: Lints = Lints {
        duplicate_field: Lint::RecordDuplicateField,
        unknown_field: Lint::RecordUnknownField,
        misspelled_field: Lint::RecordMisspelledField,
        space_before_delimiter: Lint::RecordSpaceBeforeDelimiter,
        discarded: Lint::RecordDiscarded,
        foreign: Lint::RecordForeign,
        more_findings: Lint::RecordMoreFindings,
    };

    type Known<'a> = Id;

    fn parse(record: &[u8]) -> Result<Self, Error> {
        Self::parse(record)
    }

    fn several(first: usize, second: usize) -> SelectError {
        SelectError::Several { first, second }
    }

    fn expects(id: &mut Id, name: &[u8]) -> bool {
        let is_first = name == b"id" && matches!(id, Id::Missing);
        if is_first {
            *id = Id::Bad;
        }
        is_first
    }

    fn value<S: Sink>(id: &mut Id, value: &[u8], report: &mut Report<'_, '_, S>) {
        match PolicyId::new(value) {
            Ok(good) => *id = Id::Good(good),
            Err(kind) => report.error(kind, report.span(value), None),
        }
    }

    fn end<S: Sink>(id: &Id, report: &mut Report<'_, '_, S>) {
        if matches!(id, Id::Missing) {
            report.error(ErrorKind::RecordIdMissing, report.end(), None);
        }
    }

    fn build(id: Id, extensions: Box<[Extension]>) -> Option<Self> {
        match id {
            Id::Good(id) => Some(Self { id, extensions }),
            Id::Bad | Id::Missing => None,
        }
    }

    fn misspelled(name: &[u8]) -> Option<&'static str> {
        let near = name.eq_ignore_ascii_case(b"id") || [&b"ids"[..], b"i", b"d"].contains(&name);
        near.then_some("did you mean `id`?")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Else they would be read all the same, but field by field, and nobody would notice how slowly.
    #[test]
    fn valid_records_are_taken_at_once() {
        for source in [
            "v=STSv1; id=1",
            "v=STSv1;id=1;",
            "v=STSv1\t; id=1 ; note=hello; x=y;",
            "v=STSv1; id=1; id=2; id=-; v=x; note=a; note=b",
        ] {
            let record = read_valid(source.as_bytes());
            assert!(record.is_some(), "{source}");
            assert_eq!(
                record.as_ref(),
                StsRecord::inspect(source.as_bytes()).value()
            );
        }
        for source in [
            "v=STSv1",
            "v=STSv1; id=-; id=1",
            "v=STSv1; id=1x;;",
            "v=STSv1; id=1 x",
        ] {
            assert_eq!(read_valid(source.as_bytes()), None, "{source}");
        }
    }
}
