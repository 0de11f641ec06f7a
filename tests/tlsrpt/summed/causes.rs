//! What failures probably come from.

use super::{report, summary};
use mta_sts::{Cause, Report, Reported, ResultType};

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
        &[with("A", (0, 9), starttls, 9), with("B", (0, 5), other, 5)],
        stripped,
        Cause::Unclear,
        "neither everybody sees it nor one reporter alone",
    );
    let rarely = [(starttls.0, starttls.1, 1), (other.0, other.1, 99)];
    assessed(
        &[report("A", 20_771, (0, 100), &rarely)],
        stripped,
        Cause::Unclear,
        "there is one reporter only to go by",
    );
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
