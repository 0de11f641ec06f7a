//! Whose types stand in the public API, as `tests/public-api.txt` lists it; `.ci/run` holds that file against the sources.

use std::fs;
use std::path::Path;

/// Crates whose types a user of this one may have to name: the standard library's, and those that a feature is named after.
const ALLOWED: &[&str] = &["mta_sts", "core", "alloc", "std", "serde_core", "arbitrary"];

/// Lines that name a type of another crate.
fn foreign(api: &str) -> Vec<String> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let lines = api
        .lines()
        .filter(|line| !line.starts_with('#') || line.starts_with("#["));
    let names = lines.flat_map(|line| {
        // Each path once: from a word that stands behind no `::` to the next mark.
        let paths = line.split(move |c: char| !is_word(c) && c != ':');
        let roots = paths.filter_map(|path| path.split_once("::").map(|(root, _)| root));
        roots.map(move |root| (root, line))
    });
    // What begins with a capital is a type parameter, as in `T::Output`.
    let foreign = names.filter(|(root, _)| {
        root.starts_with(|c: char| c.is_lowercase() || c == '_') && !ALLOWED.contains(root)
    });
    foreign
        .map(|(root, line)| format!("`{root}` in {line}"))
        .collect()
}

#[test]
fn types_of_others_stay_inside() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/public-api.txt");
    let api = fs::read_to_string(path).unwrap();
    assert!(api.contains("pub fn mta_sts::Policy::parse("));
    super::assert_none(&foreign(&api));
}

#[test]
fn types_of_others_are_found() {
    assert_eq!(
        foreign("# nom::X\npub fn mta_sts::f(&[u8], core::fmt::X<alloc::Y>) -> &'a mta_sts::Z"),
        [""; 0]
    );
    for line in [
        "pub fn mta_sts::f(&[u8]) -> core::result::Result<nom::IResult<u8>, ()>",
        "impl core::convert::From<nom::Err> for mta_sts::Error",
        "#[non_exhaustive] pub struct mta_sts::X(pub nom::Err)",
        "pub fn mta_sts::f(&nom::Err)",
    ] {
        assert_eq!(foreign(line), [format!("`nom` in {line}")]);
    }
}
