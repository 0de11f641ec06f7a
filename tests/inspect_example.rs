//! The example program `inspect` as a whole: what it prints, and how it ends.

use mta_sts::Policy;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const SAMPLES: &str = "examples/data";

/// Who accepts each sample, and what is found in it.
const FINDINGS: &[(&str, &str, &[&str])] = &[
    (
        "byte-order-mark.txt",
        "lenient",
        &["policy-bom", "policy-blank-line"],
    ),
    ("clean.txt", "strict", &[]),
    (
        "comments.txt",
        "nobody",
        &[
            "policy-comment-line",
            "policy-mode-testing",
            "policy-comment-after-value",
            "policy-comment-after-value",
            "policy-comment-after-value",
        ],
    ),
    ("cr-line-ends.txt", "nobody", &["policy-bare-cr"]),
    (
        "duplicates.txt",
        "strict",
        &[
            "policy-duplicate-field",
            "mx-covered",
            "mx-upper-case",
            "mx-duplicate",
            "policy-duplicate-field",
        ],
    ),
    ("empty.txt", "nobody", &["policy-empty"]),
    ("equals-signs.txt", "nobody", &["policy-equals-sign"; 4]),
    ("front-matter.txt", "lenient", &["policy-front-matter"]),
    ("indented.txt", "lenient", &["policy-indented-line"; 4]),
    ("max-age-grouped.txt", "nobody", &["policy-max-age-grouped"]),
    ("max-age-over.txt", "strict", &["policy-max-age-clamped"]),
    (
        "missing-fields.txt",
        "nobody",
        &["policy-mode-missing", "policy-max-age-missing"],
    ),
    (
        "misspelt.txt",
        "nobody",
        &[
            "policy-misspelled-field",
            "policy-misspelled-field",
            "policy-max-age-missing",
        ],
    ),
    ("priority.txt", "nobody", &["mx-priority"; 2]),
    ("several-on-a-line.txt", "nobody", &["mx-several"]),
    ("testing.txt", "strict", &["policy-mode-testing"]),
    ("trailing-dots.txt", "lenient", &["mx-trailing-dot"; 2]),
    ("txt-record.txt", "nobody", &["policy-txt-record"]),
    ("u-label.txt", "nobody", &["mx-u-label"]),
    ("underscore.txt", "lenient", &["mx-underscore"]),
    ("unknown-mode.txt", "nobody", &["policy-mode"]),
    ("utf-16.txt", "nobody", &["policy-utf16"]),
    ("web-page.txt", "nobody", &["policy-html"]),
];

/// The samples that only their owners can correct.
const NOT_FIXABLE: &[&str] = &[
    "empty.txt",
    "missing-fields.txt",
    "misspelt.txt",
    "txt-record.txt",
    "underscore.txt",
    "unknown-mode.txt",
    "web-page.txt",
];

// Running it.

/// The program, which `cargo test` builds beside the tests.
fn program() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let profile = test.ancestors().nth(2).unwrap();
    let program = profile
        .join("examples/inspect")
        .with_extension(std::env::consts::EXE_EXTENSION);
    assert!(
        program.exists(),
        "`cargo test --test` builds no examples: first `cargo build --example inspect`"
    );
    program
}

fn command<A: AsRef<OsStr>>(args: &[A]) -> Command {
    let mut command = Command::new(program());
    command.args(args).current_dir(ROOT);
    for variable in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"] {
        command.env_remove(variable);
    }
    command
}

fn inspect<A: AsRef<OsStr>>(args: &[A]) -> Run {
    Run::new(&command(args).stdin(Stdio::null()).output().unwrap())
}

/// With something on standard input.
fn inspect_input(args: &[&str], input: &[u8]) -> Run {
    let mut child = start(args);
    child.stdin.take().unwrap().write_all(input).unwrap();
    Run::new(&child.wait_with_output().unwrap())
}

