//! The findings for people.

use crate::snippet::{finding, headline};
use crate::subject::Subject;
use annotate_snippets::{Level, normalize_untrusted_str};
use mta_sts::LineIndex;
use std::cmp::Reverse;

/// How many findings of a text are shown. Whoever has more chose the wrong file, or made one mistake throughout.
const SHOWN: usize = 20;

/// All that was found in a text, with an empty line behind each finding.
pub(crate) fn findings(subject: &Subject) -> String {
    let lines = LineIndex::new(&subject.text);
    let name = normalize_untrusted_str(&subject.name);
    let mut out = String::new();

    // In the order of their places; but where not all are shown, errors are.
    let mut shown: Vec<_> = subject.diagnostics().iter().enumerate().collect();
    shown.sort_by_key(|(_, diagnostic)| Reverse(diagnostic.severity()));
    shown.truncate(SHOWN);
    shown.sort_by_key(|(number, _)| *number);
    for (_, diagnostic) in &shown {
        out += &finding(&name, &subject.text, &lines, diagnostic);
        out += "\n\n";
    }

    let shown: usize = shown.iter().map(|(_, diagnostic)| diagnostic.count()).sum();
    let total: usize = subject.totals().iter().sum();
    if shown < total {
        let more = format!(
            "{} findings more in {name}; `--json` lists more of them",
            total - shown
        );
        out += &headline(Level::NOTE, more);
        out += "\n\n";
    }
    out
}
