//! RFC 8461 §3.2 read once more, line by line, by code that shares nothing with the crate.

use mta_sts::Policy;
use std::str;

/// What a policy says.
#[derive(Debug, Default, PartialEq)]
struct Reading {
    mode: String,
    max_age: u64,
    mx: Vec<String>,
    extensions: Vec<(String, String)>,
}

/// The crate accepts what the oracle accepts, and reads in it what the oracle reads.
pub fn policy_oracle(text: &[u8]) {
    let crate_says = |policy: &Policy| Reading {
        mode: policy.mode().to_string(),
        max_age: policy.max_age().as_secs(),
        mx: policy.mx().map(|pattern| pattern.to_string()).collect(),
        extensions: policy
            .extensions()
            .map(|field| (field.name().into(), field.value().into()))
            .collect(),
    };
    let read = Policy::parse(text);
    assert_eq!(read.as_ref().ok().map(crate_says), oracle(text), "{read:?}");
}

fn oracle(text: &[u8]) -> Option<Reading> {
    let mut reading = Reading::default();
    let mut seen: Vec<&[u8]> = Vec::new();
    // sts-policy-term = LF / CRLF; behind the last field it may be missing.
    for line in text.split_inclusive(|&byte| byte == b'\n') {
        let ([field @ .., b'\r', b'\n'] | [field @ .., b'\n'] | field) = line;
        let colon = field.iter().position(|&byte| byte == b':')?;
        let (name, value) = (&field[..colon], without_wsp(&field[colon + 1..]));
        if !is_field_name(name) {
            return None;
        }
        match (name, seen.contains(&name)) {
            (b"mx", _) => reading.mx.push(pattern(value)?),
            (b"version", false) if value != b"STSv1" => return None,
            (b"mode", false) => match value {
                b"testing" | b"enforce" | b"none" => reading.mode = text_of(value)?,
                _ => return None,
            },
            (b"max_age", false) => {
                let is_number =
                    matches!(value.len(), 1..=10) && value.iter().all(u8::is_ascii_digit);
                let number: u64 = str::from_utf8(value)
                    .ok()
                    .filter(|_| is_number)?
                    .parse()
                    .ok()?;
                // Erratum 7282: the maximum, 31557600. What is grammatical must be accepted.
                reading.max_age = number.min(31_557_600);
            }
            (_, true) => drop(extension_value(value)?),
            (b"version", false) => {}
            (_, false) => reading
                .extensions
                .push((text_of(name)?, extension_value(value)?)),
        }
        seen.push(name);
    }
    let required = [&b"version"[..], b"mode", b"max_age"];
    let complete = required.iter().all(|name| seen.contains(name));
    let named = reading.mode == "none" || !reading.mx.is_empty();
    (complete && named).then_some(reading)
}

/// Without *WSP at either end.
fn without_wsp(mut text: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = text {
        text = rest;
    }
    text
}

fn text_of(bytes: &[u8]) -> Option<String> {
    String::from_utf8(bytes.to_vec()).ok()
}

/// `(ALPHA / DIGIT) *31(ALPHA / DIGIT / "_" / "-" / ".")`
fn is_field_name(name: &[u8]) -> bool {
    let inner = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-.".contains(byte);
    name.len() <= 32
        && name.first().is_some_and(u8::is_ascii_alphanumeric)
        && name.iter().all(inner)
}

/// Visible characters and UTF-8, SP between them.
fn extension_value(value: &[u8]) -> Option<String> {
    let is_control = |byte: &u8| byte.is_ascii_control();
    let is_right = !value.is_empty() && !value.iter().any(is_control);
    text_of(value).filter(|_| is_right)
}

/// `["*."] Domain` of RFC 5321 §4.1.2, within the sizes of RFC 1035 §2.3.4.
fn pattern(value: &[u8]) -> Option<String> {
    let name = value.strip_prefix(b"*.").unwrap_or(value);
    let is_label = |label: &[u8]| {
        matches!(label.len(), 1..=63)
            && label
                .iter()
                .all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
            && label[0] != b'-'
            && !label.ends_with(b"-")
    };
    let is_right = name.len() <= 253 && name.split(|&byte| byte == b'.').all(is_label);
    text_of(&value.to_ascii_lowercase()).filter(|_| is_right)
}
