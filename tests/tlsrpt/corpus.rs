//! Reports of real reporters, where they are at hand: `../shared` beside the project.

use mta_sts::{FailureDetails, Report, ReportPolicy};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

fn shared(path: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../shared")
        .join(path);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: {} is not there", path.display());
    None
}

/// The files with this extension.
pub(crate) fn files(extension: &str) -> Vec<PathBuf> {
    let Some(folder) = shared("corpus/tlsrpt") else {
        return Vec::new();
    };
    let entries = fs::read_dir(folder).unwrap();
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|it| it == extension));
    files.sort();
    assert!(!files.is_empty());
    files
}

/// The sum of all numbers in members of this name, wherever they are.
fn total(json: &Value, name: &str) -> u64 {
    match json {
        Value::Array(elements) => elements.iter().map(|element| total(element, name)).sum(),
        Value::Object(members) => {
            let own = members.get(name).and_then(Value::as_u64).unwrap_or(0);
            own + members
                .values()
                .map(|value| total(value, name))
                .sum::<u64>()
        }
        _ => 0,
    }
}

#[test]
fn every_report_is_read_and_counted() {
    for file in files("json") {
        let name = file.display();
        let text = fs::read(&file).unwrap();
        let json: Value = serde_json::from_slice(&text).unwrap();
        let read = Report::from_json(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        let report = read.report();
        let details = (report.policies().iter())
            .flat_map(ReportPolicy::failure_details)
            .filter_map(FailureDetails::failed_sessions);
        assert_eq!(
            (
                report.successful_sessions(),
                report.failed_sessions(),
                details.sum::<u64>()
            ),
            (
                total(&json, "total-successful-session-count"),
                total(&json, "total-failure-session-count"),
                total(&json, "failed-session-count")
            ),
            "{name}"
        );
        assert_eq!(
            report.policies().len(),
            json["policies"].as_array().unwrap().len(),
            "{name}"
        );
        assert!(report.date_range().first_day().is_some(), "{name}");
        if let Ok(text) = report.to_json() {
            crate::rows::again(report, &text);
        }
    }
}

#[test]
fn report_vectors() {
    let Some(path) = shared("vectors/vectors.json") else {
        return;
    };
    let rows: Vec<Value> = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    let mut count = 0;
    for row in rows.iter().filter(|row| row["kind"] == "tlsrpt_json") {
        let read = Report::from_json(row["input"].to_string().as_bytes());
        assert_eq!(read.is_ok(), row["expect"]["accept"] == true, "{row}");
        count += 1;
    }
    assert_eq!(count, 14);
}
