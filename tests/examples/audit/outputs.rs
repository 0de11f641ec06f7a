//! What is printed for each sample, compared with what is stored.

use super::SAMPLES;
use crate::run::{ROOT, run};
use std::path::Path;
use std::{env, fs};

/// White space at the ends of lines does not count: an editor may remove it.
fn without_line_ends(text: &str) -> String {
    text.lines()
        .flat_map(|line| [line.trim_end(), "\n"])
        .collect()
}

fn compare(file: &str, output: &str, wrong: &mut Vec<String>) {
    let path = Path::new(ROOT).join("tests/examples/outputs").join(file);
    if env::var_os("UPDATE_OUTPUTS").is_some() {
        fs::write(&path, without_line_ends(output)).unwrap();
    }
    let stored = fs::read_to_string(&path).unwrap_or_default();
    if without_line_ends(&stored) != without_line_ends(output) {
        wrong.push(format!("{file} should be\n{output}"));
    }
}

/// Text and JSON of a run.
fn compare_both(program: &str, name: &str, args: &[&str], code: i32, wrong: &mut Vec<String>) {
    let text = run(program, args);
    assert_eq!(
        (text.code, text.stderr.as_str()),
        (Some(code), ""),
        "{name}"
    );
    compare(&format!("{name}.txt"), &text.stdout, wrong);
    let json = run(program, &[args, &["--json"]].concat());
    assert_eq!(
        (json.code, json.stderr.as_str()),
        (Some(code), ""),
        "{name}"
    );
    let json = serde_json::to_string_pretty(&json.object()).unwrap() + "\n";
    compare(&format!("{name}.json"), &json, wrong);
}

/// Every sample, and the exit status that its gravest finding makes.
pub(super) const STATUS: &[(&str, i32)] = &[
    ("certificate-of-policy-host", 1),
    ("delegated", 0),
    ("good", 0),
    ("host-not-in-policy", 1),
    ("id-not-changed", 3),
    ("media-type", 1),
    ("mx-as-address", 1),
    ("no-mail", 0),
    ("no-record", 1),
    ("not-found", 1),
    ("only-a-policy", 0),
    ("policy-host-without-address", 1),
    ("redirect", 1),
    ("removed-at-once", 1),
    ("removing", 0),
    ("reporting-record", 1),
    ("slips-in-policy", 1),
    ("testing", 3),
    ("tls-of-hosts", 1),
    ("two-records", 1),
    ("wide-wildcards", 1),
];

#[test]
fn audit_prints_for_each_sample_what_is_stored() {
    let mut wrong = Vec::new();
    for (name, code) in STATUS {
        let folder = format!("{SAMPLES}/{name}");
        compare_both(
            "audit",
            &format!("audit-{name}"),
            &[&folder],
            *code,
            &mut wrong,
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let folders = fs::read_dir(Path::new(ROOT).join(SAMPLES)).unwrap();
    assert_eq!(folders.count(), STATUS.len());
}

const HISTORY: &str = "examples/data/publish/history.txt";

#[test]
fn publish_prints_what_is_stored() {
    let kestrel = [
        "--domain",
        "kestrel.net",
        "--mx",
        "mx1.kestrel.net,mx2.kestrel.net",
    ];
    let with = |more: &[&'static str]| [&kestrel[..], more].concat();
    let mut wrong = Vec::new();
    for (name, args, code) in [
        (
            "first",
            with(&["--first", "--report", "mailto:tls-reports@kestrel.net"]),
            0,
        ),
        (
            "delegated",
            with(&[
                "--delegate=osprey-hosting.com",
                "--mode=enforce",
                "--max-age=2592000",
                "--ttl=86400",
            ]),
            0,
        ),
        (
            "removal",
            vec!["--domain=kestrel.net", "--mode=none", "--history", HISTORY],
            0,
        ),
        (
            "only-the-id",
            with(&[
                "--mode=enforce",
                "--max-age=2592000",
                "--against=examples/data/audit/good",
            ]),
            1,
        ),
        (
            "against-a-redirect",
            with(&["--mode=enforce", "--against=examples/data/audit/redirect"]),
            1,
        ),
        (
            "against-a-file",
            with(&["--against=examples/data/testing.txt"]),
            1,
        ),
    ] {
        compare_both(
            "publish",
            &format!("publish-{name}"),
            &args,
            code,
            &mut wrong,
        );
    }
    compare_both("publish", "publish-sample", &[], 1, &mut wrong);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
