//! What the verifiers make of certificates, and how errors are told.

use crate::support::certificates::{Certificate, TRUSTED};
use crate::support::https::{Host, Server, respond};
use live::verify::{
    Observer, PkixVerifier, add_authorities, client_config, handshake_failure, tls_failure,
};
use mta_sts::{TlsFailure, TlsVerdict};
use std::io::{self, ErrorKind};
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::{
    AlertDescription, CertificateError, Error, OtherError, PeerIncompatible, RootCertStore,
};

/// What an observer sees of a server with this certificate: the verdict, and whether the handshake went on.
async fn observe(certificate: Certificate) -> (TlsVerdict, Result<(), TlsFailure>) {
    let server = Server::start(move |_| Host::Tls(certificate, respond("200 OK", &[], ""))).await;
    let pkix = Arc::new(PkixVerifier::new(TRUSTED.store()).unwrap());
    let observer = Arc::new(Observer::new(pkix));
    assert_eq!(observer.verdict(), TlsVerdict::NotChecked);
    let connector = TlsConnector::from(Arc::new(client_config(observer.clone()).unwrap()));
    let stream = TcpStream::connect(server.address).await.unwrap();
    let name = "mx.example.com".try_into().unwrap();
    let went_on = match connector.connect(name, stream).await {
        Ok(mut stream) => {
            stream.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
            let mut response = String::new();
            stream.read_to_string(&mut response).await.unwrap();
            assert!(response.starts_with("HTTP/1.1 200 OK"));
            Ok(())
        }
        Err(error) => Err(handshake_failure(&error)),
    };
    (observer.verdict(), went_on)
}

#[tokio::test]
async fn an_observer_notes_the_verdict_and_goes_on() {
    use TlsFailure as F;
    let rows = [
        (Certificate::Valid, TlsVerdict::Passed),
        (Certificate::Wildcard, TlsVerdict::Passed),
        (
            Certificate::Expired,
            TlsVerdict::Failed(F::CertificateExpired),
        ),
        (
            Certificate::NotYetValid,
            TlsVerdict::Failed(F::CertificateNotYetValid),
        ),
        (
            Certificate::WrongName,
            TlsVerdict::Failed(F::CertificateHostMismatch),
        ),
        (
            Certificate::WildcardTooFarUp,
            TlsVerdict::Failed(F::CertificateHostMismatch),
        ),
        (
            Certificate::CommonNameOnly,
            TlsVerdict::Failed(F::CertificateHostMismatch),
        ),
        (
            Certificate::WrongPurpose,
            TlsVerdict::Failed(F::CertificatePurpose),
        ),
        (
            Certificate::UnknownIssuer,
            TlsVerdict::Failed(F::CertificateUnknownIssuer),
        ),
        (
            Certificate::SelfSigned,
            TlsVerdict::Failed(F::CertificateSelfSigned),
        ),
        (
            Certificate::SelfSignedAuthority,
            TlsVerdict::Failed(F::CertificateSelfSigned),
        ),
    ];
    for (certificate, verdict) in rows {
        assert_eq!(
            observe(certificate).await,
            (verdict, Ok(())),
            "{certificate:?}"
        );
    }
}

#[tokio::test]
async fn an_observer_checks_the_signature_of_the_handshake() {
    // The certificate is fine, but whoever shows it does not have its key.
    let (verdict, went_on) = observe(Certificate::WrongKey).await;
    assert_eq!(verdict, TlsVerdict::Passed);
    assert_eq!(went_on, Err(TlsFailure::CertificateInvalid));
}

#[test]
fn errors_of_rustls() {
    use TlsFailure as F;
    let other = |error: webpki::Error| CertificateError::Other(OtherError(Arc::new(error)));
    let rows: [(Error, F); 22] = [
        (CertificateError::Expired.into(), F::CertificateExpired),
        (
            CertificateError::NotValidYet.into(),
            F::CertificateNotYetValid,
        ),
        (
            CertificateError::NotValidForName.into(),
            F::CertificateHostMismatch,
        ),
        (
            CertificateError::UnknownIssuer.into(),
            F::CertificateUnknownIssuer,
        ),
        (CertificateError::Revoked.into(), F::CertificateRevoked),
        (
            CertificateError::UnknownRevocationStatus.into(),
            F::CertificateRevocationUnknown,
        ),
        (
            CertificateError::ExpiredRevocationList.into(),
            F::CertificateRevocationUnknown,
        ),
        (
            CertificateError::InvalidPurpose.into(),
            F::CertificatePurpose,
        ),
        (CertificateError::BadEncoding.into(), F::CertificateInvalid),
        (CertificateError::BadSignature.into(), F::CertificateInvalid),
        (
            CertificateError::UnhandledCriticalExtension.into(),
            F::CertificateInvalid,
        ),
        (
            other(webpki::Error::NameConstraintViolation).into(),
            F::CertificateConstraint,
        ),
        (
            other(webpki::Error::PathLenConstraintViolated).into(),
            F::CertificateConstraint,
        ),
        (
            other(webpki::Error::EndEntityUsedAsCa).into(),
            F::CertificateConstraint,
        ),
        (
            other(webpki::Error::UnsupportedCertVersion).into(),
            F::CertificateInvalid,
        ),
        (Error::NoCertificatesPresented, F::CertificateMissing),
        (
            PeerIncompatible::ServerDoesNotSupportTls12Or13.into(),
            F::ProtocolVersion,
        ),
        (
            PeerIncompatible::NoCipherSuitesInCommon.into(),
            F::NoCommonParameters,
        ),
        (
            Error::AlertReceived(AlertDescription::ProtocolVersion),
            F::ProtocolVersion,
        ),
        (
            Error::AlertReceived(AlertDescription::HandshakeFailure),
            F::NoCommonParameters,
        ),
        (
            Error::AlertReceived(AlertDescription::CertificateRequired),
            F::Alert,
        ),
        (Error::DecryptError, F::Other),
    ];
    for (error, failure) in rows {
        assert_eq!(tls_failure(&error), failure, "{error:?}");
        // As `tokio-rustls` wraps it.
        let wrapped = io::Error::new(ErrorKind::InvalidData, error);
        assert_eq!(handshake_failure(&wrapped), failure, "{wrapped:?}");
    }
}

