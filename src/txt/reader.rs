//! Reading one record field by field, and all there is to say about it.

use super::format::TxtRecord;
use crate::diagnostic::{
    AcceptedBy, Collector, Diagnostic, FirstError, Fix, Inspection, Lint, Sink,
};
use crate::error::{Error, ErrorKind};
use crate::extension::{self, Extension, RawField};
use crate::grammar::{self, is_whole};
use crate::scan::{trim_end, trim_start};
use crate::span::Span;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

/// Reads a record, or says why it is none.
#[cold]
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

/// The extensions in these fields.
pub(crate) fn owned(fields: &[RawField<'_>]) -> Box<[Extension]> {
    // Both are ASCII: nothing is lost here.
    let extension = |field: &RawField<'_>| {
        let [name, value] =
            [field.name, field.value].map(|bytes| core::str::from_utf8(bytes).unwrap_or_default());
        Extension::new(name, value)
    };
    fields.iter().map(extension).collect()
}

/// The list with one more extension field, if it may be one.
pub(crate) fn with_extension<R: TxtRecord>(
    extensions: Box<[Extension]>,
    name: &str,
    value: &str,
) -> Result<Box<[Extension]>, Error> {
    let refuse = |kind, text: &str| Err(Error::new(kind, Span::new(0, text.len())));
    if let Err(kind) = check_name::<R>(name.as_bytes()) {
        return refuse(kind, name);
    }
    if ["v", R::FIELD].contains(&name) {
        return refuse(R::KINDS.extension_reserved, name);
    }
    if extensions.iter().any(|extension| extension.name() == name) {
        return refuse(R::KINDS.extension_repeated, name);
    }
    if let Err(kind) = check_value::<R>(value.as_bytes()) {
        return refuse(kind, value);
    }
    let mut extensions = extensions.into_vec();
    extensions.push(Extension::new(name, value));
    Ok(extensions.into_boxed_slice())
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
        extension::keep_first(&mut self.extensions, |field| {
            let [name, value] = [field.name, field.value].map(|part| self.report.span(part));
            let span = Span::new(name.start(), value.end());
            self.report.lint(R::LINTS.duplicate_field, span);
        });
        if self.report.refused {
            return None;
        }
        R::build(self.known, owned(&self.extensions))
    }
}

/// A record that begins with something else, as a whole.
fn disguise<R: TxtRecord>(source: &[u8]) -> Option<(ErrorKind, Option<Fix>)> {
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

/// What is wrong with the name of a field.
fn check_name<R: TxtRecord>(name: &[u8]) -> Result<(), ErrorKind> {
    if is_whole(grammar::ext_name, name) {
        return Ok(());
    }
    let cut = name.get(..32).unwrap_or_default();
    Err(if is_whole(grammar::ext_name, cut) {
        R::KINDS.field_name_too_long
    } else {
        R::KINDS.field_name
    })
}

/// What is wrong with the value of an extension.
fn check_value<R: TxtRecord>(value: &[u8]) -> Result<(), ErrorKind> {
    match value {
        [] => Err(R::KINDS.field_value_empty),
        _ if is_whole(grammar::ext_value, value) => Ok(()),
        _ => Err(R::KINDS.field_value),
    }
}

/// The version in any case, perhaps with white space around `=`.
fn is_like_version<R: TxtRecord>(field: &[u8]) -> bool {
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
