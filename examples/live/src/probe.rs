//! [`SmtpProbe`]: what a mail server has of TLS, found out without sending mail.
//!
//! To copy: this file, `fetcher.rs`, `resolver.rs` and `verify.rs`. It needs what they need, and of `tokio` the features `io-util`, `net` and `time`.

use crate::fetcher::{Reach, connect};
use crate::resolver::HickoryResolver;
use crate::verify::{Observer, PkixVerifier, client_config, handshake_failure};
use mta_sts::{DnsError, FetchError, TlsFailure, TlsOutcome, TlsVerdict};
use std::fmt;
use std::io::{self, ErrorKind};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::ProtocolVersion;
use tokio_rustls::rustls::pki_types::ServerName;

/// The most octets of a reply, all its lines together.
const MAX_REPLY: u64 = 64 << 10;
/// How long a server may take by default: until it has been asked for TLS, and again from there on.
const TIME: Duration = Duration::from_secs(60);

/// Asks mail servers for STARTTLS (RFC 3207) with the name of the MX host as SNI (RFC 8461 §7.1), looks at what comes, and leaves.
#[derive(Clone, Debug)]
pub struct SmtpProbe {
    resolver: HickoryResolver,
    pkix: Arc<PkixVerifier>,
    reach: Reach,
    port: u16,
    time: Duration,
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Probed {
    /// The version of TLS, if a handshake was finished.
    pub protocol: Option<ProtocolVersion>,
    /// What a sender would judge. DANE is not looked at.
    pub outcome: TlsOutcome,
}

/// Why a server could not be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreached {
    /// No certificate can be for its name.
    Name,
    /// Its addresses are not known.
    Dns(DnsError),
    /// It has only addresses that are not global.
    Refused,
    /// Nobody answers.
    Connect,
    /// It took too long before it was asked for TLS.
    Timeout,
    /// It does not speak SMTP, or ended the connection.
    NotSmtp,
    /// It sends everybody away with this reply, or just us.
    Rejected(u16),
}

impl fmt::Display for Unreached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name => f.write_str("no certificate can be for its name"),
            Self::Dns(error) => write!(f, "its address is not known: {error}"),
            Self::Refused => f.write_str("it has only addresses that are not global"),
            Self::Connect => f.write_str("nobody answers at its addresses"),
            Self::Timeout => f.write_str("it takes too long to speak"),
            Self::NotSmtp => f.write_str("it does not speak SMTP"),
            Self::Rejected(code) => write!(f, "it sends us away with {code}"),
        }
    }
}

impl SmtpProbe {
    /// A probe that trusts what the verifier trusts.
    #[must_use]
    pub const fn new(resolver: HickoryResolver, pkix: Arc<PkixVerifier>) -> Self {
        Self {
            resolver,
            pkix,
            reach: Reach::Global,
            port: 25,
            time: TIME,
        }
    }

    /// The same, connecting there.
    #[must_use]
    pub fn with_reach(self, reach: Reach) -> Self {
        Self { reach, ..self }
    }

    /// The same, connecting to another port than 25: for tests.
    #[must_use]
    pub fn with_port(self, port: u16) -> Self {
        Self { port, ..self }
    }

    /// The same with this time for a server until it has been asked for TLS, and again from there on.
    #[must_use]
    pub fn with_time(self, time: Duration) -> Self {
        Self { time, ..self }
    }

    /// Asks the first address of the host that answers, as a sender does.
    ///
    /// # Errors
    ///
    /// The host could not be asked, which says nothing about its TLS.
    pub async fn probe(&self, host: &str) -> Result<Probed, Unreached> {
        let name = ServerName::try_from(host.to_owned()).map_err(|_| Unreached::Name)?;
        let (dialogue, offers) = timeout(self.time, self.greet(host))
            .await
            .map_err(|_| Unreached::Timeout)??;
        if !offers {
            dialogue.quit().await;
            return Ok(Probed {
                protocol: None,
                outcome: TlsOutcome::NotOffered,
            });
        }
        let secured = timeout(self.time, self.secure(dialogue, name)).await;
        let secured = secured.unwrap_or(Err(TlsFailure::Timeout));
        Ok(secured.unwrap_or_else(|failure| Probed {
            protocol: None,
            outcome: TlsOutcome::Failed(failure),
        }))
    }

    /// A connection on which EHLO has been answered, and whether STARTTLS is offered there.
    async fn greet(&self, host: &str) -> Result<(Dialogue<TcpStream>, bool), Unreached> {
        let stream = connect(&self.resolver, self.reach, host, self.port).await;
        let stream = stream.map_err(|error| match error {
            FetchError::Dns(error) => Unreached::Dns(error),
            FetchError::Refused => Unreached::Refused,
            _ => Unreached::Connect,
        })?;
        let mut dialogue = Dialogue::new(&stream_name(&stream), stream);
        let not_smtp = |_| Unreached::NotSmtp;
        let greeting = dialogue.reply().await.map_err(not_smtp)?;
        if greeting.code != 220 {
            return Err(Unreached::Rejected(greeting.code));
        }
        let hello = dialogue.hello().await.map_err(not_smtp)?;
        match hello.code {
            250 => Ok((dialogue, hello.offers("STARTTLS"))),
            // It knows no EHLO, and so no extension.
            500..=599 => Ok((dialogue, false)),
            code => Err(Unreached::Rejected(code)),
        }
    }

