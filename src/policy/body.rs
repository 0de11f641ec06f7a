//! Patterns, extensions and index of one policy in one allocation.

use crate::extension::{Extensions, RawField};
use crate::grammar::PatternBuffer;
use crate::index::IndexRef;
use crate::mx::PatternSet;
use alloc::boxed::Box;
use alloc::vec::Vec;

/// The variable part of a policy.
///
/// Most policies have patterns and nothing else: then the box holds just these. Else it is *extended*: a 0, which is
/// no pattern's length; the patterns, the extensions as text, the slots of the index and its overflow; and at the
/// end three offsets that say where each of the first three ends.
#[derive(Clone)]
pub(super) struct Body(Box<[u8]>);

/// The patterns on their way into a body: on the stack while they are few.
pub(super) struct Arena {
    /// The patterns before they spill; after that the place where each is written first.
    stack: [u8; Self::STACK],
    /// Where in `stack` the next pattern goes.
    at: usize,
    /// If not empty: [`Body::EXTENDED`] and the patterns.
    spilled: Vec<u8>,
    count: usize,
    /// The length of the text that the patterns are from: in here they take no more.
    source_len: usize,
}

impl Arena {
    const STACK: usize = 256;
    /// The last place on the stack where any pattern read on the way finds room.
    const LAST_ROOM: usize = Self::STACK.saturating_sub(Self::ROOM);
    /// A length and a pattern read on the way.
    const ROOM: usize = size_of::<PatternBuffer>().saturating_add(1);

    pub(super) const fn new(source_len: usize) -> Self {
        Self {
            stack: [0; Self::STACK],
            at: 0,
            spilled: Vec::new(),
            count: 0,
            source_len,
        }
    }

    /// Where the next pattern may be written; [`commit`](Self::commit) then takes it.
    #[inline]
    pub(super) fn room(&mut self) -> Option<&mut PatternBuffer> {
        let [_, room @ ..] = self
            .stack
            .get_mut(self.at..)?
            .first_chunk_mut::<{ Self::ROOM }>()?;
        Some(room)
    }

    /// Takes the `len` octets, at most 255, that were written into the [`room`](Self::room).
    #[inline]
    pub(super) fn commit(&mut self, len: usize) {
        let at = self.at;
        if let Some(place) = self.stack.get_mut(at) {
            [*place, ..] = len.to_le_bytes();
        }
        self.count = self.count.wrapping_add(1);
        let end = at.wrapping_add(1).wrapping_add(len);
        if self.spilled.is_empty() {
            self.at = end;
            if end > Self::LAST_ROOM {
                self.spill(self.source_len);
            }
        } else {
            // A copy of known size is cheaper than one of just what is wanted.
            let end = self.spilled.len().wrapping_add(end);
            let (pattern, _): (&[u8; Self::ROOM], _) = self
                .stack
                .split_first_chunk()
                .unwrap_or((&[0; Self::ROOM], &[]));
            self.spilled.extend_from_slice(pattern);
            self.spilled.truncate(end);
        }
    }

    /// Moves the patterns to where there is room for so many bytes.
    #[cold]
    fn spill(&mut self, capacity: usize) {
        let patterns = self.stack.get(..self.at).unwrap_or_default();
        self.spilled
            .reserve_exact(capacity.saturating_add(Self::ROOM));
        self.spilled.push(Body::EXTENDED);
        self.spilled.extend_from_slice(patterns);
        self.at = 0;
    }

    /// Adds a pattern of any case and of at most 255 octets.
    pub(super) fn push(&mut self, pattern: &[u8]) {
        if self.spilled.is_empty() {
            self.spill(self.source_len);
        }
        self.spilled
            .push(u8::try_from(pattern.len()).unwrap_or(u8::MAX));
        self.spilled
            .extend(pattern.iter().map(u8::to_ascii_lowercase));
        self.count = self.count.wrapping_add(1);
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.count == 0
    }
}