fn start(args: &[&str]) -> Child {
    command(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

#[derive(Debug)]
struct Run {
    code: Option<i32>,
    stdout: Vec<u8>,
    stderr: String,
}

impl Run {
    fn new(output: &Output) -> Self {
        let run = Self {
            code: output.status.code(),
            stdout: output.stdout.clone(),
            stderr: String::from_utf8(output.stderr.clone()).unwrap(),
        };
        assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
        run
    }

    fn text(&self) -> &str {
        std::str::from_utf8(&self.stdout).unwrap()
    }

    /// The last line of what was printed.
    fn last(&self) -> &str {
        self.text().lines().next_back().unwrap()
    }

    fn json(&self) -> Vec<Value> {
        let lines = self.text().lines();
        lines
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }
}

fn sample(name: &str) -> String {
    format!("{SAMPLES}/{name}")
}

/// A new directory for the files of one test.
fn directory(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("inspect")
        .join(name);
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).unwrap();
    path
}

// Comparing.

/// That the output is this. White space at the ends of lines does not count: an editor may remove it.
#[track_caller]
fn assert_text(actual: &str, expected: &str) {
    let trim = |text: &str| {
        text.lines()
            .map(str::trim_end)
            .collect::<Vec<_>>()
            .join("\n")
    };
    assert!(
        trim(actual) == trim(expected),
        "expected:\n{expected}\nbut it was:\n{actual}"
    );
}

#[track_caller]
fn assert_usage_error<A: AsRef<OsStr>>(args: &[A], complaint: &str) {
    let run = inspect(args);
    assert_eq!((run.code, run.text()), (Some(2), ""));
    assert_text(&run.stderr, &format!("error: {complaint}\n"));
}

// The samples.

#[test]
fn without_arguments_it_inspects_the_samples() {
    let run = inspect::<&str>(&[]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(1), ""));
    assert_eq!(
        run.last(),
        "23 inputs: 4 valid, 5 doubtful (lenient senders only), 14 invalid; 32 errors, 5 warnings, 5 notes"
    );
    assert_eq!(run.text(), inspect(&[SAMPLES]).text());
}

#[test]
fn every_sample_shows_what_its_name_says() {
    let files = fs::read_dir(Path::new(ROOT).join(SAMPLES)).unwrap();
    // The folders beside them are samples of other programs.
    let files: BTreeSet<_> = files
        .map(Result::unwrap)
        .filter(|file| file.file_type().unwrap().is_file())
        .map(|file| file.file_name().into_string().unwrap())
        .collect();
    assert!(
        files.iter().eq(FINDINGS.iter().map(|(name, ..)| name)),
        "{files:?}"
    );

    let run = inspect(&["--json"]);
    assert_eq!(run.code, Some(1));
    for (object, (name, accepted_by, codes)) in run.json().iter().zip(FINDINGS) {
        assert_eq!(object["file"], *sample(name));
        assert_eq!(object["kind"], "policy", "{name}");
        assert_eq!(object["accepted_by"], *accepted_by, "{name}");
        let found = object["diagnostics"].as_array().unwrap();
        let found: Vec<_> = found.iter().map(|found| &found["code"]).collect();
        assert_eq!(found, *codes, "{name}");
    }
}

#[test]
fn a_clean_policy_takes_one_line() {
    let run = inspect(&[sample("clean.txt")]);
    assert_eq!(run.code, Some(0));
    assert_text(
        run.text(),
        "valid: examples/data/clean.txt: mode enforce, 3 mx patterns, max_age 2592000\n",
    );
}

