//! What the resolver makes of answers.

use crate::support::dns::{self, Reply};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::RecordType;
use live::resolver::{HickoryResolver, MailHosts};
use mta_sts::{DnsError, Resolver};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Fifty of these are too much for UDP.
const LONG: &str = concat!(
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy"
);

/// The answers of the name server.
fn zone(name: &str, record_type: RecordType) -> Reply {
    use RecordType::{A, AAAA, MX, TLSA, TXT};
    match (name, record_type) {
        ("plain.example.", TXT) => dns::txt(name, &[&["v=STSv1; id=1"]]),
        ("split.example.", TXT) => dns::txt(name, &[&["v=STSv1; i", "", "d=1"], &["other"]]),
        ("several.example.", TXT) => dns::txt(name, &[&["one"], &["two"], &["three"]]),
        ("empty.example.", TXT) => dns::txt(name, &[&[""]]),
        ("long.example.", TXT) => dns::txt(name, &[&[LONG; 50]]),

        // Delegation (RFC 8461 §8.2): over two steps, each an answer of its own; and in one answer.
        ("delegated.example.", _) => dns::cname(name, "step.example."),
        ("step.example.", _) => dns::cname(name, "Plain.Example."),
        ("at-once.example.", TXT) => dns::both(
            dns::cname(name, "plain.example."),
            dns::txt("plain.example.", &[&["v=STSv1; id=1"]]),
        ),
        ("stray.example.", TXT) => dns::both(
            dns::txt(name, &[&["mine"]]),
            dns::txt("plain.example.", &[&["not asked for"]]),
        ),
        ("dangling.example.", _) => dns::cname(name, "nowhere.example."),
        ("to-nothing.example.", _) => dns::cname(name, "addresses.example."),
        ("to-trouble.example.", _) => dns::cname(name, "servfail.example."),
        ("circle.example.", _) => dns::cname(name, "elcric.example."),
        ("elcric.example.", _) => dns::cname(name, "circle.example."),
        ("endless.example.", _) => dns::cname(name, "1.endless.example."),
        _ if name.ends_with(".endless.example.") => {
            let number: u32 = name.split('.').next().unwrap().parse().unwrap();
            dns::cname(name, &format!("{}.endless.example.", number + 1))
        }

        ("servfail.example.", _) | ("half.example.", AAAA) | ("doubtful.example.", A) => {
            Reply::Code(ResponseCode::ServFail)
        }
        ("refused.example.", _) => Reply::Code(ResponseCode::Refused),
        ("notimp.example.", _) => Reply::Code(ResponseCode::NotImp),
        ("referral.example.", _) => Reply::Referral,
        ("silent.example.", _) => Reply::Silence,

        ("addresses.example.", A) => dns::a(
            name,
            &[Ipv4Addr::new(192, 0, 2, 1), Ipv4Addr::new(192, 0, 2, 2)],
        ),
        ("addresses.example.", AAAA) => dns::aaaa(name, &[Ipv6Addr::LOCALHOST]),
        ("half.example.", A) => dns::a(name, &[Ipv4Addr::new(192, 0, 2, 1)]),
        ("doubtful.example.", AAAA) | ("addresses.example.", TXT | MX | TLSA) => Reply::NoData,

        ("mail.example.", MX) => dns::mx(
            name,
            &[(20, "b.example."), (10, "A.example."), (20, "a.b.example.")],
        ),
        ("null.example.", MX) => dns::mx(name, &[(0, ".")]),
        ("null-and-more.example.", MX) => dns::mx(name, &[(0, "."), (10, "mx.example.")]),
        _ => Reply::NoSuchDomain,
    }
}

async fn resolver() -> HickoryResolver {
    dns::resolver(dns::serve(zone).await)
}

