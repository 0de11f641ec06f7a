//! The program `audit` against servers of our own: what it writes, how it ends, and that the example `audit` reads what it saves.

use crate::support::certificates::{Certificate, TRUSTED};
use crate::support::dns::{self, Reply};
use crate::support::https::{Host, Server, respond};
use crate::support::smtp::{Mail, Servers, address};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::RecordType;
use serde_json::Value;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

/// What is audited, in this order.
const DOMAINS: [&str; 10] = [
    "kestrel.net",
    "merlin.net",
    "Delegated.net.",
    "hobby.net",
    "forgotten.net",
    "silent.net",
    "no-mail.net",
    "suffix.co.uk",
    "absent.net",
    "b\u{fc}cher.net",
];

/// The MX hosts: the first is good, and the others are those of `merlin.net`.
const HOSTS: [(&str, Mail); 9] = [
    ("mx.kestrel.net.", Mail::Tls(Certificate::Valid)),
    ("mx1.merlin.net.", Mail::Tls12(Certificate::Wildcard)),
    ("mx2.merlin.net.", Mail::Tls(Certificate::Expired)),
    ("mx3.merlin.net.", Mail::Tls(Certificate::WrongName)),
    ("mx4.merlin.net.", Mail::Hello("250 mx.test\r\n")),
    (
        "mx5.merlin.net.",
        Mail::Starttls("454 4.7.0 no certificate\r\n"),
    ),
    ("mx6.merlin.net.", Mail::Starttls("")),
    ("mx7.merlin.net.", Mail::Handshake(b"500 what?\r\n")),
    ("mx8.merlin.net.", Mail::Nobody),
];

/// Whether the name is that of a record with the domain behind it once more.
fn is_twice(name: &str) -> bool {
    let domains = name.strip_prefix("_mta-sts.");
    let halves = domains.map(|domains| domains.split_at(domains.len() / 2));
    halves.is_some_and(|(first, second)| first == second)
}

fn zone(name: &str, record_type: RecordType) -> Reply {
    use RecordType::{A, CNAME, MX, TXT};
    let good = |name| dns::txt(name, &[&["v=STSv1; ", "id=20261121"]]);
    match (name, record_type) {
        ("kestrel.net." | "delegated.net." | "xn--bcher-kva.net.", TXT) => {
            dns::txt(name, &[&["v=spf1 mx -all"]])
        }
        ("_mta-sts.delegated.net.", CNAME) => dns::cname(name, "_MTA-STS.Provider.net."),
        ("_mta-sts.delegated.net.", TXT) => dns::both(
            dns::cname(name, "_mta-sts.provider.net."),
            good("_mta-sts.provider.net."),
        ),
        ("hobby.net.", TXT) => {
            dns::txt(name, &[&["v=spf1 -all"], &["v=STSv1; id=\"1\u{1b}[31m\\"]])
        }
        ("_mta-sts.forgotten.net.forgotten.net.", TXT) => good(name),
        ("_mta-sts.hobby.net." | "_mta-sts.forgotten.net.", TXT) | ("_mta-sts.absent.net.", _) => {
            Reply::NoSuchDomain
        }
        ("absent.net." | "mta-sts.absent.net.", _) => Reply::NoSuchDomain,
        _ if name.contains("silent.net.") => Reply::Code(ResponseCode::ServFail),
        ("_smtp._tls.merlin.net." | "_smtp._tls.hobby.net.", TXT) => Reply::NoSuchDomain,
        (_, TXT) if is_twice(name) => Reply::NoSuchDomain,
        (_, TXT) if name.starts_with("_mta-sts.") => good(name),
        (_, TXT) if name.starts_with("_smtp._tls.") => {
            dns::txt(name, &[&["v=TLSRPTv1; rua=mailto:tls-reports@kestrel.net"]])
        }
        ("merlin.net.", MX) => dns::mx(
            name,
            &HOSTS[1..]
                .iter()
                .zip((1..).map(|number| 10 * number))
                .map(|((host, _), preference)| (preference, *host))
                .collect::<Vec<_>>(),
        ),
        ("hobby.net.", MX) => Reply::NoData,
        ("no-mail.net.", MX) => dns::mx(name, &[(0, ".")]),
        ("suffix.co.uk.", MX) => dns::mx(name, &[(10, "mx.co.uk."), (20, "mx_2.co.uk.")]),
        (_, MX) => dns::mx(name, &[(10, "mx.kestrel.net."), (20, "MX.Kestrel.net.")]),
        (_, A) => match HOSTS.iter().position(|(host, _)| *host == name) {
            Some(number) => dns::a(name, &[address(number)]),
            None => dns::a(name, &[Ipv4Addr::LOCALHOST]),
        },
        _ => Reply::NoData,
    }
}