#[test]
fn a_finding_has_place_reason_section_and_correction() {
    let run = inspect(&[sample("trailing-dots.txt")]);
    assert_eq!(run.code, Some(1));
    let expected = "\
error[mx-trailing-dot]: the name ends with a dot
 --> examples/data/trailing-dots.txt:3:5
  |
3 | mx: in1.larkspur-hosting.net.
  |     ^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = note: RFC 5321 §4.1.2, https://www.rfc-editor.org/rfc/rfc5321#section-4.1.2
help: remove the final dot
  |
3 - mx: in1.larkspur-hosting.net.
3 + mx: in1.larkspur-hosting.net
  |

error[mx-trailing-dot]: the name ends with a dot
 --> examples/data/trailing-dots.txt:4:5
  |
4 | mx: in2.larkspur-hosting.net.
  |     ^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = note: RFC 5321 §4.1.2, https://www.rfc-editor.org/rfc/rfc5321#section-4.1.2
help: remove the final dot
  |
4 - mx: in2.larkspur-hosting.net.
4 + mx: in2.larkspur-hosting.net
  |

doubtful: examples/data/trailing-dots.txt: some senders see a policy here, some do not; 2 errors; `--fix` can correct it
";
    assert_text(run.text(), expected);
}

#[test]
fn what_is_missing_is_missing_behind_the_last_line() {
    let run = inspect(&[sample("missing-fields.txt")]);
    let expected = "\
error[policy-mode-missing]: the policy has no `mode`
 --> examples/data/missing-fields.txt:3:1
  |
2 | mx: mail.greystone-archive.org
3 |
  | ^
  |
  = help: add `mode: testing`, later `mode: enforce`
  = note: RFC 8461 §3.2, https://www.rfc-editor.org/rfc/rfc8461#section-3.2

error[policy-max-age-missing]: the policy has no `max_age`
 --> examples/data/missing-fields.txt:3:1
  |
2 | mx: mail.greystone-archive.org
3 |
  | ^
  |
  = help: add `max_age:` with a number of seconds, such as 1209600 for two weeks
  = note: RFC 8461 §3.2, https://www.rfc-editor.org/rfc/rfc8461#section-3.2

invalid: examples/data/missing-fields.txt: senders see no policy here; 2 errors
";
    assert_text(run.text(), expected);

    let run = inspect_input(&["-"], b"version: STSv1\nmode: none");
    let expected = " --> <stdin>:2:11\n  |\n2 | mode: none\n  |           ^\n  |\n";
    assert!(run.text().contains(expected), "{}", run.text());
}

#[test]
fn a_correction_that_is_not_certain_is_a_question() {
    let run = inspect(&[sample("unknown-mode.txt")]);
    let expected = "\
error[policy-mode]: `mode` is not `enforce`, `testing` or `none`
 --> examples/data/unknown-mode.txt:2:7
  |
2 | mode: enforced
  |       ^^^^^^^^
  |
  = help: did you mean `enforce`?
  = note: RFC 8461 §3.2, https://www.rfc-editor.org/rfc/rfc8461#section-3.2

invalid: examples/data/unknown-mode.txt: senders see no policy here; 1 error
";
    assert_text(run.text(), expected);
}

#[test]
fn a_finding_over_many_lines_shows_the_first() {
    let run = inspect(&[sample("web-page.txt")]);
    let expected = "\
error[policy-html]: the file is HTML or XML, not a policy
 --> examples/data/web-page.txt:1:1
  |
1 | <!DOCTYPE html>
  | ^^^^^^^^^^^^^^^ and 11 more lines
  |
  = help: the policy must be plain text, served at the path itself and not by way of a web page
  = note: RFC 8461 §3.2, https://www.rfc-editor.org/rfc/rfc8461#section-3.2

invalid: examples/data/web-page.txt: senders see no policy here; 1 error
";
    assert_text(run.text(), expected);
}

#[test]
fn a_correction_may_add_lines() {
    let run = inspect(&[sample("several-on-a-line.txt")]);
    let expected = "
3 ~ mx: mx1.riverbend-parish.org
4 + mx: mx2.riverbend-parish.org
5 + mx: mx3.riverbend-parish.org
";
    assert!(run.text().contains(expected), "{}", run.text());
}