#[tokio::test]
async fn txt() {
    let long = LONG.repeat(50);
    let rows: &[(&str, Result<&[&str], DnsError>)] = &[
        ("plain.example.", Ok(&["v=STSv1; id=1"])),
        ("split.example.", Ok(&["v=STSv1; id=1", "other"])),
        ("several.example.", Ok(&["one", "two", "three"])),
        ("empty.example.", Ok(&[""])),
        ("long.example.", Ok(&[&long])),
        ("delegated.example.", Ok(&["v=STSv1; id=1"])),
        ("at-once.example.", Ok(&["v=STSv1; id=1"])),
        ("stray.example.", Ok(&["mine"])),
        ("dangling.example.", Err(DnsError::NoSuchDomain)),
        ("to-nothing.example.", Err(DnsError::NoData)),
        ("to-trouble.example.", Err(DnsError::ServerFailure)),
        ("circle.example.", Err(DnsError::ServerFailure)),
        ("endless.example.", Err(DnsError::ServerFailure)),
        ("absent.example.", Err(DnsError::NoSuchDomain)),
        ("addresses.example.", Err(DnsError::NoData)),
        ("servfail.example.", Err(DnsError::ServerFailure)),
        ("refused.example.", Err(DnsError::ServerFailure)),
        ("notimp.example.", Err(DnsError::ServerFailure)),
        ("referral.example.", Err(DnsError::ServerFailure)),
        ("silent.example.", Err(DnsError::Timeout)),
        ("no name", Err(DnsError::NoSuchDomain)),
        ("two..dots.example.", Err(DnsError::NoSuchDomain)),
    ];
    let resolver = resolver().await;
    for (name, wanted) in rows {
        let found = resolver.txt(name).await;
        let found = found.as_ref().map(|answer| {
            let texts = answer.iter().map(|record| str::from_utf8(record).unwrap());
            texts.collect::<Vec<_>>()
        });
        assert_eq!(found, wanted.as_ref().map(|texts| texts.to_vec()), "{name}");
    }
}

#[tokio::test]
async fn names_are_absolute() {
    // With a search list this would be found as `plain.example`.
    assert_eq!(
        resolver().await.txt("plain").await,
        Err(DnsError::NoSuchDomain)
    );
}

#[tokio::test]
async fn aliases() {
    let resolver = resolver().await;
    for (name, target) in [
        ("delegated.example", Ok("step.example")),
        ("step.example", Ok("plain.example")),
        ("dangling.example", Ok("nowhere.example")),
        ("circle.example", Ok("elcric.example")),
        ("nowhere.example", Err(DnsError::NoSuchDomain)),
        ("servfail.example", Err(DnsError::ServerFailure)),
    ] {
        let answer = resolver.alias(name).await;
        let target = target.map(|target| vec![target.to_owned()]);
        assert_eq!(answer.map(|answer| answer.records), target, "{name}");
    }
}

#[tokio::test]
async fn nobody_there() {
    // The port of a socket that is closed again.
    let socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    drop(socket);
    let found = dns::resolver(address).txt("plain.example.").await;
    assert_eq!(found, Err(DnsError::Timeout));
}

#[tokio::test]
async fn addresses() {
    let one = IpAddr::from([192, 0, 2, 1]);
    let two = IpAddr::from([192, 0, 2, 2]);
    let v6 = IpAddr::from(Ipv6Addr::LOCALHOST);
    let rows: &[(&str, Result<&[IpAddr], DnsError>)] = &[
        ("addresses.example", Ok(&[v6, one, two])),
        ("half.example", Ok(&[one])),
        ("doubtful.example", Err(DnsError::ServerFailure)),
        ("plain.example", Err(DnsError::NoSuchDomain)),
        ("to-nothing.example", Ok(&[v6, one, two])),
    ];
    let resolver = resolver().await;
    for (name, wanted) in rows {
        let found = resolver.addresses(name).await;
        let found = found.as_ref().map(|answer| &answer.records[..]);
        assert_eq!(found, wanted.as_ref().copied(), "{name}");
    }
}

#[tokio::test]
async fn mail_hosts() {
    let resolver = resolver().await;
    let mut rows = Vec::new();
    for name in ["mail.example", "null-and-more.example"] {
        let Ok(MailHosts::Listed(answer)) = resolver.mail_hosts(name).await else {
            panic!("{name} has MX records")
        };
        rows.extend(
            answer
                .records
                .into_iter()
                .map(|mx| (mx.preference, mx.host)),
        );
    }
    let wanted = [
        (10, "a.example"),
        (20, "a.b.example"),
        (20, "b.example"),
        (10, "mx.example"),
    ];
    assert_eq!(
        rows,
        wanted.map(|(preference, host)| (preference, host.to_owned()))
    );

    assert_eq!(
        resolver.mail_hosts("null.example").await,
        Ok(MailHosts::Nowhere)
    );
    assert_eq!(
        resolver.mail_hosts("addresses.example").await,
        Ok(MailHosts::Itself)
    );
    assert_eq!(
        resolver.mail_hosts("absent.example").await,
        Err(DnsError::NoSuchDomain)
    );
    assert_eq!(
        resolver.mail_hosts("servfail.example").await,
        Err(DnsError::ServerFailure)
    );
}
