//! Many domains through the client and through `lookup`, with all real parts: every answer is right, and memory stays bounded.
//!
//! Five hundred by default, which takes seconds in a debug build. `LIVE_TEST_DOMAINS=10000 cargo test -p live many -- --nocapture` takes ten
//! thousand, and says how long that took.

use crate::support::certificates::{Certificate, TRUSTED};
use crate::support::dns::{self, Reply};
use crate::support::https::{Host, Server, respond};
use futures_util::stream::{self, StreamExt};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::RecordType;
use live::fetcher::{HttpsFetcher, Reach};
use live::resolver::{Dnssec, HickoryResolver};
use mta_sts::{
    Decision, MAX_POLICY_LEN, MemoryStore, Mode, Policy, PolicyClient, PolicyDomain, Purpose,
    Source, UnixTime,
};
use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Command, Stdio};
use std::time::Instant;

const AT_A_TIME: usize = 32;
/// Fewer than there are domains, so that the store has to drop some.
const STORED: usize = 200;
/// By how much the program may grow once a fifth has been looked up. The long policies of ten thousand domains are twice that.
const GROWTH: u64 = 32 << 20;
/// How large `lookup` may become.
const PROGRAM: u64 = 64 << 20;

/// What is the matter with a domain, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Enforce,
    Testing,
    None,
    /// Nearly as long as a policy may be.
    Long,
    TooLong,
    Invalid,
    NotFound,
    Expired,
    NoRecord,
    NoAnswer,
}

impl Kind {
    fn of(number: u64) -> Self {
        match number % 10 {
            0 => Self::Enforce,
            1 => Self::Testing,
            2 => Self::None,
            3 => Self::Long,
            4 => Self::TooLong,
            5 => Self::Invalid,
            6 => Self::NotFound,
            7 => Self::Expired,
            8 => Self::NoRecord,
            _ => Self::NoAnswer,
        }
    }

    /// What a sender finds: where its policy is from, the mode, and the code of the failure.
    fn wanted(self) -> (Source, Option<Mode>, Option<&'static str>) {
        match self {
            Self::Enforce | Self::Long => (Source::Live, Some(Mode::Enforce), None),
            Self::Testing => (Source::Live, Some(Mode::Testing), None),
            Self::None => (Source::Live, Some(Mode::None), None),
            Self::TooLong => (Source::Absent, None, Some("fetch-too-large")),
            Self::Invalid => (Source::Absent, None, Some("policy-max-age-missing")),
            Self::NotFound => (Source::Absent, None, Some("fetch-status")),
            Self::Expired => (Source::Absent, None, Some("tls-certificate-expired")),
            Self::NoRecord => (Source::Absent, None, None),
            Self::NoAnswer => (
                Source::Undetermined,
                None,
                Some("record-dns-server-failure"),
            ),
        }
    }
}

/// The number in `d<number>.example`, whatever stands before it.
fn number(name: &str) -> u64 {
    let number = |label: &str| label.strip_prefix('d')?.parse().ok();
    name.split('.').find_map(number).unwrap()
}

fn zone(name: &str, record_type: RecordType) -> Reply {
    let number = number(name);
    match (record_type, Kind::of(number)) {
        (RecordType::TXT, Kind::NoRecord) => Reply::NoSuchDomain,
        (RecordType::TXT, Kind::NoAnswer) => Reply::Code(ResponseCode::ServFail),
        (RecordType::TXT, _) => dns::txt(name, &[&[&format!("v=STSv1; id={number}")]]),
        (RecordType::A, _) => dns::a(name, &[Ipv4Addr::LOCALHOST]),
        _ => Reply::NoData,
    }
}

/// A policy for the one MX host of the domain.
fn host(name: &str) -> Host {
    let number = number(name);
    let kind = Kind::of(number);
    let mode = match kind {
        Kind::Testing => "testing",
        Kind::None => "none",
        _ => "enforce",
    };
    let mut policy = format!("version: STSv1\nmode: {mode}\nmx: mx{number}.example\n");
    if kind != Kind::Invalid {
        policy += "max_age: 86400\n";
    }
    let padding = match kind {
        Kind::Long => MAX_POLICY_LEN - 1_000,
        Kind::TooLong => MAX_POLICY_LEN,
        _ => 1,
    };
    policy += "note: ";
    policy += &"x".repeat(padding);
    policy += "\n";
    let status = match kind {
        Kind::NotFound => "404 Not Found",
        _ => "200 OK",
    };
    let certificate = match kind {
        Kind::Expired => Certificate::Expired,
        _ => Certificate::Valid,
    };
    Host::Tls(
        certificate,
        respond(status, &["Content-Type: text/plain"], policy),
    )
}

/// A name server and an HTTPS server for all these domains.
async fn servers() -> (SocketAddr, Server) {
    (dns::serve(zone).await, Server::start(host).await)
}

