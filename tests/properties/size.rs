//! Long and repetitive inputs: they are finished with, and nothing is lost count of.
//! Nothing is timed; what is not near linear would not come to an end.

use crate::laws;
use mta_sts::{
    AcceptedBy, Domain, Inspection, LineIndex, MaxAge, Mode, MxPattern, ParseOptions, Policy,
    PolicyDomain, Severity, StsRecord, TlsRptRecord, TxtAnswer,
};
use std::borrow::Cow;

const GOOD: &str = "version: STSv1\nmode: enforce\nmx: mx.host.net\nmax_age: 1209600\n";

fn numbered(before: &str, count: usize, line: impl Fn(usize) -> String) -> Vec<u8> {
    let lines = (0..count).map(line);
    before
        .to_owned()
        .into_bytes()
        .into_iter()
        .chain(lines.collect::<String>().into_bytes())
        .collect()
}

/// Read, inspected and corrected; what a strict inspection finds.
fn policy(text: impl AsRef<[u8]>) -> Inspection<Policy> {
    let text = text.as_ref();
    let strict = Policy::parse(text);
    let lenient = Policy::parse_with(text, &ParseOptions::lenient());
    assert!(strict.is_err() || strict == lenient);
    let inspection = Policy::inspect(text);
    assert_eq!(inspection.value(), strict.as_ref().ok());
    for corrected in [inspection.fixed(text), inspection.fixed_with_advice(text)] {
        assert!(corrected.is_none_or(|text| Policy::parse(&text).is_ok()));
    }
    inspection
}

fn endure(text: impl AsRef<[u8]>) {
    let _ = policy(text);
}

/// The errors of a list that is full.
#[track_caller]
fn full<T>(inspection: &Inspection<T>, notes: usize, warnings: usize, errors: usize) {
    let severities = [Severity::Note, Severity::Warning, Severity::Error];
    assert_eq!(
        severities.map(|it| inspection.total(it)),
        [notes, warnings, errors]
    );
    let (last, listed) = inspection.diagnostics().split_last().unwrap();
    assert_eq!(listed.len(), 1000);
    let counted: usize = listed.iter().map(mta_sts::Diagnostic::count).sum();
    assert_eq!(counted + last.count(), notes + warnings + errors);
    assert_eq!(inspection.errors().next().is_some(), errors > 0);
}

#[test]
fn a_line_of_a_megabyte() {
    let long = "a".repeat(1 << 20);
    endure(format!("{GOOD}note: {long}"));
    endure(format!("mx: {long}\n{GOOD}"));
}

/// As long as a policy may be that is fetched.
#[test]
fn lines_of_all_kinds() {
    let long = "a".repeat(64 << 10);
    for front in [
        "",
        "mode: ",
        "version: ",
        "max_age: ",
        "# ",
        " ",
        "note : ",
        "mx=",
        "x y: ",
    ] {
        endure(format!("{GOOD}{front}{long}"));
        endure(format!("{front}{long}\n{GOOD}"));
    }
    for unit in [
        "a.", ".", "1,", "a.b, ", "9", " #", "é", "=", "://", "\r", "\t", "*", "_", "[", "\0",
        "v=STSv1",
    ] {
        let long = unit.repeat((64 << 10) / unit.len());
        endure(format!(
            "version: STSv1\nmode: enforce\nmx: {long}\nmax_age: {long}\n"
        ));
        endure(format!("{GOOD}{long}"));
        endure(long);
    }
}

