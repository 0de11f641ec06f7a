//! Codes, severities, sections, messages and helps of audits, word for word.

use mta_sts::AuditCode;
use std::collections::BTreeSet;

const TABLE: &str = include_str!("messages.txt");

fn entry(code: AuditCode) -> String {
    let help = code
        .help()
        .map_or_else(String::new, |help| format!("\n    help: {help}"));
    let (name, severity, section) = (code.code(), code.severity(), code.section());
    format!(
        "{name}: {severity}, {section}\n    {}{help}",
        code.message()
    )
}

#[test]
fn every_message_is_in_the_table() {
    let said: Vec<_> = AuditCode::ALL.iter().copied().map(entry).collect();
    let said = said.join("\n\n") + "\n";
    assert!(TABLE == said, "the table should be\n{said}");
}

#[test]
fn messages_are_one_line_in_lower_case() {
    for code in AuditCode::ALL {
        for text in [Some(code.message()), code.help()].into_iter().flatten() {
            let words = ["MTA-STS", "TLS", "MX"];
            let first = text.split(' ').next().unwrap();
            let is_lower = first.starts_with(|char: char| !char.is_ascii_uppercase());
            assert!(is_lower || words.contains(&first), "{text}");
            assert!(
                !text.ends_with('.') && !text.contains('\n') && text.trim() == text,
                "{text}"
            );
        }
    }
}

#[test]
fn codes_are_of_the_family_and_unique() {
    let codes: BTreeSet<_> = AuditCode::ALL.iter().map(|code| code.code()).collect();
    assert_eq!(codes.len(), AuditCode::ALL.len());
    for code in codes {
        let is_kebab =
            |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase());
        assert!(
            code.starts_with("audit-") && code.split('-').all(is_kebab),
            "{code}"
        );
    }
}