fn host(name: &str) -> Host {
    let (media_type, policy) = match name {
        "mta-sts.merlin.net" => (
            "text/plain; charset=utf-8",
            "version: STSv1\r\nmode: enforce\r\nmx: *.merlin.net\r\nmax_age: 604800\r\n",
        ),
        "mta-sts.delegated.net" => (
            "text/plain",
            "version: STSv1\nmode: testing\nmx: mx.kestrel.net\nmx: mx.elsewhere.net\nmax_age: 86400\n",
        ),
        "mta-sts.suffix.co.uk" => (
            "text/plain",
            "version: STSv1\nmode: enforce\nmx: *.co.uk\nmax_age: 1209600\n",
        ),
        "mta-sts.hobby.net" => {
            let steps = respond("404 Not Found", &["Content-Type: text/html"], "<h1>no</h1>");
            return Host::Tls(Certificate::Valid, steps);
        }
        "mta-sts.no-mail.net" => ("text/html", "version: STSv1\nmode: none\nmax_age: 86400\n"),
        "mta-sts.xn--bcher-kva.net" => (
            "text/plain",
            "version: STSv1\nmode: enforced\nmx: mx.kestrel.net\nmax_age: 1209600\n",
        ),
        _ => (
            "text/plain",
            "version: STSv1\nmode: enforce\nmx: mx.kestrel.net\nmax_age: 1209600\n",
        ),
    };
    let certificate = match name {
        "mta-sts.forgotten.net" => Certificate::Expired,
        _ => Certificate::Valid,
    };
    let media_type = format!("Content-Type: {media_type}");
    Host::Tls(certificate, respond("200 OK", &[&media_type], policy))
}

/// The program with servers to ask.
struct Audit {
    dns: String,
    https_port: String,
    smtp: Servers,
    folder: TempDir,
}

impl Audit {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("ca.pem"), TRUSTED.pem()).unwrap();
        Self {
            dns: dns::serve(zone).await.to_string(),
            https_port: Server::start(host).await.address.port().to_string(),
            smtp: Servers::start(&HOSTS.map(|(_, mail)| mail)).await,
            folder,
        }
    }

    /// Runs it while the servers go on.
    async fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_audit"));
        command
            .args(arguments)
            .args(["--dns", &self.dns, "--https-port", &self.https_port])
            .args(["--smtp-port", &self.smtp.port.to_string(), "--timeout", "4"])
            .arg("--ca")
            .arg(self.folder.path().join("ca.pem"));
        run(command).await
    }

    fn saved(&self) -> PathBuf {
        self.folder.path().join("captured")
    }
}

async fn run(mut command: Command) -> Output {
    command.env_remove("CLICOLOR_FORCE").env("NO_COLOR", "1");
    tokio::task::spawn_blocking(move || command.output().unwrap())
        .await
        .unwrap()
}

/// The example `audit`, on a folder.
async fn example(arguments: &[&str], folder: &Path) -> String {
    let mut command = Command::new(env!("CARGO"));
    command
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
        .args([
            "run",
            "--quiet",
            "--locked",
            "--package",
            "mta-sts",
            "--example",
            "audit",
            "--",
        ])
        .args(arguments)
        .arg(folder);
    let output = run(command).await;
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    String::from_utf8(output.stdout).unwrap()
}

