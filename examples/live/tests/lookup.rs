//! The program `lookup` against servers of our own: what it writes, and how it ends.

use crate::support::certificates::{Certificate, TRUSTED};
use crate::support::dns::{self, Reply};
use crate::support::https::{Host, Server, respond};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::RecordType;
use serde_json::Value;
use std::io::Write;
use std::net::Ipv4Addr;
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

/// What is looked up, in this order.
const DOMAINS: [&str; 14] = [
    "enforcing.example",
    "Testing.Example.",
    "opting-out.example",
    "plain.example",
    "itself.example",
    "broken.example",
    "misspelt.example",
    "two-records.example",
    "unanswered.example",
    "no-mail.example",
    "no-hosts.example",
    "absent.example",
    "b\u{fc}cher.example",
    "not a\u{7} domain",
];

fn zone(name: &str, record_type: RecordType) -> Reply {
    use RecordType::{A, MX, TXT};
    match (name, record_type) {
        ("enforcing.example.", MX) => dns::mx(
            name,
            &[(20, "mx2.kestrel-mail.org."), (10, "MX1.Kestrel-Mail.NET.")],
        ),
        ("itself.example.", MX) => Reply::NoData,
        ("no-mail.example.", MX) => dns::mx(name, &[(0, ".")]),
        ("no-hosts.example.", MX) | ("_mta-sts.unanswered.example.", TXT) => {
            Reply::Code(ResponseCode::ServFail)
        }
        ("_mta-sts.plain.example." | "_mta-sts.itself.example.", TXT) | ("absent.example.", _) => {
            Reply::NoSuchDomain
        }
        ("_mta-sts.two-records.example.", TXT) => {
            dns::txt(name, &[&["v=STSv1; id=1"], &["v=STSv1; id=\u{1b}[31m"]])
        }
        (_, TXT) => dns::txt(name, &[&["v=STSv1; ", "id=20261121"]]),
        (_, MX) => dns::mx(name, &[(10, "mx.kestrel-mail.net.")]),
        (_, A) => dns::a(name, &[Ipv4Addr::LOCALHOST]),
        _ => Reply::NoData,
    }
}

fn host(name: &str) -> Host {
    let certificate = match name {
        "mta-sts.broken.example" => Certificate::Expired,
        _ => Certificate::Valid,
    };
    let policy = match name {
        "mta-sts.testing.example" => {
            "version: STSv1\nmode: testing\nmx: mx.example.com\nmax_age: 86400\n"
        }
        "mta-sts.opting-out.example" => "version: STSv1\nmode: none\nmax_age: 3600\n",
        "mta-sts.misspelt.example" => {
            "version: STSv1\nmode: enforced\nmx: mx.kestrel-mail.net\nmax_age: 86400\n"
        }
        _ => "version: STSv1\nmode: enforce\nmx: *.kestrel-mail.net\nmax_age: 1209600\n",
    };
    Host::Tls(
        certificate,
        respond("200 OK", &["Content-Type: text/plain"], policy),
    )
}

/// The program with servers to ask.
struct Lookup {
    dns: String,
    https_port: String,
    directory: TempDir,
}

impl Lookup {
    async fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("ca.pem"), TRUSTED.pem()).unwrap();
        Self {
            dns: dns::serve(zone).await.to_string(),
            https_port: Server::start(host).await.address.port().to_string(),
            directory,
        }
    }

    /// Runs it while the servers go on.
    async fn run(&self, arguments: &[&str], input: &'static str) -> Output {
        let mut command = program(arguments);
        command
            .args(["--dns", &self.dns, "--https-port", &self.https_port, "--ca"])
            .arg(self.directory.path().join("ca.pem"));
        tokio::task::spawn_blocking(move || finish(command, input))
            .await
            .unwrap()
    }
}

fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lookup"));
    command
        .args(arguments)
        .env_remove("CLICOLOR_FORCE")
        .env("NO_COLOR", "1");
    command
}

fn finish(mut command: Command, input: &str) -> Output {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // One that does not read its input may be gone by now.
    child.stdin.take().unwrap().write_all(input.as_bytes()).ok();
    child.wait_with_output().unwrap()
}

#[track_caller]
fn ends_with(output: &Output, status: i32, errors: &str) {
    assert_eq!(String::from_utf8_lossy(&output.stderr), errors);
    assert_eq!(output.status.code(), Some(status));
}

#[tokio::test]
async fn text() {
    let output = Lookup::new().await.run(&DOMAINS, "").await;
    ends_with(&output, 1, "");
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        include_str!("lookup.txt")
    );
}

#[tokio::test]
async fn json() {
    let input = "enforcing.example\n\n  Testing.Example.\r\n";
    let arguments: Vec<_> = ["--json", "-"]
        .into_iter()
        .chain(DOMAINS[2..].iter().copied())
        .collect();
    let output = Lookup::new().await.run(&arguments, input).await;
    ends_with(&output, 1, "");
    let mut found = String::new();
    for line in str::from_utf8(&output.stdout).unwrap().lines() {
        let mut object: Value = serde_json::from_str(line).unwrap();
        // What depends on the clock.
        assert_eq!(object["valid_until"].is_null(), object["policy"].is_null());
        object["valid_until"].take();
        found += &object.to_string();
        found += "\n";
    }
    assert_eq!(found, include_str!("lookup.jsonl"));
}

#[test]
fn the_readme_tells_the_truth() {
    let readme = include_str!("../README.md");
    let (first, _) = include_str!("lookup.txt")
        .split_once("Testing.Example.")
        .unwrap();
    assert!(readme.contains(first), "{first}");
    let (first, _) = include_str!("lookup.jsonl").split_once('\n').unwrap();
    let object: Value = serde_json::from_str(first).unwrap();
    for member in object.as_object().unwrap().keys() {
        assert!(readme.contains(&format!("`{member}`")), "{member}");
    }
}

#[tokio::test]
async fn nothing_is_wrong() {
    let lookup = Lookup::new().await;
    let domains = [
        "opting-out.example",
        "plain.example",
        "itself.example",
        "no-mail.example",
    ];
    ends_with(&lookup.run(&domains, "").await, 0, "");
    ends_with(&lookup.run(&["-"], "").await, 0, "");
}

#[tokio::test]
async fn authorities_that_are_not_trusted() {
    let lookup = Lookup::new().await;
    std::fs::write(lookup.directory.path().join("ca.pem"), "").unwrap();
    let output = lookup.run(&["plain.example"], "").await;
    let file = lookup.directory.path().join("ca.pem");
    let complaint = format!(
        "error: cannot read {}: there is no certificate in it\n",
        file.display()
    );
    ends_with(&output, 2, &complaint);
}

#[test]
fn wrong_use() {
    for arguments in [
        &[] as &[&str],
        &["--no-such-option", "example.com"],
        &["--dns", "ns.example.com", "example.com"],
        &["--timeout", "61", "example.com"],
        &["--jobs", "0", "example.com"],
    ] {
        let output = finish(program(arguments), "");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(
            output.stdout.is_empty() && !output.stderr.is_empty(),
            "{arguments:?}"
        );
    }
    assert_eq!(finish(program(&["--help"]), "").status.code(), Some(0));
}
