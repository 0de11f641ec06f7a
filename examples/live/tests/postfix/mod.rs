//! What Postfix is told.

mod program;
mod real;
mod refresh;
mod signed;
mod world;

use live::network::now;
use live::postfix::{Attributes, BesideDane, Key, Options, PolicyTable, Undetermined, Why};
use live::socketmap::{Lookup, Reply};
use mta_sts::{
    CacheEntry, CachedPolicy, MemoryStore, Policy, PolicyClient, PolicyDomain, PolicyStore,
    StoreError, UnixTime,
};
use std::sync::Arc;
use std::time::Duration;
use world::World;

const PLAIN: Options = Options {
    attributes: Attributes::Without,
    dane: BesideDane::DaneOnly,
    undetermined: Undetermined::NotFound,
};

type Table<S> = PolicyTable<World, World, S, World>;

fn table<S: PolicyStore>(store: S, options: Options) -> (World, Table<S>) {
    let world = World::default();
    let client = Arc::new(PolicyClient::new(world.clone(), world.clone(), store));
    let table = PolicyTable::new(client, world.clone(), "mta-sts", options);
    (world, table)
}

async fn ask(options: Options, key: &str) -> String {
    let (_, table) = table(MemoryStore::new(100), options);
    let first = table.lookup(b"mta-sts", key.as_bytes()).await;
    // And again, from the cache.
    let again = table.lookup(b"mta-sts", key.as_bytes()).await;
    assert_eq!(first, again, "{key}");
    first.to_string()
}

fn domain(name: &str) -> PolicyDomain {
    name.parse().unwrap()
}

#[test]
fn keys() {
    let of = |name: &str, port| Key::Domain(domain(name), port);
    let host = |name: &str, port| Key::Host(domain(name), port);
    let rows: &[(&[u8], Key)] = &[
        (b"example.com", of("example.com", 25)),
        (b"Example.COM.", of("example.com", 25)),
        (b"example.com:587", of("example.com", 587)),
        (b"example.com:submission", of("example.com", 587)),
        (b"localhost", of("localhost", 25)),
        (
            "b\u{fc}cher.example".as_bytes(),
            of("xn--bcher-kva.example", 25),
        ),
        (b"[relay.example]", host("relay.example", 25)),
        (b"[relay.example]:587", host("relay.example", 587)),
        (b"[relay.example]:smtps", host("relay.example", 465)),
        (b".example.com", Key::Without(Why::Parent)),
        (b".", Key::Without(Why::Parent)),
        (b"[192.0.2.1]", Key::Without(Why::Address)),
        (b"[192.0.2.1]:25", Key::Without(Why::Address)),
        (b"192.0.2.1", Key::Without(Why::Address)),
        (b"192.0.2.1:25", Key::Without(Why::Address)),
        (b"[2001:db8::1]:25", Key::Without(Why::Address)),
        (b"[IPv6:2001:db8::1]", Key::Without(Why::Address)),
        (b"[ipv6:2001:db8::1]", Key::Without(Why::Address)),
        (b"2001:db8::1", Key::Without(Why::Address)),
        (b"", Key::Without(Why::NotADomain)),
        (b"[]", Key::Without(Why::NotADomain)),
        (b"[relay.example", Key::Without(Why::NotADomain)),
        (b"[relay.example]25", Key::Without(Why::NotADomain)),
        (b"[[relay.example]]", Key::Without(Why::NotADomain)),
        (b"/var/run/lmtp", Key::Without(Why::NotADomain)),
        (b"user@example.com", Key::Without(Why::NotADomain)),
        (b"a_b.example.com", Key::Without(Why::NotADomain)),
        (b"example..com", Key::Without(Why::NotADomain)),
        (b"example.com extra", Key::Without(Why::NotADomain)),
        (b"example.com\n", Key::Without(Why::NotADomain)),
        (b"example.com\0", Key::Without(Why::NotADomain)),
        (b"\xff.example", Key::Without(Why::NotADomain)),
        (b"example.com:", Key::Without(Why::Port)),
        (b"example.com:0", Key::Without(Why::Port)),
        (b"example.com:65536", Key::Without(Why::Port)),
        (b"example.com:+25", Key::Without(Why::Port)),
        (b"example.com:25:25", Key::Without(Why::Port)),
        (b"example.com:lmtp", Key::Without(Why::Port)),
    ];
    for (key, wanted) in rows {
        assert_eq!(&Key::parse(key), wanted, "{}", key.escape_ascii());
    }
}

const IMPOSSIBLE: &str = "TEMP no MX host may be used: outside the MTA-STS policy, or TLSA unknown";

