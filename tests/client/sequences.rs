//! Whatever is asked in whatever order: a fresh policy is applied, an expired one is not.

use crate::executor::block_on;
use crate::world::World;
use crate::{domain, now};
use mta_sts::{DnsError, MemoryStore, Mode, PolicyClient, PolicyDomain, Purpose, Source, UnixTime};
use proptest::prelude::*;
use std::collections::HashMap;
use std::time::Duration;

const POLICIES: [(&str, Mode, u64); 4] = [
    (
        "version: STSv1\nmode: enforce\nmx: a.example.com\nmax_age: 604800\n",
        Mode::Enforce,
        604_800,
    ),
    (
        "version: STSv1\nmode: testing\nmx: b.example.com\nmax_age: 2000\n",
        Mode::Testing,
        2_000,
    ),
    (
        "version: STSv1\nmode: none\nmax_age: 86400\n",
        Mode::None,
        86_400,
    ),
    (
        "version: STSv1\nmode: enforce\nmx: c.example.com\nmax_age: 0\n",
        Mode::Enforce,
        0,
    ),
];

#[derive(Clone, Debug)]
enum Operation {
    LookUp(u8, Purpose),
    Publish(usize),
    Dns(Option<DnsError>),
    Https(bool),
    Wait(u64),
}

fn operation() -> impl Strategy<Value = Operation> {
    let purposes = [Purpose::Deliver, Purpose::Recheck, Purpose::Refresh];
    let answers = [None, Some(DnsError::NoData), Some(DnsError::Timeout)];
    prop_oneof![
        6 => (0_u8..3, prop::sample::select(purposes.to_vec()))
            .prop_map(|(number, purpose)| Operation::LookUp(number, purpose)),
        1 => (0..POLICIES.len()).prop_map(Operation::Publish),
        2 => prop::sample::select(answers.to_vec()).prop_map(Operation::Dns),
        2 => any::<bool>().prop_map(Operation::Https),
        2 => prop_oneof![0_u64..900, 0_u64..100_000, 0_u64..700_000].prop_map(Operation::Wait),
    ]
}

proptest! {
    #[test]
    fn an_unexpired_policy_is_never_lost_and_an_expired_one_never_applied(
        operations in prop::collection::vec(operation(), 1..80),
        capacity in prop_oneof![1_usize..3, Just(10_usize)],
    ) {
        let world = World::open_with(POLICIES[0].0);
        let client = PolicyClient::new(&world, &world, MemoryStore::new(capacity));
        let mut published = 0;
        let mut at = now();
        // The last valid fetch of each domain: what, and until when it may be applied.
        let mut fetched: HashMap<PolicyDomain, (Mode, UnixTime)> = HashMap::new();
        for operation in operations {
            let (number, purpose) = match operation {
                Operation::LookUp(number, purpose) => (number, purpose),
                Operation::Publish(number) => {
                    published = number;
                    world.publish(POLICIES[number].0);
                    continue;
                }
                Operation::Dns(failure) => {
                    world.answer_dns(failure);
                    continue;
                }
                Operation::Https(works) => {
                    world.answer_https(works);
                    continue;
                }
                Operation::Wait(secs) => {
                    at = at.saturating_add(Duration::from_secs(secs));
                    continue;
                }
            };
            // Of two fetches in the same second nobody can say which was the later one.
            at = at.saturating_add(Duration::from_secs(1));
            let name = domain(&format!("d{number}.example"));
            let lookup = block_on(client.policy_for(&name, purpose, at)).unwrap();
            let decision = lookup.decision();
            let applied = decision.policy().map(mta_sts::Policy::mode);
            let fresh = fetched.get(&name).filter(|(_, until)| at < *until).copied();
            let evicted = client.store().evicted();
            let may_be_lost = evicted.none + evicted.testing + evicted.enforce > 0;
            match decision.source() {
                Source::Live => {
                    let (_, mode, max_age) = POLICIES[published];
                    prop_assert_eq!(applied, Some(mode));
                    let until = at.saturating_add(Duration::from_secs(max_age));
                    prop_assert_eq!(decision.valid_until(), Some(until));
                    fetched.insert(name, (mode, until));
                }
                Source::Cache => {
                    let (mode, until) = fresh.expect("nothing else can be cached");
                    prop_assert_eq!((applied, decision.valid_until()), (Some(mode), Some(until)));
                }
                Source::Absent | Source::Undetermined => {
                    prop_assert!(fresh.is_none() || may_be_lost, "{fresh:?} was lost");
                    prop_assert_eq!(applied, None);
                }
                Source::Configured => prop_assert!(false, "nobody configured a policy"),
            }
        }
        prop_assert!(client.store().len() <= capacity);
    }
}
