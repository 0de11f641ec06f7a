//! Reading one record: at once where it is valid, field by field where somebody wants to know more.

use super::{PolicyId, StsRecord};
use crate::diagnostic::{FirstError, Fix, Lint, Sink};
use crate::error::{Error, ErrorKind};
use crate::extension::{self, Extension, RawField};
use crate::grammar::{self, RecordField, is_whole};
use crate::scan::{trim_end, trim_start};
use crate::span::Span;
use alloc::string::String;
use alloc::vec::Vec;

const VERSION: &str = "v=STSv1";

/// Reads a valid record. `None` is no verdict but a reason to look closely.
#[inline]
pub(super) fn read_valid(source: &[u8]) -> Option<StsRecord> {
    let (mut rest, _) = grammar::sts_version(source).ok()?;
    let mut id = None;
    let mut extensions = Vec::new();
    while !rest.is_empty() {
        (rest, _) = grammar::sts_field_delim(rest).ok()?;
        if rest.is_empty() {
            break;
        }
        let here = rest;
        let field;
        (rest, field) = grammar::sts_field(rest).ok()?;
        match field {
            RecordField::Id(value) if id.is_none() => id = Some(value),
            RecordField::Id(_) | RecordField::Extension { name: b"v", .. } => {}
            RecordField::Extension { name: b"id", .. } if id.is_some() => {}
            RecordField::Extension { name: b"id", .. } => return None,
            RecordField::Extension { name, value } => {
                if extensions.is_empty() {
                    // Of this field and each to come there is a `=` in what is left.
                    let equals = here.iter().filter(|&&byte| byte == b'=');
                    extensions.reserve_exact(equals.count());
                }
                extensions.push(Extension::new(name, value));
            }
        }
    }
    let id = PolicyId::from_run(id?);
    if extensions.is_empty() {
        return Some(StsRecord::new(id));
    }
    extension::keep_first(&mut extensions, |field| field.parts().0, |_| {});
    let extensions = extensions.into_boxed_slice();
    Some(StsRecord { id, extensions })
}

/// Why a record is not valid.
#[cold]
pub(super) fn refusal(source: &[u8]) -> Error {
    let mut sink = FirstError::default();
    read(source, &mut sink);
    sink.into_error(ErrorKind::RecordEmpty)
}

/// Reads a record field by field and reports all there is to say. The value is there if no error was reported.
pub(super) fn read<S: Sink>(source: &[u8], sink: &mut S) -> Option<StsRecord> {
    Reader {
        source,
        sink,
        refused: false,
        id: Id::Missing,
        extensions: Vec::new(),
    }
    .read()
}

#[derive(Clone, Copy, Debug)]
enum Id {
    Missing,
    Bad,
    Good(PolicyId),
}

#[derive(Debug)]
struct Reader<'a, 's, S> {
    source: &'a [u8],
    sink: &'s mut S,
    refused: bool,
    id: Id,
    extensions: Vec<RawField<'a>>,
}

