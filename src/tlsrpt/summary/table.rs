//! Tables whose keys strangers choose.

use alloc::borrow::Borrow;
use alloc::collections::BTreeMap;

/// At most so many rows; whatever comes under a further key is one row of its own.
#[derive(Clone, Debug)]
pub(super) struct Table<K, V, const MAX: usize> {
    rows: BTreeMap<K, V>,
    further: Option<V>,
}

impl<K, V, const MAX: usize> Default for Table<K, V, MAX> {
    fn default() -> Self {
        Self {
            rows: BTreeMap::new(),
            further: None,
        }
    }
}

impl<K: Ord, V: Default, const MAX: usize> Table<K, V, MAX> {
    /// The row of a key, or the one for further keys.
    pub(super) fn row<Q: Ord + ?Sized + ToKey<K>>(&mut self, key: &Q) -> &mut V
    where
        K: Borrow<Q>,
    {
        if self.rows.contains_key(key) || self.rows.len() < MAX {
            self.rows.entry(key.to_key()).or_default()
        } else {
            self.further.get_or_insert_default()
        }
    }

    pub(super) fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.rows.get(key)
    }

    pub(super) fn iter(&self) -> impl ExactSizeIterator<Item = (&K, &V)> {
        self.rows.iter()
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(super) const fn further(&self) -> Option<&V> {
        self.further.as_ref()
    }
}

/// What a key is made of.
pub(super) trait ToKey<K> {
    fn to_key(&self) -> K;
}

impl<K: Clone> ToKey<K> for K {
    fn to_key(&self) -> K {
        self.clone()
    }
}

impl ToKey<alloc::boxed::Box<str>> for str {
    fn to_key(&self) -> alloc::boxed::Box<str> {
        self.into()
    }
}
