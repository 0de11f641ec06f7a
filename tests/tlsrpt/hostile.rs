//! Inputs made to hurt: refused, or read in little memory. Nothing is timed: what is not near linear would not come to an end.

use crate::BASE;
use allocation_counter::measure;
use mta_sts::{
    DateRange, DeviationKind, MAX_REPORT_LEN, MAX_REPORT_VALUES, PolicyType, ReadOptions, Report,
    ReportPolicy, UtcDay,
};

/// What is said about it, and how many bytes it took at most.
#[track_caller]
fn read(text: &str) -> (Result<usize, &'static str>, u64) {
    let mut said = Err("");
    let info = measure(|| {
        said = Report::from_json(text.as_bytes())
            .map(|read| read.deviation_count())
            .map_err(|error| error.code());
    });
    (said, info.bytes_max)
}

fn with_extra(extra: &str) -> String {
    let end = BASE.rfind('}').unwrap();
    format!("{}, {extra}}}", &BASE[..end])
}

#[test]
fn nesting_is_an_error_at_any_depth() {
    for depth in [33, 127, 128, 129, 10_000, 1_000_000] {
        for open in ["[", "{\"a\":"] {
            let text = with_extra(&format!("\"x\": {}", open.repeat(depth)));
            let (said, bytes) = read(&text);
            assert_eq!(said, Err("tlsrpt-json-nesting"));
            assert!(bytes < 1 << 20, "{bytes}");
        }
    }
    let deep = |depth| {
        with_extra(&format!(
            "\"x\": {}{}",
            "[".repeat(depth),
            "]".repeat(depth)
        ))
    };
    assert_eq!(read(&deep(31)).0, Ok(1));
    assert_eq!(read(&deep(32)).0, Err("tlsrpt-json-nesting"));
    let options = ReadOptions::new().max_nesting(usize::MAX);
    assert!(Report::from_json_with(deep(99).as_bytes(), &options).is_ok());
    let error = Report::from_json_with(deep(100).as_bytes(), &options).unwrap_err();
    assert_eq!(error.code(), "tlsrpt-json-nesting");
}

#[test]
fn nesting_inside_a_packed_list_is_no_list() {
    for depth in [10, 1_000, 1_000_000] {
        let packed = format!("\"{}\"", "[".repeat(depth));
        let text = BASE.replace("[\"*.example.com\"]", &packed);
        let (said, bytes) = read(&text);
        // A string in place of the array, and no name.
        assert_eq!(said, Ok(2));
        assert!(bytes < 8 << 20, "{bytes}");
    }
}

#[test]
fn values_are_counted() {
    let text = with_extra(&format!("\"x\": [{}0]", "0,".repeat(1_000_000)));
    let (said, bytes) = read(&text);
    assert_eq!(said, Err("tlsrpt-json-values"));
    assert!(bytes < 80 << 20, "{bytes}");
    let options = ReadOptions::new().max_values(31);
    assert!(Report::from_json_with(BASE.as_bytes(), &options).is_err());
    let options = options.max_values(32);
    assert!(Report::from_json_with(BASE.as_bytes(), &options).is_ok());
}

#[test]
fn the_length_is_limited() {
    let text = " ".repeat(MAX_REPORT_LEN + 1);
    assert_eq!(read(&text).0, Err("tlsrpt-json-too-long"));
    let error = Report::from_json(text.as_bytes()).unwrap_err();
    assert_eq!(error.offset(), Some(MAX_REPORT_LEN));
    let text = format!("{BASE}{}", &text[..MAX_REPORT_LEN - BASE.len()]);
    assert_eq!(read(&text).0, Ok(0));
}

#[test]
fn strings_of_ten_megabytes() {
    let long = "x".repeat(10_000_000);
    for member in [
        "\"Kestrel Mail\"",
        "\"tls@kestrel.example\"",
        "\"2026-11-21T00:00:00Z\"",
        "\"sts\"",
        "\"example.com\"",
        "[\"*.example.com\"]",
        "\"certificate-expired\"",
        "\"2001:db8::1\"",
        "\"https://kestrel.example/why\"",
    ] {
        assert!(BASE.contains(member), "{member}");
        let (said, bytes) = read(&BASE.replacen(member, &format!("\"{long}\""), 1));
        assert!(said.is_ok(), "{member}: {said:?}");
        assert!(bytes < 32 << 20, "{member}: {bytes}");
    }
    let name = with_extra(&format!("\"{long}\": 1"));
    assert_eq!(read(&name).0, Ok(1));
    let digits = "9".repeat(10_000_000);
    let (said, _) = read(&BASE.replace(": 5,", &format!(": \"{digits}\",")));
    assert_eq!(said, Err("tlsrpt-report-count-range"));
    let (said, _) = read(&BASE.replace(": 5,", &format!(": {digits},")));
    assert_eq!(said, Err("tlsrpt-json-syntax"));
    let (said, _) = read(&BASE.replace(": 5,", &format!(": 0.{digits},")));
    assert_eq!(said, Ok(1));
}

