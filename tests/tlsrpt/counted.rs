//! Counting sessions: what counts as what, the laws of merging, and the reports that come of it.

use crate::rows::again;
use mta_sts::{
    Aggregate, CacheEntry, CachedPolicy, Candidate, Dane, Decision, Discovery, DiscoveryOptions,
    DnsError, Domain, DomainReport, FetchError, MessageClass, Policy, PolicyDomain, PolicyResponse,
    Purpose, Report, ReportPolicy, SessionFacts, TlsFailure, TlsOutcome, TlsVerdict, TxtAnswer,
    UnixTime, UtcDay,
};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::json;

const NOW: UnixTime = UnixTime::from_secs(1_795_253_400);
const GOOD: TlsOutcome = TlsOutcome::Established {
    pkix: TlsVerdict::Passed,
    dane: TlsVerdict::NotChecked,
};
const EXPIRED: TlsOutcome = TlsOutcome::Established {
    pkix: TlsVerdict::Failed(TlsFailure::CertificateExpired),
    dane: TlsVerdict::NotChecked,
};

fn policy(mode: &str) -> Policy {
    let text = format!("version: STSv1\nmode: {mode}\nmx: mx.example.com\nmax_age: 86400\n");
    Policy::parse(text.as_bytes()).unwrap()
}

fn domain() -> PolicyDomain {
    "example.com".parse().unwrap()
}

fn configured(mode: &str) -> Decision {
    Decision::configured(domain(), policy(mode), NOW)
}

/// The decision of a discovery whose answers are these.
fn discovered(
    known: Option<CacheEntry>,
    txt: Result<&str, DnsError>,
    response: Result<PolicyResponse, FetchError>,
) -> Decision {
    let options = DiscoveryOptions::new();
    let discovery = Discovery::start(domain(), known, Purpose::Recheck, NOW, &options);
    let mut response = Some(response);
    let conclusion = discovery.run(
        |_| txt.map(|record| TxtAnswer::from_iter([[record]])),
        |_| response.take().expect("one request"),
    );
    conclusion.decision().clone()
}

fn cached() -> CacheEntry {
    let cached = CachedPolicy::new(policy("enforce"), None, NOW);
    CacheEntry::new(Some(cached.into()), None, NOW)
}

fn record(aggregate: &mut Aggregate, decision: &Decision, host: &str, tls: TlsOutcome) {
    record_for(aggregate, MessageClass::Ordinary, decision, host, tls);
}

fn record_for(
    aggregate: &mut Aggregate,
    class: MessageClass,
    decision: &Decision,
    host: &str,
    tls: TlsOutcome,
) {
    let verdict = match decision.candidate_for(class, host, Dane::NotApplicable) {
        Candidate::Connect(session) => session.judge(tls),
        Candidate::Skip(verdict) => verdict,
    };
    aggregate.record(decision, &verdict, &SessionFacts::new(NOW, host));
}

fn reports(aggregate: Aggregate) -> Vec<DomainReport> {
    let contact = "tls@kestrel.example".parse().unwrap();
    let id = |domain: &Domain, day: UtcDay| format!("{day}.{domain}");
    let reports = aggregate.into_reports("Kestrel", &contact, id);
    let reports: Vec<_> = reports.map(Result::unwrap).collect();
    for report in &reports {
        let text = report.report().to_json().unwrap();
        again(report.report(), &text);
        let read = Report::from_json(text.as_bytes()).unwrap();
        assert_eq!(read.deviations(), &[], "{text}");
    }
    reports
}

#[track_caller]
fn only_report(aggregate: Aggregate) -> Report {
    let [report] = &reports(aggregate)[..] else {
        panic!("one report")
    };
    report.report().clone()
}

