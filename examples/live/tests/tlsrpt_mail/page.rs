//! The page: what is in it, and what a real browser makes of it.

use super::browser::{Scheme, look};
use super::{mail, part, run};
use serde_json::{Value, json};
use std::fs;

const SAMPLES: [&str; 2] = ["examples/data/tlsrpt", "examples/live/data/mails"];
/// A phone, and a narrow one.
const PHONES: [u32; 2] = [390, 320];
const POLICY: &str = "<meta http-equiv=\"Content-Security-Policy\"";

/// What a stranger may write wherever he may write something.
fn hostile() -> String {
    let script = "<script>document.title=\"owned\"</script>";
    let long = "W".repeat(400);
    format!(
        "\"'><img src=x onerror='document.title=\"owned\"'>{script}</style></title>--></svg>&amp;\u{202e}{long}"
    )
}

/// The page of these inputs.
fn page(inputs: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("page.html");
    let options = ["read", "--html", file.to_str().unwrap()];
    let run = run(options.iter().chain(inputs), b"");
    assert!(run.code.is_some_and(|code| code < 2), "{}", run.stderr);
    fs::read_to_string(file).unwrap()
}

fn page_of_samples() -> String {
    page(&SAMPLES)
}

/// The page of a report in which every text is hostile, and of a mail whose parts have hostile names.
fn page_of_hostile_reports() -> String {
    let folder = tempfile::tempdir().unwrap();
    let hostile = hostile();
    let greatest = u64::MAX;
    let report = |time: &str| {
        json!({
            "organization-name": hostile, "contact-info": hostile, "report-id": hostile, &hostile: hostile,
            "date-range": {"start-datetime": time, "end-datetime": hostile},
            "policies": [{
                "policy": {"policy-type": hostile, "policy-string": [hostile], "policy-domain": format!("{time}{hostile}"), "mx-host": hostile},
                "summary": {"total-successful-session-count": greatest, "total-failure-session-count": greatest},
                "failure-details": [{
                    "result-type": hostile, "sending-mta-ip": hostile, "receiving-mx-hostname": hostile, "receiving-mx-helo": hostile,
                    "receiving-ip": hostile, "failed-session-count": greatest, "additional-information": hostile, "failure-reason-code": hostile
                }]
            }]
        })
        .to_string()
    };
    for (name, time) in [("1", "1970-01-01T00:00:00Z"), ("2", "9999-12-31T00:00:00Z")] {
        fs::write(folder.path().join(name), report(time)).unwrap();
    }
    let name = "Content-Type: application/json; name*=utf-8''%22%3E%3Cscript%3Edocument.title=%22owned%22%3C/script%3E";
    let odd = mail("mixed", &[&part(name, b"{}")]);
    fs::write(
        folder.path().join("<script>document.title='owned'<&>.eml"),
        odd,
    )
    .unwrap();
    let broken = mail(
        "mixed",
        &[&part("Content-Type: application/tlsrpt+json", b"{")],
    );
    fs::write(
        folder
            .path()
            .join("\"><img src=x onerror=document.title='owned'>"),
        broken,
    )
    .unwrap();
    page(&[folder.path().to_str().unwrap()])
}

#[test]
fn it_loads_nothing_and_runs_nothing() {
    let page = page_of_samples();
    for way_out in [
        "http:", "https:", "src=", "url(", "@import", "<script", "<link", "<iframe", "<form", " on",
    ] {
        // ` on` would begin an attribute such as `onclick`, but is a word of texts, too; and reporters write URLs as reasons.
        let is_there = match way_out {
            " on" | "http:" | "https:" => page
                .split('<')
                .any(|tag| tag.split('>').next().unwrap().contains(" on")),
            _ => page.contains(way_out),
        };
        assert!(!is_there, "{way_out}");
    }
    let policy = "content=\"default-src 'none'; style-src 'sha256-";
    assert!(page.contains(POLICY) && page.contains(policy));
    assert!(!page.contains("unsafe-inline") && !page.contains(" style="));
    assert!(page.contains("name=\"viewport\" content=\"width=device-width, initial-scale=1\""));
}

#[test]
fn nothing_to_show() {
    let folder = tempfile::tempdir().unwrap();
    let page = page(&[folder.path().to_str().unwrap()]);
    assert!(page.contains("DKIM signatures were not checked") && !page.contains("<svg"));
}

