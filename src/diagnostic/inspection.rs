//! The result of inspecting a text.

use super::sink::{Collected, Collector};
use super::{Diagnostic, Edit, Severity};
use crate::error::display_as_str;
use alloc::borrow::Cow;
use alloc::vec::Vec;

/// Which readings of RFC 8461 accept a text.
///
/// Exhaustive: there is no reading in between.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "there is no reading in between")]
pub enum AcceptedBy {
    /// The strict reading, and so every sender that follows the RFC.
    Strict,
    /// Only the lenient reading: some senders see a policy here, some do not.
    Lenient,
    /// Neither: senders see no policy here.
    Nobody,
}

impl AcceptedBy {
    /// `strict`, `lenient` or `nobody`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Strict => "strict",
            Self::Lenient => "lenient",
            Self::Nobody => "nobody",
        }
    }
}

display_as_str!(AcceptedBy);

/// What was read, and every finding on the way.
///
/// The value is there exactly when parsing under the same options succeeds, and the first diagnostic
/// of severity [`Error`](Severity::Error) has the kind and the span of the error that parsing gives.
///
/// # Examples
///
/// ```
/// use mta_sts::{AcceptedBy, Policy};
///
/// let source = b"version: STSv1\nmode: enforce\nmx: mail.example.net.\nmax_age: 1209600\n\n";
/// let inspection = Policy::inspect(source);
/// assert!(inspection.policy().is_none());
/// assert_eq!(inspection.accepted_by(), AcceptedBy::Lenient);
/// let codes: Vec<_> = inspection.errors().map(|error| error.code()).collect();
/// assert_eq!(codes, ["mx-trailing-dot", "policy-blank-line"]);
///
/// let fixed = inspection.fixed(source).unwrap();
/// assert_eq!(*fixed, b"version: STSv1\nmode: enforce\nmx: mail.example.net\nmax_age: 1209600\n"[..]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Inspection<T> {
    value: Option<T>,
    accepted_by: AcceptedBy,
    diagnostics: Vec<Diagnostic>,
    totals: [usize; 3],
    unlisted_edits: Vec<Edit>,
    all_fixable: bool,
}

impl<T> Inspection<T> {
    pub(crate) fn new(value: Option<T>, accepted_by: AcceptedBy, collector: Collector<'_>) -> Self {
        let Collected {
            diagnostics,
            totals,
            unlisted_edits,
            all_fixable,
        } = collector.finish();
        Self {
            value,
            accepted_by,
            diagnostics,
            totals,
            unlisted_edits,
            all_fixable,
        }
    }

    /// What was read; `None` if there is an error.
    #[must_use]
    pub const fn value(&self) -> Option<&T> {
        self.value.as_ref()
    }

    /// What was read, by value.
    #[must_use]
    pub fn into_value(self) -> Option<T> {
        self.value
    }

    /// The findings in the order of their places; those about something missing come last.
    ///
    /// At most 1,000, and one that says how many more there are; the first error is always among them. The same
    /// finding several times in a row is one diagnostic with a [count](Diagnostic::count).
    #[must_use]
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    /// The findings of severity [`Error`](Severity::Error).
    pub fn errors(&self) -> impl Iterator<Item = &Diagnostic> {
        self.diagnostics
            .iter()
            .filter(|diagnostic| diagnostic.severity() == Severity::Error)
    }

    /// How many findings of this severity there are, listed or not.
    #[must_use]
    pub const fn total(&self, severity: Severity) -> usize {
        let [notes, warnings, errors] = self.totals;
        match severity {
            Severity::Note => notes,
            Severity::Warning => warnings,
            Severity::Error => errors,
        }
    }

    /// Which readings accept the text, whatever the options of this inspection were.
    #[must_use]
    pub const fn accepted_by(&self) -> AcceptedBy {
        self.accepted_by
    }

    /// The corrected text: `source`, which must be the text that was inspected, with the fix of
    /// everything that strict parsing refuses. Strict parsing accepts it. Advice is not applied.
    ///
    /// Borrowed if nothing was refused; `None` if something refused has no certain fix.
    #[must_use]
    pub fn fixed<'a>(&self, source: &'a [u8]) -> Option<Cow<'a, [u8]>> {
        self.corrected(source, |diagnostic| diagnostic.error_kind().is_some())
    }

    /// The corrected text with the advice of warnings and notes applied too, where they have a fix.
    ///
    /// Borrowed if there is nothing to do; `None` if something refused has no certain fix.
    #[must_use]
    pub fn fixed_with_advice<'a>(&self, source: &'a [u8]) -> Option<Cow<'a, [u8]>> {
        self.corrected(source, |_| true)
    }

    fn corrected<'a>(
        &self,
        source: &'a [u8],
        wanted: impl Fn(&Diagnostic) -> bool,
    ) -> Option<Cow<'a, [u8]>> {
        if !self.all_fixable {
            return None;
        }
        let listed = self
            .diagnostics
            .iter()
            .filter(|diagnostic| wanted(diagnostic));
        let mut edits: Vec<&Edit> = listed
            .filter_map(Diagnostic::fix)
            .flat_map(|fix| &fix.edits)
            .chain(&self.unlisted_edits)
            .collect();
        if edits.is_empty() {
            return Some(Cow::Borrowed(source));
        }
        edits.sort_by_key(|edit| (edit.span.start(), edit.span.end()));
        let mut text = Vec::with_capacity(source.len());
        let mut at = 0;
        for edit in edits {
            // Only advice can lie inside another edit, such as a name lowered in a line that is removed.
            if edit.span.start() < at {
                continue;
            }
            text.extend_from_slice(source.get(at..edit.span.start())?);
            text.extend_from_slice(edit.replacement.as_bytes());
            at = edit.span.end();
        }
        text.extend_from_slice(source.get(at..)?);
        Some(Cow::Owned(text))
    }
}
