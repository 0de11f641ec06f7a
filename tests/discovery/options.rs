//! What the operator chooses reaches the discovery, and what is found reaches the decision.

use crate::{A1, NOW};
use mta_sts::{
    CacheEntry, CachedPolicy, Decision, Discovery, DiscoveryOptions, MediaType, Policy,
    PolicyDomain, PolicyResponse, Purpose, TxtAnswer, UnixTime,
};
use std::cell::Cell;
use std::time::Duration;

const POLICY: &[u8] = b"version: STSv1\nmode: enforce\nmx: *.example.com\nmax_age: 604800\n";

fn domain() -> PolicyDomain {
    "example.com".parse().unwrap()
}

/// The decision, and whether the DNS was asked.
fn discover(
    known: Option<CacheEntry>,
    now: UnixTime,
    media_type: &str,
    options: &DiscoveryOptions,
) -> (Decision, bool) {
    let is_asked = Cell::new(false);
    let look_up = |_: &str| {
        is_asked.set(true);
        Ok(TxtAnswer::from_iter([["v=STSv1; id=a1"]]))
    };
    let fetch = |_: &_| Ok(PolicyResponse::new(200, Some(media_type), POLICY));
    let start = Discovery::start(domain(), known, Purpose::Deliver, now, options);
    let (decision, ..) = start.run(look_up, fetch).into_parts();
    (decision, is_asked.get())
}

#[test]
fn the_media_type_is_the_operators_choice() {
    for (media_type, options, has_policy) in [
        ("text/plain", DiscoveryOptions::new(), true),
        ("text/html", DiscoveryOptions::new(), false),
        (
            "text/html",
            DiscoveryOptions::new().media_type(MediaType::Any),
            true,
        ),
    ] {
        let (decision, _) = discover(None, NOW, media_type, &options);
        assert_eq!(decision.policy().is_some(), has_policy, "{media_type}");
        assert_eq!(decision.policy_id(), has_policy.then_some(A1));
    }
}

/// Two senders with the same entry and different keys do not refresh at the same moment, and each does when its own key says so.
#[test]
fn the_key_decides_when_a_refresh_is_due() {
    let policy = CachedPolicy::new(Policy::parse(POLICY).unwrap(), Some(A1), NOW);
    let entry = CacheEntry::new(Some(policy.into()), None, NOW);
    let is_due = |key, now| entry.is_refresh_due(&domain(), key, now);
    let moments = (0..86_400).map(|secs| NOW.saturating_add(Duration::from_secs(secs)));
    let mut between = moments.filter(|now| is_due(1, *now) != is_due(2, *now));
    let now = between.next_back().expect("the keys differ");
    for key in [1, 2] {
        let options = DiscoveryOptions::new().spread_key(key);
        let (_, is_asked) = discover(Some(entry.clone()), now, "text/plain", &options);
        assert_eq!(is_asked, is_due(key, now), "{key}");
    }
}
