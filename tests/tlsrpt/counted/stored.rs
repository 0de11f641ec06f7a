//! What is kept of what is counted, and the reports of it.

use super::{EXPIRED, GOOD, NOW, configured, discovered, judged, only_report, record, shown};
use mta_sts::{Aggregate, Dane, PolicyResponse, SessionFacts, UnixTime, UtcDay};
use serde_json::json;

#[test]
fn names_of_strangers_are_bounded() {
    let decision = configured("testing");
    let long = "x\u{ffff}".repeat(1_000);
    let facts = SessionFacts::new(NOW, &long).with_receiving_mx_helo(&long);
    let verdict = judged(&decision, Dane::NotApplicable, EXPIRED);
    let mut aggregate = Aggregate::new();
    aggregate.record(&decision, &verdict, &facts);
    let report = only_report(aggregate);
    let details = &report.policies()[0].failure_details()[0];
    let expected: String = "x\u{fffd}".chars().cycle().take(255).collect();
    assert_eq!(details.receiving_mx_helo(), Some(&*expected));
    assert_eq!(details.receiving_mx_hostname(), Some(&*expected));
}

/// Whatever a host is called, what is stored is read again as the same.
#[test]
fn names_of_strangers_are_stored() {
    let decision = configured("testing");
    let kept = format!("y{}", ".x".repeat(127));
    let long = format!("y{}.example", ".X".repeat(127));
    let dotted = format!("{}.example", "X".repeat(254));
    for (name, expected) in [
        ("MX.example.com..", Some("mx.example.com")),
        (&long, Some(&kept)),
        (&dotted, Some(&"x".repeat(254))),
        ("...", None),
        ("\u{c4} \u{ffff}\n", Some("\u{c4} \u{fffd}\n")),
    ] {
        let mut aggregate = Aggregate::new();
        record(&mut aggregate, &decision, name, EXPIRED);
        let form = serde_json::to_string(&aggregate).unwrap();
        assert_eq!(
            serde_json::from_str::<Aggregate>(&form).unwrap(),
            aggregate,
            "{name}"
        );
        let report = only_report(aggregate);
        let details = &report.policies()[0].failure_details()[0];
        assert_eq!(details.receiving_mx_hostname(), expected, "{name}");
    }
}

#[test]
fn days_are_those_of_utc_and_of_the_end() {
    let day = UtcDay::of(NOW);
    let decision = configured("enforce");
    let verdict = judged(&decision, Dane::NotApplicable, GOOD);
    let mut aggregate = Aggregate::with_limits(7, 7);
    for end in [day.end(), day.next().start(), day.next().end(), day.start()] {
        let facts = SessionFacts::new(end, "mx.example.com");
        aggregate.record(&decision, &verdict, &facts);
    }
    let due = aggregate.take_before(day.next());
    assert_eq!(due.days().count(), 1);
    assert_eq!(aggregate.days().count(), 1);
    let today = only_report(due);
    assert_eq!(today.successful_sessions(), 2);
    assert_eq!(today.date_range().start(), Some(day.start()));
    assert_eq!(today.date_range().end(), Some(day.end()));
    assert!(aggregate.take_before(day).is_empty());
    assert_eq!(aggregate.take_before(day.next().next()).days().count(), 1);
    assert!(aggregate.is_empty());
}

#[test]
fn the_serde_form() {
    let mut aggregate = Aggregate::with_limits(7, 2);
    let decision = configured("testing");
    let verdict = |tls| judged(&decision, Dane::NotApplicable, tls);
    let facts = SessionFacts::new(NOW, "mx.example.com")
        .with_sending_mta_ip("2001:db8::1".parse().unwrap());
    aggregate.record(&decision, &verdict(EXPIRED), &facts);
    let form = json!({
        "max_policies": 7,
        "max_details": 2,
        "days": [{
            "day": 20_778,
            "domain": "example.com",
            "policies": [{
                "policy_type": "sts",
                "policy_domain": "example.com",
                "policy_string": ["version: STSv1", "mode: testing", "mx: mx.example.com", "max_age: 86400"],
                "mx_host": ["mx.example.com"],
                "successful": 0,
                "failed": 1,
                "details": [{
                    "result_type": "certificate-expired",
                    "reason": "tls-certificate-expired",
                    "mx_host": "mx.example.com",
                    "sending_ip": "2001:db8::1",
                    "count": 1
                }]
            }],
            "folded": []
        }]
    });
    assert_eq!(serde_json::to_value(&aggregate).unwrap(), form);
    assert_eq!(
        serde_json::from_value::<Aggregate>(form.clone()).unwrap(),
        aggregate
    );
    for (member, value) in [
        ("/days/0/domain", json!("a..b")),
        ("/days/0/policies/0/policy_type", json!("mta-sts")),
        ("/days/0/policies/0/policy_domain", json!("")),
        ("/days/0/policies/0/mx_host/0", json!("*.*.a")),
        ("/days/0/policies/0/failed", json!(-1)),
        ("/days/0/policies/0/details/0/result_type", json!("new")),
        ("/days/0/policies/0/details/0/reason", json!("")),
        ("/days/0/policies/0/details/0/sending_ip", json!("1.2.3")),
    ] {
        let mut bad = form.clone();
        *bad.pointer_mut(member).unwrap() = value;
        assert!(
            serde_json::from_value::<Aggregate>(bad).is_err(),
            "{member}"
        );
    }
    // Limits beyond the highest are the highest.
    let mut high = form;
    high["max_details"] = json!(u64::MAX);
    high["max_policies"] = json!(0);
    let read = serde_json::from_value::<Aggregate>(high).unwrap();
    let limits = serde_json::to_value(&read).unwrap();
    assert_eq!(
        (&limits["max_policies"], &limits["max_details"]),
        (&json!(1), &json!(1_000))
    );
}

