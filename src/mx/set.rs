//! Many patterns in one allocation, and which of them a name matches.

use super::{Host, MxPatternRef};
use crate::diagnostic::Lint;
use crate::index::{self, IndexRef};
use crate::scan;
use alloc::vec::Vec;
use core::cmp::Ordering;

/// The patterns of a policy: `[length][pattern]` one behind the other, and an index over them if they are many.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PatternSet<'a> {
    pub(crate) arena: &'a [u8],
    pub(crate) index: Option<IndexRef<'a>>,
}

impl<'a> PatternSet<'a> {
    /// Up to this many patterns a walk over all of them is as fast as an index.
    pub(crate) const UNINDEXED: usize = 16;

    pub(crate) const fn iter(self) -> MxPatterns<'a> {
        MxPatterns { arena: self.arena }
    }

    /// The patterns in an arena as they lie there.
    pub(crate) fn walk(mut arena: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
        core::iter::from_fn(move || {
            let (pattern, rest) = split_first(arena)?;
            arena = rest;
            Some(pattern)
        })
    }

    /// The pattern at `offset` in the arena.
    pub(crate) fn at(arena: &'a [u8], offset: u32) -> &'a [u8] {
        usize::try_from(offset)
            .ok()
            .and_then(|offset| arena.get(offset..))
            .and_then(split_first)
            .map_or(&[], |(pattern, _)| pattern)
    }

    /// The bytes of the slots for `count` patterns: none for as few as are walked, and for more text than 32 bits
    /// can point into.
    pub(crate) fn slots_len(count: usize, arena_len: usize) -> usize {
        if count > Self::UNINDEXED && u32::try_from(arena_len).is_ok() {
            index::slots_len(count)
        } else {
            0
        }
    }

    /// Fills the slots of an index over the patterns, if there are any; yields its overflow.
    pub(crate) fn index(arena: &'a [u8], slots: &mut [u8]) -> Vec<u32> {
        let Ok(limit) = u32::try_from(arena.len()) else {
            return Vec::new();
        };
        let mut at: u32 = 0;
        let keys = Self::walk(arena).map(|pattern| {
            let offset = at;
            let len = u32::try_from(pattern.len()).unwrap_or(0);
            at = at.wrapping_add(len).wrapping_add(1);
            (offset, pattern)
        });
        let key = |offset| Self::at(arena, offset);
        let hash = |pattern: &[u8]| Needle::of(pattern).hash();
        index::build(slots, keys, limit, key, hash, |_| {})
    }

    /// The first pattern that the name of an MX host matches.
    #[inline]
    pub(crate) fn find(self, mx_host: &str) -> Option<MxPatternRef<'a>> {
        match self.index {
            None => Host::ask(mx_host, |host| {
                self.iter().find(|pattern| host.matches(pattern.0))
            }),
            Some(index) => Host::ask(mx_host, |host| self.look_up(index, host)),
        }
    }

    fn look_up(self, index: IndexRef<'a>, host: Host<'_>) -> Option<MxPatternRef<'a>> {
        let exact = self.indexed(index, Needle::Name(host.name));
        let wildcard = self.indexed(index, Needle::Wildcard(host.parent));
        let first = match (exact, wildcard) {
            (Some(exact), Some(wildcard)) => exact.min(wildcard),
            (Some(only), None) | (None, Some(only)) => only,
            (None, None) => return None,
        };
        Some(MxPatternRef(Self::at(self.arena, first)))
    }

    fn indexed(self, index: IndexRef<'a>, needle: Needle<'_>) -> Option<u32> {
        index.find(needle.hash_folded(), |offset| {
            needle.order(Self::at(self.arena, offset))
        })
    }

    /// Whether any pattern is [`redundant`](Self::redundant). Of few it is told without looking at each with all others.
    pub(crate) fn has_redundant(self) -> bool {
        if self.index.is_some() {
            return self.redundant().any(|lint| lint.is_some());
        }
        let mut rest = self.arena;
        while let Some((pattern, behind)) = split_first(rest) {
            let covers = |parent: &[u8]| Self::walk(self.arena).any(|one| is_covered(one, parent));
            let is_repeated = Self::walk(behind).any(|other| other == pattern);
            if is_repeated || wildcard_parent(pattern).is_some_and(covers) {
                return true;
            }
            rest = behind;
        }
        false
    }

    /// Of each pattern, in what way it says again what another one says.
    pub(crate) fn redundant(self) -> impl Iterator<Item = Option<Lint>> {
        let mut offset: usize = 0;
        Self::walk(self.arena).map(move |pattern| {
            let here = offset;
            offset = offset.wrapping_add(pattern.len()).wrapping_add(1);
            match self.index {
                Some(index) => self.redundancy_indexed(index, here, pattern),
                None => self.redundancy(here, pattern),
            }
        })
    }

    /// What another one of few patterns makes of this one, which lies at `here`.
    fn redundancy(self, here: usize, pattern: &[u8]) -> Option<Lint> {
        let mut before = Self::walk(self.arena.get(..here)?);
        if before.any(|other| other == pattern) {
            return Some(Lint::MxDuplicate);
        }
        Self::walk(self.arena)
            .filter_map(wildcard_parent)
            .any(|parent| is_covered(pattern, parent))
            .then_some(Lint::MxCovered)
    }

    /// The same among many.
    fn redundancy_indexed(self, index: IndexRef<'a>, here: usize, pattern: &[u8]) -> Option<Lint> {
        let first = self.indexed(index, Needle::of(pattern))?;
        if usize::try_from(first).is_ok_and(|first| first < here) {
            return Some(Lint::MxDuplicate);
        }
        self.indexed(index, Needle::Wildcard(parent(pattern)?))
            .map(|_| Lint::MxCovered)
    }
}

