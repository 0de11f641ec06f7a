//! What stores keep of a domain.

use mta_sts::{CacheEntry, CachedPolicy, Mode, Policy, UnixTime};
use std::time::Duration;

/// What is read from a store is written and read back as the same; no part of it is an entry; no look at it at any moment makes it last longer;
/// and two of them, with a NUL between them, merge into one that is not weaker, in any order and any number of times.
pub fn cache_entry(bytes: &[u8]) {
    let mut parts = bytes.splitn(2, |&byte| byte == 0);
    let mut read = || CacheEntry::from_bytes(parts.next()?).ok();
    let (one, other) = (read(), read());
    for entry in [&one, &other].into_iter().flatten() {
        written(entry);
        looked_at(entry);
    }
    if let (Some(one), Some(other)) = (one, other) {
        merged(&one, &other);
    }
}

fn written(entry: &CacheEntry) {
    let bytes = entry.to_bytes();
    let read = CacheEntry::from_bytes(&bytes);
    assert_eq!(read.as_ref(), Ok(entry));
    assert_eq!(read.map(|read| read.to_bytes()), Ok(bytes.clone()));
    for end in (0..bytes.len()).step_by(bytes.len() / 64 + 1) {
        let part = &bytes[..end];
        assert!(
            CacheEntry::from_bytes(part).is_err(),
            "{}",
            part.escape_ascii()
        );
    }
}

/// Moments around which something changes.
fn moments(entry: &CacheEntry) -> impl Iterator<Item = UnixTime> {
    let cached = entry
        .cached()
        .map(|cached| [cached.fetched_at(), cached.expires_at()]);
    let backoff = entry.backoff().map(|backoff| backoff.until());
    let around = cached
        .into_iter()
        .flatten()
        .chain(backoff)
        .chain([entry.last_used()]);
    let around: Vec<_> = around.collect();
    let second = Duration::from_secs(1);
    around
        .into_iter()
        .flat_map(move |at| [at.saturating_sub(second), at, at.saturating_add(second)])
}

fn looked_at(entry: &CacheEntry) {
    for now in moments(entry) {
        let seen = entry.seen_at(now);
        assert_eq!(seen.seen_at(now), seen, "a second look tells nothing new");
        assert_eq!(
            seen.cached().map(|it| it.policy()),
            entry.cached().map(|it| it.policy())
        );
        let end = |entry: &CacheEntry| entry.cached().map(|cached| cached.expires_at());
        assert!(end(&seen) <= end(entry));
        assert!(seen.last_used() <= now && seen.last_used() <= entry.last_used());
        assert!(seen.backoff().is_none() || seen.backoff() == entry.backoff());
        // A policy is fresh while its life lasts, and kept as long. Only at the end of time does nothing end.
        let unending = UnixTime::from_secs(u64::MAX);
        let cached = entry.cached().filter(|it| it.expires_at() < unending);
        let Some(cached) = cached else { continue };
        let policy = cached.policy();
        let is_fresh = now < cached.expires_at() && policy.max_age().as_secs() > 0;
        assert_eq!(entry.fresh(now).is_some(), is_fresh);
        assert!(!is_fresh || !entry.keep_for(now).is_zero());
        let domain = "example.com".parse().expect("a domain");
        let is_due = entry.is_refresh_due(&domain, 0, now);
        assert!(!is_due || is_fresh && policy.mode() != Mode::None);
    }
}

fn merged(one: &CacheEntry, other: &CacheEntry) {
    let merge = |a: &CacheEntry, b: &CacheEntry| a.clone().merged(b.clone());
    let both = merge(one, other);
    assert_eq!(both, merge(other, one));
    assert_eq!(both, merge(&both, one));
    assert_eq!(both, merge(&both, &both));
    assert_eq!(one, &merge(one, one));
    let third = other.seen_at(one.last_used());
    assert_eq!(merge(&both, &third), merge(one, &merge(other, &third)));

    // The policy is the one that was fetched last, of two at once one that protects no less.
    let rank = |cached: &CachedPolicy| (cached.fetched_at(), strictness(cached.policy()));
    let ranks = [one, other].map(|entry| entry.cached().map(|cached| rank(cached)));
    assert_eq!(
        both.cached().map(|cached| rank(cached)),
        ranks.into_iter().max().flatten()
    );
    let policies = [one, other].map(CacheEntry::cached);
    assert!(
        policies.contains(&both.cached())
            && [one, other]
                .map(CacheEntry::backoff)
                .contains(&both.backoff())
    );
    assert_eq!(both.last_used(), one.last_used().max(other.last_used()));
}

fn strictness(policy: &Policy) -> u8 {
    match policy.mode() {
        Mode::None => 0,
        Mode::Testing => 1,
        Mode::Enforce => 2,
    }
}
