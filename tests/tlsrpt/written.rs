//! What is written, and what goes with it to the mailer.

use crate::{BASE, read};
use mta_sts::{
    Contact, DateRange, Domain, FailureDetails, PolicyType, ReadOptions, Report, ReportBuilder,
    ReportEncoding, ReportPolicy, Reported, ResultType, Submission, UnixTime, UtcDay, WriteError,
};
use std::time::Duration;

fn domain() -> Domain {
    "example.com".parse().unwrap()
}

fn builder(organization: &str, id: &str) -> ReportBuilder {
    let contact: Contact = "tls@kestrel.example".parse().unwrap();
    let range = DateRange::day(UtcDay::from_number(20_778));
    Report::builder(organization, &contact, id, range)
}

fn policy() -> ReportPolicy {
    ReportPolicy::new(PolicyType::Sts, &domain(), 1, 0)
}

#[track_caller]
fn refused(built: Result<Report, WriteError>, code: &str, path: &str) {
    let error = built.unwrap_err();
    assert_eq!((error.code(), error.path()), (code, path));
}

#[test]
fn the_form_is_that_of_the_rfc() {
    let text: String = BASE.lines().map(str::trim_start).collect();
    let text = text.replace("\": ", "\":").replace(", \"", ",\"");
    assert_eq!(read(BASE).to_json().unwrap(), text);
}

#[test]
fn builders_refuse_what_cannot_be_written() {
    refused(
        builder("K", "1").build(),
        "tlsrpt-write-missing",
        "$.policies",
    );
    let with = |policy: ReportPolicy| builder("K", "1").policy(policy).build();
    assert!(with(policy()).is_ok());
    let text = "tlsrpt-write-text";
    refused(
        builder("", "1").policy(policy()).build(),
        text,
        "$.organization-name",
    );
    refused(
        builder("K", "").policy(policy()).build(),
        text,
        "$.report-id",
    );
    refused(
        builder("K\u{fffe}", "1").policy(policy()).build(),
        text,
        "$.organization-name",
    );
    let too_many = ReportPolicy::new(PolicyType::Sts, &domain(), 1 << 53, 0);
    refused(
        with(too_many),
        "tlsrpt-write-number",
        "$.policies[0].summary.total-successful-session-count",
    );
    refused(
        with(policy().with_policy_string(["[\"a\"]"])),
        "tlsrpt-write-policy-string",
        "$.policies[0].policy.policy-string",
    );
    let failure = FailureDetails::new(ResultType::DaneRequired, 1);
    refused(
        with(policy().with_failure(failure.clone().with_additional_information("no uri"))),
        "tlsrpt-write-uri",
        "$.policies[0].failure-details[0].additional-information",
    );
    refused(
        with(policy().with_failure(failure.clone().with_failure_reason_code("\u{ffff}"))),
        text,
        "$.policies[0].failure-details[0].failure-reason-code",
    );
    let empty = FailureDetails::new("", 1);
    refused(
        with(policy().with_failure(empty)),
        text,
        "$.policies[0].failure-details[0].result-type",
    );
    let long = "x".repeat(10 << 20);
    refused(
        with(policy().with_failure(failure.with_failure_reason_code(&long))),
        "tlsrpt-write-too-long",
        "$",
    );
    let many = vec![policy(); 100_000];
    refused(
        builder("K", "1").policies(many).build(),
        "tlsrpt-write-too-long",
        "$",
    );
    let far = UnixTime::from_secs(253_402_300_800);
    let contact = "tls@kestrel.example".parse().unwrap();
    let range = DateRange::new(
        UnixTime::default(),
        far.saturating_add(Duration::from_secs(9)),
    );
    let report = Report::builder("K", &contact, "1", range.unwrap());
    refused(
        report.policy(policy()).build(),
        "tlsrpt-write-time",
        "$.date-range.end-datetime",
    );
}

/// What was read within wider limits is written only if it can be read within the usual ones.
#[test]
fn nesting_is_that_of_readers() {
    let inside = |place: &str, depth: usize| {
        let arrays = "[".repeat(depth) + &"]".repeat(depth);
        let text = BASE.replacen(place, &format!("\"x\": {arrays}, {place}"), 1);
        let options = ReadOptions::new().max_nesting(64);
        Report::from_json_with(text.as_bytes(), &options).unwrap()
    };
    for (place, path, depth) in [
        ("\"report-id\"", "$.x", 31),
        ("\"total-failure", "$.policies[0].summary.x", 28),
        ("\"receiving-ip\"", "$.policies[0].failure-details[0].x", 27),
    ] {
        let read = inside(place, depth);
        crate::rows::again(read.report(), &read.report().to_json().unwrap());
        let error = inside(place, depth + 1).report().to_json().unwrap_err();
        assert_eq!((error.code(), error.path()), ("tlsrpt-write-nesting", path));
    }
}

