//! What small values are called, and what errors say of their causes.

mod places;
mod shown;
mod told;
mod tolerated;

use mta_sts::{
    Action, Dane, Decision, DnsError, Domain, FetchError, Policy, PolicyDomain, Reason,
    SelectError, Source, Starttls, StoreError, StsRecord, TlsFailure, UnixTime, Verification,
};
use std::error::Error;
use std::io;

#[test]
fn decisions_and_requirements_have_words() {
    let sources = [
        (Source::Live, "live"),
        (Source::Cache, "cache"),
        (Source::Configured, "configured"),
        (Source::Absent, "absent"),
        (Source::Undetermined, "undetermined"),
    ];
    for (source, word) in sources {
        assert_eq!((source.as_str(), &*source.to_string()), (word, word));
    }
    let verifications = [
        (Verification::Nothing, "nothing"),
        (Verification::ObservePkix, "observe-pkix"),
        (Verification::RequirePkix, "require-pkix"),
        (Verification::RequireDane, "require-dane"),
        (Verification::RequireBoth, "require-both"),
    ];
    for (verification, word) in verifications {
        assert_eq!(
            (verification.as_str(), &*verification.to_string()),
            (word, word)
        );
    }
    assert_eq!(Starttls::Opportunistic.to_string(), "opportunistic");
    assert_eq!(Starttls::Mandatory.to_string(), "mandatory");
    assert_eq!(Action::Deliver.to_string(), "deliver");
    assert_eq!(Action::Skip.to_string(), "skip");
    assert_eq!(format!("{:>6}|", Action::Skip), "  skip|");
}

#[test]
#[cfg(feature = "tlsrpt")]
fn causes_have_words() {
    use mta_sts::Cause;
    let causes = [Cause::Misconfiguration, Cause::Interference, Cause::Unclear];
    assert_eq!(
        causes.map(|cause| cause.to_string()),
        ["misconfiguration", "interference", "unclear"]
    );
}

/// A report is about a `Domain`, which may be too long for a policy and still have room for `_smtp._tls.`, or not.
#[test]
fn every_domain_knows_its_reporting_record() {
    let domain: Domain = "Example.com".parse().unwrap();
    assert_eq!(
        domain.tls_rpt_name().as_deref(),
        Some("_smtp._tls.example.com")
    );
    let labels = format!("{}.", "a".repeat(49)).repeat(5) + "a";
    for (len, has_room) in [(242, true), (243, false), (249, false)] {
        let domain: Domain = labels[labels.len() - len..].parse().unwrap();
        assert_eq!(domain.as_str().len(), len);
        assert_eq!(domain.tls_rpt_name().is_some(), has_room, "{len}");
        if let Ok(policy_domain) = PolicyDomain::try_from(domain.clone()) {
            assert_eq!(policy_domain.tls_rpt_name(), domain.tls_rpt_name());
        }
    }
}

/// People count records from 1, fields of values from 0.
#[test]
fn records_are_counted_for_people() {
    let error = StsRecord::select(["x", "v=STSv1;id=1", "v=STSv1;id=2"]).unwrap_err();
    assert_eq!(
        error,
        SelectError::Several {
            first: 1,
            second: 2
        }
    );
    assert_eq!(
        error.to_string(),
        "records 2 and 3 both begin with `v=STSv1;`"
    );
    let error = StsRecord::select(["x", "v=STSv1;"]).unwrap_err();
    assert!(matches!(error, SelectError::Invalid { record: 1, .. }));
    assert!(error.to_string().starts_with("record 2: "), "{error}");
}

/// A cause is told once: by the message, or as the source.
#[test]
fn a_cause_is_told_once() {
    let error = StoreError::new(io::Error::other("the disk is gone"));
    assert_eq!(error.to_string(), "the policy store failed");
    let source = error.source().unwrap();
    assert_eq!(source.to_string(), "the disk is gone");
    assert!(source.is::<io::Error>());
    assert_eq!(
        error.clone().source().unwrap().to_string(),
        "the disk is gone"
    );

    let error = FetchError::Dns(DnsError::Timeout);
    assert_eq!(
        error.to_string(),
        "the policy host has no address: the name server did not answer in time"
    );
    assert!(error.source().is_none());
}

#[test]
fn a_failure_is_an_error() -> Result<(), Box<dyn Error>> {
    let policy = b"version: STSv1\nmode: enforce\nmx: mx.example.com\nmax_age: 86400\n";
    let now = UnixTime::from_secs(1_795_253_400);
    let decision = Decision::configured("example.com".parse()?, Policy::parse(policy)?, now);
    let mta_sts::Candidate::Skip(verdict) =
        decision.candidate("mx.example.net", Dane::NotApplicable)
    else {
        panic!("the policy does not name it")
    };
    let error: Box<dyn Error + Send + Sync> = verdict.failure().unwrap().into();
    assert_eq!(
        error.to_string(),
        "validation-failure: the policy does not name the MX host (mtasts-policy-mx-mismatch)"
    );
    assert!(error.source().is_none());
    let failure = mta_sts::Failure::from(Reason::Tls(TlsFailure::Timeout));
    assert_eq!(
        failure.to_string(),
        "validation-failure: the handshake took too long (tls-timeout)"
    );
    Ok(())
}
