//! Where a reader reports what it finds: the one thing in which parsing and inspecting differ.

use super::{Diagnostic, Edit, Finding, Lint, Severity};
use crate::error::{Error, ErrorKind};
use crate::span::Span;
use alloc::vec::Vec;

/// What a reader reports to, in any order of places.
pub(crate) trait Sink {
    /// Whether the reader should look for what is accepted but unwise.
    const LINTS: bool;

    /// Something that strict parsing refuses; `tolerated` under the options in force.
    /// `details` adds help and fix to the diagnostic, if one is made.
    fn error(
        &mut self,
        kind: ErrorKind,
        span: Span,
        tolerated: bool,
        details: impl FnOnce(&mut Diagnostic),
    );

    /// Something that strict parsing accepts.
    fn lint(&mut self, lint: Lint, span: Span, details: impl FnOnce(&mut Diagnostic));

    /// An `mx` value of a policy was accepted.
    fn accepted_mx(&mut self, _: &[u8]) {}

    /// Whether nothing further on can change what the sink says.
    fn is_done(&self) -> bool {
        false
    }
}

/// Keeps the first error in the order of places: all that parsing needs.
#[derive(Debug, Default)]
pub(crate) struct FirstError(Option<Error>);

impl FirstError {
    /// The error that stood in the way of a value; `empty` for the reader that reported none, which none does.
    pub(crate) fn into_error(self, empty: ErrorKind) -> Error {
        self.0.unwrap_or(Error::new(empty, Span::empty(0)))
    }
}

impl Sink for FirstError {
    const LINTS: bool = false;

    fn error(
        &mut self,
        kind: ErrorKind,
        span: Span,
        tolerated: bool,
        _: impl FnOnce(&mut Diagnostic),
    ) {
        let earlier = |error: &Error| error.span().start() <= span.start();
        if !tolerated && !self.0.as_ref().is_some_and(earlier) {
            self.0 = Some(Error::new(kind, span));
        }
    }

    fn lint(&mut self, _: Lint, _: Span, _: impl FnOnce(&mut Diagnostic)) {}

    fn is_done(&self) -> bool {
        self.0.is_some()
    }
}

/// The most findings that are listed.
const LIMIT: usize = 1000;

/// Keeps the first findings in the order of places, and counts them all.
#[derive(Debug)]
pub(crate) struct Collector<'a> {
    source: &'a [u8],
    more: Lint,
    diagnostics: Vec<Diagnostic>,
    /// Notes, warnings, errors.
    totals: [usize; 3],
    /// How many findings strict parsing refuses, tolerated or not.
    deviations: usize,
    unlisted: usize,
    unlisted_edits: Vec<Edit>,
    all_fixable: bool,
}

/// What a [`Collector`] has collected.
#[derive(Debug)]
pub(super) struct Collected {
    pub(super) diagnostics: Vec<Diagnostic>,
    pub(super) totals: [usize; 3],
    /// The edits of errors that are not listed.
    pub(super) unlisted_edits: Vec<Edit>,
    /// Whether all that strict parsing refuses has a fix.
    pub(super) all_fixable: bool,
}

impl<'a> Collector<'a> {
    /// Collects what is found in `source`; `more` says that there is more than can be listed.
    pub(crate) const fn new(source: &'a [u8], more: Lint) -> Self {
        Self {
            source,
            more,
            diagnostics: Vec::new(),
            totals: [0; 3],
            deviations: 0,
            unlisted: 0,
            unlisted_edits: Vec::new(),
            all_fixable: true,
        }
    }

    /// Whether strict parsing accepts the source.
    pub(crate) const fn accepts_strictly(&self) -> bool {
        self.deviations == 0
    }

