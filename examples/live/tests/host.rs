//! The program `host`, asked by the fetcher, by `lookup`, and by clients that are up to no good.

use crate::support::certificates::{Certificate, TRUSTED};
use crate::support::dns::{self, Reply};
use crate::support::host::{BROKEN, Host, KESTREL, MERLIN, certify, request, write};
use futures_util::future::join_all;
use hickory_resolver::proto::rr::RecordType;
use mta_sts::{FetchError, Fetcher, PolicyResponse, TlsFailure};
use std::fs;
use std::net::Ipv4Addr;
use std::process::Command;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The media type and the text of a policy that came, or else the status.
fn policy(response: &PolicyResponse) -> Result<(&str, &str), u16> {
    match response.status() {
        200 => Ok((
            response.content_type().unwrap(),
            str::from_utf8(response.body()).unwrap(),
        )),
        status => Err(status),
    }
}

#[tokio::test]
async fn policies_by_host() {
    let host = Host::start(&[]);
    let fetcher = host.fetcher().await;
    let response = fetcher.fetch(&request("kestrel.net")).await.unwrap();
    assert_eq!(policy(&response), Ok(("text/plain", KESTREL)));
    let response = fetcher.fetch(&request("merlin.net")).await.unwrap();
    let media_type = "text/plain; charset=utf-8";
    assert_eq!(policy(&response), Ok((media_type, MERLIN)));

    // Without a certificate the handshake is aborted; with one there is still no policy.
    let hobby = request("hobby.net");
    let refused = Err(FetchError::Tls(TlsFailure::Alert));
    assert_eq!(fetcher.fetch(&hobby).await, refused);
    host.certificate("mta-sts.hobby.net", Certificate::Valid, "mta-sts.hobby.net");
    let response = fetcher.fetch(&hobby).await.unwrap();
    assert_eq!(policy(&response), Err(404));
    host.says("");
}

#[tokio::test]
async fn requests_and_responses() {
    let host = Host::start(&[]);
    let head = "content-type: text/plain\r\nconnection: close\r\ncontent-length: 69\r\n\r\n";
    let ask = async |request: &str| host.exchange(request).await;
    let get = |target: &str, host: &str| format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n");
    let (path, name) = ("/.well-known/mta-sts.txt", "mta-sts.kestrel.net");

    let whole = format!("HTTP/1.1 200 OK\r\n{head}{KESTREL}");
    assert_eq!(ask(&get(path, name)).await, whole);
    for host in ["MTA-STS.Kestrel.Net", "mta-sts.kestrel.net.:8443"] {
        assert_eq!(ask(&get(path, host)).await, whole);
    }
    let absolute = format!("https://{name}{path}");
    assert_eq!(ask(&get(&absolute, "www.example")).await, whole);
    let with_query = format!("{path}?cached=no");
    assert_eq!(ask(&get(&with_query, name)).await, whole);
    let only_head = get(path, name).replace("GET", "HEAD");
    assert_eq!(ask(&only_head).await, format!("HTTP/1.1 200 OK\r\n{head}"));
    let post = get(path, name).replace("GET", "POST");
    assert_eq!(
        ask(&post).await,
        "HTTP/1.1 405 Method Not Allowed\r\ncontent-type: text/plain\r\nallow: GET, HEAD\r\n\
         connection: close\r\ncontent-length: 23\r\n\r\n405 Method Not Allowed\n"
    );
    // A reverse proxy that has one certificate before it and passes the host on.
    assert!(
        ask(&get(path, "mta-sts.merlin.net"))
            .await
            .ends_with(MERLIN)
    );

    let rows = [
        (get("/", name), "404 Not Found"),
        (get("/.well-known/security.txt", name), "404 Not Found"),
        (
            get("/.well-known/../.well-known/mta-sts.txt", name),
            "404 Not Found",
        ),
        (get(path, "kestrel.net"), "404 Not Found"),
        (get(path, "www.kestrel.net"), "404 Not Found"),
        (get(path, "mta-sts.hobby.net"), "404 Not Found"),
        (get(path, "mta-sts.192.0.2.1"), "404 Not Found"),
        (get(path, "mta-sts...policies.kestrel.net"), "404 Not Found"),
        (get(path, "mta-sts.%2e%2e%2fkestrel.net"), "400 Bad Request"),
        (
            get(path, "mta-sts.../policies/kestrel.net"),
            "400 Bad Request",
        ),
        (
            get(path, "mta-sts.kestrel.net\r\nHost: mta-sts.merlin.net"),
            "400 Bad Request",
        ),
        (format!("GET {path} HTTP/1.1\r\n\r\n"), "400 Bad Request"),
        (format!("GET {path} HTTP/1.0\r\n\r\n"), "400 Bad Request"),
        ("EHLO mx.example\r\n\r\n".to_owned(), "400 Bad Request"),
        (
            get(path, &format!("{name}\r\nX: {}", "x".repeat(20_000))),
            "431 Request Header Fields Too Large",
        ),
    ];
    for (request, status) in rows {
        let response = ask(&request).await;
        let first = response.lines().next().unwrap();
        let (_, found) = first.split_once(' ').unwrap();
        assert_eq!(found, status, "{request:.200}");
    }
    host.says("");
}

