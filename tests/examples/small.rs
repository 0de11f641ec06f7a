//! `mta` and `checker`, which take no arguments.

use crate::run::run;
use serde_json::Value;

#[test]
#[cfg(all(feature = "std", feature = "tlsrpt"))]
fn mta_delivers_and_reports() {
    let run = run::<&str>("mta", &[]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    let (before, report) = run.stdout.split_once("\n  {").unwrap();
    assert_eq!(
        before,
        "\
example.com: live
  mx.attacker.example: validation-failure: the policy does not name the MX host (mtasts-policy-mx-mismatch)
  old.example.com: certificate-expired: the certificate has expired (tls-certificate-expired)
  delivered to mx.example.com
example.org: absent
  a.mx.example.org: starttls-not-supported: the MX host does not offer STARTTLS (starttls-not-offered)
  delivered to a.mx.example.org
Report Domain: example.com Submitter: kestrel.example Report-ID: <2026-11-21.example.com@kestrel.example>
  kestrel.example!example.com!1795219200!1795305599.json to mailto:tls@example.com"
    );
    let (report, after) = report.split_once('\n').unwrap();
    assert_eq!(after, "example.org: wants no reports\n");
    let report = format!("{{{report}");
    let report = mta_sts::Report::from_json(report.as_bytes()).unwrap();
    assert!(report.deviations().is_empty(), "{report:?}");
    let report = report.report();
    assert_eq!(
        (report.successful_sessions(), report.failed_sessions()),
        (1, 2)
    );
}

#[test]
fn checker_finds_corrects_and_checks_again() {
    let run = run::<&str>("checker", &[]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(1), ""));
    let codes = |lines: &str| {
        let found = lines
            .lines()
            .map(|line| serde_json::from_str(line).unwrap());
        let codes = found.map(|found: Value| {
            let place = ["line", "column"]
                .map(|key| found[key].to_string())
                .join(":");
            format!("{} {place}", found["code"].as_str().unwrap())
        });
        codes.collect::<Vec<_>>()
    };
    let (before, rest) = run.stdout.split_once("the policy corrected:\n").unwrap();
    assert_eq!(
        codes(before),
        [
            "record-id-character 1:13",
            "audit-policy-invalid null:null",
            "mx-trailing-dot 3:5"
        ]
    );
    let (policy, after) = rest.split_once("what is left then:\n").unwrap();
    assert!(
        mta_sts::Policy::parse(policy.as_bytes()).is_ok(),
        "{policy}"
    );
    assert_eq!(
        codes(after),
        [
            "record-id-character 1:13",
            "audit-mx-not-covered null:null",
            "audit-policy-without-record null:null",
            "audit-pattern-unused null:null"
        ]
    );
}