#[tokio::test]
async fn answers() {
    let rows = [
        // A wildcard is told as the hosts that there are, and those no deeper than it goes.
        (
            "enforced.example",
            "OK secure match=a.pool.example:b.pool.example:mx1.enforced.example:spare.enforced.example servername=hostname",
        ),
        (
            "wild.example",
            "OK secure match=a.pool.example:itself.example:xn--bcher-kva.example servername=hostname",
        ),
        // For this one delivery.
        (
            "once.example",
            "OK secure match=a.pool.example servername=hostname",
        ),
        (
            "itself.example:587",
            "OK secure match=itself.example:xn--bcher-kva.example servername=hostname",
        ),
        (
            "b\u{fc}cher.example",
            "OK secure match=itself.example:xn--bcher-kva.example servername=hostname",
        ),
        // DANE is not overridden where DNSSEC leads to a usable TLSA record, and only there.
        ("signed.example", "OK dane-only"),
        (
            "insecure.example",
            "OK secure match=b.pool.example:itself.example:tlsa.pool.example:xn--bcher-kva.example servername=hostname",
        ),
        (
            "useless.example",
            "OK secure match=itself.example:useless.pool.example:xn--bcher-kva.example servername=hostname",
        ),
        (
            "mixed.example",
            "OK secure match=b.pool.example:itself.example:xn--bcher-kva.example servername=hostname",
        ),
        ("broken.example", IMPOSSIBLE),
        // Postfix itself does not look whether a policy names the host.
        ("outside.example", IMPOSSIBLE),
        ("nowhere.example", IMPOSSIBLE),
        ("lost.example", "TEMP the MX records could not be looked up"),
        (
            "strange.example",
            "OK secure match=itself.example:under_score.pool.example:xn--bcher-kva.example servername=hostname",
        ),
        // Smart hosts that are connected to as they are.
        (
            "[relay.example]",
            "OK secure match=relay.example servername=hostname",
        ),
        ("[relay.example]:587", "OK dane-only"),
        ("[wild.example]", IMPOSSIBLE),
        // Nothing is enforced, and nothing of Postfix's own level is taken away.
        ("testing.example", "NOTFOUND "),
        ("none.example", "NOTFOUND "),
        ("invalid.example", "NOTFOUND "),
        ("unfetched.example", "NOTFOUND "),
        ("absent.example", "NOTFOUND "),
        ("undetermined.example", "NOTFOUND "),
        (".enforced.example", "NOTFOUND "),
        ("sub.enforced.example", "NOTFOUND "),
        ("[192.0.2.1]:25", "NOTFOUND "),
        ("enforced_example", "NOTFOUND "),
    ];
    for (key, wanted) in rows {
        assert_eq!(ask(PLAIN, key).await, wanted, "{key}");
    }
}

#[tokio::test]
async fn options_for_dane() {
    let with = |dane| Options { dane, ..PLAIN };
    let not_found = with(BesideDane::NotFound);
    assert_eq!(ask(not_found, "signed.example").await, "NOTFOUND ");
    assert!(
        ask(not_found, "wild.example")
            .await
            .starts_with("OK secure ")
    );
    let policy = with(BesideDane::Policy);
    let line = "OK secure match=b.pool.example:itself.example:tlsa.pool.example:xn--bcher-kva.example servername=hostname";
    assert_eq!(ask(policy, "signed.example").await, line);
    assert_eq!(
        ask(policy, "[relay.example]:587").await,
        "OK secure match=relay.example servername=hostname"
    );
}

#[tokio::test]
async fn option_for_the_undetermined() {
    let options = Options {
        undetermined: Undetermined::Temporary,
        ..PLAIN
    };
    let unknown = "TEMP whether the domain has an MTA-STS policy is not known";
    assert_eq!(ask(options, "undetermined.example").await, unknown);
    for key in ["absent.example", "unfetched.example", "testing.example"] {
        assert_eq!(ask(options, key).await, "NOTFOUND ", "{key}");
    }
}

/// As `TLSRPT_README` of Postfix 3.10 has them; what an extension says is left out.
#[tokio::test]
async fn attributes_of_postfix_3_10() {
    let options = Options {
        attributes: Attributes::With,
        ..PLAIN
    };
    assert_eq!(
        ask(options, "enforced.example").await,
        "OK secure match=a.pool.example:b.pool.example:mx1.enforced.example:spare.enforced.example servername=hostname \
         policy_type=sts policy_domain=enforced.example policy_ttl=3600 \
         mx_host_pattern=mx1.enforced.example mx_host_pattern=*.pool.example mx_host_pattern=spare.enforced.example \
         { policy_string = version: STSv1 } { policy_string = mode: enforce } \
         { policy_string = mx: mx1.enforced.example } { policy_string = mx: *.pool.example } \
         { policy_string = mx: spare.enforced.example } { policy_string = max_age: 604800 }"
    );
    let once = ask(options, "once.example").await;
    assert!(once.contains(" policy_ttl=0 "), "{once}");
    // They belong to a policy of MTA-STS and to no other answer.
    assert_eq!(ask(options, "signed.example").await, "OK dane-only");
    assert_eq!(ask(options, "testing.example").await, "NOTFOUND ");
}

