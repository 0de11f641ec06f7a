//! A real Postfix and a really signed DNS, in namespaces of their own: nothing of it is seen from outside, nothing of the outside from there.
//!
//! Inside, ports and files are as on any mail server: `/etc/resolv.conf` names a validating resolver (Unbound) on port 53, which asks a root
//! server (Knot) with a signed zone; MX hosts listen on port 25. Postfix and the program `postfix` find everything by themselves.
//! Only what cannot be otherwise differs from the world: addresses are those of the loopback interface, the key of the root zone and the
//! authority are our own, and policies are fetched from another port than 443.
//!
//! Needs root, and the Debian packages `postfix`, `knot`, `unbound` and `iproute2`. With `MTA_STS_POSTFIX_ROOT` the Postfix beneath that
//! directory is taken (`debootstrap --include=postfix trixie DIRECTORY`). From version 3.10 on it is given its attributes.

mod names;
mod sender;
mod sink;

use crate::support::certificates::{self, Certificate, TRUSTED};
use crate::support::https::{Host, Server, respond};
use crate::support::skip;
use std::env;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// What the test inside is told by: the directory that it works in.
const DIRECTORY: &str = "MTA_STS_REAL_POSTFIX";

/// A mail domain with one MX host, and what becomes of a message to it.
struct Case {
    domain: &'static str,
    policy: Policy,
    /// What the MX host shows; without one it does not offer STARTTLS.
    certificate: Option<Certificate>,
    tlsa: Option<Tlsa>,
    wanted: Wanted,
}

/// The policy of a domain, with its only pattern.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Policy {
    Absent,
    Enforce(&'static str),
    Testing(&'static str),
}

/// The TLSA record of an MX host.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Tlsa {
    /// Its certificate.
    Right,
    /// Another one.
    Wrong,
}