#[test]
fn a_known_name_is_the_known_type() {
    let wrapped: Reported<ResultType> = Reported::Other("tlsa-invalid".into());
    let details = FailureDetails::new(wrapped, 1);
    let known = details.result_type().and_then(Reported::known);
    assert_eq!(known, Some(&ResultType::TlsaInvalid));
    let report = builder("K", "1").policy(policy().with_failure(details));
    let report = report.build().unwrap();
    crate::rows::again(&report, &report.to_json().unwrap());
}

fn submission(contact: &str, id: &str) -> Submission {
    let range = DateRange::day(UtcDay::from_number(20_778));
    let report = Report::builder("K", &contact.parse().unwrap(), id, range).policy(policy());
    report.build().unwrap().submission(&domain()).unwrap()
}

#[test]
fn names_for_the_mailer() {
    let submission = submission("tls@Mail.Kestrel.example", "7");
    assert_eq!(submission.domain().as_str(), "example.com");
    assert_eq!(submission.submitter().as_str(), "mail.kestrel.example");
    let name = "mail.kestrel.example!example.com!1795219200!1795305599";
    assert_eq!(
        submission.file_name(ReportEncoding::Json),
        format!("{name}.json")
    );
    assert_eq!(
        submission.file_name(ReportEncoding::default()),
        format!("{name}.json.gz")
    );
    for id in ["", "a-b", "a!b", "\u{e4}", "a.b"] {
        let error = submission.clone().with_unique_id(id).unwrap_err();
        assert_eq!(error.code(), "tlsrpt-write-unique-id");
    }
    let submission = submission.with_unique_id("001").unwrap();
    assert_eq!(
        submission.file_name(ReportEncoding::Gzip),
        format!("{name}!001.json.gz")
    );
    assert_eq!(
        submission.subject(),
        "Report Domain: example.com Submitter: mail.kestrel.example Report-ID: <7@mail.kestrel.example>"
    );
    assert_eq!(
        [ReportEncoding::Gzip, ReportEncoding::Json].map(ReportEncoding::media_type),
        ["application/tlsrpt+gzip", "application/tlsrpt+json"]
    );
}

#[test]
fn report_ids_become_message_ids() {
    for (id, expected) in [
        ("735ff.e317+bf22029", "735ff.e317+bf22029@k.example"),
        ("735ff.e317@mx.k.example", "735ff.e317@mx.k.example"),
        (
            "2026-11-21T00:00:00Z_example.com",
            "2026-11-21T00=3A00=3A00Z_example.com@k.example",
        ),
        ("a@b@c", "a=40b=40c@k.example"),
        ("a=b", "a=3Db@k.example"),
        (".a..b.", "=2Ea.=2Eb=2E@k.example"),
        (
            ">\r\nBcc: x@y.example",
            "=3E=0D=0ABcc=3A=20x=40y.example@k.example",
        ),
        ("\u{e4}", "=C3=A4@k.example"),
        ("@", "=40@k.example"),
        (".", "=2E@k.example"),
    ] {
        let submission = submission("tls@k.example", id);
        assert_eq!(submission.report_id(), expected, "{id}");
        assert!(!submission.subject().contains(['\r', '\n']));
    }
}

#[test]
fn delays_are_spread_over_four_hours() {
    let submission = submission("tls@kestrel.example", "7");
    let (mut first_hour, mut last) = (0, 0);
    for seed in 0..1_000 {
        let delay = submission.delay(seed).as_secs();
        assert!((1..=14_400).contains(&delay), "{delay}");
        assert_eq!(submission.delay(seed).as_secs(), delay);
        first_hour += u32::from(delay <= 3_600);
        last = last.max(delay);
    }
    assert!((200..300).contains(&first_hour), "{first_hour}");
    assert!(last > 14_000);
    assert_eq!(Submission::RETRY_LIMIT, Duration::from_secs(86_400));
}

#[test]
fn a_report_that_lacks_something_has_no_submission() {
    for (member, code, path) in [
        (
            "\"tls@kestrel.example\"",
            "tlsrpt-write-missing",
            "$.contact-info",
        ),
        ("\"2026-11-21.7\"", "tlsrpt-write-missing", "$.report-id"),
        (
            "\"2026-11-21T00:00:00Z\"",
            "tlsrpt-write-missing",
            "$.date-range.start-datetime",
        ),
        (
            "\"2026-11-21T23:59:59Z\"",
            "tlsrpt-write-missing",
            "$.date-range.end-datetime",
        ),
    ] {
        let report = read(BASE.replace(member, "null"));
        let error = report.submission(&domain()).unwrap_err();
        assert_eq!((error.code(), error.path()), (code, path));
    }
    let report = read(BASE.replace("tls@kestrel.example", "nobody"));
    let error = report.submission(&domain()).unwrap_err();
    assert_eq!(error.code(), "tlsrpt-write-contact");
}
