//! Reports by HTTPS that are not taken at once, or not at all.

use super::receive::{HOST, Receiver};
use super::run;
use super::send::{SESSIONS, World};
use crate::support::certificates::Certificate;
use crate::support::https::{self, Server, send};
use std::sync::atomic::{AtomicUsize, Ordering};

#[tokio::test]
async fn a_bad_certificate_is_told_and_does_not_matter() {
    for (certificate, told) in [
        (Certificate::Expired, "the certificate has expired"),
        (Certificate::WrongName, "the certificate is for other names"),
        (
            Certificate::UnknownIssuer,
            "the certificate does not lead to a trusted authority",
        ),
    ] {
        let receiver = Receiver::start(certificate);
        let uri = format!("https://{HOST}:{}/", receiver.address.port());
        let world = World::new("mailto:nobody@example.com").await;
        let run = world
            .send(&["--record", &format!("v=TLSRPTv1; rua={uri}")])
            .await;
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        let line = format!("error: {uri}: {told}; posted all the same\n");
        assert_eq!(run.stderr, line.repeat(2));
        assert_eq!(receiver.stored().len(), 2);
        drop(receiver.program);
    }
}

/// A server that answers with these, one after the other, and with the last one for ever.
async fn answering(statuses: &'static [&'static str]) -> (Server, String) {
    let asked = AtomicUsize::new(0);
    let server = Server::start(move |_| {
        let number = asked
            .fetch_add(1, Ordering::Relaxed)
            .min(statuses.len() - 1);
        let head = send(
            statuses[number],
            &["Content-Length: 0", "Location: /elsewhere"],
            "",
        );
        https::Host::Tls(Certificate::Valid, vec![head])
    })
    .await;
    let uri = format!("https://{HOST}:{}/", server.address.port());
    (server, uri)
}

#[tokio::test]
async fn it_tries_again() {
    let (server, uri) =
        answering(&["503 Service Unavailable", "429 Too Many Requests", "200 OK"]).await;
    let world = World::new(&uri).await;
    let run = world.send(&["--retry", "10", "--pause", "1"]).await;
    let complaints: Vec<_> = run.stderr.lines().take(2).collect();
    assert_eq!(
        complaints,
        [
            format!("error: {uri}: 503 Service Unavailable; again in 1 s"),
            format!("error: {uri}: 429 Too Many Requests; again in 2 s"),
        ]
    );
    assert!(run.stdout.contains(&format!("  {uri}: 200 OK\n")));
    assert_eq!(server.requests().len(), 3);
    let head = server.requests().remove(0).to_ascii_lowercase();
    assert!(head.starts_with("post / http/1.1\r\n"));
    assert!(head.contains("\r\ncontent-type: application/tlsrpt+gzip\r\n"));
}

#[tokio::test]
async fn it_gives_up() {
    // What the receiver calls wrong, where it leads elsewhere, and when the time is over.
    for (statuses, retry, asked) in [
        (&["404 Not Found"][..], "10", 1),
        (&["302 Found"], "0", 1),
        (&["500 Internal Server Error"], "1", 2),
    ] {
        let (server, uri) = answering(statuses).await;
        let world = World::new(&uri).await;
        let run = world.send(&["--retry", retry, "--pause", "1"]).await;
        assert_eq!(run.code, Some(1));
        let lines = format!(
            "error: {uri}: {}\nerror: kestrel-mail.net: the report has gone no way\n",
            statuses[0]
        );
        assert!(run.stderr.contains(&lines), "{}", run.stderr);
        assert_eq!(server.requests().len(), asked, "{statuses:?}");
    }
    let world = World::new("https://nowhere.example/,ftp://nowhere.example/").await;
    let run = world.send(&[]).await;
    let line =
        "error: https://nowhere.example/: the host has no address: the name does not exist\n";
    assert!(run.stderr.contains(line), "{}", run.stderr);
}

#[tokio::test]
async fn private_networks_are_left_alone() {
    let receiver = Receiver::start(Certificate::Valid);
    let world = World::new("mailto:nobody@example.com").await;
    let uri = format!("https://{HOST}:{}/", receiver.address.port());
    let ca = world.out().join("ca.pem");
    let arguments: Vec<String> = [
        "send",
        SESSIONS,
        "--organization",
        "K",
        "--contact",
        "a@b.example",
        "--dns",
        &world.dns,
        "--ca",
        ca.to_str().unwrap(),
        "--record",
        &format!("v=TLSRPTv1; rua={uri}"),
    ]
    .map(str::to_owned)
    .into();
    let run = tokio::task::spawn_blocking(move || run(arguments, b""))
        .await
        .unwrap();
    let line = format!("error: {uri}: the host has only addresses that are not global\n");
    assert!(run.stderr.starts_with(&line), "{}", run.stderr);
    assert_eq!(receiver.stored().len(), 0);
}
