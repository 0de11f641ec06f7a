//! The serde forms, pinned: they are API.

#![cfg(feature = "serde")]

use mta_sts::{
    Domain, MaxAge, Mode, MxPattern, ParseOptions, Policy, PolicyDomain, PolicyId, ReportUri,
    StsRecord, TlsRptRecord, Tolerance,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::fmt::Debug;

/// The value has this form, and the form is read as this value.
#[track_caller]
fn is<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T, form: Value) {
    assert_eq!(serde_json::to_value(value).unwrap(), form);
    assert_eq!(serde_json::from_value::<T>(form).unwrap(), *value);
}

#[track_caller]
fn refused<T: DeserializeOwned + Debug>(form: Value, message: &str) {
    let error = serde_json::from_value::<T>(form).unwrap_err();
    assert_eq!(error.to_string(), message);
}

#[test]
fn names_and_values_are_strings_and_numbers() {
    is::<Domain>(&"example.net".parse().unwrap(), json!("example.net"));
    is::<PolicyDomain>(&"example.net".parse().unwrap(), json!("example.net"));
    is::<MxPattern>(&"*.example.net".parse().unwrap(), json!("*.example.net"));
    is::<PolicyId>(&"20261121".parse().unwrap(), json!("20261121"));
    is(&Mode::Enforce, json!("enforce"));
    is(&MaxAge::MAX, json!(31_557_600));
    is(
        &ParseOptions::strict().with(Tolerance::BlankLines),
        json!(["blank-lines"]),
    );
}

#[test]
fn every_value_is_validated() {
    refused::<Domain>(json!("a..b"), "the name has an empty label at byte 0");
    refused::<MxPattern>(json!("mx_1.example.net"), "the name holds `_` at byte 0");
    refused::<PolicyId>(
        json!("1-2"),
        "`id` holds a character that is neither a letter nor a digit at byte 0",
    );
    refused::<Mode>(
        json!("Enforce"),
        "`mode` is not `enforce`, `testing` or `none` at byte 0",
    );
    refused::<MaxAge>(
        json!(31_557_601),
        "`max_age` is over the maximum of 31557600 seconds",
    );
    refused::<ParseOptions>(json!(["anything"]), "unknown tolerance");
}

#[test]
fn records_have_all_their_fields() {
    let record = StsRecord::parse(b"v=STSv1; id=1; note=a:b; x=y;").unwrap();
    let form = json!({
        "version": "STSv1",
        "id": "1",
        "extensions": [{"name": "note", "value": "a:b"}, {"name": "x", "value": "y"}],
    });
    is(&record, form);
    let with = |key: &str, value: Value| {
        let mut form = json!({"version": "STSv1", "id": "1", "extensions": []});
        form[key] = value;
        form
    };
    refused::<StsRecord>(
        with("version", json!("STSv2")),
        "the version is not `STSv1`",
    );
    refused::<StsRecord>(
        with("extensions", json!([{"name": "id", "value": "2"}])),
        "`v` and `id` cannot name an extension at byte 0",
    );
    refused::<StsRecord>(
        with("more", json!(1)),
        "unknown field `more`, expected one of `version`, `id`, `extensions`",
    );
}

/// A stranger may have written the form: many fields cost no more than they are many.
#[test]
fn many_extensions_are_read_and_repeated_ones_refused() {
    let extensions = |names: &mut dyn Iterator<Item = u32>| -> Value {
        names
            .map(|n| json!({"name": format!("x{n}"), "value": "1"}))
            .collect()
    };
    let record = |extensions| json!({"version": "STSv1", "id": "1", "extensions": extensions});
    let policy = |extensions| json!({"version": "STSv1", "mode": "none", "max_age": 1, "mx": [], "extensions": extensions});
    let many = extensions(&mut (0..100_000));
    let read: StsRecord = serde_json::from_value(record(many.clone())).unwrap();
    assert_eq!(read.extensions().len(), 100_000);
    let read: Policy = serde_json::from_value(policy(many)).unwrap();
    assert_eq!(read.extensions().count(), 100_000);
    let again = extensions(&mut (0..100).chain([7]));
    let message = "an extension of that name is there already at byte 0";
    refused::<StsRecord>(record(again.clone()), message);
    refused::<Policy>(policy(again), message);
}

