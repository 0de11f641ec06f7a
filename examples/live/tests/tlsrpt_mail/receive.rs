//! The receiver: what it takes, and what it answers.

use crate::support::certificates::{Certificate, TRUSTED, pem_files};
use crate::support::program::Program;
use live::verify::{PkixVerifier, client_config};
use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

pub(super) const HOST: &str = "reports.kestrel-mail.net";

/// The program with a folder of its own.
pub(super) struct Receiver {
    pub(super) program: Program,
    pub(super) address: SocketAddr,
    folder: TempDir,
}

impl Receiver {
    pub(super) fn start(certificate: Certificate) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (cert, key) = pem_files(certificate, HOST);
        fs::write(folder.path().join("cert.pem"), cert).unwrap();
        fs::write(folder.path().join("key.pem"), key).unwrap();
        let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        let arguments = [
            "receive".to_owned(),
            path("reports"),
            "--listen=127.0.0.1:0".to_owned(),
            format!("--cert={}", path("cert.pem")),
            format!("--key={}", path("key.pem")),
        ];
        let mut program = Program::start(env!("CARGO_BIN_EXE_tlsrpt-mail"), arguments);
        let line = program.line();
        let address = line.trim_end().strip_prefix("receiving at ").unwrap();
        Self {
            address: address.parse().unwrap(),
            program,
            folder,
        }
    }

    pub(super) fn reports(&self) -> PathBuf {
        self.folder.path().join("reports")
    }

    /// The files that are stored, in order.
    pub(super) fn stored(&self) -> Vec<(String, Vec<u8>)> {
        let entries = fs::read_dir(self.reports()).unwrap();
        let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        let name = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
        paths
            .iter()
            .map(|path| (name(path), fs::read(path).unwrap()))
            .collect()
    }

    /// The head of the response to this.
    async fn exchange(&self, head: &str, body: &[u8]) -> String {
        let verifier = PkixVerifier::new(TRUSTED.store()).unwrap();
        let connector = TlsConnector::from(Arc::new(client_config(Arc::new(verifier)).unwrap()));
        let stream = TcpStream::connect(self.address).await.unwrap();
        let mut stream = connector
            .connect(HOST.try_into().unwrap(), stream)
            .await
            .unwrap();
        let head = format!(
            "{head}\r\nHost: {HOST}\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        // It may have had enough before the end.
        stream.write_all(body).await.ok();
        let mut response = Vec::new();
        stream.read_to_end(&mut response).await.ok();
        let response = String::from_utf8_lossy(&response).into_owned();
        response
            .split_once("\r\n\r\n")
            .map_or(String::new(), |(head, _)| head.to_owned())
    }
}

#[tokio::test]
async fn what_it_answers() {
    let receiver = Receiver::start(Certificate::Valid);
    let post = |media_type: &str| format!("POST /v1?a=b HTTP/1.1\r\nContent-Type: {media_type}");
    let status = |response: String| response.lines().next().unwrap_or_default().to_owned();
    for (head, wanted) in [
        (post("application/tlsrpt+json"), "HTTP/1.1 201 Created"),
        (post("Application/TLSRPT+gzip; a=b"), "HTTP/1.1 201 Created"),
        (
            post("application/json"),
            "HTTP/1.1 415 Unsupported Media Type",
        ),
        (post(""), "HTTP/1.1 415 Unsupported Media Type"),
        (
            "POST / HTTP/1.1".to_owned(),
            "HTTP/1.1 415 Unsupported Media Type",
        ),
        (
            "GET / HTTP/1.1".to_owned(),
            "HTTP/1.1 405 Method Not Allowed",
        ),
    ] {
        assert_eq!(
            status(receiver.exchange(&head, b"{}").await),
            wanted,
            "{head}"
        );
    }
    let put = receiver.exchange("PUT / HTTP/1.1", b"").await;
    assert!(put.contains("\r\nallow: POST"), "{put}");
    // "MAY store them for processing at a later time": what they are is seen then.
    let stored = receiver.stored();
    assert_eq!(
        stored,
        [
            ("000001.json".to_owned(), b"{}".to_vec()),
            ("000001.json.gz".to_owned(), b"{}".to_vec()),
        ]
    );
}

#[tokio::test]
async fn what_is_too_long_is_not_stored() {
    let receiver = Receiver::start(Certificate::Valid);
    let post = "POST / HTTP/1.1\r\nContent-Type: application/tlsrpt+json";
    let longest = vec![b' '; 10 << 20];
    let response = receiver.exchange(post, &longest).await;
    assert!(response.starts_with("HTTP/1.1 201 "), "{response}");
    // Said before the body is sent, so that nobody waits.
    let verifier = PkixVerifier::new(TRUSTED.store()).unwrap();
    let connector = TlsConnector::from(Arc::new(client_config(Arc::new(verifier)).unwrap()));
    let stream = TcpStream::connect(receiver.address).await.unwrap();
    let mut stream = connector
        .connect(HOST.try_into().unwrap(), stream)
        .await
        .unwrap();
    let head = format!("{post}\r\nHost: {HOST}\r\nTransfer-Encoding: chunked\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    let chunk = format!("{:x}\r\n", (10 << 20) + 1);
    stream.write_all(chunk.as_bytes()).await.unwrap();
    stream.write_all(&longest).await.unwrap();
    stream.write_all(b" \r\n0\r\n\r\n").await.ok();
    let mut response = vec![0; 64];
    let len = stream.read(&mut response).await.unwrap_or_default();
    let response = String::from_utf8_lossy(&response[..len]);
    assert!(response.starts_with("HTTP/1.1 413 "), "{response}");
    assert_eq!(receiver.stored().len(), 1);
}

#[test]
fn it_listens_on_this_machine_only() {
    let run = super::run(
        [
            "receive",
            "nowhere",
            "--listen",
            "0.0.0.0:0",
            "--cert",
            "c",
            "--key",
            "k",
        ],
        b"",
    );
    assert_eq!(run.code, Some(2));
    assert!(
        run.stderr
            .contains("an address of this machine itself is wanted")
    );
    let run = super::run(["receive", "nowhere", "--cert", "c", "--key", "k"], b"");
    assert_eq!(run.code, Some(2));
    assert!(
        run.stderr.starts_with("error: cannot use c: "),
        "{}",
        run.stderr
    );
}
