//! A whole TXT answer: which record counts.

use super::{StsRecord, accepted_by, reader};
use crate::diagnostic::{Collector, Diagnostic, Inspection, Lint, Sink};
use crate::error::{Error, ErrorKind};
use crate::scan;
use crate::span::Span;
use crate::txt::TxtAnswer;

/// What a record that stands alone begins with.
const VERSION: &[u8] = b"v=STSv1";
/// What a record beside others begins with.
const VERSION_AND_DELIMITER: &[u8] = b"v=STSv1;";

/// Why no record of a TXT answer can be used.
///
/// For a sender this means what no record means (RFC 8461 [§3.1](https://www.rfc-editor.org/rfc/rfc8461#section-3.1)).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum SelectError {
    /// More than one record begins with `v=STSv1;`.
    #[error("records {first} and {second} both begin with `v=STSv1;`")]
    Several {
        /// The position of the first one in the answer, from 0.
        first: usize,
        /// The position of the second one in the answer, from 0.
        second: usize,
    },
    /// The only record that counts is invalid.
    #[error("record {record}: {error}")]
    Invalid {
        /// Its position in the answer, from 0.
        record: usize,
        /// What is wrong with it; the span lies in this record.
        error: Error,
    },
}

impl SelectError {
    /// The stable code: `record-several`, or that of the [`Error`].
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Several { .. } => ErrorKind::RecordSeveral.code(),
            Self::Invalid { error, .. } => error.code(),
        }
    }
}

pub(super) fn select<I>(records: I) -> Result<Option<StsRecord>, SelectError>
where
    I: IntoIterator,
    I::Item: AsRef<[u8]>,
{
    let mut alone = None;
    let mut beside_others = None;
    let mut count: usize = 0;
    for (position, record) in records.into_iter().enumerate() {
        count = position.saturating_add(1);
        if record.as_ref().starts_with(VERSION_AND_DELIMITER) {
            if let Some((first, _)) = beside_others {
                return Err(SelectError::Several {
                    first,
                    second: position,
                });
            }
            beside_others = Some((position, record));
        } else if position == 0 && record.as_ref().starts_with(VERSION) {
            alone = Some((position, record));
        }
    }
    let candidate = beside_others.or(alone.filter(|_| count == 1));
    candidate
        .map(|(record, text)| {
            StsRecord::parse(text.as_ref()).map_err(|error| SelectError::Invalid { record, error })
        })
        .transpose()
}

pub(super) fn inspect(answer: &TxtAnswer) -> Inspection<StsRecord> {
    let text = answer.as_text();
    let mut collector = Collector::new(text, Lint::RecordMoreFindings);
    let mut records = answer.iter();
    let value = match (records.next(), records.next()) {
        (Some(record), None) => reader::read(record, &mut within(&mut collector, 0)),
        _ => inspect_several(answer, &mut collector),
    };
    let accepted_by = accepted_by(value.as_ref());
    Inspection::new(value, accepted_by, collector)
}

fn inspect_several(answer: &TxtAnswer, collector: &mut Collector<'_>) -> Option<StsRecord> {
    let text = answer.as_text();
    let mut value = None;
    let mut count: usize = 0;
    for record in answer {
        let span = Span::of(record, text);
        if record.starts_with(VERSION_AND_DELIMITER) {
            count = count.saturating_add(1);
            if count > 1 {
                collector.error(ErrorKind::RecordSeveral, span, false, |_| {});
            }
            value = reader::read(record, &mut within(collector, span.start()));
        } else if starts_like_version(record) {
            collector.lint(Lint::RecordDiscarded, span, |_| {});
        } else {
            let help = reader::foreign_help(record);
            collector.lint(Lint::RecordForeign, span, |diagnostic| {
                if let Some(help) = help {
                    diagnostic.set_help(help);
                }
            });
        }
    }
    if count == 0 {
        collector.error(
            ErrorKind::RecordNone,
            Span::empty(text.len()),
            false,
            |_| {},
        );
    }
    value.filter(|_| count == 1)
}

fn starts_like_version(record: &[u8]) -> bool {
    let record = scan::trim_start(record);
    let start = record.get(..VERSION.len()).unwrap_or_default();
    start.eq_ignore_ascii_case(VERSION)
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

    fn is_done(&self) -> bool {
        false
    }
}
