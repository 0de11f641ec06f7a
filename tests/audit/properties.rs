//! What holds for all deployments and plans.

use super::facts::NOW;
use super::zone;
use mta_sts::{
    AuditOptions, Deployment, MaxAge, Mode, Policy, PolicyResponse, PublishHistory, PublishPlan,
    Severity, TlsOutcome, TlsRptRecord, TlsVerdict, TxtAnswer, UnixTime, audit, propose_patterns,
};
use proptest::collection::{btree_set, vec};
use proptest::prelude::*;
use std::time::Duration;

const VALID: TlsOutcome = TlsOutcome::Established {
    pkix: TlsVerdict::Passed,
    dane: TlsVerdict::NotChecked,
};

fn label() -> impl Strategy<Value = String> {
    "[a-z]([a-z0-9-]{0,6}[a-z0-9])?".prop_filter("no A-label", |label| !label.contains("--"))
}

fn host() -> impl Strategy<Value = String> {
    (label(), label(), label()).prop_map(|(host, at, end)| format!("{host}.kestrel-{at}.{end}net"))
}

fn hosts() -> impl Strategy<Value = Vec<String>> {
    btree_set(host(), 1..20).prop_map(|hosts| hosts.into_iter().collect())
}

/// The same name, as a server may give it.
fn as_given(host: &str, variant: u8) -> String {
    match variant % 3 {
        0 => host.to_owned(),
        1 => format!("{host}."),
        _ => host.to_ascii_uppercase(),
    }
}

fn policy(mode: Mode, max_age: u64, hosts: &[String]) -> Policy {
    let mut builder = Policy::builder(mode, MaxAge::new(max_age).unwrap());
    for pattern in propose_patterns(hosts).unwrap() {
        builder = builder.mx(pattern);
    }
    builder.build().unwrap()
}

