//! Mails, mailboxes and maildirs; what is written about them.

use super::{mail, part, report, root, run};
use std::fs;

const MAILS: &str = "examples/live/data/mails";

#[test]
fn the_samples() {
    let run = run(["read", MAILS], b"");
    assert_eq!(run.code, Some(1));
    assert_eq!(
        run.stderr,
        "error[tlsrpt-gzip-truncated]: examples/live/data/mails/cut-short.eml, part 2: the gzip file ends too early at byte 221\n\
         note[mail-no-report]: examples/live/data/mails/holiday.eml: there is no TLS report in it, but text/plain (the text is not JSON), image/png \"dunes.png\"\n\
         note[mail-no-report]: examples/live/data/mails/mailbox, mail 2: there is no TLS report in it, but application/gzip \"plover.example!kestrel-mail.net!1795046400!1795132799.xml.gz\" (the text is not JSON)\n\
         error[mail-encoding]: examples/live/data/mails/three-in-one.eml, part 4: the part is not valid base64\n"
    );
    for part in [
        "7 reports, 2026-11-16 to 2026-11-21; 9 mails read, 2 of them without a report; 2 things not readable\n156 sessions: 132 succeeded, 24 failed\n",
        "  Merganser Corporation  ████",
        "\ncertificate-expired: 17 sessions, 2026-11-21\n  the certificate has expired\n  usual remedy: renew it",
        "\nDKIM signatures were not checked: reports in mails without a valid one must be ignored (RFC 8460 §3). That is for your mail server to see to. 2 mails with reports have no signature at all.\n",
    ] {
        assert!(
            run.stdout.contains(part),
            "{part}\nis not in\n{}",
            run.stdout
        );
    }
    assert!(!run.stdout.contains('\u{1b}') && !run.stderr.contains('\u{1b}'));
}

#[test]
fn the_readme_tells_the_truth() {
    let readme = include_str!("../../README.md");
    let told = run(["read", MAILS], b"").stderr;
    for line in told.lines() {
        assert!(readme.contains(line), "{line}");
    }
}

#[test]
fn the_samples_as_json() {
    let run = run(["read", "--json", "--deviations", MAILS], b"");
    assert_eq!(run.code, Some(1));
    let json = run.json();
    assert_eq!((&json["reports"], &json["mails"]), (&7.into(), &9.into()));
    assert_eq!(json["without_report"], 2);
    assert_eq!(json["without_signature"], 2);
    assert_eq!(json["signatures_checked"], false);
    let file = |file: &str| {
        let mut files = json["files"].as_array().unwrap().iter();
        let found = files.find(|it| it["file"] == format!("{MAILS}/{file}"));
        found
            .unwrap_or_else(|| panic!("{file} is not told"))
            .clone()
    };
    // Forwarded, and not by a mailbox: the report is the second part of the second part.
    let forwarded = file("forwarded.eml, part 2.2");
    assert_eq!(
        (&forwarded["mail"], &forwarded["part"]),
        (&().into(), &"2.2".into())
    );
    let codes = forwarded["deviations"].as_array().unwrap().iter();
    let codes: Vec<_> = codes.map(|found| found["code"].as_str().unwrap()).collect();
    assert_eq!(codes[0], "tlsrpt-json-bom");
    let in_mailbox = file("mailbox, mail 3, part 2");
    assert_eq!(
        (&in_mailbox["mail"], &in_mailbox["part"]),
        (&3.into(), &"2".into())
    );
    let cut_short = &file("cut-short.eml, part 2")["error"];
    assert_eq!(cut_short["code"], "tlsrpt-gzip-truncated");
    assert_eq!(cut_short["message"], "the gzip file ends too early");
    assert_eq!(cut_short["offset"], 221);
}

#[test]
fn deviations_are_listed_for_people() {
    let run = run(
        ["read", "--deviations", "examples/live/data/mails/mailbox"],
        b"",
    );
    assert_eq!(run.code, Some(0));
    let start = "examples/live/data/mails/mailbox, mail 1, part 2\n  \
        tlsrpt-report-time-midnight: the range ends with the first second of the next day, read as the last one of the day at $.date-range.end-datetime\n";
    assert!(run.stdout.starts_with(start), "{}", run.stdout);
}