#[tokio::test]
async fn a_proxy_may_keep_a_policy_for_a_minute() {
    let host = Host::start(&["--proxied"]);
    let ask = "GET /.well-known/mta-sts.txt HTTP/1.1\r\nHost: mta-sts.kestrel.net\r\n\r\n";
    let response = host.exchange(ask).await;
    assert!(response.contains("\r\ncache-control: max-age=60\r\n"));
    let response = host.exchange(&ask.replace("kestrel", "hobby")).await;
    assert!(!response.contains("cache-control"));
}

#[tokio::test]
async fn changes_of_policies() {
    let host = Host::start(&[]);
    let fetcher = host.fetcher().await;
    let kestrel = request("kestrel.net");
    let fetch = async || {
        let response = fetcher.fetch(&kestrel).await.unwrap();
        policy(&response).map(|(_, text)| text.to_owned())
    };
    assert_eq!(fetch().await.as_deref(), Ok(KESTREL));
    let changed = KESTREL.replace("1209600", "1209601");
    host.policy("kestrel.net", &changed);
    assert_eq!(fetch().await, Ok(changed.clone()));
    host.says("");

    // What is no policy is not served, and that is told once.
    host.policy("kestrel.net", BROKEN);
    for _ in 0..3 {
        assert_eq!(fetch().await, Err(503));
    }
    host.says("error: policies/kestrel.net.txt:2: `mode` is not `enforce`, `testing` or `none`; did you mean `enforce`? (policy-mode)\n\
         error: policies/kestrel.net.txt: it is not served, because it is not a valid policy\n");
    host.policy("kestrel.net", "x".repeat(65_537));
    assert_eq!(fetch().await, Err(503));
    host.says("error: policies/kestrel.net.txt: it is not served, because it cannot be read: it is longer than senders read, which is 64 KiB\n");
    host.policy("kestrel.net", &changed);
    assert_eq!(fetch().await, Ok(changed));
    host.says("mended: policies/kestrel.net.txt\n");

    let file = host.folder.path().join("policies/kestrel.net.txt");
    fs::remove_file(&file).unwrap();
    assert_eq!(fetch().await, Err(404));
    fs::create_dir(&file).unwrap();
    assert_eq!(fetch().await, Err(503));
    host.says("error: policies/kestrel.net.txt: it is not served, because it cannot be read: it is not a file\n");
}

