//! The strict parsers against an oracle that knows only the ABNF of RFC 8461 and RFC 8460 and a list of
//! side conditions, over generated and mutated inputs.
//!
//! `MTA_STS_ORACLE_CASES=1000000 cargo test --release --test oracle -- --nocapture` hunts
//! longer. Case `n` is the same on every machine and whatever the count.

mod abnf;
mod inputs;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::panic::{AssertUnwindSafe, catch_unwind};

use abnf::{Grammar, RFC_8460, RFC_8461};
use inputs::Source;
use mta_sts::{Mode, Policy, StsRecord, TlsRptRecord};

// ---- The oracle ----

/// Why the oracle refuses an input: the ABNF, or the side condition that fails first.
type Refusal = &'static str;

/// Names and values of unknown fields: the first of each name, in order.
type Extensions = Vec<(String, String)>;

/// What a policy says. `Debug` is what a difference prints.
#[derive(Debug, Default, PartialEq, Eq)]
struct PolicyReading {
    mode: String,
    max_age: u64,
    mx: Vec<String>,
    extensions: Extensions,
}

/// What a record says.
#[derive(Debug, Default, PartialEq, Eq)]
struct RecordReading {
    id: String,
    extensions: Extensions,
}

/// What a TLS reporting record says.
#[derive(Debug, Default, PartialEq, Eq)]
struct TlsRptReading {
    rua: Vec<String>,
    extensions: Extensions,
}

/// Reads a policy by the ABNF and the side conditions.
///
/// Once the whole body is an `sts-policy-record`, cutting is safe: LF occurs in no field,
/// CR only before LF, and the first `:` of a line ends its name.
fn oracle_policy(rfc: &Grammar, body: &[u8]) -> Result<PolicyReading, Refusal> {
    ensure(rfc.matches("sts-policy-record", body), "ABNF")?;
    let mut reading = PolicyReading::default();
    let mut seen = BTreeSet::new();
    let body = body.strip_suffix(b"\n").unwrap_or(body);
    for line in body.split(|&b| b == b'\n') {
        let line = trim_wsp(line.strip_suffix(b"\r").unwrap_or(line));
        let (name, value) = cut(line, b':');
        if name != "mx" && !seen.insert(name.clone()) {
            // The value of a duplicate is free within `sts-policy-extension`.
            assert!(rfc.matches("sts-policy-extension", line));
            continue;
        }
        match &*name {
            "version" => ensure(rfc.matches("sts-policy-version", line), "version value")?,
            "mode" => {
                ensure(rfc.matches("sts-policy-mode", line), "mode value")?;
                reading.mode = value;
            }
            "max_age" => {
                ensure(rfc.matches("sts-policy-max-age", line), "max_age value")?;
                let seconds: u64 = value.parse().expect("ten digits at most");
                reading.max_age = seconds.min(31_557_600);
            }
            "mx" => {
                ensure(rfc.matches("sts-policy-mx", line), "mx value")?;
                let domain = value.strip_prefix("*.").unwrap_or(&value);
                let fits = domain.len() <= 253 && domain.split('.').all(|label| label.len() <= 63);
                ensure(fits, "mx length")?;
                reading.mx.push(value.to_ascii_lowercase());
            }
            _ => reading.extensions.push((name, value)),
        }
    }
    ensure(seen.contains("version"), "no version")?;
    ensure(seen.contains("mode"), "no mode")?;
    ensure(seen.contains("max_age"), "no max_age")?;
    ensure(reading.mode == "none" || !reading.mx.is_empty(), "no mx")?;
    Ok(reading)
}

/// Reads a record by the ABNF and the side conditions. A `;` occurs in no field.
fn oracle_record(rfc: &Grammar, text: &[u8]) -> Result<RecordReading, Refusal> {
    ensure(rfc.matches("sts-text-record", text), "ABNF")?;
    let mut reading = RecordReading::default();
    // The first field is the version: the ABNF has seen to it.
    let mut seen = BTreeSet::from(["v".to_owned()]);
    for field in text.split(|&b| b == b';').skip(1).map(trim_wsp) {
        if field.is_empty() {
            continue; // after the last delimiter
        }
        let (name, value) = cut(field, b'=');
        if !seen.insert(name.clone()) {
            assert!(rfc.matches("sts-extension", field));
        } else if name == "id" {
            ensure(rfc.matches("sts-id", field), "id value")?;
            reading.id = value;
        } else {
            reading.extensions.push((name, value));
        }
    }
    ensure(seen.contains("id"), "no id")?;
    Ok(reading)
}