#[test]
fn many_duplicates_and_unknown_members() {
    let same = "\"x\": 1, ".repeat(400_000);
    let (said, bytes) = read(&with_extra(&format!("{same}\"y\": 1")));
    assert_eq!(said, Ok(400_001));
    assert!(bytes < 200 << 20, "{bytes}");
    let different = (0..400_000).fold(String::new(), |text, n| text + &format!("\"x{n}\": 1, "));
    let (said, bytes) = read(&with_extra(&format!("{different}\"y\": 1")));
    assert_eq!(said, Ok(400_001));
    assert!(bytes < 300 << 20, "{bytes}");
    let read = Report::from_json(with_extra(&format!("{same}\"y\": 1")).as_bytes()).unwrap();
    assert_eq!(read.deviations().len(), 1_000);
    assert_eq!(read.deviations()[0].kind(), DeviationKind::Duplicate);
}

#[test]
fn many_policies_without_anything() {
    let policies = "{},".repeat(400_000);
    let text = format!("{{\"policies\": [{policies}{{}}]}}");
    let (said, bytes) = read(&text);
    assert!(said.is_ok());
    assert!(bytes < 100 << 20, "{bytes}");
}

#[test]
fn the_lines_of_one_string_are_values() {
    for (member, what) in [
        ("[\"*.example.com\"]", "a"),
        ("[\"*.example.com\"]", ""),
        (
            "[\"version: STSv1\", \"mode: testing\", \"mx: *.example.com\", \"max_age: 86400\"]",
            "a",
        ),
    ] {
        assert!(BASE.contains(member), "{member}");
        let lines = |count| {
            let lines = format!("{what}\\n").repeat(count);
            read(&BASE.replace(member, &format!("\"{lines}\"")))
        };
        assert!(lines(499_900).0.is_ok());
        let (said, bytes) = lines(3_000_000);
        assert_eq!(said, Err("tlsrpt-json-values"));
        assert!(bytes < 50 << 20, "{bytes}");
    }
}

/// What is written is as long as what is read, and not a byte or a value longer.
#[test]
fn the_longest_reports_are_written_and_read() {
    let with_lines = |lines: &mut dyn Iterator<Item = &str>| {
        let domain = "example.com".parse().unwrap();
        let policy = ReportPolicy::new(PolicyType::Sts, &domain, 1, 0).with_policy_string(lines);
        let contact = "tls@kestrel.example".parse().unwrap();
        let range = DateRange::day(UtcDay::from_number(20_778));
        Report::builder("K", &contact, "1", range)
            .policy(policy)
            .build()
    };
    let of_len = |len| with_lines(&mut std::iter::once(&*"x".repeat(len)));
    let of_count = |count| with_lines(&mut std::iter::repeat_n("x", count));

    let plain = of_len(1).unwrap().to_json().unwrap();
    let is_read = |values| {
        let options = ReadOptions::new().max_values(values);
        Report::from_json_with(plain.as_bytes(), &options).is_ok()
    };
    let values = (1..100).find(|&values| is_read(values)).unwrap();

    let longest = of_len(MAX_REPORT_LEN - plain.len() + 1).unwrap();
    let most = of_count(MAX_REPORT_VALUES - values + 1).unwrap();
    assert_eq!(longest.to_json().unwrap().len(), MAX_REPORT_LEN);
    for report in [longest, most] {
        let text = report.to_json().unwrap();
        assert!(Report::from_json(text.as_bytes()).unwrap().into_report() == report);
    }
    for too_long in [
        of_len(MAX_REPORT_LEN - plain.len() + 2),
        of_count(MAX_REPORT_VALUES - values + 2),
    ] {
        let error = too_long.unwrap_err();
        assert_eq!((error.code(), error.path()), ("tlsrpt-write-too-long", "$"));
    }
}