/// `type domain successful/failed`, then each detail as `count result-type reason host`.
fn shown(policy: &ReportPolicy) -> Vec<String> {
    let head = format!(
        "{} {} {}/{}",
        policy.policy_type().unwrap(),
        policy.policy_domain().unwrap(),
        policy.successful_sessions().unwrap(),
        policy.failed_sessions().unwrap()
    );
    let details = policy.failure_details().iter().map(|details| {
        let (count, result_type) = (details.failed_sessions(), details.result_type());
        let reason = details.failure_reason_code().unwrap_or("-");
        let host = details.receiving_mx_hostname().unwrap_or("-");
        format!(
            "{} {} {reason} {host}",
            count.unwrap(),
            result_type.unwrap()
        )
    });
    [head].into_iter().chain(details).collect()
}

#[track_caller]
fn counts(record: impl FnOnce(&mut Aggregate), expected: &[&[&str]]) {
    let mut aggregate = Aggregate::new();
    record(&mut aggregate);
    if expected.is_empty() {
        assert!(aggregate.is_empty());
        return;
    }
    let report = only_report(aggregate);
    let policies: Vec<_> = report.policies().iter().map(shown).collect();
    assert_eq!(policies, expected);
}

#[test]
fn each_session_counts_once() {
    for mode in ["enforce", "testing"] {
        let decision = configured(mode);
        counts(
            |it| {
                record(it, &decision, "mx.example.com", GOOD);
                record(it, &decision, "MX.example.com.", GOOD);
                record(it, &decision, "mx.example.com", EXPIRED);
                record(it, &decision, "MX.example.com.", EXPIRED);
                record(it, &decision, "mx.example.com", TlsOutcome::NotOffered);
            },
            &[&[
                "sts example.com 2/3",
                "1 starttls-not-supported starttls-not-offered mx.example.com",
                "2 certificate-expired tls-certificate-expired mx.example.com",
            ]],
        );
    }
}

#[test]
fn a_session_that_fails_in_two_ways_counts_once_with_two_details() {
    let decision = configured("testing");
    counts(
        |it| record(it, &decision, "other.example.net", EXPIRED),
        &[&[
            "sts example.com 0/1",
            "1 certificate-expired tls-certificate-expired other.example.net",
            "1 validation-failure mtasts-policy-mx-mismatch other.example.net",
        ]],
    );
    let decision = configured("enforce");
    counts(
        |it| record(it, &decision, "other.example.net", GOOD),
        &[&[
            "sts example.com 0/1",
            "1 validation-failure mtasts-policy-mx-mismatch other.example.net",
        ]],
    );
}

#[test]
fn no_policy_is_counted_too() {
    let none = configured("none");
    let absent = discovered(None, Err(DnsError::NoSuchDomain), Err(FetchError::Other));
    for decision in [none, absent] {
        counts(
            |it| {
                record(it, &decision, "mx.example.com", GOOD);
                record(it, &decision, "mx.example.com", TlsOutcome::NotOffered);
            },
            &[&[
                "no-policy-found example.com 1/1",
                "1 starttls-not-supported starttls-not-offered mx.example.com",
            ]],
        );
    }
}

#[test]
fn reports_about_reports_are_not_counted() {
    let decision = configured("enforce");
    for tls in [GOOD, EXPIRED] {
        counts(
            |it| {
                let class = MessageClass::TlsReport;
                record_for(it, class, &decision, "mx.example.com", tls);
            },
            &[],
        );
    }
}

#[test]
fn a_failed_refresh_is_a_detail_and_no_failed_session() {
    let decision = discovered(
        Some(cached()),
        Ok("v=STSv1; id=2"),
        Err(FetchError::Timeout),
    );
    counts(
        |it| record(it, &decision, "mx.example.com", GOOD),
        &[&[
            "sts example.com 1/0",
            "1 sts-policy-fetch-error fetch-timeout -",
        ]],
    );
    counts(
        |it| it.record_discovery(&decision, NOW),
        &[&[
            "sts example.com 0/0",
            "1 sts-policy-fetch-error fetch-timeout -",
        ]],
    );
}

