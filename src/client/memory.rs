//! A bounded store in memory.

use crate::cache::CacheEntry;
use crate::domain::PolicyDomain;
use crate::io::{PolicyStore, StoreError};
use crate::policy::Mode;
use crate::time::UnixTime;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use core::ops::Bound;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// Entries in memory, at most as many as its capacity.
///
/// Expired entries go first. A full store then drops what protects least: failures without a policy, policies with mode `none`, those with
/// `testing`, and last the `enforce` policy that has not been used for the longest time. [`evicted`](Self::evicted) counts what was lost.
///
/// Loading and saving cost the logarithm of the number of entries.
#[derive(Debug)]
pub struct MemoryStore {
    capacity: usize,
    entries: RwLock<Entries>,
}

/// How many unexpired entries a store had to drop, by what they held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Evicted {
    /// Failures without a policy.
    pub failures: u64,
    /// Policies with mode `none`.
    pub none: u64,
    /// Policies with mode `testing`.
    pub testing: u64,
    /// Policies with mode `enforce`: each one a domain that is looked up again without protection.
    pub enforce: u64,
}

/// What an entry is worth, in the order in which it is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Worth {
    Failure,
    None,
    Testing,
    Enforce,
}

#[derive(Debug, Default)]
struct Entries {
    by_domain: BTreeMap<PolicyDomain, Slot>,
    by_end: BTreeSet<(UnixTime, PolicyDomain)>,
    by_worth: BTreeSet<(Worth, UnixTime, PolicyDomain)>,
    evicted: Evicted,
}

#[derive(Debug)]
struct Slot {
    entry: CacheEntry,
    /// When it is not worth keeping any more.
    end: UnixTime,
    worth: Worth,
}

impl MemoryStore {
    /// A store for this many domains.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self {
            capacity,
            entries: RwLock::default(),
        }
    }

    /// The number of entries.
    #[must_use]
    pub fn len(&self) -> usize {
        self.read().by_domain.len()
    }

    /// Whether there is no entry.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What was lost because the store was full.
    #[must_use]
    pub fn evicted(&self) -> Evicted {
        self.read().evicted
    }

    /// Forgets a domain, whatever is known of it: for operators.
    pub fn forget(&self, domain: &PolicyDomain) {
        self.write().take(domain);
    }

    // A panic elsewhere leaves the entries as they are: what is lost of an index is found again by its domain.
    fn read(&self) -> RwLockReadGuard<'_, Entries> {
        self.entries.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Entries> {
        self.entries.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entries {
    fn insert(&mut self, domain: &PolicyDomain, entry: CacheEntry, now: UnixTime) {
        let end = now.saturating_add(entry.keep_for(now));
        if end <= now {
            return;
        }
        let worth = match entry.fresh(now).map(|cached| cached.policy().mode()) {
            None => Worth::Failure,
            Some(Mode::None) => Worth::None,
            Some(Mode::Testing) => Worth::Testing,
            Some(Mode::Enforce) => Worth::Enforce,
        };
        self.by_end.insert((end, domain.clone()));
        self.by_worth
            .insert((worth, entry.last_used(), domain.clone()));
        self.by_domain
            .insert(domain.clone(), Slot { entry, end, worth });
    }

    fn take(&mut self, domain: &PolicyDomain) -> Option<Slot> {
        let (domain, slot) = self.by_domain.remove_entry(domain)?;
        let at_end = (slot.end, domain);
        self.by_end.remove(&at_end);
        self.by_worth
            .remove(&(slot.worth, slot.entry.last_used(), at_end.1));
        Some(slot)
    }

    fn drop_expired(&mut self, now: UnixTime) {
        while let Some((_, domain)) = self.by_end.first().filter(|(end, _)| *end <= now) {
            let domain = domain.clone();
            self.take(&domain);
        }
    }

    fn drop_least(&mut self) {
        let Some((worth, _, domain)) = self.by_worth.first().cloned() else {
            return;
        };
        self.take(&domain);
        let count = match worth {
            Worth::Failure => &mut self.evicted.failures,
            Worth::None => &mut self.evicted.none,
            Worth::Testing => &mut self.evicted.testing,
            Worth::Enforce => &mut self.evicted.enforce,
        };
        *count = count.saturating_add(1);
    }
}

impl PolicyStore for MemoryStore {
    async fn load(&self, domain: &PolicyDomain) -> Result<Option<CacheEntry>, StoreError> {
        let entries = self.read();
        Ok(entries.by_domain.get(domain).map(|slot| slot.entry.clone()))
    }

    async fn save(
        &self,
        domain: &PolicyDomain,
        entry: CacheEntry,
        now: UnixTime,
    ) -> Result<(), StoreError> {
        let mut entries = self.write();
        entries.drop_expired(now);
        let entry = match entries.take(domain) {
            Some(stored) => stored.entry.seen_at(now).merged(entry),
            None => entry,
        };
        entries.insert(domain, entry, now);
        if entries.by_domain.len() > self.capacity {
            entries.drop_least();
        }
        Ok(())
    }

    async fn remove(&self, _: &PolicyDomain, now: UnixTime) -> Result<(), StoreError> {
        // An entry without life is an expired one.
        self.write().drop_expired(now);
        Ok(())
    }

    async fn list(
        &self,
        after: Option<&PolicyDomain>,
        limit: usize,
    ) -> Result<Vec<(PolicyDomain, CacheEntry)>, StoreError> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let entries = self.read();
        let range = entries
            .by_domain
            .range::<PolicyDomain, _>((from, Bound::Unbounded));
        let page = range
            .take(limit)
            .map(|(domain, slot)| (domain.clone(), slot.entry.clone()));
        Ok(page.collect())
    }
}
