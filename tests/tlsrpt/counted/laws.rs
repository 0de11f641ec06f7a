//! The laws of merging.

use super::{EXPIRED, GOOD, NOW, cached, configured, discovered, reports};
use mta_sts::{
    Aggregate, Candidate, Dane, Decision, DnsError, FetchError, PolicyResponse, SessionFacts,
    TlsFailure, TlsOutcome,
};
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::time::Duration;

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
    let ended = NOW.saturating_add(Duration::from_secs(86_400 * u64::from(day % 2)));
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
fn sums(aggregate: &Aggregate) -> (u64, u64, BTreeMap<String, u64>) {
    let mut sums = (0, 0, BTreeMap::new());
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
