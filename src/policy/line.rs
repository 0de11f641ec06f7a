//! Cutting: one line out of the text and in pieces, a value and the comment behind it.

use super::builder::KNOWN;
use crate::error::ErrorKind;
use crate::scan::{self, trim_end, trim_start};
use crate::span::Span;

/// A line in pieces, all of them slices of the source.
#[derive(Clone, Copy)]
pub(super) struct Line<'a> {
    /// From the line on to the end of the source.
    pub(super) rest: &'a [u8],
    /// With its line end.
    pub(super) whole: &'a [u8],
    /// Without its line end.
    pub(super) content: &'a [u8],
    /// What is behind its line end.
    pub(super) after: &'a [u8],
    /// The content without white space around it.
    pub(super) trimmed: &'a [u8],
    /// The letters, digits, `_`, `-` and `.` at the front of `trimmed`.
    pub(super) name: &'a [u8],
    /// What is behind the name and white space.
    pub(super) behind_name: &'a [u8],
}

impl<'a> Line<'a> {
    pub(super) fn first_of(rest: &'a [u8]) -> Self {
        let lf = rest.iter().position(|&byte| byte == b'\n');
        let (whole, after) = rest.split_at(lf.map_or(rest.len(), |lf| lf.saturating_add(1)));
        let content = match whole {
            [content @ .., b'\r', b'\n'] | [content @ .., b'\n'] | content => content,
        };
        let trimmed = trim_end(trim_start(content));
        let (name, behind) = trimmed.split_at(scan::field_name(trimmed));
        Self {
            rest,
            whole,
            content,
            after,
            trimmed,
            name,
            behind_name: trim_start(behind),
        }
    }

    /// Whether the line is about a known field, however badly: such a line is never skipped.
    pub(super) fn is_known(&self) -> bool {
        matches!(self.behind_name, [b':' | b'=', ..])
            && KNOWN.iter().any(|known| known.as_bytes() == self.name)
    }
}

/// `604800  # one week`: the value, and the comment if there is one.
pub(super) fn split_comment(value: &[u8]) -> (&[u8], Option<&[u8]>) {
    let mut before = b' ';
    for (at, &byte) in value.iter().enumerate() {
        if byte == b'#' && matches!(before, b' ' | b'\t') {
            let (value, comment) = value.split_at(at);
            return (trim_end(value), Some(comment));
        }
        before = byte;
    }
    (value, None)
}

/// The first byte of a line that cannot stand in a policy: CR, another control character but TAB, or invalid UTF-8.
pub(super) fn bad_bytes(content: &[u8]) -> Option<(ErrorKind, &[u8])> {
    let mut at: usize = 0;
    for chunk in content.utf8_chunks() {
        let is_bad = |byte: &u8| byte.is_ascii_control() && *byte != b'\t';
        let valid = chunk.valid().as_bytes();
        if let Some(bad) = valid.iter().position(is_bad) {
            let bad = valid.get(bad..bad.saturating_add(1))?;
            let kind = match bad {
                b"\r" => ErrorKind::PolicyBareCr,
                _ => ErrorKind::PolicyControl,
            };
            return Some((kind, bad));
        }
        at = at.saturating_add(valid.len());
        if !chunk.invalid().is_empty() {
            let end = at.saturating_add(chunk.invalid().len());
            return Some((ErrorKind::PolicyInvalidUtf8, content.get(at..end)?));
        }
    }
    None
}

/// The whole line, with its line end, that holds the byte at `at`.
pub(super) fn line_around(source: &[u8], at: usize) -> Span {
    let (before, behind) = source.split_at_checked(at).unwrap_or((source, &[]));
    let is_lf = |byte: &u8| *byte == b'\n';
    let start = before
        .iter()
        .rposition(is_lf)
        .map_or(0, |lf| lf.saturating_add(1));
    let len = behind
        .iter()
        .position(is_lf)
        .map_or(behind.len(), |lf| lf.saturating_add(1));
    Span::new(start, at.saturating_add(len))
}
