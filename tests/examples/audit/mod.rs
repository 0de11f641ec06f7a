//! `audit` and `publish`.

mod outputs;
mod refusals;

use crate::run::{directory, run, run_with};
use outputs::STATUS;
use std::fs;

const SAMPLES: &str = "examples/data/audit";

// Audits of many.

#[test]
fn without_arguments_all_samples_are_audited() {
    let all = run::<&str>("audit", &[]);
    assert_eq!((all.code, all.stderr.as_str()), (Some(1), ""));
    let last = all.stdout.lines().last().unwrap();
    assert_eq!(
        last,
        "21 deployments: 5 good, 2 with warnings, 14 with errors"
    );
    assert_eq!(all.stdout, run("audit", &[SAMPLES]).stdout);
    let json = run("audit", &["--json"]);
    assert_eq!(json.json().len(), STATUS.len());
}

#[test]
fn progress_is_shown_on_standard_error_alone() {
    let folders = [&*format!("{SAMPLES}/good"), &format!("{SAMPLES}/removing")];
    let run = run("audit", &[folders[0], folders[1], "--json", "--progress"]);
    assert_eq!(run.code, Some(0));
    assert_eq!(
        run.stderr,
        "\r\x1b[K1 of 2: examples/data/audit/good\r\x1b[K2 of 2: examples/data/audit/removing\r\x1b[K"
    );
    assert_eq!(run.stdout.lines().count(), 2);
}

#[test]
fn colours_are_shown_where_they_are_wanted() {
    let folder = format!("{SAMPLES}/host-not-in-policy");
    let coloured = run_with("audit", &[&folder], &[("CLICOLOR_FORCE", "1")]);
    assert!(
        coloured.stdout.contains("\x1b[1mkestrel.net\x1b[0m in"),
        "{}",
        coloured.stdout
    );
    assert!(
        coloured.stdout.contains("\x1b[31m\x1b[1mrefused\x1b[0m")
            || coloured.stdout.contains("\x1b[1m\x1b[31mrefused\x1b[0m"),
        "{}",
        coloured.stdout
    );
    let plain = run("audit", &[&folder]);
    assert!(!plain.stdout.contains('\x1b'));
    let published = run_with::<&str>("publish", &[], &[("CLICOLOR_FORCE", "1")]);
    assert!(
        published
            .stdout
            .contains("\x1b[32m+mx: mx3.kestrel.net\x1b[0m"),
        "{}",
        published.stdout
    );
}

#[test]
fn help_is_shown() {
    for program in ["audit", "publish"] {
        let help = run(program, &["--help"]);
        assert_eq!((help.code, help.stderr.as_str()), (Some(0), ""));
        assert!(help.stdout.contains("\nUsage: ") && help.stdout.contains("\nExit code: "));
    }
}

// From one to the other.

#[test]
fn audit_reads_what_publish_writes() {
    let folder = directory("audit", "written").join("kestrel.net");
    let path = folder.to_str().unwrap();
    let long = format!("--report=https://kestrel-reports.net/{}", "x".repeat(300));
    let args = [
        "--domain=kestrel.net",
        "--mx=mx1.kestrel.net",
        "--mode=enforce",
        &long,
        "--out",
        path,
    ];
    assert_eq!(run("publish", &args).code, Some(0));
    let zone = fs::read_to_string(folder.join("zone.txt")).unwrap();
    assert!(
        zone.lines().count() == 2 && zone.contains("\" \""),
        "{zone}"
    );

    let audit = run("audit", &["--json", path]).object();
    assert_eq!(audit["domain"], "kestrel.net");
    assert_eq!(audit["findings"], serde_json::json!([]));
    assert_eq!(
        audit["senders"]["strict"]["text"],
        "a policy with mode enforce"
    );

    // What has just been written differs in nothing.
    let again = [&args[..4], &["--against", path]].concat();
    let again = run("publish", &again);
    assert_eq!(again.code, Some(0));
    assert!(
        again
            .stdout
            .ends_with("\nNothing differs from what is published\n"),
        "{}",
        again.stdout
    );
}
