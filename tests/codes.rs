//! The table of codes in the documentation, compared with the code.

use mta_sts::{ErrorKind, Lint, Section};

const TABLES: &str = include_str!("../src/codes.md");

fn row(code: &str, severity: &str, section: Section, message: &str) -> String {
    format!(
        "| `{code}` | {severity} | [{section}]({}) | {message} |",
        section.url()
    )
}

/// The rows of a family in the order of the enums, errors first.
fn rows(family: &str) -> Vec<String> {
    let errors = ErrorKind::ALL
        .iter()
        .map(|kind| (kind.code(), "error", kind.section(), kind.message()));
    let lints = Lint::ALL.iter().map(|lint| {
        (
            lint.code(),
            lint.severity().as_str(),
            lint.section(),
            lint.message(),
        )
    });
    errors
        .chain(lints)
        .filter(|(code, ..)| code.split('-').next() == Some(family))
        .map(|(code, severity, section, message)| row(code, severity, section, message))
        .collect()
}

/// The rows of the table under the heading.
fn table(heading: &str) -> Vec<&'static str> {
    let (_, behind) = TABLES
        .split_once(&format!("\n## {heading}\n"))
        .expect(heading);
    let lines = behind.lines().take_while(|line| !line.starts_with('#'));
    let mut rows: Vec<_> = lines.filter(|line| line.starts_with('|')).collect();
    let head: Vec<_> = rows.drain(..2).collect();
    assert_eq!(
        head,
        [
            "| code | severity | section | message |",
            "|---|---|---|---|"
        ]
    );
    rows
}

#[track_caller]
fn compare(heading: &str, family: &str) -> usize {
    let (documented, existing) = (table(heading), rows(family));
    assert_eq!(
        documented,
        existing,
        "the table should be\n{}",
        existing.join("\n")
    );
    existing.len()
}

#[test]
fn the_tables_have_every_code_and_no_other() {
    let compared = compare("Records", "record")
        + compare("Policies", "policy")
        + compare("Patterns of MX hosts", "mx")
        + compare("Domains", "domain")
        + compare("TLS reporting records", "tlsrpt");
    assert_eq!(compared, ErrorKind::ALL.len() + Lint::ALL.len());
    let listed = TABLES
        .lines()
        .filter(|line| line.starts_with("| `"))
        .count();
    assert_eq!(listed, compared);
}
