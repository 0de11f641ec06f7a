//! What constructors refuse: what no text can be guilty of, and the same rules as for texts.

use mta_sts::{
    Error, Inspection, MaxAge, Mode, Policy, PolicyBuilder, PolicyId, StsRecord, TlsRptRecord,
};
use std::fmt::{Debug, Write as _};
use std::time::Duration;

/// The code and the span of a refusal.
#[track_caller]
fn refused<T: Debug>(result: Result<T, Error>, expected: &str) {
    assert_eq!(super::place(&result.unwrap_err()), expected);
}

fn builder() -> PolicyBuilder {
    Policy::builder(Mode::None, MaxAge::MAX)
}

/// Name and value of a policy's extension, beside `note: x`.
#[track_caller]
fn extension(name: &str, value: &str, expected: &str) {
    let before = builder().extension("note", "x").unwrap();
    match before.extension(name, value) {
        Err(error) => assert_eq!(super::place(&error), expected),
        Ok(builder) => {
            assert_eq!(expected, "accepted");
            let policy = builder.build().unwrap();
            super::laws::written(&policy);
            let last = policy.extensions().last().unwrap();
            assert_eq!((last.name(), last.value()), (name, value));
        }
    }
}

#[test]
fn extensions_of_a_policy() {
    extension("version", "STSv1", "policy-extension-reserved 0..7");
    extension("mode", "none", "policy-extension-reserved 0..4");
    extension("max_age", "0", "policy-extension-reserved 0..7");
    extension("mx", "a", "policy-extension-reserved 0..2");
    extension("note", "y", "policy-extension-repeated 0..4");
    extension("", "x", "policy-field-name 0..0");
    extension("_a", "x", "policy-field-name 0..2");
    extension("a b", "x", "policy-field-name 0..3");
    extension("a:", "x", "policy-field-name 0..2");
    extension("a\n", "x", "policy-field-name 0..2");
    extension("é", "x", "policy-field-name 0..2");
    extension(&"a".repeat(33), "x", "policy-field-name-too-long 0..33");
    extension(&"_".repeat(33), "x", "policy-field-name 0..33");
    extension("a", "", "policy-value-empty 0..0");
    extension("a", " ", "policy-extension-value 0..1");
    extension("a", " x", "policy-extension-value 0..2");
    extension("a", "x ", "policy-extension-value 0..2");
    extension("a", "x\t", "policy-extension-value 0..2");
    extension("a", "x\ty", "policy-extension-value 0..3");
    extension("a", "x\nmode: none", "policy-extension-value 0..12");
    extension("a", "x\r", "policy-extension-value 0..2");
    extension("a", "é\0", "policy-extension-value 0..3");
    extension("a", "x\u{7f}", "policy-extension-value 0..2");
    extension("Note", "y", "accepted");
    extension("Version", "STSv1", "accepted");
    extension("MX", "a", "accepted");
    extension(&"a".repeat(32), "x", "accepted");
    extension("0-_.", ": x = y; # z", "accepted");
    extension("a", "é\u{85}\u{2028}\u{feff}", "accepted");
}

#[test]
fn policies_without_patterns() {
    for mode in [Mode::Enforce, Mode::Testing] {
        refused(
            Policy::builder(mode, MaxAge::MAX).build(),
            "policy-mx-missing 0..0",
        );
    }
    assert_eq!(builder().build().unwrap().mx().count(), 0);
}

#[test]
fn max_ages() {
    refused(MaxAge::new(31_557_601), "policy-max-age-range 0..0");
    refused(MaxAge::new(1 << 32), "policy-max-age-range 0..0");
    refused(MaxAge::new(u64::MAX), "policy-max-age-range 0..0");
    refused(MaxAge::try_from(Duration::MAX), "policy-max-age-range 0..0");
    assert_eq!(MaxAge::new(31_557_600), Ok(MaxAge::MAX));
    assert_eq!(
        MaxAge::try_from(Duration::from_millis(1999)),
        MaxAge::new(1)
    );
    assert_eq!(MaxAge::new(0).unwrap().as_secs(), 0);
}

#[test]
fn modes() {
    refused("".parse::<Mode>(), "policy-mode 0..0");
    refused("Enforce".parse::<Mode>(), "policy-mode 0..7");
    refused("enforce ".parse::<Mode>(), "policy-mode 0..8");
    for mode in [Mode::Enforce, Mode::Testing, Mode::None] {
        assert_eq!(mode.as_str().parse(), Ok(mode));
    }
}

