//! Connections: TLS, one request, one response, within limits.

use crate::answer::Answers;
use crate::certificates::Certificates;
use crate::say::complain;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::error::Error;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tokio::time::{sleep, timeout};
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::rustls::server::Acceptor;
use tokio_rustls::server::TlsStream;

/// The most octets of a request's head. `hyper` answers 431 to more.
const MAX_HEAD: usize = 8 << 10;
/// How long to wait when no connection can be accepted, as when there are no more file descriptors.
const PAUSE: Duration = Duration::from_millis(100);
/// An alert of TLS: fatal, `unrecognized_name` (RFC 6066 §3). The record has the version that all clients of TLS 1.2 and 1.3 accept.
const UNRECOGNIZED_NAME: [u8; 7] = [21, 3, 3, 0, 2, 2, 112];

/// What serves a connection.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) certificates: Arc<Certificates>,
    pub(crate) answers: Answers,
    /// For TLS, again for the request, and again for the response.
    pub(crate) time: Duration,
    pub(crate) connections: u32,
}

impl Server {
    /// Serves until `stop` comes, and then until the connections that are there have ended, which they do in time.
    pub(crate) async fn serve(self: Arc<Self>, listener: TcpListener, stop: impl Future) {
        let mut stop = pin!(stop);
        let places = usize::try_from(self.connections).unwrap_or(usize::MAX);
        let places = Arc::new(Semaphore::new(places));
        loop {
            // Who finds no place waits in the queue of the operating system.
            let next = async {
                let place = Arc::clone(&places).acquire_owned().await;
                (place, listener.accept().await)
            };
            let (place, accepted) = tokio::select! {
                _ = &mut stop => break,
                next = next => next,
            };
            match accepted {
                Ok((stream, _)) => {
                    let server = Arc::clone(&self);
                    tokio::spawn(async move {
                        // That a client goes away, or speaks no TLS, is nothing to tell.
                        let _ = timeout(server.time * 3, server.connection(stream)).await;
                        drop(place);
                    });
                }
                Err(error) => {
                    complain(&format_args!("cannot accept a connection: {error}"));
                    sleep(PAUSE).await;
                }
            }
        }
        drop(listener);
        // Whoever has all places is alone.
        let _ = places.acquire_many(self.connections).await;
    }

    async fn connection(&self, stream: TcpStream) -> Result<(), Box<dyn Error + Send + Sync>> {
        let Some(stream) = timeout(self.time, self.handshake(stream)).await?? else {
            return Ok(());
        };
        let service =
            service_fn(async |request| Ok::<_, Infallible>(self.answers.answer(&request).await));
        // A sender asks once a day, and a proxy at most once a minute: no connection is kept for the next request.
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.time)
            .max_buf_size(MAX_HEAD)
            .keep_alive(false)
            .serve_connection(TokioIo::new(stream), service)
            .await?;
        Ok(())
    }

    /// TLS by the name that the client sends; `None` if there is no certificate for it.
    async fn handshake(
        &self,
        stream: TcpStream,
    ) -> Result<Option<TlsStream<TcpStream>>, Box<dyn Error + Send + Sync>> {
        let mut hello = LazyConfigAcceptor::new(Acceptor::default(), stream).await?;
        let name = hello.client_hello().server_name().map(str::to_owned);
        let certificates = Arc::clone(&self.certificates);
        let config = spawn_blocking(move || certificates.config(name.as_deref())).await?;
        if let Some(config) = config {
            return Ok(Some(hello.into_stream(config).await?));
        }
        hello.io.write_all(&UNRECOGNIZED_NAME).await?;
        hello.io.shutdown().await?;
        Ok(None)
    }
}