/// Which entries stay is fixed for all time: parts of different versions would else not agree about it. The order of the hashes was
/// computed by another program.
#[test]
fn what_is_kept_is_the_same_in_every_version() {
    let detail = |number: u8| {
        let host = format!("mx{number}.example.com");
        json!({ "result_type": "certificate-expired", "reason": "tls-certificate-expired", "mx_host": host, "count": number })
    };
    let policy = |name: char, details: &[u8]| {
        let details: Vec<_> = details.iter().map(|number| detail(*number)).collect();
        json!({
            "policy_type": "sts", "policy_domain": format!("{name}.example.com"),
            "successful": 0, "failed": 1, "details": details
        })
    };
    // As two earlier versions have stored them, before anything was left out.
    let stored = |policies: &[serde_json::Value]| {
        let day =
            json!({ "day": 20_778, "domain": "example.com", "policies": policies, "folded": [] });
        let form = json!({ "max_policies": 3, "max_details": 2, "days": [day] });
        serde_json::from_value::<Aggregate>(form).unwrap()
    };
    let first = stored(&[
        policy('a', &[1, 2, 3, 6]),
        policy('c', &[]),
        policy('e', &[]),
    ]);
    let second = stored(&[
        policy('a', &[4, 5, 7, 8]),
        policy('b', &[]),
        policy('d', &[]),
        policy('f', &[]),
    ]);
    let report = only_report(first.merge(second));
    let shown: Vec<_> = report.policies().iter().map(shown).collect();
    let further = |count: u8| format!("{count} certificate-expired further-failures -");
    let kept = |number: u8| {
        format!("{number} certificate-expired tls-certificate-expired mx{number}.example.com")
    };
    assert_eq!(
        shown[0],
        [
            "sts a.example.com 0/2".to_owned(),
            kept(4),
            kept(5),
            further(1 + 2 + 3 + 6 + 7 + 8)
        ]
    );
    let rest: Vec<_> = shown[1..].iter().map(|lines| &*lines[0]).collect();
    let (kept, folded) = rest.split_at(2);
    assert_eq!(kept, ["sts d.example.com 0/1", "sts f.example.com 0/1"]);
    let in_any_order = ["b", "c", "e"].map(|name| format!("sts {name}.example.com 0/1"));
    assert_eq!(folded, in_any_order);
}

#[test]
fn what_is_too_long_for_a_report_is_folded() {
    // As many policies as are kept, each with as many lines as 64 KiB hold, and escapes in each.
    let mut aggregate = Aggregate::new();
    let sessions = 100;
    for number in 0..sessions {
        let body = format!("{number}{}", "\u{1}".repeat(60_000));
        let response = PolicyResponse::new(200, Some("text/plain"), body.into_bytes());
        let decision = discovered(None, Ok("v=STSv1; id=2"), Ok(response));
        record(&mut aggregate, &decision, "mx.example.com", GOOD);
    }
    let report = only_report(aggregate);
    assert_eq!(report.failed_sessions(), sessions);
    assert_eq!(report.policies().len(), 26);
    let last = report.policies().last().unwrap();
    assert_eq!(shown(last)[0], "sts example.com 0/75");
    assert_eq!(last.policy_string().len(), 0);
}

#[test]
fn bad_names_of_the_reporter_are_errors() {
    let mut aggregate = Aggregate::new();
    record(
        &mut aggregate,
        &configured("enforce"),
        "mx.example.com",
        GOOD,
    );
    let contact = "tls@kestrel.example".parse().unwrap();
    for (name, id, path) in [("", "1", "$.organization-name"), ("K", "", "$.report-id")] {
        let mut reports = aggregate
            .clone()
            .into_reports(name, &contact, |_, _| id.into());
        let error = reports.next().unwrap().unwrap_err();
        assert_eq!((error.code(), error.path()), ("tlsrpt-write-text", path));
    }
}

#[test]
fn days_without_a_date_are_errors() {
    let decision = configured("testing");
    let verdict = judged(&decision, Dane::NotApplicable, GOOD);
    let last = 253_402_300_799;
    for (end, error) in [(last, None), (last + 1, Some("tlsrpt-write-time"))] {
        let mut aggregate = Aggregate::new();
        let facts = SessionFacts::new(UnixTime::from_secs(end), "mx.example.com");
        aggregate.record(&decision, &verdict, &facts);
        let contact = "tls@kestrel.example".parse().unwrap();
        let mut reports = aggregate.into_reports("Kestrel", &contact, |_, _| "1".into());
        let report = reports.next().unwrap();
        assert_eq!(report.err().map(|error| error.code()), error);
    }
}
