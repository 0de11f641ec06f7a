//! What must hold for every input, as `fuzz/` says it, holds for the seeds of the fuzz targets and for inputs that broke it once.
//!
//! Needs the folder `fuzz`, so it is not in the package.
#![cfg(feature = "idna")]
#![expect(
    clippy::missing_panics_doc,
    reason = "to panic is how a property says no"
)]

#[path = "../../fuzz/src/entries.rs"]
pub mod entries;
#[path = "../../fuzz/src/fetching.rs"]
pub mod fetching;
#[path = "../properties/laws.rs"]
mod laws;
#[path = "../../fuzz/src/names.rs"]
pub mod names;
#[path = "../../fuzz/src/oracle.rs"]
pub mod oracle;
#[path = "../../fuzz/src/policies.rs"]
pub mod policies;
#[path = "../../fuzz/src/records.rs"]
pub mod records;
#[cfg(all(feature = "arbitrary", feature = "gzip"))]
pub mod values;

use std::collections::BTreeSet;
use std::fs;
use std::panic::catch_unwind;
use std::path::PathBuf;

/// Where the property is, and the property. The target has its name.
type Target = (&'static str, fn(&[u8]));

const TARGETS: &[Target] = &[
    ("records::record", records::record),
    ("records::record_inspect", records::record_inspect),
    ("records::select", records::select),
    ("records::tlsrpt_record", records::tlsrpt_record),
    ("policies::policy", policies::policy),
    ("policies::policy_inspect", policies::policy_inspect),
    ("oracle::policy_oracle", oracle::policy_oracle),
    ("names::mx_match", names::mx_match),
    ("names::domain", names::domain),
    ("fetching::fetch", fetching::fetch),
    ("entries::cache_entry", entries::cache_entry),
];

/// Those that these features have.
fn targets() -> impl Iterator<Item = Target> {
    #[cfg(all(feature = "arbitrary", feature = "gzip"))]
    let values = values::TARGETS;
    #[cfg(not(all(feature = "arbitrary", feature = "gzip")))]
    let values: &[Target] = &[];
    TARGETS.iter().chain(values).copied()
}

fn name((path, _): Target) -> &'static str {
    path.rsplit("::").next().expect("a name")
}

fn fuzz(path: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "fuzz", path].iter().collect()
}

fn read(path: &str) -> String {
    fs::read_to_string(fuzz(path)).unwrap_or_else(|error| panic!("fuzz/{path}: {error}"))
}

/// The names in a folder, without what is behind a dot; none if it is not there.
fn listed(folder: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(fuzz(folder)).into_iter().flatten();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names
        .map(|name| name.split('.').next().unwrap().to_owned())
        .collect()
}

