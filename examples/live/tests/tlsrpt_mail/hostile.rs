//! Mails that are broken, odd or dangerous. None of them ends the run, and each is told.

use super::{Run, mail, multipart, part, report, run};
use crate::support::skip;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const TEXT: &str = "Content-Type: text/plain\n\nhello";

fn read(mail: &str) -> Run {
    run(["read", "--json", "-"], mail.as_bytes())
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

/// A report in gzip with this id, as a part with these fields.
fn zipped(fields: &str, id: &str) -> String {
    part(fields, &gzip(report(id, "tlsa-invalid").as_bytes()))
}

fn tlsrpt(id: &str) -> String {
    zipped("Content-Type: application/tlsrpt+gzip", id)
}

#[track_caller]
fn finds(mail: &str, reports: u64, told: &[(&str, &str)]) {
    let run = read(mail);
    let told: Vec<_> = told
        .iter()
        .map(|(part, code)| match *part {
            "" => ("<stdin>".to_owned(), (*code).to_owned()),
            part => (format!("<stdin>, part {part}"), (*code).to_owned()),
        })
        .collect();
    assert_eq!(
        (run.reports(), run.told()),
        (reports, told),
        "{}",
        run.stderr
    );
    let is_wrong = run.stderr.contains("error[");
    assert_eq!(run.code, Some(i32::from(is_wrong)));
}

#[test]
fn wherever_a_report_is() {
    // Alone, inside several multiparts, in a mail inside a mail inside a mail, in a mail that is encoded as a whole, in a digest.
    finds(&format!("From: a@b.example\n{}", tlsrpt("1")), 1, &[]);
    let inner = multipart("", "mixed", "inner", &[TEXT, &tlsrpt("2")]);
    let inner = multipart("", "related", "middle", &[&inner, &tlsrpt("3")]);
    finds(&mail("mixed", &[TEXT, &inner, &tlsrpt("4")]), 3, &[]);
    let forwarded = |inner: &str| format!("Content-Type: message/rfc822\n\n{inner}");
    let first = multipart("From: a@b.example\n", "mixed", "a", &[TEXT, &tlsrpt("5")]);
    let second = multipart(
        "From: c@d.example\n",
        "mixed",
        "b",
        &[TEXT, &forwarded(&first), TEXT],
    );
    finds(&mail("mixed", &[&forwarded(&second), &tlsrpt("6")]), 2, &[]);
    let whole = format!("From: a@b.example\n{}", tlsrpt("7"));
    let encoded = part("Content-Type: message/rfc822", whole.as_bytes());
    finds(&mail("mixed", &[&encoded, &tlsrpt("8")]), 2, &[]);
    finds(&mail("digest", &[&format!("\n{whole}")]), 1, &[]);
}

#[test]
fn whatever_it_is_called() {
    for fields in [
        "Content-Type: application/octet-stream; name=\"winmail.dat\"",
        "Content-Type: text/plain; name=\"report.txt\"",
        "Content-Type: image/png",
        "Content-Type: application/tlsrpt+json",
        "Content-Type: application/x-gzip\nContent-Disposition: attachment; filename*=utf-8''%E2%80%AE.zip",
        "Content-Type: ;;;=\"",
        "content-type:APPLICATION/TLSRPT+GZIP",
        "X-Nothing: else",
    ] {
        finds(&mail("mixed", &[TEXT, &zipped(fields, "1")]), 1, &[]);
    }
    // Uncompressed where gzip is announced, and in quoted-printable.
    let report = report("1", "tlsa-invalid");
    let json = part("Content-Type: application/tlsrpt+gzip", report.as_bytes());
    finds(&mail("mixed", &[&json]), 1, &[]);
    let printable = report.replace('=', "=3D").replace(':', "=\n:");
    let fields =
        "Content-Type: application/tlsrpt+json\nContent-Transfer-Encoding: quoted-printable";
    finds(
        &mail("mixed", &[&format!("{fields}\n\n{printable}")]),
        1,
        &[],
    );
}

#[test]
fn several_in_a_mail() {
    let broken = part("Content-Type: application/tlsrpt+gzip", b"\x1f\x8b\x08no");
    let parts = [TEXT, &tlsrpt("1"), &broken, &tlsrpt("2"), &tlsrpt("2")];
    let mail = mail("report; report-type=tlsrpt", &parts);
    finds(&mail, 3, &[("3", "tlsrpt-gzip-truncated")]);
    assert_eq!(read(&mail).json()["duplicates"], 1);
}

#[test]
fn what_should_be_a_report_and_is_none() {
    let declared = |content: &[u8]| {
        let part = part("Content-Type: application/tlsrpt+json", content);
        mail("mixed", &[TEXT, &part])
    };
    for (content, code) in [
        (&b"<html>"[..], "tlsrpt-json-syntax"),
        (b"", "tlsrpt-json-syntax"),
        (b"{}", "tlsrpt-report-no-policies"),
        (b"[1]", "tlsrpt-json-not-an-object"),
        (b"{\"a\": \"\xff\"}", "tlsrpt-json-utf8"),
    ] {
        finds(&declared(content), 0, &[("2", code)]);
    }
    let fields = "Content-Type: application/tlsrpt+gzip\nContent-Transfer-Encoding";
    for encoding in ["base64", "quoted-printable", "x-uuencode"] {
        let part = format!("{fields}: {encoding}\n\nH4sI=!!AAA{{}}\n");
        finds(&mail("mixed", &[TEXT, &part]), 0, &[("2", "mail-encoding")]);
    }
    // Named as the RFC wants, or inside a mail that says what it brings.
    let named = "Content-Type: application/octet-stream; name=\"a.example!b.example!1!2.json\"";
    finds(
        &mail("mixed", &[&part(named, b"?")]),
        0,
        &[("1", "tlsrpt-json-syntax")],
    );
    let octets = part("Content-Type: application/octet-stream", b"?");
    finds(
        &mail("report; report-type=tlsrpt", &[&octets]),
        0,
        &[("1", "tlsrpt-json-syntax")],
    );
}

#[test]
fn other_mails_are_explained() {
    let note = &[("", "mail-no-report")];
    finds("From: a@b.example\n\nhello\n", 0, note);
    finds(&mail("mixed", &[TEXT]), 0, note);
    finds(&mail("mixed", &[]), 0, note);
    let other = part(
        "Content-Type: application/json; name=\"package.json\"",
        b"{\"name\": 1}",
    );
    let run = read(&mail("mixed", &[TEXT, &other]));
    assert_eq!(run.code, Some(0));
    assert_eq!(
        run.stderr,
        "note[mail-no-report]: <stdin>: there is no TLS report in it, but text/plain, application/json \"package.json\" (the report has no `policies`)\n"
    );
    for none in ["", "\n", "hello", "hello\n", "\n\nhello\n", "\u{0}\u{1}"] {
        finds(none, 0, &[("", "mail-no-mail")]);
    }
}

#[test]
fn bombs() {
    let bomb = gzip(&vec![b' '; 50 << 20]);
    assert!(bomb.len() < 100_000);
    for fields in [
        "Content-Type: application/tlsrpt+gzip",
        "Content-Type: application/zip",
    ] {
        finds(
            &mail("mixed", &[TEXT, &part(fields, &bomb)]),
            0,
            &[("2", "tlsrpt-gzip-ratio")],
        );
    }
}

#[test]
fn long_headers_and_long_mails() {
    let header = "X-Header: here is another one\n".repeat(200_000);
    finds(
        &format!("{header}From: a@b.example\n{}", tlsrpt("1")),
        1,
        &[],
    );
    let line = "x".repeat(5 << 20);
    finds(
        &format!("Subject: {line}\n {line}\n{}", tlsrpt("1")),
        1,
        &[],
    );
    let long = format!("From: a@b.example\n\n{}", "x".repeat(32 << 20));
    finds(&long, 0, &[("", "mail-too-long")]);
    // In a mailbox it is one mail among others.
    let short = format!("From: a@b.example\n{}", tlsrpt("1"));
    let run = read(&format!("From a\n{long}\n\nFrom b\n{short}\n"));
    assert_eq!((run.code, run.reports()), (Some(1), 1));
    assert_eq!(
        run.told(),
        [("<stdin>, mail 1".to_owned(), "mail-too-long".to_owned())]
    );
}

/// What is cheap to write must not be dear to read: each of these would be searched from its beginning to its end thousands of times, or be as many parts.
#[test]
fn no_mail_costs_much_more_than_its_length() {
    let begin = Instant::now();
    let whole = mail("mixed", &[TEXT]);
    let with = |parts: &str| whole.replace("--outer--\n", parts);
    let refused = &[("", "mail-too-many-parts")];
    let mut searched = String::new();
    for number in 0..100_000 {
        let _ = write!(
            searched,
            "--outer\nContent-Type: multipart/mixed; BOUNDARY=x{number}\n\n"
        );
    }
    finds(&with(&searched), 0, refused);
    let nested = "Content-Type: message/rfc822\n\n".repeat(100_000);
    finds(&format!("A: b\n{nested}A: b\n\nhello"), 0, refused);
    finds(&with(&"--outer\n\n\n".repeat(1_000_000)), 0, refused);
    // Encoded as a whole it is no mail, but a part like any other.
    let encoded = part("Content-Type: message/rfc822", nested.as_bytes());
    finds(&mail("mixed", &[&encoded]), 0, &[("", "mail-no-report")]);
    // As many as are allowed, and a report at the end.
    let inner = |number: usize| {
        format!("--outer\nContent-Type: multipart/mixed; boundary=x{number}\n\nA: b\n")
    };
    let inner: String = (0..190)
        .map(inner)
        .fold(String::new(), |all, one| all + &one);
    let line = "x".repeat(70) + "\n";
    let long = line.repeat(50_000) + &inner + "--outer\n" + &tlsrpt("1");
    finds(&with(&long), 1, &[]);
    assert!(
        begin.elapsed() < Duration::from_secs(120),
        "{:?}",
        begin.elapsed()
    );
}

/// Reports that inflate to much more than the mail are read one after the other, and not kept.
#[test]
fn long_reports_are_not_kept() {
    if !Path::new("/proc/self/status").exists() {
        skip("how much memory a program takes is not told here");
        return;
    }
    let details = r#"{"result-type":"tlsa-invalid","failed-session-count":1},"#.repeat(40_000);
    let long = report("1", "tlsa-invalid");
    let long = long.replace(
        "[{\"failed-session-count",
        &format!("[{details}{{\"failed-session-count"),
    );
    // By itself it would be a bomb: something in it does not compress.
    let digits = (0..6_000_u64).map(|n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_string());
    let long = long.replacen(
        '{',
        &format!("{{\"noise\":\"{}\",", digits.collect::<String>()),
        1,
    );
    assert!(long.len() > 2 << 20, "{}", long.len());
    let part = part(
        "Content-Type: application/tlsrpt+gzip",
        &gzip(long.as_bytes()),
    );
    let mailbox = format!(
        "From a\n{}\nFrom b\nA: b\n\nhello\nFrom c\n",
        mail("mixed", &[&*part; 30])
    );

    let mut child = Command::new(env!("CARGO_BIN_EXE_tlsrpt-mail"))
        .args(["read", "--json", "-"])
        .env("NO_COLOR", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(mailbox.as_bytes()).unwrap();
    // Once it tells of the second mail it is done with the first, and waits for the third.
    let mut line = String::new();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    stderr.read_line(&mut line).unwrap();
    assert!(
        line.starts_with("note[mail-no-report]: <stdin>, mail 2: "),
        "{line}"
    );
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&json["reports"], &json["duplicates"]),
        (&1.into(), &29.into())
    );
    let most = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let most: u64 = most
        .unwrap()
        .trim()
        .strip_suffix(" kB")
        .unwrap()
        .parse()
        .unwrap();
    // Each report takes 8 MB and more once it is read.
    assert!(most < 150_000, "{most} kB");
}

/// The parser asserts that this cannot be, in builds with assertions: then it gives up, and the run goes on.
#[test]
fn the_run_goes_on_when_the_parser_gives_up() {
    let odd = mail("mixed", &[&"Content-Type: message/rfc822\n\n".repeat(2)]);
    let good = mail("mixed", &[&tlsrpt("1")]);
    let run = read(&format!("From a\n{odd}\nFrom b\n{good}"));
    assert_eq!(run.reports(), 1, "{}", run.stderr);
    let [(place, code)] = &run.told()[..] else {
        panic!("{}", run.stderr)
    };
    assert_eq!(place, "<stdin>, mail 1");
    let wanted = if cfg!(debug_assertions) {
        "mail-parser"
    } else {
        "mail-no-report"
    };
    assert_eq!(code, wanted);
}
