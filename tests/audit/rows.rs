//! Every row of `rows.txt`: what is found, what senders see, what is not checked.

use super::facts::Facts;
use mta_sts::{Action, Audit, AuditCode, Finding, HostView, Severity, audit};
use std::collections::BTreeSet;

const ROWS: &str = include_str!("rows.txt");

struct Row<'a> {
    name: String,
    input: Vec<&'a str>,
    expected: Vec<&'a str>,
}

fn rows() -> Vec<Row<'static>> {
    let mut rows: Vec<Row<'_>> = Vec::new();
    for (number, line) in ROWS.lines().enumerate() {
        if let Some(title) = line.strip_prefix("# ") {
            rows.push(Row {
                name: format!("rows.txt:{}: {title}", number + 1),
                input: Vec::new(),
                expected: Vec::new(),
            });
        } else if let (Some(row), false) = (rows.last_mut(), line.is_empty()) {
            match line.strip_prefix("| ") {
                Some(fact) => row.input.push(fact),
                None => row.expected.push(line),
            }
        }
    }
    rows
}

/// Everything that an audit says, as the rows have it.
fn said(audit: &Audit) -> Vec<String> {
    let mut said: Vec<_> = audit.findings().iter().map(finding).collect();
    for severity in [Severity::Note, Severity::Warning, Severity::Error] {
        let findings = audit.findings().iter();
        let of_severity = findings.filter(|finding| finding.severity() == severity);
        assert_eq!(audit.total(severity), of_severity.count());
    }
    let (strict, lenient) = (audit.strict().to_string(), audit.lenient().to_string());
    if strict == lenient {
        said.push(format!("sees {strict}"));
    } else {
        said.push(format!("strict sees {strict}"));
        said.push(format!("lenient sees {lenient}"));
    }
    for (strict, lenient) in audit.strict().hosts().iter().zip(audit.lenient().hosts()) {
        match (fate(strict), fate(lenient)) {
            (strict, lenient) if strict == "used" && lenient == "used" => {}
            (fate, lenient) if fate == lenient => said.push(format!("{}: {fate}", strict.name())),
            (fate, lenient) => said.push(format!("{}: {fate}; lenient: {lenient}", strict.name())),
        }
    }
    let not_checked: Vec<_> = audit
        .not_checked()
        .iter()
        .map(ToString::to_string)
        .collect();
    if !not_checked.is_empty() {
        said.push(format!("not checked: {}", not_checked.join("; ")));
    }
    said
}

fn finding(finding: &Finding) -> String {
    let (severity, code, part) = (finding.severity(), finding.code(), finding.part());
    let place = finding
        .span()
        .map(|span| format!(" {}..{}", span.start(), span.end()));
    let place = place.unwrap_or_default();
    let usual = AuditCode::ALL
        .iter()
        .find(|it| it.code() == code)
        .map(|it| it.help());
    let help = match usual {
        Some(usual) if usual != finding.help() => format!("; help: {}", finding.help().unwrap()),
        _ => String::new(),
    };
    let what = finding.diagnostic().map(ToString::to_string);
    let what = what.unwrap_or_else(|| finding.message().to_owned());
    assert!(what.starts_with(finding.message()));
    let subject = finding.subject().map(|it| format!(": {it}"));
    let reason = finding.reason().map(|it| format!(" ({it})"));
    let [subject, reason] = [subject, reason].map(Option::unwrap_or_default);
    assert_eq!(finding.to_string(), format!("{what}{subject}{reason}"));
    assert!(finding.diagnostic().is_none_or(|it| it.code() == code));
    assert_eq!(finding.diagnostic().is_some(), finding.span().is_some());
    format!("{severity} {code} [{part}{place}] {finding}{help}")
}

fn fate(host: &HostView) -> String {
    let code = host.failure().map(|failure| failure.code());
    match (host.action(), code) {
        (Some(Action::Deliver), None) => "used".into(),
        (Some(Action::Deliver), Some(code)) => format!("used, reported as {code}"),
        (Some(Action::Skip), code) => format!("refused, {}", code.unwrap()),
        (None, _) => "open".into(),
    }
}

#[test]
fn every_row_is_said_word_for_word() {
    let mut wrong = Vec::new();
    let rows = rows();
    assert!(rows.len() > 100, "{}", rows.len());
    for row in rows {
        let facts = Facts::new(row.input.iter().copied());
        let is_public_suffix = |name: &str| facts.is_public_suffix(name);
        let audit = audit(&facts.deployment(), &facts.options(&is_public_suffix));
        let said = said(&audit);
        if said != row.expected {
            wrong.push(format!("{}\n{}\n", row.name, said.join("\n")));
        }
    }
    assert!(wrong.is_empty(), "it is said:\n{}", wrong.join("\n"));
}

/// The codes of the findings that are expected.
fn expected_codes() -> BTreeSet<(&'static str, &'static str)> {
    let rows = rows();
    let lines = rows.iter().flat_map(|row| row.expected.iter().copied());
    let words = lines.filter_map(|line| {
        let mut words = line.split(' ');
        words.next().zip(words.next())
    });
    words.map(|(severity, code)| (code, severity)).collect()
}

#[test]
fn every_code_is_reached() {
    let expected = expected_codes();
    let is_reached = |code: &AuditCode| {
        let wanted = (code.code(), code.severity().as_str());
        expected.contains(&wanted)
    };
    let missing: Vec<_> = AuditCode::ALL
        .iter()
        .filter(|code| !is_reached(code))
        .collect();
    assert!(
        missing.is_empty(),
        "no row for {missing:?} with its own severity"
    );
}

#[test]
fn every_part_that_can_be_unchecked_is() {
    let wanted = "the record; whether the record was put at another name; the policy; the MX hosts against the policy; \
                  TLS with all MX hosts; the TLS reporting record; changes since an earlier time; \
                  whether all policies served before have expired; whether a wildcard stands over a public suffix";
    let rows = rows();
    let lines = rows.iter().flat_map(|row| row.expected.iter());
    let unchecked = lines.filter_map(|line| line.strip_prefix("not checked: "));
    let unchecked: BTreeSet<_> = unchecked.flat_map(|line| line.split("; ")).collect();
    assert_eq!(unchecked, wanted.split("; ").collect());
}
