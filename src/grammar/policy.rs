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

use super::{Mismatch, Parsed, ext_name, take_run, wsp};
use crate::{domain, mx, scan};
use nom::branch::alt;
use nom::bytes::complete::tag;
use nom::character::complete::digit1;
use nom::combinator::{map, verify};
use nom::sequence::{preceded, separated_pair, terminated};
use nom::{Err, Parser};

/// `sts-policy-field`: its value, or its name and value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PolicyField<'a> {
    Version,
    Mode(&'a [u8]),
    MaxAge(&'a [u8]),
    Mx(&'a [u8]),
    Extension { name: &'a [u8], value: &'a [u8] },
}

/// `sts-policy-field = sts-policy-version / sts-policy-mode / sts-policy-max-age / sts-policy-mx / sts-policy-extension`
///
/// With the white space and the line end behind it: a `mode` whose value goes on as no mode does is
/// an extension of that name. The most frequent field is tried first.
pub(crate) fn sts_policy_field(input: &[u8]) -> Parsed<'_, PolicyField<'_>> {
    let known = alt((
        map(sts_policy_mx, PolicyField::Mx),
        map(sts_policy_mode, PolicyField::Mode),
        map(sts_policy_max_age, PolicyField::MaxAge),
        map(sts_policy_version, |_| PolicyField::Version),
    ));
    alt((
        terminated(known, field_end),
        terminated(sts_policy_extension, field_end),
    ))
    .parse(input)
}

/// `sts-policy-field-delim = ":" *WSP`
fn sts_policy_field_delim(input: &[u8]) -> Parsed<'_> {
    terminated(tag(&b":"[..]), wsp).parse(input)
}

/// `sts-policy-version = sts-policy-version-field sts-policy-field-delim sts-policy-version-value`
fn sts_policy_version(input: &[u8]) -> Parsed<'_> {
    field(b"version", sts_policy_version_value, input)
}

/// `sts-policy-version-value = %s"STSv1"`
pub(crate) fn sts_policy_version_value(input: &[u8]) -> Parsed<'_> {
    tag(&b"STSv1"[..]).parse(input)
}

/// `sts-policy-mode = sts-policy-mode-field sts-policy-field-delim sts-policy-mode-value`
fn sts_policy_mode(input: &[u8]) -> Parsed<'_> {
    field(b"mode", sts_policy_mode_value, input)
}

/// `sts-policy-mode-value = %s"testing" / %s"enforce" / %s"none"`
pub(crate) fn sts_policy_mode_value(input: &[u8]) -> Parsed<'_> {
    alt((
        tag(&b"testing"[..]),
        tag(&b"enforce"[..]),
        tag(&b"none"[..]),
    ))
    .parse(input)
}

/// `sts-policy-max-age = sts-policy-max-age-field sts-policy-field-delim sts-policy-max-age-value`
fn sts_policy_max_age(input: &[u8]) -> Parsed<'_> {
    field(b"max_age", sts_policy_max_age_value, input)
}

/// `sts-policy-max-age-value = 1*10(DIGIT)`
pub(crate) fn sts_policy_max_age_value(input: &[u8]) -> Parsed<'_> {
    verify(digit1, |digits: &[u8]| digits.len() <= 10).parse(input)
}

/// `sts-policy-mx = sts-policy-mx-field sts-policy-field-delim sts-policy-mx-value`
fn sts_policy_mx(input: &[u8]) -> Parsed<'_> {
    field(b"mx", sts_policy_mx_value, input)
}

/// `sts-policy-mx-value = ["*."] Domain`
fn sts_policy_mx_value(input: &[u8]) -> Parsed<'_> {
    let star = if input.starts_with(b"*.") { 2 } else { 0 };
    let (rest, name) = domain(input.get(star..).unwrap_or_default())?;
    let len = star.saturating_add(name.len());
    Ok((rest, input.get(..len).unwrap_or_default()))
}

/// `Domain = sub-domain *("." sub-domain)`, RFC 5321 §4.1.2, within the sizes of the DNS.
fn domain(input: &[u8]) -> Parsed<'_> {
    verify(
        |input| take_run(input, scan::host_name(input), domain::MAX_NAME),
        |name: &[u8]| mx::check(name).is_ok(),
    )
    .parse(input)
}

/// `sts-policy-extension = sts-policy-ext-name sts-policy-field-delim sts-policy-ext-value`
fn sts_policy_extension(input: &[u8]) -> Parsed<'_, PolicyField<'_>> {
    let pair = separated_pair(
        sts_policy_ext_name,
        sts_policy_field_delim,
        sts_policy_ext_value,
    );
    map(pair, |(name, value)| PolicyField::Extension { name, value }).parse(input)
}

/// `sts-policy-ext-name = (sts-policy-alphanum) *31(sts-policy-alphanum / "_" / "-" / ".")`
pub(crate) fn sts_policy_ext_name(input: &[u8]) -> Parsed<'_> {
    ext_name(input)
}

/// `sts-policy-ext-value = sts-policy-vchar [*(%x20 / sts-policy-vchar) sts-policy-vchar]`
///
/// `sts-policy-vchar = %x21-7E / UTF8-2 / UTF8-3 / UTF8-4`
pub(crate) fn sts_policy_ext_value(input: &[u8]) -> Parsed<'_> {
    let scan::TextRun { len, ascii } = scan::text(input);
    let value = input.get(..len).unwrap_or_default().trim_ascii_end();
    if value.starts_with(b" ") || !(ascii || core::str::from_utf8(value).is_ok()) {
        return Err(Err::Error(Mismatch));
    }
    take_run(input, value.len(), usize::MAX)
}

/// `sts-policy-term = LF / CRLF`
fn sts_policy_term(input: &[u8]) -> Parsed<'_> {
    alt((tag(&b"\n"[..]), tag(&b"\r\n"[..]))).parse(input)
}

/// `*WSP`, and a line end or the end of the text.
fn field_end(input: &[u8]) -> Parsed<'_, ()> {
    let (rest, ()) = wsp(input)?;
    if rest.is_empty() {
        return Ok((rest, ()));
    }
    map(sts_policy_term, |_| ()).parse(rest)
}

/// A known field: its name, the delimiter and its value, which is yielded.
fn field<'a>(
    name: &'static [u8],
    value: fn(&'a [u8]) -> Parsed<'a>,
    input: &'a [u8],
) -> Parsed<'a> {
    preceded((tag(name), sts_policy_field_delim), value).parse(input)
}