/// What stands behind the `*` of a wildcard.
fn wildcard_parent(pattern: &[u8]) -> Option<&[u8]> {
    pattern.strip_prefix(b"*")
}

/// Whether the pattern is a name that the wildcard over `parent`, which begins with a dot, matches.
fn is_covered(pattern: &[u8], parent: &[u8]) -> bool {
    match pattern.strip_suffix(parent) {
        None | Some([] | [b'*', ..]) => false,
        Some(label) => !label.contains(&b'.'),
    }
}

/// What would stand behind the `*` of a wildcard that covers this pattern.
fn parent(pattern: &[u8]) -> Option<&[u8]> {
    let dot = pattern.iter().position(|&byte| byte == b'.')?;
    pattern.get(dot..).filter(|_| !pattern.starts_with(b"*"))
}

/// A pattern to look for, of any case.
#[derive(Clone, Copy, Debug)]
enum Needle<'n> {
    Name(&'n [u8]),
    /// What is behind the `*`.
    Wildcard(&'n [u8]),
}

impl<'n> Needle<'n> {
    #[inline]
    const fn of(pattern: &'n [u8]) -> Self {
        match pattern {
            [b'*', parent @ ..] => Self::Wildcard(parent),
            name => Self::Name(name),
        }
    }

    /// The hash of the pattern, which is in lower case.
    #[inline]
    fn hash(self) -> u64 {
        match self {
            Self::Name(name) => scan::hash(name),
            Self::Wildcard(parent) => !scan::hash(parent),
        }
    }

    /// The same for a pattern of any case.
    #[inline]
    fn hash_folded(self) -> u64 {
        match self {
            Self::Name(name) => scan::hash_folded(name),
            Self::Wildcard(parent) => !scan::hash_folded(parent),
        }
    }

    #[inline]
    fn equals(self, pattern: &[u8]) -> bool {
        match (self, pattern) {
            (Self::Wildcard(parent), [b'*', other @ ..]) => scan::eq_folded(other, parent),
            (Self::Name(name), other) => scan::eq_folded(other, name),
            (Self::Wildcard(_), _) => false,
        }
    }

    /// How the pattern compares to this.
    #[inline]
    fn order(self, pattern: &[u8]) -> Ordering {
        if self.equals(pattern) {
            return Ordering::Equal;
        }
        let (star, text): (&[u8], _) = match self {
            Self::Name(name) => (b"", name),
            Self::Wildcard(parent) => (b"*", parent),
        };
        let lower = star.iter().chain(text).map(u8::to_ascii_lowercase);
        pattern.iter().copied().cmp(lower)
    }
}

#[inline]
fn split_first(arena: &[u8]) -> Option<(&[u8], &[u8])> {
    let (&len, rest) = arena.split_first()?;
    rest.split_at_checked(len.into())
}

/// The patterns of a policy, in its order; made by [`Policy::mx`](crate::Policy::mx).
#[derive(Clone, Debug)]
pub struct MxPatterns<'a> {
    arena: &'a [u8],
}

impl<'a> Iterator for MxPatterns<'a> {
    type Item = MxPatternRef<'a>;

    #[inline]
    fn next(&mut self) -> Option<MxPatternRef<'a>> {
        let (pattern, rest) = split_first(self.arena)?;
        self.arena = rest;
        Some(MxPatternRef(pattern))
    }
}

impl core::iter::FusedIterator for MxPatterns<'_> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_patterns_and_text_beyond_32_bits_have_no_index() {
        let limit = usize::try_from(u32::MAX).unwrap();
        assert_eq!(PatternSet::slots_len(PatternSet::UNINDEXED, 0), 0);
        if let Some(beyond) = limit.checked_add(1) {
            assert_eq!(PatternSet::slots_len(1_000, beyond), 0);
        }
        for (count, len) in [(PatternSet::UNINDEXED + 1, 0), (1_000, limit)] {
            assert_eq!(PatternSet::slots_len(count, len), index::slots_len(count));
            assert_ne!(index::slots_len(count), 0);
        }
    }

    #[test]
    fn needles_are_ordered_as_the_patterns_they_look_for() {
        const PATTERNS: [&str; 7] = [
            "*.a.net", "*.b.net", "a.net", "b.a.net", "b.net", "b.neta", "c",
        ];
        for (looked_for, needle) in PATTERNS.iter().enumerate() {
            let upper = needle.to_ascii_uppercase();
            for (place, pattern) in PATTERNS.iter().enumerate() {
                let order = Needle::of(upper.as_bytes()).order(pattern.as_bytes());
                assert_eq!(order, place.cmp(&looked_for), "{needle} and {pattern}");
            }
        }
    }
}
