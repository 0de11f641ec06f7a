//! Certificates, judged as RFC 8461 wants (§3.3, §4.2): [`PkixVerifier`] refuses what is not valid, [`Observer`] notes the verdict and
//! lets the handshake go on; both by `rustls`. And the errors of `rustls` in the words of `mta-sts`.
//!
//! To copy: this file. It needs the crates `mta-sts`, `rustls-native-certs`, `rustls-webpki` (named `webpki`) and `tokio-rustls` (or
//! `rustls`; features `ring`, `tls12`).

use mta_sts::{TlsFailure, TlsVerdict};
use std::error::Error;
use std::fmt;
use std::io;
use std::path::Path;
use std::sync::{Arc, OnceLock};
use tokio_rustls::rustls::client::danger::{
    HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier,
};
use tokio_rustls::rustls::client::{Resumption, VerifierBuilderError, WebPkiServerVerifier};
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::{
    AlertDescription, CertificateError, ClientConfig, DigitallySignedStruct, OtherError,
    PeerIncompatible, RootCertStore, SignatureScheme,
};
use webpki::EndEntityCert;

type TlsError = tokio_rustls::rustls::Error;

/// The authorities that the operating system trusts.
///
/// # Errors
///
/// That there are none.
pub fn system_authorities() -> io::Result<RootCertStore> {
    let loaded = rustls_native_certs::load_native_certs();
    let mut authorities = RootCertStore::empty();
    // What is not a certificate in the store of a system is no reason to trust less of the rest.
    authorities.add_parsable_certificates(loaded.certs);
    if authorities.is_empty() {
        let cause = loaded.errors.into_iter().next();
        return Err(cause.map_or_else(
            || io::Error::other("this system has no certificates of authorities"),
            io::Error::other,
        ));
    }
    Ok(authorities)
}

/// Trusts every certificate in a PEM file too.
///
/// # Errors
///
/// That it cannot be read, holds no certificate, or holds one that is malformed.
pub fn add_authorities(authorities: &mut RootCertStore, file: &Path) -> io::Result<()> {
    let before = authorities.len();
    for certificate in CertificateDer::pem_file_iter(file).map_err(io::Error::other)? {
        let certificate = certificate.map_err(io::Error::other)?;
        authorities.add(certificate).map_err(io::Error::other)?;
    }
    if authorities.len() == before {
        return Err(io::Error::other("there is no certificate in it"));
    }
    Ok(())
}

/// A configuration for TLS 1.2 and 1.3 that verifies each connection anew: a resumed session would skip it.
///
/// # Errors
///
/// None: both versions have cipher suites.
pub fn client_config(verifier: Arc<dyn ServerCertVerifier>) -> Result<ClientConfig, TlsError> {
    let provider = Arc::new(ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    config.resumption = Resumption::disabled();
    Ok(config)
}

/// Accepts a chain to a trusted authority for a host whose name is in the certificate as a DNS name, with `*` as the left-most label
/// or without; the common name never counts.
///
/// The judgement is that of `rustls-webpki`. It calls a self-signed certificate one of an unknown issuer, or an authority in the wrong place;
/// here it is called self-signed, because that is the most frequent fault of mail servers.
#[derive(Debug)]
pub struct PkixVerifier {
    webpki: Arc<WebPkiServerVerifier>,
}

impl PkixVerifier {
    /// A verifier that trusts these authorities.
    ///
    /// # Errors
    ///
    /// That there are none.
    pub fn new(authorities: RootCertStore) -> Result<Self, VerifierBuilderError> {
        let provider = Arc::new(ring::default_provider());
        let webpki =
            WebPkiServerVerifier::builder_with_provider(authorities.into(), provider).build()?;
        Ok(Self { webpki })
    }
}

impl ServerCertVerifier for PkixVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, TlsError> {
        let verified = self.webpki.verify_server_cert(
            end_entity,
            intermediates,
            server_name,
            ocsp_response,
            now,
        );
        verified.map_err(|error| {
            let failure = tls_failure(&error);
            let is_about_issuer = failure == TlsFailure::CertificateUnknownIssuer
                || failure == TlsFailure::CertificateConstraint;
            if is_about_issuer && is_self_signed(end_entity) {
                CertificateError::Other(OtherError(Arc::new(SelfSigned))).into()
            } else {
                error
            }
        })
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        self.webpki
            .verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        self.webpki
            .verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.webpki.supported_verify_schemes()
    }
}

/// Verifies and goes on whatever comes out: for mode `testing`, and for audits. One for each connection.
///
/// The signatures of the handshake are checked and must be right: else nobody knows whose certificate it is.
#[derive(Debug)]
pub struct Observer {
    pkix: Arc<PkixVerifier>,
    verdict: OnceLock<TlsVerdict>,
}

impl Observer {
    /// An observer of one connection.
    #[must_use]
    pub const fn new(pkix: Arc<PkixVerifier>) -> Self {
        Self {
            pkix,
            verdict: OnceLock::new(),
        }
    }

