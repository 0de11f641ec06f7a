//! The program `shared_cache`: what one process fetched, the next one finds.

use super::server::Server as Redis;
use crate::support::certificates::{Certificate, TRUSTED};
use crate::support::dns::{self, Reply};
use crate::support::https::{Host, Server, respond};
use hickory_resolver::proto::rr::RecordType;
use std::net::Ipv4Addr;
use std::process::{Command, Output};

fn zone(name: &str, record_type: RecordType) -> Reply {
    match (name, record_type) {
        ("_mta-sts.enforced.example.", RecordType::TXT) => dns::txt(name, &[&["v=STSv1; id=1"]]),
        (_, RecordType::A) => dns::a(name, &[Ipv4Addr::LOCALHOST]),
        _ => Reply::NoSuchDomain,
    }
}

fn host(_: &str) -> Host {
    let policy = "version: STSv1\nmode: enforce\nmx: *.pool.example\nmax_age: 1209600\n";
    Host::Tls(
        Certificate::Valid,
        respond("200 OK", &["Content-Type: text/plain"], policy),
    )
}

#[tokio::test]
async fn processes_share_what_they_learn() {
    let Some(redis) = Redis::start(&[]) else {
        return;
    };
    let directory = tempfile::tempdir().unwrap();
    let ca = directory.path().join("ca.pem");
    std::fs::write(&ca, TRUSTED.pem()).unwrap();
    let https = Server::start(host).await;
    let name_server = dns::serve(zone).await.to_string();
    let run = async |arguments: &[&str]| -> (String, String, Option<i32>) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_shared_cache"));
        command
            .args(["--redis", &redis.url(), "--dns", &name_server])
            .args(["--any-address", "--https-port"])
            .arg(https.address.port().to_string())
            .arg("--ca")
            .arg(&ca)
            .args(arguments);
        let output = tokio::task::spawn_blocking(move || command.output());
        let Output {
            stdout,
            stderr,
            status,
        } = output.await.unwrap().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (text(stdout), text(stderr), status.code())
    };
    let domains = ["enforced.example", "absent.example"];
    let (first, complaints, status) = run(&domains).await;
    let (enforced, absent) = first.split_once('\n').unwrap();
    let found = "enforced.example: Live, mode enforce, mx *.pool.example, until ";
    assert!(enforced.starts_with(found), "{enforced}");
    assert_eq!(absent, "absent.example: Absent\n");
    assert_eq!((&*complaints, status), ("", Some(0)));

    let (second, ..) = run(&domains).await;
    assert!(
        second.starts_with(&enforced.replace("Live", "Cache")),
        "{second}"
    );
    assert_eq!(https.requests().len(), 1);
    let (refreshed, ..) = run(&["--refresh", "enforced.example"]).await;
    assert!(refreshed.starts_with(found), "{refreshed}");
    assert_eq!(https.requests().len(), 2);

    redis.cli(&["config", "set", "maxmemory-policy", "volatile-ttl"]);
    redis.cli(&["set", &super::key("enforced.example"), "garbage"]);
    let (none, complaints, status) = run(&["enforced.example"]).await;
    assert_eq!((&*none, status), ("", Some(1)));
    assert!(complaints.contains("(maxmemory-policy volatile-ttl): set noeviction"));
    assert!(complaints.contains(
        "enforced.example: the policy store failed: the entry of enforced.example in Redis does not decode: "
    ));
}