/// Reads a TLS reporting record likewise. A `,` occurs in no address.
fn oracle_tls_rpt_record(rfc: &Grammar, text: &[u8]) -> Result<TlsRptReading, Refusal> {
    ensure(rfc.matches("tlsrpt-record", text), "ABNF")?;
    let mut reading = TlsRptReading::default();
    let mut seen = BTreeSet::from(["v".to_owned()]);
    for field in text.split(|&b| b == b';').skip(1).map(trim_wsp) {
        if field.is_empty() {
            continue; // after the last delimiter
        }
        let (name, value) = cut(field, b'=');
        if name == "rua" {
            ensure(rfc.matches("tlsrpt-rua", field), "rua value")?;
            let uris = value.split(',').map(|uri| uri.trim_matches([' ', '\t']));
            reading.rua.extend(uris.map(str::to_owned));
        } else if seen.insert(name.clone()) {
            reading.extensions.push((name, value));
        }
    }
    ensure(!reading.rua.is_empty(), "no rua")?;
    Ok(reading)
}

fn ensure(holds: bool, otherwise: Refusal) -> Result<(), Refusal> {
    if holds { Ok(()) } else { Err(otherwise) }
}

/// Without WSP at either end; `trim_ascii` would take more than SP and HTAB.
fn trim_wsp(mut text: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = text {
        text = rest;
    }
    text
}

/// Name and value of a field that the ABNF has accepted, which is UTF-8 therefore.
fn cut(field: &[u8], delimiter: u8) -> (String, String) {
    let at = field
        .iter()
        .position(|&b| b == delimiter)
        .expect("a delimiter");
    let own = |part: &[u8]| String::from_utf8(part.to_vec()).expect("UTF-8");
    (own(&field[..at]), own(trim_wsp(&field[at + 1..])))
}

// ---- The crate, in the oracle's words ----

/// What the crate says of one input, by `parse` and by `inspect`.
#[derive(Debug)]
struct Answer<R> {
    parsed: Result<R, String>,
    inspected: Option<R>,
}

fn crate_policy(body: &[u8]) -> Answer<PolicyReading> {
    let read = |policy: &Policy| PolicyReading {
        mode: match policy.mode() {
            Mode::Enforce => "enforce",
            Mode::Testing => "testing",
            Mode::None => "none",
        }
        .to_owned(),
        max_age: policy.max_age().as_secs(),
        mx: policy.mx().map(|pattern| pattern.to_string()).collect(),
        extensions: policy
            .extensions()
            .map(|extension| (extension.name().to_owned(), extension.value().to_owned()))
            .collect(),
    };
    Answer {
        parsed: Policy::parse(body)
            .as_ref()
            .map(read)
            .map_err(ToString::to_string),
        inspected: Policy::inspect(body).value().map(read),
    }
}

fn crate_record(text: &[u8]) -> Answer<RecordReading> {
    let read = |record: &StsRecord| RecordReading {
        id: record.id().as_str().to_owned(),
        extensions: record
            .extensions()
            .iter()
            .map(|extension| (extension.name().to_owned(), extension.value().to_owned()))
            .collect(),
    };
    Answer {
        parsed: StsRecord::parse(text)
            .as_ref()
            .map(read)
            .map_err(ToString::to_string),
        inspected: StsRecord::inspect(text).value().map(read),
    }
}

fn crate_tls_rpt_record(text: &[u8]) -> Answer<TlsRptReading> {
    let read = |record: &TlsRptRecord| TlsRptReading {
        rua: record.rua().iter().map(ToString::to_string).collect(),
        extensions: record
            .extensions()
            .iter()
            .map(|extension| (extension.name().to_owned(), extension.value().to_owned()))
            .collect(),
    };
    Answer {
        parsed: TlsRptRecord::parse(text)
            .as_ref()
            .map(read)
            .map_err(ToString::to_string),
        inspected: TlsRptRecord::inspect(text).value().map(read),
    }
}

// ---- The hunt ----

