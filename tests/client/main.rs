//! The client: one discovery at a time, whoever gives up, and whatever the store does.
#![cfg(feature = "std")]

mod executor;
mod sequences;
mod store;
mod world;

use executor::{Executor, block_on};
use mta_sts::{
    Action, Candidate, Dane, DiscoveryOptions, DnsError, DynFetcher, DynPolicyStore, DynResolver,
    MemoryStore, PolicyClient, PolicyDomain, PolicyStore, Purpose, Severity, Source, TlsOutcome,
    UnixTime,
};
use std::sync::Arc;
use std::time::Duration;
use world::{Broken, World};

const DAY: Duration = Duration::from_secs(86_400);

fn now() -> UnixTime {
    UnixTime::from_secs(1_795_253_400)
}

fn domain(name: &str) -> PolicyDomain {
    name.parse().unwrap()
}

fn client(world: &World) -> PolicyClient<&World, &World, MemoryStore> {
    PolicyClient::new(world, world, MemoryStore::new(1_000))
}

/// Two hundred look-ups of a new domain at once are one fetch, and all have its result.
#[test]
fn a_crowd_is_one_fetch() {
    let world = World::closed();
    let client = client(&world);
    let domain = domain("example.com");
    let mut executor = Executor::new();
    for _ in 0..200 {
        executor.spawn(client.policy_for(&domain, Purpose::Deliver, now()));
    }
    executor.run();
    assert_eq!(
        (world.lookups(), world.fetches(), executor.waiting()),
        (1, 1, 200)
    );
    world.open();
    executor.run();
    assert_eq!(
        (world.lookups(), world.fetches(), executor.waiting()),
        (1, 1, 0)
    );
    for lookup in executor.outputs() {
        assert_eq!(lookup.as_ref().unwrap().decision().source(), Source::Live);
    }
}

/// The leader is dropped in the middle of its fetch: exactly one of the others leads, and nobody hangs.
#[test]
fn a_dropped_leader_is_followed_by_one() {
    let world = World::closed();
    let client = client(&world);
    let domain = domain("example.com");
    let mut executor = Executor::new();
    for _ in 0..200 {
        executor.spawn(client.policy_for(&domain, Purpose::Deliver, now()));
    }
    executor.run();
    for dropped in 0..5 {
        executor.drop_task(dropped);
        executor.run();
        assert_eq!(
            (world.fetches(), executor.waiting()),
            (dropped + 2, 199 - dropped)
        );
    }
    // Who waits without leading may leave as well.
    executor.drop_task(100);
    world.open();
    executor.run();
    assert_eq!((world.fetches(), executor.waiting()), (6, 0));
    assert_eq!(executor.outputs().count(), 194);
}

/// Some give up: whoever comes later still joins those who are left.
#[test]
fn after_some_have_left_a_new_one_joins() {
    let world = World::closed();
    let client = client(&world);
    let domain = domain("example.com");
    let mut executor = Executor::new();
    for _ in 0..3 {
        executor.spawn(client.policy_for(&domain, Purpose::Deliver, now()));
    }
    executor.run();
    executor.drop_task(2);
    executor.spawn(client.policy_for(&domain, Purpose::Deliver, now()));
    executor.run();
    world.open();
    executor.run();
    assert_eq!((world.fetches(), executor.outputs().count()), (1, 3));
}

/// All give up: the next one begins anew, and nothing of the crowd is left.
#[test]
fn after_all_have_left_a_new_one_begins() {
    let world = World::closed();
    let client = client(&world);
    let domain = domain("example.com");
    let mut executor = Executor::new();
    for _ in 0..3 {
        executor.spawn(client.policy_for(&domain, Purpose::Deliver, now()));
    }
    executor.run();
    for task in 0..3 {
        executor.drop_task(task);
    }
    assert!(!format!("{client:?}").contains("Seats"), "{client:?}");
    world.open();
    let lookup = block_on(client.policy_for(&domain, Purpose::Deliver, now()));
    assert_eq!(lookup.unwrap().decision().source(), Source::Live);
    assert_eq!(world.fetches(), 2);
    assert!(!format!("{client:?}").contains("Seats"), "{client:?}");
}

