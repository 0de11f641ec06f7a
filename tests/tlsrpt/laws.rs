//! What holds for every report that is read or built.

use crate::BASE;
use crate::rows::again;
use mta_sts::{
    Contact, DateRange, FailureDetails, PolicyType, Report, ReportPolicy, ResultType, UnixTime,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

fn config(cases: u32) -> ProptestConfig {
    let default = ProptestConfig::default();
    let chosen = std::env::var_os("PROPTEST_CASES").is_some();
    ProptestConfig {
        cases: if chosen { default.cases } else { cases },
        failure_persistence: None,
        ..default
    }
}

/// Texts that mean something somewhere.
fn text() -> impl Strategy<Value = String> {
    let known = select(vec![
        "",
        "sts",
        "tlsa",
        "x",
        "example.com",
        "*.example.com",
        "mx: a.example",
        "[\"a\"]",
        "[]",
        "[1]",
        "2001:db8::1",
        "certificate-expired",
        "tls@kestrel.example",
        "2026-11-21T00:00:00Z",
        "2026-11-22T00:00:00",
        "2026-11-21T24:00:00Z",
        "2026-11-21",
        "12",
        "-1",
        "https://a.example/",
        "\u{fdd0}",
        "b\u{fc}cher.example",
        "a\nb",
    ]);
    prop_oneof![known.prop_map(Into::into), ".{0,8}", "\\PC{0,8}"]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (0_u64..10).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            vec((text(), inner), 0..4).prop_map(|members| members.into_iter().collect()),
        ]
    })
}

/// The base with some members changed.
fn changed() -> impl Strategy<Value = String> {
    let paths = select(vec![
        "",
        "/organization-name",
        "/date-range",
        "/date-range/start-datetime",
        "/date-range/end-datetime",
        "/contact-info",
        "/report-id",
        "/policies",
        "/policies/0",
        "/policies/0/policy",
        "/policies/0/policy/policy-type",
        "/policies/0/policy/policy-string",
        "/policies/0/policy/policy-string/0",
        "/policies/0/policy/policy-domain",
        "/policies/0/policy/mx-host",
        "/policies/0/policy/mx-host/0",
        "/policies/0/summary",
        "/policies/0/summary/total-failure-session-count",
        "/policies/0/failure-details",
        "/policies/0/failure-details/0",
        "/policies/0/failure-details/0/result-type",
        "/policies/0/failure-details/0/receiving-ip",
        "/policies/0/failure-details/0/receiving-mx-helo",
        "/policies/0/failure-details/0/failed-session-count",
        "/policies/0/failure-details/0/additional-information",
    ]);
    vec((paths, text(), value(), any::<bool>()), 0..4).prop_map(|changes| {
        let mut report: Value = serde_json::from_str(BASE).unwrap();
        for (path, name, value, add) in changes {
            match report.pointer_mut(path) {
                Some(Value::Object(members)) if add => drop(members.insert(name, value)),
                Some(place) => *place = value,
                None => {}
            }
        }
        report.to_string()
    })
}

fn failure() -> impl Strategy<Value = FailureDetails> {
    let result_type = prop_oneof![
        select(ResultType::ALL).prop_map(|it| it.code().to_owned()),
        text()
    ];
    let address = || proptest::option::of(any::<std::net::IpAddr>());
    let count = prop_oneof![0_u64..10, any::<u64>()];
    let texts = (text(), text(), text(), text());
    (result_type, count, address(), address(), texts).prop_map(
        |(result_type, count, from, to, (host, helo, reason, uri))| {
            let mut details = FailureDetails::new(&*result_type, count)
                .with_receiving_mx_hostname(&host)
                .with_receiving_mx_helo(&helo)
                .with_failure_reason_code(&reason);
            if uri.starts_with("https:") {
                details = details.with_additional_information(&uri);
            }
            if let Some(address) = from {
                details = details.with_sending_mta_ip(address);
            }
            to.map_or(details.clone(), |to| details.with_receiving_ip(to))
        },
    )
}

fn policy() -> impl Strategy<Value = ReportPolicy> {
    let types = [PolicyType::Sts, PolicyType::Tlsa, PolicyType::NoPolicyFound];
    let patterns = select(vec!["*.example.com", "mx.example.com", "a"]);
    (
        select(types.to_vec()),
        vec(text(), 0..3),
        vec(patterns, 0..3),
        0_u64..10,
        vec(failure(), 0..3),
    )
        .prop_map(|(policy_type, lines, patterns, count, failures)| {
            let domain = "example.com".parse().unwrap();
            let policy = ReportPolicy::new(policy_type, &domain, count, count);
            let policy = policy.with_policy_string(lines);
            let policy = patterns.iter().fold(policy, |policy, pattern| {
                policy.with_mx_pattern(&pattern.parse().unwrap())
            });
            failures
                .into_iter()
                .fold(policy, ReportPolicy::with_failure)
        })
}

proptest! {
    #![proptest_config(config(5_000))]

    /// What was read and can be written is read again as the same.
    #[test]
    fn read_write_read(text in changed()) {
        if let Ok(read) = Report::from_json(text.as_bytes()) {
            if let Ok(text) = read.report().to_json() {
                again(read.report(), &text);
            }
        }
    }
}

proptest! {
    #![proptest_config(config(4_000))]

    #[test]
    fn what_is_built_is_written_and_read(
        texts in (text(), text()),
        ends in (0_u64..3_000_000_000, 0_u64..400_000),
        policies in vec(policy(), 0..3),
    ) {
        let contact: Contact = "tls@kestrel.example".parse().unwrap();
        // Whole days at times.
        let start = ends.0 - if ends.1 % 2 == 0 { ends.0 % 86_400 } else { 0 };
        let at = UnixTime::from_secs;
        let range = DateRange::new(at(start), at(start + ends.1 / 2 * 2)).unwrap();
        let built = Report::builder(&texts.0, &contact, &texts.1, range).policies(policies);
        if let Ok(report) = built.build() {
            let text = report.to_json().unwrap();
            let read = Report::from_json(text.as_bytes()).unwrap();
            prop_assert_eq!(read.report(), &report);
            prop_assert_eq!(read.deviations(), &[]);
        }
    }

    #[test]
    fn any_bytes(bytes in vec(any::<u8>(), 0..200)) {
        let _ = Report::from_json(&bytes);
    }

    /// A byte of a good report is another one, or the rest is missing.
    #[test]
    fn nearly_json(at in 0..BASE.len(), byte: u8, cut: bool) {
        let mut text = BASE.as_bytes().to_vec();
        text[at] = byte;
        text.truncate(if cut { at } else { text.len() });
        if let Ok(read) = Report::from_json(&text) {
            if let Ok(text) = read.report().to_json() {
                again(read.report(), &text);
            }
        }
    }
}

#[test]
fn numbers_of_unknown_members_stay_as_they_are() {
    for number in [
        "0.1",
        "1e-7",
        "1.7976931348623157e308",
        "5e-324",
        "-0.0",
        "123456.789e3",
    ] {
        let mut report: Value = serde_json::from_str(BASE).unwrap();
        report["x"] = json!(number.parse::<f64>().unwrap());
        let read = crate::read(report.to_string());
        again(&read, &read.to_json().unwrap());
    }
}
