//! Summaries for people.

use crate::BASE;
use allocation_counter::measure;
use mta_sts::{
    Cause, Contact, DateRange, FailureDetails, PolicyType, Report, ReportPolicy, Reported,
    ResultType, Summary, UnixTime, UtcDay,
};

/// A reporter, a day, how many sessions succeeded and failed, and details.
fn report(
    reporter: &str,
    day: u64,
    (successful, failed): (u64, u64),
    details: &[(&str, &str, u64)],
) -> Report {
    let domain = "example.com".parse().unwrap();
    let policy = ReportPolicy::new(PolicyType::Sts, &domain, successful, failed);
    let policy = details
        .iter()
        .fold(policy, |policy, (result_type, host, count)| {
            let details = FailureDetails::new(*result_type, *count);
            policy.with_failure(details.with_receiving_mx_hostname(host))
        });
    let contact: Contact = "tls@kestrel.example".parse().unwrap();
    let range = DateRange::day(UtcDay::from_number(day));
    Report::builder(reporter, &contact, "7", range)
        .policy(policy)
        .build()
        .unwrap()
}

fn summary(reports: &[Report]) -> Summary {
    let mut summary = Summary::new();
    for report in reports {
        assert!(summary.add(report));
    }
    summary
}

#[test]
fn as_text() {
    let mut summary = summary(&[
        report(
            "Kestrel",
            20_770,
            (90, 10),
            &[("certificate-expired", "mx1.example.com", 10)],
        ),
        report("Kestrel", 20_771, (5, 0), &[]),
        report(
            "Osprey",
            20_771,
            (1_000, 2),
            &[
                ("starttls-not-supported", "MX2.example.com.", 2),
                ("from-mars", "", 1),
            ],
        ),
        report("Heron", 20_771, (0, 3), &[]),
    ]);
    assert!(!summary.add(&report("Kestrel", 20_771, (5, 0), &[])));
    assert_eq!(
        summary.to_string(),
        "\
4 reports by 3 reporters, 2026-11-13 to 2026-11-14; 1 duplicate not counted again
sessions: 1095 succeeded, 15 failed (1.3 %)
without details: 3 failed sessions

By day
  2026-11-13  90 succeeded, 10 failed (10.0 %)
  2026-11-14  1005 succeeded, 5 failed (0.4 %)

By reporter
  Osprey: 1000 succeeded, 2 failed (0.1 %), 1 report, 2026-11-14
  Kestrel: 95 succeeded, 10 failed (9.5 %), 2 reports, 2026-11-13 to 2026-11-14
  Heron: 0 succeeded, 3 failed (100.0 %), 1 report, 2026-11-14

Failures by MX host
  mx1.example.com: 10 sessions
  mx2.example.com: 2 sessions

Failures by result type
  certificate-expired: 10 sessions, 1 reporter, 2026-11-13
    meaning: the certificate has expired
    usual remedy: renew it, and restart or reload the mail server so that it serves the new one
    likely a misconfiguration: somebody on the way could hardly bring it about
  starttls-not-supported: 2 sessions, 1 reporter, 2026-11-14
    meaning: the MX host did not offer STARTTLS, or refused it
    usual remedy: offer STARTTLS on every MX host; where all of them do, something on the way took the offer out
    possibly an attack or a filter on the way, or a fault of the reporter: one reporter alone sees it, and sessions of others succeed
  from-mars: 1 session, 1 reporter, 2026-11-14
    cause unclear: the type is not known here
  (causes are guessed from counts alone, and reports are as trustworthy as their senders)
"
    );
    assert_eq!(
        Summary::new().to_string(),
        "0 reports by 0 reporters\nsessions: 0 succeeded, 0 failed\n"
    );
}

#[track_caller]
fn assessed(reports: &[Report], result_type: ResultType, cause: Cause, reason: &str) {
    let assessment = summary(reports).assess(&result_type.into()).unwrap();
    assert_eq!((assessment.cause(), assessment.reason()), (cause, reason));
}

