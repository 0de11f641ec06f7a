//! What holds whatever happens to a domain for days: purposes, answers and failures in any order, a store between them.

use crate::{A1, B2, NOW};
use mta_sts::{
    CacheEntry, Discovery, DiscoveryOptions, DnsError, FetchError, Mode, Policy, PolicyDomain,
    PolicyId, PolicyResponse, Purpose, Source, StoreAction, TxtAnswer, UnixTime,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use std::time::Duration;

/// One discovery.
#[derive(Clone, Debug)]
struct Step {
    /// Seconds since the one before.
    later: u64,
    purpose: Purpose,
    asks_each_time: bool,
    txt: Result<TxtAnswer, DnsError>,
    response: Result<PolicyResponse, FetchError>,
}

fn record(id: &str) -> TxtAnswer {
    [[format!("v=STSv1; id={id}")]].into_iter().collect()
}

fn txt() -> impl Strategy<Value = Result<TxtAnswer, DnsError>> {
    let two = record("a1")
        .iter()
        .chain(record("b2").iter())
        .map(|record| [record])
        .collect();
    select(vec![
        Ok(record("a1")),
        Ok(record("a1")),
        Ok(record("b2")),
        Ok(record("-")),
        Ok(two),
        Ok(TxtAnswer::new()),
        Err(DnsError::NoSuchDomain),
        Err(DnsError::ServerFailure),
        Err(DnsError::Timeout),
    ])
}

fn response() -> impl Strategy<Value = Result<PolicyResponse, FetchError>> {
    let max_age = select(&[0, 1, 60, 300, 1_000, 86_400, 1_209_600, 31_557_600][..]);
    let mode = select(&["enforce", "testing", "none"][..]);
    let policy = (mode, max_age, 0..1_000_u32).prop_map(|(mode, max_age, number)| {
        let text = format!(
            "version: STSv1\nmode: {mode}\nmx: mx{number}.example.com\nmax_age: {max_age}\n"
        );
        Ok(PolicyResponse::new(
            200,
            Some("text/plain"),
            text.into_bytes(),
        ))
    });
    let bad = select(vec![
        Err(FetchError::Timeout),
        Ok(PolicyResponse::new(404, Some("text/plain"), *b"")),
        Ok(PolicyResponse::new(
            200,
            Some("text/plain"),
            *b"version: STSv2",
        )),
    ]);
    prop_oneof![policy, bad]
}

fn step() -> impl Strategy<Value = Step> {
    let later = prop_oneof![
        3 => 1..400_u64,
        2 => 1..8_000_u64,
        2 => 1..200_000_u64,
        1 => 1..40_000_000_u64,
    ];
    let purpose = select(vec![
        Purpose::Deliver,
        Purpose::Deliver,
        Purpose::Recheck,
        Purpose::Refresh,
    ]);
    (later, purpose, any::<bool>(), txt(), response()).prop_map(
        |(later, purpose, asks_each_time, txt, response)| Step {
            later,
            purpose,
            asks_each_time,
            txt,
            response,
        },
    )
}

/// A store as others write one: bytes that live as long as they were told to.
#[derive(Default)]
struct Store(Option<(Vec<u8>, UnixTime)>);

impl Store {
    fn load(&mut self, now: UnixTime) -> Option<CacheEntry> {
        self.0.take_if(|(_, end)| *end <= now);
        let (bytes, _) = self.0.as_ref()?;
        Some(CacheEntry::from_bytes(bytes).unwrap())
    }

    fn put(&mut self, entry: &CacheEntry, now: UnixTime) {
        let life = entry.keep_for(now);
        let end = now.saturating_add(life);
        self.0 = (!life.is_zero()).then(|| (entry.to_bytes(), end));
    }

    /// As the contract of `PolicyStore` says.
    fn apply(&mut self, action: &StoreAction, now: UnixTime) {
        match action {
            StoreAction::Keep => {}
            StoreAction::Save(entry) => {
                let merged = match self.load(now) {
                    Some(stored) => stored.seen_at(now).merged(entry.clone()),
                    None => entry.clone(),
                };
                self.put(&merged, now);
            }
            StoreAction::Remove => {
                if self
                    .load(now)
                    .is_some_and(|entry| entry.keep_for(now).is_zero())
                {
                    self.0 = None;
                }
            }
        }
    }
}

/// What is true of the domain, as an onlooker writes it down.
#[derive(Default)]
struct Onlooker {
    /// The last valid policy that was fetched, and when.
    last: Option<(Policy, UnixTime)>,
    /// The last fetch, if it failed: for which id, and when.
    failed: Option<(Option<PolicyId>, UnixTime)>,
}

impl Onlooker {
    /// The policy that has to be applied.
    fn unexpired(&self, now: UnixTime) -> Option<&(Policy, UnixTime)> {
        self.last.as_ref().filter(|(policy, fetched_at)| {
            let age = now.as_secs() - fetched_at.as_secs();
            age < policy.max_age().as_secs()
        })
    }
}

fn valid_id(txt: &Result<TxtAnswer, DnsError>) -> Option<PolicyId> {
    [A1, B2]
        .into_iter()
        .find(|id| *txt == Ok(record(id.as_str())))
}

/// What one discovery asked.
#[derive(Default)]
struct Asked {
    dns: bool,
    https: bool,
}

/// The bounds within which a policy becomes due, whatever its domain is spread by.
fn due_between(policy: &Policy) -> (u64, u64) {
    let life = policy.max_age().as_secs();
    let latest = (life * 9 / 10).clamp(300, 86_400);
    (latest * 9 / 10, latest)
}

fn check(domain: &PolicyDomain, steps: &[Step]) -> Result<(), TestCaseError> {
    let (mut store, mut onlooker) = (Store::default(), Onlooker::default());
    let mut now = NOW;
    for step in steps {
        now = now.saturating_add(Duration::from_secs(step.later));
        let known = store.load(now);
        let mut options = DiscoveryOptions::new();
        if step.asks_each_time {
            options = options.ask_each_time();
        }
        let before = onlooker.unexpired(now).cloned();
        let (mut dns, mut https) = (false, false);
        let discovery =
            Discovery::start(domain.clone(), known.clone(), step.purpose, now, &options);
        let conclusion = discovery.run(
            |_| {
                dns = true;
                step.txt.clone()
            },
            |_| {
                https = true;
                step.response.clone()
            },
        );
        let asked = Asked { dns, https };
        store.apply(conclusion.store(), now);

        let decision = conclusion.decision();
        let fetched = step.response.as_ref().ok().filter(|_| asked.https);
        let fetched = fetched
            .filter(|response| response.status() == 200)
            .and_then(|response| Policy::parse(response.body()).ok());
        let tried = valid_id(&step.txt).or_else(|| {
            let cached = known.as_ref()?.fresh(now)?;
            cached.id()
        });
        rules(step, &asked, &onlooker, tried, now)?;

        if let Some(policy) = &fetched {
            onlooker.last = Some((policy.clone(), now));
            onlooker.failed = None;
        } else if asked.https {
            onlooker.failed = Some((tried, now));
        }

        // The policy that was fetched, else the last one while it is unexpired; nothing else.
        let applied = fetched
            .as_ref()
            .or(before.as_ref().map(|(policy, _)| policy));
        prop_assert_eq!(decision.policy(), applied);
        let until = onlooker
            .last
            .as_ref()
            .map(|(policy, fetched_at)| fetched_at.saturating_add(policy.max_age().into()));
        prop_assert_eq!(decision.valid_until(), applied.and(until));
        prop_assert_eq!(decision.source() == Source::Live, fetched.is_some());
        prop_assert_eq!(
            decision.source() == Source::Cache,
            fetched.is_none() && before.is_some()
        );
        prop_assert!(!decision.is_confirmed() || asked.dns);

        // The store has it still, with the same end, and nothing that is over.
        let after = store.load(now);
        let stored = after.as_ref().and_then(|entry| entry.fresh(now));
        let stored = stored.map(|cached| (cached.policy().clone(), cached.fetched_at()));
        prop_assert_eq!(stored.as_ref(), onlooker.unexpired(now));
    }
    Ok(())
}

/// What may and what must be asked.
fn rules(
    step: &Step,
    asked: &Asked,
    onlooker: &Onlooker,
    tried: Option<PolicyId>,
    now: UnixTime,
) -> Result<(), TestCaseError> {
    let delivers = step.purpose == Purpose::Deliver && !step.asks_each_time;
    prop_assert!(asked.dns || delivers);
    prop_assert!(asked.dns || !asked.https);
    let refreshes = step.purpose == Purpose::Refresh;
    let is_valid = valid_id(&step.txt).is_some();
    match onlooker.unexpired(now) {
        None => {
            prop_assert!(asked.dns);
            prop_assert!(!asked.https || is_valid, "no HTTPS without a record");
        }
        Some((policy, fetched_at)) => {
            let age = now.as_secs() - fetched_at.as_secs();
            let (earliest, latest) = due_between(policy);
            prop_assert!(age >= earliest || !delivers || !asked.dns);
            prop_assert!(age < latest || asked.dns);
            let left_alone = policy.mode() == Mode::None && !is_valid;
            prop_assert!(!left_alone || !asked.https, "RFC 8461 section 8.3");
            prop_assert!(left_alone || !refreshes || asked.https);
        }
    }
    // RFC 8461 section 3.3: five minutes or longer per version id.
    if let Some((id, then)) = onlooker.failed {
        let soon = now.as_secs() - then.as_secs() < 300;
        prop_assert!(!(soon && id == tried && asked.https) || refreshes);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 400,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_policy_is_applied_exactly_while_it_is_unexpired(steps in vec(step(), 1..60)) {
        check(&"example.com".parse().unwrap(), &steps)?;
    }
}

/// A discovery against a store, for the examples below.
fn discover(
    store: &mut Store,
    now: UnixTime,
    id: &str,
    response: &Result<PolicyResponse, FetchError>,
) -> mta_sts::Conclusion {
    let domain = "example.com".parse().unwrap();
    let known = store.load(now);
    let options = DiscoveryOptions::new();
    let discovery = Discovery::start(domain, known, Purpose::Refresh, now, &options);
    let conclusion = discovery.run(|_| Ok(record(id)), |_| response.clone());
    store.apply(conclusion.store(), now);
    conclusion
}

fn policy(mode: &str, mx: &str) -> PolicyResponse {
    let text = format!("version: STSv1\nmode: {mode}\nmx: {mx}\nmax_age: 1209600\n");
    PolicyResponse::new(200, Some("text/plain"), text.into_bytes())
}

/// RFC 8461 section 3.3: "alert administrators when such attempts fail". A fetch that works ends a row of failures; the next one is a first
/// one again, with the shortest delay, and is told.
#[test]
fn a_success_ends_the_failures() {
    let mut store = Store::default();
    let at = |secs| NOW.saturating_add(Duration::from_secs(secs));
    let down = Err(FetchError::Connect);
    let up = Ok(policy("enforce", "mx.example.com"));
    discover(&mut store, at(0), "a1", &up);
    assert!(discover(&mut store, at(100_000), "a1", &down).alert());
    assert!(!discover(&mut store, at(101_000), "a1", &down).alert());
    assert!(!discover(&mut store, at(102_000), "a1", &up).alert());
    let conclusion = discover(&mut store, at(500_000), "a1", &down);
    let failures = store
        .load(at(500_001))
        .unwrap()
        .backoff()
        .unwrap()
        .failures();
    assert_eq!((conclusion.alert(), failures), (true, 1), "a new trouble");
}

/// RFC 8461 section 3.3: "limit further attempts to a period of five minutes or longer per version ID". A long delay for the old id does
/// not let each delivery try the new one.
#[test]
fn a_failure_for_another_id_is_remembered() {
    let mut store = Store::default();
    let at = |secs| NOW.saturating_add(Duration::from_secs(secs));
    let down = Err(FetchError::Timeout);
    discover(
        &mut store,
        at(0),
        "a1",
        &Ok(policy("enforce", "mx.example.com")),
    );
    for secs in [100_000, 101_000] {
        discover(&mut store, at(secs), "a1", &down);
    }
    discover(&mut store, at(101_010), "b2", &down);
    let (domain, known) = ("example.com".parse().unwrap(), store.load(at(101_020)));
    let options = DiscoveryOptions::new();
    let delivery = Discovery::start(domain, known, Purpose::Deliver, at(101_020), &options);
    let conclusion = delivery.run(
        |_| Ok(record("b2")),
        |_| panic!("the policy of b2 was tried ten seconds ago"),
    );
    assert_eq!(conclusion.decision().source(), Source::Cache);
}

/// The last valid fetch wins, whatever its mode, also over a policy that a clock stored which ran ahead.
#[test]
fn a_fetch_replaces_what_a_clock_stored_that_ran_ahead() {
    for (old, new) in [
        ("enforce", "none"),
        ("enforce", "testing"),
        ("testing", "enforce"),
        ("enforce", "enforce"),
    ] {
        for mx in ["a.example.com", "z.example.com"] {
            let mut store = Store::default();
            let ahead = NOW.saturating_add(Duration::from_secs(40_000_000));
            discover(&mut store, ahead, "a1", &Ok(policy(old, "mx.example.com")));
            // The store keeps no time of its own that could run ahead too.
            let (bytes, _) = store.0.take().unwrap();
            store.put(&CacheEntry::from_bytes(&bytes).unwrap(), NOW);
            let conclusion = discover(&mut store, NOW, "b2", &Ok(policy(new, mx)));
            let applied = conclusion.decision().policy().unwrap().clone();
            let stored = store.load(NOW).unwrap();
            let kept = stored.cached().unwrap();
            assert_eq!(kept.policy(), &applied, "{old} {new} {mx}");
            assert_eq!(kept.id(), Some(B2));
        }
    }
}