#[cfg(unix)]
#[tokio::test]
async fn links() {
    use std::os::unix::fs::symlink;
    let host = Host::start(&[]);
    let fetcher = host.fetcher().await;
    let file = host.folder.path().join("policies/kestrel.net.txt");
    let secret = host.folder.path().join("secret");
    fs::write(&secret, "root:x:0:0\n").unwrap();

    // One policy for many domains.
    fs::remove_file(&file).unwrap();
    symlink("merlin.net.txt", &file).unwrap();
    let response = fetcher.fetch(&request("kestrel.net")).await.unwrap();
    assert_eq!(policy(&response).unwrap().1, MERLIN);
    // Nothing but policies can be had so.
    fs::remove_file(&file).unwrap();
    symlink(&secret, &file).unwrap();
    let response = fetcher.fetch(&request("kestrel.net")).await.unwrap();
    assert_eq!(policy(&response), Err(503));
    host.says("error: policies/kestrel.net.txt:2: the policy has no `version`; add `version: STSv1` (policy-version-missing)\n\
         error: policies/kestrel.net.txt:2: the policy has no `mode`; add `mode: testing`, later `mode: enforce` (policy-mode-missing)\n\
         error: policies/kestrel.net.txt:2: the policy has no `max_age`; \
         add `max_age:` with a number of seconds, such as 1209600 for two weeks (policy-max-age-missing)\n\
         error: policies/kestrel.net.txt: it is not served, because it is not a valid policy\n");
    // A pipe that nobody writes to.
    fs::remove_file(&file).unwrap();
    let made = Command::new("mkfifo").arg(&file).status().unwrap();
    assert!(made.success());
    let response = fetcher.fetch(&request("kestrel.net")).await.unwrap();
    assert_eq!(policy(&response), Err(503));
}

#[tokio::test]
async fn what_is_wrong_is_told_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let policies = folder.path().join("policies");
    for (name, text) in [
        ("broken.net.txt", BROKEN),
        ("good.net.txt", KESTREL),
        ("uncertified.net.txt", KESTREL),
        ("Upper.net.txt", KESTREL),
        ("no domain.txt", KESTREL),
        ("README", "not looked at"),
    ] {
        write(&policies.join(name), text);
    }
    certify(
        folder.path(),
        "mta-sts.good.net",
        Certificate::Valid,
        "mta-sts.good.net",
    );
    let host = Host::start_in(folder, &[]);
    host.says(
        "warning: policies/Upper.net.txt: nobody asks for it; the name would be `upper.net.txt`\n\
         error: policies/broken.net.txt:2: `mode` is not `enforce`, `testing` or `none`; did you mean `enforce`? (policy-mode)\n\
         error: policies/broken.net.txt: it is not served, because it is not a valid policy\n\
         warning: policies/no domain.txt: nobody asks for it: the name holds a character that cannot stand in a host name\n\
         error: certificates/mta-sts.uncertified.net: there is no certificate for this host\n",
    );
}

