//! What a checker shows: every finding in a text, with its place, its remedy and its correction.

mod inspection;
mod lint;
mod sink;

pub use inspection::{AcceptedBy, Inspection};
pub use lint::Lint;
pub(crate) use sink::{Collector, FirstError, Sink};

use crate::error::{ErrorKind, Section, display_as_str};
use crate::span::Span;
use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::fmt;

/// How much a finding matters.
///
/// Exhaustive: there is nothing between and beyond these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(
    clippy::exhaustive_enums,
    reason = "a fourth would be a new meaning for callers"
)]
pub enum Severity {
    /// Worth a word; nothing need change.
    Note,
    /// Accepted, but wrong or unwise.
    Warning,
    /// Refused under the options in force.
    Error,
}

impl Severity {
    /// `note`, `warning` or `error`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

display_as_str!(Severity);

/// One replacement in a source text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Edit {
    span: Span,
    replacement: Cow<'static, str>,
}

impl Edit {
    /// The bytes to replace; empty to insert.
    #[must_use]
    pub const fn span(&self) -> Span {
        self.span
    }

    /// What to put there; empty to delete.
    #[must_use]
    pub fn replacement(&self) -> &str {
        &self.replacement
    }
}

/// A correction that a machine may apply: the right text is certain.
///
/// Invariant: the edits are in the order of their places and do not overlap, neither with each other nor with
/// those of another error's fix.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Fix {
    edits: Vec<Edit>,
}

impl Fix {
    pub(crate) fn replace(span: Span, replacement: impl Into<Cow<'static, str>>) -> Self {
        let replacement = replacement.into();
        Self {
            edits: alloc::vec![Edit { span, replacement }],
        }
    }

    pub(crate) fn delete(span: Span) -> Self {
        Self::replace(span, "")
    }

    /// The same fix with one more edit, behind the others.
    pub(crate) fn and(mut self, other: Self) -> Self {
        for edit in other.edits {
            self.push(edit);
        }
        self
    }

    fn push(&mut self, edit: Edit) {
        match self.edits.last_mut() {
            // A thousand deleted lines in a row are one deletion.
            Some(last)
                if last.replacement.is_empty()
                    && edit.replacement.is_empty()
                    && last.span.end() == edit.span.start() =>
            {
                last.span = Span::new(last.span.start(), edit.span.end());
            }
            _ => self.edits.push(edit),
        }
    }

    /// The replacements, in the order of their places.
    #[must_use]
    pub fn edits(&self) -> &[Edit] {
        &self.edits
    }
}

/// What a diagnostic is about: something refused or refusable, or something unwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Finding {
    Error(ErrorKind),
    Lint(Lint),
}

/// One finding in a text.
///
/// Owned, without any of the input in it. `Display` is one line in lower case without the place.
///
/// # Examples
///
/// ```
/// use mta_sts::{Policy, Severity};
///
/// let source = b"version: STSv1\nmode: testing\nmx: mail.example.net.\nmax_age: 1209600\n";
/// let inspection = Policy::inspect(source);
/// let dot = inspection.errors().next().unwrap();
/// assert_eq!((dot.severity(), dot.code()), (Severity::Error, "mx-trailing-dot"));
/// assert_eq!(dot.span().slice(source), Some(&b"mail.example.net."[..]));
/// assert_eq!(dot.help(), Some("remove the final dot"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Diagnostic {
    finding: Finding,
    severity: Severity,
    span: Span,
    /// Where the last finding of the run ends.
    run_end: usize,
    count: usize,
    help: Option<&'static str>,
    fix: Option<Fix>,
}

impl Diagnostic {
    const fn new(finding: Finding, severity: Severity, span: Span) -> Self {
        Self {
            finding,
            severity,
            span,
            run_end: span.end(),
            count: 1,
            help: None,
            fix: None,
        }
    }

    pub(crate) fn set_help(&mut self, help: &'static str) {
        self.help = Some(help);
    }

    pub(crate) fn set_fix(&mut self, fix: Fix) {
        self.fix = Some(fix);
    }

    pub(crate) fn clear_fix(&mut self) {
        self.fix = None;
    }

    /// How much it matters. A finding with an [`error_kind`](Self::error_kind) is a warning where the
    /// [`ParseOptions`](crate::ParseOptions) tolerate it.
    #[must_use]
    pub const fn severity(&self) -> Severity {
        self.severity
    }

    /// The stable code, kebab-case, such as `mx-trailing-dot`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self.finding {
            Finding::Error(kind) => kind.code(),
            Finding::Lint(lint) => lint.code(),
        }
    }

    /// Where: the whole offending value; empty and at the end for something missing. For a run of
    /// the same finding, the first of them.
    #[must_use]
    pub const fn span(&self) -> Span {
        self.span
    }

    /// The section of the RFC that it rests on.
    #[must_use]
    pub const fn section(&self) -> Section {
        match self.finding {
            Finding::Error(kind) => kind.section(),
            Finding::Lint(lint) => lint.section(),
        }
    }

    /// What is the matter, without the count that [`Display`](fmt::Display) adds to a run.
    #[must_use]
    pub const fn message(&self) -> &'static str {
        match self.finding {
            Finding::Error(kind) => kind.message(),
            Finding::Lint(lint) => lint.message(),
        }
    }

    /// The remedy in a few words; `None` where the message says it all.
    #[must_use]
    pub const fn help(&self) -> Option<&'static str> {
        match (self.help, self.finding) {
            (Some(help), _) => Some(help),
            (None, Finding::Error(kind)) => kind.help(),
            (None, Finding::Lint(lint)) => lint.help(),
        }
    }

    /// How many times the finding stands there in a row, nothing but white space between; 1 for a single one. For
    /// `policy-more-findings` and its like: how many are not listed.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.count
    }

    /// The correction, where the right text is certain. That of an error makes the text valid; that of
    /// a warning or note is advice. For a run it corrects all of it.
    #[must_use]
    pub const fn fix(&self) -> Option<&Fix> {
        self.fix.as_ref()
    }

    /// The kind of error that strict parsing gives for this, if it is one.
    #[must_use]
    pub const fn error_kind(&self) -> Option<ErrorKind> {
        match self.finding {
            Finding::Error(kind) => Some(kind),
            Finding::Lint(_) => None,
        }
    }

    /// The lint, if strict parsing accepts this.
    #[must_use]
    pub const fn lint(&self) -> Option<Lint> {
        match self.finding {
            Finding::Error(_) => None,
            Finding::Lint(lint) => Some(lint),
        }
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())?;
        match self.count {
            1 => Ok(()),
            count => write!(f, " ({count} times)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_deletions_side_by_side_are_one_edit() {
        let at = Span::new;
        let fix = Fix::delete(at(0, 1))
            .and(Fix::delete(at(1, 3)))
            .and(Fix::delete(at(4, 5)))
            .and(Fix::replace(at(5, 6), "a"))
            .and(Fix::delete(at(6, 7)))
            .and(Fix::replace(at(7, 8), "b"))
            .and(Fix::replace(at(8, 9), "c"));
        let edits = fix.edits().iter();
        let edits: Vec<_> = edits
            .map(|edit| (edit.span().range(), edit.replacement()))
            .collect();
        let expected = [
            (0..3, ""),
            (4..5, ""),
            (5..6, "a"),
            (6..7, ""),
            (7..8, "b"),
            (8..9, "c"),
        ];
        assert_eq!(edits, expected);
    }
}
