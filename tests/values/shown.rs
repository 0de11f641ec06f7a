//! How values are shown in logs and in failed assertions: `Debug`, `Display` and the text that they lend.

use mta_sts::{
    AuditOptions, Domain, ErrorKind, MaxAge, MxPattern, ParseOptions, Policy, PolicyDomain,
    PolicyId, ReportUri, Span, StoreError, StsRecord, Tolerance, UnixTime,
};
use std::fmt::Debug;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::time::Duration;

#[track_caller]
fn shown(value: impl Debug, expected: &str) {
    assert_eq!(format!("{value:?}"), expected);
}

#[test]
fn values_are_shown_by_what_they_are() {
    let source = b"version: STSv1\nmode: enforce\nmx: *.Example.net\nmax_age: 86400\nnote: x\n";
    let policy = Policy::parse(source).unwrap();
    let record = StsRecord::parse(b"v=STSv1; id=a1; note=x").unwrap();
    let pattern: MxPattern = "*.example.net".parse().unwrap();
    shown(
        "Example.com".parse::<Domain>().unwrap(),
        r#"Domain("example.com")"#,
    );
    shown(
        "Example.com".parse::<PolicyDomain>().unwrap(),
        r#"PolicyDomain("example.com")"#,
    );
    shown(&pattern, r#"MxPattern("*.example.net")"#);
    shown(policy.mx().next().unwrap(), r#"MxPattern("*.example.net")"#);
    shown(
        policy.extensions().next().unwrap(),
        r#"Extension("note", "x")"#,
    );
    shown(
        &record,
        r#"StsRecord { id: PolicyId("a1"), extensions: [Extension("note", "x")] }"#,
    );
    shown(
        &policy,
        r#"Policy { mode: Enforce, max_age: MaxAge(86400), mx: [MxPattern("*.example.net")], extensions: [Extension("note", "x")], tolerances: ParseOptions{} }"#,
    );
    shown(PolicyId::from_static("a1"), r#"PolicyId("a1")"#);
    shown(MaxAge::MAX, "MaxAge(31557600)");
    shown(ParseOptions::strict(), "ParseOptions{}");
    shown(
        ParseOptions::strict().with(Tolerance::UnusableMx),
        "ParseOptions{UnusableMx}",
    );
    shown(Span::empty(7), "Span(7..7)");
    shown(
        UnixTime::from_secs(1_795_253_400),
        "UnixTime(2026-11-21T09:30:00Z)",
    );
    shown(
        ErrorKind::MxTrailingDot.section(),
        "Section(RFC 5321 §4.1.2)",
    );
    shown(
        "mailto:a@example.com".parse::<ReportUri>().unwrap(),
        r#"ReportUri("mailto:a@example.com")"#,
    );
    shown(
        StoreError::new(std::io::Error::other("full")),
        r#"StoreError(Custom { kind: Other, error: "full" })"#,
    );
    shown(
        AuditOptions::new(UnixTime::from_secs(0)),
        "AuditOptions { now: UnixTime(1970-01-01T00:00:00Z), public_suffix: None, testing_limit: 7776000s }",
    );
}

#[test]
fn names_lend_their_text() {
    let domain: Domain = "Example.com".parse().unwrap();
    assert_eq!(AsRef::<str>::as_ref(&domain), "example.com");
    assert_eq!(domain.to_string(), "example.com");
    let domain: PolicyDomain = "Example.com".parse().unwrap();
    assert_eq!(AsRef::<str>::as_ref(&domain), "example.com");
    assert_eq!(domain.to_string(), "example.com");
    let uri: ReportUri = "mailto:a@example.com".parse().unwrap();
    assert_eq!(AsRef::<str>::as_ref(&uri), "mailto:a@example.com");
}

#[test]
fn a_max_age_is_its_seconds() {
    let max_age: MaxAge = Duration::from_millis(1_500).try_into().unwrap();
    assert_eq!(Duration::from(max_age), Duration::from_secs(1));
    assert!(max_age == 1 && max_age != 0);
    assert_eq!(max_age.to_string(), "1");
    let too_long = Duration::from_secs(MaxAge::MAX.as_secs() + 1);
    let error = MaxAge::try_from(too_long).unwrap_err();
    assert_eq!(error.code(), "policy-max-age-range");
}

#[test]
#[cfg(feature = "std")]
fn clocks_are_read_in_whole_seconds() {
    use std::time::SystemTime;

    let at = |millis| SystemTime::UNIX_EPOCH + Duration::from_millis(millis);
    assert_eq!(UnixTime::from(at(86_400_999)).as_secs(), 86_400);
    let before = SystemTime::UNIX_EPOCH - Duration::from_secs(1);
    assert_eq!(UnixTime::from(before).as_secs(), 0);
}

#[test]
fn patterns_are_compared_with_texts() {
    let policy = b"version: STSv1\nmode: enforce\nmx: *.A.example\nmx: a.example\nmax_age: 0\n";
    let policy = Policy::parse(policy).unwrap();
    let expected = [("*.a.example", true), ("a.example", false)];
    for (pattern, (text, is_wildcard)) in policy.mx().zip(expected) {
        assert!(pattern == text && pattern == *text);
        assert!(pattern != "b.example" && pattern != *"b.example");
        assert_eq!(AsRef::<str>::as_ref(&pattern), text);
        assert_eq!(pattern.is_wildcard(), is_wildcard);
        let owned: MxPattern = text.parse().unwrap();
        assert_eq!(AsRef::<str>::as_ref(&owned), text);
        assert_eq!(owned.is_wildcard(), is_wildcard);
    }
}

/// Everything that a policy says takes part in equality and in the hash.
#[test]
fn policies_are_told_apart() {
    let read = |text: &str| Policy::parse(text.as_bytes()).unwrap();
    let policies = [
        "version: STSv1\nmode: enforce\nmx: a.example\nmax_age: 1\n",
        "version: STSv1\nmode: testing\nmx: a.example\nmax_age: 1\n",
        "version: STSv1\nmode: enforce\nmx: b.example\nmax_age: 1\n",
        "version: STSv1\nmode: enforce\nmx: a.example\nmx: b.example\nmax_age: 1\n",
        "version: STSv1\nmode: enforce\nmx: a.example\nmax_age: 2\n",
        "version: STSv1\nmode: enforce\nmx: a.example\nmax_age: 1\nnote: x\n",
        "version: STSv1\nmode: enforce\nmx: a.example\nmax_age: 1\nnote: y\n",
    ]
    .map(read);
    let hash = |policy: &Policy| {
        let mut hasher = DefaultHasher::new();
        policy.hash(&mut hasher);
        hasher.finish()
    };
    for (at, policy) in policies.iter().enumerate() {
        let again = read(&policy.to_string());
        assert!(again == *policy && hash(&again) == hash(policy));
        for other in &policies[..at] {
            assert!(other != policy && hash(other) != hash(policy));
        }
    }
}
