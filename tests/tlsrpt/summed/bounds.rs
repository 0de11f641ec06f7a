//! What strangers send, and how much of it is kept.

use super::{report, summary};
use allocation_counter::measure;
use mta_sts::{
    Contact, DateRange, FailureDetails, PolicyType, Report, ReportPolicy, Summary, UnixTime, UtcDay,
};

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
fn of_a_long_name_the_front_is_kept() {
    for (len, kept) in [(254, 254), (255, 255), (256, 255), (10_000, 255)] {
        let name = "\u{e9}".repeat(len);
        let summary = summary(&[report("K", 20_771, (1, 1), &[(&name, &name, 1)])]);
        let kept = "\u{e9}".repeat(kept);
        assert!(
            summary
                .results()
                .map(|(name, _)| name.as_str())
                .eq([&*kept])
        );
        assert!(summary.mx_hosts().map(|(name, _)| name).eq([&*kept]));
    }
}

/// A report about a domain of its own, with thirty types of its own.
fn of_many_domains(number: u64) -> Report {
    let contact: Contact = "tls@kestrel.example".parse().unwrap();
    let range = DateRange::day(UtcDay::from_number(20_771));
    let domain = format!("domain-{number}.example").parse().unwrap();
    let mut policy = ReportPolicy::new(PolicyType::Sts, &domain, 1, 30);
    for kind in 0..30 {
        let kind = format!("type-{number}-{kind}");
        policy = policy.with_failure(FailureDetails::new(&*kind, 1));
    }
    let builder = Report::builder("Kestrel", &contact, "7", range);
    builder.policy(policy).build().unwrap()
}

#[test]
fn tables_of_domains_are_bounded() {
    let mut summary = Summary::new();
    let info = measure(|| {
        for number in 0..11_000 {
            summary.add(&of_many_domains(number));
        }
    });
    assert_eq!(
        (summary.reports(), summary.domains().len()),
        (11_000, 10_000)
    );
    for (name, row) in summary.domains() {
        assert_eq!(
            (row.sessions().total(), row.results().len()),
            (31, 20),
            "{name}"
        );
    }
    assert!(info.bytes_current < 24 << 20, "{}", info.bytes_current);
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
