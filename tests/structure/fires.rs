//! Every rule over bad lines, and over good ones that look alike.

use super::reader::{Source, outside};
use super::*;

/// A `src/lib.rs` with three modules and a name re-exported from each of two.
const ROOT: (&str, &str) = (
    "src/lib.rs",
    "mod span; mod mx; mod policy; pub use span::Span; pub use policy::{Mode, model::Policy as P};",
);

#[track_caller]
fn finds(rule: fn(&[Source]) -> Vec<String>, files: &[(&str, &str)], expected: &[&str]) {
    let sources: Vec<Source> = files
        .iter()
        .map(|(path, text)| Source::new(path, text))
        .collect();
    assert_eq!(rule(&outside(&sources, TEST)), expected);
}

#[test]
fn module_order_fires() {
    let mx = |text, expected: &[&str]| finds(module_order, &[ROOT, ("src/mx.rs", text)], expected);
    mx(
        "use crate::span::Span; fn f(_: crate::Span, _: crate::mx::X) {}",
        &[],
    );
    mx(
        "// crate::policy\n/// [`crate::policy`]\nconst S: &str = \"crate::policy\";",
        &[],
    );
    mx(
        "#[cfg(test)]\nmod tests { use crate::policy::Mode; }\npub(crate) fn f() {}",
        &[],
    );
    mx("#[cfg(test)] mod tests;", &[]);
    let mode = &["src/mx.rs:2: `mx` names `Mode`, but `policy` stands below it"];
    let policy = &["src/mx.rs:2: `mx` names `policy`, but `policy` stands below it"];
    mx("\nuse crate::policy::Mode;", policy);
    mx("\nfn f(_: crate::policy::Mode) {}", policy);
    mx("\nuse super::policy;", policy);
    mx("use crate::{span::{self, Span},\npolicy::{Mode}};", policy);
    mx(
        "\nfn f(_: &'static str, _: char) { ('\"', '\\'', crate::Mode::None) }",
        mode,
    );
    mx("#[cfg(not(test))]\nuse crate::Mode;", mode);
    mx(
        "\nuse super::P;",
        &["src/mx.rs:2: `mx` names `P`, but `policy` stands below it"],
    );
    mx("use crate::*;", &["src/mx.rs:1: no module exports `*`"]);

    let deep = ("src/span/deep.rs", "use super::Own; use super::super::mx;");
    finds(
        module_order,
        &[ROOT, deep, ("src/stray.rs", "")],
        &[
            "src/span/deep.rs:1: `span` names `mx`, but `mx` stands below it",
            "src/stray.rs: `mod stray` is not in src/lib.rs",
        ],
    );
    let (parent, tests) = ("#[cfg(test)] mod tests;", "use crate::policy;");
    finds(
        module_order,
        &[ROOT, ("src/mx/mod.rs", parent), ("src/mx/tests.rs", tests)],
        &[],
    );
    finds(module_order, &[], &["no src/lib.rs"]);
}

#[test]
fn dependency_rooms_fire() {
    let rooms = |path, text, expected: &[&str]| finds(dependency_rooms, &[(path, text)], expected);
    rooms("src/grammar/record.rs", "use nom::IResult;", &[]);
    rooms(
        "src/domain.rs",
        "#[cfg(feature = \"idna\")] use idna::uts46::Uts46;",
        &[],
    );
    rooms("src/error.rs", "use thiserror::Error;", &[]);
    rooms(
        "src/mx.rs",
        "#[derive(Debug, thiserror::Error)] struct E;",
        &[],
    );
    rooms(
        "src/mx.rs",
        "use nom::IResult;",
        &["src/mx.rs:1: `nom` is not named here"],
    );
    rooms(
        "src/lib.rs",
        "use ::nom as n;",
        &["src/lib.rs:1: `nom` is not named here"],
    );
    rooms(
        "src/grammar.rs",
        "fn f() { idna::f() }",
        &["src/grammar.rs:1: `idna` is not named here"],
    );
    rooms("src/tlsrpt/json.rs", "use serde_json::Value;", &[]);
    rooms(
        "src/mx.rs",
        "use serde_json::Value; fn f() { flate2::f() }",
        &[
            "src/mx.rs:1: `serde_json` is not named here",
            "src/mx.rs:1: `flate2` is not named here",
        ],
    );
    rooms(
        "src/mx.rs",
        "use thiserror::Error;",
        &["src/mx.rs:1: `thiserror` is not named here"],
    );
}