/// How many domains are looked up.
fn total() -> u64 {
    match std::env::var("LIVE_TEST_DOMAINS") {
        Ok(total) => total.parse().expect("LIVE_TEST_DOMAINS is a number"),
        Err(_) => 500,
    }
}

type Client = PolicyClient<HickoryResolver, HttpsFetcher, MemoryStore>;

async fn client() -> Client {
    let (dns, https) = servers().await;
    let resolver = HickoryResolver::at(dns, Dnssec::Upstream).unwrap();
    let fetcher = HttpsFetcher::new(resolver.clone(), TRUSTED.store())
        .unwrap()
        .with_port(https.address.port())
        .with_reach(Reach::Anywhere);
    PolicyClient::new(resolver, fetcher, MemoryStore::new(STORED))
}

async fn look_up(client: &Client, number: u64) {
    let domain: PolicyDomain = format!("d{number}.example").parse().unwrap();
    let now = UnixTime::from_secs(1_795_253_400 + number);
    let lookup = client.policy_for(&domain, Purpose::Deliver, now).await;
    let decision = lookup.unwrap().into_decision();
    let found = (
        decision.source(),
        decision.policy().map(Policy::mode),
        decision.failure().map(|failure| failure.code()),
    );
    assert_eq!(found, Kind::of(number).wanted(), "{domain}");
    assert!(
        is_of(&decision, number),
        "{domain} has the policy of another"
    );
}

fn is_of(decision: &Decision, number: u64) -> bool {
    let policy = decision.policy();
    policy.is_none_or(|policy| policy.mx_matches(&format!("mx{number}.example")))
}

/// What the system says of the memory of a program, if it does: `VmRSS` is what it has in use, `VmHWM` the most that it had.
fn memory(process: &str, of: &str) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(of))?;
    let kibibytes: u64 = line
        .strip_prefix(':')?
        .trim()
        .strip_suffix(" kB")?
        .parse()
        .ok()?;
    Some(kibibytes << 10)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_domains_through_the_client() {
    let (client, total, start) = (client().await, total(), Instant::now());
    let all = async |numbers| {
        let lookups = stream::iter(numbers).map(|number| look_up(&client, number));
        lookups.buffer_unordered(AT_A_TIME).collect::<()>().await;
    };
    all(0..total / 5).await;
    let before = memory("self", "VmRSS");
    all(total / 5..total).await;
    let after = memory("self", "VmRSS");
    println!(
        "client: {total} domains in {:.1} s",
        start.elapsed().as_secs_f64()
    );

    assert!(client.store().len() <= STORED);
    println!(
        "client: stored {}, {:?}",
        client.store().len(),
        client.store().evicted()
    );
    match before.zip(after) {
        Some((before, after)) => {
            println!("client: {} MiB, then {} MiB", before >> 20, after >> 20);
            assert!(
                after.saturating_sub(before) < GROWTH,
                "it grows with the number of domains"
            );
        }
        None => println!("client: memory not measured, this system has no /proc"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_domains_through_the_program() {
    let (dns, https) = servers().await;
    let directory = tempfile::tempdir().unwrap();
    let authorities = directory.path().join("ca.pem");
    std::fs::write(&authorities, TRUSTED.pem()).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_lookup"));
    command
        .args(["--json", "--dns", &dns.to_string(), "--ca"])
        .arg(authorities)
        .args(["--https-port", &https.address.port().to_string()])
        .args(["--jobs", &AT_A_TIME.to_string(), "-"]);
    let running = tokio::task::spawn_blocking(move || run(command, total()));
    running.await.unwrap();
}

/// Runs `lookup` over this many domains from its standard input. While that is open it cannot end, and its memory can be read.
fn run(mut command: Command, total: u64) {
    let start = Instant::now();
    let mut lookup = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = lookup.stdin.take().unwrap();
    let writing = std::thread::spawn(move || {
        for number in 0..total {
            writeln!(stdin, "d{number}.example").unwrap();
        }
        stdin
    });
    let lines = BufReader::new(lookup.stdout.take().unwrap()).lines();
    for (number, line) in (0..total).zip(lines) {
        let object: Value = serde_json::from_str(&line.unwrap()).unwrap();
        let (source, mode, code) = Kind::of(number).wanted();
        assert_eq!(object["name"], format!("d{number}.example"));
        assert_eq!(object["source"], format!("{source:?}").to_lowercase());
        assert_eq!(object["policy"]["mode"].as_str(), mode.map(Mode::as_str));
        assert_eq!(object["failure"]["code"].as_str(), code);
    }
    println!(
        "lookup: {total} domains in {:.1} s",
        start.elapsed().as_secs_f64()
    );
    match memory(&lookup.id().to_string(), "VmHWM") {
        Some(most) => {
            println!("lookup: {} MiB at most", most >> 20);
            assert!(most < PROGRAM, "it grows with the number of domains");
        }
        None => println!("lookup: memory not measured, this system has no /proc"),
    }
    drop(writing.join().unwrap());
    assert_eq!(lookup.wait().unwrap().code(), Some(1));
}
