//! The grammar of RFC 8461 and RFC 8460: one function per ABNF production, its ABNF line as its doc.
//!
//! It yields fields, as slices of the input, and knows no meaning: which `mode` counts, what is
//! missing and what is unwise is told by the modules that read records and policies. nom stays in here.

mod policy;
mod record;
mod tls_rpt;

pub(crate) use policy::{
    Lowered, PatternBuffer, PolicyField, sts_policy_ext_name, sts_policy_ext_value,
    sts_policy_field, sts_policy_max_age_value, sts_policy_mode_value, sts_policy_mx_field,
    sts_policy_version_value,
};
pub(crate) use record::{RecordField, sts_field, sts_field_delim, sts_id, sts_version};
pub(crate) use tls_rpt::{Uri, local_part, scheme, tlsrpt_uri};

use crate::scan;
use nom::error::{ErrorKind, ParseError};
use nom::{Err, IResult};

/// The input does not match. Where and why is found out afterwards, by whoever wants to know.
#[derive(Debug)]
pub(crate) struct Mismatch;

impl<I> ParseError<I> for Mismatch {
    fn from_error_kind(_: I, _: ErrorKind) -> Self {
        Self
    }

    fn append(_: I, _: ErrorKind, _: Self) -> Self {
        Self
    }
}

/// What a production yields, and the rest of the input.
pub(crate) type Parsed<'a, T = &'a [u8]> = IResult<&'a [u8], T, Mismatch>;

/// Whether the production yields the whole of `input`.
pub(crate) fn is_whole<'a, T>(production: fn(&'a [u8]) -> Parsed<'a, T>, input: &'a [u8]) -> bool {
    matches!(production(input), Ok(([], _)))
}

/// Exactly `text`. (nom's `tag` compares byte by byte; an array of known length is compared at once.)
#[inline]
fn literal<const N: usize>(text: &'static [u8; N]) -> impl Fn(&[u8]) -> Parsed<'_> {
    move |input| match input.split_first_chunk() {
        Some((front, rest)) if scan::equal(front, text) => Ok((rest, front)),
        _ => Err(Err::Error(Mismatch)),
    }
}

/// The first `len` bytes, if there are between `1` and `most` of them.
#[inline]
fn take_run(input: &[u8], len: usize, most: usize) -> Parsed<'_> {
    match input.split_at_checked(len) {
        Some((run, rest)) if (1..=most).contains(&len) => Ok((rest, run)),
        _ => Err(Err::Error(Mismatch)),
    }
}

/// `*WSP`
#[expect(clippy::unnecessary_wraps, reason = "a production like the others")]
#[inline]
fn wsp(input: &[u8]) -> Parsed<'_, ()> {
    Ok((scan::trim_start(input), ()))
}

/// A delimiter, which is nearly always `usual` and no more white space behind it.
#[inline]
fn delim<'a, T>(
    input: &'a [u8],
    usual: [u8; 2],
    any: impl FnOnce(&'a [u8]) -> Parsed<'a, T>,
) -> Parsed<'a, ()> {
    match input.split_first_chunk() {
        Some((front, rest @ [(b'!'..), ..])) if *front == usual => Ok((rest, ())),
        _ => any(input).map(|(rest, _)| (rest, ())),
    }
}

/// `(ALPHA / DIGIT) *31(ALPHA / DIGIT / "_" / "-" / ".")`, as records and policy have it.
#[inline]
pub(crate) fn ext_name(input: &[u8]) -> Parsed<'_> {
    match input {
        [first, ..] if first.is_ascii_alphanumeric() => {
            take_run(input, scan::field_name(input), 32)
        }
        _ => Err(Err::Error(Mismatch)),
    }
}

/// `1*(%x21-3A / %x3C / %x3E-7E)`, as both records have it.
#[inline]
pub(crate) fn ext_value(input: &[u8]) -> Parsed<'_> {
    take_run(input, scan::record_value(input), usize::MAX)
}