/// Judges generated inputs with oracle and crate, and prints those they differ on. Why an
/// input is refused may differ.
fn hunt<R: Debug + PartialEq>(
    generate: impl Fn(&mut Source),
    oracle: impl Fn(&[u8]) -> Result<R, Refusal>,
    subject: impl Fn(&[u8]) -> Answer<R>,
    verdict_kinds: usize,
) {
    let wanted = std::env::var("MTA_STS_ORACLE_CASES");
    let wanted = wanted.map_or(0, |count| {
        count.parse().expect("MTA_STS_ORACLE_CASES is a number")
    });
    let cases = wanted.max(6_000);
    let ask = |input: &[u8]| {
        catch_unwind(AssertUnwindSafe(|| subject(input)))
            .unwrap_or_else(|_| panic!("the crate panics on b\"{}\"", input.escape_ascii()))
    };
    let agrees = |expected: &Result<R, Refusal>, input: &[u8]| {
        let answer = ask(input);
        let expected = expected.as_ref().ok();
        answer.parsed.as_ref().ok() == expected && answer.inspected.as_ref() == expected
    };

    let mut verdicts: BTreeMap<Option<Refusal>, u64> = BTreeMap::new();
    let mut differing = BTreeSet::new();
    for case in 0..cases {
        let mut source = Source::new(case);
        generate(&mut source);
        source.mutate();
        let expected = oracle(&source.text);
        *verdicts
            .entry(expected.as_ref().err().copied())
            .or_default() += 1;
        if differing.len() < 20 && !agrees(&expected, &source.text) {
            differing.insert(shrink(source.text, |input| !agrees(&oracle(input), input)));
        }
    }
    println!("{cases} cases: {verdicts:?}");
    for input in &differing {
        println!("\nb\"{}\"", input.escape_ascii());
        println!("oracle: {:?}\n crate: {:?}", oracle(input), ask(input));
    }
    let count = differing.len();
    assert_eq!(
        count, 0,
        "crate and oracle differ on the {count} inputs above"
    );

    // The test would be empty if nearly all inputs had one verdict or a rule were never broken.
    let (accepted, fifth) = (verdicts[&None], cases / 5);
    assert!(
        (fifth..=cases - fifth).contains(&accepted),
        "{accepted} of {cases} accepted"
    );
    assert_eq!(verdicts.len(), verdict_kinds, "{verdicts:?}");
}

/// Leaves out what can be left out of an input while `fails` holds.
fn shrink(mut input: Vec<u8>, fails: impl Fn(&[u8]) -> bool) -> Vec<u8> {
    for size in [64, 16, 4, 1, 1] {
        let mut at = 0;
        while at + size <= input.len() {
            let shorter = [&input[..at], &input[at + size..]].concat();
            if fails(&shorter) {
                input = shorter;
            } else {
                at += 1;
            }
        }
    }
    input
}

#[test]
fn policies_are_read_as_the_abnf_says() {
    let rfc = Grammar::read(RFC_8461);
    hunt(
        Source::policy,
        |body| oracle_policy(&rfc, body),
        crate_policy,
        11,
    );
}

#[test]
fn records_are_read_as_the_abnf_says() {
    let rfc = Grammar::read(RFC_8461);
    hunt(
        Source::record,
        |text| oracle_record(&rfc, text),
        crate_record,
        4,
    );
}

#[test]
fn tls_rpt_records_are_read_as_the_abnf_says() {
    let rfc = Grammar::read(RFC_8460);
    hunt(
        Source::tls_rpt_record,
        |text| oracle_tls_rpt_record(&rfc, text),
        crate_tls_rpt_record,
        4,
    );
}

/// The oracle itself against verdicts that were reached by hand.
#[test]
fn the_oracle_agrees_with_the_shared_vectors() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../shared/vectors/vectors.json"
    );
    let Ok(json) = std::fs::read(path) else {
        println!("skipped: there is no ../shared/vectors/vectors.json");
        return;
    };
    let (rfc, rfc_8460) = (Grammar::read(RFC_8461), Grammar::read(RFC_8460));
    let rows: Vec<serde_json::Value> = serde_json::from_slice(&json).expect("an array of rows");
    let mut judged = 0;
    for row in rows {
        let (input, expect) = (bytes(&row), &row["expect"]);
        let agrees = match row["kind"].as_str() {
            Some("policy") => match oracle_policy(&rfc, &input) {
                Err(_) => expect["accept"] == false,
                Ok(reading) => {
                    let mx = serde_json::json!(reading.mx).to_string();
                    expect["accept"] == true
                        && expect["mode"] == reading.mode
                        && expect["max_age"] == reading.max_age
                        && expect["mx"].to_string().to_ascii_lowercase() == mx
                }
            },
            Some("txt") => match oracle_record(&rfc, &input) {
                Err(_) => expect["accept"] == false,
                Ok(reading) => expect["accept"] == true && expect["id"] == reading.id,
            },
            Some("tlsrpt_txt") => match oracle_tls_rpt_record(&rfc_8460, &input) {
                Err(_) => expect["accept"] == false,
                Ok(reading) => {
                    expect["accept"] == true && expect["rua"] == serde_json::json!(reading.rua)
                }
            },
            _ => continue,
        };
        assert!(agrees, "{row}");
        judged += 1;
    }
    assert!(judged > 0, "no row of a known kind");
}

/// The input of a row, which is text or hex.
fn bytes(row: &serde_json::Value) -> Vec<u8> {
    if let Some(hex) = row["input_hex"].as_str() {
        let byte = |at| u8::from_str_radix(&hex[at..at + 2], 16).expect("hex");
        return (0..hex.len()).step_by(2).map(byte).collect();
    }
    row["input"].as_str().unwrap_or_default().into()
}
