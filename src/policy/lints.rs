//! What is accepted but unwise. Called only by an inspection.

use super::builder::KNOWN;
use super::values::Clamped;
use super::{MaxAge, Mode};
use crate::diagnostic::{Fix, Lint, Sink};
use crate::domain;
use crate::extension;
use crate::mx;
use crate::span::Span;
use alloc::string::String;
use core::net::Ipv4Addr;

const DAY: u64 = 86_400;
const TWO_WEEKS: u64 = 14 * DAY;

pub(super) fn mode<S: Sink>(sink: &mut S, mode: Mode, span: Span) {
    match mode {
        Mode::Enforce => {}
        Mode::Testing => sink.lint(Lint::PolicyModeTesting, span, |_| {}),
        Mode::None => sink.lint(Lint::PolicyModeNone, span, |_| {}),
    }
}

pub(super) fn clamped<S: Sink>(sink: &mut S, clamped: Clamped, span: Span) {
    if clamped == Clamped::Yes {
        sink.lint(Lint::PolicyMaxAgeClamped, span, |diagnostic| {
            diagnostic.set_fix(Fix::replace(span, "31557600"));
        });
    }
}

pub(super) fn max_age<S: Sink>(sink: &mut S, mode: Option<Mode>, max_age: MaxAge, span: Span) {
    match (mode, max_age.as_secs()) {
        // A policy that is on its way out may well be short-lived (§8.3).
        (Some(Mode::None), _) => {}
        (_, ..DAY) => sink.lint(Lint::PolicyMaxAgeUnderDay, span, |_| {}),
        (Some(Mode::Enforce), ..TWO_WEEKS) => {
            sink.lint(Lint::PolicyMaxAgeUnderTwoWeeks, span, |_| {});
        }
        (Some(Mode::Enforce | Mode::Testing) | None, _) => {}
    }
}

/// An unknown field, perhaps one with nearly a known name.
pub(super) fn unknown<S: Sink>(sink: &mut S, name: &[u8], span: Span) {
    let help = match extension::likely(name, &KNOWN) {
        Some("version") => "did you mean `version`?",
        Some("mode") => "did you mean `mode`?",
        Some("max_age") => "did you mean `max_age`?",
        Some(_) => "did you mean `mx`?",
        None => return sink.lint(Lint::PolicyUnknownField, span, |_| {}),
    };
    let lint = Lint::PolicyMisspelledField;
    sink.lint(lint, span, |diagnostic| diagnostic.set_help(help));
}

/// The value of an `mx` field that is not in lower case, or that may hold an A-label.
#[cold]
pub(super) fn odd_mx<S: Sink>(sink: &mut S, value: &[u8], span: Span) {
    if value.iter().any(u8::is_ascii_uppercase) {
        sink.lint(Lint::MxUpperCase, span, |diagnostic| {
            let lower = value
                .iter()
                .map(|byte| char::from(byte.to_ascii_lowercase()));
            diagnostic.set_fix(Fix::replace(span, lower.collect::<String>()));
        });
    }
    if split_labels(value).any(is_fake_a_label) {
        sink.lint(Lint::MxUndecodableALabel, span, |_| {});
    }
}

/// What is unwise about the labels of a pattern, which is in lower case.
pub(super) fn mx(pattern: &[u8]) -> Option<Lint> {
    let (rest, top_level) = split_last_label(pattern);
    match rest {
        None => Some(Lint::MxSingleLabel),
        Some(b"*") => Some(Lint::MxWildcardTopLevel),
        Some(rest) if mx::is_reserved(top_level) || ends_with_template(rest) => {
            Some(Lint::MxExampleName)
        }
        Some(_) if top_level.first().is_some_and(u8::is_ascii_digit) && is_ipv4(pattern) => {
            Some(Lint::MxIpAddress)
        }
        Some(_) => None,
    }
}

fn split_labels(name: &[u8]) -> impl Iterator<Item = &[u8]> {
    name.split(|&byte| byte == b'.')
}

/// What is before the last dot, and what is behind it.
fn split_last_label(name: &[u8]) -> (Option<&[u8]>, &[u8]) {
    match name.iter().rposition(|&byte| byte == b'.') {
        Some(dot) => (
            name.get(..dot),
            name.get(dot.saturating_add(1)..).unwrap_or_default(),
        ),
        None => (None, name),
    }
}

/// Whether the last label is that of a template, all of which end with `e` or `n`.
fn ends_with_template(name: &[u8]) -> bool {
    matches!(name, [.., b'e' | b'n']) && mx::is_template(split_last_label(name).1)
}

#[cold]
fn is_ipv4(pattern: &[u8]) -> bool {
    let name = pattern.strip_prefix(b"*.").unwrap_or(pattern);
    core::str::from_utf8(name).is_ok_and(|name| name.parse::<Ipv4Addr>().is_ok())
}

fn is_fake_a_label(label: &[u8]) -> bool {
    let prefix = label.get(..4).unwrap_or_default();
    prefix.eq_ignore_ascii_case(b"xn--")
        && core::str::from_utf8(label).is_ok_and(domain::is_fake_a_label)
}