/// A policy whose attributes would make the reply too long for Postfix is told without them.
#[tokio::test]
async fn a_long_policy() {
    let head = "version: STSv1\nmode: enforce\nmax_age: 604800\n".to_owned();
    let mx = (0..1_900).map(|number| format!("mx: mx{number}.enforced.example\n"));
    let text = [head].into_iter().chain(mx).collect::<String>();
    let options = Options {
        attributes: Attributes::With,
        ..PLAIN
    };
    let (_, table) = table(MemoryStore::new(100), options);
    let policy = Policy::parse(text.as_bytes()).unwrap();
    let entry = CacheEntry::new(
        Some(CachedPolicy::new(policy, None, now()).into()),
        None,
        now(),
    );
    table
        .client()
        .store()
        .save(&domain("enforced.example"), entry, now())
        .await
        .unwrap();
    let reply = table
        .lookup(b"mta-sts", b"enforced.example")
        .await
        .to_string();
    assert!(
        reply.len() < 100_000 && reply.ends_with(" servername=hostname"),
        "{reply}"
    );
}

#[tokio::test]
async fn nobody_is_asked_without_need() {
    let (world, table) = table(MemoryStore::new(100), PLAIN);
    for key in [&b".enforced.example"[..], b"[192.0.2.1]", b"a_b", b"\xff"] {
        table.lookup(b"mta-sts", key).await;
    }
    assert_eq!(world.asked(), [""; 0]);
    table.lookup(b"mta-sts", b"testing.example").await;
    assert_eq!(
        world.asked(),
        [
            "TXT _mta-sts.testing.example.",
            "GET https://mta-sts.testing.example/.well-known/mta-sts.txt"
        ]
    );
    table.lookup(b"mta-sts", b"testing.example").await;
    assert_eq!(world.asked(), [""; 0]);
    // No TLSA record is asked for behind an unsigned MX record or address.
    table.lookup(b"mta-sts", b"wild.example").await;
    assert_eq!(world.asked()[2..], ["MX wild.example"]);
    table.lookup(b"mta-sts", b"signed.example").await;
    assert_eq!(
        world.asked()[2..],
        [
            "MX signed.example",
            "A b.pool.example",
            "A tlsa.pool.example",
            "TLSA 25 tlsa.pool.example"
        ]
    );
}

#[tokio::test]
async fn another_table_is_not_here() {
    let (world, table) = table(MemoryStore::new(100), PLAIN);
    let reply = table.lookup(b"postfix", b"enforced.example").await;
    assert_eq!(reply, Reply::Permanent("there is no such table"));
    assert_eq!(world.asked(), [""; 0]);
}

/// A store that fails at loading, or only at saving.
struct Broken {
    loads: bool,
}

impl PolicyStore for Broken {
    async fn load(&self, _: &PolicyDomain) -> Result<Option<CacheEntry>, StoreError> {
        self.loads
            .then_some(None)
            .ok_or(StoreError::new("the disk is gone"))
    }

    async fn save(&self, _: &PolicyDomain, _: CacheEntry, _: UnixTime) -> Result<(), StoreError> {
        Err(StoreError::new("the disk is full"))
    }

    async fn remove(&self, _: &PolicyDomain, _: UnixTime) -> Result<(), StoreError> {
        Err(StoreError::new("the disk is full"))
    }

    async fn list(
        &self,
        _: Option<&PolicyDomain>,
        _: usize,
    ) -> Result<Vec<(PolicyDomain, CacheEntry)>, StoreError> {
        Err(StoreError::new("the disk is gone"))
    }
}

#[tokio::test]
async fn a_broken_store() {
    let (_, without_loading) = table(Broken { loads: false }, PLAIN);
    for key in ["enforced.example", "absent.example"] {
        let reply = without_loading.lookup(b"mta-sts", key.as_bytes()).await;
        assert_eq!(reply, Reply::Temporary("the policy store failed"), "{key}");
    }
    // Keys without a policy need no store.
    let reply = without_loading.lookup(b"mta-sts", b"[192.0.2.1]").await;
    assert_eq!(reply, Reply::NotFound);
    // What has been found stands although it cannot be kept.
    let (_, without_saving) = table(Broken { loads: true }, PLAIN);
    let reply = without_saving.lookup(b"mta-sts", b"once.example").await;
    assert_eq!(
        reply.to_string(),
        "OK secure match=a.pool.example servername=hostname"
    );
}

/// Cached and unexpired, with DNS and HTTPS down: the cached policy holds.
#[tokio::test]
async fn trouble_does_not_switch_a_cached_policy_off() {
    let (_, table) = table(MemoryStore::new(100), PLAIN);
    let text = b"version: STSv1\nmode: enforce\nmx: mx.unfetched.example\nmax_age: 604800\n";
    let fetched = now().saturating_sub(Duration::from_secs(600_000));
    let policy = CachedPolicy::new(Policy::parse(text).unwrap(), None, fetched);
    for name in [
        "unfetched.example",
        "undetermined.example",
        "absent.example",
    ] {
        let entry = CacheEntry::new(Some(policy.clone().into()), None, now());
        table
            .client()
            .store()
            .save(&domain(name), entry, now())
            .await
            .unwrap();
        let reply = table.lookup(b"mta-sts", name.as_bytes()).await;
        // There are no MX records here, so that is as far as it gets.
        assert_eq!(
            reply,
            Reply::Temporary("the MX records could not be looked up"),
            "{name}"
        );
    }
}
