//! What holds whatever comes in: for bytes that are nearly right, for all that can be built, for sizes that hurt.

mod built;
mod laws;
mod matching;
mod near;
mod near_records;
mod size;

use mta_sts::{LineIndex, ParseOptions, Span, Tolerance, TxtAnswer};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::subsequence;
use std::collections::HashSet;

fn options() -> impl Strategy<Value = ParseOptions> {
    let some = subsequence(Tolerance::ALL, 0..=Tolerance::ALL.len());
    let one = proptest::sample::select(Tolerance::ALL);
    prop_oneof![
        some.prop_map(|tolerances| tolerances.into_iter().collect::<ParseOptions>()),
        one.prop_map(|tolerance| ParseOptions::strict().with(tolerance)),
        one_less(),
        Just(ParseOptions::lenient()),
    ]
}

fn one_less() -> impl Strategy<Value = ParseOptions> {
    proptest::sample::select(Tolerance::ALL)
        .prop_map(|tolerance| ParseOptions::lenient().without(tolerance))
}

/// So many cases, unless `PROPTEST_CASES` says otherwise. No files of failed cases: a case that is worth keeping becomes a row of `tests/vectors`.
fn config(cases: u32) -> ProptestConfig {
    let default = ProptestConfig::default();
    let chosen = std::env::var_os("PROPTEST_CASES").is_some();
    ProptestConfig {
        cases: if chosen { default.cases } else { cases },
        failure_persistence: None,
        ..default
    }
}

proptest! {
    #![proptest_config(config(4000))]

    #[test]
    fn policies(text in near::policy(), options in options()) {
        laws::policy(&text.0, options);
    }

    #[test]
    fn records(text in near_records::record()) {
        laws::record(&text.0);
    }

    #[test]
    fn tls_rpt_records(text in near_records::tls_rpt_record()) {
        laws::tls_rpt_record(&text.0);
    }

    #[test]
    fn names(text in near::name()) {
        laws::name(&text);
    }
}

/// Policies that broke a law once.
#[test]
fn what_was_wrong_before() {
    let good = "mode: enforce\nmx: mx.host.net\nmax_age: 1209600\n";
    for text in [
        // Fences behind the first field; in front; not closed.
        format!("version: STSv1\n---\na: b\n---\n{good}"),
        format!("---\nmode: none\n---\n\n{good}---\n---\n"),
        format!("note: x\n---\n{good}"),
        // A line that is skipped for one reason and has another.
        format!("version: STSv1\nnote :\n{good}"),
        format!("version: STSv1\n note: a\tb\n{good}"),
        // The name to correct stands in a line that advice removes, alone or with the line before it.
        format!("note: a\nVersion: STSv1\n{good}note: b\nVersion: STSv1\n"),
        format!("note: a\nVersion: x\n{good}note: b\nVersion: STSv1\n"),
        format!("Version: x\n{good}Version: STSv1\n"),
        format!("Version: x\n{good}mode: none\nVersion: STSv1\nmode: none\n"),
        // Two things to correct that touch.
        format!("version: STSv1\n{good}mx = # none\n"),
        format!("version: STSv1\nmode = # none\n{good}"),
        // Dots without end.
        format!("version: STSv1\nmx: {}\n{good}", ".".repeat(3000)),
    ] {
        for options in [ParseOptions::strict(), ParseOptions::lenient()] {
            laws::policy(text.as_bytes(), options);
        }
        for tolerance in Tolerance::ALL {
            laws::policy(text.as_bytes(), ParseOptions::strict().with(*tolerance));
        }
    }
}

/// Each odd line in a policy that is right otherwise, under up to two tolerances and under all but one.
#[test]
fn odd_lines_under_few_and_many_tolerances() {
    let all = Tolerance::ALL.iter().copied();
    let without = all
        .clone()
        .map(|tolerance| ParseOptions::lenient().without(tolerance));
    let pairs = all
        .clone()
        .flat_map(|one| all.clone().map(move |other| [one, other]));
    let with = pairs.map(|pair| pair.into_iter().collect());
    let options: HashSet<ParseOptions> = without.chain(with).collect();
    for line in near::LINES {
        let text =
            format!("version: STSv1\n{line}\nmode: enforce\nmx: mx.host.net\nmax_age: 1209600");
        for options in &options {
            laws::policy(text.as_bytes(), *options);
        }
    }
}

proptest! {
    #![proptest_config(config(1500))]

    /// Each record is cut into strings somewhere, which changes nothing.
    #[test]
    fn answers(records in vec((near_records::any_record(), any::<prop::sample::Index>()), 0..5)) {
        let mut answer = TxtAnswer::new();
        for (near::Text(record), cut) in &records {
            let (front, back) = record.split_at(cut.index(record.len() + 1));
            answer.push_record([front, back]);
        }
        prop_assert!(answer.iter().eq(records.iter().map(|(record, _)| record.0.as_slice())));
        prop_assert_eq!(answer.len(), records.len());
        laws::answer(&answer);
    }

    /// Lines and columns of any text at any place, even behind its end.
    #[test]
    fn line_indexes(text in near::policy(), start in 0..300_usize, len in 0..300_usize) {
        let near::Text(text) = text;
        let lines = LineIndex::new(&text);
        let line = lines.position(start).line;
        prop_assert!(line <= lines.line_count());
        let span = lines.line_span(line).unwrap();
        prop_assert!(span.start() <= start);
        prop_assert!(start < span.end() || line == lines.line_count());
        prop_assert_eq!(lines.line_span(0), None);
        prop_assert_eq!(lines.line_span(lines.line_count() + 1), None);
        let decoded = String::from_utf8_lossy(&text).encode_utf16().count();
        let range = lines.utf16_range(Span::new(start, start + len));
        prop_assert!(range.start <= range.end && range.end <= decoded);
        prop_assert_eq!(lines.utf16_range(Span::new(0, text.len())), 0..decoded);
    }
}
