//! The one reader of policies: strict, lenient and inspecting differ by the options and the sink.
//!
//! Line by line. A line that is a field by the grammar is taken at once; any other is looked at closely
//! (`faults`), reported, and taken after all if it is tolerated.

use super::body::{Arena, Body};
use super::line::line_around;
use super::{MaxAge, Mode, ParseOptions, Policy, Tolerance, lints};
use crate::diagnostic::{Diagnostic, Fix, Lint, Sink};
use crate::error::ErrorKind;
use crate::extension::{self, RawField};
use crate::grammar::{self, Lowered, PolicyField};
use crate::mx::PatternSet;
use crate::span::Span;
use alloc::format;
use alloc::vec::Vec;

/// Reads a policy. The value is there if no error was reported.
#[inline]
pub(super) fn read<S: Sink>(source: &[u8], options: ParseOptions, sink: &mut S) -> Option<Policy> {
    Reader::new(source, options, sink).read::<true>()
}

/// A field that counts once.
#[derive(Clone, Copy, Debug)]
pub(super) struct Once<T> {
    /// Whether the field was there, good or bad.
    pub(super) seen: bool,
    /// Its value, if it was good, and the place of that.
    pub(super) value: Option<(T, Span)>,
}

impl<T> Once<T> {
    const fn missing() -> Self {
        Self {
            seen: false,
            value: None,
        }
    }

    fn set(&mut self, value: T, span: Span) {
        self.seen = true;
        self.value = Some((value, span));
    }
}

pub(super) struct Reader<'a, 's, S> {
    pub(super) source: &'a [u8],
    pub(super) options: ParseOptions,
    pub(super) sink: &'s mut S,
    /// The tolerances that were needed.
    pub(super) used: ParseOptions,
    /// Whether an error was reported.
    pub(super) refused: bool,
    /// Whether there was a `version` field, good or bad.
    pub(super) version_seen: bool,
    pub(super) mode: Once<Mode>,
    pub(super) max_age: Once<MaxAge>,
    /// Whether there was an `mx` field, good or bad.
    pub(super) mx_seen: bool,
    /// The `mx` values that are dropped if a good one turns up, else errors.
    pub(super) unusable_mx: Vec<Span>,
    pub(super) patterns: Arena,
    pub(super) extensions: Vec<RawField<'a>>,
    /// Where the first field begins.
    pub(super) first_field: Option<usize>,
}

impl<'a, 's, S: Sink> Reader<'a, 's, S> {
    pub(super) fn new(source: &'a [u8], options: ParseOptions, sink: &'s mut S) -> Self {
        Self {
            source,
            options,
            sink,
            used: ParseOptions::strict(),
            refused: false,
            version_seen: false,
            mode: Once::missing(),
            max_age: Once::missing(),
            mx_seen: false,
            unusable_mx: Vec::new(),
            patterns: Arena::new(source.len()),
            extensions: Vec::new(),
            first_field: None,
        }
    }

    /// `FAST` is given up by tests alone, which compare: every line is then looked at closely.
    pub(super) fn read<const FAST: bool>(&mut self) -> Option<Policy> {
        if self.source.is_empty() {
            self.error(ErrorKind::PolicyEmpty, Span::empty(0), |_| {});
            return None;
        }
        let mut rest = self.source;
        while !rest.is_empty() {
            if FAST {
                let field = grammar::sts_policy_mx_field(rest, || self.patterns.room());
                if let Ok((after, (value, lowered))) = field {
                    self.accept_mx(value, lowered, rest);
                    rest = after;
                    continue;
                }
                if let Some(after) = self.take_field(rest) {
                    rest = after;
                    continue;
                }
            }
            rest = self.look_closely(rest);
            if self.sink.is_done() && self.unusable_mx.is_empty() {
                return None;
            }
        }
        self.finish()
    }

    pub(super) fn span(&self, part: &[u8]) -> Span {
        Span::of(part, self.source)
    }

    /// The place of a good value, which only advice is about.
    fn span_for_advice(&self, value: &[u8]) -> Span {
        if S::LINTS {
            self.span(value)
        } else {
            Span::empty(0)
        }
    }

    /// Reports an error that nothing tolerates.
    pub(super) fn error(
        &mut self,
        kind: ErrorKind,
        span: Span,
        details: impl FnOnce(&mut Diagnostic),
    ) {
        self.refused = true;
        self.sink.error(kind, span, false, details);
    }

