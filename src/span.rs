//! Places in a source text: byte spans, lines and columns, UTF-16 ranges.

use alloc::vec::Vec;
use core::fmt;
use core::ops::Range;

/// A half-open range of bytes, `start..end`, in the text that was read.
///
/// Invariant: `start <= end`.
///
/// # Examples
///
/// ```
/// let error = mta_sts::StsRecord::parse(b"v=STSv1; id=2026-11").unwrap_err();
/// assert_eq!(error.span().range(), 12..19);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Span {
    start: usize,
    end: usize,
}

impl Span {
    /// The bytes from `start` up to, not including, `end`. An `end` before `start` counts as `start`.
    #[must_use]
    pub const fn new(start: usize, end: usize) -> Self {
        let end = if end < start { start } else { end };
        Self { start, end }
    }

    /// The empty span at `at`: a place where something is missing.
    #[must_use]
    pub const fn empty(at: usize) -> Self {
        Self { start: at, end: at }
    }

    /// Where `part`, a slice of `source`, lies in it.
    pub(crate) fn of(part: &[u8], source: &[u8]) -> Self {
        let start = part
            .as_ptr()
            .addr()
            .saturating_sub(source.as_ptr().addr())
            .min(source.len());
        let end = start.saturating_add(part.len()).min(source.len());
        Self { start, end }
    }

    /// The offset of the first byte, from 0.
    #[must_use]
    pub const fn start(self) -> usize {
        self.start
    }

    /// The offset behind the last byte.
    #[must_use]
    pub const fn end(self) -> usize {
        self.end
    }

    /// The number of bytes covered.
    #[must_use]
    pub const fn len(self) -> usize {
        self.end.saturating_sub(self.start)
    }

    /// Whether no byte is covered, as for something that is missing.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// The same bytes as a range, to index a source with.
    #[must_use]
    pub const fn range(self) -> Range<usize> {
        self.start..self.end
    }

    /// The bytes of `source` that the span covers; `None` if `source` is too short to be the text that was read.
    #[must_use]
    pub fn slice(self, source: &[u8]) -> Option<&[u8]> {
        source.get(self.range())
    }
}

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Span({}..{})", self.start, self.end)
    }
}

/// A line and a column, both counted from 1.
///
/// Lines end at LF. Columns count characters (Unicode scalar values); each maximal invalid UTF-8
/// sequence counts as one, as it is shown as one U+FFFD.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
}

/// The lines of a source text, to turn byte offsets into what editors and browsers count in.
///
/// Built once in time linear in the text; each question then costs the length of one line.
///
/// # Examples
///
/// ```
/// use mta_sts::{LineIndex, Policy, Position};
///
/// let source = "version: STSv1\nmode: enforced\nmax_age: 604800\nmx: a.example.net\n".as_bytes();
/// let error = Policy::parse(source).unwrap_err();
/// let lines = LineIndex::new(source);
/// assert_eq!(lines.position(error.span().start()), Position { line: 2, column: 7 });
/// assert_eq!(lines.utf16_range(error.span()), 21..29);
/// ```
#[derive(Clone, Debug)]
pub struct LineIndex<'a> {
    source: &'a [u8],
    starts: Vec<LineStart>,
}

#[derive(Clone, Copy, Debug)]
struct LineStart {
    byte: usize,
    utf16: usize,
}

impl<'a> LineIndex<'a> {
    /// Finds the lines of `source`.
    #[must_use]
    pub fn new(source: &'a [u8]) -> Self {
        let mut at = LineStart { byte: 0, utf16: 0 };
        let mut starts = Vec::new();
        for line in source.split_inclusive(|&byte| byte == b'\n') {
            starts.push(at);
            at.byte = at.byte.saturating_add(line.len());
            at.utf16 = at.utf16.saturating_add(utf16_len(line));
        }
        if source.is_empty() || source.ends_with(b"\n") {
            starts.push(at);
        }
        Self { source, starts }
    }

    /// The number of lines; a text that ends with LF has an empty last one.
    #[must_use]
    pub fn line_count(&self) -> usize {
        self.starts.len()
    }

    /// The line and column of the byte at `offset`; an offset behind the text stands for its end.
    #[must_use]
    pub fn position(&self, offset: usize) -> Position {
        let (line, before) = self.line_before(offset);
        Position {
            line: line.saturating_add(1),
            column: chars(before).saturating_add(1),
        }
    }

    /// The span in UTF-16 code units of the text decoded with U+FFFD for what is invalid: what a
    /// JavaScript string holds (a byte order mark at the front counted as one unit).
    #[must_use]
    pub fn utf16_range(&self, span: Span) -> Range<usize> {
        self.utf16_offset(span.start)..self.utf16_offset(span.end)
    }

    /// The bytes of the line `line`, counted from 1, with its line end; `None` if there is none.
    #[must_use]
    pub fn line_span(&self, line: usize) -> Option<Span> {
        let start = self.starts.get(line.checked_sub(1)?)?.byte;
        let end = self
            .starts
            .get(line)
            .map_or(self.source.len(), |next| next.byte);
        Some(Span::new(start, end))
    }

    fn utf16_offset(&self, offset: usize) -> usize {
        let (line, before) = self.line_before(offset);
        let start = self.starts.get(line).map_or(0, |start| start.utf16);
        start.saturating_add(utf16_len(before))
    }

    /// The index of the line that holds `offset`, and its bytes before `offset`.
    fn line_before(&self, offset: usize) -> (usize, &'a [u8]) {
        let offset = offset.min(self.source.len());
        let line = self
            .starts
            .partition_point(|start| start.byte <= offset)
            .saturating_sub(1);
        let start = self.starts.get(line).map_or(0, |start| start.byte);
        (line, self.source.get(start..offset).unwrap_or_default())
    }
}

fn utf16_len(text: &[u8]) -> usize {
    text.utf8_chunks().fold(0, |sum, chunk| {
        let invalid = usize::from(!chunk.invalid().is_empty());
        chunk
            .valid()
            .chars()
            .fold(sum, |sum, char| sum.saturating_add(char.len_utf16()))
            .saturating_add(invalid)
    })
}

fn chars(text: &[u8]) -> usize {
    text.utf8_chunks().fold(0, |sum: usize, chunk| {
        let invalid = usize::from(!chunk.invalid().is_empty());
        sum.saturating_add(chunk.valid().chars().count())
            .saturating_add(invalid)
    })
}
