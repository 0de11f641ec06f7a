//! Word-at-a-time classification and folding of ASCII: the only clever arithmetic in the crate.
//!
//! Eight bytes are loaded into a `u64`, little end first, and judged together. A *mask* holds the
//! result: bit 7 of each byte says yes or no, the other bits are 0. All tests here are exhaustive
//! over the byte values and over every position in a word.

/// Bytes of one word.
const WORD: usize = size_of::<u64>();
/// Bit 7 of every byte.
const HIGH: u64 = repeat(0x80);

/// The longest name that [`lower_name`] takes: a name of at most 63 octets cannot hold a label that is too long.
pub(crate) const SHORT_NAME: usize = 63;

/// What [`lower_name`] writes into: the longest short name and one word of slack.
pub(crate) type LowerBuffer = [u8; SHORT_NAME + 1 + WORD];

const fn repeat(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; WORD])
}

/// The first eight bytes; where fewer are left, NUL stands for what is missing.
#[inline]
fn load(input: &[u8]) -> u64 {
    match input.first_chunk() {
        Some(chunk) => u64::from_le_bytes(*chunk),
        None => load_short(input),
    }
}

/// Fewer than eight bytes: two halves that may overlap, or up to three single bytes.
#[inline(never)]
fn load_short(input: &[u8]) -> u64 {
    if let (Some(low), Some(high)) = (input.first_chunk(), input.last_chunk()) {
        let shift = input.len().wrapping_sub(4).wrapping_mul(8);
        let high = u64::from(u32::from_le_bytes(*high));
        return u64::from(u32::from_le_bytes(*low)) | (high << (shift & 63));
    }
    let byte = |at: usize| {
        let byte = input.get(at).copied().unwrap_or_default();
        u64::from(byte) << (at.wrapping_mul(8) & 63)
    };
    byte(0) | byte(1) | byte(2)
}

/// Says in bit 7 of each byte whether the byte of `word` is within `low..=high`, where `low` is above 0; the other bits mean
/// nothing. From the first byte of 0x80 or above on bit 7 means nothing either: the sum may carry.
#[inline]
const fn range(word: u64, low: u8, high: u8) -> u64 {
    let reaches = word.wrapping_add(repeat(0x80_u8.wrapping_sub(low)));
    let exceeds = word.wrapping_add(repeat(0x7f_u8.wrapping_sub(high)));
    // What exceeds also reaches.
    reaches ^ exceeds
}

/// As [`range`], for the letters of any case.
#[inline]
const fn small_or_capital(ascii: u64) -> u64 {
    // Setting bit 5 maps A–Z onto a–z and nothing else onto them.
    range(ascii | repeat(0x20), b'a', b'z')
}

/// The mask of the ASCII letters of any case.
#[inline]
const fn letters(word: u64) -> u64 {
    small_or_capital(word & !HIGH) & !word & HIGH
}

/// Whether two short arrays are equal: of five to seven bytes by two halves that overlap, which takes fewer steps than by
/// pieces of four, two and one.
#[inline]
pub(crate) fn equal<const N: usize>(one: &[u8; N], other: &[u8; N]) -> bool {
    match (one.first_chunk::<4>(), one.last_chunk::<4>()) {
        (Some(first), Some(last)) if N < WORD => {
            Some(first) == other.first_chunk() && Some(last) == other.last_chunk()
        }
        _ => one == other,
    }
}

/// The first byte in `mask`; 8 if there is none.
#[inline]
fn first_in(mask: u64) -> usize {
    usize::try_from(mask.trailing_zeros() / 8).unwrap_or(WORD)
}

/// All bits below the first one of `mask`; all bits if there is none.
#[inline]
const fn below(mask: u64) -> u64 {
    mask.wrapping_sub(1) & !mask
}

/// The word with its capital letters made small.
#[inline]
const fn lower(word: u64) -> u64 {
    word | (letters(word) >> 2)
}

/// A name that [`lower_name`] has taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LowerName {
    /// Its length in bytes.
    pub(crate) len: usize,
    /// Whether it had capital letters, or has two hyphens side by side, as every A-label has.
    pub(crate) is_odd: bool,
}

