//! The program `postfix`: what it listens on, and how it ends.

use crate::support::certificates::{Certificate, TRUSTED};
use crate::support::dns::{self, Reply};
use crate::support::https::{Host, Server, respond};
use hickory_resolver::proto::rr::RecordType;
use live::socketmap::netstring;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, Shutdown};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

fn zone(name: &str, record_type: RecordType) -> Reply {
    use RecordType::{A, MX, TXT};
    match (name, record_type) {
        ("_mta-sts.enforced.example." | "_mta-sts.slow.example.", TXT) => {
            dns::txt(name, &[&["v=STSv1; id=1"]])
        }
        ("_mta-sts.silent.example.", TXT) => Reply::Silence,
        ("enforced.example." | "slow.example.", MX) => dns::mx(name, &[(10, "a.pool.example.")]),
        (_, A) => dns::a(name, &[Ipv4Addr::LOCALHOST]),
        _ => Reply::NoSuchDomain,
    }
}

fn host(name: &str) -> Host {
    if name == "mta-sts.slow.example" {
        return Host::Mute;
    }
    let policy = "version: STSv1\nmode: enforce\nmx: *.pool.example\nmax_age: 1209600\n";
    Host::Tls(
        Certificate::Valid,
        respond("200 OK", &["Content-Type: text/plain"], policy),
    )
}

struct Program {
    process: Child,
    directory: TempDir,
}

impl Program {
    async fn start(arguments: &[&str]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let ca = directory.path().join("ca.pem");
        fs::write(&ca, TRUSTED.pem()).unwrap();
        let https = Server::start(host).await.address.port();
        let mut process = Command::new(env!("CARGO_BIN_EXE_postfix"))
            .args([
                "--dns",
                &dns::serve(zone).await.to_string(),
                "--dnssec=upstream",
                "--any-address",
            ])
            .args(["--https-port", &https.to_string(), "--ca"])
            .arg(ca)
            .arg("--unix")
            .arg(directory.path().join("socket"))
            .args(arguments)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = process.stderr.take().unwrap();
        let log = tokio::task::spawn_blocking(move || {
            let mut log = BufReader::new(log);
            let mut line = String::new();
            while !line.contains("ready") {
                line.clear();
                assert!(log.read_line(&mut line).unwrap() > 0, "it ended");
            }
            log
        });
        let log = log.await.unwrap();
        // A pipe that nobody reads would fill, and one that is closed would end it.
        std::thread::spawn(move || log.lines().map_while(Result::ok).for_each(drop));
        Self { process, directory }
    }

    fn socket(&self) -> UnixStream {
        UnixStream::connect(self.directory.path().join("socket")).unwrap()
    }

    fn signal(&self, name: &str) {
        let process = self.process.id().to_string();
        let status = Command::new("kill").args(["-s", name, &process]).status();
        assert!(status.unwrap().success());
    }

    async fn ask(&self, key: &str) -> String {
        let (socket, request) = (self.socket(), format!("mta-sts {key}"));
        tokio::task::spawn_blocking(move || ask(socket, &request))
            .await
            .unwrap()
    }
}

fn ask(mut socket: UnixStream, request: &str) -> String {
    socket.write_all(&netstring(request.as_bytes())).unwrap();
    socket.shutdown(Shutdown::Write).unwrap();
    let mut reply = String::new();
    socket.read_to_string(&mut reply).unwrap();
    reply
}

impl Drop for Program {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

const LINE: &str = "OK secure match=a.pool.example servername=hostname";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_the_record_to_the_reply() {
    let program = Program::start(&["--defer-undetermined"]).await;
    let whole = |reply: &str| String::from_utf8(netstring(reply.as_bytes())).unwrap();
    assert_eq!(program.ask("enforced.example").await, whole(LINE));
    assert_eq!(program.ask("absent.example").await, whole("NOTFOUND "));
    let unknown = "TEMP whether the domain has an MTA-STS policy is not known";
    assert_eq!(program.ask("silent.example").await, whole(unknown));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signal_lets_it_finish() {
    for signal in ["TERM", "INT"] {
        let mut program = Program::start(&["--timeout", "2"]).await;
        let socket = program.directory.path().join("socket");
        let idle = program.socket();
        let waiting = program.ask("slow.example");
        let stopping = async {
            tokio::time::sleep(Duration::from_millis(500)).await;
            program.signal(signal);
            while Path::new(&socket).exists() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let begin = Instant::now();
        let (reply, ()) = tokio::join!(waiting, stopping);
        // No policy could be had within two seconds; that is an answer.
        assert_eq!(reply, "9:NOTFOUND ,");
        assert!(begin.elapsed() >= Duration::from_secs(2));
        drop(idle);
        let status = tokio::task::spawn_blocking(move || program.process.wait());
        assert!(status.await.unwrap().unwrap().success());
    }
}

#[test]
fn wrong_use() {
    let complaint = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_postfix"))
            .args(arguments)
            .output();
        let output = output.unwrap();
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(complaint(&[]).contains("--tcp"));
    assert!(complaint(&["--unix-mode", "600"]).contains("--tcp"));
    assert!(complaint(&["--unix", "/tmp/x", "--unix-mode", "999"]).contains("octal"));
    let no_directory = ["--unix", "/nowhere/socket", "--dns", "127.0.0.1:1"];
    assert!(complaint(&no_directory).contains("/nowhere/socket: No such file or directory"));
    let no_redis = [
        "--tcp",
        "127.0.0.1:0",
        "--dns",
        "127.0.0.1:1",
        "--redis",
        "redis+unix:///nowhere",
    ];
    assert!(complaint(&no_redis).contains("Redis failed: "));
}
