//! How TLS with a host can fail.

use super::ResultType;
use crate::error::table;

table! {
/// Why TLS with a host failed, or what is wrong with its certificate.
pub enum TlsFailure {
    CertificateExpired = "tls-certificate-expired", CERTIFICATE, "the certificate has expired", "renew it, and restart or reload the server so that it serves the new one";
    CertificateNotYetValid = "tls-certificate-not-yet-valid", CERTIFICATE, "the certificate is not valid yet", "one of the two clocks may be wrong";
    CertificateHostMismatch = "tls-certificate-host-mismatch", CERTIFICATE, "the certificate is for other names", "it needs the name of the host among its DNS names";
    CertificateUnknownIssuer = "tls-certificate-unknown-issuer", CERTIFICATE, "the certificate does not lead to a trusted authority", "often an intermediate certificate is missing";
    CertificateSelfSigned = "tls-certificate-self-signed", CERTIFICATE, "the certificate is self-signed", "one of a public authority is needed";
    CertificateRevoked = "tls-certificate-revoked", CERTIFICATE, "the certificate has been revoked", "have a new one issued";
    CertificateRevocationUnknown = "tls-certificate-revocation-unknown", CERTIFICATE, "whether the certificate has been revoked could not be found out", "";
    CertificatePurpose = "tls-certificate-purpose", CERTIFICATE, "the certificate is not for servers", "have one issued for TLS servers";
    CertificateConstraint = "tls-certificate-constraint", CERTIFICATE, "an authority in the chain may not vouch for this certificate", "";
    CertificateWeak = "tls-certificate-weak", CERTIFICATE, "a key or signature in the chain is too weak", "have one issued with an RSA key of 2048 bits or more, or with an elliptic curve key";
    CertificateInvalid = "tls-certificate-invalid", CERTIFICATE, "the certificate or its chain is malformed or wrongly signed", "";
    CertificateMissing = "tls-certificate-missing", CERTIFICATE, "the server showed no certificate", "set up a certificate on the server";
    TlsaMismatch = "tls-tlsa-mismatch", TLS_RPT_DANE, "no TLSA record matches the certificate", "";
    ProtocolVersion = "tls-protocol-version", TLS_VERSION, "the server offers nothing from TLS 1.2 on", "offer TLS 1.2 or later";
    NoCommonParameters = "tls-no-common-parameters", TLS_VERSION, "the two sides have no cipher suite or group in common", "enable the usual cipher suites and groups of TLS 1.2 and 1.3";
    Alert = "tls-alert", TLS_RPT_GENERAL, "the server broke the handshake off with an alert", "";
    Closed = "tls-closed", TLS_RPT_GENERAL, "the connection ended during the handshake", "";
    Timeout = "tls-timeout", TLS_RPT_GENERAL, "the handshake took too long", "";
    Other = "tls-other", TLS_RPT_GENERAL, "TLS failed", "";
}
}

/// What kind of thing failed.
enum Concern {
    Certificate(ResultType),
    Dane,
    Handshake,
}

impl TlsFailure {
    const fn concern(self) -> Concern {
        match self {
            Self::CertificateExpired => Concern::Certificate(ResultType::CertificateExpired),
            Self::CertificateHostMismatch => {
                Concern::Certificate(ResultType::CertificateHostMismatch)
            }
            Self::CertificateNotYetValid
            | Self::CertificateUnknownIssuer
            | Self::CertificateSelfSigned
            | Self::CertificateRevoked
            | Self::CertificateRevocationUnknown
            | Self::CertificatePurpose
            | Self::CertificateConstraint
            | Self::CertificateWeak
            | Self::CertificateInvalid => Concern::Certificate(ResultType::CertificateNotTrusted),
            Self::TlsaMismatch => Concern::Dane,
            Self::CertificateMissing
            | Self::ProtocolVersion
            | Self::NoCommonParameters
            | Self::Alert
            | Self::Closed
            | Self::Timeout
            | Self::Other => Concern::Handshake,
        }
    }

    /// Whether the certificate was judged, and found bad.
    pub(crate) const fn is_about_certificate(self) -> bool {
        matches!(self.concern(), Concern::Certificate(_))
    }

