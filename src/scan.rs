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
fn load(input: &[u8]) -> u64 {
    input.first_chunk().map_or_else(
        || {
            let mut bytes = [0; WORD];
            for (to, from) in bytes.iter_mut().zip(input) {
                *to = *from;
            }
            u64::from_le_bytes(bytes)
        },
        |chunk| u64::from_le_bytes(*chunk),
    )
}

/// The mask of the bytes of `word` within `low..=high`. Bytes of `word` must be below 0x80, and
/// `low` above 0, so that no sum carries into its neighbour.
const fn in_range(word: u64, low: u8, high: u8) -> u64 {
    let reaches = word.wrapping_add(repeat(0x80_u8.wrapping_sub(low)));
    let exceeds = word.wrapping_add(repeat(0x7f_u8.wrapping_sub(high)));
    reaches & !exceeds & HIGH
}

/// The mask of the ASCII letters of any case.
const fn letters(word: u64) -> u64 {
    // Setting bit 5 maps A–Z onto a–z and nothing else onto them.
    in_range((word & !HIGH) | repeat(0x20), b'a', b'z') & !word
}

/// The first byte in `mask`; 8 if there is none.
fn first_in(mask: u64) -> usize {
    usize::try_from(mask.trailing_zeros() / 8).unwrap_or(WORD)
}

/// How many bytes, from the first, are in `mask`.
fn leading(mask: u64) -> usize {
    first_in(mask ^ HIGH)
}

/// All bits of the first `count` bytes, at most 8.
fn first(count: usize) -> u64 {
    u32::try_from(count)
        .ok()
        .and_then(|count| 1_u64.checked_shl(count.wrapping_mul(8)))
        .map_or(u64::MAX, |bit| bit.wrapping_sub(1))
}

/// A host name found by [`lower_name`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NameRun {
    /// Its length in octets, 1 to 63.
    pub(crate) len: usize,
    /// Whether it has more than one label.
    pub(crate) dotted: bool,
}

