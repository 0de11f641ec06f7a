//! The rows of `tests/vectors/*.txt`, each with its origin: what is said about them, word for word.

mod constructed;
mod format;
#[path = "../properties/laws.rs"]
mod laws;
mod many;
mod messages;

use format::{Row, blocks, changes, escape, table, unescape};
use mta_sts::{
    CacheEntry, Diagnostic, Domain, Error, Inspection, MxPattern, ParseOptions, Policy,
    PolicyDomain, ReportUri, SelectError, StsRecord, TlsRptRecord, Tolerance, TxtAnswer,
};
use std::borrow::Cow;
use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};

macro_rules! files {
    ($($name:literal),*) => {
        [$(($name, include_str!(concat!($name, ".txt")))),*]
    };
}

const RECORDS: [(&str, &str); 1] = files!["records"];
const ANSWERS: [(&str, &str); 1] = files!["answers"];
const POLICIES: [(&str, &str); 4] = files![
    "policies-files",
    "policies-lines",
    "policies-values",
    "policies-advice"
];
const PATTERNS: [(&str, &str); 1] = files!["patterns"];
const MATCHES: [(&str, &str); 1] = files!["matches"];
const DOMAINS: [(&str, &str); 1] = files!["domains"];
const ENTRIES: [(&str, &str); 1] = files!["entries"];
const TLS_RPT_RECORDS: [(&str, &str); 1] = files!["tls-rpt-records"];
const TLS_RPT_ANSWERS: [(&str, &str); 1] = files!["tls-rpt-answers"];
const REPORT_URIS: [(&str, &str); 1] = files!["report-uris"];

/// Rows that say so need the conversion of U-labels.
fn applies(name: &str) -> bool {
    cfg!(feature = "idna") || !name.contains("[idna]")
}

