//! What can go wrong between a sender and a domain, in the words of TLS reporting (RFC 8460 §4.3).

mod tls;

pub use tls::TlsFailure;

use crate::error::{Error, display_as_str, table};
use crate::txt::SelectError;

table! {
/// The result types of RFC 8460 [§4.3](https://www.rfc-editor.org/rfc/rfc8460#section-4.3); the code is the name in the registry.
///
/// Non-exhaustive: the registry is open.
///
/// # Examples
///
/// ```
/// use mta_sts::ResultType;
///
/// let known = ResultType::ALL.iter().find(|it| it.code() == "certificate-expired");
/// assert_eq!(known.map(|it| it.message()), Some("the certificate has expired"));
/// ```
pub enum ResultType {
    StarttlsNotSupported = "starttls-not-supported", TLS_RPT_NEGOTIATION, "the MX host did not offer STARTTLS, or refused it", "offer STARTTLS on every MX host; where all of them do, something on the way took the offer out";
    CertificateHostMismatch = "certificate-host-mismatch", TLS_RPT_NEGOTIATION, "the certificate is not for the name of the MX host", "put the name of each MX record into the certificate as a DNS name";
    CertificateExpired = "certificate-expired", TLS_RPT_NEGOTIATION, "the certificate has expired", "renew it, and restart or reload the mail server so that it serves the new one";
    CertificateNotTrusted = "certificate-not-trusted", TLS_RPT_NEGOTIATION, "the certificate does not lead to a trusted authority", "serve the whole chain of a public authority; a self-signed certificate is never enough";
    ValidationFailure = "validation-failure", TLS_RPT_NEGOTIATION, "TLS failed for another reason", "the reason code says more";
    TlsaInvalid = "tlsa-invalid", TLS_RPT_DANE, "no TLSA record matches the certificate", "publish the TLSA record of a new certificate before serving it";
    DnssecInvalid = "dnssec-invalid", TLS_RPT_DANE, "DNSSEC gave no valid answer", "check the signatures of the zone, and the DS record above it";
    DaneRequired = "dane-required", TLS_RPT_DANE, "the sender requires DANE and found no TLSA record", "an agreement between the two sides: publish TLSA records, or end it";
    StsPolicyFetchError = "sts-policy-fetch-error", TLS_RPT_STS, "the policy could not be fetched", "the policy host must answer at the exact URL with status 200, `text/plain` and no redirect";
    StsPolicyInvalid = "sts-policy-invalid", TLS_RPT_STS, "the record or the policy is not valid", "inspect both: every error is told with its place";
    StsWebpkiInvalid = "sts-webpki-invalid", TLS_RPT_STS, "the certificate of the policy host is not valid", "serve a certificate of a public authority for the `mta-sts` name of the domain";
}
}

/// Why the DNS gave no answer that can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum DnsError {
    /// The name does not exist (NXDOMAIN). For TXT this is an answer: there is no record.
    #[error("the name does not exist")]
    NoSuchDomain,
    /// The name has no records of the type asked for. For TXT this is an answer: there is no record.
    #[error("the name has no such records")]
    NoData,
    /// A server answered that it failed (SERVFAIL, REFUSED …).
    #[error("the name server failed")]
    ServerFailure,
    /// The answer did not pass DNSSEC validation.
    #[error("the answer is not as DNSSEC says")]
    Bogus,
    /// No answer came in time.
    #[error("the name server did not answer in time")]
    Timeout,
    /// Anything else.
    #[error("the name could not be looked up")]
    Other,
}

impl DnsError {
    /// The code: `dns-no-such-domain`, `dns-no-data`, `dns-server-failure`, `dns-bogus`, `dns-timeout` or `dns-other`; never renamed.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoSuchDomain => "dns-no-such-domain",
            Self::NoData => "dns-no-data",
            Self::ServerFailure => "dns-server-failure",
            Self::Bogus => "dns-bogus",
            Self::Timeout => "dns-timeout",
            Self::Other => "dns-other",
        }
    }

    /// Whether the DNS did answer: there is none of what was asked for.
    #[must_use]
    pub const fn is_absence(self) -> bool {
        matches!(self, Self::NoSuchDomain | Self::NoData)
    }
}