#[test]
fn domains_are_told_apart_where_there_are_several() {
    let sample =
        fs::read_to_string(super::root().join("examples/data/tlsrpt/goldcrest-16.json")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let inputs = [folder.path().to_str().unwrap()];
    fs::write(folder.path().join("1.json"), &sample).unwrap();
    assert!(!page(&inputs).contains("By policy domain"));
    let other = sample.replace("kestrel-mail.net", "osprey-mail.net");
    fs::write(folder.path().join("2.json"), other).unwrap();
    let page = page(&inputs);
    let (_, domains) = page.split_once("By policy domain").unwrap();
    let (domains, _) = domains.split_once("</section>").unwrap();
    for name in ["kestrel-mail.net", "osprey-mail.net"] {
        assert!(
            domains.contains(&format!("<span class=\"name\">{name}</span>")),
            "{domains}"
        );
    }
    assert_eq!(
        domains.matches("1 report, 2026-11-16").count(),
        2,
        "{domains}"
    );
}

#[test]
fn what_a_reader_sees() {
    let page = page_of_samples();
    let Some(found) = look(Scheme::Light, &[(&page, 1_000), (&page, PHONES[0])]) else {
        return;
    };
    for seen in &found {
        let text = seen["text"].as_str().unwrap();
        for wanted in [
            "2026-11-16 to 2026-11-21",
            "373",
            "10.4 %",
            "Most often: the certificate has expired (certificate-expired), 31 sessions (8.3 %), with mx2.kestrel-mail.net (31).",
            "DKIM signatures were not checked",
            "2 mails with reports have no signature at all.",
            "Sessions by day",
            "Failures by MX host",
            "By reporter",
            "Goldcrest Inc.",
            "196 + 14 failed",
            "6 reports, 2026-11-16 to 2026-11-21",
            "Renew it, and restart or reload the mail server so that it serves the new one.",
            "first 2026-11-21, last 2026-11-21",
            "Merganser Corporation (17), Goldcrest Inc. (14)",
            "Likely a misconfiguration",
            "Possibly an attack, a filter on the way, or a fault of the reporter",
            "unable to do http request: Get \"https://mta-sts.… (3)",
            "Very uncertain: that is little to go by.",
            "This type is not one of RFC 8460.",
            "tlsrpt-json-bom",
            "1 report by Turnstone; for instance at $",
            "mail-encoding the part is not valid base64",
            "examples/live/data/mails/three-in-one.eml, part 4",
            "2 mails without a report",
        ] {
            assert!(text.contains(wanted), "{wanted}\nis not in\n{text}");
        }
        // Both charts, drawn once, with bars.
        assert_eq!(seen["charts"], 2);
        assert_eq!(seen["loaded"], 0);
        let bars = seen["tall_bars"].as_array().unwrap();
        assert!(
            bars.iter().any(|height| height.as_f64().unwrap() > 50.0),
            "{bars:?}"
        );
        // The style sheet is taken, as its hash is the one in the policy.
        assert_eq!(seen["background"], "rgb(246, 246, 243)");
        assert_eq!(seen["bar"], "rgb(200, 72, 15)");
        assert_fits(seen);
    }
}

#[test]
fn in_the_dark() {
    let page = page_of_samples();
    let Some(found) = look(Scheme::Dark, &[(&page, PHONES[0])]) else {
        return;
    };
    assert_eq!(found[0]["background"], "rgb(18, 21, 23)");
    assert_eq!(found[0]["bar"], "rgb(255, 141, 87)");
}

/// There is nothing to scroll sideways.
#[track_caller]
fn assert_fits(seen: &Value) {
    let width = |name: &str| seen[name].as_u64().unwrap();
    assert!(width("scroll_width") <= width("width"), "{seen}");
}

#[test]
fn hostile_reports_are_shown_literally() {
    let page = page_of_hostile_reports();
    // Without its policy the page has nothing but escapes; a page that has a script and no policy shows that scripts would run.
    let without_policy = page.replace(POLICY, "<meta name=\"none\"");
    assert_ne!(page, without_policy);
    let script = "<body><script>document.title=\"owned\"</script>";
    let with_script = page.replace("<body>", script);
    let with_both = without_policy.replace("<body>", script);
    let pages = [
        (&*page, PHONES[0]),
        (&*page, PHONES[1]),
        (&*page, 1_000),
        (&*without_policy, PHONES[0]),
        (&*with_script, PHONES[0]),
        (&*with_both, PHONES[0]),
    ];
    let Some(found) = look(Scheme::Light, &pages) else {
        return;
    };
    let (shown, controls) = found.split_at(4);
    // What the library keeps of a name: 255 characters.
    let name: String = hostile()
        .replace('\u{202e}', "\u{fffd}")
        .chars()
        .take(255)
        .collect();
    for seen in shown {
        assert_eq!(seen["title"], "TLS reports, 1970-01-01 to 9999-12-31");
        assert_eq!(seen["active"], 0, "no element came of it");
        assert_eq!(seen["loaded"], 0);
        let text = seen["text"].as_str().unwrap();
        // As a reporter and, twice, as a result type; as a host in lower case.
        assert_eq!(text.matches(&name).count(), 3, "{text}");
        let host = name.to_ascii_lowercase();
        assert_eq!(text.matches(&host).count(), 1, "{text}");
        for wanted in [
            "18,446,744,073,709,551,615",
            "By policy domain",
            "1970-01-01t00:00:00z\"'><img src=x onerror='document.title=\"owned\"'>",
            "<script>document.title='owned'<&>.eml",
            "\"><img src=x onerror=document.title='owned'>, part 1",
        ] {
            assert!(text.contains(wanted), "{wanted}\nis not in\n{text}");
        }
        assert_fits(seen);
    }
    assert_eq!(
        controls[0]["title"],
        "TLS reports, 1970-01-01 to 9999-12-31"
    );
    assert_eq!(controls[0]["active"], 1);
    assert_eq!(controls[1]["title"], "owned");
}
