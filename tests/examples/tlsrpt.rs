//! `tlsrpt`.

use crate::run::{self, ROOT, Run, directory};
use serde_json::json;
use std::ffi::OsStr;
use std::fs;

const SAMPLES: &str = "examples/data/tlsrpt";

/// What is said about each sample that is not as it should be.
const DEVIATIONS: &[(&str, &[&str])] = &[
    ("avocet-16.json", &["tlsrpt-report-count-negative"]),
    ("dunlin-20.json", &["tlsrpt-report-empty"; 6]),
    (
        "merganser-18.json.gz",
        &[
            "tlsrpt-report-time-zone",
            "tlsrpt-report-time-zone",
            "tlsrpt-report-list-packed",
        ],
    ),
    (
        "merganser-20.json.gz",
        &[
            "tlsrpt-report-time-zone",
            "tlsrpt-report-time-zone",
            "tlsrpt-report-list-packed",
        ],
    ),
    (
        "merganser-21.json.gz",
        &[
            "tlsrpt-report-time-zone",
            "tlsrpt-report-time-zone",
            "tlsrpt-report-list-packed",
        ],
    ),
    ("plover-19.json", &["tlsrpt-report-time-midnight"]),
    (
        "sanderling-20.json",
        &[
            "tlsrpt-report-unknown-member",
            "tlsrpt-report-time-format",
            "tlsrpt-report-time-midnight",
            "tlsrpt-report-null",
            "tlsrpt-report-mx-prefix",
            "tlsrpt-report-mx-prefix",
            "tlsrpt-report-unknown-member",
        ],
    ),
    (
        "turnstone-17.json",
        &[
            "tlsrpt-json-bom",
            "tlsrpt-report-type",
            "tlsrpt-report-count-as-string",
            "tlsrpt-report-count-as-string",
            "tlsrpt-report-null",
        ],
    ),
    (
        "whimbrel-18.json",
        &["tlsrpt-report-list-as-string", "tlsrpt-report-uri"],
    ),
];

fn run<A: AsRef<OsStr>>(args: &[A]) -> Run {
    run::run("tlsrpt", args)
}

fn run_with(args: &[&str], variables: &[(&str, &str)]) -> Run {
    run::run_with("tlsrpt", args, variables)
}

fn run_input(args: &[&str], input: &[u8]) -> Run {
    run::run_input("tlsrpt", args, input)
}

#[test]
fn the_samples_in_short() {
    let run = run::<&str>(&[]);
    assert_eq!(run.code, Some(1));
    assert_eq!(
        run.stderr,
        "error: examples/data/tlsrpt/avocet-16.json is no report: a count is negative at $.policies[0].summary.total-failure-session-count\n"
    );
    for part in [
        "14 reports, 2026-11-16 to 2026-11-21; 1 duplicate not counted again; 1 file that held none\n373 sessions: 334 succeeded, 39 failed\n",
        "  2026-11-16  ██████████████████                                  41\n",
        "  Goldcrest Inc.         ",
        "\ncertificate-expired: 31 sessions, 2026-11-21\n  the certificate has expired\n  usual remedy: renew it",
        "  reported by: Merganser Corporation (17), Goldcrest Inc. (14)\n  MX hosts: mx2.kestrel-mail.net (31)\n  likely a misconfiguration: ",
        "  given as reason: unable to do http request: Get \"https://mta-sts.kestrel-mail.net/.well-known/mta-sts.txt\": cont… (3)\n",
        "  possibly an attack or a filter on the way, or a fault of the reporter: one reporter alone sees it",
    ] {
        assert!(
            run.stdout.contains(part),
            "{part}\nis not in\n{}",
            run.stdout
        );
    }
    assert!(!run.stdout.contains('\u{1b}'), "colours into a pipe");
}

#[test]
fn lines_are_no_wider_than_the_terminal() {
    for columns in [40, 60, 80, 120] {
        let run = run_with(&[], &[("COLUMNS", &columns.to_string())]);
        let bars = run.stdout.lines().filter(|line| line.contains(['█', '▒']));
        let widest = bars.map(|line| line.chars().count()).max().unwrap();
        assert!(
            (columns - 12..=columns).contains(&widest),
            "{columns}: {widest}"
        );
    }
}