impl Body {
    /// The patterns in the arena, which are taken out of it if they are many, and the extensions.
    #[inline]
    pub(super) fn new(arena: &mut Arena, extensions: &[RawField<'_>]) -> Self {
        if !extensions.is_empty() || arena.count > PatternSet::UNINDEXED {
            return Self::extended(arena, extensions);
        }
        let patterns = match arena.spilled.as_slice() {
            [] => arena.stack.get(..arena.at).unwrap_or_default(),
            [_, patterns @ ..] => patterns,
        };
        Self(patterns.into())
    }

    #[inline(never)]
    fn extended(arena: &mut Arena, extensions: &[RawField<'_>]) -> Self {
        let text_len = extensions.iter().fold(0_usize, |sum, field| {
            let len = field.name.len().saturating_add(field.value.len());
            sum.saturating_add(len).saturating_add(2)
        });
        let slots_len = PatternSet::slots_len(arena.count, arena.spilled.len());
        let more = text_len
            .saturating_add(slots_len)
            .saturating_add(Self::TRAILER);
        if arena.spilled.is_empty() {
            arena.spill(arena.at.saturating_add(more));
        }
        let mut bytes = core::mem::take(&mut arena.spilled);
        bytes.reserve_exact(more);
        let patterns_end = bytes.len();
        for field in extensions {
            bytes.extend_from_slice(field.name);
            bytes.push(b':');
            bytes.extend_from_slice(field.value);
            bytes.push(b'\n');
        }
        let extensions_end = bytes.len();
        let slots_end = extensions_end.saturating_add(slots_len);
        bytes.resize(slots_end, 0);
        let (before, slots) = bytes.split_at_mut(extensions_end);
        let patterns = before.get(1..patterns_end).unwrap_or_default();
        let overflow = PatternSet::index(patterns, slots);
        bytes.extend(overflow.iter().flat_map(|offset| offset.to_le_bytes()));
        for end in [patterns_end, extensions_end, slots_end] {
            bytes.extend(end.to_le_bytes());
        }
        Self(bytes.into_boxed_slice())
    }

    const EXTENDED: u8 = 0;

    const TRAILER: usize = 3 * size_of::<usize>();

    pub(super) fn patterns(&self) -> PatternSet<'_> {
        if !self.is_extended() {
            return PatternSet {
                arena: &self.0,
                index: None,
            };
        }
        let [arena, _, slots, overflow] = self.sections();
        let limit = u32::try_from(arena.len()).unwrap_or(u32::MAX);
        let index = IndexRef {
            slots,
            overflow,
            limit,
        };
        PatternSet {
            arena,
            index: (!slots.is_empty()).then_some(index),
        }
    }

    pub(super) fn extensions(&self) -> Extensions<'_> {
        let text = if self.is_extended() {
            let [_, text, _, _] = self.sections();
            // The grammar lets only UTF-8 through: nothing is lost here.
            core::str::from_utf8(text).unwrap_or_default()
        } else {
            ""
        };
        Extensions::new(text)
    }

    fn is_extended(&self) -> bool {
        self.0.first() == Some(&Self::EXTENDED)
    }

    /// Patterns, extensions, slots, overflow.
    fn sections(&self) -> [&[u8]; 4] {
        let content_len = self.0.len().saturating_sub(Self::TRAILER);
        let (content, trailer) = self.0.split_at_checked(content_len).unwrap_or_default();
        let mut ends = trailer
            .chunks_exact(size_of::<usize>())
            .map(|end| {
                end.first_chunk()
                    .map_or(0, |end| usize::from_le_bytes(*end))
            })
            .chain([content_len]);
        let mut start = 1;
        [(); 4].map(|()| {
            let end = ends.next().unwrap_or(start);
            let section = content.get(start..end).unwrap_or_default();
            start = end;
            section
        })
    }

    /// Patterns and extensions: what two policies have in common if they say the same.
    fn content(&self) -> (&[u8], &[u8]) {
        if self.is_extended() {
            let [patterns, extensions, _, _] = self.sections();
            (patterns, extensions)
        } else {
            (&self.0, &[])
        }
    }
}

impl PartialEq for Body {
    fn eq(&self, other: &Self) -> bool {
        self.content() == other.content()
    }
}

impl Eq for Body {}

impl core::hash::Hash for Body {
    fn hash<H: core::hash::Hasher>(&self, state: &mut H) {
        self.content().hash(state);
    }
}
