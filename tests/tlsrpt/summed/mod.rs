//! Summaries for people.

mod bounds;
mod causes;

use crate::BASE;
use mta_sts::{
    Contact, DateRange, FailureDetails, PolicyType, Report, ReportPolicy, ResultType, Sessions,
    Summary, UtcDay,
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
  mx1.example.com: 10 sessions, 2026-11-13
  mx2.example.com: 2 sessions, 2026-11-14

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

#[test]
fn domains_are_told_apart() {
    let policy = |domain: &str, sessions: (u64, u64), details: &[(&str, u64)]| {
        let domain = domain.parse().unwrap();
        let policy = ReportPolicy::new(PolicyType::Sts, &domain, sessions.0, sessions.1);
        details.iter().fold(policy, |policy, (result_type, count)| {
            policy.with_failure(FailureDetails::new(*result_type, *count))
        })
    };
    let report = |day: u64, policies: Vec<ReportPolicy>| {
        let contact: Contact = "tls@kestrel.example".parse().unwrap();
        let range = DateRange::day(UtcDay::from_number(day));
        let builder = Report::builder("Kestrel", &contact, "7", range);
        builder.policies(policies).build().unwrap()
    };
    let expired = ("certificate-expired", 2);
    let summary = summary(&[
        report(
            20_770,
            vec![
                policy("example.com", (90, 4), &[expired, ("from-mars", 3)]),
                policy("example.org", (5, 0), &[]),
                policy("example.com", (10, 2), &[expired]),
            ],
        ),
        report(20_772, vec![policy("example.com", (1, 0), &[])]),
    ]);
    let (first, last) = (UtcDay::from_number(20_770), UtcDay::from_number(20_772));
    let rows: Vec<_> = summary.domains().collect();
    let [("example.com", com), ("example.org", org)] = rows[..] else {
        panic!("{rows:?}")
    };
    assert_eq!(com.sessions(), Sessions::new(101, 6));
    assert_eq!(
        (com.reports(), com.first_and_last_day()),
        (2, Some((first, last)))
    );
    let results = com.results().map(|(name, count)| (name.as_str(), count));
    assert_eq!(
        results.collect::<Vec<_>>(),
        [("certificate-expired", 4), ("from-mars", 3)]
    );
    assert_eq!(org.sessions(), Sessions::new(5, 0));
    assert_eq!(
        (org.reports(), org.first_and_last_day()),
        (1, Some((first, first)))
    );
    assert_eq!(org.results().len(), 0);
    let text = summary.to_string();
    let part = "\nBy policy domain\n  example.com: 101 succeeded, 6 failed (5.6 %); certificate-expired 4, from-mars 3\n  example.org: 5 succeeded, 0 failed\n\nBy reporter\n";
    assert!(text.contains(part), "{text}");
}

/// However a domain is spelt, it is one; and a policy that names none is told as such.
#[test]
fn domains_have_one_spelling() {
    let mut summary = Summary::new();
    for domain in ["\"Example.COM.\"", "\"example.com\"", "null"] {
        let text = BASE.replace("\"example.com\"", domain);
        summary.add(&crate::read(text));
    }
    let names: Vec<_> = summary.domains().map(|(name, _)| name).collect();
    assert_eq!(names, ["(not named)", "example.com"]);
}

#[test]
fn hosts_have_the_days_of_their_failures() {
    let host = "mx.example.com";
    let details = [("certificate-expired", host, 2), ("from-mars", host, 1)];
    let summary = summary(&[
        report("Kestrel", 20_770, (9, 3), &details),
        report("Kestrel", 20_775, (9, 3), &details[..1]),
        report("Kestrel", 20_780, (9, 0), &[]),
    ]);
    let (name, row) = summary.mx_hosts().next().unwrap();
    assert_eq!((name, row.failed(), row.reports()), (host, 5, 2));
    let days = (UtcDay::from_number(20_770), UtcDay::from_number(20_775));
    assert_eq!(row.first_and_last_day(), Some(days));
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