#[test]
fn colours_where_they_are_wanted() {
    let forced = run_with(&[], &[("CLICOLOR_FORCE", "1")]);
    assert!(forced.stdout.contains("\u{1b}[32m█"));
    let refused = run_with(&[], &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]);
    assert!(!refused.stdout.contains('\u{1b}') || forced.stdout == refused.stdout);
}

#[test]
fn the_samples_as_json() {
    let run = run(&["--json"]);
    assert_eq!(run.code, Some(1));
    let object = run.object();
    assert_eq!(object["reports"], 14);
    assert_eq!(object["duplicates"], 1);
    assert_eq!(object["sessions"], json!({"successful": 334, "failed": 39}));
    assert_eq!(
        object["days"][5],
        json!({"day": "2026-11-21", "successful": 32, "failed": 31})
    );
    let results = object["results"].as_array().unwrap();
    assert_eq!(results.len(), 4);
    let expired = results
        .iter()
        .find(|it| it["type"] == "certificate-expired");
    let expired = expired.unwrap();
    assert_eq!(
        [&expired["type"], &expired["cause"], &expired["mx_hosts"]],
        [
            &json!("certificate-expired"),
            &json!("misconfiguration"),
            &json!([{"name": "mx2.kestrel-mail.net", "failed": 31}])
        ]
    );
    let unfetched = results
        .iter()
        .find(|it| it["type"] == "sts-policy-fetch-error");
    let reason = unfetched.unwrap()["reasons"][0]["name"].as_str().unwrap();
    assert!(reason.ends_with("context deadline exceeded"), "{reason}");
    let domains = object["domains"].as_array().unwrap();
    assert_eq!(domains.len(), 1);
    let (domain, types) = (&domains[0], domains[0]["results"].as_array().unwrap());
    assert_eq!(
        [&domain["name"], &domain["reports"]],
        [&json!("kestrel-mail.net"), &json!(14)]
    );
    assert_eq!(
        [&domain["successful"], &domain["failed"]],
        [&json!(334), &json!(39)]
    );
    assert!(types.contains(&json!({"type": "certificate-expired", "sessions": 31})));
    assert_eq!(
        object["mx_hosts"][0],
        json!({
            "name": "mx1.kestrel-mail.net",
            "failed": 5,
            "reports": 2,
            "first_day": "2026-11-18",
            "last_day": "2026-11-20",
        })
    );
    // Only what is no report, as long as nobody asks for more.
    assert_eq!(object["files"].as_array().unwrap().len(), 1);
}

#[test]
fn what_is_said_about_each_sample() {
    let object = run(&["--json", "--deviations"]).object();
    let said: Vec<(String, Vec<String>)> = object["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| {
            let codes = file["deviations"].as_array().unwrap().iter();
            let error = file["error"].as_object();
            let codes = codes.map(|found| &found["code"]);
            let codes = codes.chain(error.map(|error| &error["code"]));
            let name = file["file"].as_str().unwrap();
            let name = name.strip_prefix(&format!("{SAMPLES}/")).unwrap();
            let codes = codes.map(|code| code.as_str().unwrap().into());
            (name.into(), codes.collect())
        })
        .collect();
    let expected: Vec<(String, Vec<String>)> = DEVIATIONS
        .iter()
        .map(|(name, codes)| {
            (
                (*name).into(),
                codes.iter().map(|&code| code.into()).collect(),
            )
        })
        .collect();
    assert_eq!(said, expected);

    let text = run(&["--deviations", "examples/data/tlsrpt/plover-19.json"]);
    assert_eq!(text.code, Some(0));
    let start = "examples/data/tlsrpt/plover-19.json\n  tlsrpt-report-time-midnight: the range ends with the first second of the next day, read as the last one of the day at $.date-range.end-datetime\n\n1 report, 2026-11-19\n3 sessions: 0 succeeded, 3 failed\n";
    assert!(text.stdout.starts_with(start), "{}", text.stdout);
}

