//! Mail servers, each at an address of its own and all at the same port.

use super::certificates::Certificate;
use super::https::tls;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};
use tokio::io::{
    AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader, copy, sink,
};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::rustls::ALL_VERSIONS;
use tokio_rustls::rustls::server::Acceptor;
use tokio_rustls::rustls::version::TLS12;

/// What a server does.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Mail {
    /// It offers STARTTLS, and shows this certificate.
    Tls(Certificate),
    /// The same with TLS 1.2 at most.
    Tls12(Certificate),
    /// It answers EHLO with this.
    Hello(&'static str),
    /// It answers STARTTLS with this, and does not begin a handshake.
    Starttls(&'static str),
    /// It answers the first message of the handshake with these octets, and closes.
    Handshake(&'static [u8]),
    /// It greets like this.
    Greets(&'static str),
    /// It never says anything.
    Mute,
    /// It closes the connection at once.
    Closes,
    /// It closes the connection when it is asked for STARTTLS.
    ClosesBeforeTls,
    /// There is no server.
    Nobody,
}

/// The servers, and what has been said to them.
#[derive(Debug)]
pub(crate) struct Servers {
    pub(crate) port: u16,
    lines: Arc<Mutex<Vec<String>>>,
}

/// The address of the server with this number.
pub(crate) fn address(number: usize) -> Ipv4Addr {
    Ipv4Addr::new(127, 0, 1, u8::try_from(number).unwrap() + 1)
}

impl Servers {
    pub(crate) async fn start(servers: &[Mail]) -> Self {
        let lines = Arc::default();
        // The same port for all: another program may have taken it at one of the addresses.
        let (port, listeners) = loop {
            if let Ok(listening) = listen(servers.len()).await {
                break listening;
            }
        };
        for (listener, mail) in listeners.into_iter().zip(servers.iter().copied()) {
            if matches!(mail, Mail::Nobody) {
                continue;
            }
            let lines = Arc::clone(&lines);
            tokio::spawn(async move {
                while let Ok((stream, _)) = listener.accept().await {
                    // The other side may go away at any moment.
                    let serving = serve(stream, mail, Arc::clone(&lines));
                    tokio::spawn(async move { serving.await.ok() });
                }
            });
        }
        Self { port, lines }
    }

    /// The commands so far, with the name that was sent as SNI between them.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.lines.lock().unwrap().clone()
    }
}

async fn listen(count: usize) -> std::io::Result<(u16, Vec<TcpListener>)> {
    let first = TcpListener::bind((address(0), 0)).await?;
    let port = first.local_addr()?.port();
    let mut listeners = vec![first];
    for number in 1..count {
        listeners.push(TcpListener::bind((address(number), port)).await?);
    }
    Ok((port, listeners))
}

async fn serve(
    mut stream: TcpStream,
    mail: Mail,
    lines: Arc<Mutex<Vec<String>>>,
) -> std::io::Result<()> {
    let (versions, certificate) = match mail {
        Mail::Tls(certificate) => (ALL_VERSIONS, certificate),
        Mail::Tls12(certificate) => (&[&TLS12][..], certificate),
        Mail::Closes => return stream.shutdown().await,
        Mail::Mute => {
            // Until the client goes.
            return copy(&mut stream, &mut sink()).await.map(drop);
        }
        _ => (ALL_VERSIONS, Certificate::Valid),
    };
    let greeting = match mail {
        Mail::Greets(greeting) => greeting,
        _ => "220-mx.test ESMTP\r\n220 and more\r\n",
    };
    stream.write_all(greeting.as_bytes()).await?;
    let Some(stream) = converse(stream, mail, &lines).await? else {
        return Ok(());
    };
    let mut hello = LazyConfigAcceptor::new(Acceptor::default(), stream).await?;
    let name = hello
        .client_hello()
        .server_name()
        .unwrap_or_default()
        .to_owned();
    lines.lock().unwrap().push(name.clone());
    if let Mail::Handshake(octets) = mail {
        hello.io.write_all(octets).await?;
        return hello.io.shutdown().await;
    }
    let config = tls(versions, certificate, &name);
    let stream = hello.into_stream(config).await?;
    converse(stream, mail, &lines).await.map(drop)
}

/// Answers commands until the client quits, or wants TLS: then the connection comes back.
async fn converse<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    mail: Mail,
    lines: &Mutex<Vec<String>>,
) -> std::io::Result<Option<S>> {
    let mut stream = BufReader::new(stream);
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(None);
        }
        let line = line.trim_end();
        lines.lock().unwrap().push(line.to_owned());
        let reply = match (line, mail) {
            ("STARTTLS", Mail::ClosesBeforeTls) => return Ok(None),
            ("STARTTLS", Mail::Starttls("")) => {
                // Silence until the client goes.
                copy(&mut stream, &mut sink()).await?;
                return Ok(None);
            }
            ("STARTTLS", Mail::Starttls(reply)) => reply,
            ("STARTTLS", _) => {
                stream.write_all(b"220 go ahead\r\n").await?;
                return Ok(Some(stream.into_inner()));
            }
            ("QUIT", _) => {
                stream.write_all(b"221 bye\r\n").await?;
                stream.shutdown().await?;
                // What is still under way is read, so that the end does not cut off what was sent.
                let mut rest = Vec::new();
                stream.read_to_end(&mut rest).await?;
                return Ok(None);
            }
            (_, Mail::Hello(reply)) => reply,
            _ => {
                "250-mx.test greets you\r\n250-PIPELINING\r\n250-starttls\r\n250 SIZE 10000000\r\n"
            }
        };
        stream.write_all(reply.as_bytes()).await?;
    }
}