/// Different purposes and different domains do not wait for each other.
#[test]
fn flights_are_keyed_by_domain_and_purpose() {
    let world = World::closed();
    let client = client(&world);
    let (one, two) = (domain("one.example"), domain("two.example"));
    let mut executor = Executor::new();
    for purpose in [Purpose::Deliver, Purpose::Recheck, Purpose::Refresh] {
        for domain in [&one, &one, &two] {
            executor.spawn(client.policy_for(domain, purpose, now()));
        }
    }
    executor.run();
    assert_eq!((world.lookups(), world.fetches()), (6, 6));
    world.open();
    executor.run();
    assert_eq!((world.fetches(), executor.waiting()), (6, 0));
}

#[test]
fn a_fresh_policy_asks_nobody_until_it_is_due() {
    let world =
        World::open_with("version: STSv1\nmode: enforce\nmx: mx.example.com\nmax_age: 604800\n");
    let client = client(&world);
    let domain = domain("example.com");
    let source = |now| {
        let lookup = block_on(client.policy_for(&domain, Purpose::Deliver, now)).unwrap();
        lookup.decision().source()
    };
    assert_eq!(source(now()), Source::Live);
    for minutes in [0, 1, 60, 20 * 60] {
        let later = now().saturating_add(Duration::from_secs(minutes * 60));
        assert_eq!(source(later), Source::Cache);
    }
    assert_eq!((world.lookups(), world.fetches()), (1, 1));
    let a_day_later = now().saturating_add(DAY);
    assert_eq!(source(a_day_later), Source::Live);
    assert_eq!((world.lookups(), world.fetches()), (2, 2));
}

/// DNS and HTTPS both fail for the whole life of a policy: it is applied to its last second, and the operator hears it twice.
#[test]
fn an_attacker_who_blocks_everything_gains_nothing_before_the_policy_expires() {
    let world =
        World::open_with("version: STSv1\nmode: enforce\nmx: mx.example.com\nmax_age: 604800\n");
    let client = client(&world);
    let domain = domain("example.com");
    block_on(client.policy_for(&domain, Purpose::Deliver, now())).unwrap();
    world.answer_dns(Some(DnsError::Timeout));
    world.answer_https(false);

    let mut alerts = Vec::new();
    let mut at = now();
    let expiry = now().saturating_add(7 * DAY);
    while at < expiry {
        let lookup = block_on(client.policy_for(&domain, Purpose::Deliver, at)).unwrap();
        alerts.extend(lookup.alert_severity());
        let decision = lookup.into_decision();
        assert_eq!(decision.source(), Source::Cache, "{at}");
        let Candidate::Connect(session) = decision.candidate("mx.example.com", Dane::NotApplicable)
        else {
            panic!("{at}: the policy names this host");
        };
        assert_eq!(session.judge(TlsOutcome::NotOffered).action(), Action::Skip);
        at = at.saturating_add(Duration::from_secs(599));
    }
    assert_eq!(alerts, [Severity::Note, Severity::Warning]);
    let lookup = block_on(client.policy_for(&domain, Purpose::Deliver, expiry)).unwrap();
    assert_eq!(lookup.decision().source(), Source::Undetermined);
}

/// A crowd hears of a failed refresh once.
#[test]
fn an_alert_is_told_to_one() {
    let world =
        World::open_with("version: STSv1\nmode: testing\nmx: mx.example.com\nmax_age: 604800\n");
    let client = client(&world);
    let domain = domain("example.com");
    block_on(client.policy_for(&domain, Purpose::Deliver, now())).unwrap();
    world.close();
    world.answer_https(false);
    let mut executor = Executor::new();
    for _ in 0..10 {
        executor.spawn(client.policy_for(&domain, Purpose::Deliver, now().saturating_add(DAY)));
    }
    executor.run();
    world.open();
    executor.run();
    let alerts = executor
        .outputs()
        .filter(|lookup| lookup.as_ref().unwrap().alert())
        .count();
    assert_eq!((alerts, world.fetches()), (1, 2));
}

/// A store that cannot be asked is not "no policy".
#[test]
fn a_store_that_fails_to_load_is_an_error_and_one_that_fails_to_save_is_not() {
    let world =
        World::open_with("version: STSv1\nmode: enforce\nmx: mx.example.com\nmax_age: 604800\n");
    let domain = domain("example.com");
    let client = PolicyClient::new(&world, &world, Broken::Loading);
    let error = block_on(client.policy_for(&domain, Purpose::Deliver, now())).unwrap_err();
    assert_eq!(
        std::error::Error::source(&error).unwrap().to_string(),
        "the disk is gone"
    );
    assert_eq!(world.lookups(), 0);

    let client = PolicyClient::new(&world, &world, Broken::Saving);
    let lookup = block_on(client.policy_for(&domain, Purpose::Deliver, now())).unwrap();
    assert_eq!(lookup.decision().source(), Source::Live);
    assert!(lookup.save_error().is_some());
}

