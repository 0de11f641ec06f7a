//! The rows of `members.txt` and `texts.txt`.

use crate::BASE;
use crate::format::{table, unescape};
use mta_sts::{Report, ReportError, WriteError};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::Value;
use std::fmt::Write;

const MEMBERS: &str = include_str!("members.txt");
const TEXTS: &str = include_str!("texts.txt");

/// The rows, each with its name, and its cells without the last one, which is the origin.
fn rows<const N: usize>(file: &str, text: &str) -> Vec<(String, [String; N])> {
    let rows = table(file, text).into_iter();
    rows.map(|(name, mut cells)| {
        cells.pop();
        let count = cells.len();
        let cells = cells.try_into();
        let cells = cells.unwrap_or_else(|_| panic!("{name}: {count} cells before the origin"));
        (name, cells)
    })
    .collect()
}

/// `code@path`, or the code alone at the usual place.
fn at(code: &str, place: &str, usual: &str) -> String {
    if place == usual {
        code.into()
    } else {
        format!("{code}@{place}")
    }
}

fn place(error: &ReportError) -> String {
    let offset = error.offset().map(|offset| offset.to_string());
    let path = error.path().map(Into::into);
    offset.or(path).expect("one of the two")
}

/// What is said about a text.
fn said(text: &[u8], usual: &str) -> String {
    match Report::from_json(text) {
        Err(error) => format!("error {}", at(error.code(), &place(&error), usual)),
        Ok(read) if read.deviations().is_empty() => "ok".into(),
        Ok(read) => {
            assert_eq!(read.deviations().len(), read.deviation_count());
            let deviations = read.deviations().iter();
            let said: Vec<_> = deviations
                .map(|found| at(found.code(), found.path(), usual))
                .collect();
            said.join(" ")
        }
    }
}

/// The steps of a path: names, and indices as numbers.
fn steps(path: &str) -> Vec<String> {
    let path = path.strip_prefix('$').expect("a path");
    let steps = path.replace('[', ".").replace(']', "");
    steps.split('.').skip(1).map(Into::into).collect()
}

fn pointer(steps: &[String]) -> String {
    steps
        .iter()
        .fold(String::new(), |pointer, step| pointer + "/" + step)
}

/// The base with this in the place of a member.
fn changed(path: &str, value: Option<Value>) -> String {
    let mut report: Value = serde_json::from_str(BASE).unwrap();
    change(&mut report, path, value);
    report.to_string()
}

fn change(report: &mut Value, path: &str, value: Option<Value>) {
    let mut parents = steps(path);
    let last = parents.pop().unwrap();
    match (report.pointer_mut(&pointer(&parents)).unwrap(), value) {
        (Value::Object(members), Some(new)) => drop(members.insert(last, new)),
        (Value::Object(members), None) => drop(members.remove(&last).expect("a member")),
        (Value::Array(elements), Some(new)) => {
            match elements.get_mut(last.parse::<usize>().unwrap()) {
                Some(element) => *element = new,
                None => elements.push(new),
            }
        }
        _ => panic!("{path}"),
    }
}

/// The same as text, in which the value stands as the row has it.
fn changed_text(path: &str, value: &str) -> String {
    const PLACE: &str = "<here>";
    if value == "-" {
        return changed(path, None);
    }
    changed(path, Some(PLACE.into())).replace("\"<here>\"", value)
}

/// What is written in the place of a member.
fn written(report: &Report, path: &str, value: &str) -> String {
    let text = match report.to_json() {
        Ok(text) => text,
        Err(error) => return format!("! {}", at(error.code(), error.path(), path)),
    };
    again(report, &text);
    let written: Value = serde_json::from_str(&text).unwrap();
    let member = written.pointer(&pointer(&steps(path)));
    match (member, value) {
        (None, "-") => "same".into(),
        (None, _) => "-".into(),
        (Some(member), value)
            if serde_json::from_str::<Value>(value).ok().as_ref() == Some(member) =>
        {
            "same".into()
        }
        (Some(member), _) => member.to_string(),
    }
}

/// What was written is read as the same report. Only unknown members are told.
#[track_caller]
pub(crate) fn again(report: &Report, text: &str) {
    let read = Report::from_json(text.as_bytes()).unwrap();
    assert_eq!(read.report(), report, "{text}");
    for found in read.deviations() {
        assert_eq!(
            found.code(),
            "tlsrpt-report-unknown-member",
            "{found} {text}"
        );
    }
    assert_eq!(read.report().to_json().unwrap(), text);
}

