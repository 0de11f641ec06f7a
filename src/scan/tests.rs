//! Every function against a loop over the bytes.

use super::*;
use alloc::collections::BTreeSet;
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

fn count(text: &[u8], accept: impl Fn(u8) -> bool) -> usize {
    text.iter().take_while(|&&byte| accept(byte)).count()
}

#[test]
fn runs_end_where_a_loop_over_the_bytes_ends() {
    for probe in probes() {
        let accept = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
        assert_eq!(field_name(&probe), count(&probe, accept), "{probe:?}");
        let accept = |byte: u8| byte.is_ascii_alphanumeric() || b"-.".contains(&byte);
        assert_eq!(host_name(&probe), count(&probe, accept), "{probe:?}");
        let len = count(&probe, |byte| byte.is_ascii_alphanumeric());
        assert_eq!(alphanumeric(&probe), len, "{probe:?}");
        let len = count(&probe, |byte| byte >= b' ' && byte != 0x7f);
        let ascii = probe[..len].is_ascii();
        assert_eq!(text(&probe), TextRun { len, ascii }, "{probe:?}");
        let first_dot = count(&probe, |byte| byte != b'.');
        let expected = probe.is_ascii().then_some(first_dot);
        assert_eq!(super::first_dot(&probe), expected, "{probe:?}");
    }
    assert_eq!(first_dot(b""), Some(0));
    assert_eq!(text(b"").len, 0);
}

#[test]
fn runs_in_fields_end_where_a_loop_over_the_bytes_ends() {
    for probe in probes() {
        let len = count(&probe, |byte| {
            byte.is_ascii_graphic() && !b";=".contains(&byte)
        });
        assert_eq!(record_value(&probe), len, "{probe:?}");
    }
}

#[test]
fn copies_have_zeros_behind_them() {
    for len in 0..=32 {
        let bytes = alloc::vec![b'a'; len];
        let out = padded(&bytes);
        assert_eq!((&out[..len], len_before_zeros(&out)), (&bytes[..], len));
    }
}

#[test]
fn short_texts_are_loaded_byte_by_byte() {
    for len in 0..=8 {
        let text = &b"abcdefgh"[..len];
        let mut bytes = [0; WORD];
        bytes[..len].copy_from_slice(text);
        assert_eq!(load(text), u64::from_le_bytes(bytes), "{len}");
    }
}

/// What [`lower_name`] promises, octet by octet.
fn naive_name(input: &[u8]) -> Option<Vec<u8>> {
    let accept = |byte: u8| byte.is_ascii_alphanumeric() || b"-.".contains(&byte);
    let name = &input[..count(input, accept)];
    let separator = |byte: &u8| b"-.".contains(byte);
    let short = !name.is_empty() && name.len() <= SHORT_NAME;
    let ends = name.first().is_some_and(separator) || name.last().is_some_and(separator);
    let pairs = name
        .windows(2)
        .any(|pair| pair.iter().all(separator) && pair.contains(&b'.'));
    (short && !ends && !pairs).then(|| name.to_ascii_lowercase())
}

fn lowered(input: &[u8]) -> Option<Vec<u8>> {
    let mut out = [0; SHORT_NAME + 1 + WORD];
    lower_name(input, &mut out).map(|name| out[..name.len].to_vec())
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

fn is_odd(name: &[u8]) -> Option<bool> {
    let mut out = [0; SHORT_NAME + 1 + WORD];
    lower_name(name, &mut out).map(|name| name.is_odd)
}

#[test]
fn capitals_are_those_of_a_loop_over_the_octets() {
    for mut probe in probes() {
        for end in [&b""[..], b"\r\n", b"\nXX"] {
            probe.extend(end);
            let capitals = naive_name(&probe).map(|name| !probe.starts_with(&name));
            assert_eq!(is_odd(&probe), capitals, "{probe:?}");
        }
    }
}

#[test]
fn pairs_of_hyphens_are_seen_at_every_place_and_nowhere_else() {
    let has_pair = |name: &[u8]| is_odd(name).unwrap();
    for len in 4..=SHORT_NAME {
        let name = alloc::vec![b'a'; len];
        for at in 1..len - 2 {
            let mut name = name.clone();
            name[at] = b'-';
            assert!(!has_pair(&name), "{name:?}");
            assert!(!has_pair(&[&name, &b"\n--"[..]].concat()), "{name:?}");
            name[at + 1] = b'-';
            assert!(has_pair(&name), "{name:?}");
        }
    }
    assert!(!has_pair(b"kestrel-mail.example-x.net"));
}

#[test]
fn separators_side_by_side_are_seen_at_every_place() {
    for at in 0..20 {
        for pair in [
            "--", "..", ".-", "-.", "-a", "._", "---", "--.", ".--", "-.-", "é--", "é..",
        ] {
            let mut name = alloc::vec![b'a'; 24];
            name.splice(at..at + pair.len(), pair.bytes());
            assert_eq!(lowered(&name), naive_name(&name), "{name:?}");
        }
    }
}

#[test]
fn folding_is_that_of_ascii() {
    let in_pattern = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._*".contains(byte);
    for probe in probes().filter(|probe| probe.iter().all(in_pattern)) {
        let other: Vec<u8> = probe.iter().map(|byte| byte ^ 0x20).collect();
        let lower = probe.to_ascii_lowercase();
        assert!(eq_folded(&lower, &probe), "{probe:?}");
        let same = lower == other.to_ascii_lowercase();
        assert_eq!(eq_folded(&lower, &other), same, "{probe:?}");
        assert!(!eq_folded(&lower, &probe[1..]));
        for at in 0..probe.len() {
            for bits in (0..8).flat_map(|bit| [1 << bit, (1 << bit) | 0x20]) {
                let mut other = probe.clone();
                other[at] ^= bits;
                let same = lower == other.to_ascii_lowercase();
                assert_eq!(eq_folded(&lower, &other), same, "{other:?}");
            }
        }
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
    // Names that differ at the end alone must not all have the same place.
    let places: BTreeSet<u64> = (b'a'..=b'z')
        .flat_map(|one| {
            (b'a'..=b'z').map(move |two| [b"mail.example.".as_slice(), &[one, two]].concat())
        })
        .map(|name| hash(&name) & 0xfff)
        .collect();
    assert!(places.len() > 500, "{}", places.len());
    assert_eq!(hash_folded(b"MX1.Example.NET"), hash(b"mx1.example.net"));
}

#[test]
fn arrays_are_equal_in_every_byte() {
    fn check<const N: usize>() {
        let one = core::array::from_fn(|at| u8::try_from(at).unwrap());
        assert!(equal::<N>(&one, &one));
        for at in 0..N {
            let mut other = one;
            other[at] ^= 1;
            assert!(!equal(&one, &other), "{at} of {N}");
        }
    }
    check::<1>();
    check::<4>();
    check::<5>();
    check::<7>();
    check::<8>();
    check::<9>();
    check::<17>();
}

#[test]
fn both_halves_of_a_product_count() {
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    assert_eq!(mix(1), FACTOR);
    assert_eq!(mix(1 << 32), (FACTOR >> 32) ^ (FACTOR << 32));
}
