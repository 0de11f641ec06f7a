//! Codes, sections, messages and helps, word for word, and a row for each code.

use mta_sts::{Error, ErrorKind, Lint, Policy, Section, StsRecord};
use std::collections::BTreeSet;

const TABLE: &str = include_str!("messages.txt");

/// An entry as `messages.txt` has it.
fn entry(
    code: &str,
    severity: &str,
    section: Section,
    message: &str,
    help: Option<&str>,
) -> String {
    let help = help.map_or_else(String::new, |help| format!("\n    help: {help}"));
    format!("{code}: {severity}, {section}\n    {message}{help}")
}

fn entries() -> BTreeSet<String> {
    let errors = ErrorKind::ALL.iter().map(|kind| {
        entry(
            kind.code(),
            "error",
            kind.section(),
            kind.message(),
            kind.help(),
        )
    });
    let lints = Lint::ALL.iter().map(|lint| {
        let severity = lint.severity().as_str();
        entry(
            lint.code(),
            severity,
            lint.section(),
            lint.message(),
            lint.help(),
        )
    });
    errors.chain(lints).collect()
}

#[test]
fn every_message_is_in_the_table_and_the_other_way_round() {
    let written: BTreeSet<String> = TABLE
        .trim_end()
        .split("\n\n")
        .skip(1)
        .map(Into::into)
        .collect();
    let said = entries();
    let lost: Vec<_> = written.difference(&said).collect();
    let new: Vec<_> = said.difference(&written).collect();
    assert!(
        lost.is_empty() && new.is_empty(),
        "only in the table: {lost:#?}\nonly in code: {new:#?}"
    );
    assert_eq!(said.len(), ErrorKind::ALL.len() + Lint::ALL.len());
}

#[test]
fn messages_are_one_line_in_lower_case() {
    let helps = ErrorKind::ALL.iter().filter_map(|kind| kind.help());
    let helps = helps.chain(Lint::ALL.iter().filter_map(|lint| lint.help()));
    let messages = ErrorKind::ALL.iter().map(|kind| kind.message());
    for text in messages
        .chain(Lint::ALL.iter().map(|lint| lint.message()))
        .chain(helps)
    {
        let words = [
            "HTML", "UTF-16", "CR", "TAB", "IPv4", "IP", "URL", "TXT", "ASCII",
        ];
        let first = text.split([' ', ':']).next().unwrap();
        let lower = first.starts_with(|char: char| !char.is_ascii_uppercase());
        assert!(lower || words.contains(&first), "{text}");
        assert!(
            !text.ends_with('.') && !text.contains(['\n', '\r']) && text.trim() == text,
            "{text}"
        );
    }
}

#[test]
fn codes_are_kebab_case_and_unique() {
    let lints = Lint::ALL.iter().map(|lint| lint.code());
    let codes: Vec<_> = ErrorKind::ALL
        .iter()
        .map(|kind| kind.code())
        .chain(lints)
        .collect();
    for code in &codes {
        let family = code.split('-').next().unwrap();
        assert!(
            ["domain", "record", "policy", "mx", "cache", "tlsrpt"].contains(&family),
            "{code}"
        );
        let is_kebab = |word: &str| {
            !word.is_empty()
                && word
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        };
        assert!(code.split('-').all(is_kebab), "{code}");
    }
    assert_eq!(codes.iter().collect::<BTreeSet<_>>().len(), codes.len());
}

#[test]
fn every_code_has_a_row() {
    let constructed = include_str!("constructed.rs");
    let in_code = constructed.split(|char: char| !(char.is_ascii_alphanumeric() || char == '-'));
    let words: BTreeSet<_> = super::words().chain(in_code).collect();
    let lints = Lint::ALL.iter().map(|lint| lint.code());
    let codes = ErrorKind::ALL.iter().map(|kind| kind.code()).chain(lints);
    let missing: Vec<_> = codes.filter(|code| !words.contains(code)).collect();
    assert!(missing.is_empty(), "no row for {missing:?}");
}

#[track_caller]
fn displayed(error: Error, with_place: &str, without: &str) {
    assert_eq!(error.to_string(), with_place);
    assert_eq!(format!("{error:#}"), without);
    assert_eq!(error.kind().to_string(), without);
    assert_eq!(error.section(), error.kind().section());
}

#[test]
fn errors_end_with_their_place() {
    let error = StsRecord::parse(b"v=STSv1; id=2016-08-31").unwrap_err();
    let message = "`id` holds a character that is neither a letter nor a digit";
    displayed(error, &format!("{message} at byte 12"), message);
    let error = Policy::parse(b"version: STSv1\n").unwrap_err();
    displayed(
        error,
        "the policy has no `mode` at byte 15",
        "the policy has no `mode`",
    );
}

#[test]
fn diagnostics_display_their_count() {
    let source = b"version: STSv1\nmode: none\nmax_age: 0\n\n\n\n-: x\n";
    let said: Vec<_> = Policy::inspect(source)
        .diagnostics()
        .iter()
        .map(ToString::to_string)
        .collect();
    let name = "a field name is not a letter or digit followed by letters, digits, `_`, `-` or `.`";
    assert_eq!(
        said,
        [
            "mode `none` asks senders to ignore the policy",
            "a blank line (3 times)",
            name
        ]
    );
}

#[test]
fn sections_have_addresses() {
    let section = ErrorKind::DomainCharacter.section();
    assert_eq!(
        (section.as_str(), section.url()),
        (
            "RFC 5321 §4.1.2",
            "https://www.rfc-editor.org/rfc/rfc5321#section-4.1.2"
        )
    );
}
