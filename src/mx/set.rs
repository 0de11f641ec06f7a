//! Many patterns in one allocation, and which of them a name matches.

use super::{Host, HostName, MAX_PATTERN, MxPatternRef};
use crate::diagnostic::Lint;
use crate::index::IndexRef;
use crate::scan;

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

    /// The first pattern that the name of an MX host matches.
    #[inline]
    pub(crate) fn find(self, mx_host: &str) -> Option<MxPatternRef<'a>> {
        let host = HostName::new(mx_host)?;
        let host = host.borrow();
        match self.index {
            None => self.iter().find(|pattern| host.matches(pattern.0)),
            Some(index) => self.look_up(index, host),
        }
    }

    /// The patterns that say again what another one says: their numbers, and in what way.
    pub(crate) fn redundant(self) -> impl Iterator<Item = (usize, Lint)> {
        let mut offset: usize = 0;
        self.iter().enumerate().filter_map(move |(number, pattern)| {
            let here = offset;
            offset = offset.saturating_add(pattern.0.len()).saturating_add(1);
            if self.first_equal(pattern.0, b"")? < here {
                return Some((number, Lint::MxDuplicate));
            }
            let parent = pattern.0.get(scan::first_dot(pattern.0)?..)?;
            let covered = !pattern.is_wildcard() && self.first_equal(parent, b"*").is_some();
            covered.then_some((number, Lint::MxCovered))
        })
    }

    /// The offset of the first pattern that is `star` and `end`.
    fn first_equal(self, end: &[u8], star: &[u8]) -> Option<usize> {
        if let Some(index) = self.index {
            let mut buffer = [0; MAX_PATTERN];
            let needle = buffer.get_mut(..star.len().checked_add(end.len())?)?;
            needle.get_mut(..star.len())?.copy_from_slice(star);
            needle.get_mut(star.len()..)?.copy_from_slice(end);
            let found = index.find(needle, |offset| Self::at(self.arena, offset))?;
            return usize::try_from(found).ok();
        }
        let mut offset: usize = 0;
        Self::walk(self.arena).find_map(|pattern| {
            let here = offset;
            offset = offset.saturating_add(pattern.len()).saturating_add(1);
            (pattern.strip_prefix(star) == Some(end)).then_some(here)
        })
    }

    fn look_up(self, index: IndexRef<'a>, host: Host<'_>) -> Option<MxPatternRef<'a>> {
        let key = |offset| Self::at(self.arena, offset);
        let mut buffer = [0; MAX_PATTERN];
        let (name, _) = buffer.split_at_mut_checked(host.name.len())?;
        name.copy_from_slice(host.name);
        name.make_ascii_lowercase();
        let exact = index.find(name, key);
        let wildcard = if host.parent.is_empty() {
            None
        } else {
            // The byte before the parent is the end of the left-most label: put the star there.
            let star = name
                .len()
                .saturating_sub(host.parent.len())
                .saturating_sub(1);
            let pattern = name.get_mut(star..)?;
            *pattern.first_mut()? = b'*';
            index.find(pattern, key)
        };
        let first = match (exact, wildcard) {
            (Some(exact), Some(wildcard)) => exact.min(wildcard),
            (Some(only), None) | (None, Some(only)) => only,
            (None, None) => return None,
        };
        Some(MxPatternRef(key(first)))
    }
}

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
