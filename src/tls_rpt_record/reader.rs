//! Reading the known fields of a record: `rua` and its list of addresses.

use super::TlsRptRecord;
use super::uri::{self, ReportScheme, ReportUri};
use crate::diagnostic::{Fix, Lint, Sink};
use crate::error::{Error, ErrorKind};
use crate::extension::{self, Extension, RawField};
use crate::scan::{trim_end, trim_start};
use crate::span::Span;
use crate::txt::{Kinds, Lints, Report, SelectError, TxtRecord};
use alloc::boxed::Box;
use alloc::vec::Vec;

/// The `rua` fields of a record.
#[derive(Debug, Default)]
pub(crate) struct Rua<'a> {
    /// How many fields there are.
    fields: usize,
    uris: Vec<ReportUri>,
    /// The same as they stand in the record, to say which are there twice.
    texts: Vec<RawField<'a>>,
}

impl TxtRecord for TlsRptRecord {
    const VERSION: &'static str = "v=TLSRPTv1";
    const FIELD: &'static str = "rua";
    const KINDS: Kinds = Kinds {
        empty: ErrorKind::TlsRptEmpty,
        version: ErrorKind::TlsRptVersion,
        version_case: ErrorKind::TlsRptVersionCase,
        version_not_first: ErrorKind::TlsRptVersionNotFirst,
        leading_space: ErrorKind::TlsRptLeadingSpace,
        quotes: ErrorKind::TlsRptQuotes,
        backslash: ErrorKind::TlsRptBackslash,
        delimiter: ErrorKind::TlsRptDelimiter,
        empty_field: ErrorKind::TlsRptEmptyField,
        trailing_space: ErrorKind::TlsRptTrailingSpace,
        field_without_equals: ErrorKind::TlsRptFieldWithoutEquals,
        space_around_equals: ErrorKind::TlsRptSpaceAroundEquals,
        field_name: ErrorKind::TlsRptFieldName,
        field_name_too_long: ErrorKind::TlsRptFieldNameTooLong,
        field_value_empty: ErrorKind::TlsRptFieldValueEmpty,
        field_value: ErrorKind::TlsRptFieldValue,
        not_ascii: ErrorKind::TlsRptNotAscii,
        none: ErrorKind::TlsRptNone,
        several: ErrorKind::TlsRptSeveral,
        extension_reserved: ErrorKind::TlsRptExtensionReserved,
        extension_repeated: ErrorKind::TlsRptExtensionRepeated,
    };
    const LINTS: Lints = Lints {
        duplicate_field: Lint::TlsRptDuplicateField,
        unknown_field: Lint::TlsRptUnknownField,
        misspelled_field: Lint::TlsRptMisspelledField,
        space_before_delimiter: Lint::TlsRptSpaceBeforeDelimiter,
        discarded: Lint::TlsRptDiscarded,
        foreign: Lint::TlsRptForeign,
        more_findings: Lint::TlsRptMoreFindings,
    };

    type Known<'a> = Rua<'a>;

    fn parse(record: &[u8]) -> Result<Self, Error> {
        Self::parse(record)
    }

    fn several(first: usize, second: usize) -> SelectError {
        SelectError::SeveralTlsRpt { first, second }
    }

    fn expects(rua: &mut Rua<'_>, name: &[u8]) -> bool {
        let is_rua = name == b"rua";
        rua.fields = rua.fields.saturating_add(is_rua.into());
        is_rua
    }

    fn value<'a, S: Sink>(rua: &mut Rua<'a>, value: &'a [u8], report: &mut Report<'a, '_, S>) {
        if rua.fields > 1 {
            report.lint(Lint::TlsRptSeveralRua, report.span(value));
        }
        if value.iter().all(|byte| b", \t".contains(byte)) {
            return report.error(ErrorKind::TlsRptRuaEmpty, report.span(value), None);
        }
        let mut elements = value.split(|&byte| byte == b',').peekable();
        // Where the element before ends, once there was an address.
        let mut behind_address = None;
        while let Some(element) = elements.next() {
            let uri = trim_end(trim_start(element));
            let span = report.span(uri);
            if !uri.is_empty() {
                rua.uri(uri, report);
                behind_address = Some(span.end());
                continue;
            }
            let element = report.span(element);
            let next = elements.peek().map(|next| trim_start(trim_end(next)));
            let (comma, excess) = match (behind_address, next) {
                // The comma before it is one too many …
                (Some(end), _) => {
                    let comma = Span::new(element.start().saturating_sub(1), element.start());
                    behind_address = Some(span.end());
                    (comma, Span::new(end, span.end()))
                }
                // … but at the front it is the one behind it.
                (None, Some(next)) => {
                    let comma = Span::new(element.end(), element.end().saturating_add(1));
                    (comma, Span::new(element.start(), report.span(next).start()))
                }
                (None, None) => return,
            };
            report.error(ErrorKind::TlsRptUriEmpty, comma, Some(Fix::delete(excess)));
        }
    }

    fn end<S: Sink>(rua: &Rua<'_>, report: &mut Report<'_, '_, S>) {
        if rua.fields == 0 {
            return report.error(ErrorKind::TlsRptRuaMissing, report.end(), None);
        }
        if !S::LINTS || report.is_refused() {
            return;
        }
        if !rua.uris.iter().any(ReportUri::is_destination) {
            report.lint(Lint::TlsRptNoDestination, report.end());
        }
        extension::keep_first(
            &mut rua.texts.clone(),
            |uri| uri.name,
            |uri| report.lint(Lint::TlsRptDuplicateUri, report.span(uri.name)),
        );
    }

    fn build(rua: Rua<'_>, extensions: Box<[Extension]>) -> Option<Self> {
        Self::of(rua.uris, extensions)
    }

    fn misspelled(name: &[u8]) -> Option<&'static str> {
        extension::likely(name, &["rua"]).map(|_| "did you mean `rua`?")
    }
}

impl<'a> Rua<'a> {
    /// An element of a list, not empty.
    fn uri<S: Sink>(&mut self, text: &'a [u8], report: &mut Report<'a, '_, S>) {
        let span = report.span(text);
        let uri = match ReportUri::new(text) {
            Ok(uri) => uri,
            Err(kind) => return report.error(kind, span, uri::fix(kind, text, span)),
        };
        if S::LINTS {
            match uri.scheme() {
                ReportScheme::Other => report.lint(Lint::TlsRptOtherScheme, span),
                _ if uri.is_destination() => {}
                ReportScheme::Mailto => report.lint(Lint::TlsRptMailbox, span),
                ReportScheme::Https => report.lint(Lint::TlsRptHost, span),
            }
            let (name, value) = (text, &[][..]);
            self.texts.push(RawField { name, value });
        }
        self.uris.push(uri);
    }
}