/// The text with one moment in place of all.
fn timeless(text: &str) -> String {
    const MOMENT: &str = "2026-11-21T09:30:00Z";
    let is_like = |text: &str| {
        let mut both = text.bytes().zip(MOMENT.bytes());
        text.len() == MOMENT.len()
            && both.all(|(a, b)| a == b || (a.is_ascii_digit() && b.is_ascii_digit()))
    };
    let mut out = text.to_owned();
    for start in 0..text.len() {
        let range = start..start + MOMENT.len();
        if text.get(range.clone()).is_some_and(is_like) {
            out.replace_range(range, MOMENT);
        }
    }
    out
}

#[tokio::test]
async fn text() {
    let output = Audit::new().await.run(&DOMAINS).await;
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "mx8.merlin.net was not reached: nobody answers at its addresses\n\
         hobby.net was not reached: nobody answers at its addresses\n\
         mx.co.uk was not reached: nobody answers at its addresses\n"
    );
    assert_eq!(output.status.code(), Some(1));
    let text = timeless(&String::from_utf8(output.stdout).unwrap());
    let wanted = include_str!("audit.txt");
    for (found, wanted) in text.lines().zip(wanted.lines()) {
        assert_eq!(found, wanted, "in {text}");
    }
    assert_eq!(text, wanted);
}

#[test]
fn the_readme_tells_the_truth() {
    let text = include_str!("audit.txt");
    let start = text.find("delegated.net in").unwrap();
    let (audit, _) = text[start..].split_once("\n\nhobby.net in").unwrap();
    assert!(include_str!("../README.md").contains(audit), "{audit}");
}

#[tokio::test]
async fn saved_facts_are_read_by_the_example() {
    let audit = Audit::new().await;
    let saved = audit.saved();
    let arguments = ["--json", "--save", saved.to_str().unwrap()];
    let output = audit.run(&[&arguments[..], &DOMAINS].concat()).await;
    assert_eq!(output.status.code(), Some(1));
    let objects = |text: &str| {
        let objects = text
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap());
        let mut objects: Vec<_> = objects.collect();
        objects.sort_by_key(|object| object["domain"].to_string());
        objects
    };
    let found = objects(str::from_utf8(&output.stdout).unwrap());
    assert_eq!(found.len(), DOMAINS.len());
    let read = objects(&example(&["--json"], &saved).await);
    assert_eq!(read.len(), DOMAINS.len());
    for (found, read) in found.iter().zip(&read) {
        assert_eq!(found, read, "found, and read");
    }
    let written = |path| std::fs::read_to_string(saved.join(path)).unwrap();
    assert_eq!(
        written("hobby.net/zone.txt"),
        r#"_mta-sts.hobby.net. IN TXT NXDOMAIN
hobby.net. IN TXT "v=spf1 -all"
hobby.net. IN TXT "v=STSv1; id=\"1\027[31m\\"
_mta-sts.hobby.net.hobby.net. IN TXT NXDOMAIN
_smtp._tls.hobby.net. IN TXT NXDOMAIN
hobby.net. IN MX NODATA
"#
    );
    assert_eq!(
        written("merlin.net/tls.txt"),
        "mx1.merlin.net. TLSv1.2 valid\nmx2.merlin.net. TLSv1.3 tls-certificate-expired\n\
         mx3.merlin.net. TLSv1.3 tls-certificate-host-mismatch\nmx4.merlin.net. starttls-not-offered\n\
         mx5.merlin.net. starttls-refused 454\nmx6.merlin.net. tls-timeout\nmx7.merlin.net. tls-other\nmx8.merlin.net. unreachable\n"
    );
    // For people too, and over what was there.
    let arguments = ["--save", saved.to_str().unwrap(), "merlin.net"];
    let output = audit.run(&arguments).await;
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(text, example(&[], &saved.join("merlin.net")).await);
}

