//! Plans: what is published, in which order, and how long to wait.

use super::facts::NOW;
use super::zone;
use mta_sts::{
    MaxAge, Mode, Policy, PublishHistory, PublishPlan, StepKind, StsRecord, TlsRptRecord, UnixTime,
    Wait, propose_patterns,
};
use std::time::Duration;

const DAY: u64 = 86_400;
const HOUR: Duration = Duration::from_secs(3_600);

fn policy(mode: Mode) -> Policy {
    let mut policy = Policy::builder(mode, MaxAge::new(14 * DAY).unwrap());
    if mode != Mode::None {
        policy = policy.mx("mx1.kestrel.net".parse().unwrap());
    }
    policy.build().unwrap()
}

fn plan(mode: Mode) -> PublishPlan {
    PublishPlan::new("kestrel.net".parse().unwrap(), policy(mode))
}

fn reporting() -> TlsRptRecord {
    TlsRptRecord::new(["mailto:tls@kestrel.net".parse().unwrap()]).unwrap()
}

/// A policy with a `max_age` of these days, last served these days ago.
fn served(history: PublishHistory, max_age: u64, days_ago: u64) -> PublishHistory {
    let last = NOW.saturating_sub(Duration::from_secs(days_ago * DAY));
    history.served(MaxAge::new(max_age * DAY).unwrap(), last)
}

fn in_days(days: u64) -> UnixTime {
    NOW.saturating_add(Duration::from_secs(days * DAY))
}

#[track_caller]
fn steps(plan: &PublishPlan, expected: &[&str]) {
    let steps: Vec<_> = plan
        .steps()
        .iter()
        .map(|step| format!("{}: {step}", step.kind()))
        .collect();
    assert_eq!(steps, expected, "{steps:#?}");
}

/// How long to wait before this step.
#[track_caller]
fn wait(plan: &PublishPlan, kind: StepKind) -> Option<Wait> {
    let steps = plan.steps();
    steps
        .iter()
        .find(|step| step.kind() == kind)
        .expect("the step")
        .wait()
}

// The order: RFC 8461 §8.1, §8.3.

#[test]
fn a_first_roll_out() {
    let plan = plan(Mode::Testing)
        .reporting(reporting())
        .history(PublishHistory::new());
    steps(
        &plan,
        &[
            "publish-reporting: publish the TLS reporting record at _smtp._tls.kestrel.net",
            "prepare-host: give mta-sts.kestrel.net an address and a certificate of a public authority",
            "serve-policy: serve the policy at https://mta-sts.kestrel.net/.well-known/mta-sts.txt as text/plain, on every server of mta-sts.kestrel.net",
            "publish-record: publish the record `v=STSv1; id=13cb784c2485063a;` at _mta-sts.kestrel.net",
            "enforce: after 14 days (1209600 s): read the reports, and go on to mode `enforce` once they are clean",
        ],
    );
}

#[test]
fn a_change() {
    let history = served(served(PublishHistory::new(), 365, 300), 7, 0);
    let plan = plan(Mode::Enforce).history(history);
    steps(
        &plan,
        &[
            "serve-policy: serve the policy at https://mta-sts.kestrel.net/.well-known/mta-sts.txt as text/plain, on every server of mta-sts.kestrel.net",
            "publish-record: publish the record `v=STSv1; id=44bfb5abc54d9ac0;` at _mta-sts.kestrel.net",
            "add-hosts: after 1 hour (3600 s): put MX hosts into service that only this policy names; senders with an earlier one pass them over",
            "retire-hosts: not before 2027-01-25T10:30:00Z: take MX hosts out of service that only earlier policies name",
        ],
    );
}

#[test]
fn a_removal() {
    let plan = plan(Mode::None).history(served(PublishHistory::new(), 7, 0));
    steps(
        &plan,
        &[
            "serve-policy: serve the policy at https://mta-sts.kestrel.net/.well-known/mta-sts.txt as text/plain, on every server of mta-sts.kestrel.net",
            "publish-record: publish the record `v=STSv1; id=fee18bf4b5bfeff3;` at _mta-sts.kestrel.net",
            "remove-record: not before 2026-11-28T10:30:00Z: remove the record at _mta-sts.kestrel.net",
            "remove-policy: after 1 hour (3600 s): stop serving the policy at https://mta-sts.kestrel.net/.well-known/mta-sts.txt",
        ],
    );
}

#[test]
fn a_delegation() {
    let provider: mta_sts::PolicyDomain = "osprey-hosting.com".parse().unwrap();
    let plan = plan(Mode::Enforce)
        .delegated_to(provider.clone())
        .history(PublishHistory::new());
    assert_eq!(
        plan.zone_lines(),
        [
            "_mta-sts.kestrel.net. 3600 IN CNAME _mta-sts.osprey-hosting.com.",
            "mta-sts.kestrel.net. 3600 IN CNAME mta-sts.osprey-hosting.com.",
        ]
    );
    steps(
        &plan,
        &[
            "publish-delegation: publish the CNAME record of mta-sts.kestrel.net",
            "serve-policy: have osprey-hosting.com serve the policy at https://mta-sts.kestrel.net/.well-known/mta-sts.txt, with a certificate for mta-sts.kestrel.net",
            "publish-record: have osprey-hosting.com publish the record `v=STSv1; id=44bfb5abc54d9ac0;` at _mta-sts.osprey-hosting.com",
            "publish-delegation: publish the CNAME record of _mta-sts.kestrel.net in place of a TXT record",
        ],
    );
    let removal = self::plan(Mode::None)
        .delegated_to(provider)
        .history(PublishHistory::new());
    let kinds: Vec<_> = removal
        .steps()
        .iter()
        .map(|step| step.what().to_owned())
        .collect();
    assert_eq!(
        kinds[4..],
        [
            "remove the CNAME record of _mta-sts.kestrel.net",
            "remove the CNAME record of mta-sts.kestrel.net",
        ]
    );
}