#[test]
fn what_is_not_utf_8_is_shown_all_the_same() {
    let front = "version: STSv1\nmode: enforce\nnote: ü😀".as_bytes();
    let behind = b"\xff x\nmx: a.quarry-lane.org\nmax_age: 1209600\n";
    let source = [front, behind].concat();
    let run = inspect_input(&["-"], &source);
    let expected = "\
error[policy-invalid-utf8]: bytes that are not UTF-8
 --> <stdin>:3:9
  |
3 | note: ü😀\u{fffd} x
  |          ^
  |
";
    assert!(run.text().starts_with(expected), "{}", run.text());

    let object = &inspect_input(&["-", "--json"], &source).json()[0];
    let found = &object["diagnostics"][0];
    assert_eq!(found["span"], json!({ "start": 41, "end": 42 }));
    assert_eq!(found["utf16"], json!({ "start": 38, "end": 39 }));
}

#[test]
fn control_characters_are_made_visible() {
    let run = inspect_input(&["-", "--mx", "\u{1b}[31mred"], b"version: STSv1\x1b[31m\n");
    assert!(!run.stdout.contains(&0x1b), "{}", run.text());
    assert!(
        run.text().contains("1 | version: STSv1␛[31m\n"),
        "{}",
        run.text()
    );
    let verdict = "not decided: ␛[31mred: there is no policy to ask";
    assert_eq!(run.last(), verdict);
}

// Corrections.

#[test]
fn fix_writes_a_text_that_strict_parsing_accepts() {
    for (name, accepted_by, codes) in FINDINGS {
        let run = inspect(&["--fix", &sample(name)]);
        let source = fs::read(Path::new(ROOT).join(sample(name))).unwrap();
        let is_fixable = !NOT_FIXABLE.contains(name)
            && (cfg!(feature = "idna") || !codes.contains(&"mx-u-label"));
        if *accepted_by == "strict" {
            assert_eq!((run.code, run.stdout), (Some(0), source), "{name}");
        } else if is_fixable {
            assert_eq!(run.code, Some(1), "{name}");
            assert!(Policy::parse(&run.stdout).is_ok(), "{name}: {run:?}");
        } else {
            assert_eq!((run.code, run.text()), (Some(1), ""), "{name}");
            let complaint = format!("error: {} cannot be corrected", sample(name));
            assert!(run.stderr.contains(&complaint), "{}", run.stderr);
        }
        let told = codes.first().unwrap_or(&"valid");
        assert!(run.stderr.contains(told), "{}", run.stderr);
    }
}

#[test]
fn fix_is_exact_to_the_byte() {
    let run = inspect_input(
        &["--fix", "-"],
        b"\xef\xbb\xbfversion: STSv1\r\nmode : none \r\n\r\nnote: \xc3\xbc\nmax_age: 1,209,600",
    );
    let expected = "version: STSv1\r\nmode: none \r\nnote: ü\nmax_age: 1209600";
    assert_eq!((run.code, run.text()), (Some(1), expected));

    let run = inspect(&["--fix", "--record", "V=stsv1; id=1 "]);
    assert_eq!((run.code, run.text()), (Some(1), "v=STSv1; id=1"));
}

#[test]
fn fix_leaves_the_findings_to_standard_error() {
    let path = sample("trailing-dots.txt");
    let plain = inspect(&[&path]);
    let fixing = inspect(&["--fix", &path]);
    assert_eq!(fixing.stderr, plain.text());
    let fixing = inspect(&["--fix", "--json", &path]);
    assert_eq!(fixing.stderr, inspect(&["--json", &path]).text());
}

#[test]
fn fix_says_what_stands_in_the_way() {
    let run = inspect(&["--fix", &sample("underscore.txt")]);
    assert_eq!(
        run.stderr.lines().next_back(),
        Some(
            "error: examples/data/underscore.txt cannot be corrected: what to write for mx-underscore is not certain"
        )
    );
}

// Hosts.

