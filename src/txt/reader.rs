//! Reading one record field by field, and all there is to say about it.

use super::TxtRecord;
use super::disguise::{disguise, foreign_help, is_like_version};
use super::extensions::{check_name, check_value, owned};
use crate::diagnostic::{
    AcceptedBy, Collector, Diagnostic, FirstError, Fix, Inspection, Lint, Sink,
};
use crate::error::{Error, ErrorKind};
use crate::extension::{self, RawField};
use crate::scan::{trim_end, trim_start};
use crate::span::Span;
use alloc::vec::Vec;

/// Reads a record, or says why it is none.
pub(crate) fn parse<R: TxtRecord>(source: &[u8]) -> Result<R, Error> {
    let mut sink = FirstError::default();
    read(source, &mut sink).ok_or_else(|| sink.into_error(R::KINDS.empty))
}

/// Reads a record and lists every finding.
pub(crate) fn inspect<R: TxtRecord>(source: &[u8]) -> Inspection<R> {
    let mut collector = Collector::new(source, R::LINTS.more_findings);
    let value = read(source, &mut collector);
    inspection(value, collector)
}

/// Of a record: no reading is more lenient than another.
pub(super) fn inspection<R>(value: Option<R>, collector: Collector<'_>) -> Inspection<R> {
    let accepted_by = match value {
        Some(_) => AcceptedBy::Strict,
        None => AcceptedBy::Nobody,
    };
    Inspection::new(value, accepted_by, collector)
}

/// Reads a record field by field and reports all there is to say. The value is there if no error was reported.
pub(super) fn read<R: TxtRecord, S: Sink>(source: &[u8], sink: &mut S) -> Option<R> {
    let report = Report {
        source,
        sink,
        refused: false,
    };
    let reader = Reader {
        report,
        known: R::Known::default(),
        extensions: Vec::new(),
    };
    reader.read()
}

/// Where a reader of one record reports to.
#[derive(Debug)]
pub(crate) struct Report<'a, 's, S> {
    source: &'a [u8],
    sink: &'s mut S,
    refused: bool,
}

impl<S: Sink> Report<'_, '_, S> {
    pub(crate) fn error(&mut self, kind: ErrorKind, span: Span, fix: Option<Fix>) {
        self.refused = true;
        self.sink.error(kind, span, false, |diagnostic| {
            if let Some(fix) = fix {
                diagnostic.set_fix(fix);
            }
        });
    }

    pub(crate) fn lint(&mut self, lint: Lint, span: Span) {
        self.sink.lint(lint, span, |_| {});
    }

    /// Whether there was an error.
    pub(crate) const fn is_refused(&self) -> bool {
        self.refused
    }

    /// The end of the record: the place of what is missing.
    pub(crate) const fn end(&self) -> Span {
        Span::empty(self.source.len())
    }

    pub(crate) fn span(&self, part: &[u8]) -> Span {
        Span::of(part, self.source)
    }
}

struct Reader<'a, 's, R: TxtRecord, S> {
    report: Report<'a, 's, S>,
    known: R::Known<'a>,
    extensions: Vec<RawField<'a>>,
}