enum Wanted {
    /// Delivered, with this in the log.
    Sent(&'static str),
    /// Kept, with this in the log.
    Deferred(&'static str),
}

use Certificate::{UnknownIssuer, Valid, WrongName};
use Policy::{Absent, Enforce, Testing};
use Wanted::{Deferred, Sent};

const VERIFIED: &str = "Verified TLS connection established";
const OTHER_NAME: &str = "hostname mismatch";

/// A domain whose host shows a certificate for another host that the policy names as well.
const SWAPPED: &str = "swapped.plain.example";

/// Beneath `plain.example` nothing is signed; all else is.
const CASES: [Case; 15] = [
    case(
        "inside.plain.example",
        Enforce("mx.inside.plain.example"),
        Some(Valid),
        None,
        Sent(VERIFIED),
    ),
    case(
        "wildcard.plain.example",
        Enforce("*.wildcard.plain.example"),
        Some(Valid),
        None,
        Sent(VERIFIED),
    ),
    case(
        "wrong-name.plain.example",
        Enforce("*.wrong-name.plain.example"),
        Some(WrongName),
        None,
        Deferred(OTHER_NAME),
    ),
    case(
        "unknown.plain.example",
        Enforce("*.unknown.plain.example"),
        Some(UnknownIssuer),
        None,
        Deferred("untrusted issuer"),
    ),
    case(
        "no-tls.plain.example",
        Enforce("*.no-tls.plain.example"),
        None,
        None,
        Deferred("TLS is required, but was not offered"),
    ),
    // The certificate is good for the host, but the policy does not name the host.
    case(
        "outside.plain.example",
        Enforce("mx.elsewhere.example"),
        Some(Valid),
        None,
        Deferred("client TLS configuration problem"),
    ),
    // Testing does not enforce, and without a policy Postfix does as it would anyhow.
    case(
        "testing.plain.example",
        Testing("*.testing.plain.example"),
        Some(WrongName),
        None,
        Sent("Trusted TLS connection"),
    ),
    case(
        "testing-no-tls.plain.example",
        Testing("*.example.com"),
        None,
        None,
        Sent(""),
    ),
    case(
        "without.plain.example",
        Absent,
        Some(WrongName),
        None,
        Sent("Trusted TLS connection"),
    ),
    // Signed, without TLSA records: the policy decides.
    case(
        "inside.example",
        Enforce("mx.inside.example"),
        Some(Valid),
        None,
        Sent(VERIFIED),
    ),
    case(
        "wrong-name.example",
        Enforce("mx.wrong-name.example"),
        Some(WrongName),
        None,
        Deferred(OTHER_NAME),
    ),
    // Signed, with TLSA records: DANE decides, although the policy would say otherwise.
    case(
        "wrong-tlsa.example",
        Enforce("mx.wrong-tlsa.example"),
        Some(Valid),
        Some(Tlsa::Wrong),
        Deferred("no matching DANE TLSA records"),
    ),
    case(
        "right-tlsa.example",
        Enforce("mx.right-tlsa.example"),
        Some(UnknownIssuer),
        Some(Tlsa::Right),
        Sent(VERIFIED),
    ),
    // Without its attributes, Postfix knows only which names may be in a certificate, not that it must be that of the host.
    case(
        SWAPPED,
        Enforce("mx.swapped.plain.example\nmx: www.swapped.plain.example"),
        Some(WrongName),
        None,
        Sent(VERIFIED),
    ),
    // An unsigned way to a TLSA record is none.
    case(
        "unsigned-tlsa.plain.example",
        Enforce("*.unsigned-tlsa.plain.example"),
        Some(Valid),
        Some(Tlsa::Wrong),
        Sent(VERIFIED),
    ),
];

const fn case(
    domain: &'static str,
    policy: Policy,
    certificate: Option<Certificate>,
    tlsa: Option<Tlsa>,
    wanted: Wanted,
) -> Case {
    Case {
        domain,
        policy,
        certificate,
        tlsa,
        wanted,
    }
}

impl Case {
    fn host(&self) -> String {
        format!("mx.{}", self.domain)
    }
}

/// The policy host of a domain.
fn policy_host(name: &str) -> Host {
    let domain = name.strip_prefix("mta-sts.").unwrap_or_default();
    let case = CASES.iter().find(|case| case.domain == domain);
    let (mode, mx) = match case.map_or(Absent, |case| case.policy) {
        Absent => return Host::Tls(Valid, respond("404 Not Found", &[], "")),
        Enforce(mx) => ("enforce", mx),
        Testing(mx) => ("testing", mx),
    };
    let policy = format!("version: STSv1\nmode: {mode}\nmx: {mx}\nmax_age: 604800\n");
    let steps = respond("200 OK", &["Content-Type: text/plain"], policy);
    Host::Tls(Valid, steps)
}

#[test]
fn a_real_postfix() {
    let installed = |program: &str| {
        let found = Command::new("sh")
            .args([
                "-c",
                "PATH=$PATH:/usr/sbin:/sbin command -v \"$0\"",
                program,
            ])
            .stdout(Stdio::null())
            .status();
        found.is_ok_and(|status| status.success())
    };
    let programs = ["postfix", "knotd", "keymgr", "unbound", "ip", "unshare"];
    if let Some(missing) = programs.iter().find(|program| !installed(program)) {
        skip(&format!("a real Postfix: {missing} is not installed"));
        return;
    }
    let unshare = || {
        let mut unshare = Command::new("unshare");
        unshare.args([
            "--mount",
            "--net",
            "--pid",
            "--fork",
            "--kill-child",
            "--mount-proc",
            "--propagation",
            "private",
        ]);
        unshare
    };
    if !unshare()
        .arg("true")
        .stderr(Stdio::null())
        .status()
        .unwrap()
        .success()
    {
        skip("a real Postfix: namespaces are for root only");
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    // Postfix has users of its own.
    std::fs::set_permissions(directory.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let resolv = directory.path().join("resolv.conf");
    std::fs::write(&resolv, "nameserver 127.0.0.1\noptions edns0 trust-ad\n").unwrap();
    let status = unshare()
        .args(["sh", "-c", PREPARE])
        .arg(resolv)
        .arg(env::current_exe().unwrap())
        .args(["--exact", "postfix::real::inside", "--nocapture"])
        .env(DIRECTORY, directory.path())
        .status();
    assert!(status.unwrap().success());
}

/// Makes the namespaces ready: for us, and for a Postfix beneath a directory of its own.
const PREPARE: &str = "
set -e
ip link set lo up
mount --bind \"$0\" /etc/resolv.conf
root=$MTA_STS_POSTFIX_ROOT
if [ -n \"$root\" ]; then
    mkdir -p \"$root$MTA_STS_REAL_POSTFIX\"
    mount --bind \"$MTA_STS_REAL_POSTFIX\" \"$root$MTA_STS_REAL_POSTFIX\"
    mount --bind \"$0\" \"$root/etc/resolv.conf\"
    mount --rbind /dev \"$root/dev\"
fi
exec \"$@\"
";

/// The other half of the test above, in the namespaces; without its instructions there is nothing to do.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn inside() {
    let Ok(directory) = env::var(DIRECTORY) else {
        return;
    };
    let directory = Path::new(&directory);
    std::fs::write(directory.join("ca.pem"), TRUSTED.pem()).unwrap();
    let policies = Server::start(policy_host).await;
    // Made once: no two signatures are the same.
    let certificates = CASES.each_ref().map(|case| {
        let kind = case.certificate?;
        Some(certificates::certificate(kind, &case.host()))
    });
    let mailboxes = sink::start(&certificates).await;
    let _names = names::start(directory, &CASES, &certificates).await;
    let mut program = program(directory, policies.address.port());
    let postfix = sender::Postfix::start(directory).await;

    for case in &CASES {
        postfix.send(case.domain).await;
    }
    for case in &CASES {
        let (status, about) = postfix.outcome(case.domain).await;
        let lines = format!("{}\n{about}", postfix.lines_about(&case.host()));
        let delivered = mailboxes.has(case.domain);
        let wanted = match case.domain {
            SWAPPED if sender::knows_attributes() => &Deferred(OTHER_NAME),
            _ => &case.wanted,
        };
        match *wanted {
            Sent(wanted) => {
                assert_eq!((&*status, delivered), ("sent", true), "{lines}");
                assert!(lines.contains(wanted), "{lines}");
            }
            Deferred(wanted) => {
                assert_eq!((&*status, delivered), ("deferred", false), "{lines}");
                assert!(lines.contains(wanted), "{lines}");
            }
        }
    }

    // Without the program no mail goes out: nobody knows whether it may.
    program.kill().unwrap();
    program.wait().unwrap();
    postfix.send(names::UNASKED).await;
    let (status, about) = postfix.outcome(names::UNASKED).await;
    assert_eq!(status, "deferred", "{about}");
    assert!(
        about.contains("client TLS configuration problem"),
        "{about}"
    );
}

/// The program that this is about.
fn program(directory: &Path, https: u16) -> Child {
    let attributes = sender::knows_attributes().then_some("--sts-attributes");
    Command::new(env!("CARGO_BIN_EXE_postfix"))
        .args(attributes)
        .args(["--tcp", sender::SOCKETMAP, "--any-address"])
        .args(["--https-port", &https.to_string()])
        .arg("--ca")
        .arg(directory.join("ca.pem"))
        .arg("--trust-anchor")
        .arg(directory.join(names::ANCHOR))
        .spawn()
        .unwrap()
}