/// Beside a policy that still counts, what is wrong with the record is a detail of the policy and fails no session.
#[test]
fn a_record_that_is_gone_or_broken_is_a_detail() {
    for (records, detail) in [
        (
            Err(DnsError::NoData),
            "1 sts-policy-fetch-error record-absent -",
        ),
        (
            Err(DnsError::Timeout),
            "1 sts-policy-fetch-error record-dns-timeout -",
        ),
        (
            Ok(&["v=spf1 -all"][..]),
            "1 sts-policy-fetch-error record-absent -",
        ),
        (
            Ok(&["v=STSv1; id=_"]),
            "1 sts-policy-invalid record-id-character -",
        ),
        (
            Ok(&["v=STSv1; id=1", "v=STSv1; id=2"]),
            "1 sts-policy-invalid record-several -",
        ),
    ] {
        let options = DiscoveryOptions::new();
        let discovery = Discovery::start(domain(), Some(cached()), Purpose::Recheck, NOW, &options);
        let conclusion = discovery.run(
            |_| records.map(|records| records.iter().map(|record| [record]).collect()),
            |_| Err(FetchError::Connect),
        );
        counts(
            |it| record(it, conclusion.decision(), "mx.example.com", GOOD),
            &[&["sts example.com 1/0", detail]],
        );
    }
}

#[test]
fn a_policy_that_cannot_be_had_fails_the_session() {
    let decision = discovered(None, Ok("v=STSv1; id=2"), Err(FetchError::Timeout));
    counts(
        |it| {
            record(it, &decision, "mx.example.com", GOOD);
            record(it, &decision, "mx.example.com", TlsOutcome::NotOffered);
        },
        &[&[
            "sts example.com 0/2",
            "1 starttls-not-supported starttls-not-offered mx.example.com",
            "2 sts-policy-fetch-error fetch-timeout -",
        ]],
    );
}

#[test]
fn an_invalid_policy_is_shown_as_it_came() {
    let body = b"version: STSv1\r\nmode: on \n\n\xff\xef\xbf\xbf";
    let response = PolicyResponse::new(200, Some("text/plain"), *body);
    let decision = discovered(None, Ok("v=STSv1; id=2"), Ok(response));
    let mut aggregate = Aggregate::new();
    record(&mut aggregate, &decision, "mx.example.com", GOOD);
    let report = only_report(aggregate);
    let lines: Vec<_> = report.policies()[0].policy_string().collect();
    // U+FFFF cannot stand in I-JSON.
    assert_eq!(
        lines,
        ["version: STSv1", "mode: on", "", "\u{fffd}\u{fffd}"]
    );
    // A policy that would be read as a packed list.
    let response = PolicyResponse::new(200, Some("text/plain"), *b"[\"mode: none\"]\n");
    let decision = discovered(None, Ok("v=STSv1; id=2"), Ok(response));
    let mut aggregate = Aggregate::new();
    record(&mut aggregate, &decision, "mx.example.com", GOOD);
    let report = only_report(aggregate);
    let lines: Vec<_> = report.policies()[0].policy_string().collect();
    assert_eq!(lines, [" [\"mode: none\"]"]);
}

#[test]
fn nothing_to_report_of_a_discovery() {
    for decision in [
        configured("enforce"),
        discovered(None, Err(DnsError::NoData), Err(FetchError::Other)),
        discovered(None, Err(DnsError::Timeout), Err(FetchError::Other)),
        discovered(None, Ok("v=STSv1"), Err(FetchError::Other)),
    ] {
        counts(|it| it.record_discovery(&decision, NOW), &[]);
    }
}

fn with_dane(facts: &SessionFacts<'_>, aggregate: &mut Aggregate) {
    let decision = configured("enforce");
    let Candidate::Connect(session) = decision.candidate("mx.example.com", Dane::Usable) else {
        panic!("to be connected to")
    };
    let verdict = session.judge(TlsOutcome::Established {
        pkix: TlsVerdict::Passed,
        dane: TlsVerdict::Failed(TlsFailure::TlsaMismatch),
    });
    aggregate.record(&decision, &verdict, facts);
}

