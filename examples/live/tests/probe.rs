//! What the probe makes of mail servers.

use crate::support::certificates::{Certificate, TRUSTED};
use crate::support::dns::{self, Reply};
use crate::support::smtp::{Mail, Servers, address};
use futures_util::future::join_all;
use hickory_resolver::proto::rr::RecordType;
use live::fetcher::Reach;
use live::probe::{Probed, SmtpProbe, Unreached};
use live::verify::PkixVerifier;
use mta_sts::{DnsError, TlsFailure, TlsOutcome, TlsVerdict};
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio_rustls::rustls::ProtocolVersion;

const TLS_1_3: Option<ProtocolVersion> = Some(ProtocolVersion::TLSv1_3);
const TLS_1_2: Option<ProtocolVersion> = Some(ProtocolVersion::TLSv1_2);

/// A probe of these servers: `mx<number>.kestrel.net`.
async fn probe(servers: &Servers) -> SmtpProbe {
    let zone = |name: &str, record_type| {
        let number = name
            .strip_prefix("mx")
            .and_then(|rest| rest.split_once('.'));
        let number = number.and_then(|(number, _)| number.parse().ok());
        match (number, record_type) {
            (Some(number), RecordType::A) => dns::a(name, &[address(number)]),
            (Some(_), _) => Reply::NoData,
            (None, _) => Reply::NoSuchDomain,
        }
    };
    let resolver = dns::resolver(dns::serve(zone).await);
    let pkix = PkixVerifier::new(TRUSTED.store()).unwrap();
    SmtpProbe::new(resolver, Arc::new(pkix))
        .with_port(servers.port)
        .with_reach(Reach::Anywhere)
}

const fn established(protocol: Option<ProtocolVersion>, pkix: TlsVerdict) -> Probed {
    let dane = TlsVerdict::NotChecked;
    Probed {
        protocol,
        outcome: TlsOutcome::Established { pkix, dane },
    }
}

const fn without(outcome: TlsOutcome) -> Probed {
    Probed {
        protocol: None,
        outcome,
    }
}

const fn failed(failure: TlsFailure) -> Probed {
    without(TlsOutcome::Failed(failure))
}

/// Servers, and what comes of them.
fn rows() -> Vec<(Mail, Result<Probed, Unreached>)> {
    use TlsFailure as F;
    use TlsVerdict::{Failed, Passed};
    vec![
        (
            Mail::Tls(Certificate::Valid),
            Ok(established(TLS_1_3, Passed)),
        ),
        (
            Mail::Tls12(Certificate::Wildcard),
            Ok(established(TLS_1_2, Passed)),
        ),
        (
            Mail::Tls(Certificate::Expired),
            Ok(established(TLS_1_3, Failed(F::CertificateExpired))),
        ),
        (
            Mail::Tls(Certificate::WrongName),
            Ok(established(TLS_1_3, Failed(F::CertificateHostMismatch))),
        ),
        (
            Mail::Tls(Certificate::SelfSigned),
            Ok(established(TLS_1_3, Failed(F::CertificateSelfSigned))),
        ),
        (
            Mail::Tls12(Certificate::UnknownIssuer),
            Ok(established(TLS_1_2, Failed(F::CertificateUnknownIssuer))),
        ),
        (
            Mail::Tls(Certificate::WrongKey),
            Ok(failed(F::CertificateInvalid)),
        ),
        (
            Mail::Hello("250-mx.test STARTTLS\r\n250 XSTARTTLS\r\n"),
            Ok(without(TlsOutcome::NotOffered)),
        ),
        (
            Mail::Hello("250 STARTTLS\r\n"),
            Ok(without(TlsOutcome::NotOffered)),
        ),
        (
            Mail::Hello("502 5.5.1 what?\r\n"),
            Ok(without(TlsOutcome::NotOffered)),
        ),
        (Mail::Hello("421 busy\r\n"), Err(Unreached::Rejected(421))),
        (Mail::Hello("250\n"), Ok(without(TlsOutcome::NotOffered))),
        (Mail::Hello("250_mx.test\r\n"), Err(Unreached::NotSmtp)),
        (
            Mail::Starttls("454 4.7.0 no certificate\r\n"),
            Ok(without(TlsOutcome::Refused(454))),
        ),
        (
            Mail::Starttls("501-no\r\n501 never\r\n"),
            Ok(without(TlsOutcome::Refused(501))),
        ),
        (
            Mail::Starttls("220 go ahead\r\n250 injected\r\n"),
            Ok(failed(F::Other)),
        ),
        (Mail::Starttls("what?\r\n"), Ok(failed(F::Other))),
        (Mail::Starttls(""), Ok(failed(F::Timeout))),
        (Mail::ClosesBeforeTls, Ok(failed(F::Closed))),
        (Mail::Handshake(b""), Ok(failed(F::Closed))),
        (Mail::Handshake(b"500 what?\r\n"), Ok(failed(F::Other))),
        (
            Mail::Handshake(b"\x15\x03\x01\0\x02\x02\x46"),
            Ok(failed(F::ProtocolVersion)),
        ),
        (
            Mail::Greets("SSH-2.0-OpenSSH_9.9\r\n"),
            Err(Unreached::NotSmtp),
        ),
        (
            Mail::Greets("220 \u{fc}\r\n"),
            Ok(established(TLS_1_3, Passed)),
        ),
        (Mail::Greets("\u{fc}\u{fc}\r\n"), Err(Unreached::NotSmtp)),
        (
            Mail::Greets("554 5.7.1 not you\r\n"),
            Err(Unreached::Rejected(554)),
        ),
        (Mail::Greets("220-never\r\n"), Err(Unreached::Timeout)),
        (Mail::Mute, Err(Unreached::Timeout)),
        (Mail::Closes, Err(Unreached::NotSmtp)),
        (Mail::Nobody, Err(Unreached::Connect)),
    ]
}