proptest! {
    #[test]
    fn what_is_planned_has_no_error(
        hosts in hosts(),
        variants in vec(any::<u8>(), 20),
        mode in prop_oneof![Just(Mode::Enforce), Just(Mode::Testing), Just(Mode::None)],
        max_age in 0..=31_557_600_u64,
        reports in vec(label(), 0..12),
        ttl in 0..1_000_000_u64,
    ) {
        let given: Vec<_> = hosts.iter().zip(&variants).map(|(host, variant)| as_given(host, *variant)).collect();
        let mut plan = PublishPlan::new("kestrel.net".parse().unwrap(), policy(mode, max_age, &given))
            .ttl(Duration::from_secs(ttl));
        if !reports.is_empty() {
            let uris = reports.iter().map(|report| format!("https://{report}.kestrel-reports.net/{}", "x".repeat(40)));
            plan = plan.reporting(TlsRptRecord::new(uris.map(|uri| uri.parse().unwrap())).unwrap());
        }
        let lines = plan.zone_lines();
        prop_assert!(lines.iter().all(|line| zone::parse(line).ttl == ttl));
        let mut deployment = Deployment::new("kestrel.net".parse().unwrap())
            .record(Ok(zone::answer(&lines, "_mta-sts.kestrel.net")))
            .policy(Ok(PolicyResponse::new(200, Some("text/plain"), plan.policy_text().into_bytes())))
            .tls_rpt(Ok(zone::answer(&lines, "_smtp._tls.kestrel.net")))
            .mx(Ok(given));
        for host in &hosts {
            deployment = deployment.host(host, VALID);
        }
        let is_public_suffix = |name: &str| !name.contains('.');
        let audit = audit(&deployment, &AuditOptions::new(NOW).public_suffix(&is_public_suffix));
        prop_assert_eq!(audit.total(Severity::Error), 0, "{:?}", audit.findings());
        for view in [audit.strict(), audit.lenient()] {
            prop_assert_eq!(view.to_string(), format!("a policy with mode {mode}"));
            prop_assert!(view.hosts().iter().all(|host| host.failure().is_none()));
            prop_assert_eq!(view.hosts().len(), hosts.len());
        }
    }

    /// Neither their subdomains, nor their parents, nor those beside them.
    #[test]
    fn a_proposed_policy_allows_exactly_the_hosts(hosts in hosts(), other in host(), label in label()) {
        let policy = policy(Mode::Enforce, 1_209_600, &hosts);
        for host in &hosts {
            let (_, parent) = host.split_once('.').unwrap();
            let near = [
                format!("{label}.{host}"),
                parent.to_owned(),
                format!("{label}.{parent}"),
                format!("{host}.{label}"),
                format!("{label}{host}"),
                other.clone(),
                host.clone(),
                host.to_ascii_uppercase(),
            ];
            for name in near {
                let is_given = hosts.contains(&name.to_ascii_lowercase());
                prop_assert_eq!(policy.mx_matches(&name), is_given, "{}", name);
            }
        }
        prop_assert!(policy.mx().all(|pattern| !pattern.is_wildcard()));
        prop_assert_eq!(policy.mx().count(), hosts.len());
    }

    /// Of many patterns and hosts those go together that do one by one.
    #[test]
    fn a_pattern_is_unused_exactly_if_it_matches_no_host(
        patterns in vec("([*][.])?([ab][.]){0,2}net", 1..6),
        hosts in vec("(([abAB_]|\u{fc})[.]){0,3}(net|NET)[.]?", 1..6),
    ) {
        let mx = patterns.join("\nmx: ");
        let text = format!("version: STSv1\nmode: enforce\nmax_age: 604800\nmx: {mx}\n");
        let policy = Policy::parse(text.as_bytes()).unwrap();
        let unused = policy.mx().filter(|pattern| !hosts.iter().any(|host| pattern.matches(host)));
        let unused: Vec<_> = unused.map(|pattern| pattern.to_string()).collect();
        let deployment = Deployment::new("kestrel.net".parse().unwrap())
            .policy(Ok(PolicyResponse::new(200, Some("text/plain"), text.into_bytes())))
            .mx(Ok(hosts));
        let audit = audit(&deployment, &AuditOptions::new(NOW));
        let found = audit.findings().iter().filter(|it| it.code() == "audit-pattern-unused");
        let found: Vec<_> = found.filter_map(|it| it.subject()).collect();
        prop_assert_eq!(found, unused);
    }

    /// In whichever order they are told.
    #[test]
    fn a_history_ends_with_the_last_of_its_policies(
        served in vec((0..4_000_000_000_u64, 0..=31_557_600_u64), 0..10),
    ) {
        let mut history = PublishHistory::new();
        for (last, max_age) in &served {
            history = history.served(MaxAge::new(*max_age).unwrap(), UnixTime::from_secs(*last));
        }
        let end = served.iter().map(|(last, max_age)| last + max_age).max().unwrap_or_default();
        prop_assert_eq!(history.expires_at(), UnixTime::from_secs(end));
    }

    /// Whatever strangers write: no panic, and nothing that would move a cursor.
    #[test]
    fn any_facts_are_told_in_printable_lines(
        record in vec(any::<Vec<u8>>(), 0..3),
        cname in any::<String>(),
        status in any::<u16>(),
        media_type in any::<Option<String>>(),
        body in any::<Vec<u8>>(),
        mx in vec(any::<String>(), 0..4),
        tls_rpt in any::<Vec<u8>>(),
    ) {
        let deployment = Deployment::new("kestrel.net".parse().unwrap())
            .record(Ok(record.iter().map(|record| [record]).collect()))
            .record_cname(&cname)
            .txt_at(cname, TxtAnswer::from_iter([["v=STSv1; id=1"]]))
            .policy(Ok(PolicyResponse::new(status, media_type.as_deref(), body)))
            .tls_rpt(Ok(TxtAnswer::from_iter([[tls_rpt]])))
            .mx(Ok(mx));
        let audit = audit(&deployment, &AuditOptions::new(NOW));
        for finding in audit.findings() {
            prop_assert!(!finding.to_string().contains(char::is_control), "{finding:?}");
        }
    }
}

/// The names of the hosts that a sender refuses are what strangers wrote, too.
#[test]
fn what_a_sender_sees_is_one_line() {
    let text = policy(Mode::Enforce, 604_800, &["mx.kestrel.net".into()]).to_string();
    let deployment = Deployment::new("kestrel.net".parse().unwrap())
        .record(Ok(TxtAnswer::from_iter([["v=STSv1; id=1"]])))
        .policy(Ok(PolicyResponse::new(
            200,
            Some("text/plain"),
            text.into_bytes(),
        )))
        .mx(Ok(["x\n\u{1b}[2J.kestrel.net"]));
    let audit = audit(&deployment, &AuditOptions::new(NOW));
    assert_eq!(
        audit.strict().to_string(),
        "a policy with mode enforce that refuses x\\n\\u{1b}[2J.kestrel.net"
    );
}
