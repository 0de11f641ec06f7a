//! The part of a text that is shown with a finding: valid UTF-8, and no more than one can read.

use annotate_snippets::Patch;
use mta_sts::{Fix, LineIndex, Position, Span};
use std::borrow::Cow;
use std::ops::Range;

/// How many bytes of a line are kept on either side of a finding. The renderer cuts to the width of a terminal; this
/// spares it a line of megabytes for each finding in it.
const AROUND: usize = 800;
/// How many bytes of a finding are marked.
const MARKED: usize = 120;
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
    /// Where it begins in the source.
    pub(crate) place: Position,
    /// What of the finding is not in `text`.
    pub(crate) hidden: Option<String>,
}

impl Excerpt {
    pub(crate) fn new(source: &[u8], lines: &LineIndex<'_>, span: Span) -> Self {
        let place = lines.position(span.start());
        let line = content(source, lines, place.line);
        if line.is_empty() && place.line > 1 {
            return Self::of_empty_line(source, lines, place);
        }
        let start = span.start().min(line.end);
        let end = span.end().min(line.end);
        let text_start = floor(source, start.saturating_sub(AROUND)).max(line.start);
        let (marked_end, text_end) = if end - start <= MARKED {
            (end, floor(source, line.end.min(end + AROUND)).max(end))
        } else {
            let cut = floor(source, start + MARKED);
            (cut, cut)
        };

        // Decoded piece by piece, so that the mark lies on character boundaries whatever the bytes are.
        let mut text = decode(source, text_start..start).into_owned();
        let mark_start = text.len();
        text += &decode(source, start..marked_end);
        let mark = mark_start..text.len();
        text += &decode(source, marked_end..text_end);

        // Asked only where it matters: the answer costs as much as the line is long.
        let more_lines = if span.end() > line.end {
            lines.position(span.end() - 1).line - place.line
        } else {
            0
        };
        let hidden = match (more_lines, end - marked_end) {
            (0, 0) => None,
            (0, bytes) => Some(format!("and {bytes} more bytes")),
            (1, _) => Some("and 1 more line".to_owned()),
            (lines, _) => Some(format!("and {lines} more lines")),
        };
        Self {
            text,
            first_line: place.line,
            mark,
            place,
            hidden,
        }
    }

    /// Where the finding begins, as counted in `text`.
    pub(crate) fn column(&self) -> usize {
        let before = self.text.get(..self.mark.start).unwrap_or_default();
        let line = before.rsplit('\n').next().unwrap_or_default();
        line.chars().count() + 1
    }

    /// An empty line says little about the place, at the end of a file above all: the line before is shown too.
    fn of_empty_line(source: &[u8], lines: &LineIndex<'_>, place: Position) -> Self {
        let first_line = place.line - 1;
        let before = content(source, lines, first_line);
        let end = floor(source, before.end.min(before.start + AROUND));
        // Behind the last line end the renderer knows no line; one with a space it does.
        let text = format!("{}\n ", decode(source, before.start..end));
        Self {
            mark: text.len() - 1..text.len(),
            text,
            first_line,
            place,
            hidden: None,
        }
    }
}

/// The lines that a fix changes, if they can be shown and the change can be seen.
pub(crate) struct Suggestion {
    pub(crate) text: String,
    /// The number of the first line of `text`.
    pub(crate) first_line: usize,
    pub(crate) patches: Vec<Patch<'static>>,
}

impl Suggestion {
    pub(crate) fn new(source: &[u8], lines: &LineIndex<'_>, fix: &Fix) -> Option<Self> {
        let edits = fix.edits();
        let (first, last) = (edits.first()?.span(), edits.last()?.span());
        // Of an edit that ends with a line end, the line behind it is no part.
        let last_byte = last.end().saturating_sub(1).max(last.start());
        let first_line = lines.position(first.start()).line;
        let last_line = lines.position(last_byte).line;
        let start = lines.line_span(first_line)?.start();
        let end = lines.line_span(last_line)?.end();
        let added = edits.iter().map(|edit| edit.replacement().len());
        if last_line - first_line >= SUGGESTED_LINES
            || end - start + added.sum::<usize>() > SUGGESTED_BYTES
        {
            return None;
        }

        let mut text = String::new();
        let mut patches = Vec::new();
        let mut at = start;
        let mut is_visible = false;
        for edit in edits {
            text += &decode(source, at..edit.span().start());
            let patch_start = text.len();
            let removed = decode(source, edit.span().range());
            is_visible |=
                !removed.chars().all(is_blank) || !edit.replacement().chars().all(is_blank);
            text += &removed;
            // The renderer knows LF alone as the line end of what is added.
            let replacement = edit.replacement().replace("\r\n", "\n");
            patches.push(Patch::new(patch_start..text.len(), replacement));
            at = edit.span().end();
        }
        text += &decode(source, at..end);
        is_visible.then_some(Self {
            text,
            first_line,
            patches,
        })
    }
}

/// Whether a change of this character cannot be seen.
fn is_blank(char: char) -> bool {
    char.is_whitespace() || char == '\u{feff}'
}

/// The bytes of a line without its line end.
fn content(source: &[u8], lines: &LineIndex<'_>, number: usize) -> Range<usize> {
    let line = lines.line_span(number).unwrap_or(Span::empty(source.len()));
    let bytes = line.slice(source).unwrap_or_default();
    let len = match bytes {
        [content @ .., b'\r', b'\n'] | [content @ .., b'\n'] | content => content.len(),
    };
    line.start()..line.start() + len
}

/// `at`, or up to three bytes before it so as not to cut a character in two.
fn floor(source: &[u8], at: usize) -> usize {
    let is_boundary = |at: &usize| source.get(*at).is_none_or(|byte| byte & 0xc0 != 0x80);
    (at.saturating_sub(3)..=at)
        .rev()
        .find(is_boundary)
        .unwrap_or(at)
}

fn decode(source: &[u8], range: Range<usize>) -> Cow<'_, str> {
    String::from_utf8_lossy(source.get(range).unwrap_or_default())
}