#[tokio::test]
async fn mail_servers() {
    let rows = rows();
    let mails: Vec<_> = rows.iter().map(|(mail, _)| *mail).collect();
    let servers = Servers::start(&mails).await;
    let probe = probe(&servers).await;
    let impatient = probe.clone().with_time(Duration::from_millis(1500));
    let found = join_all(rows.iter().enumerate().map(async |(number, (_, wanted))| {
        let is_slow =
            matches!(wanted, Err(Unreached::Timeout)) || *wanted == Ok(failed(TlsFailure::Timeout));
        let probe = if is_slow { &impatient } else { &probe };
        probe.probe(&format!("mx{number}.kestrel.net")).await
    }));
    let found = found.await;
    let wrong: Vec<_> = found
        .iter()
        .zip(&rows)
        .filter(|(found, (_, wanted))| *found != wanted)
        .collect();
    assert!(wrong.is_empty(), "found, and the rows: {wrong:#?}");
}

#[tokio::test]
async fn what_is_said() {
    let servers =
        Servers::start(&[Mail::Tls(Certificate::Valid), Mail::Starttls("454 no\r\n")]).await;
    let probe = probe(&servers).await;
    probe.probe("mx0.kestrel.net").await.unwrap();
    let said = [
        "EHLO [127.0.0.1]",
        "STARTTLS",
        "mx0.kestrel.net",
        "EHLO [127.0.0.1]",
        "QUIT",
    ];
    // The server may read the last line after its client has gone.
    while servers.lines().len() < said.len() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(servers.lines(), said);
}

#[tokio::test]
async fn hosts_that_are_not_there() {
    let servers = Servers::start(&[Mail::Tls(Certificate::Valid)]).await;
    let probe = probe(&servers).await;
    let absent = Unreached::Dns(DnsError::NoSuchDomain);
    assert_eq!(probe.probe("absent.net").await, Err(absent));
    assert_eq!(probe.probe("mx 0.kestrel.net").await, Err(Unreached::Name));
    let global = probe.with_reach(Reach::Global);
    assert_eq!(
        global.probe("mx0.kestrel.net").await,
        Err(Unreached::Refused)
    );
}

#[tokio::test]
async fn an_endless_reply() {
    let listener = TcpListener::bind((Ipv4Addr::new(127, 0, 1, 1), 0))
        .await
        .unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        while stream.write_all(b"220-more\r\n").await.is_ok() {}
    });
    let servers = Servers::start(&[]).await;
    let probe = probe(&servers).await.with_port(port);
    assert_eq!(
        probe.probe("mx0.kestrel.net").await,
        Err(Unreached::NotSmtp)
    );
}