/// As long as a TXT record can be.
#[test]
fn lists_of_addresses() {
    let full = |unit: &str| {
        let list = unit.repeat((64 << 10) / unit.len());
        let text = format!("v=TLSRPTv1; rua={list}");
        laws::tls_rpt_record(text.as_bytes());
        TlsRptRecord::inspect(text.as_bytes())
    };
    for unit in [
        "a",
        "a:",
        "a@b",
        "mailto:",
        "/",
        "%20",
        "%",
        "!",
        " ",
        "a ,",
        "; rua=a:b",
        ";rua=",
        "=",
        "a:[",
        "mailto:a@b.net!",
        "[::",
        "a:b@",
    ] {
        let _ = full(unit);
    }
    let empty = full("a:b,,");
    assert_eq!(empty.total(Severity::Error), (64 << 10) / 5 + 1);
    let repeated = full("a:b, ").total(Severity::Note);
    assert_eq!(repeated, 0, "the comma at the end is an error");
    let list = "a:b,".repeat(10_000) + "a:b";
    let repeated = TlsRptRecord::inspect(format!("v=TLSRPTv1; rua={list}").as_bytes());
    assert_eq!(repeated.total(Severity::Note), 10_000);
}

#[test]
fn empty_lines() {
    let blank = policy(format!("{GOOD}{}", "\n".repeat(300_000)));
    assert_eq!(blank.total(Severity::Error), 300_000);
    assert_eq!(blank.diagnostics().len(), 1);
    let front = policy("\r\n".repeat(20_000) + GOOD);
    assert_eq!(
        (front.diagnostics().len(), front.diagnostics()[0].count()),
        (1, 20_000)
    );
    endure("\n".repeat(300_000));
    endure("---\n".repeat(20_000));
    endure(format!("---\n{}", "a: b\n".repeat(20_000)));
    endure(format!("{GOOD}{}", "---\n\n".repeat(20_000)));
    let lines = "\n".repeat(300_000);
    assert_eq!(
        LineIndex::new(lines.as_bytes()).position(200_000).line,
        200_001
    );
}

#[test]
fn bytes_that_are_no_text() {
    endure([0xff].repeat(200_000));
    endure([0].repeat(200_000));
    endure(
        [
            b"version: STSv1\n".as_slice(),
            &[0xe2, 0x82].repeat(100_000),
        ]
        .concat(),
    );
    endure([b'a', 0].repeat(100_000));
    endure([0xff, 0xfe].repeat(100_000));
    // UTF-16 in UTF-16 in UTF-16 …
    let mut text = GOOD.as_bytes().to_vec();
    for _ in 0..8 {
        let units = String::from_utf8_lossy(&text)
            .encode_utf16()
            .collect::<Vec<_>>();
        text = units.into_iter().flat_map(u16::to_le_bytes).collect();
        endure(&text);
    }
}

#[test]
fn semicolons() {
    for text in [
        "; ".repeat(32 << 10),
        ";".repeat(64 << 10),
        "v=STSv1;".repeat(8 << 10),
    ] {
        laws::record(text.as_bytes());
        laws::record(format!("v=STSv1{text}").as_bytes());
        laws::record(format!("v=STSv1; id=1{text}").as_bytes());
    }
    for unit in [
        "\"", "\\;", " ", "=", "v=STSv1", "id=1;", "é", "\u{0}", "\"",
    ] {
        laws::record(unit.repeat(64 << 10).as_bytes());
        laws::record(format!("v=STSv1; id={}", unit.repeat(64 << 10)).as_bytes());
    }
    let fixed = format!("v=STSv1{}id=1", ";".repeat(64 << 10));
    let fixed = StsRecord::inspect(fixed.as_bytes())
        .fixed(fixed.as_bytes())
        .map(Cow::into_owned);
    assert_eq!(fixed.as_deref(), Some(&b"v=STSv1;id=1"[..]));
}

#[test]
fn duplicates() {
    let again = policy(numbered(GOOD, 20_000, |n| format!("mode: m{n}\n")));
    assert_eq!(
        (again.diagnostics().len(), again.total(Severity::Warning)),
        (1, 20_000)
    );
    endure(numbered(GOOD, 20_000, |_| "mx: mx.host.net\n".into()));
    endure(numbered(GOOD, 20_000, |n| {
        format!("note: {n}\nNote: {n}\n")
    }));
    let mixed = policy(numbered(GOOD, 20_000, |n| {
        format!("mx: a{}.host.net\n", n % 100)
    }));
    assert_eq!(mixed.total(Severity::Note), 19_900);
    laws::record(&numbered("v=STSv1;id=1", 20_000, |n| {
        format!(";id={n};a=b")
    }));
}