/// Takes the longest run of letters, digits, dots and hyphens and writes it in lower case to the
/// front of `out`, if the run is a host name that needs no second look: at most 63 octets, no two
/// separators side by side, none at an end. `None` is no verdict: the caller reads the name octet
/// by octet then. What stands in `out` behind the name is undefined.
pub(crate) fn lower_name(input: &[u8], out: &mut LowerBuffer) -> Option<NameRun> {
    let mut rest = input;
    let mut len: usize = 0;
    let mut dots = 0;
    // Bit 7 says whether the byte before the word was a separator. So does the start of the name.
    let mut separator_before = 0x80;
    loop {
        let word = load(rest);
        let ascii = word & !HIGH;
        let letters = letters(word);
        let separators = in_range(ascii, b'-', b'.') & !word;
        let valid = letters | separators | (in_range(ascii, b'0', b'9') & !word);
        let count = leading(valid);
        let separators = separators & first(count);
        let behind_separator = (separators << 8) | separator_before;
        if separators & behind_separator != 0 {
            return None;
        }
        // '.' is 0x2E and '-' is 0x2D: bit 1 tells them apart.
        dots |= separators & (word << 6);
        *out.get_mut(len..)?.first_chunk_mut()? = (word | (letters >> 2)).to_le_bytes();
        len = len.wrapping_add(count);
        if count < WORD {
            let last_is_separator = behind_separator & (0x80 << count.wrapping_mul(8)) != 0;
            return (len <= SHORT_NAME && !last_is_separator).then_some(NameRun {
                len,
                dotted: dots != 0,
            });
        }
        separator_before = separators >> 56;
        rest = rest.get(WORD..)?;
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
pub(crate) fn text(input: &[u8]) -> TextRun {
    let mut rest = input;
    let mut high = 0;
    let mut len: usize = 0;
    loop {
        let word = load(rest);
        let stop = (in_range(word & !HIGH, 0x20, 0x7e) | word) & HIGH;
        let count = leading(stop);
        high |= word & HIGH & first(count);
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
pub(crate) fn field_name(input: &[u8]) -> usize {
    let mut rest = input;
    let mut len: usize = 0;
    loop {
        let word = load(rest);
        let ascii = word & !HIGH;
        let others =
            in_range(ascii, b'-', b'.') | in_range(ascii, b'0', b'9') | in_range(ascii, b'_', b'_');
        let count = leading(letters(word) | (others & !word));
        len = len.wrapping_add(count);
        rest = match rest.get(WORD..) {
            Some(rest) if count == WORD => rest,
            _ => return len,
        };
    }
}

/// The length of the longest run of letters, digits, `-` and `.`: what host names are made of.
pub(crate) fn host_name(input: &[u8]) -> usize {
    let mut rest = input;
    let mut len: usize = 0;
    loop {
        let word = load(rest);
        let ascii = word & !HIGH;
        let others = in_range(ascii, b'-', b'.') | in_range(ascii, b'0', b'9');
        let count = leading(letters(word) | (others & !word));
        len = len.wrapping_add(count);
        rest = match rest.get(WORD..) {
            Some(rest) if count == WORD => rest,
            _ => return len,
        };
    }
}

/// The length of the longest run of letters and digits.
pub(crate) fn alphanumeric(input: &[u8]) -> usize {
    let mut rest = input;
    let mut len: usize = 0;
    loop {
        let word = load(rest);
        let digits = in_range(word & !HIGH, b'0', b'9') & !word;
        let count = leading(letters(word) | digits);
        len = len.wrapping_add(count);
        rest = match rest.get(WORD..) {
            Some(rest) if count == WORD => rest,
            _ => return len,
        };
    }
}

/// Whether `lower`, which holds no capital letter, equals `other` but for the case of ASCII letters.
pub(crate) fn eq_folded(lower: &[u8], other: &[u8]) -> bool {
    if lower.len() != other.len() {
        return false;
    }
    if lower == other {
        return true;
    }
    let (mut lower, mut other) = (lower, other);
    loop {
        let word = load(other);
        if load(lower) != word | (letters(word) >> 2) {
            return false;
        }
        match (lower.get(WORD..), other.get(WORD..)) {
            (Some(left), Some(right)) => (lower, other) = (left, right),
            _ => return true,
        }
    }
}

/// Without the white space (SP, TAB) at the front.
pub(crate) fn trim_start(mut input: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] = input {
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

/// The offset of the first dot.
pub(crate) fn first_dot(input: &[u8]) -> Option<usize> {
    let mut rest = input;
    let mut at: usize = 0;
    loop {
        let word = load(rest);
        let dots = in_range(word & !HIGH, b'.', b'.') & !word;
        if dots != 0 {
            return Some(at.wrapping_add(first_in(dots)));
        }
        at = at.wrapping_add(WORD);
        rest = rest.get(WORD..)?;
    }
}

/// A hash of `bytes`. Equal bytes have equal hashes; everybody can construct collisions.
pub(crate) fn hash(bytes: &[u8]) -> u64 {
    const MIX: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut hash = u64::try_from(bytes.len()).unwrap_or(0).wrapping_mul(MIX);
    let mut rest = bytes;
    loop {
        hash = (hash.rotate_left(29) ^ load(rest)).wrapping_mul(MIX);
        hash ^= hash >> 32;
        match rest.get(WORD..) {
            Some(next) if !next.is_empty() => rest = next,
            _ => return hash,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    /// Every byte value at every place of two words, behind and before letters.
    fn probes() -> impl Iterator<Item = Vec<u8>> {
        (0..=u8::MAX).flat_map(|byte| {
            (0..17).flat_map(move |at| {
                (at..18).map(move |len| {
                    let mut text = alloc::vec![b'a'; len + 1];
                    text[at] = byte;
                    text
                })
            })
        })
    }

    fn run(text: &[u8], accept: impl Fn(u8) -> bool) -> usize {
        text.iter().take_while(|&&byte| accept(byte)).count()
    }

    #[test]
    fn runs_end_where_a_loop_over_the_bytes_ends() {
        for probe in probes() {
            let accept = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
            assert_eq!(field_name(&probe), run(&probe, accept), "{probe:?}");
            let len = run(&probe, |byte| byte.is_ascii_alphanumeric());
            assert_eq!(alphanumeric(&probe), len, "{probe:?}");
            let len = run(&probe, |byte| byte >= b' ' && byte != 0x7f);
            let ascii = probe[..len].is_ascii();
            assert_eq!(text(&probe), TextRun { len, ascii }, "{probe:?}");
            let dot = probe.iter().position(|&byte| byte == b'.');
            assert_eq!(first_dot(&probe), dot, "{probe:?}");
        }
        assert_eq!(first_dot(b""), None);
        assert_eq!(text(b"").len, 0);
    }

    /// What [`lower_name`] promises, octet by octet.
    fn naive_name(input: &[u8]) -> Option<(Vec<u8>, bool)> {
        let accept = |byte: u8| byte.is_ascii_alphanumeric() || b"-.".contains(&byte);
        let name = &input[..run(input, accept)];
        let separator = |byte: &u8| b"-.".contains(byte);
        let short = !name.is_empty() && name.len() <= SHORT_NAME;
        let ends = name.first().is_some_and(separator) || name.last().is_some_and(separator);
        let pairs = name.windows(2).any(|pair| pair.iter().all(separator));
        (short && !ends && !pairs).then(|| (name.to_ascii_lowercase(), name.contains(&b'.')))
    }

    fn lowered(input: &[u8]) -> Option<(Vec<u8>, bool)> {
        let mut out = [0; SHORT_NAME + 1 + WORD];
        lower_name(input, &mut out).map(|run| (out[..run.len].to_vec(), run.dotted))
    }

    #[test]
    fn names_are_those_of_a_loop_over_the_octets() {
        for probe in probes() {
            assert_eq!(lowered(&probe), naive_name(&probe), "{probe:?}");
        }
        for len in 0..140 {
            for separator in [0, 7, 8, 30, 61, 62, 63] {
                let mut name = alloc::vec![b'X'; len];
                if let Some(byte) = name.get_mut(separator) {
                    *byte = b'-';
                }
                assert_eq!(lowered(&name), naive_name(&name), "{name:?}");
                name.push(b'\r');
                assert_eq!(lowered(&name), naive_name(&name), "{name:?}");
            }
        }
    }

    #[test]
    fn separators_side_by_side_are_seen_at_every_place() {
        for at in 0..20 {
            for pair in ["--", "..", ".-", "-.", "-a", "._"] {
                let mut name = alloc::vec![b'a'; 22];
                name[at..at + 2].copy_from_slice(pair.as_bytes());
                assert_eq!(lowered(&name), naive_name(&name), "{name:?}");
            }
        }
    }

    #[test]
    fn folding_is_that_of_ascii() {
        for probe in probes() {
            let other: Vec<u8> = probe.iter().map(|byte| byte ^ 0x20).collect();
            let lower = probe.to_ascii_lowercase();
            assert!(eq_folded(&lower, &probe), "{probe:?}");
            let same = lower == other.to_ascii_lowercase();
            assert_eq!(eq_folded(&lower, &other), same, "{probe:?}");
            assert!(!eq_folded(&lower, &probe[1..]));
        }
    }

    #[test]
    fn hashes_differ_where_one_byte_differs() {
        let plain = hash(b"aaaaaaaaaaaaaaaa");
        for at in 0..16 {
            let mut other = *b"aaaaaaaaaaaaaaaa";
            other[at] = b'b';
            assert_ne!(hash(&other), plain, "{at}");
        }
        assert_ne!(hash(b""), hash(b"\0"));
    }
}