#[test]
fn dane_and_mta_sts_are_two_policies_of_one_session() {
    let facts = SessionFacts::new(NOW, "MX.example.com.").with_tlsa(["3 1 1 00", "3 1 1 01"]);
    let mut aggregate = Aggregate::new();
    with_dane(&facts, &mut aggregate);
    let report = only_report(aggregate);
    let [tlsa, sts] = report.policies() else {
        panic!("two policies")
    };
    assert_eq!(
        shown(tlsa),
        [
            "tlsa example.com 0/1",
            "1 tlsa-invalid tls-tlsa-mismatch mx.example.com"
        ]
    );
    assert_eq!(
        tlsa.policy_string().collect::<Vec<_>>(),
        ["3 1 1 00", "3 1 1 01"]
    );
    assert_eq!(tlsa.mx_host().collect::<Vec<_>>(), ["mx.example.com"]);
    assert_eq!(shown(sts), ["sts example.com 1/0"]);
}

#[test]
fn dane_can_be_reported_to_the_tlsa_base_domain() {
    let base = "mx.example.com".parse().unwrap();
    let facts = SessionFacts::new(NOW, "mx.example.com").with_tlsa_base(&base);
    let mut aggregate = Aggregate::new();
    with_dane(&facts, &mut aggregate);
    let days: Vec<_> = aggregate
        .days()
        .map(|(_, domain)| domain.to_string())
        .collect();
    assert_eq!(days, ["example.com", "mx.example.com"]);
    assert_eq!(reports(aggregate).len(), 2);
}

