//! One finding in a text as people read it: shared with the example `audit`.

use crate::excerpt::{Excerpt, Suggestion};
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use mta_sts::{Diagnostic, Fix, LineIndex, Severity};

/// With colours; the stream leaves them out where they are not wanted.
pub(crate) const RENDERER: Renderer = Renderer::styled();

/// One finding: what, where, the remedy, the section of the RFC, and the change that helps.
pub(crate) fn finding(
    name: &str,
    source: &[u8],
    lines: &LineIndex<'_>,
    diagnostic: &Diagnostic,
) -> String {
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
        "`inspect --fix` writes the corrected text"
    }
}

pub(crate) const fn level(severity: Severity) -> Level<'static> {
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