#[test]
fn tls_rpt_records_are_strings() {
    let text = "v=TLSRPTv1; rua=mailto:a@example.com,https://example.com/tls; note=x;";
    let record = TlsRptRecord::parse(text.as_bytes()).unwrap();
    is(&record, json!(text));
    is(&record.rua()[1], json!("https://example.com/tls"));
    refused::<TlsRptRecord>(
        json!("v=TLSRPTv1; rua=a@example.com"),
        "an address does not begin with a scheme at byte 16",
    );
    refused::<ReportUri>(
        json!("mailto:a!b@example.com"),
        "an address holds `!`, `,` or `;` at byte 0",
    );
}

fn policy() -> Value {
    json!({
        "version": "STSv1",
        "mode": "enforce",
        "max_age": 604_800,
        "mx": ["mail.example.com", "*.example.net"],
        "extensions": [{"name": "note", "value": "caf\u{e9}"}],
    })
}

#[test]
fn policies_have_all_their_fields() {
    let text = "version: STSv1\nmode: enforce\nmx: mail.example.com\nmx: *.example.net\nmax_age: 604800\nnote: caf\u{e9}\n";
    is(&Policy::parse(text.as_bytes()).unwrap(), policy());
    let with = |key: &str, value: Value| {
        let mut form = policy();
        form[key] = value;
        form
    };
    refused::<Policy>(
        with("version", json!("stsv1")),
        "the version is not `STSv1`",
    );
    refused::<Policy>(with("mx", json!([])), "the policy has no `mx` at byte 0");
    refused::<Policy>(
        with("mx", json!(["a_b.example"])),
        "the name holds `_` at byte 0",
    );
    refused::<Policy>(
        with("extensions", json!([{"name": "mx", "value": "a.example"}])),
        "`version`, `mode`, `max_age` and `mx` cannot name an extension at byte 0",
    );
    refused::<Policy>(
        with("id", json!("1")),
        "unknown field `id`, expected one of `version`, `mode`, `max_age`, `mx`, `extensions`, `tolerances`",
    );
    let mut short = policy();
    short.as_object_mut().unwrap().remove("max_age");
    refused::<Policy>(short, "missing field `max_age`");
}

#[test]
fn a_policy_read_leniently_says_so_and_is_read_back() {
    let text = b"version: STSv1\nmode: enforce\nmx: mx_1.example.net.\n\nmax_age: 604800\n";
    let policy = Policy::parse_with(text, &ParseOptions::lenient()).unwrap();
    let form = serde_json::to_value(&policy).unwrap();
    let tolerances = json!(["blank-lines", "mx-trailing-dot", "mx-underscore"]);
    assert_eq!(form["tolerances"], tolerances);
    let back: Policy = serde_json::from_value(form.clone()).unwrap();
    assert_eq!(back, policy);
    assert_eq!(back.tolerances(), policy.tolerances());
    let mut strict = form;
    strict.as_object_mut().unwrap().remove("tolerances");
    refused::<Policy>(strict, "the name holds `_` at byte 0");
}

#[test]
fn inspections_are_written() {
    let text = b"version: STSv1\nmode: enforce\nmx: mail.kestrel.net.\nmax_age: 1209600\n";
    let form = serde_json::to_value(Policy::inspect(text)).unwrap();
    let expected = json!({
        "accepted_by": "lenient",
        "value": null,
        "errors": 1,
        "warnings": 0,
        "notes": 0,
        "diagnostics": [{
            "code": "mx-trailing-dot",
            "severity": "error",
            "message": "the name ends with a dot",
            "help": "remove the final dot",
            "section": "RFC 5321 §4.1.2",
            "url": "https://www.rfc-editor.org/rfc/rfc5321#section-4.1.2",
            "span": {"start": 33, "end": 50},
            "count": 1,
            "fix": [{"span": {"start": 33, "end": 50}, "replacement": "mail.kestrel.net"}],
        }],
    });
    assert_eq!(form, expected);
}
