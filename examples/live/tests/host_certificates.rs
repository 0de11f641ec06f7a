//! The certificates of the program `host`.

use crate::support::certificates::{Certificate, pem_files};
use crate::support::host::{Host, KESTREL, request, write};
use live::verify::handshake_failure;
use mta_sts::{FetchError, Fetcher, TlsFailure};
use std::fs;

#[tokio::test]
async fn changes_of_certificates() {
    let host = Host::start(&[]);
    let fetcher = host.fetcher().await;
    let kestrel = request("kestrel.net");
    let name = "mta-sts.kestrel.net";
    let fetch = async || {
        let response = fetcher.fetch(&kestrel).await?;
        Ok(response.status())
    };
    assert_eq!(fetch().await, Ok(200));
    host.certificate(name, Certificate::Expired, name);
    let expired = FetchError::Tls(TlsFailure::CertificateExpired);
    assert_eq!(fetch().await, Err(expired));
    host.certificate(name, Certificate::Valid, name);
    assert_eq!(fetch().await, Ok(200));
    host.says("");

    // What cannot be used leaves that before it in use.
    let folder = host.folder.path().join("certificates").join(name);
    let before = fs::read(folder.join("key.pem")).unwrap();
    let (_, other) = pem_files(Certificate::WrongKey, name);
    for (file, text, complaint) in [
        (
            "key.pem",
            &*other,
            "`key.pem` does not belong to `cert.pem`: keys may not be consistent: KeyMismatch",
        ),
        ("key.pem", "no key", "cannot use `key.pem`: no items found"),
        (
            "cert.pem",
            "no certificate",
            "there is no certificate in `cert.pem`",
        ),
    ] {
        write(&folder.join("key.pem"), &before);
        write(&folder.join(file), text);
        for _ in 0..2 {
            assert_eq!(fetch().await, Ok(200));
        }
        let line = format!(
            "error: certificates/{name}: {complaint}; what was there before is still used\n"
        );
        host.says(&line);
    }
    host.certificate(name, Certificate::Valid, "mta-sts.merlin.net");
    assert_eq!(fetch().await, Ok(200));
    host.says(
        "error: certificates/mta-sts.kestrel.net: the certificate is not for mta-sts.kestrel.net; \
         what was there before is still used\n",
    );
    host.certificate(name, Certificate::Valid, name);
    assert_eq!(fetch().await, Ok(200));
    host.says("mended: certificates/mta-sts.kestrel.net\n");
    fs::remove_dir_all(&folder).unwrap();
    assert_eq!(fetch().await, Err(FetchError::Tls(TlsFailure::Alert)));
}

#[tokio::test]
async fn the_certificate_for_others() {
    let host = Host::start(&[]);
    let fetcher = host.fetcher().await;
    host.policy("a.hobby.net", KESTREL);
    host.policy("hobby.net", KESTREL);
    let fetch = async |domain| Ok(fetcher.fetch(&request(domain)).await?.status());
    let aborted = Err(FetchError::Tls(TlsFailure::Alert));
    assert_eq!(fetch("hobby.net").await, aborted);
    host.certificate("_default", Certificate::Wildcard, "mta-sts.hobby.net");
    assert_eq!(fetch("hobby.net").await, Ok(200));
    // RFC 8461 §7.1: what does not match is not shown.
    assert_eq!(fetch("a.hobby.net").await, aborted);
    assert_eq!(fetch("kestrel.net").await, Ok(200));

    // Without SNI, which is not sent for an address: the certificate comes, and is that of somebody else.
    let error = host.connect("127.0.0.1").await.unwrap_err();
    let failure = handshake_failure(&error);
    assert_eq!(failure, TlsFailure::CertificateHostMismatch);
    fs::remove_dir_all(host.folder.path().join("certificates/_default")).unwrap();
    let error = host.connect("127.0.0.1").await.unwrap_err();
    assert_eq!(handshake_failure(&error), TlsFailure::Alert);
}