#[test]
fn ids() {
    refused("".parse::<PolicyId>(), "record-id-empty 0..0");
    refused(" 1".parse::<PolicyId>(), "record-id-character 0..2");
    refused(
        "2016-08-31".parse::<PolicyId>(),
        "record-id-character 0..10",
    );
    refused("é".parse::<PolicyId>(), "record-id-character 0..2");
    refused(
        "1".repeat(33).parse::<PolicyId>(),
        "record-id-too-long 0..33",
    );
    assert_eq!(
        "1".repeat(32).parse::<PolicyId>().unwrap().as_str(),
        "1".repeat(32)
    );
    let id = PolicyId::from_static("20261128");
    assert_eq!(
        (id.as_ref(), id.to_string()),
        ("20261128", "20261128".to_owned())
    );
    assert_eq!(format!("{id:?}"), "PolicyId(\"20261128\")");
}

/// Name and value of a record's extension, beside `note=x`.
#[track_caller]
fn field(name: &str, value: &str, expected: &str) {
    let before = StsRecord::new(PolicyId::from_static("1"));
    let before = before.with_extension("note", "x").unwrap();
    match before.with_extension(name, value) {
        Err(error) => assert_eq!(super::place(&error), expected),
        Ok(record) => {
            assert_eq!(expected, "accepted");
            assert_eq!(StsRecord::parse(record.to_string().as_bytes()), Ok(record));
        }
    }
}

#[test]
fn extensions_of_a_record() {
    field("v", "STSv1", "record-extension-reserved 0..1");
    field("id", "2", "record-extension-reserved 0..2");
    field("note", "y", "record-extension-repeated 0..4");
    field("", "x", "record-field-name 0..0");
    field(".a", "x", "record-field-name 0..2");
    field("a=", "x", "record-field-name 0..2");
    field(&"a".repeat(33), "x", "record-field-name-too-long 0..33");
    field("a", "", "record-field-value-empty 0..0");
    field("a", "x y", "record-field-value 0..3");
    field("a", "x;", "record-field-value 0..2");
    field("a", "=", "record-field-value 0..1");
    field("a", "é", "record-field-value 0..2");
    field("V", "STSv2", "accepted");
    field("ID", "2", "accepted");
    field("NOTE", "y", "accepted");
    field(&"a".repeat(32), "!<>~", "accepted");
}

/// Name and value of a TLS reporting record's extension, beside `note=x`.
#[track_caller]
fn tls_rpt_field(name: &str, value: &str, expected: &str) {
    let uri = "mailto:a@host.net".parse().unwrap();
    let before = TlsRptRecord::new([uri]).unwrap();
    let before = before.with_extension("note", "x").unwrap();
    match before.with_extension(name, value) {
        Err(error) => assert_eq!(super::place(&error), expected),
        Ok(record) => {
            assert_eq!(expected, "accepted");
            super::laws::tls_rpt_record(record.to_string().as_bytes());
            assert_eq!(
                TlsRptRecord::parse(record.to_string().as_bytes()),
                Ok(record)
            );
        }
    }
}

#[test]
fn extensions_of_a_tls_rpt_record() {
    tls_rpt_field("v", "TLSRPTv1", "tlsrpt-extension-reserved 0..1");
    tls_rpt_field("rua", "mailto:", "tlsrpt-extension-reserved 0..3");
    tls_rpt_field("note", "y", "tlsrpt-extension-repeated 0..4");
    tls_rpt_field("", "x", "tlsrpt-field-name 0..0");
    tls_rpt_field("a;", "x", "tlsrpt-field-name 0..2");
    tls_rpt_field(&"a".repeat(33), "x", "tlsrpt-field-name-too-long 0..33");
    tls_rpt_field("a", "", "tlsrpt-field-value-empty 0..0");
    tls_rpt_field("a", "x;rua=b", "tlsrpt-field-value 0..7");
    tls_rpt_field("id", "1", "accepted");
    tls_rpt_field("RUA", "!,", "accepted");
}

#[test]
fn tls_rpt_records_without_addresses() {
    refused(TlsRptRecord::new([]), "tlsrpt-rua-missing 0..0");
}

/// A list that is full ends with how many findings it leaves out.
#[track_caller]
fn more<T>(inspection: &Inspection<T>, code: &str, count: usize) {
    let (last, listed) = inspection.diagnostics().split_last().unwrap();
    assert_eq!(
        (listed.len(), last.code(), last.count()),
        (1000, code, count)
    );
}

#[test]
fn more_findings() {
    let mut policy = "version: STSv1\nmode: none\nmax_age: 0\n".to_owned();
    let mut record = "v=STSv1;id=1".to_owned();
    for number in 0..1500 {
        writeln!(policy, "a{number}: x").unwrap();
        write!(record, ";a{number}=x").unwrap();
    }
    // The note about the mode is one too.
    more(
        &Policy::inspect(policy.as_bytes()),
        "policy-more-findings",
        501,
    );
    more(
        &StsRecord::inspect(record.as_bytes()),
        "record-more-findings",
        500,
    );
    let record = record.replace("v=STSv1;id=1", "v=TLSRPTv1; rua=mailto:a@host.net");
    more(
        &TlsRptRecord::inspect(record.as_bytes()),
        "tlsrpt-more-findings",
        500,
    );
}
