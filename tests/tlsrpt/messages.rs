//! Codes, sections, messages and helps, word for word.

use mta_sts::{DeviationKind, ReportErrorKind, Section, WriteErrorKind};
use std::collections::BTreeSet;

const TABLE: &str = include_str!("messages.txt");

type Entry = (&'static str, Section, &'static str, Option<&'static str>);

fn entries() -> Vec<Entry> {
    let errors = ReportErrorKind::ALL.iter();
    let errors = errors.map(|it| (it.code(), it.section(), it.message(), it.help()));
    let deviations = DeviationKind::ALL.iter();
    let deviations = deviations.map(|it| (it.code(), it.section(), it.message(), it.help()));
    let writing = WriteErrorKind::ALL.iter();
    let writing = writing.map(|it| (it.code(), it.section(), it.message(), it.help()));
    errors.chain(deviations).chain(writing).collect()
}

#[test]
fn messages_are_those_of_the_table() {
    let written: Vec<_> = TABLE.trim_end().split("\n\n").skip(1).collect();
    let entries = entries().into_iter();
    let said: Vec<_> = entries
        .map(|(code, section, message, help)| {
            let help = help.map_or_else(String::new, |help| format!("\n    help: {help}"));
            format!("{code}: {section}\n    {message}{help}")
        })
        .collect();
    assert_eq!(said, written);
}

#[test]
fn codes_and_messages_have_the_usual_form() {
    let families = [
        "tlsrpt-json-",
        "tlsrpt-report-",
        "tlsrpt-gzip-",
        "tlsrpt-write-",
    ];
    let mut codes = BTreeSet::new();
    for (code, _, message, help) in entries() {
        assert!(families.iter().any(|it| code.starts_with(it)), "{code}");
        let is_kebab = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        assert!(
            code.split('-')
                .all(|word| !word.is_empty() && word.bytes().all(is_kebab))
        );
        assert!(codes.insert(code), "{code}");
        for text in [message].into_iter().chain(help) {
            assert!(
                !text.starts_with(|char: char| char.is_ascii_uppercase()),
                "{text}"
            );
            assert!(
                !text.ends_with('.') && !text.contains('\n') && text.trim() == text,
                "{text}"
            );
        }
    }
}