    fn push(
        &mut self,
        finding: Finding,
        severity: Severity,
        span: Span,
        details: impl FnOnce(&mut Diagnostic),
    ) {
        let [notes, warnings, errors] = &mut self.totals;
        let total = match severity {
            Severity::Note => notes,
            Severity::Warning => warnings,
            Severity::Error => errors,
        };
        *total = total.saturating_add(1);

        let mut diagnostic = Diagnostic::new(finding, severity, span);
        details(&mut diagnostic);
        if matches!(finding, Finding::Error(_)) {
            self.deviations = self.deviations.saturating_add(1);
            if diagnostic.fix.is_none() {
                self.all_fixable = false;
                self.unlisted_edits = Vec::new();
            }
        }
        match self.diagnostics.last_mut() {
            Some(last) if last.is_continued_by(&diagnostic, self.source) => last.join(diagnostic),
            _ => self.diagnostics.push(diagnostic),
        }
        if self.diagnostics.len() >= LIMIT.saturating_mul(2) {
            self.sort_and_cut();
        }
    }

    fn sort_and_cut(&mut self) {
        self.diagnostics
            .sort_by_key(|diagnostic| diagnostic.span.start());
        if self.diagnostics.len() <= LIMIT {
            return;
        }
        // The first error is listed however many warnings stand before it.
        let is_error = |diagnostic: &Diagnostic| diagnostic.severity == Severity::Error;
        if let Some(first) = self.diagnostics.iter().position(is_error) {
            if first >= LIMIT {
                self.diagnostics.swap(first, LIMIT.saturating_sub(1));
            }
        }
        for diagnostic in self.diagnostics.drain(LIMIT..) {
            self.unlisted = self.unlisted.saturating_add(diagnostic.count);
            if self.all_fixable && diagnostic.error_kind().is_some() {
                self.unlisted_edits
                    .extend(diagnostic.fix.into_iter().flat_map(|fix| fix.edits));
            }
        }
    }

    pub(super) fn finish(mut self) -> Collected {
        self.sort_and_cut();
        if self.unlisted > 0 {
            let end = Span::empty(self.source.len());
            let mut more = Diagnostic::new(Finding::Lint(self.more), Severity::Warning, end);
            more.count = self.unlisted;
            self.diagnostics.push(more);
        }
        Collected {
            diagnostics: self.diagnostics,
            totals: self.totals,
            unlisted_edits: self.unlisted_edits,
            all_fixable: self.all_fixable,
        }
    }
}

impl Sink for Collector<'_> {
    const LINTS: bool = true;

    fn error(
        &mut self,
        kind: ErrorKind,
        span: Span,
        tolerated: bool,
        details: impl FnOnce(&mut Diagnostic),
    ) {
        let severity = if tolerated {
            Severity::Warning
        } else {
            Severity::Error
        };
        self.push(Finding::Error(kind), severity, span, details);
    }

    fn lint(&mut self, lint: Lint, span: Span, details: impl FnOnce(&mut Diagnostic)) {
        self.push(Finding::Lint(lint), lint.severity(), span, details);
    }
}

impl Diagnostic {
    /// Whether `next` is the same finding again with nothing but white space in between. What is
    /// advised on whole records of an answer is said of each.
    fn is_continued_by(&self, next: &Self, source: &[u8]) -> bool {
        let between = source.get(self.run_end..next.span.start());
        let of_whole_record = matches!(
            self.finding,
            Finding::Lint(
                Lint::RecordDiscarded
                    | Lint::RecordForeign
                    | Lint::TlsRptDiscarded
                    | Lint::TlsRptForeign
            )
        );
        !of_whole_record
            && self.finding == next.finding
            && self.severity == next.severity
            && self.help == next.help
            && self.fix.is_some() == next.fix.is_some()
            && !next.span.is_empty()
            && between.is_some_and(|between| between.iter().all(u8::is_ascii_whitespace))
    }

    fn join(&mut self, next: Self) {
        self.count = self.count.saturating_add(next.count);
        self.run_end = next.run_end;
        self.fix = self
            .fix
            .take()
            .zip(next.fix)
            .map(|(fix, next)| fix.and(next));
    }
}
