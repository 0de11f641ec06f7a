//! What is said about each sample, and how it is corrected.

use super::{SAMPLES, assert_text, inspect, inspect_input, sample};
use crate::run::ROOT;
use mta_sts::Policy;
use serde_json::json;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Who accepts each sample, and what is found in it.
pub(super) const FINDINGS: &[(&str, &str, &[&str])] = &[
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

#[test]
fn without_arguments_it_inspects_the_samples() {
    let run = inspect::<&str>(&[]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(1), ""));
    assert_eq!(
        run.last(),
        "23 inputs: 4 valid, 5 doubtful (lenient senders only), 14 invalid; 32 errors, 5 warnings, 5 notes"
    );
    assert_eq!(run.stdout, inspect(&[SAMPLES]).stdout);
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
        &run.stdout,
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
    assert_text(&run.stdout, expected);
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
    assert_text(&run.stdout, expected);

    let run = inspect_input(&["-"], b"version: STSv1\nmode: none");
    let expected = " --> <stdin>:2:11\n  |\n2 | mode: none\n  |           ^\n  |\n";
    assert!(run.stdout.contains(expected), "{}", run.stdout);
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
    assert_text(&run.stdout, expected);
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
    assert_text(&run.stdout, expected);
}

#[test]
fn a_correction_may_add_lines() {
    let run = inspect(&[sample("several-on-a-line.txt")]);
    let expected = "
3 ~ mx: mx1.riverbend-parish.org
4 + mx: mx2.riverbend-parish.org
5 + mx: mx3.riverbend-parish.org
";
    assert!(run.stdout.contains(expected), "{}", run.stdout);
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
    assert!(run.stdout.starts_with(expected), "{}", run.stdout);

    let object = inspect_input(&["-", "--json"], &source).object();
    let found = &object["diagnostics"][0];
    assert_eq!(found["span"], json!({ "start": 41, "end": 42 }));
    assert_eq!(found["utf16"], json!({ "start": 38, "end": 39 }));
}

#[test]
fn control_characters_are_made_visible() {
    let run = inspect_input(&["-", "--mx", "\u{1b}[31mred"], b"version: STSv1\x1b[31m\n");
    assert!(!run.stdout.contains('\x1b'), "{}", run.stdout);
    assert!(
        run.stdout.contains("1 | version: STSv1␛[31m\n"),
        "{}",
        run.stdout
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
            assert_eq!(
                (run.code, run.stdout.as_bytes()),
                (Some(0), &*source),
                "{name}"
            );
        } else if is_fixable {
            assert_eq!(run.code, Some(1), "{name}");
            assert!(
                Policy::parse(run.stdout.as_bytes()).is_ok(),
                "{name}: {run:?}"
            );
        } else {
            assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""), "{name}");
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
    assert_eq!((run.code, run.stdout.as_str()), (Some(1), expected));

    let run = inspect(&["--fix", "--record", "V=stsv1; id=1 "]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(1), "v=STSv1; id=1"));
}

#[test]
fn fix_leaves_the_findings_to_standard_error() {
    let path = sample("trailing-dots.txt");
    let plain = inspect(&[&path]);
    let fixing = inspect(&["--fix", &path]);
    assert_eq!(fixing.stderr, plain.stdout);
    let fixing = inspect(&["--fix", "--json", &path]);
    assert_eq!(fixing.stderr, inspect(&["--json", &path]).stdout);
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
