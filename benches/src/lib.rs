//! The texts that are measured: by the benches and the bin of this package, and by the package `peers`.

use std::fmt::Write;
use std::hint::black_box;

/// The record of RFC 8461 §3.1.
pub const RECORD: &str = "v=STSv1; id=20160831085700Z;";

/// A record with three unknown fields.
pub const RECORD_EXTENDED: &str = "v=STSv1; id=20160831085700Z; foo=bar; x-note=some-value; y=1;";

/// A hyphen is the mistake seen most often.
pub const RECORD_REFUSED: &str = "v=STSv1; id=2016-08-31T08:57:00Z;";

/// The policy of RFC 8461 §3.2.
pub const SIX_LINES: &str = "version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\nmx: *.example.net\r\n\
                                    mx: backupmx.example.com\r\nmax_age: 604800\r\n";

/// Six lines in which an inspection finds nothing.
pub const CLEAN: &str = include_str!("../../examples/data/clean.txt");

/// A policy with an unknown mode.
pub const POLICY_REFUSED: &str =
    "version: STSv1\r\nmode: enforced\r\nmx: mail.example.com\r\nmax_age: 604800\r\n";

/// Much is wrong here, and all of it can be put right.
pub const BROKEN: &str = "\u{feff}version: STSv1\n\n  mode : enforce\nmx: MX1.quarry-lane.org.\n\
                                 mx: mx2.quarry-lane.org\nmax_age: 604800\n\n";

/// The samples of the example `inspect`: what is found at policy addresses, most of it not as it should be.
pub const SAMPLES: [&[u8]; 23] = [
    include_bytes!("../../examples/data/byte-order-mark.txt"),
    include_bytes!("../../examples/data/clean.txt"),
    include_bytes!("../../examples/data/comments.txt"),
    include_bytes!("../../examples/data/cr-line-ends.txt"),
    include_bytes!("../../examples/data/duplicates.txt"),
    include_bytes!("../../examples/data/empty.txt"),
    include_bytes!("../../examples/data/equals-signs.txt"),
    include_bytes!("../../examples/data/front-matter.txt"),
    include_bytes!("../../examples/data/indented.txt"),
    include_bytes!("../../examples/data/max-age-grouped.txt"),
    include_bytes!("../../examples/data/max-age-over.txt"),
    include_bytes!("../../examples/data/missing-fields.txt"),
    include_bytes!("../../examples/data/misspelt.txt"),
    include_bytes!("../../examples/data/priority.txt"),
    include_bytes!("../../examples/data/several-on-a-line.txt"),
    include_bytes!("../../examples/data/testing.txt"),
    include_bytes!("../../examples/data/trailing-dots.txt"),
    include_bytes!("../../examples/data/txt-record.txt"),
    include_bytes!("../../examples/data/u-label.txt"),
    include_bytes!("../../examples/data/underscore.txt"),
    include_bytes!("../../examples/data/unknown-mode.txt"),
    include_bytes!("../../examples/data/utf-16.txt"),
    include_bytes!("../../examples/data/web-page.txt"),
];

/// As many `mx` lines as a policy of 64 KiB holds.
pub const MANY: usize = 2_203;

/// As many unknown fields as a policy of 64 KiB is said to hold.
pub const EXTENSIONS: usize = 10_000;

/// As many names with an A-label as fit into 64 KiB.
pub const A_LABELS: usize = 1_900;

/// The name of an MX host that none of these policies names.
pub const STRANGER: &str = "mx1.mail.attacker.example";

/// Different patterns, one in four a wildcard.
#[must_use]
pub fn patterns(count: usize) -> Vec<String> {
    let shapes = |n| match n % 4 {
        0 => format!("mx{n:04}.mail.example.com"),
        1 => format!("*.pod{n:04}.example.net"),
        2 => format!("backup{n:04}.mx.example.org"),
        _ => format!("in{n:04}.protection.example.com"),
    };
    (0..count).map(shapes).collect()
}

/// Names that differ in one or two octets, as somebody would send them who wants a search to be slow.
#[must_use]
pub fn similar_names(count: usize) -> Vec<String> {
    (0..count)
        .map(|n| format!("a-very-long-name-that-differs-late-{n:04}.example.com"))
        .collect()
}

/// A policy of these patterns.
pub fn policy(patterns: impl IntoIterator<Item: AsRef<str>>) -> String {
    let mut text = "version: STSv1\nmode: enforce\nmax_age: 604800\n".to_owned();
    for pattern in patterns {
        writeln!(text, "mx: {}", pattern.as_ref()).unwrap();
    }
    text
}

/// 10,000 unknown fields and what a policy must have, in 64 KiB.
#[must_use]
pub fn extensions() -> String {
    let letter = |n: usize| char::from(b"abcdefghijklmnopqrstuvwxyz"[n % 26]);
    let mut text = policy(["mail.example.com"]);
    for n in 0..EXTENSIONS {
        let (a, b, c) = (letter(n), letter(n / 26), letter(n / 676));
        writeln!(text, "{a}{b}{c}:{}", n % 10).unwrap();
    }
    text
}

/// 64 KiB of names with an A-label.
#[must_use]
pub fn a_labels() -> String {
    policy((0..A_LABELS).map(|n| format!("mx{n:04}.xn--mnchen-3ya.example")))
}

/// The name of an MX host that only this pattern matches.
#[must_use]
pub fn host(pattern: &str) -> String {
    pattern.replace('*', "mx1")
}

/// Every other letter as a capital.
#[must_use]
pub fn mixed_case(name: &str) -> String {
    let alternate = |(at, letter): (usize, char)| match at % 2 {
        0 => letter.to_ascii_uppercase(),
        _ => letter,
    };
    name.chars().enumerate().map(alternate).collect()
}

/// Leaves free memory behind that the allocator cannot give back, as in a program that has been running for a while.
///
/// Otherwise a large block may be fetched from the system anew each time, and that is what would be measured.
pub fn warm_heap() {
    const BLOCK: usize = 64 * 1024;
    let blocks: Vec<Vec<u8>> = (0..256).map(|_| vec![1; BLOCK]).collect();
    let last: &mut [u8] = Vec::leak(vec![1; BLOCK]);
    black_box((&blocks, last));
}