#[test]
fn distinct_names() {
    let text = numbered(GOOD, 20_000, |n| format!("ext{n}: x\n"));
    assert_eq!(Policy::parse(&text).unwrap().extensions().count(), 20_000);
    full(&policy(text), 20_000, 0, 0);
    let text = numbered("v=STSv1;id=1", 20_000, |n| format!(";ext{n}=x"));
    laws::record(&text);
    full(&StsRecord::inspect(&text), 20_000, 0, 0);
    let text = numbered(GOOD, 20_000, |n| {
        format!("mx: mx{n}.host.net\nmx: *.zone{n}.net\n")
    });
    assert_eq!(policy(text).into_value().unwrap().mx().count(), 40_001);
}

#[test]
fn answers_of_many_records() {
    let record = |n: usize| [b"v=STSv1; id=", n.to_string().as_bytes()].concat();
    let several: TxtAnswer = (0..20_000).map(|n| [record(n)]).collect();
    laws::answer(&several);
    let other = |n: usize| {
        if n % 2 == 0 {
            "v=spf1 -all"
        } else {
            "v=stsv1; id=1"
        }
    };
    let others: TxtAnswer = (0..20_000).map(|n| [other(n)]).collect();
    laws::answer(&others);
    full(&StsRecord::inspect_answer(&others), 10_000, 10_000, 1);
}

/// Every error has a fix, listed or not; the first error is listed behind thousands of notes.
#[test]
fn more_errors_than_are_listed() {
    let text = numbered(GOOD, 5000, |n| format!("note{n} : x\n"));
    let inspection = policy(&text);
    full(&inspection, 5000, 0, 5000);
    let fixed = inspection.fixed(&text).unwrap();
    assert_eq!(
        Policy::parse(&fixed),
        Policy::parse_with(&text, &ParseOptions::lenient())
    );
    assert_eq!(inspection.accepted_by(), AcceptedBy::Lenient);

    let mut text = numbered(GOOD, 5000, |n| format!("note{n}: x\n"));
    let place = text.len();
    text.extend_from_slice(b"a : b\n");
    text.extend(numbered("", 3000, |n| format!("tail{n}: x\n")));
    let inspection = policy(&text);
    full(&inspection, 8001, 0, 1);
    assert_eq!(
        inspection.errors().next().unwrap().span().range(),
        place + 1..place + 2
    );
    assert!(Policy::parse(&inspection.fixed(&text).unwrap()).is_ok());

    // One that has none, behind all the others.
    text.extend_from_slice(b"a : b\nx y: z");
    let inspection = policy(&text);
    assert_eq!(inspection.total(Severity::Error), 3);
    assert_eq!(inspection.fixed(&text), None);
}

#[test]
fn long_names() {
    let cjk: String = ('\u{4e00}'..'\u{9000}').cycle().take(30_000).collect();
    let pattern: MxPattern = "*.host.net".parse().unwrap();
    for unit in ["a", "a.", ".", "ü", "ü.", "\u{ad}", "xn--ü", &cjk] {
        let name = unit.repeat((100 << 10) / unit.len() + 1) + ".host.net";
        assert!(!pattern.matches(&name));
        assert!(name.parse::<Domain>().is_err() && name.parse::<PolicyDomain>().is_err());
        assert!(name.parse::<MxPattern>().is_err());
        endure(format!(
            "version: STSv1\nmode: enforce\nmx: {name}\nmax_age: 1209600\n"
        ));
    }
}

/// Names made to collide would be found by whoever reads the source; these are just many.
#[test]
fn many_patterns_built() {
    let patterns = (0..50_000).map(|n| format!("mx{n}.host.net").parse().unwrap());
    let builder = patterns.fold(
        Policy::builder(Mode::Testing, MaxAge::MAX),
        mta_sts::PolicyBuilder::mx,
    );
    let policy = builder.build().unwrap();
    assert!(policy.mx_matches("mx49999.host.net") && !policy.mx_matches("mx50000.host.net"));
    laws::written(&policy);
}