impl<'a, S: Sink> Reader<'a, '_, S> {
    fn error(&mut self, kind: ErrorKind, span: Span, fix: Option<Fix>) {
        self.refused = true;
        self.sink.error(kind, span, false, |diagnostic| {
            if let Some(fix) = fix {
                diagnostic.set_fix(fix);
            }
        });
    }

    fn span(&self, part: &[u8]) -> Span {
        Span::of(part, self.source)
    }

    fn read(mut self) -> Option<StsRecord> {
        let source = self.source;
        if source.trim_ascii().is_empty() {
            self.error(ErrorKind::RecordEmpty, Span::new(0, source.len()), None);
            return None;
        }
        if let Some((kind, fix)) = self.disguise() {
            self.error(kind, Span::new(0, source.len()), fix);
            return None;
        }
        let trimmed = trim_start(source);
        if trimmed.len() < source.len() {
            let space = Span::new(0, source.len().saturating_sub(trimmed.len()));
            self.error(
                ErrorKind::RecordLeadingSpace,
                space,
                Some(Fix::delete(space)),
            );
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

    /// A record that begins with something else, as a whole.
    fn disguise(&self) -> Option<(ErrorKind, Option<Fix>)> {
        let source = self.source;
        let whole = Span::new(0, source.len());
        let trimmed = trim_start(source);
        let text = core::str::from_utf8(source).ok();
        let valid = |text: String| read_valid(text.as_bytes()).map(|_| Fix::replace(whole, text));
        if trimmed.starts_with(b"\"") {
            let fix = text.and_then(|text| valid(without_quotes(text)));
            return Some((ErrorKind::RecordQuotes, fix));
        }
        if trimmed.starts_with(b"v=STSv1\\;") {
            let fix = text.and_then(|text| valid(text.replace('\\', "")));
            return Some((ErrorKind::RecordBackslash, fix));
        }
        let mut fields = trimmed.split(|&byte| byte == b';');
        let at_the_front = fields.next().is_some_and(is_like_version);
        if !at_the_front && fields.any(is_like_version) {
            let mut front = String::from(VERSION);
            for field in text.unwrap_or_default().split(';').map(str::trim) {
                if !is_like_version(field.as_bytes()) && !field.is_empty() {
                    front.push_str("; ");
                    front.push_str(field);
                }
            }
            return Some((ErrorKind::RecordVersionNotFirst, valid(front)));
        }
        None
    }

    /// The first field. Whether the record is one of MTA-STS after all.
    fn version(&mut self, field: &'a [u8], delimited: bool) -> bool {
        let name = trim_end(field);
        if name == VERSION.as_bytes() {
            let space = Span::new(self.span(name).end(), self.span(field).end());
            if delimited && !space.is_empty() {
                self.sink
                    .lint(Lint::RecordSpaceBeforeDelimiter, space, |diagnostic| {
                        diagnostic.set_fix(Fix::delete(space));
                    });
            } else if !space.is_empty() {
                self.error(
                    ErrorKind::RecordTrailingSpace,
                    space,
                    Some(Fix::delete(space)),
                );
            }
            return true;
        }
        let whole = self.span(name);
        if is_like_version(name) {
            let kind = if name.contains(&b' ') || name.contains(&b'\t') {
                ErrorKind::RecordSpaceAroundEquals
            } else {
                ErrorKind::RecordVersionCase
            };
            let space = Span::new(whole.start(), self.span(field).end());
            let fix = Fix::replace(if delimited { whole } else { space }, VERSION);
            self.error(kind, whole, Some(fix));
            return true;
        }
        match name.strip_prefix(VERSION.as_bytes()) {
            Some(behind @ [byte, ..]) if !byte.is_ascii_alphanumeric() => {
                let next = trim_start(behind);
                let between = Span::new(self.span(behind).start(), self.span(next).start());
                if between.is_empty() || !next.contains(&b'=') {
                    self.error(ErrorKind::RecordDelimiter, self.span(behind), None);
                } else {
                    let fix = Fix::replace(between, "; ");
                    self.error(ErrorKind::RecordDelimiter, between, Some(fix));
                    let next = Span::of(next, field);
                    self.piece(field.get(next.start()..).unwrap_or_default(), delimited);
                }
                true
            }
            _ => {
                self.refused = true;
                let kind = ErrorKind::RecordVersion;
                self.sink.error(kind, whole, false, |diagnostic| {
                    if let Some(help) = foreign_help(name) {
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
                let end = self.span(piece).end().saturating_add(1);
                let extra = Span::new(end.saturating_sub(1), end);
                let fix = Fix::delete(Span::new(self.span(piece).start(), end));
                self.error(ErrorKind::RecordEmptyField, extra, Some(fix));
            }
            return;
        }
        self.field(field);
        if !delimited && !trailing.is_empty() {
            let space = self.span(trailing);
            self.error(
                ErrorKind::RecordTrailingSpace,
                space,
                Some(Fix::delete(space)),
            );
        }
    }

    fn field(&mut self, field: &'a [u8]) {
        let equals = field.iter().position(|&byte| byte == b'=');
        let name = trim_end(
            field
                .get(..equals.unwrap_or(field.len()))
                .unwrap_or_default(),
        );
        let first_id = name == b"id" && matches!(self.id, Id::Missing);
        if first_id {
            // Until it turns out to be good. A bad id is not called a missing one too.
            self.id = Id::Bad;
        }
        if let Some(span) = not_ascii(field, self.source) {
            return self.error(ErrorKind::RecordNotAscii, span, None);
        }
        let Some(equals) = equals else {
            return self.error(ErrorKind::RecordFieldWithoutEquals, self.span(field), None);
        };
        let value = trim_start(field.get(equals.saturating_add(1)..).unwrap_or_default());
        let between = Span::new(self.span(name).end(), self.span(value).start());
        if between.len() > 1 {
            let fix = Fix::replace(between, "=");
            self.error(ErrorKind::RecordSpaceAroundEquals, between, Some(fix));
        }
        if let Err(kind) = check_name(name) {
            return self.error(kind, self.span(name), None);
        }
        if first_id {
            match PolicyId::new(value) {
                Ok(id) => self.id = Id::Good(id),
                Err(kind) => self.error(kind, self.span(value), None),
            }
            return;
        }
        if !is_whole(grammar::sts_ext_value, value) {
            let kind = match value {
                [] => ErrorKind::RecordFieldValueEmpty,
                _ => ErrorKind::RecordFieldValue,
            };
            return self.error(kind, self.span(value), None);
        }
        match name {
            b"id" | b"v" => {
                let span = self.span(field);
                self.sink.lint(Lint::RecordDuplicateField, span, |_| {});
            }
            _ => {
                self.extensions.push(RawField { name, value });
                self.unknown(name);
            }
        }
    }

    fn unknown(&mut self, name: &[u8]) {
        if !S::LINTS {
            return;
        }
        let span = self.span(name);
        let near = name.eq_ignore_ascii_case(b"id") || [&b"ids"[..], b"i", b"d"].contains(&name);
        if near || name.eq_ignore_ascii_case(b"v") {
            let help = if near {
                "did you mean `id`?"
            } else {
                "did you mean `v`?"
            };
            let lint = Lint::RecordMisspelledField;
            self.sink
                .lint(lint, span, |diagnostic| diagnostic.set_help(help));
        } else {
            self.sink.lint(Lint::RecordUnknownField, span, |_| {});
        }
    }

    fn finish(mut self) -> Option<StsRecord> {
        if matches!(self.id, Id::Missing) {
            let end = Span::empty(self.source.len());
            self.error(ErrorKind::RecordIdMissing, end, None);
        }
        let (source, sink) = (self.source, self.sink);
        extension::keep_first(
            &mut self.extensions,
            |field| field.name,
            |field| {
                let start = Span::of(field.name, source).start();
                let span = Span::new(start, Span::of(field.value, source).end());
                sink.lint(Lint::RecordDuplicateField, span, |_| {});
            },
        );
        match self.id {
            Id::Good(id) if !self.refused => Some(StsRecord {
                id,
                extensions: self
                    .extensions
                    .iter()
                    .map(|field| Extension::new(field.name, field.value))
                    .collect(),
            }),
            Id::Good(_) | Id::Bad | Id::Missing => None,
        }
    }
}

/// What is wrong with the name of a field.
pub(super) fn check_name(name: &[u8]) -> Result<(), ErrorKind> {
    if is_whole(grammar::sts_ext_name, name) {
        return Ok(());
    }
    let cut = name.get(..32).unwrap_or_default();
    Err(if is_whole(grammar::sts_ext_name, cut) {
        ErrorKind::RecordFieldNameTooLong
    } else {
        ErrorKind::RecordFieldName
    })
}

/// `v=STSv1` in any case, perhaps with white space around `=`.
fn is_like_version(field: &[u8]) -> bool {
    let mut sides = field
        .splitn(2, |&byte| byte == b'=')
        .map(|side| trim_end(trim_start(side)));
    let mut is = |text: &[u8]| {
        sides
            .next()
            .is_some_and(|side| side.eq_ignore_ascii_case(text))
    };
    is(b"v") && is(b"STSv1")
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
pub(super) fn foreign_help(record: &[u8]) -> Option<&'static str> {
    let kinds: [(&[u8], _); 4] = [
        (
            b"v=spf1",
            "this SPF record belongs to the domain itself; senders discard it",
        ),
        (
            b"v=DMARC1",
            "this DMARC record belongs to `_dmarc`; senders discard it",
        ),
        (
            b"v=TLSRPTv1",
            "this TLS reporting record belongs to `_smtp._tls`; senders discard it",
        ),
        (
            b"v=DKIM1",
            "this DKIM record belongs to a selector under `_domainkey`; senders discard it",
        ),
    ];
    let kind = kinds.into_iter().find(|(version, _)| {
        let start = record.get(..version.len()).unwrap_or_default();
        start.eq_ignore_ascii_case(version)
    });
    kind.map(|(_, help)| help)
}
