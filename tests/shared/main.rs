//! The reading of inputs collected elsewhere, where they are at hand: `../shared` beside the project.

mod discoveries;

use mta_sts::{MxPattern, ParseOptions, Policy, ReportUri, StsRecord, TlsRptRecord, TxtAnswer};
use serde_json::Value;
use std::fs;
use std::path::PathBuf;

fn shared(path: &str) -> Option<PathBuf> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../shared")
        .join(path);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: {} is not there", path.display());
    None
}

fn vectors(kind: &str) -> Vec<Value> {
    let Some(path) = shared("vectors/vectors.json") else {
        return Vec::new();
    };
    let text = fs::read(path).unwrap();
    let all: Vec<Value> = serde_json::from_slice(&text).unwrap();
    let rows: Vec<_> = all.into_iter().filter(|row| row["kind"] == kind).collect();
    assert!(!rows.is_empty(), "no rows of kind {kind}");
    rows
}

fn input(row: &Value) -> Vec<u8> {
    if let Some(text) = row["input"].as_str() {
        return text.into();
    }
    let hex = row["input_hex"].as_str().unwrap();
    let byte = |at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
    (0..hex.len()).step_by(2).map(byte).collect()
}

#[test]
fn txt_vectors() {
    for row in vectors("txt") {
        let record = StsRecord::parse(&input(&row));
        assert_eq!(record.is_ok(), row["expect"]["accept"] == true, "{row}");
        if let Ok(record) = record {
            assert_eq!(record.id().as_str(), row["expect"]["id"], "{row}");
        }
    }
}

#[test]
fn tls_rpt_txt_vectors() {
    for row in vectors("tlsrpt_txt") {
        let text = input(&row);
        let record = TlsRptRecord::parse(&text);
        assert_eq!(record.is_ok(), row["expect"]["accept"] == true, "{row}");
        assert_eq!(
            TlsRptRecord::inspect(&text).value(),
            record.as_ref().ok(),
            "{row}"
        );
        if let Ok(record) = record {
            let rua: Vec<_> = record.rua().iter().map(ReportUri::as_str).collect();
            assert_eq!(row["expect"]["rua"], serde_json::json!(rua), "{row}");
        }
    }
}

/// Which of the collected TXT records are accepted; neither kind accepts what is the other's.
#[test]
fn published_records() {
    let Some(list) = shared("corpus/txt.jsonl") else {
        return;
    };
    let (mut sts, mut tls_rpt) = (0, 0);
    for line in fs::read_to_string(list).unwrap().lines() {
        let row: Value = serde_json::from_str(line).unwrap();
        let text = row["txt"].as_str().unwrap();
        let is_sts = StsRecord::parse(text.as_bytes()).is_ok();
        let is_tls_rpt = TlsRptRecord::parse(text.as_bytes()).is_ok();
        assert!(!(is_sts && is_tls_rpt), "{row}");
        sts += u32::from(is_sts);
        tls_rpt += u32::from(is_tls_rpt);
    }
    println!("MTA-STS {sts}, TLS reporting {tls_rpt}");
    assert_eq!(tls_rpt, 18);
}

#[test]
fn txt_set_vectors() {
    for row in vectors("txt_set") {
        let mut answer = TxtAnswer::new();
        for record in row["input"].as_array().unwrap() {
            let strings = record.as_array().unwrap().iter();
            answer.push_record(strings.map(|string| string.as_str().unwrap()));
        }
        let selected = StsRecord::select(&answer).ok().flatten();
        assert_eq!(selected.is_some(), row["expect"]["usable"] == true, "{row}");
        let inspection = StsRecord::inspect_answer(&answer);
        assert_eq!(inspection.value(), selected.as_ref(), "{row}");
        if let Some(record) = selected {
            assert_eq!(record.id().as_str(), row["expect"]["id"], "{row}");
        }
    }
}

#[test]
fn policy_vectors() {
    for row in vectors("policy") {
        let policy = Policy::parse(&input(&row));
        assert_eq!(
            policy.is_ok(),
            row["expect"]["accept"] == true,
            "{row} {policy:?}"
        );
        if let Ok(policy) = policy {
            assert_eq!(policy.mode().as_str(), row["expect"]["mode"], "{row}");
            assert_eq!(
                policy.max_age().as_secs(),
                row["expect"]["max_age"],
                "{row}"
            );
            let mx: Vec<_> = policy.mx().map(|pattern| pattern.to_string()).collect();
            let expected = row["expect"]["mx"].as_array().unwrap().iter();
            let expected: Vec<_> = expected
                .map(|mx| mx.as_str().unwrap().to_lowercase())
                .collect();
            assert_eq!(mx, expected, "{row}");
        }
    }
}

#[test]
fn match_vectors() {
    for row in vectors("match") {
        let pattern = row["input"]["pattern"]
            .as_str()
            .unwrap()
            .parse::<MxPattern>();
        let host = row["input"]["host"].as_str().unwrap();
        if !host.is_ascii() && !cfg!(feature = "idna") {
            continue;
        }
        let matches = pattern.is_ok_and(|pattern| pattern.matches(host));
        assert_eq!(matches, row["expect"]["match"] == true, "{row}");
    }
}

#[test]
fn published_policies() {
    let (Some(list), Some(folder)) = (shared("corpus/policies.jsonl"), shared("corpus/policies"))
    else {
        return;
    };
    let (mut strict, mut lenient) = (0, 0);
    for line in fs::read_to_string(list).unwrap().lines() {
        let row: Value = serde_json::from_str(line).unwrap();
        let text = fs::read(folder.join(row["file"].as_str().unwrap())).unwrap();
        let policy = Policy::parse(&text);
        assert_eq!(
            policy.is_ok(),
            row["usable_strict"] == true,
            "{row}: {policy:?}"
        );
        let leniently = Policy::parse_with(&text, &ParseOptions::lenient());
        strict += u32::from(policy.is_ok());
        lenient += u32::from(leniently.is_ok());
        if policy.is_ok() {
            assert_eq!(policy, leniently, "{row}");
        }
        let inspection = Policy::inspect(&text);
        if policy.is_err() {
            let first = inspection.errors().next().unwrap();
            assert!(first.span().end() <= text.len(), "{row}");
        }
        if let Some(fixed) = inspection.fixed(&text) {
            assert!(Policy::parse(&fixed).is_ok(), "{row}");
        }
    }
    assert_eq!(strict, 184);
    assert!(lenient >= 212, "{lenient}");
    println!("strict {strict}, lenient {lenient}");
}
