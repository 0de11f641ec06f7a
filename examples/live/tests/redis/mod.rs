//! The store in Redis: the same laws as in memory, for several senders at once. Needs `redis-server`.

mod program;
mod race;
mod server;

use live::network::explain;
use live::redis_store::{Eviction, RedisStore};
use mta_sts::{
    Backoff, CacheEntry, CachedPolicy, Policy, PolicyDomain, PolicyStore, StoreError, UnixTime,
};
use server::Server;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

const DAY: Duration = Duration::from_secs(86_400);

fn now() -> UnixTime {
    UnixTime::from_secs(1_795_253_400)
}

fn later(secs: u64) -> UnixTime {
    now().saturating_add(Duration::from_secs(secs))
}

fn domain(name: &str) -> PolicyDomain {
    name.parse().unwrap()
}

fn entry(mode: &str, max_age: u64, at: UnixTime) -> CacheEntry {
    let text = format!("version: STSv1\nmode: {mode}\nmx: mx.example.com\nmax_age: {max_age}\n");
    let policy = Policy::parse(text.as_bytes()).unwrap();
    CacheEntry::new(Some(CachedPolicy::new(policy, None, at).into()), None, at)
}

fn failure(at: UnixTime) -> CacheEntry {
    CacheEntry::new(None, Some(Backoff::after(None, None, at)), at)
}

fn key(name: &str) -> String {
    format!("{{mta-sts}}:entry:{name}")
}

async fn names(store: &RedisStore, after: Option<&PolicyDomain>, limit: usize) -> Vec<String> {
    let page = store.list(after, limit).await.unwrap();
    page.iter().map(|(domain, _)| domain.to_string()).collect()
}

#[track_caller]
fn fails<T>(result: Result<T, StoreError>, why: &str) {
    let error = explain(&result.err().expect("an error"));
    assert!(error.contains(why), "{error}");
}

#[tokio::test]
async fn what_is_saved_is_loaded_by_another_store() {
    let Some(server) = Server::start(&[]) else {
        return;
    };
    let (one, two) = (server.store().await, server.store().await);
    let (a, b) = (domain("a.example"), domain("b.example"));
    assert_eq!(one.load(&a).await.unwrap(), None);
    one.save(&a, entry("enforce", 604_800, now()), now())
        .await
        .unwrap();
    assert_eq!(
        two.load(&a).await.unwrap(),
        Some(entry("enforce", 604_800, now()))
    );
    assert_eq!(two.load(&b).await.unwrap(), None);
    // A store with another prefix sees nothing of it.
    let other = server.store().await.with_prefix("{other}");
    assert_eq!(other.load(&a).await.unwrap(), None);
    assert!(names(&other, None, 10).await.is_empty());
}

#[tokio::test]
async fn saving_merges_whoever_comes_last() {
    let Some(server) = Server::start(&[]) else {
        return;
    };
    let (one, two) = (server.store().await, server.store().await);
    let a = domain("a.example");
    let newer = entry("enforce", 604_800, later(60));
    one.save(&a, newer.clone(), later(60)).await.unwrap();
    // Fetched earlier, stored later: by a sender that was slow.
    two.save(&a, entry("none", 604_800, now()), later(70))
        .await
        .unwrap();
    assert_eq!(one.load(&a).await.unwrap(), Some(newer.clone()));
    two.save(&a, failure(later(80)), later(80)).await.unwrap();
    let merged = newer.merged(failure(later(80)));
    assert_eq!(one.load(&a).await.unwrap(), Some(merged));
    // A policy with a life of nothing takes the old one along.
    two.save(&a, entry("enforce", 0, later(90)), later(4_000))
        .await
        .unwrap();
    let left = one.load(&a).await.unwrap();
    assert!(left.is_none(), "{left:?}");
    assert_eq!(server.cli(&["keys", "*"]), "");
}

