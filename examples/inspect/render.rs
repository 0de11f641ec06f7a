//! The findings for people.

use crate::excerpt::{Excerpt, Suggestion};
use crate::subject::Subject;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet, normalize_untrusted_str};
use mta_sts::{Diagnostic, Fix, LineIndex, Severity};
use std::cmp::Reverse;

/// With colours; the stream leaves them out where they are not wanted.
const RENDERER: Renderer = Renderer::styled();

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

/// One finding: what, where, the remedy, the section of the RFC, and the change that helps.
fn finding(name: &str, source: &[u8], lines: &LineIndex<'_>, diagnostic: &Diagnostic) -> String {
    let excerpt = Excerpt::new(source, lines, diagnostic.span());
    let mark = AnnotationKind::Primary.span(excerpt.mark.clone());
    let snippet = Snippet::source(&excerpt.text)
        .line_start(excerpt.first_line)
        .path(name)
        .annotation(AnnotationKind::Visible.span(0..0))
        .annotation(mark.label(excerpt.hidden.as_deref()));
    let mut group = level(diagnostic.severity())
        .primary_title(diagnostic.to_string())
        .id(diagnostic.code())
        .element(snippet);

    let fix = diagnostic.fix();
    let suggestion = fix.and_then(|fix| Suggestion::new(source, lines, fix));
    let usual = fix.map(|fix| usual_help(fix, suggestion.is_some()));
    let help = diagnostic.help().or(usual);
    // The remedy is the title of the change if one is shown.
    if suggestion.is_none() {
        group = group.elements(help.map(|help| Level::HELP.message(help)));
    }
    let section = diagnostic.section();
    let section = Level::NOTE.message(format!("{section}, {}", section.url()));
    let mut report = vec![group.element(section)];
    report.extend(suggestion.map(|suggestion| {
        let snippet = Snippet::source(suggestion.text)
            .line_start(suggestion.first_line)
            .patches(suggestion.patches);
        Level::HELP
            .secondary_title(help.unwrap_or_default())
            .element(snippet)
    }));

    // The renderer counts columns from the front of the excerpt.
    let line = excerpt.place.line;
    let [counted, meant] =
        [excerpt.column(), excerpt.place.column].map(|column| format!("{name}:{line}:{column}"));
    RENDERER.render(&report).replacen(&counted, &meant, 1)
}

/// The remedy where the message says it all, but for what to do.
fn usual_help(fix: &Fix, is_shown: bool) -> &'static str {
    let mut edits = fix.edits().iter();
    if edits.all(|edit| edit.replacement().is_empty()) {
        "remove it"
    } else if is_shown {
        "write it like this"
    } else {
        "`--fix` writes the corrected text"
    }
}

const fn level(severity: Severity) -> Level<'static> {
    match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    }
}

/// One line in the style of a finding's title. Control characters in `text` are made visible.
pub(crate) fn headline(level: Level<'_>, text: String) -> String {
    RENDERER.render(&[Group::with_title(level.primary_title(text))])
}
