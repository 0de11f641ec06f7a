//! What options do.

use super::{assert_text, assert_usage_error, inspect, inspect_input, sample};
use crate::run::run_with;
use serde_json::{Value, json};

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
    assert_text(&run.stdout, expected);
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
    assert_eq!(run.object()["mx"], expected);
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
        run.stdout
            .starts_with("warning[mx-trailing-dot]: the name ends with a dot\n")
    );
    let expected = "
doubtful: examples/data/trailing-dots.txt: some senders see a policy here, some do not; \
mode enforce, 3 mx patterns, max_age 1209600; 2 warnings; `--fix` can correct it
allowed: in1.larkspur-hosting.net: `mx: in1.larkspur-hosting.net` matches it
";
    assert!(run.stdout.ends_with(expected), "{}", run.stdout);
}

#[test]
fn records_are_inspected_too() {
    let run = inspect(&["--record", "v=STSv1; id=20260214T1030"]);
    assert_eq!(run.code, Some(0));
    assert_text(&run.stdout, "valid: <record>: id 20260214T1030\n");

    let run = inspect(&["--record", "v=STSv1; id=2026-02-14"]);
    assert_eq!(run.code, Some(1));
    let expected = "\
error[record-id-character]: `id` holds a character that is neither a letter nor a digit
 --> <record>:1:13
  |
1 | v=STSv1; id=2026-02-14
  |             ^^^^^^^^^^
";
    assert!(run.stdout.starts_with(expected), "{}", run.stdout);

    let run = inspect(&["--json", "--record", "v=STSv1; id=7; note=x"]);
    let object = run.object();
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
        &run.stdout,
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
    assert!(run.stdout.starts_with(expected), "{}", run.stdout);
    let record = "v=TLSRPTv1; rua=reports@kestrel-mail.net ";
    let run = inspect(&["--fix", "--tls-rpt", record]);
    let fixed = "v=TLSRPTv1; rua=mailto:reports@kestrel-mail.net";
    assert_eq!((run.code, run.stdout.as_str()), (Some(1), fixed));

    let record = "v=TLSRPTv1; rua=https://a.net/, mailto:b@c.net; note=x";
    let run = inspect(&["--json", "--tls-rpt", record]);
    let object = run.object();
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
        assert!(run.stdout.contains(option), "{option}");
    }
    assert_eq!(inspect(&["--fix", "-h"]).stdout, run.stdout);
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
        let run = run_with("inspect", &[&path], variables);
        run.stdout.contains('\x1b')
    };
    assert!(!has_colours(&[]));
    assert!(has_colours(&[("CLICOLOR_FORCE", "1")]));
    assert!(!has_colours(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
}
