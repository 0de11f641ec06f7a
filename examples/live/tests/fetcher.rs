//! What the fetcher makes of policy hosts, and what a discovery then decides and reports.

use crate::support::certificates::{Certificate, TRUSTED};
use crate::support::dns::{self, Reply};
use crate::support::https::{Host, POLICY, Server, respond};
use crate::support::policy_hosts;
use futures_util::future::join_all;
use hickory_resolver::proto::rr::RecordType;
use live::fetcher::{HttpsFetcher, Reach, is_global};
use live::resolver::HickoryResolver;
use mta_sts::{
    Discovery, DiscoveryOptions, FetchError, Fetcher, PolicyRequest, PolicyResponse, Purpose,
    Reason, Resolver, Source, UnixTime,
};
use std::net::Ipv4Addr;
use std::time::Duration;

/// The rows: the name of a policy host, what the fetcher gives, and what a sender without a cached policy applies or reports.
const TABLE: &str = include_str!("policy-hosts.txt");

/// The hosts that answer later than a fetcher waits, if it waits for half a second.
const SLOW: [&str; 4] = ["mute", "no-answer", "no-body", "trickle"];

#[tokio::test]
async fn policy_hosts() {
    let server = Server::start(|name| {
        let name = name.strip_prefix("mta-sts.").unwrap();
        policy_hosts::host(name.strip_suffix(".example").unwrap())
    })
    .await;
    let (resolver, fetcher) = fetcher(&server).await;
    let impatient = fetcher.clone().with_time(Duration::from_millis(500));
    let is_row = |line: &&str| !line.is_empty() && !line.starts_with('#');
    let rows = TABLE.lines().filter(is_row).map(|line| {
        let columns: Vec<_> = line.split('|').map(str::trim).collect();
        <[&str; 3]>::try_from(columns).unwrap()
    });
    let rows: Vec<_> = rows.collect();
    assert!(
        SLOW.iter()
            .all(|slow| rows.iter().any(|[name, ..]| name == slow))
    );
    let found = join_all(rows.iter().map(async |[name, ..]| {
        let is_slow = SLOW.contains(name);
        let fetcher = if is_slow { &impatient } else { &fetcher };
        outcome(name, &resolver, fetcher).await
    }));
    let found = found.await;
    let wrong: Vec<_> = found
        .iter()
        .zip(&rows)
        .filter(|(found, row)| *found != *row)
        .collect();
    assert!(wrong.is_empty(), "found, and the rows: {wrong:#?}");
}

/// A fetcher for a server on this machine, and the resolver that it uses.
async fn fetcher(server: &Server) -> (HickoryResolver, HttpsFetcher) {
    let resolver = dns::resolver(dns::serve(policy_hosts::zone).await);
    let fetcher = HttpsFetcher::new(resolver.clone(), TRUSTED.store())
        .unwrap()
        .with_port(server.address.port())
        .with_reach(Reach::Anywhere);
    (resolver, fetcher)
}

/// A discovery, step by step, as a row of the table.
async fn outcome(name: &str, resolver: &impl Resolver, fetcher: &impl Fetcher) -> [String; 3] {
    let domain = format!("{name}.example").parse().unwrap();
    let (now, options) = (UnixTime::from_secs(1_795_253_400), DiscoveryOptions::new());
    let discovery = Discovery::start(domain, None, Purpose::Deliver, now, &options);
    let Discovery::LookUp(step) = discovery else {
        panic!("nothing is known")
    };
    let answer = resolver.txt(step.name()).await;
    let (given, conclusion) = match step.answered(answer) {
        Discovery::Fetch(step) => {
            let response = fetcher.fetch(step.request()).await;
            (given(response.as_ref()), step.answered(response))
        }
        discovery => ("-".to_owned(), discovery),
    };
    let Discovery::Done(conclusion) = conclusion else {
        panic!("that was all")
    };
    let decision = conclusion.decision();
    let failure = decision.failure();
    let failure =
        failure.map(|failure| format!("{} {}", failure.result_type().code(), failure.code()));
    let decided = match (decision.source(), decision.policy(), failure) {
        (Source::Live, Some(policy), None) => policy.mode().to_string(),
        (Source::Absent, None, None) => "nothing".to_owned(),
        (Source::Absent, None, Some(failure)) => failure,
        (Source::Undetermined, None, Some(failure)) => format!("undetermined, {failure}"),
        other => format!("{other:?}"),
    };
    [name.to_owned(), given, decided]
}

