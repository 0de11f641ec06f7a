//! The rules of the house that no compiler checks, read from the sources themselves.
//!
//! Each rule is a function from sources to findings. It is run twice: over `src/`, where it must
//! find nothing, and in `fires` over a few bad lines, where it must find exactly what is wrong.

mod api;
mod fires;
mod promises;
mod reader;

use std::collections::BTreeMap;

use reader::{Source, is, outside, project};

/// The longest file that may stand under `src/`, in lines.
const MAX_LINES: usize = 425;

/// What is compiled for tests only.
const TEST: &[&[&str]] = &[&["test"]];
/// What is compiled for tests or with the feature `std` only; `gzip` implies it.
const TEST_OR_STD: &[&[&str]] = &[
    &["test"],
    &["feature", "=", "\"std\""],
    &["feature", "=", "\"gzip\""],
];

// The rules.

/// A module names only modules that stand above it in `src/lib.rs`.
fn module_order(sources: &[Source]) -> Vec<String> {
    let Some(root) = sources.iter().find(|source| source.module.is_empty()) else {
        return vec!["no src/lib.rs".to_owned()];
    };
    let order: Vec<&str> = (root.tokens.windows(3))
        .filter(|w| w[0].text == "mod" && matches!(w[2].text.as_str(), ";" | "{"))
        .map(|w| w[1].text.as_str())
        .collect();
    // `crate::Policy` means the module that `pub use policy::Policy` takes it from.
    let exports: BTreeMap<String, String> = (root.imports().into_iter())
        .filter_map(|path| {
            let from = path
                .iter()
                .find(|word| !matches!(word.as_str(), "crate" | "self"));
            Some((path.last()?.clone(), from?.clone()))
        })
        .collect();
    let rank = |name: &str| order.iter().position(|module| *module == name);

    let mut findings = Vec::new();
    for source in sources.iter().filter(|source| !source.module.is_empty()) {
        let own = &source.module[0];
        let Some(own_rank) = rank(own) else {
            findings.push(format!("{}: `mod {own}` is not in src/lib.rs", source.path));
            continue;
        };
        for named in source.names_at_the_root() {
            let name = named.text.as_str();
            let module = exports.get(name).map_or(name, String::as_str);
            match rank(module) {
                Some(rank) if rank <= own_rank => {}
                Some(_) => findings.push(source.at(
                    named,
                    &format!("`{own}` names `{name}`, but `{module}` stands below it"),
                )),
                None => findings.push(source.at(named, &format!("no module exports `{name}`"))),
            }
        }
    }
    findings
}

/// `nom` is named only in `grammar`, `idna` only in `domain`, `serde_json` and `flate2` only in `tlsrpt`, `thiserror` only
/// in `error`, `record` and attributes.
fn dependency_rooms(sources: &[Source]) -> Vec<String> {
    let mut findings = Vec::new();
    for source in sources {
        let room = source.module.first().map_or("", String::as_str);
        for (at, token) in source.tokens.iter().enumerate() {
            let allowed = match token.text.as_str() {
                "nom" => room == "grammar",
                "idna" => room == "domain",
                "serde_json" | "flate2" => room == "tlsrpt",
                "thiserror" => {
                    let mut attributes = source.attributes().into_iter();
                    matches!(room, "error" | "record")
                        || attributes.any(|range| range.contains(&at))
                }
                _ => true,
            };
            if !allowed {
                findings.push(source.at(token, &format!("`{}` is not named here", token.text)));
            }
        }
    }
    findings
}