    /// How a failure of an MX host is reported.
    pub(super) const fn at_mx(self) -> ResultType {
        match self.concern() {
            Concern::Certificate(result_type) => result_type,
            Concern::Dane => ResultType::TlsaInvalid,
            Concern::Handshake => ResultType::ValidationFailure,
        }
    }

    /// How a failure of the Policy Host is reported: by whether its certificate was judged.
    pub(super) const fn at_policy_host(self) -> ResultType {
        match self.concern() {
            Concern::Certificate(_) => ResultType::StsWebpkiInvalid,
            Concern::Dane | Concern::Handshake => ResultType::StsPolicyFetchError,
        }
    }

    /// The failure behind a result of OpenSSL's `SSL_get_verify_result` (`X509_V_ERR_*`); `None` for 0, which is success. A
    /// number that is not known here is [`CertificateInvalid`](Self::CertificateInvalid): never success.
    #[must_use]
    pub const fn from_x509_verify_result(result: i32) -> Option<Self> {
        Some(match result {
            0 => return None,
            // CERT_HAS_EXPIRED
            10 => Self::CertificateExpired,
            // CERT_NOT_YET_VALID
            9 => Self::CertificateNotYetValid,
            // HOSTNAME_MISMATCH, EMAIL_MISMATCH, IP_ADDRESS_MISMATCH
            62..=64 => Self::CertificateHostMismatch,
            // UNABLE_TO_GET_ISSUER_CERT, UNABLE_TO_GET_ISSUER_CERT_LOCALLY, UNABLE_TO_VERIFY_LEAF_SIGNATURE,
            // CERT_UNTRUSTED, CERT_REJECTED
            2 | 20 | 21 | 27 | 28 => Self::CertificateUnknownIssuer,
            // DEPTH_ZERO_SELF_SIGNED_CERT, SELF_SIGNED_CERT_IN_CHAIN
            18 | 19 => Self::CertificateSelfSigned,
            // CERT_REVOKED
            23 => Self::CertificateRevoked,
            // UNABLE_TO_GET_CRL, UNABLE_TO_DECRYPT_CRL_SIGNATURE, CRL_SIGNATURE_FAILURE, CRL_NOT_YET_VALID,
            // CRL_HAS_EXPIRED, ERROR_IN_CRL_LAST_UPDATE_FIELD, ERROR_IN_CRL_NEXT_UPDATE_FIELD,
            // UNABLE_TO_GET_CRL_ISSUER, KEYUSAGE_NO_CRL_SIGN, UNHANDLED_CRITICAL_CRL_EXTENSION,
            // DIFFERENT_CRL_SCOPE, CRL_PATH_VALIDATION_ERROR, OCSP_VERIFY_NEEDED, OCSP_VERIFY_FAILED,
            // OCSP_CERT_UNKNOWN
            3 | 5 | 8 | 11 | 12 | 15 | 16 | 33 | 35 | 36 | 44 | 54 | 73..=75 => {
                Self::CertificateRevocationUnknown
            }
            // INVALID_PURPOSE
            26 => Self::CertificatePurpose,
            // INVALID_CA (of 1.1), CERT_CHAIN_TOO_LONG, PATH_LENGTH_EXCEEDED, KEYUSAGE_NO_CERTSIGN,
            // PERMITTED_VIOLATION, EXCLUDED_VIOLATION, SUBTREE_MINMAX, UNSUPPORTED_CONSTRAINT_TYPE,
            // UNSUPPORTED_CONSTRAINT_SYNTAX, UNSUPPORTED_NAME_SYNTAX, INVALID_CA (of 3)
            22 | 24 | 25 | 32 | 47..=49 | 51..=53 | 79 => Self::CertificateConstraint,
            // DANE_NO_MATCH
            65 => Self::TlsaMismatch,
            // SUITE_B_*, EE_KEY_TOO_SMALL, CA_KEY_TOO_SMALL, CA_MD_TOO_WEAK
            56..=61 | 66..=68 => Self::CertificateWeak,
            _ => Self::CertificateInvalid,
        })
    }
}