/// What the fetcher gives.
fn given(response: Result<&PolicyResponse, &FetchError>) -> String {
    match response {
        Err(error) => Reason::Fetch(*error).code().to_owned(),
        Ok(response) => {
            let media_type = response.content_type().unwrap_or("-");
            match (response.status(), media_type, &**response.body()) {
                (200, "text/plain", body) if body == POLICY.as_bytes() => "policy".to_owned(),
                (status, _, body) => format!("{status} {media_type}, {} octets", body.len()),
            }
        }
    }
}

#[tokio::test]
async fn the_request() {
    let server = Server::start(|_| {
        Host::Tls(
            Certificate::Valid,
            respond(
                "301 Moved Permanently",
                &[
                    "Location: https://mta-sts.other.example/.well-known/mta-sts.txt",
                    "Set-Cookie: a=b",
                ],
                "",
            ),
        )
    })
    .await;
    let (_, fetcher) = fetcher(&server).await;
    let request = PolicyRequest::new("example.com".parse().unwrap());
    for _ in 0..2 {
        assert_eq!(fetcher.fetch(&request).await.unwrap().status(), 301);
    }
    // Once each: no redirect is followed, no cookie comes back.
    let head = "GET /.well-known/mta-sts.txt HTTP/1.1\r\nhost: mta-sts.example.com\r\nuser-agent: mta-sts (RFC 8461)\r\n\
        accept-encoding: identity\r\nconnection: close\r\n\r\n";
    assert_eq!(server.requests(), [head, head]);
}

#[tokio::test]
async fn only_global_addresses_unless_told_otherwise() {
    let server =
        Server::start(|_| Host::Tls(Certificate::Valid, respond("200 OK", &[], POLICY))).await;
    let (_, fetcher) = fetcher(&server).await;
    let request = PolicyRequest::new("example.com".parse().unwrap());
    assert!(fetcher.fetch(&request).await.is_ok());
    let fetcher = fetcher.with_reach(Reach::Global);
    assert_eq!(fetcher.fetch(&request).await, Err(FetchError::Refused));
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn an_address_that_stands_for_another() {
    // `::ffff:127.0.0.1` connects to 127.0.0.1.
    let address = |name: &str, record_type| match record_type {
        RecordType::AAAA => dns::aaaa(name, &[Ipv4Addr::LOCALHOST.to_ipv6_mapped()]),
        _ => Reply::NoData,
    };
    let resolver = dns::resolver(dns::serve(address).await);
    let fetcher = HttpsFetcher::new(resolver, TRUSTED.store()).unwrap();
    let request = PolicyRequest::new("example.com".parse().unwrap());
    assert_eq!(fetcher.fetch(&request).await, Err(FetchError::Refused));
}

#[test]
fn global_addresses() {
    let global = "1.1.1.1 9.255.255.255 100.63.255.255 100.128.0.0 172.15.0.1 172.32.0.1 192.0.1.1 198.17.0.1 198.20.0.1 223.255.255.255 \
        2001:200:: 2606:4700::1111 2a00:: 3ffe:: ::ffff:1.1.1.1 64:ff9b::1.1.1.1";
    let other = "0.0.0.0 0.1.2.3 10.0.0.1 100.64.0.1 127.0.0.1 127.255.255.255 169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.1 192.0.2.1 \
        192.168.1.1 198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1 240.0.0.1 255.255.255.255 \
        :: ::1 ::1.1.1.1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 64:ff9b::127.0.0.1 64:ff9b:1::1 100::1 2001::1 2001:db8::1 2002:7f00:1:: \
        3fff:: 5f00:: fc00::1 fe80::1 fec0::1 ff02::1";
    for address in global.split_whitespace() {
        assert!(is_global(address.parse().unwrap()), "{address}");
    }
    for address in other.split_whitespace() {
        assert!(!is_global(address.parse().unwrap()), "{address}");
    }
}