/// No `pub fn` has a type of `nom`, `idna`, `serde_json`, `flate2` or `thiserror` in its signature.
fn public_signatures(sources: &[Source]) -> Vec<String> {
    let mut findings = Vec::new();
    for source in sources {
        // `thiserror` exports a derive, not a type: importing its `Error` makes no `Error` foreign.
        let imported: Vec<String> = (source.imports().into_iter())
            .filter(|path| matches!(path[0].as_str(), "nom" | "idna" | "serde_json" | "flate2"))
            .filter_map(|mut path| path.pop())
            .collect();
        let is_foreign = |word: &String| {
            let crates = ["nom", "idna", "serde_json", "flate2", "thiserror"];
            crates.contains(&word.as_str()) || imported.contains(word)
        };
        for signature in source.public_signatures() {
            if let Some(token) = signature.iter().find(|token| is_foreign(&token.text)) {
                let message = format!("`{}` in a public signature", token.text);
                findings.push(source.at(token, &message));
            }
        }
    }
    findings
}

/// A lint is expected, with a reason, and never allowed.
fn lint_exceptions(sources: &[Source]) -> Vec<String> {
    let mut findings = Vec::new();
    for source in sources {
        for range in source.attributes() {
            let attribute = &source.tokens[range];
            let has = |words| attribute.windows(2).any(|pair| is(pair, words));
            if has(&["allow", "("]) {
                findings.push(source.at(&attribute[0], "`allow`: write `expect` with a reason"));
            }
            if has(&["expect", "("]) && !has(&["reason", "="]) {
                findings.push(source.at(&attribute[0], "`expect` without a reason"));
            }
        }
    }
    findings
}

/// `src/lib.rs` is a table of contents: it defines nothing.
fn table_of_contents(sources: &[Source]) -> Vec<String> {
    const DEFINES: &[&str] = &[
        "fn",
        "impl",
        "struct",
        "enum",
        "trait",
        "union",
        "type",
        "const",
        "static",
        "macro_rules",
    ];
    (sources.iter().filter(|source| source.module.is_empty()))
        .flat_map(|source| source.words(DEFINES, "belongs into a module"))
        .collect()
}

/// No file is too long to be read in one go.
fn file_lengths(sources: &[Source]) -> Vec<String> {
    (sources.iter().filter(|source| source.lines > MAX_LINES))
        .map(|source| format!("{}: {} lines, over {MAX_LINES}", source.path, source.lines))
        .collect()
}

/// The word `unsafe` stands nowhere, macros and tests included.
fn unsafe_code(sources: &[Source]) -> Vec<String> {
    (sources.iter())
        .flat_map(|source| source.words(&["unsafe"], "has no place here"))
        .collect()
}

/// `std` is named only where the feature `std` is on; elsewhere it is `core` or `alloc`.
fn std_paths(sources: &[Source]) -> Vec<String> {
    (outside(sources, TEST_OR_STD).iter())
        .flat_map(|source| source.words(&["std"], "is not under `feature = \"std\"`"))
        .collect()
}

// The rules over `src/`.

#[test]
fn the_sources_are_found() {
    let paths: Vec<String> = project().into_iter().map(|source| source.path).collect();
    assert!(paths.iter().any(|path| path == "src/lib.rs"), "{paths:?}");
    assert!(
        paths
            .iter()
            .any(|path| path == "src/policy.rs" || path.starts_with("src/policy/"))
    );
}

#[test]
fn modules_import_upward_only() {
    assert_none(&module_order(&outside(&project(), TEST)));
}

#[test]
fn dependencies_stay_in_their_rooms() {
    assert_none(&dependency_rooms(&outside(&project(), TEST)));
    assert_none(&public_signatures(&outside(&project(), TEST)));
}

#[test]
fn lints_are_expected_with_a_reason() {
    assert_none(&lint_exceptions(&project()));
}

#[test]
fn lib_rs_is_a_table_of_contents() {
    assert_none(&table_of_contents(&project()));
}

#[test]
fn files_are_short() {
    assert_none(&file_lengths(&project()));
}

#[test]
fn nothing_is_unsafe() {
    assert_none(&unsafe_code(&project()));
}

#[test]
fn std_is_optional() {
    assert_none(&std_paths(&project()));
}

#[track_caller]
fn assert_none(findings: &[String]) {
    assert!(findings.is_empty(), "\n{}\n", findings.join("\n"));
}
