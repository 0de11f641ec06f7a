//! Mails of real reporters, where they are at hand: `../shared` beside the project.

use super::{root, run};
use crate::support::skip;
use serde_json::Value;
use std::fs;

/// The sum of all numbers in members of this name, wherever they are.
fn total(json: &Value, name: &str) -> u64 {
    match json {
        Value::Array(elements) => elements.iter().map(|element| total(element, name)).sum(),
        Value::Object(members) => {
            let own = members.get(name).and_then(Value::as_u64).unwrap_or(0);
            let inside = members.values().map(|value| total(value, name));
            own + inside.sum::<u64>()
        }
        _ => 0,
    }
}

#[test]
fn sums_are_those_of_the_reports_inside() {
    let folder = root().join("../shared/corpus/tlsrpt");
    if !folder.exists() {
        skip("mails of real reporters are not there");
        return;
    }
    let entries = fs::read_dir(folder).unwrap();
    let files = entries.map(|entry| entry.unwrap().path());
    let mails = files.filter(|path| path.extension().is_some_and(|it| it == "eml"));
    let (mut with, mut without) = (0, 0);
    for path in mails {
        let name = path.display();
        let run = run(["read".as_ref(), "--json".as_ref(), path.as_path()], b"");
        assert_eq!(run.code, Some(0), "{name}: {}", run.stderr);
        let inside = path.with_extension("eml__part1.json");
        if !inside.exists() {
            without += 1;
            assert_eq!(run.reports(), 0, "{name}");
            assert_eq!(
                run.told(),
                [(name.to_string(), "mail-no-report".to_owned())]
            );
            assert!(
                run.stderr
                    .contains("there is no TLS report in it, but text/plain")
            );
            continue;
        }
        with += 1;
        assert_eq!(run.stderr, "", "{name}");
        assert_eq!(run.reports(), 1, "{name}");
        let (found, wanted) = (run.json(), fs::read(inside).unwrap());
        let wanted: Value = serde_json::from_slice(&wanted).unwrap();
        let results = found["results"].as_array().unwrap().iter();
        let failures = results.map(|result| result["sessions"].as_u64().unwrap());
        assert_eq!(
            (
                found["sessions"]["successful"].as_u64().unwrap(),
                found["sessions"]["failed"].as_u64().unwrap(),
                failures.sum::<u64>(),
            ),
            (
                total(&wanted, "total-successful-session-count"),
                total(&wanted, "total-failure-session-count"),
                total(&wanted, "failed-session-count"),
            ),
            "{name}"
        );
        assert_eq!(found["reporters"][0]["name"], wanted["organization-name"]);
    }
    assert!(with >= 9 && without >= 1, "{with} and {without}");
}