impl<'a, R: TxtRecord, S: Sink> Reader<'a, '_, R, S> {
    fn read(mut self) -> Option<R> {
        let source = self.report.source;
        let whole = Span::new(0, source.len());
        if source.trim_ascii().is_empty() {
            self.report.error(R::KINDS.empty, whole, None);
            return None;
        }
        if let Some((kind, fix)) = disguise::<R>(source) {
            self.report.error(kind, whole, fix);
            return None;
        }
        let trimmed = trim_start(source);
        if trimmed.len() < source.len() {
            let space = Span::new(0, source.len().saturating_sub(trimmed.len()));
            let fix = Fix::delete(space);
            self.report.error(R::KINDS.leading_space, space, Some(fix));
        }
        let mut fields = trimmed.split(|&byte| byte == b';').peekable();
        let first = fields.next().unwrap_or_default();
        if !self.version(first, fields.peek().is_some()) {
            return None;
        }
        while let Some(field) = fields.next() {
            self.piece(field, fields.peek().is_some());
        }
        self.finish()
    }

    /// The first field. Whether the record is one of its kind after all.
    fn version(&mut self, field: &'a [u8], delimited: bool) -> bool {
        let name = trim_end(field);
        let whole = self.report.span(name);
        if name == R::VERSION.as_bytes() {
            let space = Span::new(whole.end(), self.report.span(field).end());
            if delimited && !space.is_empty() {
                let lint = R::LINTS.space_before_delimiter;
                self.report.sink.lint(lint, space, |diagnostic| {
                    diagnostic.set_fix(Fix::delete(space));
                });
            } else if !space.is_empty() {
                self.trailing_space(space);
            }
            return true;
        }
        if is_like_version::<R>(name) {
            let kind = if name.contains(&b' ') || name.contains(&b'\t') {
                R::KINDS.space_around_equals
            } else {
                R::KINDS.version_case
            };
            let space = Span::new(whole.start(), self.report.span(field).end());
            let fix = Fix::replace(if delimited { whole } else { space }, R::VERSION);
            self.report.error(kind, whole, Some(fix));
            return true;
        }
        match name.strip_prefix(R::VERSION.as_bytes()) {
            Some(behind @ [byte, ..]) if !byte.is_ascii_alphanumeric() => {
                let next = trim_start(behind);
                let behind = self.report.span(behind);
                let between = Span::new(behind.start(), self.report.span(next).start());
                if between.is_empty() || !next.contains(&b'=') {
                    self.report.error(R::KINDS.delimiter, behind, None);
                } else {
                    let fix = Fix::replace(between, "; ");
                    self.report.error(R::KINDS.delimiter, between, Some(fix));
                    let next = Span::of(next, field);
                    self.piece(field.get(next.start()..).unwrap_or_default(), delimited);
                }
                true
            }
            _ => {
                self.report.refused = true;
                let kind = R::KINDS.version;
                self.report.sink.error(kind, whole, false, |diagnostic| {
                    if let Some(help) = foreign_help::<R>(name) {
                        diagnostic.set_help(help);
                    }
                });
                false
            }
        }
    }

    /// What stands between two `;`, or behind the last one.
    fn piece(&mut self, piece: &'a [u8], delimited: bool) {
        let behind_space = trim_start(piece);
        let (field, trailing) = behind_space.split_at(trim_end(behind_space).len());
        if field.is_empty() {
            if delimited {
                // The `;` behind the empty field is the one too many.
                let piece = self.report.span(piece);
                let end = piece.end().saturating_add(1);
                let fix = Fix::delete(Span::new(piece.start(), end));
                let extra = Span::new(piece.end(), end);
                self.report.error(R::KINDS.empty_field, extra, Some(fix));
            }
            return;
        }
        self.field(field);
        if !delimited && !trailing.is_empty() {
            let space = self.report.span(trailing);
            self.trailing_space(space);
        }
    }

    fn trailing_space(&mut self, space: Span) {
        let fix = Fix::delete(space);
        self.report.error(R::KINDS.trailing_space, space, Some(fix));
    }

    fn field(&mut self, field: &'a [u8]) {
        let equals = field.iter().position(|&byte| byte == b'=');
        let name = trim_end(
            field
                .get(..equals.unwrap_or(field.len()))
                .unwrap_or_default(),
        );
        let expected = R::expects(&mut self.known, name);
        let report = &mut self.report;
        if let Some(span) = not_ascii(field, report.source) {
            return report.error(R::KINDS.not_ascii, span, None);
        }
        let whole = report.span(field);
        let Some(equals) = equals else {
            return report.error(R::KINDS.field_without_equals, whole, None);
        };
        let value = trim_start(field.get(equals.saturating_add(1)..).unwrap_or_default());
        let between = Span::new(report.span(name).end(), report.span(value).start());
        if between.len() > 1 {
            let fix = Fix::replace(between, "=");
            report.error(R::KINDS.space_around_equals, between, Some(fix));
        }
        if let Err(kind) = check_name::<R>(name) {
            return report.error(kind, report.span(name), None);
        }
        if expected {
            return R::value(&mut self.known, value, report);
        }
        if let Err(kind) = check_value::<R>(value) {
            return report.error(kind, report.span(value), None);
        }
        if ["v", R::FIELD].map(str::as_bytes).contains(&name) {
            return report.lint(R::LINTS.duplicate_field, whole);
        }
        self.extensions.push(RawField { name, value });
        if S::LINTS {
            self.unknown(name);
        }
    }

    fn unknown(&mut self, name: &[u8]) {
        let span = self.report.span(name);
        let help = match R::misspelled(name) {
            None if name.eq_ignore_ascii_case(b"v") => Some("did you mean `v`?"),
            help => help,
        };
        match help {
            None => self.report.lint(R::LINTS.unknown_field, span),
            Some(help) => {
                let lint = R::LINTS.misspelled_field;
                let help = |diagnostic: &mut Diagnostic| diagnostic.set_help(help);
                self.report.sink.lint(lint, span, help);
            }
        }
    }

    fn finish(mut self) -> Option<R> {
        R::end(&self.known, &mut self.report);
        let report = &mut self.report;
        extension::keep_first(
            &mut self.extensions,
            |field| field.name,
            |field| {
                let [name, value] = [field.name, field.value].map(|part| report.span(part));
                let span = Span::new(name.start(), value.end());
                report.lint(R::LINTS.duplicate_field, span);
            },
        );
        if self.report.refused {
            return None;
        }
        R::build(self.known, owned(&self.extensions))
    }
}

/// The first character that is not ASCII, or the bytes that are no UTF-8.
fn not_ascii(field: &[u8], source: &[u8]) -> Option<Span> {
    let chunk = field.utf8_chunks().next()?;
    let start = Span::of(field, source).start();
    match chunk
        .valid()
        .char_indices()
        .find(|(_, char)| !char.is_ascii())
    {
        Some((at, char)) => {
            let start = start.saturating_add(at);
            Some(Span::new(start, start.saturating_add(char.len_utf8())))
        }
        None if chunk.invalid().is_empty() => None,
        None => Some(Span::of(chunk.invalid(), source)),
    }
}