#[test]
fn names_of_strangers_are_bounded() {
    let decision = configured("testing");
    let long = "x\u{ffff}".repeat(1_000);
    let facts = SessionFacts::new(NOW, &long).with_receiving_mx_helo(&long);
    let Candidate::Connect(session) = decision.candidate("mx.example.com", Dane::NotApplicable)
    else {
        panic!("to be connected to")
    };
    let mut aggregate = Aggregate::new();
    aggregate.record(&decision, &session.judge(EXPIRED), &facts);
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
    let Candidate::Connect(session) = decision.candidate("mx.example.com", Dane::NotApplicable)
    else {
        panic!("to be connected to")
    };
    let mut aggregate = Aggregate::with_limits(7, 7);
    for end in [day.end(), day.next().start(), day.next().end(), day.start()] {
        let facts = SessionFacts::new(end, "mx.example.com");
        aggregate.record(&decision, &session.judge(GOOD), &facts);
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
    let verdict = |tls| match decision.candidate("mx.example.com", Dane::NotApplicable) {
        Candidate::Connect(session) => session.judge(tls),
        Candidate::Skip(verdict) => verdict,
    };
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
    let Candidate::Connect(session) = decision.candidate("mx.example.com", Dane::NotApplicable)
    else {
        panic!("to be connected to")
    };
    let last = 253_402_300_799;
    for (end, error) in [(last, None), (last + 1, Some("tlsrpt-write-time"))] {
        let mut aggregate = Aggregate::new();
        let facts = SessionFacts::new(UnixTime::from_secs(end), "mx.example.com");
        aggregate.record(&decision, &session.judge(GOOD), &facts);
        let contact = "tls@kestrel.example".parse().unwrap();
        let mut reports = aggregate.into_reports("Kestrel", &contact, |_, _| "1".into());
        let report = reports.next().unwrap();
        assert_eq!(report.err().map(|error| error.code()), error);
    }
}

// Laws.

/// A session, by small numbers.
type Op = (u8, u8, u8, u8, u8);

fn decisions() -> Vec<Decision> {
    let invalid = |text: &str| {
        let response = PolicyResponse::new(200, Some("text/plain"), text.as_bytes());
        discovered(None, Ok("v=STSv1; id=2"), Ok(response))
    };
    vec![
        configured("enforce"),
        configured("testing"),
        configured("none"),
        discovered(
            Some(cached()),
            Ok("v=STSv1; id=2"),
            Err(FetchError::Timeout),
        ),
        discovered(
            Some(cached()),
            Err(DnsError::NoData),
            Err(FetchError::Other),
        ),
        invalid("a"),
        invalid("b"),
        invalid("c"),
    ]
}

fn apply(aggregate: &mut Aggregate, decisions: &[Decision], op: Op) {
    let (decision, host, tls, address, day) = op;
    let decision = &decisions[usize::from(decision) % decisions.len()];
    let hosts = ["mx.example.com", "a.example.net", "b.example.net"];
    let host = hosts[usize::from(host) % hosts.len()];
    let tls = match tls % 5 {
        0 => TlsOutcome::NotOffered,
        1 => EXPIRED,
        2 => TlsOutcome::Failed(TlsFailure::Alert),
        3 => {
            return aggregate.record_discovery(decision, NOW);
        }
        _ => GOOD,
    };
    let dane = [Dane::NotApplicable, Dane::Usable, Dane::Unusable][usize::from(address) % 3];
    let verdict = match decision.candidate(host, dane) {
        Candidate::Connect(session) => session.judge(tls),
        Candidate::Skip(verdict) => verdict,
    };
    let ended = NOW.saturating_add(std::time::Duration::from_secs(86_400 * u64::from(day % 2)));
    let record = format!("3 1 1 {address}");
    let facts = SessionFacts::new(ended, host)
        .with_sending_mta_ip([192, 0, 2, address % 8].into())
        .with_tlsa([record]);
    aggregate.record(decision, &verdict, &facts);
}

fn ops() -> impl Strategy<Value = Vec<Op>> {
    vec(any::<Op>(), 0..40)
}

fn limits() -> impl Strategy<Value = (usize, usize)> {
    prop_oneof![(1_usize..4, 1_usize..4), Just((100, 1_000))]
}

fn counted(decisions: &[Decision], limits: (usize, usize), ops: &[Op]) -> Aggregate {
    let mut aggregate = Aggregate::with_limits(limits.0, limits.1);
    for op in ops {
        apply(&mut aggregate, decisions, *op);
    }
    aggregate
}

/// Sums that bounding must not change: sessions, and details by result type.
fn sums(aggregate: &Aggregate) -> (u64, u64, std::collections::BTreeMap<String, u64>) {
    let mut sums = (0, 0, std::collections::BTreeMap::new());
    for report in reports(aggregate.clone()) {
        for policy in report.report().policies() {
            sums.0 += policy.successful_sessions().unwrap();
            sums.1 += policy.failed_sessions().unwrap();
            for details in policy.failure_details() {
                let name = details.result_type().unwrap().to_string();
                *sums.2.entry(name).or_default() += details.failed_sessions().unwrap();
            }
        }
    }
    sums
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 1_000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn merging_is_a_commutative_monoid(
        parts in (ops(), ops(), ops()),
        limits in (limits(), limits(), limits()),
    ) {
        let decisions = decisions();
        let a = counted(&decisions, limits.0, &parts.0);
        let b = counted(&decisions, limits.1, &parts.1);
        let c = counted(&decisions, limits.2, &parts.2);
        let ab = a.clone().merge(b.clone());
        prop_assert_eq!(&ab, &b.clone().merge(a.clone()));
        prop_assert_eq!(ab.merge(c.clone()), a.clone().merge(b.merge(c)));
        prop_assert_eq!(&Aggregate::new().merge(a.clone()), &a);
        prop_assert_eq!(&a.clone().merge(Aggregate::new()), &a);
    }

    /// It does not matter where a session is recorded, nor when.
    #[test]
    fn parts_make_the_whole(
        ops in ops(),
        limits in limits(),
        places in vec(0_usize..3, 40),
    ) {
        let decisions = decisions();
        let whole = counted(&decisions, limits, &ops);
        let mut parts = vec![Aggregate::with_limits(limits.0, limits.1); 3];
        for (op, place) in ops.iter().rev().zip(places) {
            apply(&mut parts[place], &decisions, *op);
        }
        let merged = parts.into_iter().fold(Aggregate::new(), Aggregate::merge);
        prop_assert_eq!(&merged, &whole);
        let unbounded = counted(&decisions, (100, 1_000), &ops);
        prop_assert_eq!(sums(&whole), sums(&unbounded));
        let form = serde_json::to_string(&whole).unwrap();
        prop_assert_eq!(serde_json::from_str::<Aggregate>(&form).unwrap(), whole);
    }
}