#[test]
fn members() {
    let mut wrong = String::new();
    let mut bad = 0;
    let rows = rows::<4>("members.txt", MEMBERS);
    for (name, [path, value, expected, expected_written]) in &rows {
        let text = changed_text(path, value);
        let said = said(text.as_bytes(), path);
        bad += usize::from(said != "ok");
        let written = Report::from_json(text.as_bytes())
            .map_or_else(|_| "-".into(), |read| written(read.report(), path, value));
        let expected_json = serde_json::from_str::<Value>(expected_written);
        let is_written = written == *expected_written
            || expected_json.is_ok_and(|it| serde_json::from_str(&written).ok() == Some(it));
        if said != *expected || !is_written {
            writeln!(wrong, "{name}\n    said: {said}\n    written: {written}").unwrap();
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
    assert!(
        bad * 3 > rows.len() * 2,
        "{bad} of {} rows are bad",
        rows.len()
    );
}

/// Whether a path is another one, or leads into it.
fn is_inside(path: &str, outer: &str) -> bool {
    let behind = path.strip_prefix(outer);
    behind.is_some_and(|behind| behind.is_empty() || behind.starts_with(['.', '[']))
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 2_000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// Of several changed members the same is said as of each alone, and if one refuses the report, so it is.
    #[test]
    fn members_together(picks in vec(any::<Index>(), 2..12)) {
        let rows = rows::<4>("members.txt", MEMBERS);
        let mut report: Value = serde_json::from_str(BASE).unwrap();
        let mut chosen: Vec<&[String; 4]> = Vec::new();
        for pick in &picks {
            let (_, row) = pick.get(&rows);
            let meets = |other: &&[String; 4]| {
                is_inside(&row[0], &other[0]) || is_inside(&other[0], &row[0])
            };
            if !chosen.iter().any(meets) {
                let place = (row[1] != "-").then(|| format!("<{}>", chosen.len()).into());
                change(&mut report, &row[0], place);
                chosen.push(row);
            }
        }
        let mut text = report.to_string();
        let (mut errors, mut deviations) = (Vec::new(), Vec::new());
        for (number, [path, value, expected, _]) in chosen.into_iter().enumerate() {
            text = text.replace(&format!("\"<{number}>\""), value);
            let whole = |said: &str| {
                if said.contains('@') { said.into() } else { format!("{said}@{path}") }
            };
            match expected.strip_prefix("error ") {
                Some(error) => errors.push(whole(error)),
                None if expected == "ok" => {}
                None => deviations.extend(expected.split(' ').map(whole)),
            }
        }
        match Report::from_json(text.as_bytes()) {
            Err(error) => {
                let said = format!("{}@{}", error.code(), place(&error));
                prop_assert!(errors.contains(&said), "{said}, and not {errors:?}: {text}");
            }
            Ok(read) => {
                let said = read.deviations().iter();
                let said = said.map(|it| format!("{}@{}", it.code(), it.path()));
                let mut said: Vec<String> = said.collect();
                said.sort();
                deviations.sort();
                prop_assert_eq!(said, deviations, "{}", text);
                prop_assert!(errors.is_empty(), "{errors:?}: {text}");
                if let Ok(text) = read.report().to_json() {
                    again(read.report(), &text);
                }
            }
        }
    }
}

#[test]
fn texts() {
    let head = r#""organization-name": "Kestrel", "contact-info": "tls@kestrel.example", "report-id": "7", "date-range": {"start-datetime": "2026-11-21T00:00:00Z", "end-datetime": "2026-11-21T23:59:59Z"}"#;
    let policy = r#"{"policy": {"policy-type": "no-policy-found", "policy-domain": "example.com"}, "summary": {"total-successful-session-count": 1, "total-failure-session-count": 0}}"#;
    let mut wrong = String::new();
    for (name, [text, expected, sessions]) in rows::<3>("texts.txt", TEXTS) {
        let text = text.replace("HEAD", head).replace("POLICY", policy);
        let text = unescape(&text);
        let expected = unescape(&expected);
        let said = said(&text, "");
        let read = Report::from_json(&text);
        let counted = read.as_ref().map_or_else(
            |_| "-".into(),
            |read| read.report().successful_sessions().to_string(),
        );
        if said.as_bytes() != expected || counted != sessions {
            writeln!(wrong, "{name}\n    said: {said}\n    sessions: {counted}").unwrap();
        }
        if let Ok(read) = read {
            let written = read.report().to_json();
            again(read.report(), &written.unwrap());
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// Every code of an error or a deviation that can come up in reading JSON has a row.
#[test]
fn every_code_has_a_row() {
    let rows = format!("{MEMBERS} {TEXTS} {}", include_str!("written.rs"));
    let hostile = include_str!("hostile.rs");
    let words: Vec<_> = rows
        .split(|char: char| !(char.is_ascii_alphanumeric() || char == '-'))
        .chain(hostile.split('"'))
        .collect();
    let codes = (mta_sts::ReportErrorKind::ALL.iter().map(|kind| kind.code()))
        .chain(mta_sts::DeviationKind::ALL.iter().map(|kind| kind.code()))
        .chain(mta_sts::WriteErrorKind::ALL.iter().map(|kind| kind.code()));
    let missing: Vec<_> = codes
        .filter(|code| !code.starts_with("tlsrpt-gzip-"))
        .filter(|code| !words.contains(code))
        .collect();
    assert!(missing.is_empty(), "no row for {missing:?}");
}

#[track_caller]
fn displayed(error: &ReportError, with_place: &str, without: &str) {
    assert_eq!(error.to_string(), with_place);
    assert_eq!(format!("{error:#}"), without);
    assert_eq!(error.kind().to_string(), without);
    assert_eq!(error.section(), error.kind().section());
}

#[test]
fn errors_and_deviations_end_with_their_place() {
    let error = Report::from_json(b"{").unwrap_err();
    displayed(
        &error,
        "the text is not JSON at byte 1",
        "the text is not JSON",
    );
    let error = Report::from_json(b"{}").unwrap_err();
    displayed(
        &error,
        "the report has no `policies` at $.policies",
        "the report has no `policies`",
    );
    let text = changed("$.contact-info", Some(Value::Null));
    let read = Report::from_json(text.as_bytes()).unwrap();
    assert_eq!(
        read.deviations()[0].to_string(),
        "`null`, read as a missing member at $.contact-info"
    );
    let error: WriteError = read.report().to_json().unwrap_err();
    assert_eq!(
        error.to_string(),
        "a member is missing that a report must have at $.contact-info"
    );
    assert_eq!(
        format!("{error:#}"),
        "a member is missing that a report must have"
    );
}
