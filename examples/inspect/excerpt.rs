//! The part of a text that is shown with a finding: valid UTF-8, and no more than can be read.

use annotate_snippets::Patch;
use mta_sts::{Fix, LineIndex, Span};
use std::borrow::Cow;
use std::ops::Range;

/// How many bytes of a line are kept on either side of a finding. The renderer cuts to the width of a terminal; this
/// spares it a line of megabytes for each finding in it.
const AROUND: usize = 800;
/// How many bytes of a finding are marked.
const MARKED: usize = 100;
/// How many lines and bytes a suggestion may span to be shown.
const SUGGESTED_LINES: usize = 12;
const SUGGESTED_BYTES: usize = 2_000;

/// The line in which a finding begins, or what is kept of it.
pub(crate) struct Excerpt {
    pub(crate) text: String,
    /// The number of the first line of `text`.
    pub(crate) first_line: usize,
    /// Where the finding is in `text`.
    pub(crate) mark: Range<usize>,
    /// What of the finding is not shown.
    pub(crate) hidden: Option<String>,
    /// How many characters of the line are not in `text`, in front of it.
    pub(crate) columns_cut: usize,
}

impl Excerpt {
    pub(crate) fn new(source: &[u8], lines: &LineIndex<'_>, span: Span) -> Self {
        let place = lines.position(span.start());
        let line = content(source, lines, place.line);
        if line.is_empty() && place.line > 1 {
            return Self::empty_line(source, lines, place.line);
        }
        let end = span.end().min(line.end);
        let marked_end = floor(source, end.min(span.start() + MARKED)).max(span.start());
        let text_start = floor(source, span.start().saturating_sub(AROUND)).max(line.start);
        let text_end = match marked_end < end {
            true => marked_end,
            false => floor(source, end + AROUND).min(line.end),
        };

        // Decoded piece by piece: so the mark lies on character boundaries whatever the bytes are.
        let mut text = decode(source, text_start..span.start()).into_owned();
        let mark_start = text.len();
        text += &decode(source, span.start()..marked_end);
        let mark = mark_start..text.len();
        text += &decode(source, marked_end..text_end);

        let last = lines.position(span.end().saturating_sub(1).max(span.start()));
        let hidden = match (last.line - place.line, end - marked_end) {
            (0, 0) => None,
            (0, bytes) => Some(format!("and {bytes} more bytes")),
            (1, _) => Some("and 1 more line".to_owned()),
            (lines, _) => Some(format!("and {lines} more lines")),
        };
        Self {
            text,
            first_line: place.line,
            mark,
            hidden,
            columns_cut: place.column - lines.position()
        }
    }
}