/// An entry whose clock ran ahead does not stand in the way of what is fetched afterwards.
#[tokio::test]
async fn an_entry_from_the_future_gives_way() {
    let Some(server) = Server::start(&[]) else {
        return;
    };
    let store = server.store().await;
    let a = domain("a.example");
    let ahead = now().saturating_add(365 * DAY);
    store
        .save(&a, entry("testing", 604_800, ahead), ahead)
        .await
        .unwrap();
    let fetched = entry("enforce", 604_800, now());
    store.save(&a, fetched.clone(), now()).await.unwrap();
    assert_eq!(store.load(&a).await.unwrap(), Some(fetched));
}

#[tokio::test]
async fn redis_drops_an_entry_when_its_life_ends() {
    let Some(server) = Server::start(&[]) else {
        return;
    };
    let store = server.store().await;
    let lives = |name: &str| server.cli(&["ttl", &key(name)]).parse::<u64>().unwrap();
    let save = async |name: &str, entry: CacheEntry, at| {
        store.save(&domain(name), entry, at).await.unwrap();
    };
    save("a.example", entry("enforce", 604_800, now()), now()).await;
    assert!((604_790..=604_800).contains(&lives("a.example")));
    // Counted from the fetch, not from the saving.
    save("b.example", entry("enforce", 604_800, now()), later(4_800)).await;
    assert!((599_990..=600_000).contains(&lives("b.example")));
    // For an hour after the delay of a failure.
    save("c.example", failure(now()), now()).await;
    assert!((3_890..=3_900).contains(&lives("c.example")));
    // A failure does not shorten the life of a policy.
    save("a.example", failure(later(800)), later(800)).await;
    assert!((603_990..=604_000).contains(&lives("a.example")));

    save("d.example", entry("enforce", 1, now()), now()).await;
    assert_eq!(names(&store, None, 9).await.len(), 4);
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    assert_eq!(store.load(&domain("d.example")).await.unwrap(), None);
    assert_eq!(
        names(&store, None, 9).await,
        ["a.example", "b.example", "c.example"]
    );
    let index = server.cli(&["zcard", "{mta-sts}:domains"]);
    assert_eq!(
        index, "3",
        "the list forgets a domain whose entry has expired"
    );
}

#[tokio::test]
async fn removing_never_takes_an_unexpired_policy() {
    let Some(server) = Server::start(&[]) else {
        return;
    };
    let store = server.store().await;
    let a = domain("a.example");
    store.remove(&a, now()).await.unwrap();
    let fresh = entry("enforce", 604_800, now());
    store.save(&a, fresh.clone(), now()).await.unwrap();
    store.remove(&a, now()).await.unwrap();
    store.remove(&a, later(604_799)).await.unwrap();
    assert_eq!(store.load(&a).await.unwrap(), Some(fresh));
    store.remove(&a, later(604_800)).await.unwrap();
    assert_eq!(store.load(&a).await.unwrap(), None);
    assert!(names(&store, None, 9).await.is_empty());
}

#[tokio::test]
async fn pages_are_whole_and_in_order() {
    let Some(server) = Server::start(&[]) else {
        return;
    };
    let store = server.store().await;
    let mut all = BTreeMap::new();
    for number in 0..450 {
        // Between those that stay, whole pages of those that have gone.
        let life = if number % 100 == 7 { 604_800 } else { 1 };
        let new = entry("enforce", life, now());
        let name = domain(&format!("d{number:03}.example"));
        store.save(&name, new.clone(), now()).await.unwrap();
        if life > 1 {
            all.insert(name, new);
        }
    }
    let everything = store.list(None, usize::MAX).await.unwrap();
    assert_eq!(everything.len(), 450);
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    for limit in [1, 2, 3, 5, 100, usize::MAX] {
        let mut listed = BTreeMap::new();
        let mut after = None;
        loop {
            let page = store.list(after.as_ref(), limit).await.unwrap();
            assert!(page.len() <= limit);
            let Some((last, _)) = page.last() else {
                break;
            };
            assert!(after.as_ref().is_none_or(|after| after < last));
            after = Some(last.clone());
            listed.extend(page);
        }
        assert_eq!(listed, all, "{limit}");
    }
    assert!(names(&store, None, 0).await.is_empty());
    // It may begin behind a domain that has no entry.
    let after = domain("d150.example");
    assert_eq!(names(&store, Some(&after), 1).await, ["d207.example"]);
}