#[test]
fn hosts_are_held_against_the_policy() {
    let hosts = [
        "--mx",
        "MX1.kestrel-mail.net.",
        "--mx",
        "a.backup.kestrel-mail.net",
    ];
    let run = inspect(
        &[
            &hosts[..],
            &["--mx", "mx3.kestrel-mail.net", "examples/data/clean.txt"],
        ]
        .concat(),
    );
    assert_eq!(run.code, Some(0));
    let expected = "\
valid: examples/data/clean.txt: mode enforce, 3 mx patterns, max_age 2592000
allowed: MX1.kestrel-mail.net.: `mx: mx1.kestrel-mail.net` matches it
allowed: a.backup.kestrel-mail.net: `mx: *.backup.kestrel-mail.net` matches it
not allowed: mx3.kestrel-mail.net: no `mx` matches it; senders do not deliver there
";
    assert_text(run.text(), expected);
}

#[test]
fn the_mode_decides_what_follows_for_a_host() {
    let run = inspect(&["--mx", "mx.far-away.net", "examples/data/testing.txt"]);
    assert_eq!(
        run.last(),
        "not allowed: mx.far-away.net: no `mx` matches it; in mode `testing` senders deliver there all the same, and report it"
    );
    let none = b"version: STSv1\nmode: none\nmax_age: 86400\n";
    let run = inspect_input(&["--mx", "mx.far-away.net", "-"], none);
    assert_eq!(
        run.last(),
        "not allowed: mx.far-away.net: no `mx` matches it; in mode `none` senders deliver there all the same"
    );
}

#[test]
fn without_a_policy_no_host_is_judged() {
    let run = inspect(&[
        "--mx",
        "mx1.tidewater-clinic.org",
        "examples/data/empty.txt",
    ]);
    assert_eq!(
        run.last(),
        "not decided: mx1.tidewater-clinic.org: there is no policy to ask"
    );
    let run = inspect(&["--json", "--mx", "mx.net", "examples/data/empty.txt"]);
    let expected = json!([{ "host": "mx.net", "allowed": null, "pattern": null }]);
    assert_eq!(run.json()[0]["mx"], expected);
}

// Options.

#[test]
fn lenient_turns_what_it_tolerates_into_warnings() {
    let run = inspect(&[
        "--lenient",
        "--mx",
        "in1.larkspur-hosting.net",
        "examples/data/trailing-dots.txt",
    ]);
    assert_eq!(run.code, Some(0));
    assert!(
        run.text()
            .starts_with("warning[mx-trailing-dot]: the name ends with a dot\n")
    );
    let expected = "
doubtful: examples/data/trailing-dots.txt: some senders see a policy here, some do not; \
mode enforce, 3 mx patterns, max_age 1209600; 2 warnings; `--fix` can correct it
allowed: in1.larkspur-hosting.net: `mx: in1.larkspur-hosting.net` matches it
";
    assert!(run.text().ends_with(expected), "{}", run.text());
}

#[test]
fn records_are_inspected_too() {
    let run = inspect(&["--record", "v=STSv1; id=20260214T1030"]);
    assert_eq!(run.code, Some(0));
    assert_text(run.text(), "valid: <record>: id 20260214T1030\n");

    let run = inspect(&["--record", "v=STSv1; id=2026-02-14"]);
    assert_eq!(run.code, Some(1));
    let expected = "\
error[record-id-character]: `id` holds a character that is neither a letter nor a digit
 --> <record>:1:13
  |
1 | v=STSv1; id=2026-02-14
  |             ^^^^^^^^^^
";
    assert!(run.text().starts_with(expected), "{}", run.text());

    let run = inspect(&["--json", "--record", "v=STSv1; id=7; note=x"]);
    let object = &run.json()[0];
    assert_eq!(
        (&object["kind"], &object["policy"]),
        (&json!("record"), &Value::Null)
    );
    let extensions = json!([{ "name": "note", "value": "x" }]);
    let record = json!({ "version": "STSv1", "id": "7", "extensions": extensions });
    assert_eq!(object["record"], record);
}