#[test]
fn maildirs() {
    let folder = tempfile::tempdir().unwrap();
    let sample = |name: &str| fs::read(root().join(MAILS).join(name)).unwrap();
    let forwarded = sample("forwarded.eml");
    for (path, octets) in [
        ("cur/1795219300.M1P1.mx:2,S", &sample("goldcrest-16.eml")),
        ("new/1795219301.M1P1.mx", &sample("whimbrel-18.eml")),
        (".Archive.2026/cur/1795219302.M1P1.mx:2,RS", &forwarded),
        // Not delivered, and not mails.
        ("tmp/1795219303.M1P1.mx", &sample("three-in-one.eml")),
        (
            ".Archive.2026/tmp/1795219303.M1P1.mx",
            &sample("holiday.eml"),
        ),
        ("dovecot-uidlist", &b"3 V1795219300 N4\n".to_vec()),
        (".Archive.2026/maildirfolder", &Vec::new()),
    ] {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, octets).unwrap();
    }
    fs::create_dir_all(folder.path().join(".Archive.2026/new")).unwrap();
    let run = run(["read".as_ref(), "--json".as_ref(), folder.path()], b"");
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    assert_eq!(run.reports(), 3);
    assert_eq!(run.json()["mails"], 3);
}

#[test]
fn standard_input() {
    let one = fs::read(root().join(MAILS).join("goldcrest-16.eml")).unwrap();
    let alone = run(["read", "--json", "-"], &one);
    assert_eq!((alone.code, alone.reports()), (Some(0), 1));
    let mailbox = fs::read(root().join(MAILS).join("mailbox")).unwrap();
    let several = run(["read", "--json", "-"], &mailbox);
    assert_eq!((several.code, several.reports()), (Some(0), 2));
    assert_eq!(several.told()[0].0, "<stdin>, mail 2");
    // What comes by HTTPS is no mail.
    let bare = run(
        ["read", "--json", "-"],
        report("1", "tlsa-invalid").as_bytes(),
    );
    assert_eq!((bare.code, bare.reports()), (Some(0), 1));
    assert_eq!(bare.json()["mails"], 0);
    assert_eq!(bare.json()["without_signature"], 0);
}

#[test]
fn many_mails() {
    let mut mailbox = String::new();
    for number in 0..3_000 {
        let report = report(&number.to_string(), "certificate-expired");
        let part = part("Content-Type: application/tlsrpt+json", report.as_bytes());
        mailbox += "From tls@kestrel.example Fri Nov 20 03:00:00 2026\n";
        mailbox += &mail(
            "report; report-type=tlsrpt",
            &["Content-Type: text/plain\n\nhello", &part],
        );
        mailbox += "\n";
    }
    let run = run(["read", "--json", "-"], mailbox.as_bytes());
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    assert_eq!(run.json()["reports"], 3_000);
    assert_eq!(run.json()["sessions"]["failed"], 3_000);
}

#[test]
fn what_is_in_the_way() {
    let folder = tempfile::tempdir().unwrap();
    let good = "examples/live/data/mails/goldcrest-16.eml";
    let missing = folder.path().join("missing");
    let missing = missing.to_str().unwrap();
    // The others are read all the same.
    let not_there = run(["read", "--json", missing, good], b"");
    assert_eq!((not_there.code, not_there.reports()), (Some(2), 1));
    let complaint = format!("error: cannot read {missing}: ");
    assert!(
        not_there.stderr.starts_with(&complaint),
        "{}",
        not_there.stderr
    );
    let page = format!("{missing}/page.html");
    let no_place = run(["read", "--html", &page, good], b"");
    assert_eq!(no_place.code, Some(2));
    let complaint = format!("error: cannot write {page}: ");
    assert!(
        no_place.stderr.starts_with(&complaint),
        "{}",
        no_place.stderr
    );
    assert_eq!(run(["read"], b"").code, Some(2));
    assert_eq!(run(["raed", good], b"").code, Some(2));
}