#[test]
fn causes() {
    let starttls = ("starttls-not-supported", "mx1.example.com");
    let with = |name: &str, sessions, (result_type, host): (&str, &str), count| {
        report(name, 20_771, sessions, &[(result_type, host, count)])
    };
    let fine = |name: &str| report(name, 20_771, (50, 0), &[]);
    let stripped = ResultType::StarttlsNotSupported;
    assessed(
        &[
            with("A", (0, 9), starttls, 9),
            with("B", (1, 5), starttls, 5),
            fine("C"),
        ],
        stripped,
        Cause::Misconfiguration,
        "most reporters see it, in most of their sessions",
    );
    let alone = "one reporter alone sees it, and sessions of others succeed";
    assessed(
        &[with("A", (0, 9), starttls, 9), fine("B"), fine("C")],
        stripped,
        Cause::Interference,
        alone,
    );
    assessed(
        &[with("A", (99, 1), starttls, 1), fine("B")],
        stripped,
        Cause::Interference,
        alone,
    );
    assessed(
        &[with("A", (99, 1), starttls, 1)],
        stripped,
        Cause::Interference,
        "few sessions have it, and the rest succeed",
    );
    assessed(
        &[with("A", (0, 9), starttls, 9)],
        stripped,
        Cause::Unclear,
        "there is one reporter only to go by",
    );
    let other = ("certificate-not-trusted", "mx2.example.com");
    assessed(
        &[
            with("A", (30, 9), starttls, 9),
            with("B", (30, 9), starttls, 9),
            with("C", (30, 9), other, 9),
        ],
        stripped,
        Cause::Misconfiguration,
        "several reporters see it, and with one MX host only",
    );
    assessed(
        &[
            with("A", (30, 9), starttls, 9),
            with("B", (30, 9), starttls, 9),
            fine("C"),
        ],
        stripped,
        Cause::Unclear,
        "neither everybody sees it nor one reporter alone",
    );
    for expired in [(0, 9), (1_000, 1)] {
        assessed(
            &[
                with("A", expired, ("certificate-expired", "mx1.example.com"), 1),
                fine("B"),
            ],
            ResultType::CertificateExpired,
            Cause::Misconfiguration,
            "somebody on the way could hardly bring it about",
        );
    }
    assert_eq!(summary(&[fine("A")]).assess(&stripped.into()), None);
    let unknown = summary(&[with("A", (0, 1), ("from-mars", ""), 1)]);
    let assessment = unknown.assess(&Reported::from("from-mars")).unwrap();
    assert_eq!(
        assessment.to_string(),
        "cause unclear: the type is not known here"
    );
}

/// What others report of other days says nothing about a failure, and neither do good days about a bad one.
#[test]
fn causes_are_looked_for_in_the_days_of_the_failure() {
    let starttls = [("starttls-not-supported", "mx1.example.com", 9)];
    let stripped = ResultType::StarttlsNotSupported;
    let bad = |name: &str, day| report(name, day, (0, 9), &starttls);
    let fine = |name: &str, day| report(name, day, (1_000, 0), &[]);
    let alone = "one reporter alone sees it, and sessions of others succeed";
    for (day, cause, reason) in [
        (20_770, Cause::Interference, alone),
        (
            20_769,
            Cause::Unclear,
            "there is one reporter only to go by",
        ),
        (
            20_771,
            Cause::Unclear,
            "there is one reporter only to go by",
        ),
    ] {
        assessed(&[bad("A", 20_770), fine("B", day)], stripped, cause, reason);
    }
    assessed(
        &[
            bad("A", 20_770),
            bad("B", 20_770),
            fine("A", 20_769),
            fine("B", 20_771),
        ],
        stripped,
        Cause::Misconfiguration,
        "most reporters see it, in most of their sessions",
    );
    assessed(
        &[bad("A", 20_770), fine("A", 20_771)],
        stripped,
        Cause::Unclear,
        "there is one reporter only to go by",
    );
}

#[test]
fn reasons_are_kept() {
    let failure = |reason: &str, count| {
        FailureDetails::new(ResultType::ValidationFailure, count).with_failure_reason_code(reason)
    };
    let domain = "example.com".parse().unwrap();
    let policy = ReportPolicy::new(PolicyType::Sts, &domain, 0, 20)
        .with_failure(failure("X509_V_ERR_A", 3))
        .with_failure(failure("tls-alert", 4))
        .with_failure(failure("", 5))
        .with_failure(failure("tls-alert", 1));
    let contact: Contact = "tls@kestrel.example".parse().unwrap();
    let range = DateRange::day(UtcDay::from_number(20_771));
    let report = Report::builder("Kestrel", &contact, "7", range).policy(policy);
    let summary = summary(&[report.build().unwrap()]);
    let (_, result) = summary.results().next().unwrap();
    let reasons: Vec<_> = result.reasons().collect();
    assert_eq!(reasons, [("X509_V_ERR_A", 3), ("tls-alert", 5)]);
    // Twenty failed, and details are of thirteen at most.
    assert_eq!(summary.unexplained(), 7);
    let text = summary.to_string();
    let shown = "    given as reason: tls-alert (5 sessions)\n    given as reason: X509_V_ERR_A (3 sessions)\n";
    assert!(text.contains(shown), "{text}");
}

