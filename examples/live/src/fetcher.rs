//! [`HttpsFetcher`]: the HTTPS request for a policy, by `hyper` and `rustls`.
//!
//! To copy: this file, `resolver.rs` and `verify.rs`. It needs the crates `futures-util`, `http-body-util`, `hyper` (features `client`,
//! `http1`), `hyper-util` (feature `tokio`), `mta-sts`, `tokio` (features `net`, `time`) and `tokio-rustls`.

use crate::resolver::HickoryResolver;
use crate::verify::{PkixVerifier, client_config, handshake_failure, tls_failure};
use futures_util::future::{Either, select};
use http_body_util::{BodyExt, Empty};
use hyper::body::{Body, Bytes, Incoming};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::header::{ACCEPT_ENCODING, CONNECTION, CONTENT_TYPE, HOST, USER_AGENT};
use hyper::{Request, Response, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use mta_sts::{FetchError, Fetcher, PolicyBody, PolicyRequest, PolicyResponse};
use std::error::Error;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// How long one address may take to connect, so that the next has its turn.
const CONNECT_TIME: Duration = Duration::from_secs(10);
/// The most octets of a response's head.
const MAX_HEAD: usize = 64 << 10;
/// Who asks. Some servers refuse those who do not say.
const AGENT: &str = "mta-sts (RFC 8461)";

/// Fetches policies as the contract of [`Fetcher`] wants.
///
/// There is nothing in it that could follow a redirect, keep a cookie, decode a coding, use a proxy or a cache, or resume a session; each fetch is a
/// connection of its own. The addresses of the host come from the resolver, and the connection goes to an address that has been judged.
#[derive(Clone, Debug)]
pub struct HttpsFetcher {
    resolver: HickoryResolver,
    tls: Arc<ClientConfig>,
    reach: Reach,
    port: u16,
    time: Duration,
}

/// Where a fetcher connects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Only to global addresses. The owner of the domain chooses them, and could else have this machine knock at its neighbours' doors.
    Global,
    /// Anywhere: for tests, and for networks that have policies of their own.
    Anywhere,
}

impl HttpsFetcher {
    /// A fetcher that trusts these authorities.
    ///
    /// # Errors
    ///
    /// That there are none.
    pub fn new(
        resolver: HickoryResolver,
        authorities: RootCertStore,
    ) -> Result<Self, Box<dyn Error + Send + Sync>> {
        let verifier = PkixVerifier::new(authorities)?;
        let mut tls = client_config(Arc::new(verifier))?;
        tls.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self {
            resolver,
            tls: Arc::new(tls),
            reach: Reach::Global,
            port: 443,
            time: PolicyRequest::TIMEOUT,
        })
    }

    /// The same, connecting there.
    #[must_use]
    pub fn with_reach(self, reach: Reach) -> Self {
        Self { reach, ..self }
    }

    /// The same, connecting to another port than 443: for tests. The URL stays that of the request, without a port.
    #[must_use]
    pub fn with_port(self, port: u16) -> Self {
        Self { port, ..self }
    }

    /// The same with less time for the whole exchange than [`PolicyRequest::TIMEOUT`]; more is not given.
    #[must_use]
    pub fn with_time(self, time: Duration) -> Self {
        Self {
            time: time.min(PolicyRequest::TIMEOUT),
            ..self
        }
    }

    async fn exchange(&self, request: &PolicyRequest) -> Result<PolicyResponse, FetchError> {
        let connection = self.connect(request.policy_host()).await?;
        let (sender, connection) = http1::Builder::new()
            .max_buf_size(MAX_HEAD)
            .handshake(TokioIo::new(connection))
            .await
            .map_err(|error| head_error(&error))?;
        // The connection moves only while it is polled, and ends with this future: nothing goes on behind the caller's back.
        let asking = pin!(ask(sender, request));
        match select(asking, pin!(connection)).await {
            Either::Left((response, _)) => response,
            Either::Right((_, asking)) => asking.await,
        }
    }

    async fn connect(&self, host: &str) -> Result<TlsStream<TcpStream>, FetchError> {
        let name = ServerName::try_from(host.to_owned()).map_err(|_| FetchError::Other)?;
        let stream = connect(&self.resolver, self.reach, host, self.port).await?;
        let connector = TlsConnector::from(Arc::clone(&self.tls));
        let handshake = connector.connect(name, stream).await;
        handshake.map_err(|error| FetchError::Tls(handshake_failure(&error)))
    }
}

impl Fetcher for HttpsFetcher {
    async fn fetch(&self, request: &PolicyRequest) -> Result<PolicyResponse, FetchError> {
        let response = timeout(self.time, self.exchange(request)).await;
        response.unwrap_or(Err(FetchError::Timeout))
    }
}

