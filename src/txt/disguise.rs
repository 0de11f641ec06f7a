//! Texts that are something else, or look as if they were.

use super::{TxtRecord, parse};
use crate::diagnostic::Fix;
use crate::error::ErrorKind;
use crate::scan::{trim_end, trim_start};
use crate::span::Span;
use alloc::string::String;

/// A record that begins with something else, as a whole.
pub(super) fn disguise<R: TxtRecord>(source: &[u8]) -> Option<(ErrorKind, Option<Fix>)> {
    let whole = Span::new(0, source.len());
    let trimmed = trim_start(source);
    let text = core::str::from_utf8(source).ok();
    let valid = |text: String| {
        let record = parse::<R>(text.as_bytes());
        record.ok().map(|_| Fix::replace(whole, text))
    };
    if trimmed.starts_with(b"\"") {
        let fix = text.and_then(|text| valid(without_quotes(text)));
        return Some((R::KINDS.quotes, fix));
    }
    let behind_version = trimmed.strip_prefix(R::VERSION.as_bytes());
    if behind_version.is_some_and(|behind| behind.starts_with(b"\\;")) {
        let fix = text.and_then(|text| valid(text.replace('\\', "")));
        return Some((R::KINDS.backslash, fix));
    }
    let mut fields = trimmed.split(|&byte| byte == b';');
    let at_the_front = fields.next().is_some_and(is_like_version::<R>);
    if !at_the_front && fields.any(is_like_version::<R>) {
        let mut front = String::from(R::VERSION);
        for field in text.unwrap_or_default().split(';').map(str::trim) {
            if !is_like_version::<R>(field.as_bytes()) && !field.is_empty() {
                front.push_str("; ");
                front.push_str(field);
            }
        }
        return Some((R::KINDS.version_not_first, valid(front)));
    }
    None
}

/// The version in any case, perhaps with white space around `=`.
pub(super) fn is_like_version<R: TxtRecord>(field: &[u8]) -> bool {
    let mut sides = field
        .splitn(2, |&byte| byte == b'=')
        .map(|side| trim_end(trim_start(side)));
    let mut is = |text: &[u8]| {
        sides
            .next()
            .is_some_and(|side| side.eq_ignore_ascii_case(text))
    };
    // All versions begin with `v=`.
    is(b"v") && is(R::VERSION.as_bytes().get(2..).unwrap_or_default())
}

/// The text without the quotes of a zone file: the outer ones, and those between two strings.
fn without_quotes(text: &str) -> String {
    text.split('"')
        .filter(|part| !part.trim().is_empty())
        .collect()
}

/// What is to be said of a TXT record of another well-known kind.
pub(super) fn foreign_help<R: TxtRecord>(record: &[u8]) -> Option<&'static str> {
    let kinds = [
        (
            "v=spf1",
            "this SPF record belongs to the domain itself; senders discard it",
        ),
        (
            "v=DMARC1",
            "this DMARC record belongs to `_dmarc`; senders discard it",
        ),
        (
            "v=STSv1",
            "this MTA-STS record belongs to `_mta-sts`; senders discard it",
        ),
        (
            "v=TLSRPTv1",
            "this TLS reporting record belongs to `_smtp._tls`; senders discard it",
        ),
        (
            "v=DKIM1",
            "this DKIM record belongs to a selector under `_domainkey`; senders discard it",
        ),
    ];
    let mut others = kinds.into_iter().filter(|kind| kind.0 != R::VERSION);
    let kind = others.find(|(version, _)| starts_like(record, version));
    kind.map(|(_, help)| help)
}

/// Whether a record begins with this version in any case.
pub(super) fn starts_like(record: &[u8], version: &str) -> bool {
    let start = record.get(..version.len()).unwrap_or_default();
    start.eq_ignore_ascii_case(version.as_bytes())
}
