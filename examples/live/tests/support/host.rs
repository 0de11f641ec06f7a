//! The program `host`, and clients that ask it.

use super::certificates::{Certificate, TRUSTED, pem_files};
use super::dns::{self, Reply};
use super::program::Program;
use hickory_resolver::proto::rr::RecordType;
use live::fetcher::{HttpsFetcher, Reach};
use live::verify::{PkixVerifier, client_config};
use mta_sts::PolicyRequest;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

pub(crate) const KESTREL: &str =
    "version: STSv1\r\nmode: enforce\r\nmx: mx.kestrel.net\r\nmax_age: 1209600\r\n";
pub(crate) const MERLIN: &str =
    "version: STSv1\nmode: testing\nmx: *.merlin.net\nmax_age: 86400\nnote: D\u{fc}n\n";
/// `mode` is misspelt.
pub(crate) const BROKEN: &str =
    "version: STSv1\nmode: enforced\nmx: mx.kestrel.net\nmax_age: 86400\n";

/// The program with folders of its own.
pub(crate) struct Host {
    pub(crate) program: Program,
    pub(crate) address: SocketAddr,
    pub(crate) folder: TempDir,
}

impl Host {
    /// Serves `kestrel.net` and `merlin.net`, each with a certificate of its own.
    pub(crate) fn start(options: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        write(&folder.path().join("policies/kestrel.net.txt"), KESTREL);
        write(&folder.path().join("policies/merlin.net.txt"), MERLIN);
        for host in ["mta-sts.kestrel.net", "mta-sts.merlin.net"] {
            certify(folder.path(), host, Certificate::Valid, host);
        }
        let host = Self::start_in(folder, options);
        host.says("");
        host
    }

    pub(crate) fn start_in(folder: TempDir, options: &[&str]) -> Self {
        let path = folder.path().to_str().unwrap();
        let folders = ["policies", "certificates"].map(|name| format!("{path}/{name}"));
        let options = options.iter().map(|option| (*option).to_owned());
        let arguments = folders.into_iter().chain(options);
        let arguments = arguments.chain(["--listen".to_owned(), "127.0.0.1:0".to_owned()]);
        let mut program = Program::start(env!("CARGO_BIN_EXE_host"), arguments);
        let line = program.line();
        let (_, address) = line.trim_end().rsplit_once(' ').unwrap();
        Self {
            address: address.parse().unwrap(),
            program,
            folder,
        }
    }

    pub(crate) fn policy(&self, domain: &str, text: impl AsRef<[u8]>) {
        let path = format!("policies/{domain}.txt");
        write(&self.folder.path().join(path), text);
    }

    /// Puts a certificate for `name` into the folder of this name.
    pub(crate) fn certificate(&self, folder: &str, kind: Certificate, name: &str) {
        certify(self.folder.path(), folder, kind, name);
    }

    /// Asserts that it has said this since it was asked last, with the path of its folder left out, and no more.
    #[track_caller]
    pub(crate) fn says(&self, lines: &str) {
        let path = format!("{}/", self.folder.path().display());
        let count = lines.lines().count();
        assert_eq!(self.program.errors(count).replace(&path, ""), lines);
    }

    pub(crate) async fn fetcher(&self) -> HttpsFetcher {
        let zone = |name: &str, record_type| match record_type {
            RecordType::A => dns::a(name, &[Ipv4Addr::LOCALHOST]),
            _ => Reply::NoData,
        };
        let resolver = dns::resolver(dns::serve(zone).await);
        HttpsFetcher::new(resolver, TRUSTED.store())
            .unwrap()
            .with_port(self.address.port())
            .with_reach(Reach::Anywhere)
    }

    pub(crate) async fn connect(&self, name: &str) -> std::io::Result<TlsStream<TcpStream>> {
        let verifier = PkixVerifier::new(TRUSTED.store()).unwrap();
        let connector = TlsConnector::from(Arc::new(client_config(Arc::new(verifier)).unwrap()));
        let stream = TcpStream::connect(self.address).await?;
        connector
            .connect(name.to_owned().try_into().unwrap(), stream)
            .await
    }

    /// Sends these octets to `mta-sts.kestrel.net` and gives the response without its `date`.
    pub(crate) async fn exchange(&self, request: &str) -> String {
        let mut stream = self.connect("mta-sts.kestrel.net").await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).await.unwrap();
        let is_date = |line: &&str| line.starts_with("date: ");
        let lines = response.split_inclusive("\r\n");
        lines.filter(|line| !is_date(line)).collect()
    }
}

pub(crate) fn write(path: &Path, text: impl AsRef<[u8]>) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    // As an operator should: nobody sees half of it.
    let beside = path.with_extension("new");
    fs::write(&beside, text).unwrap();
    fs::rename(beside, path).unwrap();
}

pub(crate) fn certify(folder: &Path, host: &str, kind: Certificate, name: &str) {
    let (certificate, key) = pem_files(kind, name);
    let folder = folder.join("certificates").join(host);
    write(&folder.join("cert.pem"), certificate);
    write(&folder.join("key.pem"), key);
}

pub(crate) fn request(domain: &str) -> PolicyRequest {
    PolicyRequest::new(domain.parse().unwrap())
}
