//! What servers, logs and reports are told.

use mta_sts::{AcceptedBy, DnsError, Policy, PolicyType, Severity, TlsRequirement};

#[test]
fn the_server_name_is_that_of_the_mx_record() {
    for (mx_host, server_name) in [
        ("mx.example.com", "mx.example.com"),
        ("mx.example.com.", "mx.example.com"),
        ("MX.example.com", "MX.example.com"),
        // What cannot be converted is sent as it is: no certificate has it.
        ("mx..\u{fc}", "mx..\u{fc}"),
    ] {
        assert_eq!(TlsRequirement::server_name(mx_host), server_name);
    }
    #[cfg(feature = "idna")]
    assert_eq!(
        TlsRequirement::server_name("mx.b\u{fc}cher.example."),
        "mx.xn--bcher-kva.example"
    );
}

#[test]
fn dns_errors_have_codes() {
    for (error, code, is_absence) in [
        (DnsError::NoSuchDomain, "dns-no-such-domain", true),
        (DnsError::NoData, "dns-no-data", true),
        (DnsError::ServerFailure, "dns-server-failure", false),
        (DnsError::Bogus, "dns-bogus", false),
        (DnsError::Timeout, "dns-timeout", false),
        (DnsError::Other, "dns-other", false),
    ] {
        assert_eq!((error.code(), error.is_absence()), (code, is_absence));
    }
}

#[test]
fn policy_types_are_named_as_in_reports() {
    for (policy_type, name) in [
        (PolicyType::Tlsa, "tlsa"),
        (PolicyType::Sts, "sts"),
        (PolicyType::NoPolicyFound, "no-policy-found"),
    ] {
        assert_eq!(policy_type.as_str(), name);
        assert_eq!(format!("{policy_type:>16}"), format!("{name:>16}"));
    }
}

#[test]
fn verdicts_have_words() {
    for (text, accepted_by, word) in [
        (
            "version: STSv1\nmode: none\nmax_age: 1\n",
            AcceptedBy::Strict,
            "strict",
        ),
        (
            "version: STSv1\n\nmode: none\nmax_age: 1\n",
            AcceptedBy::Lenient,
            "lenient",
        ),
        (
            "version: STSv1\nmode: off\nmax_age: 1\n",
            AcceptedBy::Nobody,
            "nobody",
        ),
    ] {
        let inspection = Policy::inspect(text.as_bytes());
        assert_eq!(inspection.accepted_by(), accepted_by);
        assert_eq!(accepted_by.as_str(), word);
        assert_eq!(format!("{accepted_by:>8}"), format!("{word:>8}"));
        assert_eq!(inspection.value(), inspection.policy());
        assert_eq!(inspection.into_value(), Policy::parse(text.as_bytes()).ok());
    }
    let words = [Severity::Note, Severity::Warning, Severity::Error].map(Severity::as_str);
    assert_eq!(words, ["note", "warning", "error"]);
}