#[tokio::test]
async fn garbage_is_an_error_and_not_the_absence_of_a_policy() {
    let Some(server) = Server::start(&[]) else {
        return;
    };
    let store = server.store().await;
    let (a, b) = (domain("a.example"), domain("b.example"));
    for name in [&a, &b] {
        store
            .save(name, entry("enforce", 604_800, now()), now())
            .await
            .unwrap();
    }
    let whole = server.cli(&["get", &key("a.example")]);
    for garbage in ["", "rubbish", "mta-sts cache 2\nused 1\n", &whole[..80]] {
        server.cli(&["set", &key("a.example"), garbage]);
        let why = "the entry of a.example in Redis does not decode";
        fails(store.load(&a).await, why);
        fails(store.save(&a, failure(now()), now()).await, why);
        fails(store.remove(&a, later(99_999_999)).await, why);
        assert_eq!(server.cli(&["get", &key("a.example")]), garbage.trim());
        // It does not hide the others.
        assert_eq!(names(&store, None, 9).await, ["b.example"]);
    }
    server.cli(&["del", &key("a.example")]);
    server.cli(&["lpush", &key("a.example"), "1"]);
    fails(store.load(&a).await, "WRONGTYPE");
    server.cli(&["zadd", "{mta-sts}:domains", "0", "no domain"]);
    server.cli(&["set", &key("no domain"), "x"]);
    assert_eq!(names(&store, None, 9).await, ["b.example"]);
}

#[tokio::test]
async fn a_lost_connection_is_an_error_and_then_found_again() {
    let Some(mut server) = Server::start(&[]) else {
        return;
    };
    let store = server.store().await;
    let a = domain("a.example");
    let fresh = entry("enforce", 604_800, now());
    store.save(&a, fresh.clone(), now()).await.unwrap();
    server.kill();
    for _ in 0..3 {
        fails(store.load(&a).await, "Redis failed: ");
        fails(store.save(&a, fresh.clone(), now()).await, "Redis failed: ");
        fails(store.remove(&a, now()).await, "Redis failed: ");
        fails(store.list(None, 1).await, "Redis failed: ");
    }
    fails(RedisStore::connect(&server.url()).await, "Redis failed: ");
    fails(RedisStore::connect("http://example").await, "Redis failed");
    server.restart();
    let mut tries = 0;
    while let Err(error) = store.save(&a, fresh.clone(), now()).await {
        tries += 1;
        assert!(tries < 10, "{}", explain(&error));
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(store.load(&a).await.unwrap(), Some(fresh));
}

/// A Redis that has stopped answering is an error within seconds.
#[tokio::test]
async fn a_stopped_redis_is_an_error() {
    let Some(server) = Server::start(&[]) else {
        return;
    };
    let store = server.store().await;
    server.signal("STOP");
    let begin = Instant::now();
    fails(store.load(&domain("a.example")).await, "Redis failed: ");
    assert!(begin.elapsed() < Duration::from_secs(4));
    server.signal("CONT");
    assert_eq!(store.load(&domain("a.example")).await.unwrap(), None);
}

#[tokio::test]
async fn a_full_redis_loses_nothing() {
    let Some(server) = Server::start(&[]) else {
        return;
    };
    let store = server.store().await;
    let a = domain("a.example");
    let fresh = entry("enforce", 604_800, now());
    store.save(&a, fresh.clone(), now()).await.unwrap();
    assert_eq!(store.eviction().await.unwrap(), Eviction::Never);
    server.cli(&["config", "set", "maxmemory", "1"]);
    fails(store.save(&a, failure(now()), now()).await, "OOM");
    assert_eq!(store.load(&a).await.unwrap(), Some(fresh));

    server.cli(&["config", "set", "maxmemory-policy", "allkeys-lru"]);
    let policy = "allkeys-lru".to_owned();
    assert_eq!(store.eviction().await.unwrap(), Eviction::Drops(policy));
}
