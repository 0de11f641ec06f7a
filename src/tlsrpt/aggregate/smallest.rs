//! The entries with the smallest keys: what is left out never depends on the order in which things came.

use crate::hash::Fnv1a;
use alloc::collections::BTreeMap;
use alloc::collections::btree_map::Entry;

/// A key with a fixed hash of its own.
pub(super) trait Keyed: Ord {
    fn write(&self, hash: &mut KeyHash);
}

/// What can be added up, in any order.
pub(super) trait Sum {
    fn add(&mut self, other: Self, limits: super::Limits);
}

/// A hash that does not change from one machine, version or run to the next.
pub(super) struct KeyHash(Fnv1a);

impl KeyHash {
    pub(super) fn of(key: &impl Keyed) -> u64 {
        let mut hash = Self(Fnv1a::new());
        key.write(&mut hash);
        // FNV hardly mixes its high bits, by which the smallest is chosen: the finish of SplitMix64 does.
        let hash = hash.0.finish();
        let hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        hash ^ (hash >> 31)
    }

    /// A field: its length goes before it, so that two fields never run into one.
    pub(super) fn field(&mut self, bytes: &[u8]) {
        let len = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.0.write(&len.to_be_bytes());
        self.0.write(bytes);
    }
}

/// Entries in the order of the hash of their key; of equal hashes, of the key itself.
///
/// Of the keys of several of these, those with the smallest hashes are among the smallest of each that has them: so no part has
/// left out anything of an entry that the whole keeps, and merging is associative and commutative.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Smallest<K, V>(BTreeMap<(u64, K), V>);

impl<K, V> Default for Smallest<K, V> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<K: Keyed, V: Sum> Smallest<K, V> {
    pub(super) fn add(&mut self, key: K, value: V, limits: super::Limits) {
        match self.0.entry((KeyHash::of(&key), key)) {
            Entry::Vacant(entry) => drop(entry.insert(value)),
            Entry::Occupied(mut entry) => entry.get_mut().add(value, limits),
        }
    }

    /// The greatest entry, if there are more than so many.
    pub(super) fn pop_over(&mut self, max: usize) -> Option<(K, V)> {
        if self.0.len() <= max {
            return None;
        }
        self.0.pop_last().map(|((_, key), value)| (key, value))
    }

    pub(super) fn iter(&self) -> impl ExactSizeIterator<Item = (&K, &V)> {
        self.0.iter().map(|((_, key), value)| (key, value))
    }

    pub(super) fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.0.values_mut()
    }

    pub(super) fn into_entries(self) -> impl Iterator<Item = (K, V)> {
        self.0.into_iter().map(|((_, key), value)| (key, value))
    }
}