/// Why an HTTPS request for a policy brought no response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// The Policy Host has no address.
    #[error("the policy host has no address: {0}")]
    Dns(DnsError),
    /// No connection.
    #[error("no connection to the policy host")]
    Connect,
    /// The whole exchange took longer than [`PolicyRequest::TIMEOUT`](crate::PolicyRequest::TIMEOUT).
    #[error("the policy host took too long")]
    Timeout,
    /// No TLS, or a certificate that is not valid for the Policy Host.
    #[error("TLS with the policy host failed: {0}")]
    Tls(TlsFailure),
    /// The body ended before its announced end.
    #[error("the policy was cut short")]
    Truncated,
    /// The body is longer than [`MAX_POLICY_LEN`](crate::MAX_POLICY_LEN).
    #[error("the policy is longer than 64 KiB")]
    TooLarge,
    /// The fetcher does not connect there: an address that is not global, for instance.
    #[error("the policy host has an address that is not connected to")]
    Refused,
    /// Anything else, a response that is no HTTP among it.
    #[error("the policy could not be fetched")]
    Other,
}

impl FetchError {
    /// The code: kebab-case, never renamed; that of the [`TlsFailure`] where TLS failed.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Dns(DnsError::NoSuchDomain) => "fetch-dns-no-such-domain",
            Self::Dns(DnsError::NoData) => "fetch-dns-no-data",
            Self::Dns(DnsError::ServerFailure) => "fetch-dns-server-failure",
            Self::Dns(DnsError::Bogus) => "fetch-dns-bogus",
            Self::Dns(DnsError::Timeout) => "fetch-dns-timeout",
            Self::Dns(DnsError::Other) => "fetch-dns-other",
            Self::Connect => "fetch-connect",
            Self::Timeout => "fetch-timeout",
            Self::Tls(failure) => failure.code(),
            Self::Truncated => "fetch-truncated",
            Self::TooLarge => "fetch-too-large",
            Self::Refused => "fetch-refused",
            Self::Other => "fetch-other",
        }
    }
}

/// What exactly went wrong, each with a code for the `failure-reason-code` of a report.
///
/// Holds nothing of what a stranger sent. The codes are listed in [`_documentation::codes`](crate::_documentation::codes).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Reason {
    /// There is no record.
    #[error("there is no MTA-STS record")]
    RecordAbsent,
    /// The DNS did not say whether there is a record.
    #[error("no answer about the MTA-STS record: {0}")]
    RecordUnanswered(DnsError),
    /// No record of the answer can be used.
    #[error("the MTA-STS record cannot be used: {0}")]
    RecordInvalid(SelectError),
    /// The request brought no response.
    #[error("{0}")]
    Fetch(FetchError),
    /// The Policy Host redirects, or the response is from another URL.
    #[error("the policy host redirects")]
    Redirect,
    /// A status other than 200.
    #[error("the policy host answers with status {0}")]
    Status(u16),
    /// A media type other than `text/plain`, or none.
    #[error("the policy is not served as text/plain")]
    MediaType,
    /// The body is no policy.
    #[error("the policy is not valid: {0:#}")]
    PolicyInvalid(Error),
    /// No pattern of the policy matches the MX host.
    #[error("the policy does not name the MX host")]
    MxMismatch,
    /// The MX host does not offer STARTTLS.
    #[error("the MX host does not offer STARTTLS")]
    StarttlsNotOffered,
    /// The MX host offers STARTTLS and answers it with this reply code.
    #[error("the MX host answers STARTTLS with {0}")]
    StarttlsRefused(u16),
    /// TLS with the MX host failed, or its certificate is not valid.
    #[error("{0}")]
    Tls(TlsFailure),
    /// The sender did not check the certificate.
    #[error("the certificate was not checked")]
    NotChecked,
    /// There are TLSA records, and none is usable.
    #[error("no TLSA record of the MX host is usable")]
    DaneUnusable,
    /// The lookup of TLSA records failed, so whether DANE is wanted is not known.
    #[error("the TLSA records of the MX host could not be looked up")]
    DaneLookupFailed,
    /// The message requires an authenticated host (RFC 8689), and nothing authenticates this one.
    #[error("nothing authenticates the MX host, and the message requires it")]
    NotAuthenticated,
}

