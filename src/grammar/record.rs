//! The TXT record, RFC 8461 §3.1.
//!
//! ```text
//! sts-text-record = sts-version 1*(sts-field-delim sts-field) [sts-field-delim]
//! ```
//!
//! The caller walks over the fields.

use super::{Mismatch, Parsed, delim, ext_name, ext_value, literal, take_run, wsp};
use crate::scan;
use nom::branch::alt;
use nom::combinator::map;
use nom::sequence::{delimited, preceded, separated_pair, terminated};
use nom::{Err, Parser};

/// `sts-field`: its value, or its name and value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RecordField<'a> {
    Id(&'a [u8]),
    Extension { name: &'a [u8], value: &'a [u8] },
}

/// `sts-version = %s"v=STSv1"`
#[inline]
pub(crate) fn sts_version(input: &[u8]) -> Parsed<'_> {
    literal(b"v=STSv1")(input)
}

/// `sts-field-delim = *WSP ";" *WSP`
#[inline]
pub(crate) fn sts_field_delim(input: &[u8]) -> Parsed<'_, ()> {
    delim(input, *b"; ", |input| {
        delimited(wsp, literal(b";"), wsp).parse(input)
    })
}

/// `sts-field = sts-id / sts-extension`
///
/// Up to its end: an `id` whose value goes on as no id does is an extension of that name.
#[inline]
pub(crate) fn sts_field(input: &[u8]) -> Parsed<'_, RecordField<'_>> {
    alt((
        terminated(map(sts_id, RecordField::Id), field_end),
        terminated(sts_extension, field_end),
    ))
    .parse(input)
}

/// `sts-id = %s"id=" 1*32(ALPHA / DIGIT)`
#[inline]
pub(crate) fn sts_id(input: &[u8]) -> Parsed<'_> {
    let value = |input| take_run(input, scan::alphanumeric(input), 32);
    preceded(literal(b"id="), value).parse(input)
}

/// `sts-extension = sts-ext-name "=" sts-ext-value`
#[inline]
fn sts_extension(input: &[u8]) -> Parsed<'_, RecordField<'_>> {
    let pair = separated_pair(sts_ext_name, literal(b"="), sts_ext_value);
    map(pair, |(name, value)| RecordField::Extension { name, value }).parse(input)
}

/// `sts-ext-name = (ALPHA / DIGIT) *31(ALPHA / DIGIT / "_" / "-" / ".")`
#[inline]
fn sts_ext_name(input: &[u8]) -> Parsed<'_> {
    ext_name(input)
}

/// `sts-ext-value = 1*(%x21-3A / %x3C / %x3E-7E)`
#[inline]
fn sts_ext_value(input: &[u8]) -> Parsed<'_> {
    ext_value(input)
}

/// What follows a field: a delimiter or nothing.
#[inline]
fn field_end(input: &[u8]) -> Parsed<'_, ()> {
    match input {
        [] | [b';' | b' ' | b'\t', ..] => Ok((input, ())),
        _ => Err(Err::Error(Mismatch)),
    }
}
