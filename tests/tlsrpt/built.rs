//! What is built is what is read from the same text, member by member.

use crate::{BASE, read};
use mta_sts::{
    Contact, DateRange, Domain, FailureDetails, PolicyType, Report, ReportPolicy, Reported,
    ResultType, UnixTime, UnknownMember, UtcDay,
};
use std::net::IpAddr;

#[test]
fn every_member_is_built_and_lent() {
    let domain: Domain = "example.com".parse().unwrap();
    let contact: Contact = "tls@kestrel.example".parse().unwrap();
    let [from, to]: [IpAddr; 2] = ["2001:db8::1", "192.0.2.1"].map(|text| text.parse().unwrap());
    let details = FailureDetails::new(ResultType::CertificateExpired, 3)
        .with_sending_mta_ip(from)
        .with_receiving_mx_hostname("mx.example.com")
        .with_receiving_mx_helo("mx.example.com")
        .with_receiving_ip(to)
        .with_additional_information("https://kestrel.example/why")
        .with_failure_reason_code("tls-certificate-expired");
    let lines = [
        "version: STSv1",
        "mode: testing",
        "mx: *.example.com",
        "max_age: 86400",
    ];
    let policy = ReportPolicy::new(PolicyType::Sts, &domain, 5, 3)
        .with_policy_string(lines)
        .with_mx_pattern(&"*.example.com".parse().unwrap())
        .with_failure(details.clone());
    let range = DateRange::day(UtcDay::from_number(20_778));
    let report = Report::builder("Kestrel Mail", &contact, "2026-11-21.7", range)
        .policy(policy.clone())
        .build()
        .unwrap();
    assert_eq!(report, read(BASE));

    assert_eq!(report.organization_name(), Some("Kestrel Mail"));
    assert_eq!(report.date_range(), &range);
    assert_eq!(report.contact_info(), Some("tls@kestrel.example"));
    assert_eq!(report.report_id(), Some("2026-11-21.7"));
    assert_eq!(
        (report.successful_sessions(), report.failed_sessions()),
        (5, 3)
    );
    assert_eq!(report.policies(), std::slice::from_ref(&policy));

    assert_eq!(
        policy.policy_type(),
        Some(&Reported::Known(PolicyType::Sts))
    );
    assert!(policy.policy_string().eq(lines));
    assert_eq!(policy.policy_domain(), Some("example.com"));
    assert!(policy.mx_host().eq(["*.example.com"]));
    let sessions = (policy.successful_sessions(), policy.failed_sessions());
    assert_eq!(sessions, (Some(5), Some(3)));
    assert_eq!(policy.failure_details(), std::slice::from_ref(&details));

    let expired = Reported::Known(ResultType::CertificateExpired);
    assert_eq!(details.result_type(), Some(&expired));
    assert_eq!(details.sending_mta_ip(), Some(&Reported::Known(from)));
    assert_eq!(details.receiving_mx_hostname(), Some("mx.example.com"));
    assert_eq!(details.receiving_mx_helo(), Some("mx.example.com"));
    assert_eq!(details.receiving_ip(), Some(&Reported::Known(to)));
    assert_eq!(details.failed_sessions(), Some(3));
    let more = details.additional_information();
    assert_eq!(more, Some("https://kestrel.example/why"));
    let code = details.failure_reason_code();
    assert_eq!(code, Some("tls-certificate-expired"));

    assert!(report.unknown_members().is_empty());
    assert!(details.unknown_members().is_empty());
    assert_eq!(policy.unknown_members().count(), 0);
}

#[test]
fn unknown_members_are_lent_where_they_stand() {
    let text = r#"{"policies": [{"policy": {"b": 1}, "summary": {"c": [2, {}]}, "a": "x",
        "failure-details": [{"d": null}]}], "e": true}"#;
    let report = read(text);
    let told = |member: &UnknownMember| (member.name().to_owned(), member.json().to_owned());
    let [policy] = report.policies() else {
        panic!()
    };
    let of_policy: Vec<_> = policy.unknown_members().map(told).collect();
    let pair = |name: &str, json: &str| (name.to_owned(), json.to_owned());
    let expected = [pair("a", "\"x\""), pair("b", "1"), pair("c", "[2,{}]")];
    assert_eq!(of_policy, expected);
    let [details] = policy.failure_details() else {
        panic!()
    };
    let of_details: Vec<_> = details.unknown_members().iter().map(told).collect();
    assert_eq!(of_details, [pair("d", "null")]);
    let of_report: Vec<_> = report.unknown_members().iter().map(told).collect();
    assert_eq!(of_report, [pair("e", "true")]);
}

#[test]
fn small_values_are_shown_by_what_they_are() {
    let contact: Contact = "tls@kestrel.example".parse().unwrap();
    assert_eq!(format!("{contact:>20}"), " tls@kestrel.example");
    assert_eq!(format!("{contact:?}"), "Contact(\"tls@kestrel.example\")");
    assert_eq!(contact.as_str(), "tls@kestrel.example");
    assert_eq!(contact.submitter().as_str(), "kestrel.example");

    let known: Reported<IpAddr> = IpAddr::from([192, 0, 2, 1]).into();
    assert_eq!(
        (known.to_string(), format!("{known:?}")),
        ("192.0.2.1".into(), "Reported(192.0.2.1)".into())
    );
    let other = read(BASE.replace("192.0.2.1", "here"));
    let other = other.policies()[0].failure_details()[0]
        .receiving_ip()
        .unwrap();
    assert_eq!(format!("{other:>5} {other:?}"), " here Reported(here)");
    assert_eq!(other.known(), None);

    let day = UtcDay::from_number(20_778);
    assert_eq!(
        format!("{day:>11} {day:?}"),
        " 2026-11-21 UtcDay(2026-11-21)"
    );
    assert_eq!((day.number(), day.next().number()), (20_778, 20_779));
    let last = UtcDay::of(UnixTime::from_secs(u64::MAX));
    assert_eq!(UtcDay::from_number(u64::MAX), last);
    assert_eq!(last.end(), UnixTime::from_secs(u64::MAX));
    assert_eq!(UtcDay::from_number(last.number() - 1).next(), last);
}
