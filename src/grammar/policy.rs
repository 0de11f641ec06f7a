//! The policy, RFC 8461 §3.2.
//!
//! ```text
//! sts-policy-record = sts-policy-field *WSP
//!                     *(sts-policy-term sts-policy-field *WSP)
//!                     [sts-policy-term]
//! ```
//!
//! Which is: lines of a field and white space, ended by LF or CRLF, the last one perhaps by nothing. The caller walks
//! over the lines.

#![expect(
    clippy::inline_always,
    reason = "a call for each line costs as much as reading a short one"
)]

use super::{Mismatch, Parsed, delim, ext_name, literal, take_run, wsp};
use crate::scan::LowerBuffer;
use crate::{domain, scan};
use nom::branch::alt;
use nom::combinator::{eof, map, verify};
use nom::sequence::{preceded, separated_pair, terminated};
use nom::{Err, Parser};

/// `sts-policy-field` but `sts-policy-mx`: its value, or its name and value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PolicyField<'a> {
    Version,
    Mode(&'a [u8]),
    MaxAge(Digits<'a>),
    Extension { name: &'a [u8], value: &'a [u8] },
}

/// Digits, and the number that they make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Digits<'a> {
    pub(crate) text: &'a [u8],
    pub(crate) number: u64,
}

/// Whether an `mx` value was written in lower case to the front of the buffer while it was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lowered {
    Plain,
    /// It was; before, it had capital letters, or it has two hyphens side by side.
    Odd,
    No,
}

/// A buffer of this size has room for most patterns: `*.` and a short name.
pub(crate) type PatternBuffer = [u8; 2 + size_of::<LowerBuffer>()];

/// `sts-policy-field = sts-policy-version / sts-policy-mode / sts-policy-max-age / sts-policy-mx / sts-policy-extension`
///
/// With the white space and the line end behind it: a `mode` whose value goes on as no mode does is
/// an extension of that name. [`sts_policy_mx_field`] stands apart: it is by far the most frequent and is tried first.
#[inline(always)]
pub(crate) fn sts_policy_field(input: &[u8]) -> Parsed<'_, PolicyField<'_>> {
    let known = alt((
        map(sts_policy_mode, PolicyField::Mode),
        map(sts_policy_version, |_| PolicyField::Version),
        map(sts_policy_max_age, PolicyField::MaxAge),
    ));
    alt((
        terminated(known, field_end),
        terminated(sts_policy_extension, field_end),
    ))
    .parse(input)
}

/// `sts-policy-mx`, with the white space and the line end behind it.
#[inline(always)]
pub(crate) fn sts_policy_mx_field<'a, 'b>(
    input: &'a [u8],
    buffer: impl FnOnce() -> Option<&'b mut PatternBuffer>,
) -> Parsed<'a, (&'a [u8], Lowered)> {
    let (rest, _) = literal(b"mx")(input)?;
    let (rest, ()) = sts_policy_field_delim(rest)?;
    let buffer = buffer().ok_or(Err::Error(Mismatch))?;
    let (rest, value) = sts_policy_mx_value(rest, buffer)?;
    let (rest, _) = field_end(rest)?;
    Ok((rest, value))
}

/// `sts-policy-field-delim = ":" *WSP`
#[inline]
fn sts_policy_field_delim(input: &[u8]) -> Parsed<'_, ()> {
    delim(input, *b": ", |input| {
        preceded(literal(b":"), wsp).parse(input)
    })
}

/// `sts-policy-version = sts-policy-version-field sts-policy-field-delim sts-policy-version-value`
#[inline]
fn sts_policy_version(input: &[u8]) -> Parsed<'_> {
    preceded(
        (literal(b"version"), sts_policy_field_delim),
        sts_policy_version_value,
    )
    .parse(input)
}

/// `sts-policy-version-value = %s"STSv1"`
#[inline]
pub(crate) fn sts_policy_version_value(input: &[u8]) -> Parsed<'_> {
    literal(b"STSv1")(input)
}

/// `sts-policy-mode = sts-policy-mode-field sts-policy-field-delim sts-policy-mode-value`
#[inline]
fn sts_policy_mode(input: &[u8]) -> Parsed<'_> {
    preceded(
        (literal(b"mode"), sts_policy_field_delim),
        sts_policy_mode_value,
    )
    .parse(input)
}

/// `sts-policy-mode-value = %s"testing" / %s"enforce" / %s"none"`
#[inline]
pub(crate) fn sts_policy_mode_value(input: &[u8]) -> Parsed<'_> {
    alt((literal(b"testing"), literal(b"enforce"), literal(b"none"))).parse(input)
}