/// Compares every row of the files with what `said` says about it, and tells all that differ.
#[track_caller]
fn check_blocks(files: &[(&str, &str)], said: impl Fn(&Row) -> String) {
    let mut wrong = String::new();
    for row in files.iter().flat_map(|(file, text)| blocks(file, text)) {
        if !applies(&row.name) {
            continue;
        }
        // What a panic has to say is shown above the list.
        let said = catch_unwind(AssertUnwindSafe(|| said(&row))).unwrap_or("a panic\n".into());
        if said != row.expected {
            let Row { name, expected, .. } = row;
            writeln!(wrong, "{name}\n--- expected\n{expected}--- said\n{said}").unwrap();
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// The same for tables: `said` gives the cells between the input and the origin.
#[track_caller]
fn check_tables<const N: usize>(files: &[(&str, &str)], said: impl Fn([&str; N]) -> Vec<String>) {
    let mut wrong = String::new();
    for (name, cells) in files.iter().flat_map(|(file, text)| table(file, text)) {
        let input = std::array::from_fn(|number| cells[number].as_str());
        let expected = &cells[N..cells.len() - 1];
        if applies(&name) && said(input) != expected {
            writeln!(wrong, "{name}\n    said: {}", said(input).join(" | ")).unwrap();
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

fn place(error: &Error) -> String {
    format!("{} {:?}", error.code(), error.span().range())
}

fn verdict<T>(read: Result<T, Error>, show: impl Fn(&T) -> String) -> String {
    read.map_or_else(|error| place(&error), |value| show(&value))
}

fn show_extensions<'a>(fields: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let show = |text: &str| escape(text.as_bytes());
    fields.fold(String::new(), |shown, (name, value)| {
        shown + " + " + &show(name) + ": " + &show(value)
    })
}

fn show_record(record: &StsRecord) -> String {
    let fields = record
        .extensions()
        .iter()
        .map(|field| (field.name(), field.value()));
    format!("{}{}", record.id(), show_extensions(fields))
}

fn show_tls_rpt_record(record: &TlsRptRecord) -> String {
    let fields = record
        .extensions()
        .iter()
        .map(|field| (field.name(), field.value()));
    let uris: Vec<_> = record.rua().iter().map(ReportUri::as_str).collect();
    format!("{}{}", uris.join(" "), show_extensions(fields))
}

fn show_policy(policy: &Policy) -> String {
    let mut shown = format!("{} {}", policy.mode(), policy.max_age());
    for pattern in policy.mx() {
        write!(shown, " {}", escape(pattern.as_str().as_bytes())).unwrap();
    }
    shown
        + &show_extensions(
            policy
                .extensions()
                .map(|field| (field.name(), field.value())),
        )
}

/// `error policy-mode 21..23 on`, and the help where it is not that of the code.
fn show_finding(finding: &Diagnostic, source: &[u8]) -> String {
    let mut shown = format!(
        "{} {} {:?}",
        finding.severity(),
        finding.code(),
        finding.span().range()
    );
    if finding.count() > 1 {
        write!(shown, " x{}", finding.count()).unwrap();
    }
    let part = escape(finding.span().slice(source).expect("a span of the source"));
    let cut: String = part.chars().take(60).collect();
    let dots = if cut.len() < part.len() { "…" } else { "" };
    writeln!(shown, " {cut}{dots}").unwrap();
    let usual = finding.error_kind().map_or_else(
        || finding.lint().and_then(mta_sts::Lint::help),
        mta_sts::ErrorKind::help,
    );
    if finding.help() != usual {
        writeln!(shown, "  help: {}", finding.help().unwrap_or_default()).unwrap();
    }
    shown.replace(" \n", "\n")
}

fn show_findings<T>(inspection: &Inspection<T>, source: &[u8]) -> String {
    let findings = inspection.diagnostics().iter();
    findings
        .map(|finding| show_finding(finding, source))
        .collect()
}

/// The source with the edits of all errors, as a checker would apply them.
fn applied<T>(inspection: &Inspection<T>, source: &[u8]) -> Vec<u8> {
    let mut text = source.to_vec();
    let errors = inspection.diagnostics().iter().rev();
    for fix in errors
        .filter(|finding| finding.error_kind().is_some())
        .map(|finding| finding.fix().expect("fixable, as all are"))
    {
        for pair in fix.edits().windows(2) {
            let is_one = pair.iter().all(|edit| edit.replacement().is_empty())
                && pair[0].span().end() == pair[1].span().start();
            assert!(!is_one, "two deletions that are one: {pair:?}");
        }
        for edit in fix.edits().iter().rev() {
            text.splice(edit.span().range(), edit.replacement().bytes());
        }
    }
    text
}

/// `fixed`: without the errors; `advice`: with the advice too. `show` shows a corrected text.
fn show_corrections<T>(
    inspection: &Inspection<T>,
    source: &[u8],
    show: impl Fn(&[u8]) -> String,
) -> String {
    let Some(fixed) = inspection.fixed(source) else {
        return "fixed: none\n".into();
    };
    assert_eq!(applied(inspection, source), *fixed);
    let mut shown = String::new();
    if let Cow::Owned(fixed) = &fixed {
        writeln!(shown, "fixed:{}", show(fixed)).unwrap();
    }
    let advised = inspection
        .fixed_with_advice(source)
        .expect("as fixable as without advice");
    if advised != fixed {
        writeln!(shown, "advice:{}", show(&advised)).unwrap();
    }
    shown
}

#[test]
fn records() {
    check_blocks(&RECORDS, |row| {
        let source = unescape(&row.input[0]);
        laws::record(&source);
        let strict = verdict(StsRecord::parse(&source), show_record);
        said_of_record(&strict, &StsRecord::inspect(&source), &source)
    });
}

#[test]
fn tls_rpt_records() {
    check_blocks(&TLS_RPT_RECORDS, |row| {
        let source = unescape(&row.input[0]);
        laws::tls_rpt_record(&source);
        let strict = verdict(TlsRptRecord::parse(&source), show_tls_rpt_record);
        said_of_record(&strict, &TlsRptRecord::inspect(&source), &source)
    });
}

fn said_of_record<R>(strict: &str, inspection: &Inspection<R>, source: &[u8]) -> String {
    let findings = show_findings(inspection, source);
    let corrections = show_corrections(inspection, source, |text| format!(" {}", escape(text)));
    format!("strict: {strict}\n{findings}{corrections}")
}

#[test]
fn answers() {
    check_blocks(&ANSWERS, |row| {
        let answer = answer(row);
        let selected = StsRecord::select(&answer).map(|record| record.as_ref().map(show_record));
        said_of_answer(selected, &StsRecord::inspect_answer(&answer), &answer)
    });
}

#[test]
fn tls_rpt_answers() {
    check_blocks(&TLS_RPT_ANSWERS, |row| {
        let answer = answer(row);
        let selected = TlsRptRecord::select(&answer);
        let selected = selected.map(|record| record.as_ref().map(show_tls_rpt_record));
        said_of_answer(selected, &TlsRptRecord::inspect_answer(&answer), &answer)
    });
}

fn answer(row: &Row) -> TxtAnswer {
    let records = row.input.iter().map(|line| line.split("\\+").map(unescape));
    let answer: TxtAnswer = records.collect();
    assert_eq!(answer.len(), row.input.len());
    assert_eq!(answer.is_empty(), row.input.is_empty());
    let mut records = answer.iter();
    for left in (0..=row.input.len()).rev() {
        assert_eq!(records.size_hint(), (left, Some(left)));
        assert_eq!(records.next().is_some(), left > 0);
    }
    laws::answer(&answer);
    answer
}

fn said_of_answer<R>(
    selected: Result<Option<String>, SelectError>,
    inspection: &Inspection<R>,
    answer: &TxtAnswer,
) -> String {
    let selected = match selected {
        Ok(Some(record)) => record,
        Ok(None) => "none".into(),
        Err(error) => format!("{}: {error}", error.code()),
    };
    let findings = show_findings(inspection, answer.as_text());
    let mut diagnostics = inspection.diagnostics().iter();
    assert!(diagnostics.all(|diagnostic| diagnostic.fix().is_none()));
    format!("select: {selected}\n{findings}")
}

/// Report addresses: alone, and in a record that has nothing else to say.
#[test]
fn report_uris() {
    check_tables(&REPORT_URIS, |[input]| {
        let text = String::from_utf8(unescape(input)).expect("text");
        let alone = text.parse::<ReportUri>();
        if text.is_ascii() && !text.is_empty() && text.trim() == text && !text.contains([',', ';'])
        {
            let record = format!("v=TLSRPTv1;rua={text}").into_bytes();
            laws::tls_rpt_record(&record);
            let read = TlsRptRecord::parse(&record);
            let rua = read.map(|record| record.rua().to_vec());
            let in_record = rua.map_err(|error| (error.kind(), error.span().range()));
            let expected = alone.clone().map(|uri| vec![uri]);
            assert_eq!(
                in_record,
                expected.map_err(|error| (error.kind(), 15..record.len()))
            );
        }
        match alone {
            Ok(uri) => {
                assert_eq!((uri.as_str(), uri.to_string()), (&*text, text.clone()));
                let scheme = format!("{:?}", uri.scheme());
                let mailbox = uri.mailbox().unwrap_or_default();
                vec![scheme, escape(mailbox.as_bytes())]
            }
            Err(error) => {
                assert_eq!(error.span().range(), 0..text.len(), "{input}");
                vec![error.code().into(), String::new()]
            }
        }
    });
}

#[test]
fn policies() {
    check_blocks(&POLICIES, |row| {
        let source = row.text();
        laws::policy(&source, ParseOptions::lenient());
        let strict = Policy::parse(&source);
        let mut said = format!("strict: {}\n", verdict(strict, show_policy));
        if strict_refuses(&source) {
            let lenient = Policy::parse_with(&source, &ParseOptions::lenient());
            let show = |policy: &Policy| {
                let used: Vec<_> = policy.tolerances().iter().map(Tolerance::as_str).collect();
                format!("{} by {}", show_policy(policy), used.join(" "))
            };
            writeln!(said, "lenient: {}", verdict(lenient, show)).unwrap();
        }
        let inspection = Policy::inspect(&source);
        said += &show_findings(&inspection, &source);
        said + &show_corrections(&inspection, &source, |text| changes(&source, text))
    });
}

fn strict_refuses(source: &[u8]) -> bool {
    Policy::parse(source).is_err()
}

/// Values of `mx`: alone, and in a policy that has nothing else to say.
#[test]
fn patterns() {
    check_tables(&PATTERNS, |[input]| {
        let value = String::from_utf8(unescape(input)).expect("text");
        laws::name(&value);
        let alone = value.parse::<MxPattern>();
        if let Err(error) = &alone {
            assert_eq!(error.span().range(), 0..value.len(), "{input}");
        }
        let show = |pattern: &MxPattern| escape(pattern.as_str().as_bytes());
        let alone = alone.map_or_else(|error| error.code().into(), |pattern| show(&pattern));
        vec![alone, in_a_policy(&value)]
    });
}

/// `fix …`, `lenient …` and lints of a policy with this `mx` value; empty for what cannot stand in a line.
fn in_a_policy(value: &str) -> String {
    if value.is_empty()
        || value.trim() != value
        || value.contains(|char: char| char.is_ascii_control())
    {
        return String::new();
    }
    let before = "version: STSv1\nmode: enforce\nmax_age: 1209600\nmx: ";
    let source = format!("{before}{value}\n").into_bytes();
    laws::policy(&source, ParseOptions::lenient());
    let whole = before.len()..before.len() + value.len();
    let inspection = Policy::inspect(&source);
    let mut said = Vec::new();
    for finding in inspection.diagnostics() {
        assert_eq!(finding.span().range(), whole, "{value}: {finding:?}");
        if finding.error_kind().is_none() {
            said.push(finding.code().to_owned());
            continue;
        }
        let alone = value.parse::<MxPattern>().unwrap_err();
        assert_eq!(finding.code(), alone.code(), "{value}");
        if let Some(fixed) = inspection.fixed(&source) {
            let names = &String::from_utf8(fixed.into_owned()).unwrap()[before.len()..];
            said.push(format!("fix {}", escape(names.trim_end().as_bytes())));
        }
        if let Ok(policy) = Policy::parse_with(&source, &ParseOptions::lenient()) {
            said.push(format!("lenient {}", policy.mx().next().unwrap()));
        }
    }
    said.join(", ")
}

#[test]
fn matches() {
    check_tables(&MATCHES, |[pattern, host]| {
        let pattern = String::from_utf8(unescape(pattern)).expect("text");
        let pattern: MxPattern = pattern.parse().expect("a pattern");
        let host = String::from_utf8(unescape(host)).expect("text");
        laws::name(&host);
        let matches = pattern.matches(&host);
        laws::matching(&pattern, &host, matches);
        vec![if matches { "yes" } else { "no" }.into()]
    });
}

#[test]
fn domains() {
    check_tables(&DOMAINS, |[input]| {
        let input = String::from_utf8(unescape(input)).expect("text");
        laws::name(&input);
        let show = |read: Result<String, Error>| {
            read.unwrap_or_else(|error| {
                assert_eq!(error.span().range(), 0..input.len(), "{input}");
                error.code().into()
            })
        };
        let domain = input
            .parse::<Domain>()
            .map(|it| escape(it.as_str().as_bytes()));
        let policy_domain = input
            .parse::<PolicyDomain>()
            .map(|it| escape(it.as_str().as_bytes()));
        vec![show(domain), show(policy_domain)]
    });
}

#[test]
fn entries() {
    check_tables(&ENTRIES, |[input]| {
        let text = unescape(input);
        let said = CacheEntry::from_bytes(&text).map_or_else(
            |error| place(&error),
            |entry| match entry.to_bytes() {
                written if written == text => "same".into(),
                written => escape(&written),
            },
        );
        vec![said]
    });
}

/// Every word of every row.
fn words() -> impl Iterator<Item = &'static str> {
    let files = [
        &RECORDS[..],
        &ANSWERS,
        &POLICIES,
        &PATTERNS,
        &MATCHES,
        &DOMAINS,
        &ENTRIES,
        &TLS_RPT_RECORDS,
        &TLS_RPT_ANSWERS,
        &REPORT_URIS,
    ]
    .concat();
    let lines = files.into_iter().flat_map(|(_, text)| text.lines());
    lines
        .filter(|line| !line.starts_with('#'))
        .flat_map(|line| line.split([' ', ',']))
}