#[test]
fn errors_of_the_connection() {
    let rows = [
        (ErrorKind::UnexpectedEof, TlsFailure::Closed),
        (ErrorKind::ConnectionReset, TlsFailure::Closed),
        (ErrorKind::ConnectionAborted, TlsFailure::Closed),
        (ErrorKind::BrokenPipe, TlsFailure::Closed),
        (ErrorKind::TimedOut, TlsFailure::Timeout),
        (ErrorKind::Other, TlsFailure::Other),
    ];
    for (kind, failure) in rows {
        assert_eq!(handshake_failure(&kind.into()), failure, "{kind:?}");
    }
}

/// The numbers of OpenSSL 3, by the names in its `x509_vfy.h`.
#[test]
fn results_of_openssl() {
    use TlsFailure as F;
    let rows = [
        ("X509_V_OK", 0, None),
        (
            "UNABLE_TO_GET_ISSUER_CERT",
            2,
            Some(F::CertificateUnknownIssuer),
        ),
        (
            "UNABLE_TO_GET_CRL",
            3,
            Some(F::CertificateRevocationUnknown),
        ),
        ("CERT_SIGNATURE_FAILURE", 7, Some(F::CertificateInvalid)),
        ("CERT_NOT_YET_VALID", 9, Some(F::CertificateNotYetValid)),
        ("CERT_HAS_EXPIRED", 10, Some(F::CertificateExpired)),
        (
            "DEPTH_ZERO_SELF_SIGNED_CERT",
            18,
            Some(F::CertificateSelfSigned),
        ),
        (
            "SELF_SIGNED_CERT_IN_CHAIN",
            19,
            Some(F::CertificateSelfSigned),
        ),
        (
            "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
            20,
            Some(F::CertificateUnknownIssuer),
        ),
        (
            "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
            21,
            Some(F::CertificateUnknownIssuer),
        ),
        ("CERT_CHAIN_TOO_LONG", 22, Some(F::CertificateConstraint)),
        ("CERT_REVOKED", 23, Some(F::CertificateRevoked)),
        ("PATH_LENGTH_EXCEEDED", 25, Some(F::CertificateConstraint)),
        ("INVALID_PURPOSE", 26, Some(F::CertificatePurpose)),
        ("HOSTNAME_MISMATCH", 62, Some(F::CertificateHostMismatch)),
        ("DANE_NO_MATCH", 65, Some(F::TlsaMismatch)),
        ("EE_KEY_TOO_SMALL", 66, Some(F::CertificateWeak)),
        ("INVALID_CA", 79, Some(F::CertificateConstraint)),
        ("of a later version", 1_000, Some(F::CertificateInvalid)),
        ("of nobody", -1, Some(F::CertificateInvalid)),
    ];
    for (name, number, failure) in rows {
        assert_eq!(
            TlsFailure::from_x509_verify_result(number),
            failure,
            "{name}"
        );
    }
}

#[test]
fn authorities_from_a_file() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("authorities.pem");
    let mut authorities = RootCertStore::empty();
    let mut add = || add_authorities(&mut authorities, &file).map_err(|error| error.to_string());
    assert!(add().unwrap_err().contains("No such file"));
    std::fs::write(&file, "no certificate\n").unwrap();
    assert_eq!(add().unwrap_err(), "there is no certificate in it");
    std::fs::write(
        &file,
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    )
    .unwrap();
    assert!(add().is_err());
    std::fs::write(&file, TRUSTED.pem()).unwrap();
    add().unwrap();
    assert_eq!(authorities.len(), 1);
}