    /// Reports what the tolerance allows, and whether it is in force.
    pub(super) fn deviation(
        &mut self,
        tolerance: Tolerance,
        kind: ErrorKind,
        span: Span,
        details: impl FnOnce(&mut Diagnostic),
    ) -> bool {
        let tolerated = self.options.tolerates(tolerance);
        if tolerated {
            self.used = self.used.with(tolerance);
        } else {
            self.refused = true;
        }
        self.sink.error(kind, span, tolerated, details);
        tolerated
    }

    /// Takes the field at the front, if it is one by the grammar, and yields what is behind it.
    #[inline(never)]
    fn take_field(&mut self, line: &'a [u8]) -> Option<&'a [u8]> {
        let (after, field) = grammar::sts_policy_field(line).ok()?;
        self.accept(field, line, after).then_some(after)
    }

    /// Takes the field between `line` and `after`, which is grammatical. `false` if it is one whose
    /// name is known and whose value is not what that name demands.
    #[expect(
        clippy::inline_always,
        reason = "a call for each line costs as much as reading a short one"
    )]
    #[inline(always)]
    pub(super) fn accept(&mut self, field: PolicyField<'a>, line: &'a [u8], after: &[u8]) -> bool {
        match field {
            PolicyField::Mode(value) if !self.mode.seen => {
                let Some(mode) = Mode::from_bytes(value) else {
                    return false;
                };
                self.mode.set(mode, self.span_for_advice(value));
            }
            PolicyField::MaxAge(digits) if !self.max_age.seen => {
                let (max_age, clamped) = MaxAge::clamped(digits.number);
                let span = self.span_for_advice(digits.text);
                self.max_age.set(max_age, span);
                if S::LINTS {
                    lints::clamped(self.sink, clamped, span);
                }
            }
            PolicyField::Version if !self.version_seen => self.version_seen = true,
            PolicyField::Version | PolicyField::Mode(_) | PolicyField::MaxAge(_) => {
                self.repeated(line, after);
            }
            PolicyField::Extension { name, value } => {
                return self.accept_extension(RawField { name, value }, line, after);
            }
        }
        self.note_first_field(line);
        true
    }

    /// Apart from [`accept`](Self::accept), which has less to save and restore then.
    #[inline(never)]
    fn accept_extension(&mut self, field: RawField<'a>, line: &'a [u8], after: &[u8]) -> bool {
        let seen = match field.name {
            b"mx" => false,
            b"version" => self.version_seen,
            b"mode" => self.mode.seen,
            b"max_age" => self.max_age.seen,
            name => {
                self.extensions.push(field);
                if S::LINTS {
                    lints::unknown(self.sink, name, Span::of(name, self.source));
                }
                self.note_first_field(line);
                return true;
            }
        };
        if seen {
            self.repeated(line, after);
            self.note_first_field(line);
        }
        seen
    }

    #[inline]
    pub(super) fn accept_mx(&mut self, value: &[u8], lowered: Lowered, line: &[u8]) {
        self.mx_seen = true;
        if S::LINTS && lowered != Lowered::Plain {
            let span = self.span(value);
            lints::odd_mx(self.sink, value, span);
        }
        match lowered {
            Lowered::Plain | Lowered::Odd => self.patterns.commit(value.len()),
            Lowered::No => self.patterns.push(value),
        }
        self.sink.accepted_mx(value);
        self.note_first_field(line);
    }

    /// Whether no field was read yet.
    pub(super) fn is_at_first_field(&self) -> bool {
        !(self.version_seen || self.mode.seen || self.max_age.seen || self.mx_seen)
            && self.extensions.is_empty()
    }

    pub(super) fn note_first_field(&mut self, line: &[u8]) {
        if S::LINTS && self.first_field.is_none() {
            self.first_field = Some(self.span(line).start());
        }
    }

    /// The line from `line` to `after` repeats a field.
    fn repeated(&mut self, line: &[u8], after: &[u8]) {
        if S::LINTS {
            let start = self.span(line).start();
            let end = self.source.len().saturating_sub(after.len());
            let line = Span::new(start, end);
            repeated(self.sink, self.source, line);
        }
    }

    fn finish(&mut self) -> Option<Policy> {
        if !self.unusable_mx.is_empty() {
            self.judge_unusable_mx();
        }
        let (source, sink) = (self.source, &mut *self.sink);
        extension::keep_first(
            &mut self.extensions,
            |field| field.name,
            |field| {
                if S::LINTS {
                    let name = Span::of(field.name, source).start();
                    repeated(sink, source, line_around(source, name));
                }
            },
        );
        self.missing_fields();
        if self.refused && !S::LINTS {
            return None;
        }
        let body = Body::new(&mut self.patterns, &self.extensions);
        if S::LINTS {
            let mode = self.mode.value.map(|(mode, span)| {
                lints::mode(self.sink, mode, span);
                mode
            });
            if let Some((max_age, span)) = self.max_age.value {
                lints::max_age(self.sink, mode, max_age, span);
            }
            self.advise(body.patterns());
        }
        if self.refused {
            return None;
        }
        Some(Policy {
            body,
            max_age: self.max_age.value?.0,
            mode: self.mode.value?.0,
            tolerances: self.used,
        })
    }

    /// An unusable `mx` value beside a good one may be tolerated.
    #[cold]
    fn judge_unusable_mx(&mut self) {
        let usable = !self.patterns.is_empty();
        for span in core::mem::take(&mut self.unusable_mx) {
            if usable {
                self.used = self.used.with(Tolerance::UnusableMx);
            }
            self.mx_fault(span.slice(self.source).unwrap_or_default(), usable);
        }
    }

    /// Reports what is unwise about patterns.
    fn advise(&mut self, patterns: PatternSet<'_>) {
        let mut walk = PatternSet::walk(patterns.arena);
        if walk.any(|pattern| lints::mx(pattern).is_some()) || patterns.has_redundant() {
            self.advise_each(patterns);
        }
    }

    /// It is rare that there is anything to say: places are found by reading once more.
    #[cold]
    fn advise_each(&mut self, patterns: PatternSet<'_>) {
        let mut places = MxPlaces(self.source, Vec::new());
        read(self.source, self.options, &mut places);
        let unwise = PatternSet::walk(patterns.arena).map(lints::mx);
        for (lints, span) in unwise.zip(patterns.redundant()).zip(places.1) {
            for lint in <[_; 2]>::from(lints).into_iter().flatten() {
                self.sink.lint(lint, span, |diagnostic| {
                    if lint == Lint::MxDuplicate {
                        let line = line_around(self.source, span.start());
                        diagnostic.set_fix(Fix::delete(line));
                    }
                });
            }
        }
    }

    /// The line end that the source uses, to add lines with.
    pub(super) fn line_end(&self) -> &'static str {
        let lf = self.source.iter().position(|&byte| byte == b'\n');
        let before = lf.and_then(|lf| self.source.get(..lf));
        if before.is_some_and(|before| before.ends_with(b"\r")) {
            "\r\n"
        } else {
            "\n"
        }
    }

    /// There is but one version, so the right text is certain: for a field with nearly its name, or
    /// else for a line before the first field.
    fn missing_version(&self) -> Option<Fix> {
        let misspelled = self.extensions.iter().find(|field| {
            field.value == b"STSv1" && extension::likely(field.name, &["version"]).is_some()
        });
        if let Some(field) = misspelled {
            return Some(Fix::replace(self.span(field.name), "version"));
        }
        let line = format!("version: STSv1{}", self.line_end());
        Some(Fix::replace(Span::empty(self.first_field?), line))
    }

    fn missing_fields(&mut self) {
        let end = Span::empty(self.source.len());
        if !self.version_seen {
            let fix = if S::LINTS {
                self.missing_version()
            } else {
                None
            };
            self.error(ErrorKind::PolicyVersionMissing, end, |diagnostic| {
                if let Some(fix) = fix {
                    diagnostic.set_fix(fix);
                }
            });
        }
        if !self.mode.seen {
            self.error(ErrorKind::PolicyModeMissing, end, |_| {});
        }
        if !self.max_age.seen {
            self.error(ErrorKind::PolicyMaxAgeMissing, end, |_| {});
        }
        // Without a mode nobody knows whether a pattern is needed.
        let wanted = self.mode.value.is_some_and(|(mode, _)| mode != Mode::None);
        if wanted && !self.mx_seen {
            self.error(ErrorKind::PolicyMxMissing, end, |_| {});
        }
    }
}

/// Reports a line that repeats a field; removing it changes nothing.
fn repeated<S: Sink>(sink: &mut S, source: &[u8], line: Span) {
    let content = line.slice(source).unwrap_or_default().trim_ascii();
    sink.lint(
        Lint::PolicyDuplicateField,
        Span::of(content, source),
        |diagnostic| {
            diagnostic.set_fix(Fix::delete(line));
        },
    );
}

/// Keeps the places of the `mx` values that were accepted, in the source.
struct MxPlaces<'a>(&'a [u8], Vec<Span>);

impl Sink for MxPlaces<'_> {
    const LINTS: bool = false;

    fn error(&mut self, _: ErrorKind, _: Span, _: bool, _: impl FnOnce(&mut Diagnostic)) {}

    fn lint(&mut self, _: Lint, _: Span, _: impl FnOnce(&mut Diagnostic)) {}

    fn accepted_mx(&mut self, value: &[u8]) {
        self.1.push(Span::of(value, self.0));
    }
}
