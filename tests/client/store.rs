//! The store in memory: what is lost, and in which order.

use crate::executor::block_on;
use crate::{DAY, domain, now};
use mta_sts::{
    Backoff, CacheEntry, CachedPolicy, Evicted, MemoryStore, Policy, PolicyDomain, PolicyStore,
    UnixTime,
};
use proptest::prelude::*;
use std::sync::Arc;
use std::time::Duration;

fn entry(mode: &str, max_age: u64, used: UnixTime) -> CacheEntry {
    let text = format!("version: STSv1\nmode: {mode}\nmx: mx.example.com\nmax_age: {max_age}\n");
    let policy = Policy::parse(text.as_bytes()).unwrap();
    CacheEntry::new(
        Some(Arc::new(CachedPolicy::new(policy, None, used))),
        None,
        used,
    )
}

fn failure(at: UnixTime) -> CacheEntry {
    CacheEntry::new(None, Some(Backoff::after(None, None, at)), at)
}

fn save(store: &MemoryStore, name: &str, entry: CacheEntry, now: UnixTime) {
    block_on(store.save(&domain(name), entry, now)).unwrap();
}

fn names(store: &MemoryStore) -> Vec<String> {
    let page = block_on(store.list(None, usize::MAX)).unwrap();
    page.iter().map(|(domain, _)| domain.to_string()).collect()
}

#[test]
fn a_full_store_drops_what_protects_least() {
    let store = MemoryStore::new(5);
    let later = |secs| now().saturating_add(Duration::from_secs(secs));
    save(
        &store,
        "expired.example",
        entry("enforce", 10, now()),
        now(),
    );
    save(&store, "failed.example", failure(now()), now());
    save(&store, "none.example", entry("none", 604_800, now()), now());
    save(
        &store,
        "testing.example",
        entry("testing", 604_800, now()),
        now(),
    );
    save(
        &store,
        "old.example",
        entry("enforce", 604_800, now()),
        now(),
    );
    save(
        &store,
        "new.example",
        entry("enforce", 604_800, later(20)),
        later(20),
    );
    assert_eq!(
        names(&store),
        [
            "failed.example",
            "new.example",
            "none.example",
            "old.example",
            "testing.example"
        ]
    );
    assert_eq!(store.evicted(), Evicted::default());

    let mut gone = Vec::new();
    for number in 0..5 {
        let before = names(&store);
        save(
            &store,
            &format!("x{number}.example"),
            entry("enforce", 604_800, later(30)),
            later(30),
        );
        let after = names(&store);
        gone.extend(before.into_iter().filter(|name| !after.contains(name)));
    }
    assert_eq!(
        gone,
        [
            "failed.example",
            "none.example",
            "testing.example",
            "old.example",
            "new.example"
        ]
    );
    let evicted = store.evicted();
    assert_eq!(
        (
            evicted.failures,
            evicted.none,
            evicted.testing,
            evicted.enforce
        ),
        (1, 1, 1, 2)
    );
    // A flood of names without policies cannot push a policy out.
    save(&store, "flood.example", failure(later(40)), later(40));
    assert!(!names(&store).contains(&"flood.example".to_string()));
    assert_eq!(store.len(), 5);
}

#[test]
fn saving_merges_and_a_policy_without_life_takes_the_old_one_along() {
    let store = MemoryStore::new(5);
    save(&store, "a.example", entry("enforce", 604_800, now()), now());
    // Stored later, fetched earlier: by a sender that was slow.
    let earlier = UnixTime::from_secs(now().as_secs() - 60);
    save(&store, "a.example", entry("none", 604_800, earlier), now());
    let stored = block_on(store.load(&domain("a.example"))).unwrap().unwrap();
    assert_eq!(stored, entry("enforce", 604_800, now()));
    assert!(!store.is_empty());
    let later = now().saturating_add(DAY);
    save(&store, "a.example", entry("enforce", 0, later), later);
    assert!(store.is_empty());
}

/// An entry whose clock ran ahead does not stand in the way of what is fetched afterwards.
#[test]
fn an_entry_from_the_future_gives_way() {
    let store = MemoryStore::new(5);
    let ahead = now().saturating_add(365 * DAY);
    save(&store, "a.example", entry("testing", 604_800, ahead), ahead);
    let fetched = entry("enforce", 604_800, now());
    save(&store, "a.example", fetched.clone(), now());
    assert_eq!(
        block_on(store.load(&domain("a.example"))).unwrap(),
        Some(fetched)
    );
}

#[derive(Clone, Debug)]
enum Operation {
    Save(u8, &'static str, u64),
    Fail(u8),
    Wait(u64),
    Remove(u8),
    Forget(u8),
}

fn operation() -> impl Strategy<Value = Operation> {
    let name = 0_u8..12;
    prop_oneof![
        4 => (name.clone(), prop::sample::select(vec!["enforce", "testing", "none"]), 0_u64..2_000)
            .prop_map(|(name, mode, max_age)| Operation::Save(name, mode, max_age)),
        1 => name.clone().prop_map(Operation::Fail),
        2 => (0_u64..1_000).prop_map(Operation::Wait),
        1 => name.clone().prop_map(Operation::Remove),
        1 => name.prop_map(Operation::Forget),
    ]
}

proptest! {
    /// With room enough, the store is a map of merged entries; whatever its capacity, it never holds more, never loses an
    /// unexpired policy that it does not count, and lists what it loads.
    #[test]
    fn a_store_is_a_map_that_counts_what_it_loses(
        operations in prop::collection::vec(operation(), 1..60),
        capacity in 1_usize..15,
    ) {
        let store = MemoryStore::new(capacity);
        let mut map = std::collections::BTreeMap::<PolicyDomain, CacheEntry>::new();
        let mut at = now();
        let name = |number: u8| domain(&format!("d{number:02}.example"));
        for operation in operations {
            match operation {
                Operation::Save(number, mode, max_age) => {
                    let new = entry(mode, max_age, at);
                    save(&store, name(number).as_str(), new.clone(), at);
                    let old = map.remove(&name(number)).unwrap_or(new.clone());
                    map.insert(name(number), old.seen_at(at).merged(new));
                }
                Operation::Fail(number) => {
                    save(&store, name(number).as_str(), failure(at), at);
                    let old = map.remove(&name(number)).unwrap_or(failure(at));
                    map.insert(name(number), old.merged(failure(at)));
                }
                Operation::Wait(secs) => at = at.saturating_add(Duration::from_secs(secs)),
                Operation::Remove(number) => block_on(store.remove(&name(number), at)).unwrap(),
                Operation::Forget(number) => {
                    store.forget(&name(number));
                    map.remove(&name(number));
                }
            }
            map.retain(|_, entry| !entry.keep_for(at).is_zero());
            let listed = block_on(store.list(None, usize::MAX)).unwrap();
            prop_assert!(listed.len() <= capacity && listed.len() == store.len());
            let evicted = store.evicted();
            let lost = evicted.failures + evicted.none + evicted.testing + evicted.enforce;
            let mut missing = 0;
            for (domain, entry) in &map {
                match block_on(store.load(domain)).unwrap() {
                    Some(stored) if lost == 0 => prop_assert_eq!(&stored, entry),
                    Some(_) => {}
                    None => missing += 1,
                }
            }
            prop_assert!(missing <= lost, "{missing} of {lost}");
        }
    }
}