#[test]
fn tls_rpt_records_are_inspected_too() {
    let run = inspect(&["--tls-rpt", "v=TLSRPTv1; rua=mailto:reports@example.com"]);
    assert_eq!(run.code, Some(0));
    assert_text(
        run.text(),
        "valid: <tls-rpt>: rua mailto:reports@example.com\n",
    );

    let run = inspect(&["--tls-rpt", "v=TLSRPTv1; rua=reports@kestrel-mail.net"]);
    assert_eq!(run.code, Some(1));
    let expected = "\
error[tlsrpt-uri-scheme]: an address does not begin with a scheme
 --> <tls-rpt>:1:17
  |
1 | v=TLSRPTv1; rua=reports@kestrel-mail.net
  |                 ^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = note: RFC 3986 §3.1, https://www.rfc-editor.org/rfc/rfc3986#section-3.1
";
    assert!(run.text().starts_with(expected), "{}", run.text());
    let record = "v=TLSRPTv1; rua=reports@kestrel-mail.net ";
    let run = inspect(&["--fix", "--tls-rpt", record]);
    let fixed = "v=TLSRPTv1; rua=mailto:reports@kestrel-mail.net";
    assert_eq!((run.code, run.text()), (Some(1), fixed));

    let record = "v=TLSRPTv1; rua=https://a.net/, mailto:b@c.net; note=x";
    let run = inspect(&["--json", "--tls-rpt", record]);
    let object = &run.json()[0];
    assert_eq!(object["kind"], "tls-rpt");
    let extensions = json!([{ "name": "note", "value": "x" }]);
    let rua = json!(["https://a.net/", "mailto:b@c.net"]);
    let record = json!({ "version": "TLSRPTv1", "rua": rua, "extensions": extensions });
    assert_eq!(object["record"], record);
}

#[test]
fn json_tells_all() {
    let run = inspect(&[
        "--json",
        "--mx",
        "in3.larkspur-hosting.net",
        "--lenient",
        "examples/data/trailing-dots.txt",
    ]);
    assert_eq!(run.code, Some(0));
    let diagnostic = |line: usize, start: usize| {
        json!({
            "code": "mx-trailing-dot",
            "severity": "warning",
            "message": "the name ends with a dot",
            "help": "remove the final dot",
            "section": "RFC 5321 §4.1.2",
            "url": "https://www.rfc-editor.org/rfc/rfc5321#section-4.1.2",
            "span": { "start": start, "end": start + 25 },
            "line": line,
            "column": 5,
            "utf16": { "start": start, "end": start + 25 },
            "count": 1,
            "fix": [{ "start": start + 24, "end": start + 25, "replacement": "" }],
        })
    };
    let expected = json!({
        "file": "examples/data/trailing-dots.txt",
        "kind": "policy",
        "accepted_by": "lenient",
        "policy": {
            "version": "STSv1",
            "mode": "enforce",
            "max_age": 1_209_600,
            "mx": ["in1.larkspur-hosting.net", "in2.larkspur-hosting.net", "in3.larkspur-hosting.net"],
            "extensions": [],
        },
        "record": null,
        "totals": { "errors": 0, "warnings": 2, "notes": 0 },
        "diagnostics": [diagnostic(3, 33), diagnostic(4, 63)],
        "mx": [{
            "host": "in3.larkspur-hosting.net",
            "allowed": true,
            "pattern": "in3.larkspur-hosting.net",
        }],
    });
    assert_eq!(run.json(), [expected]);
}

