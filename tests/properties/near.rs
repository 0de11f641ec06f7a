//! Inputs that are nearly right: valid texts with a few things changed.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// What a mutation may put anywhere: what is special somewhere, and bytes of every class.
const BITS: [&[u8]; 35] = [
    b"",
    b"\n",
    b"\r\n",
    b"\r",
    b" ",
    b"\t",
    b":",
    b"=",
    b";",
    b"#",
    b"*.",
    b".",
    b"-",
    b"_",
    b",",
    b"\0",
    b"\x0b",
    b"\x7f",
    b"\"",
    b"\\",
    b"0",
    b"A",
    b"---\n",
    b"mode",
    b"v=STSv1",
    b"v=TLSRPTv1",
    b"!",
    b"%",
    b"\xff",
    b"\xe2\x82",
    b"\xed\xa0\x80",
    b"\xef\xbb\xbf",
    "é".as_bytes(),
    "\u{85}".as_bytes(),
    "\u{1f4e7}".as_bytes(),
];

/// An input, shown as text where a case fails.
#[derive(Clone)]
pub(crate) struct Text(pub(crate) Vec<u8>);

impl std::fmt::Debug for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "\"{}\"", self.0.escape_ascii())
    }
}

#[derive(Clone, Debug)]
enum Change {
    Replace(Index, usize, &'static [u8]),
    Copy(Index, Index, Index),
    Cut(Index),
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        6 => (any::<Index>(), 0..3_usize, select(&BITS[..]))
            .prop_map(|(at, len, bit)| Change::Replace(at, len, bit)),
        1 => any::<[Index; 3]>().prop_map(|[from, to, at]| Change::Copy(from, to, at)),
        1 => any::<Index>().prop_map(Change::Cut),
    ]
}

impl Change {
    fn apply(&self, text: &mut Vec<u8>) {
        let at = |index: &Index| index.index(text.len() + 1);
        match self {
            Self::Replace(index, len, bit) => {
                let start = at(index);
                let end = (start + len).min(text.len());
                text.splice(start..end, bit.iter().copied());
            }
            Self::Copy(from, to, place) => {
                let (from, to, place) = (at(from), at(to), at(place));
                let part = text[from.min(to)..from.max(to)].to_vec();
                text.splice(place..place, part);
            }
            Self::Cut(index) => text.truncate(at(index)),
        }
    }
}

/// The text with no, one or a few changes; seldom something else altogether.
pub(crate) fn mutated(text: impl Strategy<Value = Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    let count = prop_oneof![4 => Just(0_usize), 4 => Just(1), 3 => 2..6_usize];
    let changes = count.prop_flat_map(|count| vec(change(), count));
    (text, changes).prop_map(|(mut text, changes)| {
        for change in changes {
            change.apply(&mut text);
        }
        text
    })
}

/// Lines that may stand in a policy beside the necessary ones. Most are wrong in some way.
pub(crate) const LINES: [&str; 89] = [
    "mx: mail.host.net",
    "mx: MAIL.host.net",
    "mx: *.host.net",
    "mx: a.example",
    "mx: com",
    "mx: 192.0.2.1",
    "mx: *.com",
    "mx: xn--99999999.net",
    "mx: mail.host.net.",
    "mx: m_x.host.net",
    "mx: *.m_x.host.net.",
    "mx: bücher.host.net",
    "mx: [192.0.2.1]",
    "mx: 2001:db8::1",
    "mx: https://mail.host.net/",
    "mx: mail.host.net:25",
    "mx: 10 mail.host.net",
    "mx: a.host.net, b.host.net",
    "mx: a.host.net b.host.net # both",
    "mx: <host>",
    "mx: *",
    "mx: -",
    "mx: a..b",
    "mx:",
    "mx: # none",
    "mx : mail.host.net",
    " mx: mail.host.net",
    "mx=mail.host.net",
    "mx = mail.host.net.",
    "\tmx\t: mail.host.net.",
    "mx: mail.host.net # first",
    "mx: m x #",
    "MX: mail.host.net",
    "nmx: mail.host.net",
    "mode: none",
    "mode: testing",
    "mode: Enforce",
    "mode: enforced # x",
    "mode:enforce",
    "mode:",
    "mode = none",
    " mode : testing",
    "mode",
    "Mode: none",
    "mode: enforce # now",
    "mode: a\tb",
    "max_age: 0",
    "max_age: 86400",
    "max_age: 9999999999",
    "max_age: 99999999999",
    "max_age: 604,800",
    "max_age: 604.800",
    "max_age: 1 209 600",
    "max_age: -1",
    "max_age:",
    "max_age: 60 # a minute",
    " max_age: 60",
    "max_age : 60",
    "max-age: 60",
    "max_age=60",
    "version: STSv1",
    "version: STSv2",
    "version: stsv1",
    "version: STSv1 # x",
    "version : STSv1",
    " version: STSv1",
    "version=STSv1",
    "Version: STSv1",
    "verson: STSv1",
    "note: x",
    "note: y # z",
    "note : x",
    " note: x",
    "note:",
    "note :",
    "note: a\tb",
    "note=x",
    "_note: x",
    "a b: x",
    "# comment",
    " ; comment",
    "//",
    "---",
    "no field",
    ": x",
    "",
    " \t",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa: x",
    "größe: 1",
];