#[test]
fn public_signatures_fire() {
    let grammar = |text, expected: &[&str]| {
        finds(public_signatures, &[("src/grammar.rs", text)], expected);
    };
    grammar(
        "use nom::IResult; pub(crate) fn f() -> IResult<(), ()> { nom::g() }",
        &[],
    );
    grammar(
        "use thiserror::Error; pub struct Error; pub fn f() -> Error { nom::g() }",
        &[],
    );
    let (path, import) = (
        "`nom` in a public signature",
        "`IResult` in a public signature",
    );
    let finding = |what| format!("src/grammar.rs:1: {what}");
    grammar("pub fn f() -> nom::IResult<(), ()> {}", &[&finding(path)]);
    grammar(
        "use nom::{a::b, IResult}; pub const fn f(_: IResult<(), ()>);",
        &[&finding(import)],
    );
}

#[test]
fn lint_exceptions_fire() {
    let lints = |text, expected: &[&str]| finds(lint_exceptions, &[("src/mx.rs", text)], expected);
    lints(
        "// #[allow(x)]\n#[expect(x, reason = \"y\")] fn f() { allow(1).expect(\"z\") }",
        &[],
    );
    let allow = &["src/mx.rs:1: `allow`: write `expect` with a reason"];
    lints("#[allow(dead_code)] fn f() {}", allow);
    lints("#![allow(dead_code, reason = \"y\")]", allow);
    lints("#[cfg_attr(test, allow(dead_code))] fn f() {}", allow);
    lints(
        "#[expect(dead_code)] fn f() {}",
        &["src/mx.rs:1: `expect` without a reason"],
    );
}

#[test]
fn table_of_contents_fires() {
    finds(table_of_contents, &[ROOT, ("src/mx.rs", "fn f() {}")], &[]);
    finds(
        table_of_contents,
        &[(
            "src/lib.rs",
            "//! fn f\nstruct S;\nimpl S {\nfn f() {} }\nenum E {}",
        )],
        &[
            "src/lib.rs:2: `struct` belongs into a module",
            "src/lib.rs:3: `impl` belongs into a module",
            "src/lib.rs:4: `fn` belongs into a module",
            "src/lib.rs:5: `enum` belongs into a module",
        ],
    );
}

#[test]
fn file_lengths_fire() {
    finds(file_lengths, &[("src/mx.rs", &"\n".repeat(425))], &[]);
    let finding = "src/mx.rs: 426 lines, over 425";
    finds(
        file_lengths,
        &[("src/mx.rs", &"\n".repeat(426))],
        &[finding],
    );
}

#[test]
fn unsafe_code_fires() {
    let code =
        "/* unsafe /* x */ unsafe */ #![forbid(unsafe_code)] const S: &str = r#\"\"unsafe\"#;";
    finds(unsafe_code, &[("src/mx.rs", code)], &[]);
    let finding = "src/mx.rs:2: `unsafe` has no place here";
    finds(
        unsafe_code,
        &[("src/mx.rs", "fn f() {\nunsafe { g() } }")],
        &[finding],
    );
}

#[test]
fn std_paths_fire() {
    let std = |text, expected: &[&str]| finds(std_paths, &[("src/mx.rs", text)], expected);
    std(
        "use core::fmt; // std::fmt\n#[cfg(test)] mod tests { use std::fmt; }",
        &[],
    );
    std("#![cfg(feature = \"std\")] use std::fmt;", &[]);
    std("#[cfg(feature = \"gzip\")] use std::io;", &[]);
    std(
        "#[cfg(feature = \"std\")] #[doc(hidden)] impl<A, B> std::X for Y { fn f() {} }",
        &[],
    );
    std(
        "enum E { #[cfg(feature = \"std\")] A(std::io::Error), B }",
        &[],
    );
    std(
        "#[cfg(any(test, all(feature = \"std\", unix)))] extern crate std;",
        &[],
    );
    let finding = &["src/mx.rs:2: `std` is not under `feature = \"std\"`"];
    std("\nfn f() -> std::string::String {}", finding);
    std("\nextern crate std;", finding);
    std(
        "#[cfg(feature = \"std\")] use std::{fmt, io};\nuse std::fmt;",
        finding,
    );
    std(
        "#[cfg(feature = \"std\")] fn f() {}\nimpl std::X for Y {}",
        finding,
    );
    std(
        "enum E { #[cfg(feature = \"std\")] A(std::io::Error),\nB(std::fmt::Error) }",
        finding,
    );
    std("#[cfg(not(feature = \"std\"))]\nuse std::fmt;", finding);
    std("#[doc(cfg(feature = \"std\"))]\nuse std::fmt;", finding);
    std(
        "#[cfg(not(not(all(feature = \"std\", test))))] use std::fmt;",
        &[],
    );
    std(
        "#[cfg(any(feature = \"std\", feature = \"serde\"))]\nuse std::fmt;",
        finding,
    );

    let client = ("src/client.rs", "use std::sync::Mutex;");
    finds(
        std_paths,
        &[
            ("src/lib.rs", "#[cfg(feature = \"std\")] mod client;"),
            client,
        ],
        &[],
    );
}
