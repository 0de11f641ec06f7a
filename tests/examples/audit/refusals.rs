//! What is wrong with the command line or the files.

use super::SAMPLES;
use crate::run::{directory, run};
use std::fs;

#[track_caller]
fn refused(program: &str, args: &[&str], complaint: &str) {
    let run = run(program, args);
    assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""));
    assert_eq!(run.stderr.trim_end(), format!("error: {complaint}"));
}

#[test]
fn wrong_use_of_audit() {
    refused(
        "audit",
        &["--jsn"],
        "there is no option `--jsn`; `--help` lists the options",
    );
    let complaint = "cannot read examples/audit: there is neither facts.txt, zone.txt, policy.response nor mta-sts.txt, \
                     nor a folder with one of them";
    refused("audit", &["examples/audit"], complaint);
}

#[test]
fn wrong_use_of_publish() {
    for (args, complaint) in [
        (&["--mx", "mx1.kestrel.net"][..], "`--domain` is missing"),
        (&["--domain"], "`--domain` wants a value"),
        (
            &["--domain", "kestrel.net"],
            "`--mx` is missing: the policy must name the MX hosts",
        ),
        (
            &["--domain=a_b.net", "--mx=a.net"],
            "`--domain a_b.net`: the name holds a character that cannot stand in a host name",
        ),
        (
            &["--domain=a.net", "--mx=mx.*.net"],
            "`--mx mx.*.net`: the name holds a character that cannot stand in a host name",
        ),
        (
            &["--domain=a.net", "--mx=b.net", "--mode=on"],
            "`--mode on`: neither enforce, testing nor none",
        ),
        (
            &["--domain=a.net", "--mx=b.net", "--max-age=31557601"],
            "`max_age` is over the maximum of 31557600 seconds",
        ),
        (
            &["--domain=a.net", "--mx=b.net", "--report=a@b.net"],
            "`--report a@b.net`: an address does not begin with a scheme",
        ),
        (
            &["--domain=a.net", "--mx=b.net", "--delegate=A.net."],
            "`--delegate` wants another domain: a CNAME cannot lead to itself",
        ),
        (
            &["--domain=a.net", "--mx=b.net", "--first", "--history=x"],
            "with `--first` there is no history",
        ),
        (&["--domian=a.net"], "there is no option `--domian`"),
    ] {
        refused(
            "publish",
            args,
            &format!("{complaint}; `--help` lists the options"),
        );
    }
}

/// What is wrong with a file, and what is said about it.
const BAD_FILES: &[(&str, &str, &str)] = &[
    (
        "facts.txt",
        "colour: red\n",
        "facts.txt: not a known fact: \"colour: red\"",
    ),
    (
        "facts.txt",
        "gathered: 2026-02-29\n",
        "facts.txt: write `gathered: 2026-11-21T09:30:00Z`",
    ),
    (
        "facts.txt",
        "domain: a_b\n",
        "`a_b` is no domain, the name holds a character that cannot stand in a host name; `domain:` in facts.txt tells which is meant",
    ),
    (
        "zone.txt",
        "a.net. 60 IN\n",
        "zone.txt: line 1: there is no record type",
    ),
    (
        "zone.txt",
        "\na.net. TXT v=STSv1\n",
        "zone.txt: line 2: the strings of a TXT record stand in quotes",
    ),
    (
        "zone.txt",
        "a.net. TXT \"v=STSv1\n",
        "zone.txt: line 1: there is no closing quote",
    ),
    (
        "zone.txt",
        "a.net. TXT \"\\25\"\n",
        "zone.txt: line 1: a backslash and a digit want two more digits",
    ),
    (
        "zone.txt",
        "a.net. TXT \"\\256\"\n",
        "zone.txt: line 1: no byte has a number over 255",
    ),
    (
        "zone.txt",
        "a.net. MX mx1.a.net.\n",
        "zone.txt: line 1: write an MX record as `10 mx1.example.net.`",
    ),
    (
        "zone.txt",
        "  IN TXT \"a\"\n",
        "zone.txt: line 1: the name is missing; it must stand in each line",
    ),
    (
        "policy.response",
        "fetch-nonsense\n",
        "policy.response: neither a response nor the code of a failure: \"fetch-nonsense\"",
    ),
    (
        "policy.response",
        "HTTP/1.1\r\n\r\n",
        "policy.response: the first line has no status",
    ),
    (
        "tls.txt",
        "mx1.a.net. TLSv1.3 good\n",
        "tls.txt: line 1: what came of it is not known here",
    ),
    (
        "history.txt",
        "yesterday 60\n",
        "history.txt: line 1: write `2026-11-21T09:30:00Z 604800`: when a policy was last served, or `now`, and its max_age",
    ),
    (
        "previous/facts.txt",
        "domain: a.net\n",
        "previous: facts.txt must say when this was `gathered`",
    ),
];

#[test]
fn files_that_cannot_be_read() {
    for (number, (file, text, complaint)) in BAD_FILES.iter().enumerate() {
        let folder = directory("audit", &format!("bad-{number}"));
        fs::write(folder.join("facts.txt"), "domain: a.net\n").unwrap();
        fs::create_dir_all(folder.join("previous")).unwrap();
        fs::write(folder.join("previous/facts.txt"), "gathered: 2026-01-01\n").unwrap();
        fs::write(folder.join(file), text).unwrap();
        let path = folder.to_str().unwrap();
        refused(
            "audit",
            &[path],
            &format!("cannot read {path}: {complaint}"),
        );
    }
}

#[test]
fn one_bad_folder_does_not_hide_the_others() {
    let folder = directory("audit", "among-others");
    fs::write(folder.join("zone.txt"), "?\n").unwrap();
    let run = run(
        "audit",
        &[folder.to_str().unwrap(), &format!("{SAMPLES}/good")],
    );
    assert_eq!(run.code, Some(2));
    assert!(
        run.stderr.starts_with("error: cannot read ") && run.stdout.contains("good: kestrel.net")
    );
}