#[test]
fn help_lists_every_option() {
    let run = inspect(&["--help"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    for option in [
        "--record",
        "--tls-rpt",
        "--mx",
        "--fix",
        "--lenient",
        "--json",
        "--help",
    ] {
        assert!(run.text().contains(option), "{option}");
    }
    assert_eq!(inspect(&["--fix", "-h"]).text(), run.text());
}

#[test]
fn wrong_use_is_told() {
    let see = "`--help` lists the options";
    assert_usage_error(
        &["--strict"],
        &format!("there is no option `--strict`; {see}"),
    );
    assert_usage_error(&["-x"], &format!("there is no option `-x`; {see}"));
    assert_usage_error(
        &["--mx"],
        &format!("`--mx` wants the name of a host; {see}"),
    );
    assert_usage_error(
        &["--record"],
        &format!("`--record` wants the text of a record; {see}"),
    );
    assert_usage_error(
        &["--tls-rpt"],
        &format!("`--tls-rpt` wants the text of a record; {see}"),
    );
    assert_usage_error(
        &["--mx", "mx.net", "--record", "v=STSv1; id=1"],
        &format!("`--mx` asks a policy, and there are only records; {see}"),
    );
    assert_usage_error(&["--fix"], "`--fix` wants exactly one input, not 23");
    assert_usage_error(
        &["--fix", "a", "b"],
        "`--fix` wants exactly one input, not 2",
    );
}

#[test]
fn colours_are_for_those_who_want_them() {
    let path = sample("unknown-mode.txt");
    let has_colours = |variables: &[(&str, &str)]| {
        let mut command = command(&[&path]);
        let output = command.envs(variables.iter().copied()).output().unwrap();
        output.stdout.contains(&0x1b)
    };
    assert!(!has_colours(&[]));
    assert!(has_colours(&[("CLICOLOR_FORCE", "1")]));
    assert!(!has_colours(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
}

// Files, directories and pipes.

#[test]
fn a_missing_file_does_not_stop_the_others() {
    let run = inspect(&["no-such-file.txt", "examples/data/clean.txt"]);
    assert_eq!(run.code, Some(2));
    assert!(
        run.stderr
            .starts_with("error: cannot read no-such-file.txt: "),
        "{}",
        run.stderr
    );
    assert_eq!(run.stderr.lines().count(), 1);
    assert!(
        run.text().starts_with("valid: examples/data/clean.txt: "),
        "{}",
        run.text()
    );
    assert_eq!(inspect(&["--json", "no-such-file.txt"]).code, Some(2));
}

#[test]
fn a_directory_stands_for_its_files_in_order() {
    let root = directory("ordered");
    fs::create_dir(root.join("inner")).unwrap();
    for name in ["b.txt", "inner/c.txt", "a.txt"] {
        fs::write(root.join(name), "version: STSv1\nmode: none\nmax_age: 0\n").unwrap();
    }
    let run = inspect(&[OsStr::new("--json"), root.as_os_str()]);
    assert_eq!(run.code, Some(0));
    let files: Vec<_> = run
        .json()
        .iter()
        .map(|object| object["file"].clone())
        .collect();
    assert_eq!(
        files,
        ["a.txt", "b.txt"].map(|name| root.join(name).to_str().unwrap().to_owned())
    );
}

#[test]
fn a_directory_without_files_is_told() {
    let root = directory("without-files");
    let complaint = format!("cannot read {}: there are no files in it", root.display());
    assert_usage_error(&[&root], &complaint);
}

#[test]
fn an_empty_input_is_an_empty_policy() {
    let run = inspect_input(&["-"], b"");
    assert_eq!(run.code, Some(1));
    assert!(
        run.text()
            .starts_with("error[policy-empty]: the policy is empty\n"),
        "{}",
        run.text()
    );
    assert_eq!(
        run.last(),
        "invalid: <stdin>: senders see no policy here; 1 error"
    );
}

#[test]
fn a_file_may_be_named_like_an_option() {
    let run = inspect(&["--", "--json"]);
    assert!(
        run.stderr.starts_with("error: cannot read --json: "),
        "{}",
        run.stderr
    );
}

#[test]
fn a_closed_pipe_is_no_failure() {
    let mut child = start(&["-"]);
    // The program waits for its input, so its output is closed before it writes any.
    drop(child.stdout.take());
    child
        .stdin
        .take()
        .unwrap()
        .write_all(b"mode: on\n")
        .unwrap();
    let run = Run::new(&child.wait_with_output().unwrap());
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
}

// Hostile input.

/// The same noise on every machine.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap()
    }

    fn bytes(&mut self, len: usize) -> Vec<u8> {
        let byte = |_| self.next().to_le_bytes()[0];
        (0..len).map(byte).collect()
    }
}

#[test]
fn ten_megabytes_of_noise_are_told_in_few_words() {
    let noise = Noise(0x5eed).bytes(10_000_000);
    let run = inspect_input(&["-"], &noise);
    assert_eq!(run.code, Some(1));
    assert!(run.text().len() < 30_000, "{} bytes", run.text().len());
    assert!(
        run.text()
            .contains(" findings more in <stdin>; `--json` lists more of them\n")
    );
    let object = &inspect_input(&["-", "--json"], &noise).json()[0];
    assert_eq!(object["diagnostics"].as_array().unwrap().len(), 1001);
}

#[test]
fn a_line_of_megabytes_is_shown_in_part_and_placed_in_the_whole() {
    let mut source = b"mx: ".to_vec();
    source.resize(3_000_000, b'a');
    let run = inspect_input(&["-"], &source);
    assert_eq!(run.code, Some(1));
    assert!(run.text().len() < 5_000, "{} bytes", run.text().len());
    let mark = format!("{} and 2999876 more bytes\n", "^".repeat(120));
    assert!(run.text().contains(&mark), "{}", run.text());
    assert!(
        run.text().contains(" --> <stdin>:1:3000001\n"),
        "{}",
        run.text()
    );
}

/// Broken samples: never a panic, and the text and the JSON agree on every place.
#[test]
fn broken_samples_are_placed_alike_in_text_and_json() {
    const PIECES: [&[u8]; 20] = [
        b"\r",
        b"\n",
        b"\r\n",
        b"\t",
        b" ",
        b"\0",
        b"\xff",
        b"\xef\xbb\xbf",
        b"\xe2\x80",
        b"# x",
        b":",
        b"=",
        b".",
        b"*.",
        b"mx: ",
        b"<",
        b"\xc3\xbc",
        b"\xf0\x9f\x98\x80",
        b"\x1b[1m",
        b"\x80\x80\x80",
    ];
    let root = directory("broken");
    let mut noise = Noise(0xb0a7);
    for round in 0..12 {
        for (name, ..) in FINDINGS {
            let mut text = fs::read(Path::new(ROOT).join(sample(name))).unwrap();
            for _ in 0..=noise.next() % 6 {
                let at = noise.next() % (text.len() + 1);
                let end = text.len().min(at + noise.next() % 8);
                let piece = PIECES[noise.next() % PIECES.len()];
                text.splice(at..end, piece.iter().copied());
            }
            fs::write(root.join(format!("{round:02}-{name}")), text).unwrap();
        }
    }

    let root = root.to_str().unwrap();
    for option in ["--", "--lenient"] {
        let run = inspect(&[option, root]);
        assert_eq!((run.code, run.stderr.as_str()), (Some(1), ""));
        let text: Vec<&str> = run.text().lines().collect();
        let shown = text.windows(2).filter_map(|lines| {
            let (_, code) = lines[0].split_once('[')?;
            let place = lines[1].trim_start().strip_prefix("--> ")?;
            Some(format!("{} {place}", code.split(']').next()?))
        });
        let shown: Vec<_> = shown.collect();

        let option = if option == "--" { "--json" } else { option };
        let objects = inspect(&["--json", option, root]).json();
        let meant = objects.iter().flat_map(|object| {
            let file = object["file"].as_str().unwrap();
            let found = object["diagnostics"].as_array().unwrap().iter();
            found.map(move |found| {
                let code = found["code"].as_str().unwrap();
                format!("{code} {file}:{}:{}", found["line"], found["column"])
            })
        });
        assert_eq!(shown, meant.collect::<Vec<_>>());
    }
}