/// `sts-policy-max-age = sts-policy-max-age-field sts-policy-field-delim sts-policy-max-age-value`
#[inline]
fn sts_policy_max_age(input: &[u8]) -> Parsed<'_, Digits<'_>> {
    let (rest, _) = literal(b"max_age")(input)?;
    let (rest, ()) = sts_policy_field_delim(rest)?;
    sts_policy_max_age_value(rest)
}

/// `sts-policy-max-age-value = 1*10(DIGIT)`
#[inline]
pub(crate) fn sts_policy_max_age_value(input: &[u8]) -> Parsed<'_, Digits<'_>> {
    let (mut len, mut number) = (0_usize, 0_u64);
    let values = input.iter().map(|byte| byte.wrapping_sub(b'0'));
    for value in values.take_while(|value| *value < 10) {
        len = len.wrapping_add(1);
        number = number.wrapping_mul(10).wrapping_add(u64::from(value));
    }
    let (rest, text) = take_run(input, len, 10)?;
    Ok((rest, Digits { text, number }))
}

/// `sts-policy-mx-value = ["*."] Domain`
///
/// Most are short and are lowered on the way; the others are read octet by octet.
#[inline(always)]
fn sts_policy_mx_value<'a>(
    input: &'a [u8],
    buffer: &mut PatternBuffer,
) -> Parsed<'a, (&'a [u8], Lowered)> {
    let (star, name, place): (usize, _, &mut LowerBuffer) = match input {
        [b'*', b'.', name @ ..] => {
            let [star, dot, place @ ..] = buffer;
            (*star, *dot) = (b'*', b'.');
            (2, name, place)
        }
        name => {
            let [place @ .., _, _] = buffer;
            (0, name, place)
        }
    };
    let (len, lowered) = match scan::lower_name(name, place) {
        Some(name) if name.is_odd => (name.len, Lowered::Odd),
        Some(name) => (name.len, Lowered::Plain),
        None => (domain(name)?.1.len(), Lowered::No),
    };
    let (rest, value) = take_run(input, star.wrapping_add(len), usize::MAX)?;
    Ok((rest, (value, lowered)))
}

/// `Domain = sub-domain *("." sub-domain)`, RFC 5321 §4.1.2, within the sizes of the DNS.
#[cold]
fn domain(input: &[u8]) -> Parsed<'_> {
    let run = |input| take_run(input, scan::host_name(input), domain::MAX_NAME);
    verify(run, |name: &[u8]| domain::check_name(name).is_ok()).parse(input)
}

/// `sts-policy-extension = sts-policy-ext-name sts-policy-field-delim sts-policy-ext-value`
#[inline]
fn sts_policy_extension(input: &[u8]) -> Parsed<'_, PolicyField<'_>> {
    let pair = separated_pair(
        sts_policy_ext_name,
        sts_policy_field_delim,
        sts_policy_ext_value,
    );
    map(pair, |(name, value)| PolicyField::Extension { name, value }).parse(input)
}

/// `sts-policy-ext-name = (sts-policy-alphanum) *31(sts-policy-alphanum / "_" / "-" / ".")`
#[inline]
pub(crate) fn sts_policy_ext_name(input: &[u8]) -> Parsed<'_> {
    ext_name(input)
}

/// `sts-policy-ext-value = sts-policy-vchar [*(%x20 / sts-policy-vchar) sts-policy-vchar]`
///
/// `sts-policy-vchar = %x21-7E / UTF8-2 / UTF8-3 / UTF8-4`
#[inline]
pub(crate) fn sts_policy_ext_value(input: &[u8]) -> Parsed<'_> {
    let scan::TextRun { len, ascii } = scan::text(input);
    let value = input.get(..len).unwrap_or_default().trim_ascii_end();
    if value.starts_with(b" ") || !(ascii || core::str::from_utf8(value).is_ok()) {
        return Err(Err::Error(Mismatch));
    }
    take_run(input, value.len(), usize::MAX)
}

/// `sts-policy-term = LF / CRLF`
#[inline]
fn sts_policy_term(input: &[u8]) -> Parsed<'_> {
    alt((literal(b"\n"), literal(b"\r\n"))).parse(input)
}

/// `*WSP`, and a line end or the end of the text.
#[inline]
fn field_end(input: &[u8]) -> Parsed<'_> {
    let term_or_end = |input| alt((sts_policy_term, eof)).parse(input);
    // Nearly always there is no white space.
    alt((term_or_end, preceded(wsp, term_or_end))).parse(input)
}
