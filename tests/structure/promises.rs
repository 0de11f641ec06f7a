//! What `SECURITY.md` promises, held against the tests that it names.

use std::fs;
use std::path::Path;

/// The tests that a text names, as `` `tests/area/file.rs::name` ``.
fn named(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let quoted = text.split('`').skip(1).step_by(2);
    quoted.filter_map(|name| name.split_once(".rs::"))
}

/// Whether the source has a test of this name.
fn has_test(source: &str, name: &str) -> bool {
    let mut behind = source.split("#[test]").skip(1);
    behind.any(|rest| {
        let function = rest.split_once("fn ").map_or("", |(_, function)| function);
        function.split('(').next() == Some(name)
    })
}

/// Promises without a test, and tests that are not there.
fn findings(text: &str, source: impl Fn(&str) -> Option<String>) -> Vec<String> {
    let rows = text.lines().filter(|line| line.starts_with('|')).skip(2);
    let bare = rows.filter(|row| !row.starts_with("| **") && named(row).next().is_none());
    let bare = bare.map(|row| format!("no test: {row}"));
    let missing = named(text).filter(|(file, name)| {
        !source(&format!("{file}.rs")).is_some_and(|source| has_test(&source, name))
    });
    bare.chain(missing.map(|(file, name)| format!("there is no {file}.rs::{name}")))
        .collect()
}

#[test]
fn every_promise_has_its_tests() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join("SECURITY.md")).unwrap();
    assert!(named(&text).count() > 30);
    super::assert_none(&findings(&text, |path| {
        fs::read_to_string(root.join(path)).ok()
    }));
}

#[test]
fn promises_fire() {
    let source =
        "fn a() {}\n#[test]\n#[ignore]\nfn b() {}\nproptest! { #[test] fn c(n in 0..9) {} }";
    let read = |path: &str| (path == "tests/x.rs").then(|| source.to_owned());
    let table = "| promise | test |\n|---|---|\n| **Area** | |\n";
    let good = "| p | `tests/x.rs::b`, `tests/x.rs::c` |\n";
    assert_eq!(findings(&format!("{table}{good}"), read), [""; 0]);
    for (row, finding) in [
        ("| p | `tests/x.rs::a` |", "there is no tests/x.rs::a"),
        ("| p | `tests/y.rs::b` |", "there is no tests/y.rs::b"),
        ("| p | |", "no test: | p | |"),
    ] {
        assert_eq!(findings(&format!("{table}{good}{row}"), read), [finding]);
    }
}
