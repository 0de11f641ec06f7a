//! [`ReportPoster`]: TLS reports by HTTPS (RFC 8460 §5.4), by `hyper` and `rustls`.
//!
//! To copy: this file, `fetcher.rs`, `resolver.rs` and `verify.rs`. It needs what `fetcher.rs` needs, and the feature `tlsrpt` of `mta-sts`.

use crate::fetcher::{Reach, connect};
use crate::resolver::HickoryResolver;
use crate::verify::{Observer, PkixVerifier, client_config, handshake_failure};
use futures_util::future::{Either, select};
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::header::{CONNECTION, CONTENT_TYPE, HOST, USER_AGENT};
use hyper::{Request, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use mta_sts::{
    DnsError, FetchError, ReportEncoding, ReportScheme, ReportUri, TlsFailure, TlsVerdict,
};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;

/// The most octets of a response's head. What stands behind it is not read.
const MAX_HEAD: usize = 16 << 10;
const AGENT: &str = "mta-sts (RFC 8460)";

/// Posts reports to where TLS reporting records want them.
///
/// It follows no redirect. A bad certificate is noted and does not keep the report back: reports are about TLS that does not work, and senders "MAY ignore
/// certificate validation errors" (RFC 8460 §3).
#[derive(Clone, Debug)]
pub struct ReportPoster {
    resolver: HickoryResolver,
    pkix: Arc<PkixVerifier>,
    reach: Reach,
    time: Duration,
}

/// What a receiver answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Whether it has accepted the report.
    pub status: StatusCode,
    /// Whether its certificate is valid.
    pub certificate: TlsVerdict,
}

impl Receipt {
    /// Whether the report has been delivered: with any 2xx.
    #[must_use]
    pub fn is_delivered(&self) -> bool {
        self.status.is_success()
    }

    /// Whether it may help to try again (RFC 8460 §5.5). A receiver that calls the request wrong will do so again.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        let is_about_time = [StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_MANY_REQUESTS];
        is_about_time.contains(&self.status) || !self.status.is_client_error()
    }
}

/// Why a receiver answered nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PostError {
    /// The URI is none for HTTPS, or its host is no name.
    #[error("nothing can be posted there")]
    Uri,
    /// The host has no address.
    #[error("the host has no address: {0}")]
    Dns(DnsError),
    /// It has only addresses that are not global.
    #[error("the host has only addresses that are not global")]
    Refused,
    /// No connection.
    #[error("nobody answers at the addresses of the host")]
    Connect,
    /// No TLS.
    #[error("TLS with the host failed: {0}")]
    Tls(TlsFailure),
    /// It took too long.
    #[error("the host took too long")]
    Timeout,
    /// No response of HTTP, or the connection ended.
    #[error("no valid response came")]
    Http,
}

impl ReportPoster {
    /// A poster that trusts these authorities, and takes so long at most for a report.
    #[must_use]
    pub const fn new(resolver: HickoryResolver, pkix: Arc<PkixVerifier>, time: Duration) -> Self {
        Self {
            resolver,
            pkix,
            reach: Reach::Global,
            time,
        }
    }

    /// The same, connecting there.
    #[must_use]
    pub fn with_reach(self, reach: Reach) -> Self {
        Self { reach, ..self }
    }

    /// Posts a report in this encoding.
    ///
    /// # Errors
    ///
    /// There was no response.
    pub async fn post(
        &self,
        to: &ReportUri,
        encoding: ReportEncoding,
        report: Bytes,
    ) -> Result<Receipt, PostError> {
        let posted = timeout(self.time, self.exchange(to, encoding, report)).await;
        posted.unwrap_or(Err(PostError::Timeout))
    }

    async fn exchange(
        &self,
        to: &ReportUri,
        encoding: ReportEncoding,
        report: Bytes,
    ) -> Result<Receipt, PostError> {
        if to.scheme() != ReportScheme::Https {
            return Err(PostError::Uri);
        }
        let uri: Uri = to.as_str().parse().map_err(|_| PostError::Uri)?;
        let host = uri.host().ok_or(PostError::Uri)?;
        let name = ServerName::try_from(host.to_owned()).map_err(|_| PostError::Uri)?;
        let port = uri.port_u16();
        let authority = match port {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        };
        let target = uri.path_and_query().map_or("/", |target| target.as_str());
        let request = Request::post(target)
            .header(HOST, authority)
            .header(USER_AGENT, AGENT)
            .header(CONTENT_TYPE, encoding.media_type())
            .header(CONNECTION, "close")
            .body(Full::new(report))
            .map_err(|_| PostError::Uri)?;

        let stream = connect(&self.resolver, self.reach, host, port.unwrap_or(443)).await;
        let stream = stream.map_err(|error| match error {
            FetchError::Dns(error) => PostError::Dns(error),
            FetchError::Refused => PostError::Refused,
            _ => PostError::Connect,
        })?;
        let observer = Arc::new(Observer::new(Arc::clone(&self.pkix)));
        let config = client_config(Arc::clone(&observer) as _);
        let mut config = config.map_err(|_| PostError::Tls(TlsFailure::Other))?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        let stream = TlsConnector::from(Arc::new(config))
            .connect(name, stream)
            .await
            .map_err(|error| PostError::Tls(handshake_failure(&error)))?;
        let (mut sender, connection) = http1::Builder::new()
            .max_buf_size(MAX_HEAD)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(|_| PostError::Http)?;
        // The connection moves only while it is polled, and ends with this future.
        let asking = pin!(sender.send_request(request));
        let response = match select(asking, pin!(connection)).await {
            Either::Left((response, _)) => response,
            Either::Right((_, asking)) => asking.await,
        };
        Ok(Receipt {
            status: response.map_err(|_| PostError::Http)?.status(),
            certificate: observer.verdict(),
        })
    }
}
