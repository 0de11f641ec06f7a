//! An authority, and certificates for servers, good and bad.

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    date_time_ymd,
};
use std::sync::{Arc, LazyLock};
use tokio_rustls::rustls::RootCertStore;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::sign::CertifiedKey;

/// What is right or wrong with the certificate of a server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Certificate {
    #[default]
    Valid,
    /// `*` in place of the left-most label.
    Wildcard,
    Expired,
    NotYetValid,
    WrongName,
    /// `*` in place of the two left-most labels.
    WildcardTooFarUp,
    /// The right name as the common name, and no DNS name.
    CommonNameOnly,
    /// For clients only.
    WrongPurpose,
    /// An authority of its own.
    UnknownIssuer,
    SelfSigned,
    /// As `openssl req -x509` makes them: also an authority.
    SelfSignedAuthority,
    /// A good certificate of somebody else: the server has not its key.
    WrongKey,
}

/// An authority and a key for its servers.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: rcgen::Certificate,
    server_key: KeyPair,
}

/// The authority that is trusted in tests.
pub(crate) static TRUSTED: LazyLock<Authority> = LazyLock::new(|| Authority::new("trusted"));
static UNTRUSTED: LazyLock<Authority> = LazyLock::new(|| Authority::new("untrusted"));

impl Authority {
    fn new(name: &str) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = params(name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self {
            certificate: params.self_signed(&key).unwrap(),
            issuer: Issuer::new(params, key),
            server_key: KeyPair::generate().unwrap(),
        }
    }

    pub(crate) fn store(&self) -> RootCertStore {
        let mut store = RootCertStore::empty();
        store.add(self.certificate.der().clone()).unwrap();
        store
    }

    pub(crate) fn pem(&self) -> String {
        pem("CERTIFICATE", self.certificate.der())
    }
}

/// A certificate for the host, with its key.
pub(crate) fn certificate(kind: Certificate, host: &str) -> Arc<CertifiedKey> {
    let (certificate, key) = issue(kind, host);
    let key = ring::sign::any_ecdsa_type(&key.into()).unwrap();
    Arc::new(CertifiedKey::new(vec![certificate], key))
}

/// The same as texts for files.
pub(crate) fn pem_files(kind: Certificate, host: &str) -> (String, String) {
    let (certificate, key) = issue(kind, host);
    let key = key.secret_pkcs8_der();
    (pem("CERTIFICATE", &certificate), pem("PRIVATE KEY", key))
}

fn pem(label: &str, der: &[u8]) -> String {
    let base64 = data_encoding::BASE64.encode(der);
    format!("-----BEGIN {label}-----\n{base64}\n-----END {label}-----\n")
}

fn issue(kind: Certificate, host: &str) -> (CertificateDer<'static>, PrivatePkcs8KeyDer<'static>) {
    let (_, parent) = host.split_once('.').unwrap();
    let names = match kind {
        Certificate::Wildcard => vec![format!("*.{parent}")],
        Certificate::WrongName => vec![format!("www.{parent}"), parent.to_owned()],
        Certificate::WildcardTooFarUp => vec![format!("*.{}", parent.split_once('.').unwrap().1)],
        Certificate::CommonNameOnly => vec![],
        _ => vec![host.to_owned()],
    };
    let mut params = params(host);
    params.subject_alt_names = CertificateParams::new(names).unwrap().subject_alt_names;
    match kind {
        Certificate::Expired => params.not_after = date_time_ymd(2020, 1, 1),
        Certificate::NotYetValid => params.not_before = date_time_ymd(3000, 1, 1),
        Certificate::WrongPurpose => {
            params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        }
        Certificate::SelfSignedAuthority => {
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        }
        _ => {}
    }
    let authority = match kind {
        Certificate::UnknownIssuer => &UNTRUSTED,
        _ => &TRUSTED,
    };
    let key = &authority.server_key;
    let certificate = match kind {
        Certificate::SelfSigned | Certificate::SelfSignedAuthority => params.self_signed(key),
        _ => params.signed_by(key, &authority.issuer),
    };
    let key = match kind {
        Certificate::WrongKey => &UNTRUSTED.server_key,
        _ => key,
    };
    let key = PrivatePkcs8KeyDer::from(key.serialize_der());
    (certificate.unwrap().der().clone(), key)
}

fn params(common_name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params
        .distinguished_name
        .push(DnType::CommonName, common_name);
    params
}