#[test]
fn without_reporting_testing_tells_nothing() {
    let plan = plan(Mode::Testing).history(PublishHistory::new());
    let last = plan.steps().pop().unwrap();
    assert_eq!(
        last.what(),
        "go on to mode `enforce` once every MX host is known to do well: without a TLS reporting record nobody tells"
    );
}

// The waiting times.

#[test]
fn the_longest_of_all_policies_counts() {
    // Last served, not the longest life; the longest life; served first.
    for (history, days) in [
        (served(served(PublishHistory::new(), 30, 0), 365, 360), 30),
        (served(served(PublishHistory::new(), 365, 100), 30, 0), 265),
        (
            served(
                served(served(PublishHistory::new(), 200, 50), 365, 200),
                7,
                1,
            ),
            165,
        ),
        (served(served(PublishHistory::new(), 7, 0), 7, 400), 7),
    ] {
        assert_eq!(history.expires_at(), in_days(days));
        let until = Some(Wait::Until(in_days(days).saturating_add(HOUR)));
        let removal = plan(Mode::None).history(history);
        assert_eq!(wait(&removal, StepKind::RemoveRecord), until);
        let change = plan(Mode::Enforce).history(history);
        assert_eq!(wait(&change, StepKind::RetireHosts), until);
    }
}

#[test]
fn the_ttl_is_added() {
    let day = Duration::from_secs(DAY);
    let plan = plan(Mode::None)
        .history(served(PublishHistory::new(), 7, 0))
        .ttl(day);
    assert_eq!(
        wait(&plan, StepKind::RemoveRecord),
        Some(Wait::Until(in_days(8)))
    );
    assert_eq!(wait(&plan, StepKind::RemovePolicy), Some(Wait::For(day)));
}

#[test]
fn without_a_history_it_is_a_year() {
    let year = Wait::For(Duration::from_secs(31_557_600) + HOUR);
    assert_eq!(year.to_string(), "after 365 days 7 hours (31561200 s)");
    let removal = plan(Mode::None);
    assert_eq!(wait(&removal, StepKind::RemoveRecord), Some(year));
    let change = plan(Mode::Testing);
    assert_eq!(wait(&change, StepKind::RetireHosts), Some(year));
}

#[test]
fn waits_in_words() {
    let after = |secs| Wait::For(Duration::from_secs(secs)).to_string();
    assert_eq!(after(0), "after 0 s");
    assert_eq!(after(59), "after 59 s");
    assert_eq!(after(60), "after 1 minute (60 s)");
    assert_eq!(after(90_061), "after 1 day 1 hour 1 minute (90061 s)");
    assert_eq!(
        Wait::Until(NOW).to_string(),
        "not before 2026-11-21T09:30:00Z"
    );
}

// What is published.

#[test]
fn id_record_and_text_agree() {
    let plan = plan(Mode::Enforce);
    let policy = Policy::parse(plan.policy_text().as_bytes()).unwrap();
    assert_eq!(plan.id(), policy.derive_id());
    let answer = zone::answer(&plan.zone_lines(), "_mta-sts.kestrel.net");
    assert_eq!(StsRecord::select(&answer), Ok(Some(plan.record())));
}

#[test]
fn a_long_record_is_split() {
    let uri = |number| format!("https://reports{number}.kestrel.net/{}", "a".repeat(90));
    let uris = (0..8).map(|number| uri(number).parse().unwrap());
    let record = TlsRptRecord::new(uris).unwrap();
    let plan = plan(Mode::Enforce).reporting(record.clone());
    let lines = plan.zone_lines();
    let line = zone::parse(&lines[1]);
    let zone::Data::Txt(strings) = line.data else {
        panic!("{lines:?}")
    };
    let lengths: Vec<_> = strings.iter().map(Vec::len).collect();
    assert_eq!(lengths[..3], [255, 255, 255]);
    assert_eq!(strings.concat(), record.to_string().as_bytes());
    let answer = zone::answer(&lines, "_smtp._tls.kestrel.net");
    assert_eq!(TlsRptRecord::select(&answer), Ok(Some(record)));
}

#[test]
fn a_domain_without_room_for_the_name_has_no_reporting() {
    let long = format!(
        "{}.{}.{}.{}.net",
        "a".repeat(63),
        "b".repeat(63),
        "c".repeat(63),
        "d".repeat(47)
    );
    assert_eq!(long.len(), 243);
    let plan =
        PublishPlan::new(long.parse().unwrap(), policy(Mode::Enforce)).reporting(reporting());
    assert_eq!(plan.zone_lines().len(), 1);
    assert!(
        plan.steps()
            .iter()
            .all(|step| step.kind() != StepKind::PublishReporting)
    );
}

// Patterns.

#[test]
fn patterns_are_the_hosts_each_once() {
    let hosts = ["mx2.kestrel.net.", "MX1.kestrel.net", "mx2.Kestrel.net"];
    let patterns: Vec<_> = propose_patterns(hosts)
        .unwrap()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(patterns, ["mx2.kestrel.net", "mx1.kestrel.net"]);
}

#[test]
fn what_is_no_host_name_is_refused() {
    for (host, code) in [
        (".", "domain-empty"),
        ("192.0.2.1", "domain-ipv4"),
        ("mx_1.kestrel.net", "domain-character"),
        ("*.kestrel.net", "domain-character"),
    ] {
        let error = propose_patterns(["mx1.kestrel.net", host]).unwrap_err();
        assert_eq!(error.code(), code, "{host}");
    }
}