#[test]
fn properties_hold_for_seeds_and_regressions() {
    let mut broken = Vec::new();
    for target in targets() {
        let folders = ["seeds", "regressions"].map(|folder| fuzz(folder).join(name(target)));
        let files = folders.map(|folder| {
            fs::read_dir(folder)
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
        });
        assert!(!files[0].is_empty(), "{} has no seeds", name(target));
        for file in files.into_iter().flatten() {
            let path = file.unwrap().path();
            let bytes = fs::read(&path).unwrap();
            // What a panic has to say is shown above the list.
            if catch_unwind(|| target.1(&bytes)).is_err() {
                broken.push(path);
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
    if cfg!(not(all(feature = "arbitrary", feature = "gzip"))) {
        println!("skipped: the targets that need the features `arbitrary` and `gzip`");
    }
}

/// Name, property and dictionaries, as README.md lists them.
fn rows() -> Vec<[String; 3]> {
    let text = read("README.md");
    let rows = text.lines().filter_map(|line| line.strip_prefix("| `"));
    let cells = rows.map(|row| {
        row.trim_end_matches(" |")
            .split(" | ")
            .map(Into::into)
            .collect::<Vec<String>>()
    });
    cells
        .map(|cells| cells.try_into().expect("three cells"))
        .collect()
}

/// `cargo fuzz list` takes them from Cargo.toml.
fn bins() -> Vec<String> {
    let manifest = read("Cargo.toml");
    let bins = manifest.split("[[bin]]\nname = \"").skip(1);
    bins.map(|bin| bin.split('"').next().unwrap().to_owned())
        .collect()
}

#[test]
fn all_lists_name_the_same_targets() {
    let bins = bins();
    let table = rows()
        .into_iter()
        .map(|[name, ..]| name.trim_end_matches('`').to_owned());
    assert_eq!(table.collect::<Vec<_>>(), bins);
    let names: BTreeSet<String> = bins.into_iter().collect();
    assert_eq!(listed("fuzz_targets"), names);
    assert_eq!(listed("seeds"), names);
    assert!(listed("regressions").is_subset(&names));
    for target in targets() {
        let source = read(&format!("fuzz_targets/{}.rs", name(target)));
        assert!(
            source.contains(&format!("properties::{}(", target.0)),
            "{source}"
        );
    }
    let here: BTreeSet<String> = targets().map(|target| name(target).to_owned()).collect();
    if cfg!(all(feature = "arbitrary", feature = "gzip")) {
        assert_eq!(here, names);
    }
}

/// The words of a dictionary of libFuzzer.
fn words(dictionary: &str) -> Vec<String> {
    let text = read(&format!("dictionaries/{dictionary}.dict"));
    let lines = text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| line.trim_matches('"').replace("\\\"", "\""))
        .collect()
}

/// The words of a terminal in quotes, comments left out.
fn terminals(abnf: &str) -> Vec<String> {
    let path = format!("{}/tests/oracle/{abnf}.abnf", env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(path).unwrap();
    let in_line = |line: &str| {
        let parts = line.split('"').enumerate();
        let rule = parts.take_while(|(place, part)| place % 2 == 1 || !part.contains(';'));
        let quoted = rule.filter(|(place, _)| place % 2 == 1);
        quoted.map(|(_, word)| word.to_owned()).collect::<Vec<_>>()
    };
    text.lines().flat_map(in_line).collect()
}

/// The names of all members.
fn members(json: &serde_json::Value, names: &mut BTreeSet<String>) {
    match json {
        serde_json::Value::Array(elements) => elements.iter().for_each(|it| members(it, names)),
        serde_json::Value::Object(object) => {
            for (name, value) in object {
                names.insert(name.clone());
                members(value, names);
            }
        }
        _ => {}
    }
}

#[test]
fn dictionaries_have_every_word_of_the_grammars() {
    let dictionaries_of =
        |[_, _, names]: [String; 3]| names.split(", ").map(ToOwned::to_owned).collect::<Vec<_>>();
    let used: BTreeSet<String> = rows().into_iter().flat_map(dictionaries_of).collect();
    let with_none = listed("dictionaries")
        .into_iter()
        .chain(["none".to_owned()]);
    assert_eq!(used, with_none.collect());

    let has_all = |dictionaries: &[&str], wanted: Vec<String>| {
        let words: Vec<_> = dictionaries
            .iter()
            .flat_map(|dictionary| words(dictionary))
            .collect();
        let missing: Vec<_> = wanted.iter().filter(|word| !words.contains(word)).collect();
        assert!(
            !wanted.is_empty() && missing.is_empty(),
            "{dictionaries:?} lack {missing:?}"
        );
    };
    has_all(&["sts-record", "sts-policy"], terminals("rfc8461"));
    has_all(&["tlsrpt-record"], terminals("rfc8460"));
    let types = mta_sts::ResultType::ALL
        .iter()
        .map(|it| it.code().to_owned());
    has_all(&["tlsrpt-report"], types.collect());
    let mut names = BTreeSet::new();
    let report = serde_json::from_str(include_str!("../tlsrpt/base.json")).unwrap();
    members(&report, &mut names);
    has_all(
        &["tlsrpt-report"],
        names.iter().map(|name| format!("\"{name}\":")).collect(),
    );
    let tolerances = mta_sts::Tolerance::ALL
        .iter()
        .map(|it| it.as_str().to_owned());
    has_all(&["cache-entry"], tolerances.collect());
}