    /// What came out; `NotChecked` before the certificate came.
    #[must_use]
    pub fn verdict(&self) -> TlsVerdict {
        self.verdict
            .get()
            .copied()
            .unwrap_or(TlsVerdict::NotChecked)
    }
}

impl ServerCertVerifier for Observer {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, TlsError> {
        let verified = self.pkix.verify_server_cert(
            end_entity,
            intermediates,
            server_name,
            ocsp_response,
            now,
        );
        let verdict = match verified {
            Ok(_) => TlsVerdict::Passed,
            Err(error) => TlsVerdict::Failed(tls_failure(&error)),
        };
        // One that is used twice by mistake fails: the first verdict would pass for the second.
        match self.verdict.set(verdict) {
            Ok(()) => Ok(ServerCertVerified::assertion()),
            Err(_) => Err(CertificateError::ApplicationVerificationFailure.into()),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        self.pkix
            .verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        self.pkix
            .verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.pkix.supported_verify_schemes()
    }
}

/// The certificate names itself as its issuer.
#[derive(Debug)]
struct SelfSigned;

impl fmt::Display for SelfSigned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the certificate is self-signed")
    }
}

impl Error for SelfSigned {}

fn is_self_signed(certificate: &CertificateDer<'_>) -> bool {
    EndEntityCert::try_from(certificate).is_ok_and(|parsed| parsed.issuer() == parsed.subject())
}

/// Why a handshake failed, in the words of `mta-sts`: for errors of `tokio-rustls`, which are errors of `rustls` in a wrapper, and those of the
/// connection.
#[must_use]
pub fn handshake_failure(error: &io::Error) -> TlsFailure {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref());
    if let Some(inner) = inner {
        return tls_failure(inner);
    }
    match error.kind() {
        io::ErrorKind::TimedOut => TlsFailure::Timeout,
        io::ErrorKind::UnexpectedEof
        | io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe => TlsFailure::Closed,
        _ => TlsFailure::Other,
    }
}

/// An error of `rustls` in the words of `mta-sts`.
#[must_use]
pub fn tls_failure(error: &TlsError) -> TlsFailure {
    match error {
        TlsError::InvalidCertificate(error) => certificate_failure(error),
        TlsError::InvalidCertRevocationList(_) => TlsFailure::CertificateRevocationUnknown,
        TlsError::NoCertificatesPresented => TlsFailure::CertificateMissing,
        TlsError::PeerIncompatible(
            PeerIncompatible::ServerDoesNotSupportTls12Or13
            | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig,
        )
        | TlsError::AlertReceived(AlertDescription::ProtocolVersion) => TlsFailure::ProtocolVersion,
        TlsError::PeerIncompatible(_)
        | TlsError::AlertReceived(
            // "Unable to negotiate an acceptable set of security parameters" (RFC 8446 §6.2), and the same for want of strength.
            AlertDescription::HandshakeFailure | AlertDescription::InsufficientSecurity,
        ) => TlsFailure::NoCommonParameters,
        TlsError::AlertReceived(_) => TlsFailure::Alert,
        _ => TlsFailure::Other,
    }
}

fn certificate_failure(error: &CertificateError) -> TlsFailure {
    match error {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            TlsFailure::CertificateExpired
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            TlsFailure::CertificateNotYetValid
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            TlsFailure::CertificateHostMismatch
        }
        CertificateError::UnknownIssuer => TlsFailure::CertificateUnknownIssuer,
        CertificateError::Revoked => TlsFailure::CertificateRevoked,
        CertificateError::UnknownRevocationStatus
        | CertificateError::ExpiredRevocationList
        | CertificateError::ExpiredRevocationListContext { .. }
        | CertificateError::InvalidOcspResponse => TlsFailure::CertificateRevocationUnknown,
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            TlsFailure::CertificatePurpose
        }
        // SHA-1, small keys: what `rustls` does not support is weak.
        CertificateError::UnsupportedSignatureAlgorithmContext { .. }
        | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
            TlsFailure::CertificateWeak
        }
        CertificateError::Other(OtherError(other)) => {
            if other.is::<SelfSigned>() {
                TlsFailure::CertificateSelfSigned
            } else {
                other
                    .downcast_ref()
                    .map_or(TlsFailure::CertificateInvalid, path_failure)
            }
        }
        _ => TlsFailure::CertificateInvalid,
    }
}

/// The errors of `rustls-webpki` that `rustls` has no words for.
fn path_failure(error: &webpki::Error) -> TlsFailure {
    match error {
        webpki::Error::CaUsedAsEndEntity
        | webpki::Error::EndEntityUsedAsCa
        | webpki::Error::MaximumPathDepthExceeded
        | webpki::Error::NameConstraintViolation
        | webpki::Error::PathLenConstraintViolated => TlsFailure::CertificateConstraint,
        _ => TlsFailure::CertificateInvalid,
    }
}