#[test]
fn due_policies_are_found_page_by_page() {
    let world =
        World::open_with("version: STSv1\nmode: enforce\nmx: mx.example.com\nmax_age: 604800\n");
    let client = client(&world);
    for number in 0..25 {
        let at = now().saturating_add(if number % 5 == 0 { DAY } else { Duration::ZERO });
        let domain = domain(&format!("d{number:02}.example"));
        block_on(client.policy_for(&domain, Purpose::Deliver, at)).unwrap();
    }
    let at = now().saturating_add(DAY);
    let (mut due, mut pages, mut after) = (Vec::new(), 0, None);
    loop {
        let page = block_on(client.due(after.as_ref(), 10, at)).unwrap();
        due.extend_from_slice(page.domains());
        pages += 1;
        after = match page.next() {
            Some(next) => Some(next.clone()),
            None => break,
        };
    }
    assert_eq!((due.len(), pages), (20, 4));
    for domain in &due {
        let lookup = block_on(client.policy_for(domain, Purpose::Refresh, at)).unwrap();
        assert_eq!(lookup.decision().source(), Source::Live);
    }
    assert!(
        block_on(client.due(None, 100, at))
            .unwrap()
            .domains()
            .is_empty()
    );
    // Nobody needs them for half a year: they are left to expire.
    let unused = PolicyClient::new(&world, &world, MemoryStore::new(10));
    let year =
        World::open_with("version: STSv1\nmode: enforce\nmx: mx.example.com\nmax_age: 31557600\n");
    let patient = PolicyClient::new(&year, &year, unused.store());
    block_on(patient.policy_for(&due[0], Purpose::Deliver, now())).unwrap();
    for (days, count) in [(179, 1), (180, 0)] {
        let at = now().saturating_add(days * DAY);
        assert_eq!(
            block_on(patient.due(None, 10, at)).unwrap().domains().len(),
            count
        );
    }
}

/// A client looks up as it was told to.
#[test]
fn options_are_kept() {
    let world = World::open_with("version: STSv1\nmode: none\nmax_age: 86400\n");
    let options = DiscoveryOptions::new().ask_each_time();
    let client = client(&world).with_options(options);
    assert_eq!(client.options(), &options);
}

/// Everything behind `dyn`, as a mail server with plug-ins has it.
#[test]
fn all_parts_can_be_dyn() {
    let world: &'static World = Box::leak(Box::new(World::open_with(
        "version: STSv1\nmode: none\nmax_age: 86400\n",
    )));
    let resolver: Arc<dyn DynResolver> = Arc::new(world);
    let fetcher: Box<dyn DynFetcher> = Box::new(world);
    let store: Arc<dyn DynPolicyStore> = Arc::new(MemoryStore::new(10));
    let client = Arc::new(PolicyClient::new(resolver, fetcher, Arc::clone(&store)));
    let worker = Arc::clone(&client);
    let lookup = std::thread::spawn(move || {
        block_on(worker.policy_for(&domain("example.com"), Purpose::Deliver, now()))
    });
    assert_eq!(
        lookup.join().unwrap().unwrap().decision().source(),
        Source::Live
    );
    assert!(
        block_on(store.load(&domain("example.com")))
            .unwrap()
            .is_some()
    );
    assert_eq!(block_on(store.list(None, 10)).unwrap().len(), 1);
    block_on(store.remove(&domain("example.com"), now().saturating_add(DAY))).unwrap();
    assert!(block_on(store.list(None, 10)).unwrap().is_empty());
    assert!(
        block_on(store.load(&domain("example.com")))
            .unwrap()
            .is_none()
    );
}

/// What is handed from task to task can be.
#[test]
fn values_can_cross_threads() {
    fn crosses<T: Clone + Send + Sync + 'static>() {}
    crosses::<mta_sts::Decision>();
    crosses::<mta_sts::Lookup>();
    crosses::<mta_sts::CacheEntry>();
    crosses::<mta_sts::Discovery>();
    crosses::<mta_sts::Session>();
    crosses::<mta_sts::Verdict>();
    crosses::<mta_sts::StoreError>();
    crosses::<mta_sts::FetchError>();
}
