//! Takes reports by HTTPS (RFC 8460 §5.4): "not expected to process reports at receipt time", it stores them.

use crate::args::Receive;
use crate::say::complain;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{ALLOW, CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use mta_sts::{MAX_REPORT_LEN, ReportEncoding};
use std::convert::Infallible;
use std::error::Error;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// For TLS and the report together.
const TIME: Duration = Duration::from_secs(60);
/// Each may hold a report of the greatest length.
const CONNECTIONS: usize = 16;
const MAX_HEAD: usize = 16 << 10;
/// How long to wait when no connection can be accepted.
const PAUSE: Duration = Duration::from_millis(100);

/// Receives until it is killed. The error is a complaint about what is in the way.
pub(crate) fn run(args: &Receive) -> Result<u8, String> {
    let tls = tls(&args.cert, &args.key)?;
    fs::create_dir_all(&args.folder)
        .map_err(|error| format!("cannot write {}: {error}", args.folder.display()))?;
    let runtime = Runtime::new().map_err(|error| error.to_string())?;
    runtime.block_on(receive(args, TlsAcceptor::from(Arc::new(tls))))
}

fn tls(cert: &Path, key: &Path) -> Result<ServerConfig, String> {
    let unreadable =
        |file: &Path, error: &dyn Error| format!("cannot use {}: {error}", file.display());
    let chain = CertificateDer::pem_file_iter(cert).and_then(Iterator::collect);
    let chain = chain.map_err(|error| unreadable(cert, &error))?;
    let private = PrivateKeyDer::from_pem_file(key).map_err(|error| unreadable(key, &error))?;
    ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|config| {
            config
                .with_no_client_auth()
                .with_single_cert(chain, private)
        })
        .map_err(|error| unreadable(cert, &error))
}

async fn receive(args: &Receive, tls: TlsAcceptor) -> Result<u8, String> {
    let listener = TcpListener::bind(args.listen).await;
    let listener =
        listener.map_err(|error| format!("cannot listen at {}: {error}", args.listen))?;
    let address = listener.local_addr().unwrap_or(args.listen);
    // If standard output is closed, nobody waits for it.
    let _ = writeln!(io::stdout(), "receiving at {address}");
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let place = Arc::clone(&places).acquire_owned().await;
        match listener.accept().await {
            Ok((stream, _)) => {
                let (tls, folder) = (tls.clone(), args.folder.clone());
                tokio::spawn(async move {
                    // That a client goes away, or speaks no TLS, is nothing to tell.
                    let _ = timeout(TIME, connection(stream, tls, folder)).await;
                    drop(place);
                });
            }
            Err(error) => {
                complain(&format_args!("cannot accept a connection: {error}"));
                sleep(PAUSE).await;
            }
        }
    }
}

async fn connection(
    stream: TcpStream,
    tls: TlsAcceptor,
    folder: PathBuf,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    let stream = tls.accept(stream).await?;
    let service = service_fn(async |request| Ok::<_, Infallible>(answer(request, &folder).await));
    http1::Builder::new()
        .timer(TokioTimer::new())
        .max_buf_size(MAX_HEAD)
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), service)
        .await?;
    Ok(())
}

async fn answer(request: Request<Incoming>, folder: &Path) -> Response<Full<Bytes>> {
    let status = accept(request, folder)
        .await
        .unwrap_or_else(|status| status);
    let mut response = Response::new(Full::from(format!("{status}\n")));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    if status == StatusCode::METHOD_NOT_ALLOWED {
        headers.insert(ALLOW, HeaderValue::from_static("POST"));
    }
    response
}

/// Stores a report; what the client is told comes back, whether it is stored or not.
async fn accept(request: Request<Incoming>, folder: &Path) -> Result<StatusCode, StatusCode> {
    if request.method() != Method::POST {
        return Err(StatusCode::METHOD_NOT_ALLOWED);
    }
    let media_type = request.headers().get(CONTENT_TYPE);
    let media_type = media_type.and_then(|value| value.to_str().ok());
    let media_type = media_type.and_then(|value| value.split(';').next());
    let media_type = media_type.unwrap_or_default().trim();
    let encoding = [ReportEncoding::Gzip, ReportEncoding::Json]
        .into_iter()
        .find(|encoding| encoding.media_type().eq_ignore_ascii_case(media_type))
        .ok_or(StatusCode::UNSUPPORTED_MEDIA_TYPE)?;
    let body = Limited::new(request.into_body(), MAX_REPORT_LEN)
        .collect()
        .await;
    let body = body.map_err(|error| {
        if error.is::<http_body_util::LengthLimitError>() {
            StatusCode::PAYLOAD_TOO_LARGE
        } else {
            StatusCode::BAD_REQUEST
        }
    })?;
    let (folder, octets) = (folder.to_owned(), body.to_bytes());
    let stored = spawn_blocking(move || store(&folder, encoding, &octets)).await;
    match stored.map_err(io::Error::other).and_then(|stored| stored) {
        Ok(path) => {
            let _ = writeln!(io::stdout(), "stored {}", path.display());
            Ok(StatusCode::CREATED)
        }
        Err(error) => {
            complain(&format_args!("cannot store a report: {error}"));
            Err(StatusCode::INTERNAL_SERVER_ERROR)
        }
    }
}

/// Under the first number that is free.
fn store(folder: &Path, encoding: ReportEncoding, octets: &[u8]) -> io::Result<PathBuf> {
    for number in 1_u64.. {
        let path = folder.join(format!("{number:06}.{}", encoding.extension()));
        let whole = match File::create_new(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
            whole => whole?,
        };
        let written = (&whole).write_all(octets).and_then(|()| whole.sync_all());
        if let Err(error) = written {
            // Half of a report is none.
            fs::remove_file(&path).ok();
            return Err(error);
        }
        return Ok(path);
    }
    Err(io::Error::other("there are too many reports"))
}
