//! MX hosts: they offer STARTTLS, take every message, and remember for whom.

use std::collections::BTreeSet;
use std::io;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::sign::{CertifiedKey, SingleCertAndKey};

/// The domains for which messages have come.
#[derive(Clone, Debug, Default)]
pub(super) struct Mailboxes(Arc<Mutex<BTreeSet<String>>>);

impl Mailboxes {
    pub(super) fn has(&self, domain: &str) -> bool {
        self.0.lock().unwrap().contains(domain)
    }
}

/// Starts a host with each certificate, on an address of its own. One without does not offer STARTTLS.
pub(super) async fn start(certificates: &[Option<Arc<CertifiedKey>>]) -> Mailboxes {
    let mailboxes = Mailboxes::default();
    for (number, certificate) in certificates.iter().enumerate() {
        let address = Ipv4Addr::new(127, 0, 1, u8::try_from(number + 1).unwrap());
        let listener = TcpListener::bind((address, 25)).await.unwrap();
        let tls = certificate.clone().map(acceptor);
        let mailboxes = mailboxes.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (tls, mailboxes) = (tls.clone(), mailboxes.clone());
                // A client that does not like the certificate goes away in the middle.
                tokio::spawn(async move { serve(stream, tls, mailboxes).await.ok() });
            }
        });
    }
    mailboxes
}

fn acceptor(certificate: Arc<CertifiedKey>) -> TlsAcceptor {
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(SingleCertAndKey::from(certificate)));
    TlsAcceptor::from(Arc::new(config))
}

async fn serve(
    stream: TcpStream,
    tls: Option<TlsAcceptor>,
    mailboxes: Mailboxes,
) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 sink\r\n").await?;
    if converse(&mut stream, tls.is_some(), &mailboxes).await? == After::Quit {
        return Ok(());
    }
    let Some(tls) = tls else {
        return Ok(());
    };
    let mut stream = BufReader::new(tls.accept(stream.into_inner()).await?);
    converse(&mut stream, false, &mailboxes).await?;
    stream.shutdown().await
}

#[derive(PartialEq)]
enum After {
    Quit,
    Starttls,
}

async fn converse<S>(
    stream: &mut BufReader<S>,
    offers_tls: bool,
    mailboxes: &Mailboxes,
) -> io::Result<After>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut recipients = Vec::new();
    let mut line = String::new();
    loop {
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(After::Quit);
        }
        let command = line.trim_end().to_ascii_lowercase();
        let reply: &[u8] = match command.split([' ', ':']).next().unwrap_or_default() {
            "ehlo" if offers_tls => b"250-sink\r\n250 STARTTLS\r\n",
            "starttls" if offers_tls => {
                stream.write_all(b"220 go on\r\n").await?;
                return Ok(After::Starttls);
            }
            "data" => {
                stream.write_all(b"354 go on\r\n").await?;
                while line != ".\r\n" {
                    line.clear();
                    stream.read_line(&mut line).await?;
                }
                mailboxes.0.lock().unwrap().extend(recipients.drain(..));
                b"250 taken\r\n"
            }
            "rcpt" => {
                let address = command.trim_end_matches('>').rsplit_once('@');
                recipients.extend(address.map(|(_, domain)| domain.to_owned()));
                b"250 fine\r\n"
            }
            "quit" => {
                stream.write_all(b"221 bye\r\n").await?;
                return Ok(After::Quit);
            }
            _ => b"250 fine\r\n",
        };
        stream.write_all(reply).await?;
        stream.flush().await?;
    }
}
