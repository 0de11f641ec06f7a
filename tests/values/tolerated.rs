//! What each tolerance takes by itself.

use Tolerance::{
    BlankLines, Indentation, MxTrailingDot, MxUnderscore, SpaceBeforeColon, UnknownLines,
    UnusableMx,
};
use mta_sts::{ParseOptions, Policy, Tolerance};

/// A line of a policy, the tolerances, and what is read: names, extensions and the tolerances used; or the code of the error.
const ROWS: &[(&str, &[Tolerance], &str)] = &[
    ("note: x", &[], "a.net | note: x |"),
    ("", &[], "policy-blank-line"),
    ("", &[BlankLines], "a.net | | blank-lines"),
    ("", &[UnknownLines], "policy-blank-line"),
    (" note: x", &[], "policy-indented-line"),
    (" note: x", &[Indentation], "a.net | note: x | indentation"),
    (" note: x", &[UnknownLines], "a.net | | unknown-lines"),
    (
        " note: x",
        &[Indentation, UnknownLines],
        "a.net | note: x | indentation",
    ),
    (" mx: b.net", &[Indentation], "a.net b.net | | indentation"),
    (" mx: b.net", &[UnknownLines], "policy-indented-line"),
    ("note : x", &[], "policy-space-before-colon"),
    (
        "note : x",
        &[SpaceBeforeColon],
        "a.net | note: x | space-before-colon",
    ),
    ("note : x", &[UnknownLines], "a.net | | unknown-lines"),
    (
        "note : x",
        &[SpaceBeforeColon, UnknownLines],
        "a.net | note: x | space-before-colon",
    ),
    (
        "mx : b.net",
        &[SpaceBeforeColon],
        "a.net b.net | | space-before-colon",
    ),
    ("mx : b.net", &[UnknownLines], "policy-space-before-colon"),
    ("mx: b.net.", &[], "mx-trailing-dot"),
    (
        "mx: b.net.",
        &[MxTrailingDot],
        "a.net b.net | | mx-trailing-dot",
    ),
    ("mx: b.net.", &[UnusableMx], "a.net | | unusable-mx"),
    (
        "mx: b_.net.",
        &[MxTrailingDot, UnusableMx],
        "a.net | | unusable-mx",
    ),
    (
        "mx: b_.net",
        &[MxUnderscore],
        "a.net b_.net | | mx-underscore",
    ),
    ("mx: b_.net", &[UnusableMx], "a.net | | unusable-mx"),
    (
        "mx: b_.net.",
        &[MxUnderscore, MxTrailingDot],
        "a.net b_.net | | mx-trailing-dot mx-underscore",
    ),
    ("# note", &[], "policy-comment-line"),
    ("# note", &[UnknownLines], "a.net | | unknown-lines"),
    ("note", &[UnknownLines], "a.net | | unknown-lines"),
    ("mx b.net", &[UnknownLines], "a.net | | unknown-lines"),
    ("mx=b.net", &[UnknownLines], "policy-equals-sign"),
];

#[test]
fn each_tolerance_takes_what_it_says() {
    for &(line, tolerances, expected) in ROWS {
        let options: ParseOptions = tolerances.iter().copied().collect();
        let text = format!("version: STSv1\nmode: enforce\nmx: a.net\n{line}\nmax_age: 1\n");
        let read = match Policy::parse_with(text.as_bytes(), &options) {
            Err(error) => error.code().to_owned(),
            Ok(policy) => {
                let names: Vec<_> = policy.mx().map(|one| one.to_string()).collect();
                let extensions: Vec<_> = policy
                    .extensions()
                    .map(|one| format!("{}: {}", one.name(), one.value()))
                    .collect();
                let used: Vec<_> = policy.tolerances().iter().map(Tolerance::as_str).collect();
                let parts = [names.join(" "), extensions.join(" "), used.join(" ")];
                parts.join(" | ").replace("  ", " ").trim_end().to_owned()
            }
        };
        assert_eq!(read, expected, "{line:?} under {tolerances:?}");
    }
}

#[test]
fn options_are_sets_of_tolerances() {
    let mut options = ParseOptions::lenient();
    for (at, &tolerance) in Tolerance::ALL.iter().enumerate() {
        assert!(options.iter().eq(Tolerance::ALL[at..].iter().copied()));
        assert!(!options.is_strict());
        options = options.without(tolerance);
        // What is not there cannot be taken away again.
        assert_eq!(options.without(tolerance), options);
        let alone = ParseOptions::strict().with(tolerance);
        assert!(alone.iter().eq([tolerance]));
        assert_eq!(alone.with(tolerance), alone);
    }
    assert!(options.is_strict());
    assert_eq!(options, ParseOptions::strict());
}
