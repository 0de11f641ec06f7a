//! What is taken at once reads as what is looked at closely.

use super::reader::Reader;
use super::{ParseOptions, Policy, Tolerance};
use crate::diagnostic::{AcceptedBy, Collector, FirstError, Inspection, Lint, Sink};
use crate::error::ErrorKind;
use alloc::vec::Vec;
use proptest::prelude::*;

/// Lines that are fields, nearly fields and no fields.
const LINES: &[&str] = &[
    "version: STSv1",
    "version:STSv1 \t",
    "version: STSv2",
    "mode: enforce",
    "mode:\tnone",
    "mode: testing x",
    "max_age: 604800",
    "max_age: 99999999999",
    "max_age: 1 # one",
    "mx: a.example.net",
    "mx: *.B.example.net ",
    "mx: a..example.net",
    "mx: a.example.net.",
    "mx: a_b.example.net",
    "mx: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbb.net",
    "mx:",
    "note: x y",
    "note: caf\u{e9}",
    "note: a\tb",
    "note: a\u{b}b",
    "note: ",
    " note: x",
    "Mode: x",
    "# note",
    "v=STSv1; id=1",
    "<html>",
    "---",
    "",
    " ",
    "a: b\r",
];

const ENDS: &[&[u8]] = &[b"\n", b"\r\n", b"\n", b""];

fn text() -> impl Strategy<Value = Vec<u8>> {
    let line = prop_oneof![
        9 => proptest::sample::select(LINES).prop_map(|line| line.as_bytes().to_vec()),
        1 => proptest::collection::vec(any::<u8>(), 0..12),
    ];
    let end = proptest::sample::select(ENDS);
    proptest::collection::vec((line, end), 0..9).prop_map(|lines| {
        lines
            .into_iter()
            .flat_map(|(line, end)| [&line[..], end].concat())
            .collect()
    })
}

fn options() -> impl Strategy<Value = ParseOptions> {
    proptest::collection::vec(proptest::sample::select(Tolerance::ALL), 0..9)
        .prop_map(|tolerances| tolerances.into_iter().collect())
}

fn read_with<S: Sink, const FAST: bool>(
    source: &[u8],
    options: ParseOptions,
    mut sink: S,
) -> (Option<Policy>, Option<ParseOptions>, S) {
    let policy = Reader::new(source, options, &mut sink).read::<FAST>();
    let tolerances = policy.as_ref().map(Policy::tolerances);
    (policy, tolerances, sink)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn fields_taken_at_once_read_as_those_looked_at_closely(source in text(), options in options()) {
        let fast = read_with::<_, true>(&source, options, FirstError::default());
        let careful = read_with::<_, false>(&source, options, FirstError::default());
        prop_assert_eq!((fast.0, fast.1), (careful.0, careful.1));
        let empty = ErrorKind::PolicyEmpty;
        prop_assert_eq!(fast.2.into_error(empty), careful.2.into_error(empty));

        let collector = || Collector::new(&source, Lint::PolicyMoreFindings);
        let fast = read_with::<_, true>(&source, options, collector());
        let careful = read_with::<_, false>(&source, options, collector());
        prop_assert_eq!((fast.0, fast.1), (careful.0, careful.1));
        let fast = Inspection::new(Some(()), AcceptedBy::Nobody, fast.2);
        let careful = Inspection::new(Some(()), AcceptedBy::Nobody, careful.2);
        prop_assert_eq!(fast, careful);
    }
}