    async fn secure(
        &self,
        mut dialogue: Dialogue<TcpStream>,
        name: ServerName<'static>,
    ) -> Result<Probed, TlsFailure> {
        let failure = |error: io::Error| handshake_failure(&error);
        let reply = dialogue.command("STARTTLS").await.map_err(failure)?;
        if reply.code != 220 {
            dialogue.quit().await;
            return Ok(Probed {
                protocol: None,
                outcome: TlsOutcome::Refused(reply.code),
            });
        }
        // What comes before the handshake was not sent by whom the certificate is for (RFC 3207 §6).
        if !dialogue.stream.buffer().is_empty() {
            return Err(TlsFailure::Other);
        }
        let observer = Arc::new(Observer::new(Arc::clone(&self.pkix)));
        let config = client_config(Arc::clone(&observer) as _).map_err(|_| TlsFailure::Other)?;
        let connector = TlsConnector::from(Arc::new(config));
        let stream = connector.connect(name, dialogue.stream.into_inner()).await;
        let stream = stream.map_err(failure)?;
        let protocol = stream.get_ref().1.protocol_version();
        // With TLS 1.3 a server may refuse after the handshake: an answer shows that it did not.
        let mut dialogue = Dialogue {
            stream: BufReader::new(stream),
            own_name: dialogue.own_name,
        };
        dialogue.hello().await.map_err(failure)?;
        dialogue.quit().await;
        Ok(Probed {
            protocol,
            outcome: TlsOutcome::Established {
                pkix: observer.verdict(),
                dane: TlsVerdict::NotChecked,
            },
        })
    }
}

/// This side's address as a literal (RFC 5321 §4.1.3): the only name that is surely right.
fn stream_name(stream: &TcpStream) -> String {
    match stream
        .local_addr()
        .map(|address| address.ip().to_canonical())
    {
        Ok(IpAddr::V4(address)) => format!("[{address}]"),
        Ok(IpAddr::V6(address)) => format!("[IPv6:{address}]"),
        Err(_) => "localhost".to_owned(),
    }
}

/// The side of the client in SMTP (RFC 5321 §4).
struct Dialogue<S> {
    stream: BufReader<S>,
    own_name: String,
}

struct Reply {
    code: u16,
    /// What stands behind the code, line by line.
    lines: Vec<String>,
}

impl Reply {
    /// Whether an answer to EHLO has a line with this keyword. The first line is a greeting.
    fn offers(&self, keyword: &str) -> bool {
        let keywords = self.lines.iter().skip(1);
        let mut keywords = keywords.filter_map(|line| line.split_whitespace().next());
        keywords.any(|offered| offered.eq_ignore_ascii_case(keyword))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Dialogue<S> {
    fn new(own_name: &str, stream: S) -> Self {
        Self {
            stream: BufReader::new(stream),
            own_name: own_name.to_owned(),
        }
    }

    async fn hello(&mut self) -> io::Result<Reply> {
        let hello = format!("EHLO {}", self.own_name);
        self.command(&hello).await
    }

    async fn command(&mut self, command: &str) -> io::Result<Reply> {
        self.stream
            .write_all(format!("{command}\r\n").as_bytes())
            .await?;
        self.stream.flush().await?;
        self.reply().await
    }

    async fn reply(&mut self) -> io::Result<Reply> {
        let mut limited = (&mut self.stream).take(MAX_REPLY);
        let mut lines = Vec::new();
        loop {
            let mut line = Vec::new();
            limited.read_until(b'\n', &mut line).await?;
            if !line.ends_with(b"\n") {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            let line = String::from_utf8_lossy(&line);
            let line = line.trim_end();
            let code = line.get(..3).filter(|code| is_code(code));
            let code = code.and_then(|code| code.parse().ok());
            let code: u16 = code.ok_or(ErrorKind::InvalidData)?;
            let (more, text) = match line.get(3..).unwrap_or_default().split_at_checked(1) {
                None => (false, ""),
                Some((" ", text)) => (false, text),
                Some(("-", text)) => (true, text),
                Some(_) => return Err(ErrorKind::InvalidData.into()),
            };
            lines.push(text.to_owned());
            if !more {
                return Ok(Reply { code, lines });
            }
        }
    }

    /// Says goodbye, and does not wait for the answer.
    async fn quit(mut self) {
        // If the other side is gone already, there is nobody to be polite to.
        let _ = self.stream.write_all(b"QUIT\r\n").await;
        let _ = self.stream.shutdown().await;
    }
}

fn is_code(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}
