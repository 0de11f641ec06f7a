//! Counting sessions: what counts as what, the laws of merging, and the reports that come of it.

mod laws;
mod stored;

use crate::rows::again;
use mta_sts::{
    Aggregate, CacheEntry, CachedPolicy, Candidate, Dane, Decision, Discovery, DiscoveryOptions,
    DnsError, Domain, DomainReport, FailureDetails, FetchError, MessageClass, Policy, PolicyDomain,
    PolicyResponse, Purpose, Report, ReportPolicy, ResultType, SessionFacts, TlsFailure,
    TlsOutcome, TlsVerdict, TxtAnswer, UnixTime, UtcDay, Verdict,
};
use std::net::IpAddr;

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

fn judged(decision: &Decision, dane: Dane, tls: TlsOutcome) -> Verdict {
    match decision.candidate("mx.example.com", dane) {
        Candidate::Connect(session) => session.judge(tls),
        Candidate::Skip(verdict) => verdict,
    }
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
    let (is_empty, days) = (aggregate.is_empty(), aggregate.days().len());
    let reports = aggregate.into_reports("Kestrel", &contact, id);
    let reports: Vec<_> = reports.map(Result::unwrap).collect();
    assert_eq!((is_empty, days), (reports.is_empty(), reports.len()));
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
fn what_is_known_of_a_session_stands_in_its_details() {
    let decision = configured("enforce");
    let verdict = judged(&decision, Dane::NotApplicable, EXPIRED);
    let [from, to] = [[192, 0, 2, 1], [198, 51, 100, 1]].map(IpAddr::from);
    let facts = SessionFacts::new(NOW, "mx.example.com")
        .with_sending_mta_ip(from)
        .with_receiving_ip(to)
        .with_receiving_mx_helo("helo.example.com");
    let mut aggregate = Aggregate::new();
    aggregate.record(&decision, &verdict, &facts);
    let report = only_report(aggregate);
    let expected = FailureDetails::new(ResultType::CertificateExpired, 1)
        .with_sending_mta_ip(from)
        .with_receiving_ip(to)
        .with_receiving_mx_hostname("mx.example.com")
        .with_receiving_mx_helo("helo.example.com")
        .with_failure_reason_code("tls-certificate-expired");
    assert_eq!(report.policies()[0].failure_details(), [expected]);
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
    let tls = TlsOutcome::Established {
        pkix: TlsVerdict::Passed,
        dane: TlsVerdict::Failed(TlsFailure::TlsaMismatch),
    };
    let verdict = judged(&decision, Dane::Usable, tls);
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
