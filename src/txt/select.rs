//! A whole TXT answer: which record counts.

use super::{TxtAnswer, TxtRecord, disguise, reader};
use crate::diagnostic::{Collector, Diagnostic, Inspection, Lint, Sink};
use crate::error::{Error, ErrorKind};
use crate::scan;
use crate::span::Span;

/// Why no record of a TXT answer can be used.
///
/// `Display` counts the records from 1, as people do.
///
/// For a sender this means what no record means (RFC 8461 [§3.1](https://www.rfc-editor.org/rfc/rfc8461#section-3.1), RFC 8460
/// [§3](https://www.rfc-editor.org/rfc/rfc8460#section-3)).
///
/// # Examples
///
/// ```
/// use mta_sts::{SelectError, StsRecord};
///
/// let error = StsRecord::select(["v=STSv1; id=1;", "another", "v=STSv1; id=2;"]).unwrap_err();
/// assert_eq!(error, SelectError::Several { first: 0, second: 2 });
/// assert_eq!(error.code(), "record-several");
/// assert_eq!(StsRecord::select(["v=STSv1; id=2026-11-21"]).unwrap_err().code(), "record-id-character");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum SelectError {
    /// More than one record begins with `v=STSv1;`.
    #[error("records {} and {} both begin with `v=STSv1;`", .first.saturating_add(1), .second.saturating_add(1))]
    Several {
        /// The position of the first one in the answer, from 0.
        first: usize,
        /// The position of the second one in the answer, from 0.
        second: usize,
    },
    /// More than one record begins with `v=TLSRPTv1;`.
    #[error("records {} and {} both begin with `v=TLSRPTv1;`", .first.saturating_add(1), .second.saturating_add(1))]
    SeveralTlsRpt {
        /// The position of the first one in the answer, from 0.
        first: usize,
        /// The position of the second one in the answer, from 0.
        second: usize,
    },
    /// The only record that counts is invalid.
    #[error("record {}: {error}", .record.saturating_add(1))]
    Invalid {
        /// Its position in the answer, from 0.
        record: usize,
        /// What is wrong with it; the span lies in this record.
        error: Error,
    },
}

impl SelectError {
    /// The stable code: `record-several`, `tlsrpt-several`, or that of the [`Error`].
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Several { .. } => ErrorKind::RecordSeveral.code(),
            Self::SeveralTlsRpt { .. } => ErrorKind::TlsRptSeveral.code(),
            Self::Invalid { error, .. } => error.code(),
        }
    }
}

/// Whether a record counts beside others: it begins with the version and, right behind it, a delimiter.
fn is_delimited<R: TxtRecord>(record: &[u8]) -> bool {
    let behind = record.strip_prefix(R::VERSION.as_bytes());
    behind.is_some_and(|behind| behind.starts_with(b";"))
}

pub(crate) fn select<R, I>(records: I) -> Result<Option<R>, SelectError>
where
    R: TxtRecord,
    I: IntoIterator,
    I::Item: AsRef<[u8]>,
{
    let mut alone = None;
    let mut beside_others = None;
    let mut count: usize = 0;
    for (position, record) in records.into_iter().enumerate() {
        count = position.saturating_add(1);
        if is_delimited::<R>(record.as_ref()) {
            if let Some((first, _)) = beside_others {
                return Err(R::several(first, position));
            }
            beside_others = Some((position, record));
        } else if position == 0 && record.as_ref().starts_with(R::VERSION.as_bytes()) {
            alone = Some((position, record));
        }
    }
    let candidate = beside_others.or(alone.filter(|_| count == 1));
    candidate
        .map(|(record, text)| {
            R::parse(text.as_ref()).map_err(|error| SelectError::Invalid { record, error })
        })
        .transpose()
}

pub(crate) fn inspect_answer<R: TxtRecord>(answer: &TxtAnswer) -> Inspection<R> {
    let text = answer.as_text();
    let mut collector = Collector::new(text, R::LINTS.more_findings);
    let mut records = answer.iter();
    let value = match (records.next(), records.next()) {
        (Some(record), None) => reader::read(record, &mut within(&mut collector, 0)),
        _ => inspect_several(answer, &mut collector),
    };
    reader::inspection(value, collector)
}

fn inspect_several<R: TxtRecord>(answer: &TxtAnswer, collector: &mut Collector<'_>) -> Option<R> {
    let text = answer.as_text();
    let mut value = None;
    let mut count: usize = 0;
    for record in answer {
        let span = Span::of(record, text);
        if is_delimited::<R>(record) {
            count = count.saturating_add(1);
            if count > 1 {
                collector.error(R::KINDS.several, span, false, |_| {});
            }
            value = reader::read(record, &mut within(collector, span.start()));
        } else if disguise::starts_like(scan::trim_start(record), R::VERSION) {
            collector.lint(R::LINTS.discarded, span, |_| {});
        } else {
            let help = disguise::foreign_help::<R>(record);
            collector.lint(R::LINTS.foreign, span, |diagnostic| {
                if let Some(help) = help {
                    diagnostic.set_help(help);
                }
            });
        }
    }
    if count == 0 {
        let end = Span::empty(text.len());
        collector.error(R::KINDS.none, end, false, |_| {});
    }
    value.filter(|_| count == 1)
}

/// A sink for the findings in the record that begins at `start` in the text of the answer.
const fn within<'c, 's>(sink: &'c mut Collector<'s>, start: usize) -> Shifted<'c, 's> {
    Shifted { by: start, sink }
}

/// Reports findings in one record of an answer at their places in the whole. They come without fix:
/// an answer is several texts, and none of them is a file to correct.
#[derive(Debug)]
struct Shifted<'c, 's> {
    by: usize,
    sink: &'c mut Collector<'s>,
}

impl Shifted<'_, '_> {
    const fn place(&self, span: Span) -> Span {
        Span::new(
            span.start().saturating_add(self.by),
            span.end().saturating_add(self.by),
        )
    }
}

impl Sink for Shifted<'_, '_> {
    const LINTS: bool = true;

    fn error(
        &mut self,
        kind: ErrorKind,
        span: Span,
        tolerated: bool,
        details: impl FnOnce(&mut Diagnostic),
    ) {
        let details = |diagnostic: &mut Diagnostic| {
            details(diagnostic);
            diagnostic.clear_fix();
        };
        self.sink.error(kind, self.place(span), tolerated, details);
    }

    fn lint(&mut self, lint: Lint, span: Span, details: impl FnOnce(&mut Diagnostic)) {
        let details = |diagnostic: &mut Diagnostic| {
            details(diagnostic);
            diagnostic.clear_fix();
        };
        self.sink.lint(lint, self.place(span), details);
    }
}