/// Connects to the first address of a host that answers.
pub(crate) async fn connect(
    resolver: &HickoryResolver,
    reach: Reach,
    host: &str,
    port: u16,
) -> Result<TcpStream, FetchError> {
    let answer = resolver.addresses(host).await;
    let mut addresses = answer.map_err(FetchError::Dns)?.records;
    addresses.retain(|address| reach == Reach::Anywhere || is_global(*address));
    if addresses.is_empty() {
        return Err(FetchError::Refused);
    }
    for address in addresses {
        let address = SocketAddr::new(address, port);
        if let Ok(Ok(stream)) = timeout(CONNECT_TIME, TcpStream::connect(address)).await {
            return Ok(stream);
        }
    }
    Err(FetchError::Connect)
}

async fn ask(
    mut sender: SendRequest<Empty<Bytes>>,
    request: &PolicyRequest,
) -> Result<PolicyResponse, FetchError> {
    let url: Uri = request.url().parse().map_err(|_| FetchError::Other)?;
    let head = Request::get(url.path())
        .header(HOST, request.policy_host())
        .header(USER_AGENT, AGENT)
        .header(ACCEPT_ENCODING, "identity")
        .header(CONNECTION, "close")
        .body(Empty::new())
        .map_err(|_| FetchError::Other)?;
    let response = sender.send_request(head).await;
    let response = response.map_err(|error| head_error(&error))?;

    let status = response.status();
    let content_type = response.headers().get(CONTENT_TYPE);
    let content_type =
        content_type.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    // No other status has a policy, so its body is nothing that could be too long or cut short.
    let body = if status == StatusCode::OK {
        read(response).await?
    } else {
        Vec::new()
    };
    Ok(PolicyResponse::new(
        status.as_u16(),
        content_type.as_deref(),
        body,
    ))
}

async fn read(response: Response<Incoming>) -> Result<Vec<u8>, FetchError> {
    let mut incoming = response.into_body();
    // Exact if there is a Content-Length and it counts: it does not beside `Transfer-Encoding`.
    let mut body = PolicyBody::new(incoming.size_hint().exact())?;
    while let Some(frame) = incoming.frame().await {
        let frame = frame.map_err(|error| body_error(&error))?;
        if let Some(chunk) = frame.data_ref() {
            body.push(chunk)?;
        }
    }
    body.finish()
}

/// What went wrong before a response came. With TLS 1.3 a server may refuse after the handshake.
fn head_error(error: &hyper::Error) -> FetchError {
    find(error).map_or(FetchError::Other, |error| {
        FetchError::Tls(tls_failure(error))
    })
}

/// What went wrong within a body. A connection that ends there, by its peer or by anybody between, cuts it short: without a
/// Content-Length only the alert of TLS tells the end from a cut, and `rustls` makes its absence an error.
fn body_error(error: &hyper::Error) -> FetchError {
    if let Some(error) = find(error) {
        return FetchError::Tls(tls_failure(error));
    }
    match find::<io::Error>(error).map(io::Error::kind) {
        // The chunks are no chunks.
        Some(io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData) => FetchError::Other,
        _ => FetchError::Truncated,
    }
}

/// The first error of this type among an error's causes.
fn find<E: Error + 'static>(error: &hyper::Error) -> Option<&E> {
    let mut cause = error.source();
    while let Some(error) = cause {
        if let Some(found) = error.downcast_ref::<E>() {
            return Some(found);
        }
        // The cause that an I/O error wraps is not its source but that one's source.
        let inner = error.downcast_ref().and_then(io::Error::get_ref);
        if let Some(found) = inner.and_then(|inner| inner.downcast_ref()) {
            return Some(found);
        }
        cause = error.source();
    }
    None
}

/// Whether an address is for the whole Internet, by the registries of special-purpose addresses (RFC 6890) and without multicast. In an IPv6
/// address that stands for an IPv4 address, that one counts.
#[must_use]
pub fn is_global(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_global_v4(address),
        IpAddr::V6(address) => is_global_v6(address),
    }
}

fn is_global_v4(address: Ipv4Addr) -> bool {
    // Multicast, the reserved block behind it and broadcast are all from 224.0.0.0 on.
    let [a, b, c, _] = address.octets();
    !matches!(
        (a, b, c),
        (0 | 10 | 127 | 224.., _, _)
            | (100, 64..=127, _)
            | (169, 254, _)
            | (172, 16..=31, _)
            | (192, 0, 0 | 2)
            | (192, 31, 196)
            | (192, 52, 193)
            | (192, 88, 99)
            | (192, 168, _)
            | (192, 175, 48)
            | (198, 18 | 19, _)
            | (198, 51, 100)
            | (203, 0, 113)
    )
}

fn is_global_v6(address: Ipv6Addr) -> bool {
    match address.segments() {
        // IPv4 as IPv6, and by NAT64.
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            let [a, b] = high.to_be_bytes();
            let [c, d] = low.to_be_bytes();
            is_global_v4(Ipv4Addr::new(a, b, c, d))
        }
        // Protocol assignments, documentation, 6to4, AS112, documentation.
        [0x2001, 0x0000..=0x01ff | 0x0db8, ..]
        | [0x2002, ..]
        | [0x2620, 0x004f, 0x8000, ..]
        | [0x3fff, 0x0000..=0x0fff, ..] => false,
        // All that has been given out for the Internet so far.
        [first, ..] => first & 0xe000 == 0x2000,
    }
}
