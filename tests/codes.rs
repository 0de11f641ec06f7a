//! The table of codes in the documentation, compared with the code.

use mta_sts::{
    AuditCode, DnsError, ErrorKind, FetchError, Lint, Reason, ResultType, Section, TlsFailure,
};

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
fn table(heading: &str, head: &str) -> Vec<&'static str> {
    let (_, behind) = TABLES
        .split_once(&format!("\n## {heading}\n"))
        .expect(heading);
    let lines = behind.lines().take_while(|line| !line.starts_with('#'));
    let mut rows: Vec<_> = lines.filter(|line| line.starts_with('|')).collect();
    let line = format!("|{}", "---|".repeat(head.matches('|').count() - 1));
    assert_eq!(rows.drain(..2).collect::<Vec<_>>(), [head, &line]);
    rows
}

/// The tables of what is reported.
fn failures() -> usize {
    let section = |section: Section| format!("[{section}]({})", section.url());
    let types = ResultType::ALL.iter().map(|it| {
        let (code, section, message) = (it.code(), section(it.section()), it.message());
        format!("| `{code}` | {section} | {message} |")
    });
    let tls = TlsFailure::ALL.iter().map(|it| {
        let (code, section, message) = (it.code(), section(it.section()), it.message());
        let at_mx = Reason::Tls(*it).result_type().code();
        let at_policy_host = Reason::Fetch(FetchError::Tls(*it)).result_type().code();
        format!("| `{code}` | `{at_mx}` | `{at_policy_host}` | {section} | {message} |")
    });
    let others = OTHER_REASONS.iter().map(|reason| {
        let (code, result_type) = (reason.code(), reason.result_type().code());
        format!("| `{code}` | `{result_type}` | {reason} |")
    });
    let audits = AuditCode::ALL.iter().map(|it| {
        let (code, section, message) = (it.code(), section(it.section()), it.message());
        format!("| `{code}` | {} | {section} | {message} |", it.severity())
    });
    same(
        "Audits",
        "| code | severity | section | message |",
        &audits.collect::<Vec<_>>(),
    ) + same(
        "Result types",
        "| result type | section | message |",
        &types.collect::<Vec<_>>(),
    ) + same(
        "Reasons: TLS",
        "| code | of an MX host | of the Policy Host | section | message |",
        &tls.collect::<Vec<_>>(),
    ) + same(
        "Other reasons",
        "| code | result type | message |",
        &others.collect::<Vec<_>>(),
    )
}

/// Every reason but those with the code of an error or of a TLS failure.
const OTHER_REASONS: &[Reason] = &[
    Reason::RecordAbsent,
    Reason::RecordUnanswered(DnsError::ServerFailure),
    Reason::RecordUnanswered(DnsError::Bogus),
    Reason::RecordUnanswered(DnsError::Timeout),
    Reason::RecordUnanswered(DnsError::Other),
    Reason::Fetch(FetchError::Dns(DnsError::NoSuchDomain)),
    Reason::Fetch(FetchError::Dns(DnsError::NoData)),
    Reason::Fetch(FetchError::Dns(DnsError::ServerFailure)),
    Reason::Fetch(FetchError::Dns(DnsError::Bogus)),
    Reason::Fetch(FetchError::Dns(DnsError::Timeout)),
    Reason::Fetch(FetchError::Dns(DnsError::Other)),
    Reason::Fetch(FetchError::Connect),
    Reason::Fetch(FetchError::Timeout),
    Reason::Fetch(FetchError::Truncated),
    Reason::Fetch(FetchError::TooLarge),
    Reason::Fetch(FetchError::Refused),
    Reason::Fetch(FetchError::Other),
    Reason::Redirect,
    Reason::Status(404),
    Reason::MediaType,
    Reason::MxMismatch,
    Reason::StarttlsNotOffered,
    Reason::StarttlsRefused(454),
    Reason::NotChecked,
    Reason::DaneUnusable,
    Reason::DaneLookupFailed,
    Reason::NotAuthenticated,
];

/// The tables of reports; without the feature only counted.
fn reports() -> usize {
    const HEADINGS: [&str; 3] = ["errors", "deviations", "writing"];
    const HEAD: &str = "| code | section | message |";
    let heading = |number: usize| format!("TLS reports: {}", HEADINGS[number]);
    #[cfg(not(feature = "tlsrpt"))]
    let compared = [0, 1, 2].map(|number| table(&heading(number), HEAD).len());
    #[cfg(feature = "tlsrpt")]
    let compared = {
        use mta_sts::{DeviationKind, ReportErrorKind, WriteErrorKind};
        let row = |code, section: Section, message| {
            format!("| `{code}` | [{section}]({}) | {message} |", section.url())
        };
        let errors = ReportErrorKind::ALL.iter();
        let errors = errors.map(|it| row(it.code(), it.section(), it.message()));
        let deviations = DeviationKind::ALL.iter();
        let deviations = deviations.map(|it| row(it.code(), it.section(), it.message()));
        let writing = WriteErrorKind::ALL.iter();
        let writing = writing.map(|it| row(it.code(), it.section(), it.message()));
        [
            same(&heading(0), HEAD, &errors.collect::<Vec<_>>()),
            same(&heading(1), HEAD, &deviations.collect::<Vec<_>>()),
            same(&heading(2), HEAD, &writing.collect::<Vec<_>>()),
        ]
    };
    compared.iter().sum()
}

#[track_caller]
fn same(heading: &str, head: &str, existing: &[String]) -> usize {
    let documented = table(heading, head);
    assert_eq!(
        documented,
        existing,
        "the table should be\n{}",
        existing.join("\n")
    );
    existing.len()
}

#[track_caller]
fn compare(heading: &str, family: &str) -> usize {
    same(
        heading,
        "| code | severity | section | message |",
        &rows(family),
    )
}

#[test]
fn the_tables_have_every_code_and_no_other() {
    let compared = compare("Records", "record")
        + compare("Policies", "policy")
        + compare("Patterns of MX hosts", "mx")
        + compare("Domains", "domain")
        + compare("Stored entries", "cache")
        + compare("TLS reporting records", "tlsrpt");
    assert_eq!(compared, ErrorKind::ALL.len() + Lint::ALL.len());
    let compared = compared + reports() + failures();
    let listed = TABLES
        .lines()
        .filter(|line| line.starts_with("| `"))
        .count();
    assert_eq!(listed, compared);
}