#[tokio::test]
async fn slow_clients_do_not_stay() {
    let host = Host::start(&["--timeout", "1", "--connections", "3"]);
    let fetcher = host.fetcher().await;
    let started = Instant::now();
    // All places are taken: by one who says nothing, one who never ends the head, one who never sends the body.
    let mute = TcpStream::connect(host.address).await.unwrap();
    let mut endless = host.connect("mta-sts.kestrel.net").await.unwrap();
    endless.write_all(b"GET / HTTP/1.1\r\nX: ").await.unwrap();
    let mut trickling = host.connect("mta-sts.kestrel.net").await.unwrap();
    let kestrel = request("kestrel.net");
    let fetching = fetcher.fetch(&kestrel);
    let trickle = async {
        loop {
            if trickling.write_all(b"G").await.is_err() || trickling.flush().await.is_err() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let (response, ()) = tokio::join!(fetching, trickle);
    assert_eq!(response.unwrap().status(), 200);
    let took = started.elapsed();
    assert!(
        took > Duration::from_millis(500) && took < Duration::from_secs(10),
        "{took:?}"
    );
    drop((mute, endless));
}

#[tokio::test]
async fn many_connections() {
    let host = Host::start(&["--connections", "8"]);
    let fetcher = host.fetcher().await;
    let policies = (0..300).map(async |number| {
        let domain = ["kestrel.net", "merlin.net"][number % 2];
        let response = fetcher.fetch(&request(domain)).await.unwrap();
        policy(&response).unwrap().1 == [KESTREL, MERLIN][number % 2]
    });
    assert!(
        join_all(policies)
            .await
            .into_iter()
            .all(|is_right| is_right)
    );
    host.says("");
}

#[cfg(unix)]
#[tokio::test]
async fn a_graceful_stop() {
    let host = Host::start(&[]);
    let mut stream = host.connect("mta-sts.kestrel.net").await.unwrap();
    stream
        .write_all(b"GET /.well-known/mta-sts.txt HTTP/1.1\r\n")
        .await
        .unwrap();
    host.program.terminate();
    // Nobody else comes in, but who was there is served.
    while TcpStream::connect(host.address).await.is_ok() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    stream
        .write_all(b"Host: mta-sts.kestrel.net\r\n\r\n")
        .await
        .unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).await.unwrap();
    assert!(response.ends_with(KESTREL), "{response}");
    let (status, output, errors) = host.program.wait();
    assert_eq!((status.code(), &*output, &*errors), (Some(0), "", ""));
}

#[tokio::test]
async fn looked_up() {
    let host = Host::start(&[]);
    let zone = |name: &str, record_type| match record_type {
        RecordType::TXT => dns::txt(name, &[&["v=STSv1; id=1"]]),
        RecordType::MX => dns::mx(name, &[(10, "mx.merlin.net.")]),
        RecordType::A => dns::a(name, &[Ipv4Addr::LOCALHOST]),
        _ => Reply::NoData,
    };
    let dns = dns::serve(zone).await.to_string();
    let authorities = host.folder.path().join("ca.pem");
    fs::write(&authorities, TRUSTED.pem()).unwrap();
    let mut lookup = Command::new(env!("CARGO_BIN_EXE_lookup"));
    lookup
        .args([
            "kestrel.net",
            "merlin.net",
            "hobby.net",
            "--dns",
            &dns,
            "--ca",
        ])
        .arg(authorities)
        .args(["--https-port", &host.address.port().to_string()])
        .env("NO_COLOR", "1");
    let output = tokio::task::spawn_blocking(move || lookup.output().unwrap())
        .await
        .unwrap();
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        "kestrel.net: mail goes only to hosts that its policy names, over verified TLS
  record  id 1
  policy  mode enforce, mx.kestrel.net, kept for 14 d
  mx 10   mx.merlin.net: refused, the policy does not name the MX host
merlin.net: its policy is being tested: what fails is reported, and mail goes out all the same
  record  id 1
  policy  mode testing, *.merlin.net, kept for 1 d
  line 2  note: in mode `testing` senders report failures and deliver all the same; go on to `enforce` once the reports are clean (policy-mode-testing)
  line 5  note: an unknown field, ignored by senders (policy-unknown-field)
  mx 10   mx.merlin.net: over TLS if it can be had; what is wrong with it is reported
hobby.net: no policy that works: TLS with the policy host failed: the server broke the handshake off with an alert (sts-policy-fetch-error, tls-alert)
  record  id 1
  mx 10   mx.merlin.net: over TLS if it can be had
"
    );
}

#[test]
fn wrong_use() {
    let run = |arguments: &[&str]| {
        let mut program = Command::new(env!("CARGO_BIN_EXE_host"));
        let output = program
            .args(arguments)
            .env("NO_COLOR", "1")
            .output()
            .unwrap();
        (
            output.status.code(),
            String::from_utf8(output.stderr).unwrap(),
        )
    };
    assert_eq!(
        run(&["no-such-folder", "."]),
        (
            Some(2),
            "error: cannot read no-such-folder: No such file or directory (os error 2)\n"
                .to_owned()
        )
    );
    assert_eq!(run(&["."]).0, Some(2));
    assert_eq!(run(&[".", ".", "--timeout", "0"]).0, Some(2));
    assert_eq!(run(&[".", ".", "--connections", "0"]).0, Some(2));
    assert_eq!(run(&[".", ".", "--listen", "localhost"]).0, Some(2));
    // An address that is not of this machine (RFC 5737).
    let (status, complaint) = run(&["tests", "tests", "--listen", "192.0.2.1:443"]);
    assert_eq!(status, Some(2));
    assert!(
        complaint.contains("cannot listen at 192.0.2.1:443"),
        "{complaint}"
    );
    assert_eq!(run(&["--help"]).0, Some(0));
}
