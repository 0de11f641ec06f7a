//! An HTTPS server that does to each host what a function says, down to the octets.

use super::certificates::{self, Certificate};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::server::Acceptor;
use tokio_rustls::rustls::sign::SingleCertAndKey;
use tokio_rustls::rustls::version::TLS12;
use tokio_rustls::rustls::{ALL_VERSIONS, ServerConfig, SupportedProtocolVersion};
use tokio_rustls::server::TlsStream;

/// A policy that everybody accepts.
pub(crate) const POLICY: &str =
    "version: STSv1\r\nmode: enforce\r\nmx: mx.example\r\nmax_age: 86400\r\n";

/// How the server behaves towards those who ask for a host.
#[derive(Clone, Debug)]
pub(crate) enum Host {
    /// It shows this certificate and then does this.
    Tls(Certificate, Vec<Step>),
    /// The same with TLS 1.2 at most.
    Tls12(Certificate, Vec<Step>),
    /// It answers the first message of the handshake with these octets, and closes.
    Raw(&'static [u8]),
    /// It never answers.
    Mute,
}

/// What the server does once TLS is there and the request has been read.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Send(Vec<u8>),
    /// Sends an octet, waits for twenty milliseconds, and again until the other side has had enough.
    Trickle,
    /// Ends TLS with its alert.
    Close,
    /// Ends the connection without the alert.
    Cut,
}

/// A server, and what has been asked of it.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Starts one. The function is asked by the name that the client sends as SNI.
    pub(crate) async fn start(host: impl Fn(&str) -> Host + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let server = Self {
            address: listener.local_addr().unwrap(),
            requests: Arc::default(),
        };
        let requests = Arc::clone(&server.requests);
        let host = Arc::new(host);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                // The other side may go away at any moment: that is what is tested.
                let serving = serve(stream, Arc::clone(&host), Arc::clone(&requests));
                tokio::spawn(async move { serving.await.ok() });
            }
        });
        server
    }

    /// The requests so far, each with its head as it came.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

async fn serve(
    stream: TcpStream,
    host: Arc<impl Fn(&str) -> Host>,
    requests: Arc<Mutex<Vec<String>>>,
) -> std::io::Result<()> {
    let mut hello = LazyConfigAcceptor::new(Acceptor::default(), stream).await?;
    let name = hello
        .client_hello()
        .server_name()
        .unwrap_or_default()
        .to_owned();
    let (versions, certificate, steps) = match host(&name) {
        Host::Tls(certificate, steps) => (ALL_VERSIONS, certificate, steps),
        Host::Tls12(certificate, steps) => (&[&TLS12][..], certificate, steps),
        Host::Raw(octets) => {
            hello.io.write_all(octets).await?;
            return hello.io.shutdown().await;
        }
        Host::Mute => {
            // Until the client goes.
            let mut buffer = [0];
            while hello.io.read(&mut buffer).await? > 0 {}
            return Ok(());
        }
    };
    let config = tls(versions, certificate, &name);
    let mut stream = hello.into_stream(config).await?;
    let head = read_head(&mut stream).await?;
    requests.lock().unwrap().push(head);
    for step in steps {
        match step {
            Step::Send(octets) => {
                stream.write_all(&octets).await?;
                stream.flush().await?;
            }
            Step::Trickle => loop {
                stream.write_all(b"#").await?;
                stream.flush().await?;
                tokio::time::sleep(Duration::from_millis(20)).await;
            },
            Step::Close => return stream.shutdown().await,
            Step::Cut => {
                // Only this direction of the connection, so that what was sent is not lost with it.
                return stream.get_mut().0.shutdown().await;
            }
        }
    }
    // A server that keeps the connection for more requests, which do not come.
    let mut buffer = [0];
    while stream.read(&mut buffer).await? > 0 {}
    Ok(())
}

/// A configuration with this certificate for the host.
pub(crate) fn tls(
    versions: &[&'static SupportedProtocolVersion],
    certificate: Certificate,
    name: &str,
) -> Arc<ServerConfig> {
    let key = certificates::certificate(certificate, name);
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(versions)
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(SingleCertAndKey::from(key)));
    Arc::new(config)
}

async fn read_head(stream: &mut TlsStream<TcpStream>) -> std::io::Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

/// A whole response of this status with these fields, a Content-Length and a body; then TLS is ended properly.
pub(crate) fn respond(status: &str, fields: &[&str], body: impl AsRef<[u8]>) -> Vec<Step> {
    let body = body.as_ref();
    let length = format!("Content-Length: {}", body.len());
    let fields: Vec<_> = fields.iter().copied().chain([&*length]).collect();
    vec![send(status, &fields, body), Step::Close]
}

/// A head with these fields, and what follows it.
pub(crate) fn send(status: &str, fields: &[&str], body: impl AsRef<[u8]>) -> Step {
    let mut octets = format!("HTTP/1.1 {status}\r\n").into_bytes();
    for field in fields {
        octets.extend_from_slice(field.as_bytes());
        octets.extend_from_slice(b"\r\n");
    }
    octets.extend_from_slice(b"\r\n");
    octets.extend_from_slice(body.as_ref());
    Step::Send(octets)
}