#[test]
fn standard_input_and_several_files() {
    let sample = fs::read(format!("{ROOT}/{SAMPLES}/merganser-18.json.gz")).unwrap();
    let from_stdin = run_input(&["-"], &sample);
    assert_eq!(from_stdin.code, Some(0));
    assert!(from_stdin.stdout.starts_with("1 report, 2026-11-18\n"));
    let file = "examples/data/tlsrpt/merganser-18.json.gz";
    let both = run_input(&["-", "--", file], &sample);
    assert!(
        both.stdout
            .starts_with("1 report, 2026-11-18; 1 duplicate not")
    );
    let refused = run_input(&["-"], b"{}");
    assert_eq!(refused.code, Some(1));
    assert_eq!(
        refused.stderr,
        "error: <stdin> is no report: the report has no `policies` at $.policies\n"
    );
    assert_eq!(
        refused.stdout,
        "0 reports; 1 file that held none\n0 sessions: 0 succeeded, 0 failed\n"
    );
}

/// One domain alone has nothing to be told apart from.
#[test]
fn domains_are_charted_where_there_are_several() {
    let text = fs::read_to_string(format!("{ROOT}/{SAMPLES}/goldcrest-16.json")).unwrap();
    let folder = directory("tlsrpt", "domains");
    fs::write(folder.join("1.json"), &text).unwrap();
    fs::write(
        folder.join("2.json"),
        text.replace("kestrel-mail.net", "osprey-mail.net"),
    )
    .unwrap();
    let several = run(&[&folder]);
    assert_eq!(several.code, Some(0), "{}", several.stderr);
    let (_, chart) = several
        .stdout
        .split_once("\nSessions by policy domain\n")
        .unwrap();
    let rows = chart
        .lines()
        .map_while(|line| line.split_whitespace().next());
    assert_eq!(
        rows.collect::<Vec<_>>(),
        ["kestrel-mail.net", "osprey-mail.net"]
    );
    let one = run(&[&folder.join("1.json")]);
    assert!(!one.stdout.contains("policy domain"), "{}", one.stdout);
}

#[test]
fn a_mail_is_no_report() {
    let mail =
        b"Return-Path: <tls@goldcrest.example>\r\nSubject: Report Domain: kestrel-mail.net\r\n";
    let run = run_input(&["-"], mail);
    assert_eq!(run.code, Some(1));
    assert_eq!(
        run.stderr,
        "error: <stdin> is no report: the text is not JSON at byte 0 (it looks like a mail: a report would be attached to it)\n"
    );
}

#[test]
fn wrong_use() {
    for (args, complaint) in [
        (
            &["--jsn"][..],
            "error: there is no option `--jsn`; `--help` lists the options\n",
        ),
        (&["no-such-file"], "error: cannot read no-such-file: "),
    ] {
        let run = run(args);
        assert_eq!(run.code, Some(2));
        assert!(run.stderr.starts_with(complaint), "{}", run.stderr);
    }
    let help = run(&["--help"]);
    assert_eq!((help.code, help.stderr.as_str()), (Some(0), ""));
    assert!(help.stdout.starts_with("Sums up TLS reports"));
}

#[test]
fn directories_are_read_to_their_ends() {
    let folder = directory("tlsrpt", "inner");
    fs::create_dir_all(folder.join("a/b")).unwrap();
    for (sample, copy) in [
        ("goldcrest-16.json", "a/1"),
        ("goldcrest-17.json", "a/b/2.gz"),
        ("merganser-18.json.gz", "3.json"),
    ] {
        let sample = format!("{ROOT}/{SAMPLES}/{sample}");
        fs::copy(sample, folder.join(copy)).unwrap();
    }
    let run = run(&[folder.to_str().unwrap()]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(
        run.stdout
            .starts_with("3 reports, 2026-11-16 to 2026-11-18\n"),
        "{}",
        run.stdout
    );
}