/// Line ends, the good ones most of the time.
fn line_end() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        12 => Just("\n"), 12 => Just("\r\n"), 2 => Just(" \t\n"),
        1 => Just("\n\n"), 1 => Just("\r"), 1 => Just(""), 1 => Just("\r\r\n"),
    ]
}

/// A policy: the necessary lines, sometimes without one, in any order, and others among them.
fn policy_lines() -> impl Strategy<Value = Vec<&'static str>> {
    let mode = select(&["mode: enforce", "mode: testing", "mode: none"][..]);
    let necessary = (mode, select(&["mx: mx.host.net", "mx: *.host.org"][..]))
        .prop_map(|(mode, mx)| vec!["version: STSv1", mode, mx, "max_age: 1209600"]);
    let others = prop_oneof![
        3 => Just(Vec::new()),
        6 => vec(select(&LINES[..]), 1..4),
        2 => vec(select(&LINES[..]), 0..16),
    ];
    let lacking = prop_oneof![9 => Just(None), 1 => any::<Index>().prop_map(Some)];
    (necessary, others, lacking).prop_flat_map(|(mut lines, others, lacking)| {
        if let Some(index) = lacking {
            lines.remove(index.index(lines.len()));
        }
        lines.extend(others);
        Just(lines).prop_shuffle()
    })
}

/// The lines as a file.
fn joined(lines: impl Strategy<Value = Vec<&'static str>>) -> impl Strategy<Value = Vec<u8>> {
    let front = select(
        &[
            "",
            "",
            "",
            "",
            "",
            "",
            "",
            "\u{feff}",
            "\n",
            "---\ntitle: x\n---\n\n",
        ][..],
    );
    // Most files have one kind of line end.
    let ends = prop_oneof![
        8 => select(&["\n", "\r\n"][..]).prop_map(|end| vec![end]),
        3 => vec(line_end(), 1..8),
    ];
    (front, lines, ends, any::<bool>()).prop_map(|(front, lines, ends, closed)| {
        let mut text = front.as_bytes().to_vec();
        let count = lines.len();
        for (number, line) in lines.into_iter().enumerate() {
            text.extend_from_slice(line.as_bytes());
            if closed || number + 1 < count {
                text.extend_from_slice(ends[number % ends.len()].as_bytes());
            }
        }
        text
    })
}

/// Texts that may be policies.
pub(crate) fn policy() -> impl Strategy<Value = Text> {
    let text = prop_oneof![
        20 => mutated(joined(policy_lines())),
        1 => mutated(joined(vec(select(&LINES[..]), 0..8))),
        1 => joined(policy_lines()).prop_map(|text| utf16(&text)),
        1 => any::<Vec<u8>>(),
    ];
    text.prop_map(Text)
}

fn utf16(text: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(text);
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// Texts that may be names, hosts or patterns.
pub(crate) fn name() -> impl Strategy<Value = String> {
    const LABELS: [&str; 24] = [
        "mx",
        "MX",
        "host",
        "net",
        "com",
        "1",
        "192",
        "*",
        "m*",
        "_tcp",
        "m_x",
        "-a",
        "a-",
        "",
        "bücher",
        "straße",
        "xn--bcher-kva",
        "xn--99999999",
        "日本",
        "ｍx",
        "\u{ad}",
        "a b",
        "\u{200d}",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    ];
    let labels = prop_oneof![
        6 => vec(select(&LABELS[..7]), 1..5), 6 => vec(select(&LABELS[..]), 0..6),
        1 => vec(select(&LABELS[..]), 20..70),
    ];
    let end = select(&["", "", "", "", ".", "..", ":25", "/", "。"][..]);
    let front = select(&["", "", "", "", "*.", "[", "https://", "10 ", " "][..]);
    let near = (front, labels, end)
        .prop_map(|(front, labels, end)| front.to_owned() + &labels.join(".") + end);
    prop_oneof![12 => near, 1 => "\\PC{0,40}", 1 => any::<String>()]
}