impl Reason {
    /// The code: kebab-case, never renamed. That of the error for what is not valid, that of the [`TlsFailure`] where TLS failed.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::RecordAbsent
            | Self::RecordUnanswered(DnsError::NoSuchDomain | DnsError::NoData) => "record-absent",
            Self::RecordUnanswered(DnsError::ServerFailure) => "record-dns-server-failure",
            Self::RecordUnanswered(DnsError::Bogus) => "record-dns-bogus",
            Self::RecordUnanswered(DnsError::Timeout) => "record-dns-timeout",
            Self::RecordUnanswered(DnsError::Other) => "record-dns-other",
            Self::RecordInvalid(error) => error.code(),
            Self::Fetch(error) => error.code(),
            Self::Tls(failure) => failure.code(),
            Self::Redirect => "fetch-redirect",
            Self::Status(_) => "fetch-status",
            Self::MediaType => "fetch-media-type",
            Self::PolicyInvalid(error) => error.code(),
            // The name that senders already use in reports.
            Self::MxMismatch => "mtasts-policy-mx-mismatch",
            Self::StarttlsNotOffered => "starttls-not-offered",
            Self::StarttlsRefused(_) => "starttls-refused",
            Self::NotChecked => "certificate-not-checked",
            Self::DaneUnusable => "dane-unusable",
            Self::DaneLookupFailed => "dane-lookup-failed",
            Self::NotAuthenticated => "not-authenticated",
        }
    }

    /// The result type under which it is reported.
    #[must_use]
    pub const fn result_type(&self) -> ResultType {
        match self {
            Self::Fetch(FetchError::Tls(failure)) => failure.at_policy_host(),
            Self::RecordAbsent
            | Self::RecordUnanswered(_)
            | Self::Fetch(_)
            | Self::Redirect
            | Self::Status(_)
            | Self::MediaType => ResultType::StsPolicyFetchError,
            Self::RecordInvalid(_) | Self::PolicyInvalid(_) => ResultType::StsPolicyInvalid,
            Self::StarttlsNotOffered | Self::StarttlsRefused(_) => ResultType::StarttlsNotSupported,
            Self::Tls(failure) => failure.at_mx(),
            Self::MxMismatch | Self::NotChecked | Self::NotAuthenticated => {
                ResultType::ValidationFailure
            }
            Self::DaneUnusable => ResultType::TlsaInvalid,
            Self::DaneLookupFailed => ResultType::DnssecInvalid,
        }
    }
}

/// Which kind of policy a session was under (RFC 8460 [§4.4](https://www.rfc-editor.org/rfc/rfc8460#section-4.4)).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(clippy::exhaustive_enums, reason = "RFC 8460 has these three")]
pub enum PolicyType {
    /// DANE.
    Tlsa,
    /// MTA-STS.
    Sts,
    /// Neither.
    NoPolicyFound,
}

impl PolicyType {
    /// `tlsa`, `sts` or `no-policy-found`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tlsa => "tlsa",
            Self::Sts => "sts",
            Self::NoPolicyFound => "no-policy-found",
        }
    }
}

display_as_str!(PolicyType);

/// One failure as a report tells it: a result type and a reason.
///
/// # Examples
///
/// ```
/// use mta_sts::{Failure, FetchError, Reason, ResultType, TlsFailure};
///
/// let tls = TlsFailure::from_x509_verify_result(10).unwrap();
/// let failure = Failure::from(Reason::Tls(tls));
/// assert_eq!(failure.result_type(), ResultType::CertificateExpired);
/// assert_eq!(failure.to_string(), "certificate-expired: the certificate has expired (tls-certificate-expired)");
///
/// // The same certificate on the Policy Host is another result.
/// let failure = Failure::from(Reason::Fetch(FetchError::Tls(tls)));
/// assert_eq!(failure.result_type(), ResultType::StsWebpkiInvalid);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("{}: {reason} ({})", .reason.result_type().code(), .reason.code())]
pub struct Failure {
    reason: Reason,
}

impl Failure {
    /// The result type (RFC 8460 [§4.3](https://www.rfc-editor.org/rfc/rfc8460#section-4.3)).
    #[must_use]
    pub const fn result_type(&self) -> ResultType {
        self.reason.result_type()
    }

    /// What exactly went wrong.
    #[must_use]
    pub const fn reason(&self) -> Reason {
        self.reason
    }

    /// The code of the reason.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.reason.code()
    }
}

impl From<Reason> for Failure {
    fn from(reason: Reason) -> Self {
        Self { reason }
    }
}