/// Takes the longest run of letters, digits, dots and hyphens and writes it in lower case to the
/// front of `out`, if the run is a host name that needs no second look: 1 to 63 octets, no dot beside another
/// separator, no separator at an end. `None` is no verdict: the caller reads the name octet
/// by octet then. What stands in `out` behind the name is undefined.
// Whoever parses does not ask whether a name is odd: then it costs nothing to know.
#[inline(always)]
pub(crate) fn lower_name(input: &[u8], out: &mut LowerBuffer) -> Option<LowerName> {
    /// Each word begins with the last byte of the one before it, so that no two bytes side by side are overlooked.
    const STEP: usize = WORD - 1;
    if let [b'-' | b'.', ..] = input {
        return None;
    }
    let mut rest = input;
    let mut len: usize = 0;
    let mut adjoining = 0;
    let mut odd = 0;
    loop {
        let word;
        (word, rest) = match rest.first_chunk() {
            Some(chunk) => (
                u64::from_le_bytes(*chunk),
                rest.get(STEP..).unwrap_or_default(),
            ),
            // What is missing stops.
            None => (load_short(rest), &[][..]),
        };
        // In all that is valid bit 5 is set, or free to be set: in capital letters.
        let lower = word | repeat(0x20);
        *out.get_mut(len..)?.first_chunk_mut()? = lower.to_le_bytes();
        let separators = range(word, b'-', b'.');
        let valid = range(lower, b'a', b'z') | separators | range(word, b'0', b'9');
        // A byte beyond ASCII stops. It carries into bytes behind it alone, and nothing behind a stop counts.
        let stop = (!valid | word) & HIGH;
        let behind_separator = separators << 8;
        let pairs = separators & behind_separator & HIGH;
        if pairs != 0 {
            // '.' is 0x2E and '-' is 0x2D: bit 1 tells them apart. Two hyphens may stand side by side.
            let pairs = pairs & below(stop);
            let with_dot = pairs & ((word << 6) | (word << 14));
            adjoining |= with_dot;
            odd |= pairs;
        }
        if stop != 0 {
            // The first byte that stops must not stand behind a separator.
            adjoining |= behind_separator & stop & stop.wrapping_neg();
            odd |= ((word ^ lower) << 2) & below(stop);
            len = len.wrapping_add(first_in(stop));
            let is_short = (1..=SHORT_NAME).contains(&len);
            return (is_short && adjoining == 0).then_some(LowerName {
                len,
                is_odd: odd != 0,
            });
        }
        odd |= word ^ lower;
        len = len.wrapping_add(STEP);
    }
}

/// A run of text found by [`text`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TextRun {
    /// Its length in bytes.
    pub(crate) len: usize,
    /// Whether all of it is ASCII.
    pub(crate) ascii: bool,
}

/// The longest run of spaces, visible ASCII characters and bytes of 0x80 and above: it ends before the first control character (TAB, CR, LF, DEL …).
#[inline]
pub(crate) fn text(input: &[u8]) -> TextRun {
    let mut rest = input;
    let mut high = 0;
    let mut len: usize = 0;
    loop {
        let word = load(rest);
        let stop = (range(word & !HIGH, 0x20, 0x7e) | word) & HIGH ^ HIGH;
        let count = first_in(stop);
        high |= word & HIGH & below(stop);
        len = len.wrapping_add(count);
        rest = match rest.get(WORD..) {
            Some(rest) if count == WORD => rest,
            _ => {
                return TextRun {
                    len,
                    ascii: high == 0,
                };
            }
        };
    }
}

/// The length of the longest run of letters, digits, `_`, `-` and `.`: what field names are made of.
#[inline]
pub(crate) fn field_name(input: &[u8]) -> usize {
    run(input, |ascii| {
        small_or_capital(ascii)
            | range(ascii, b'-', b'.')
            | range(ascii, b'0', b'9')
            | range(ascii, b'_', b'_')
    })
}

/// The length of the longest run of letters, digits, `-` and `.`: what host names are made of.
pub(crate) fn host_name(input: &[u8]) -> usize {
    run(input, |ascii| {
        small_or_capital(ascii) | range(ascii, b'-', b'.') | range(ascii, b'0', b'9')
    })
}

/// The length of the longest run of letters and digits.
#[inline]
pub(crate) fn alphanumeric(input: &[u8]) -> usize {
    run(input, |ascii| {
        small_or_capital(ascii) | range(ascii, b'0', b'9')
    })
}

/// The length of the longest run of visible ASCII characters without `;` and `=`: what values of records are made of.
#[inline]
pub(crate) fn record_value(input: &[u8]) -> usize {
    run(input, |ascii| {
        range(ascii, b'!', b':') | range(ascii, b'<', b'<') | range(ascii, b'>', b'~')
    })
}

/// Up to 32 bytes, with zeros behind them. Put together of whole words: to read bytes back that were written in
/// pieces makes the processor wait.
#[inline]
pub(crate) fn padded(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    let mut rest = bytes;
    for place in out.chunks_exact_mut(WORD) {
        let Some((word, behind)) = rest.split_first_chunk::<WORD>() else {
            place.copy_from_slice(&load_last(bytes, rest.len()).to_le_bytes());
            break;
        };
        place.copy_from_slice(word);
        rest = behind;
    }
    out
}

/// The last `len` bytes, fewer than eight, with NUL behind them.
#[inline]
fn load_last(bytes: &[u8], len: usize) -> u64 {
    match bytes.last_chunk() {
        Some(word) if len > 0 => {
            u64::from_le_bytes(*word) >> (WORD.wrapping_sub(len).wrapping_mul(8) & 63)
        }
        Some(_) => 0,
        None => load_short(bytes),
    }
}

