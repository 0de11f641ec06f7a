//! Finding one short byte string among many, however hostile they are.
//!
//! Keys lie elsewhere and are known here by a number. Open addressing in slots of 32 bits, each the
//! number of a key and, in the bits that are left, a tag from its hash, so that a probe seldom looks
//! at a key in vain. Hashes have no secret (the crate has no source of randomness): a publisher can
//! construct names that collide. So a key that finds no free slot within [`PROBES`] steps goes to a
//! sorted list instead: constructed names cost a binary search, never a quadratic build.

use alloc::vec::Vec;
use core::cmp::Ordering;

/// Bytes of a slot.
const SLOT: usize = size_of::<u32>();
/// How far from its place a key may lie.
const PROBES: usize = 16;

/// How the 32 bits of a slot are divided, and where a hash leads.
#[derive(Clone, Copy, Debug)]
struct Layout {
    number_mask: u32,
    place_mask: usize,
}

impl Layout {
    /// For keys numbered below `limit`, in these slots: their number is a power of two.
    fn new(limit: u32, slots: &[u8]) -> Self {
        Self {
            number_mask: u32::MAX.checked_shr(limit.leading_zeros()).unwrap_or(0),
            place_mask: slots.len().wrapping_sub(SLOT),
        }
    }

    fn tag(self, hash: u64) -> u32 {
        u32::try_from(hash >> 32).unwrap_or(0) & !self.number_mask
    }

    /// Where the slots lie in which a key with this hash may be, in order.
    fn places(self, hash: u64) -> impl Iterator<Item = usize> {
        let start = usize::try_from(hash & 0xffff_ffff).unwrap_or(0);
        (0..PROBES).map(move |step| start.wrapping_add(step).wrapping_mul(SLOT) & self.place_mask)
    }

    /// The key in a taken slot, if the slot has the tag.
    fn number(self, slot: u32, tag: u32) -> Option<u32> {
        (slot & !self.number_mask == tag).then(|| (slot & self.number_mask).wrapping_sub(1))
    }
}

/// The bytes of the slots for about `count` keys.
pub(crate) const fn slots_len(count: usize) -> usize {
    count
        .saturating_mul(2)
        .next_power_of_two()
        .saturating_mul(SLOT)
}

/// Indexes keys, each with its number below `limit`: fills `slots`, which are as long as [`slots_len`] says and all
/// zeros, and yields the numbers of the keys without a slot, in the order of the keys. Of equal keys the first is
/// indexed; `duplicate` is told the others.
pub(crate) fn build<'k>(
    slots: &mut [u8],
    keys: impl Iterator<Item = (u32, &'k [u8])>,
    limit: u32,
    key: impl Fn(u32) -> &'k [u8],
    hash: impl Fn(&[u8]) -> u64,
    mut duplicate: impl FnMut(u32),
) -> Vec<u32> {
    let mut overflow = Vec::new();
    if slots.is_empty() {
        return overflow;
    }
    let layout = Layout::new(limit, slots);
    'keys: for (number, bytes) in keys {
        let hash = hash(bytes);
        let tag = layout.tag(hash);
        for place in layout.places(hash) {
            let Some(slot) = slots.get_mut(place..).and_then(<[u8]>::first_chunk_mut) else {
                continue;
            };
            let taken = u32::from_le_bytes(*slot);
            if taken == 0 {
                *slot = (tag | number.wrapping_add(1)).to_le_bytes();
                continue 'keys;
            }
            if layout
                .number(taken, tag)
                .is_some_and(|other| key(other) == bytes)
            {
                duplicate(number);
                continue 'keys;
            }
        }
        overflow.push(number);
    }
    // The sort is stable: of equal keys the first stays.
    overflow.sort_by_key(|&number| key(number));
    overflow.dedup_by(|later, first| {
        let same = key(*later) == key(*first);
        if same {
            duplicate(*later);
        }
        same
    });
    overflow
}

/// An index as bytes, little end first.
#[derive(Clone, Copy, Debug)]
pub(crate) struct IndexRef<'a> {
    pub(crate) slots: &'a [u8],
    pub(crate) overflow: &'a [u8],
    /// What was given to [`build`].
    pub(crate) limit: u32,
}