/// The second save is held against the first, and the example reads both.
#[tokio::test]
async fn an_earlier_save_is_what_changes_are_told_against() {
    let audit = Audit::new().await;
    let saved = audit.saved();
    let folder = saved.to_str().unwrap();
    let text = |output: Output| String::from_utf8(output.stdout).unwrap();
    let first = text(audit.run(&["--save", folder, "kestrel.net"]).await);
    assert!(
        first.contains("not checked: changes since an earlier time"),
        "{first}"
    );

    // Then another policy had the id that the record still has.
    let policy = saved.join("kestrel.net/policy.response");
    let change = || {
        let served = std::fs::read_to_string(&policy).unwrap();
        assert!(served.contains("mode: enforce"));
        std::fs::write(&policy, served.replace("mode: enforce", "mode: testing")).unwrap();
    };
    change();
    let arguments = ["--save", folder, "--previous", folder, "kestrel.net"];
    let second = audit.run(&arguments).await;
    assert_eq!(second.status.code(), Some(3));
    let second = text(second);
    assert!(
        second.contains("\n\nwarning[audit-id-unchanged]: "),
        "{second}"
    );
    assert!(!second.contains("not checked"), "{second}");
    assert_eq!(second, example(&[], &saved.join("kestrel.net")).await);

    // Where nothing is saved it is the same; a domain without an earlier save has none.
    change();
    let arguments = ["--previous", folder, "kestrel.net", "delegated.net"];
    let both = text(audit.run(&arguments).await);
    assert!(both.contains("warning[audit-id-unchanged]: "), "{both}");
    assert!(
        both.contains("not checked: changes since an earlier time"),
        "{both}"
    );

    // What cannot be read is told, and the audit goes on.
    std::fs::write(saved.join("kestrel.net/facts.txt"), "domain: merlin.net\n").unwrap();
    let broken = audit.run(&["--previous", folder, "kestrel.net"]).await;
    assert_eq!(broken.status.code(), Some(2));
    let complaint = String::from_utf8_lossy(&broken.stderr).into_owned();
    let wanted = format!(
        "error: cannot read {folder}/kestrel.net: it is about another domain: \"merlin.net\"\n"
    );
    assert_eq!(complaint, wanted);
    assert!(text(broken).contains("not checked: changes since an earlier time"));
}

#[tokio::test]
async fn ends() {
    let audit = Audit::new().await;
    let status = async |arguments: &[&str]| {
        let output = audit.run(arguments).await;
        (
            output.status.code(),
            String::from_utf8(output.stderr).unwrap(),
        )
    };
    let nothing = String::new();
    assert_eq!(status(&["kestrel.net"]).await, (Some(0), nothing.clone()));
    assert_eq!(status(&["delegated.net"]).await, (Some(3), nothing.clone()));
    assert_eq!(
        status(&["kestrel.net", "suffix.co.uk", "--no-smtp"]).await,
        (Some(1), nothing)
    );
    let complaint = "error: \"no\\u{7} domain\" is no domain: the name holds a character that cannot stand in a host name\n";
    assert_eq!(
        status(&["no\u{7} domain", "kestrel.net"]).await,
        (Some(2), complaint.to_owned())
    );
    let file = audit.folder.path().join("ca.pem");
    let (status, complaint) = status(&["--save", file.to_str().unwrap(), "kestrel.net"]).await;
    assert_eq!(status, Some(2));
    assert!(complaint.starts_with("error: cannot write "), "{complaint}");
}

#[tokio::test]
async fn each_host_is_asked_once() {
    let audit = Audit::new().await;
    let domains = [
        "kestrel.net",
        "delegated.net",
        "forgotten.net",
        "b\u{fc}cher.net",
    ];
    let output = audit.run(&domains).await;
    assert_eq!(output.status.code(), Some(1));
    let lines = audit.smtp.lines();
    let asked = lines.iter().filter(|line| *line == "STARTTLS").count();
    assert_eq!(asked, 1, "{lines:?}");
}