/// The length of a text that zeros follow.
pub(crate) fn len_before_zeros(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|&&byte| byte != 0).count()
}

/// The length of the longest run of ASCII characters of which `accept` says yes in bit 7.
#[inline]
fn run(input: &[u8], accept: impl Fn(u64) -> u64) -> usize {
    let mut rest = input;
    let mut len: usize = 0;
    loop {
        let word = load(rest);
        // As in `lower_name`, a byte beyond ASCII stops.
        let stop = (!accept(word) | word) & HIGH;
        let count = first_in(stop);
        len = len.wrapping_add(count);
        rest = match rest.get(WORD..) {
            Some(rest) if count == WORD => rest,
            _ => return len,
        };
    }
}

/// Without the white space (SP, TAB) at the front.
#[inline]
pub(crate) fn trim_start(mut input: &[u8]) -> &[u8] {
    // Nearly always there is none, or one space.
    while let [(..=b' '), ..] = input {
        let [b' ' | b'\t', rest @ ..] = input else {
            break;
        };
        input = rest;
    }
    input
}

/// Without the white space (SP, TAB) at the end.
pub(crate) fn trim_end(mut input: &[u8]) -> &[u8] {
    while let [rest @ .., b' ' | b'\t'] = input {
        input = rest;
    }
    input
}

/// Whether `pattern`, which is made of small letters, digits, `-`, `.`, `_` and `*`, equals `other` but for the case of letters.
#[inline]
pub(crate) fn eq_folded(pattern: &[u8], other: &[u8]) -> bool {
    if pattern.len() != other.len() {
        return false;
    }
    let (Some(pattern_end), Some(other_end)) = (pattern.last_chunk(), other.last_chunk()) else {
        return eq_folded_word(load_short(pattern), load_short(other));
    };
    let mut words = pattern.chunks_exact(WORD).zip(other.chunks_exact(WORD));
    words.all(|(pattern, other)| eq_folded_word(load(pattern), load(other)))
        && eq_folded_word(
            u64::from_le_bytes(*pattern_end),
            u64::from_le_bytes(*other_end),
        )
}

/// The cases of a letter differ in bit 5 alone, and what differs so must be a letter.
#[inline]
const fn eq_folded_word(pattern: u64, other: u64) -> bool {
    // Of what is in a pattern only letters have both bit 5 and bit 6.
    let letters = pattern & (pattern >> 1) & repeat(0x20);
    pattern == other || (pattern ^ other) & !letters == 0
}

/// Hands over all words of `bytes`, each with its offset. The last one overlaps the one before it rather than reach behind
/// the end; of fewer than eight bytes there is one word, with NUL for what is missing.
#[inline]
fn each_word(bytes: &[u8], mut take: impl FnMut(usize, u64)) {
    let Some(last) = bytes.last_chunk() else {
        return take(0, load_short(bytes));
    };
    let mut rest = bytes;
    while let Some((word, next @ [_, ..])) = rest.split_first_chunk() {
        take(
            bytes.len().wrapping_sub(rest.len()),
            u64::from_le_bytes(*word),
        );
        rest = next;
    }
    take(bytes.len().wrapping_sub(WORD), u64::from_le_bytes(*last));
}

/// The offset of the first dot of an ASCII name; its length if there is none. `None` if it is not all ASCII.
#[inline]
pub(crate) fn first_dot(name: &[u8]) -> Option<usize> {
    let mut high = 0;
    let mut first_dot = name.len();
    each_word(name, |at, word| {
        high |= word;
        // Only the sum of 0 has no bit 7, as long as all is ASCII.
        let dots = !(word ^ repeat(b'.')).wrapping_add(repeat(0x7f)) & HIGH;
        if dots != 0 {
            first_dot = first_dot.min(at.wrapping_add(first_in(dots)));
        }
    });
    (high & HIGH == 0).then_some(first_dot)
}

/// A hash of `bytes`. Equal bytes have equal hashes; everybody can construct collisions.
#[inline]
pub(crate) fn hash(bytes: &[u8]) -> u64 {
    hash_words(bytes, |word| word)
}

/// The [`hash`] of `bytes` in lower case.
#[inline]
pub(crate) fn hash_folded(bytes: &[u8]) -> u64 {
    hash_words(bytes, lower)
}

#[inline]
fn hash_words(bytes: &[u8], fold: impl Fn(u64) -> u64) -> u64 {
    let mut hash = u64::try_from(bytes.len()).unwrap_or(0);
    each_word(bytes, |_, word| {
        hash = mix(hash.rotate_left(29) ^ fold(word));
    });
    hash
}

/// Both halves of a product laid over each other, so that each bit has a say in each.
#[inline]
fn mix(word: u64) -> u64 {
    let product = u128::from(word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let halves = [product >> 64, product & u128::from(u64::MAX)];
    let [high, low] = halves.map(|half| u64::try_from(half).unwrap_or(0));
    high ^ low
}

#[cfg(test)]
mod tests;