impl IndexRef<'_> {
    /// The number of the key that has this hash and is equal in the order of keys.
    pub(crate) fn find(&self, hash: u64, order: impl Fn(u32) -> Ordering) -> Option<u32> {
        let layout = Layout::new(self.limit, self.slots);
        let tag = layout.tag(hash);
        for place in layout.places(hash) {
            let slot = word(self.slots.get(place..)?)?;
            if slot == 0 {
                return None;
            }
            if let Some(number) = layout.number(slot, tag) {
                if order(number) == Ordering::Equal {
                    return Some(number);
                }
            }
        }
        let (mut low, mut high) = (0, self.overflow.chunks_exact(SLOT).len());
        while low < high {
            let middle = low.midpoint(high);
            let number = word(self.overflow.get(middle.checked_mul(SLOT)?..)?)?;
            match order(number) {
                Ordering::Equal => return Some(number),
                Ordering::Less => low = middle.wrapping_add(1),
                Ordering::Greater => high = middle,
            }
        }
        None
    }
}

/// The first of these words.
fn word(words: &[u8]) -> Option<u32> {
    words.first_chunk().map(|bytes| u32::from_le_bytes(*bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan;
    use alloc::format;
    use alloc::string::String;
    use core::cell::Cell;

    fn bytes(words: &[u32]) -> Vec<u8> {
        words.iter().flat_map(|word| word.to_le_bytes()).collect()
    }

    /// How many keys have no slot. Absent keys are told apart by tags alone, or nearly so.
    fn check(keys: &[String], absent: &[String]) -> usize {
        let key = |number: u32| keys[usize::try_from(number).unwrap()].as_bytes();
        let limit = u32::try_from(keys.len()).unwrap();
        let mut duplicates = Vec::new();
        let numbered = (0..limit).map(|number| (number, key(number)));
        let repeated = |number| duplicates.push(number);
        let mut slots = alloc::vec![0; slots_len(keys.len())];
        let unplaced = build(&mut slots, numbered, limit, key, scan::hash, repeated);
        let view = IndexRef {
            slots: &slots,
            overflow: &bytes(&unplaced),
            limit,
        };
        let looked_at = Cell::new(0);
        let find = |text: &String| {
            let text = text.as_bytes();
            view.find(scan::hash(text), |number| {
                looked_at.set(looked_at.get() + 1);
                key(number).cmp(text)
            })
        };
        for (number, text) in keys.iter().enumerate() {
            let first = keys.iter().position(|other| other == text).unwrap();
            let found = find(text).map(|number| usize::try_from(number).unwrap());
            assert_eq!(found, Some(first), "{text}");
            let number = u32::try_from(number).unwrap();
            let times = duplicates.iter().filter(|&&other| other == number).count();
            assert_eq!(times, usize::from(first < usize::try_from(number).unwrap()));
        }
        looked_at.set(0);
        for text in absent {
            assert_eq!(find(text), None, "{text}");
        }
        if unplaced.is_empty() {
            assert!(looked_at.get() <= absent.len() / 100, "{looked_at:?}");
        }
        unplaced.len()
    }

    #[test]
    fn every_key_is_found_and_no_other() {
        for count in [0, 1, 2, 3, 16, 17, 100, 2203] {
            let keys: Vec<_> = (0..count)
                .map(|n| format!("mx{}.example.net", n * 7 % 2000))
                .collect();
            let absent: Vec<_> = (0..count).map(|n| format!("mx{n}.example.org")).collect();
            assert_eq!(check(&keys, &absent), 0);
        }
    }

    #[test]
    fn keys_made_to_collide_overflow_and_are_found() {
        // Equal low bits of the hash: the same place in a table of 1,024 slots.
        let colliding = |count: usize| -> Vec<_> {
            let names = (0..).map(|n| format!("host{n}"));
            names
                .filter(|name| scan::hash(name.as_bytes()) & 0x3ff == 5)
                .take(count)
                .collect()
        };
        let mut keys = colliding(600);
        let absent = keys.split_off(400);
        keys.push(keys[7].clone());
        keys.push(keys[399].clone());
        assert!(check(&keys, &absent) > 300);
    }
}