#[test]
fn what_is_the_same_report() {
    let base = BASE.replace("2026-11-21.7", "1234567890+");
    let mut summary = Summary::new();
    assert!(summary.add(&crate::read(&base)));
    // What else is in it does not matter; one who sends it again may have counted on.
    for same in [
        base.clone(),
        base.replace("example.com\"", "EXAMPLE.com\""),
        base.replace(": 5,", ": 6,"),
        base.replace("tls@kestrel.example", "tls@osprey.example"),
    ] {
        assert!(!summary.add(&crate::read(&same)), "{same}");
    }
    // Ids come again.
    for different in [
        base.replace("Kestrel Mail", "Osprey Mail"),
        base.replace("1234567890+", "1234567891+"),
        base.replace(
            "\"policy-domain\": \"example.com\"",
            "\"policy-domain\": \"example.net\"",
        ),
        base.replace("2026-11-21T00", "2026-11-20T00"),
        base.replace("\"Kestrel Mail\"", "null"),
        // Without an id, its numbers tell it from others.
        base.replace("\"1234567890+\"", "null"),
        base.replace("\"1234567890+\"", "null")
            .replace(": 5,", ": 6,"),
    ] {
        assert!(summary.add(&crate::read(&different)), "{different}");
        assert!(!summary.add(&crate::read(&different)), "{different}");
    }
    assert_eq!((summary.reports(), summary.duplicates()), (8, 11));
}

#[test]
fn what_is_missing_is_told_apart() {
    let text = BASE
        .replace("\"Kestrel Mail\"", "\"\"")
        .replace("\"2026-11-21T00:00:00Z\"", "null")
        .replace("\"2026-11-21T23:59:59Z\"", "null")
        .replace("\"certificate-expired\"", "null");
    let summary = summary(&[crate::read(&text)]);
    assert_eq!(summary.undated().total(), 8);
    assert_eq!((summary.days().len(), summary.results().len()), (0, 0));
    assert_eq!(
        summary.to_string(),
        "1 report by 1 reporter\nsessions: 5 succeeded, 3 failed (37.5 %)\nwithout details: 3 failed sessions\n\nBy day\n  no date     5 succeeded, 3 failed (37.5 %)\n\nBy reporter\n  (not named): 5 succeeded, 3 failed (37.5 %), 1 report\n\nFailures by MX host\n  mx.example.com: 3 sessions\n"
    );
}

#[test]
fn names_of_strangers_do_no_harm() {
    let name = format!("\u{1b}[31m\u{202e}evil\u{7}\r\n{}", "x".repeat(10_000));
    let bad = report(
        &name,
        20_771,
        (u64::pow(2, 53) - 1, 1),
        &[(&name, &name, u64::pow(2, 53) - 1)],
    );
    let text = summary(&[bad]).to_string();
    assert!(
        !text.contains(['\u{1b}', '\u{202e}', '\u{7}', '\r']),
        "{text}"
    );
    assert!(text.len() < 2_000, "{text}");
    assert!(
        text.contains("\u{fffd}[31m\u{fffd}evil\u{fffd}\u{fffd}\u{fffd}xxx"),
        "{text}"
    );
}

#[test]
fn tables_are_bounded() {
    let mut summary = Summary::new();
    let info = measure(|| {
        for number in 0..12_000 {
            let name = format!("reporter {number}");
            let details: Vec<_> = (0..3).map(|n| format!("type-{number}-{n}")).collect();
            let details: Vec<_> = details.iter().map(|it| (&**it, &*name, 1)).collect();
            summary.add(&report(&name, number, (1, 1), &details));
        }
    });
    assert_eq!(summary.reports(), 12_000);
    assert_eq!(summary.sessions().total(), 24_000);
    assert_eq!(
        [
            summary.days().len(),
            summary.reporters().len(),
            summary.mx_hosts().len()
        ],
        [10_000; 3]
    );
    assert_eq!(summary.results().len(), 100);
    let text = summary.to_string();
    assert!(text.contains("  (9969 days before)\n"), "{text}");
    assert!(text.contains("  (and more than 9980 more)\n"), "{text}");
    assert!(info.bytes_current < 6 << 20, "{}", info.bytes_current);
}

/// 100,000 reports of 20 reporters about 300 days: 16 bytes each, and the tables.
#[test]
fn memory_of_many_reports() {
    const REPORTS: u32 = 100_000;
    let mut summary = Summary::new();
    let mut reports = 0;
    let info = measure(|| {
        for number in 0..REPORTS {
            let (reporter, month, day) = (number % 20, number % 12 + 1, number % 25 + 1);
            let text = format!(
                r#"{{"organization-name":"Reporter {reporter}","report-id":"{number}","date-range":{{"start-datetime":"2026-{month:02}-{day:02}T00:00:00Z"}},"policies":[{{"policy":{{"policy-type":"sts","policy-domain":"example.com"}},"summary":{{"total-successful-session-count":5,"total-failure-session-count":3}}}}]}}"#
            );
            let report = crate::read(text);
            reports += u32::from(summary.add(&report));
        }
    });
    assert_eq!(reports, REPORTS);
    assert_eq!(summary.sessions().total(), u64::from(REPORTS) * 8);
    assert_eq!(summary.days().len(), 300);
    let first = summary.first_and_last_day().unwrap().0;
    assert_eq!(first, UtcDay::of(UnixTime::from_secs(1_767_225_600)));
    let kept = info.bytes_current;
    println!(
        "{REPORTS} reports: {kept} bytes kept, {} a report",
        kept / i64::from(REPORTS)
    );
    assert!(kept < i64::from(REPORTS) * 17 + (1 << 17), "{kept}");
}
