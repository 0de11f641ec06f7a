//! The DNS: a signed root zone by Knot, an unsigned zone beneath it, and a resolver that validates.

use super::{Case, Policy, Tlsa};
use data_encoding::HEXLOWER;
use hickory_resolver::proto::dnssec::TrustAnchors;
use live::resolver::{Dnssec, HickoryResolver};
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::{Child, Command};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::time::sleep;
use tokio_rustls::rustls::sign::CertifiedKey;

/// A domain without a policy, whose host is that of another one.
pub(super) const UNASKED: &str = "unasked.plain.example";
/// The file with the key of the root zone.
pub(super) const ANCHOR: &str = "anchor.zone";

const KNOT: &str = "
server:
    rundir: \"DIRECTORY\"
    listen: 127.0.0.2@53
log:
  - target: stderr
    any: warning
database:
    storage: \"DIRECTORY\"
policy:
  - id: own
    algorithm: ecdsap256sha256
    single-type-signing: on
template:
  - id: default
    storage: \"DIRECTORY\"
    zonefile-sync: -1
    zonefile-load: difference-no-serial
    journal-content: all
zone:
  - domain: .
    file: root.zone
    dnssec-signing: on
    dnssec-policy: own
  - domain: plain.example.
    file: plain.zone
";

const UNBOUND: &str = "
server:
    interface: 127.0.0.1
    username: \"\"
    chroot: \"\"
    directory: \"DIRECTORY\"
    pidfile: \"\"
    use-syslog: no
    verbosity: 0
    do-daemonize: no
    do-ip6: no
    do-not-query-localhost: no
    root-hints: hints.zone
    trust-anchor-file: anchor.zone
    module-config: \"validator iterator\"
remote-control:
    control-enable: no
";

/// Starts the servers. They end when this is dropped.
pub(super) async fn start(
    directory: &Path,
    cases: &[Case],
    certificates: &[Option<Arc<CertifiedKey>>],
) -> Servers {
    let place = directory.to_str().unwrap();
    let write = |name: &str, text: &str| fs::write(directory.join(name), text).unwrap();
    write("knot.conf", &KNOT.replace("DIRECTORY", place));
    write("unbound.conf", &UNBOUND.replace("DIRECTORY", place));
    write("hints.zone", ". 3600 NS ns.\nns. 3600 A 127.0.0.2\n");
    let begin = |origin: &str| {
        format!("$TTL 300\n{origin} SOA ns. ns. 1 300 300 300 300\n{origin} NS ns.\n")
    };
    let mut root = begin(".") + "ns. A 127.0.0.2\nplain.example. NS ns.\n";
    let mut plain = begin("plain.example.");
    writeln!(plain, "{UNASKED}. MX 10 mx.inside.plain.example.").unwrap();
    for (number, (case, certificate)) in cases.iter().zip(certificates).enumerate() {
        let is_plain = case.domain.ends_with(".plain.example");
        let zone = if is_plain { &mut plain } else { &mut root };
        records(zone, number, case, certificate.as_deref()).unwrap();
    }
    write("root.zone", &root);
    write("plain.zone", &plain);

    let config = directory.join("knot.conf");
    let knot = Command::new("knotd").arg("-c").arg(&config).spawn();
    let mut servers = Servers(vec![knot.unwrap()]);
    let anchor = until(async || {
        let keymgr = Command::new("keymgr")
            .arg("-c")
            .arg(&config)
            .args([".", "dnskey"])
            .output();
        let key = String::from_utf8(keymgr.unwrap().stdout).unwrap();
        // As in a whole record.
        key.contains("DNSKEY")
            .then(|| key.replace(" DNSKEY ", " 3600 IN DNSKEY "))
    });
    write(ANCHOR, &anchor.await);
    let config = directory.join("unbound.conf");
    servers.0.push(
        Command::new("unbound")
            .arg("-c")
            .arg(config)
            .spawn()
            .unwrap(),
    );
    // Once the resolver has validated something, Knot has signed it.
    let anchors = TrustAnchors::from_file(&directory.join(ANCHOR)).unwrap();
    let dnssec = Dnssec::ValidateFrom(Arc::new(anchors));
    let resolver = HickoryResolver::at(([127, 0, 0, 1], 53).into(), dnssec).unwrap();
    until(async || {
        let answer = resolver.addresses("ns").await.ok()?;
        answer.authenticated.then_some(())
    })
    .await;
    servers
}

/// What a mail domain has in the DNS.
fn records(
    zone: &mut String,
    number: usize,
    case: &Case,
    certificate: Option<&CertifiedKey>,
) -> std::fmt::Result {
    let (domain, host) = (case.domain, case.host());
    writeln!(zone, "{domain}. MX 10 {host}.")?;
    writeln!(zone, "{host}. A 127.0.1.{}", number + 1)?;
    if case.policy != Policy::Absent {
        writeln!(zone, "_mta-sts.{domain}. TXT \"v=STSv1; id=1\"")?;
        writeln!(zone, "mta-sts.{domain}. A 127.0.0.1")?;
    }
    match (case.tlsa, certificate) {
        (Some(Tlsa::Right), Some(certificate)) => {
            let whole = HEXLOWER.encode(&certificate.cert[0]);
            writeln!(zone, "_25._tcp.{host}. TLSA 3 0 0 {whole}")
        }
        (Some(_), _) => writeln!(zone, "_25._tcp.{host}. TLSA 3 0 1 {}", "aa".repeat(32)),
        (None, _) => Ok(()),
    }
}

/// Servers that end with this.
pub(super) struct Servers(Vec<Child>);

impl Drop for Servers {
    fn drop(&mut self) {
        for server in &mut self.0 {
            server.kill().ok();
            server.wait().ok();
        }
    }
}

/// Tries until there is something.
pub(super) async fn until<T>(attempt: impl AsyncFn() -> Option<T>) -> T {
    let begin = Instant::now();
    loop {
        if let Some(found) = attempt().await {
            return found;
        }
        assert!(
            begin.elapsed() < Duration::from_secs(60),
            "it took too long"
        );
        sleep(Duration::from_millis(100)).await;
    }
}
