//! Reports that are sent: by mail and by HTTPS, and read again.

use super::receive::{HOST, Receiver};
use super::{Run, root, run};
use crate::support::certificates::{Certificate, TRUSTED};
use crate::support::dns::{self, Reply};
use hickory_resolver::proto::rr::RecordType;
use mail_parser::{MessageParser, MimeHeaders};
use mta_sts::{PolicyType, Report, ResultType};
use std::fs;
use std::net::Ipv4Addr;
use std::path::Path;
use tempfile::TempDir;

pub(super) const SESSIONS: &str = "examples/live/data/sessions.txt";

/// A folder for mails, and servers to ask.
pub(super) struct World {
    folder: TempDir,
    pub(super) dns: String,
}

impl World {
    /// Whose records name these addresses.
    pub(super) async fn new(rua: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("ca.pem"), TRUSTED.pem()).unwrap();
        let record = format!("v=TLSRPTv1; rua={rua}");
        let zone = move |name: &str, record_type| match (name, record_type) {
            ("_smtp._tls.kestrel-mail.net.", RecordType::TXT) => dns::txt(name, &[&[&record]]),
            (_, RecordType::A) if name == format!("{HOST}.") => {
                dns::a(name, &[Ipv4Addr::LOCALHOST])
            }
            _ => Reply::NoSuchDomain,
        };
        Self {
            folder,
            dns: dns::serve(zone).await.to_string(),
        }
    }

    pub(super) fn out(&self) -> &Path {
        self.folder.path()
    }

    pub(super) async fn send(&self, arguments: &[&str]) -> Run {
        let mut all: Vec<String> = [
            "send",
            SESSIONS,
            "--organization",
            "Kestrel",
            "--contact",
            "tls@kestrel.example",
        ]
        .map(str::to_owned)
        .into();
        all.extend([
            "--dns".to_owned(),
            self.dns.clone(),
            "--any-address".to_owned(),
        ]);
        all.extend(["--timeout".to_owned(), "5".to_owned(), "--ca".to_owned()]);
        all.push(self.out().join("ca.pem").to_str().unwrap().to_owned());
        all.extend(["--out".to_owned(), self.out().to_str().unwrap().to_owned()]);
        all.extend(arguments.iter().map(|argument| (*argument).to_owned()));
        tokio::task::spawn_blocking(move || run(all, b""))
            .await
            .unwrap()
    }

    /// The mail for `kestrel-mail.net`.
    fn mail(&self) -> Vec<u8> {
        let name = "kestrel.example!kestrel-mail.net!1795132800!1795219199.json.gz.eml";
        fs::read(self.out().join(name)).unwrap()
    }
}

/// What the sessions in the sample come to.
#[track_caller]
fn assert_is_the_day(report: &Report) {
    assert_eq!(report.organization_name(), Some("Kestrel"));
    assert_eq!(report.contact_info(), Some("tls@kestrel.example"));
    assert_eq!(
        report.date_range().start().unwrap().to_string(),
        "2026-11-20T00:00:00Z"
    );
    assert_eq!(
        report.date_range().end().unwrap().to_string(),
        "2026-11-20T23:59:59Z"
    );
    let [policy] = report.policies() else {
        panic!("one policy")
    };
    assert_eq!(
        policy.policy_type().unwrap().known(),
        Some(&PolicyType::Sts)
    );
    assert_eq!(policy.policy_domain(), Some("kestrel-mail.net"));
    assert_eq!(
        policy.policy_string().collect::<Vec<_>>(),
        [
            "version: STSv1",
            "mode: testing",
            "mx: *.kestrel-mail.net",
            "max_age: 604800"
        ]
    );
    assert_eq!(
        (policy.successful_sessions(), policy.failed_sessions()),
        (Some(40), Some(5))
    );
    let details: Vec<_> = policy
        .failure_details()
        .iter()
        .map(|it| {
            let address = it.sending_mta_ip().map(ToString::to_string);
            let result_type = *it.result_type().unwrap().known().unwrap();
            (
                result_type,
                it.failed_sessions().unwrap(),
                address.unwrap_or_default(),
            )
        })
        .collect();
    assert_eq!(
        details,
        [
            (ResultType::CertificateExpired, 3, "192.0.2.31".to_owned()),
            (
                ResultType::CertificateExpired,
                1,
                "2001:db8:4::31".to_owned()
            ),
            (ResultType::ValidationFailure, 1, String::new()),
        ]
    );
}

#[tokio::test]
async fn by_mail_and_by_https() {
    let receiver = Receiver::start(Certificate::Valid);
    let port = receiver.address.port();
    let uri = format!("https://{HOST}:{port}/v1/tlsrpt?for=kestrel-mail.net");
    let world = World::new(&format!("mailto:tls-reports@kestrel-mail.net,{uri},{uri}")).await;
    let run = world.send(&[]).await;
    // The other domain has no record.
    assert_eq!(run.code, Some(1));
    assert_eq!(
        run.stderr,
        "error: plover-mail.net: no answer for _smtp._tls.plover-mail.net: the name does not exist\n"
    );
    let lines: Vec<_> = run.stdout.lines().collect();
    let head =
        "kestrel-mail.net, 2026-11-20: 45 sessions, 5 of them failed; to be sent from 2026-11-21T0";
    assert!(lines[0].starts_with(head), "{}", lines[0]);
    assert!(lines[1].ends_with(".json.gz.eml: to be signed with DKIM by kestrel.example, and delivered whatever MTA-STS and DANE say"));
    assert_eq!(lines[2], format!("  {uri}: 201 Created"));

    // The mail, looked at by another parser of MIME than ours has settings for.
    let octets = world.mail();
    assert!(
        octets.is_ascii()
            && octets
                .windows(2)
                .all(|pair| (pair[0] == b'\r') == (pair[1] == b'\n'))
    );
    let mail = MessageParser::default().parse(&octets).unwrap();
    let field = |name: &str| mail.header_raw(name).unwrap_or_default().trim().to_owned();
    assert_eq!(field("From"), "<tls@kestrel.example>");
    assert_eq!(field("To"), "<tls-reports@kestrel-mail.net>");
    assert_eq!(field("TLS-Report-Domain"), "kestrel-mail.net");
    assert_eq!(field("TLS-Report-Submitter"), "kestrel.example");
    let id = field("Message-ID");
    let subject =
        format!("Report Domain: kestrel-mail.net Submitter: kestrel.example Report-ID: {id}");
    assert_eq!(
        mail.subject()
            .unwrap()
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" "),
        subject
    );
    assert!(!field("Subject").contains("=?"));
    assert_eq!(field("DKIM-Signature"), "");
    let kind = mail.parts[0].content_type().unwrap();
    assert_eq!(
        (kind.ctype(), kind.subtype()),
        ("multipart", Some("report"))
    );
    assert_eq!(kind.attribute("report-type"), Some("tlsrpt"));
    let [text, attached] = [1, 2].map(|part| &mail.parts[part]);
    assert_eq!(mail.parts.len(), 3);
    assert!(text.text_contents().unwrap().starts_with(
        "This is an aggregate TLS report from kestrel.example, about kestrel-mail.net.\r\n"
    ));
    let media_type = attached.content_type().unwrap();
    assert_eq!(
        (media_type.ctype(), media_type.subtype()),
        ("application", Some("tlsrpt+gzip"))
    );
    assert_eq!(
        attached.attachment_name(),
        Some("kestrel.example!kestrel-mail.net!1795132800!1795219199.json.gz")
    );

    // Both ways the same octets, which are the report without a deviation; what was asked for twice was posted once.
    assert_eq!(
        receiver.stored(),
        [("000001.json.gz".to_owned(), attached.contents().to_vec())]
    );
    let read = Report::from_gzip(attached.contents()).unwrap();
    assert_eq!(read.deviations(), []);
    assert_is_the_day(read.report());
    assert_eq!(read.report().to_gzip().unwrap(), attached.contents());

    // And as the program itself reads it.
    let ours = |path: &Path| {
        super::run(
            [
                "read".as_ref(),
                "--json".as_ref(),
                "--deviations".as_ref(),
                path,
            ],
            b"",
        )
    };
    fs::remove_file(world.out().join("ca.pem")).unwrap();
    let (by_mail, by_https) = (ours(world.out()), ours(&receiver.reports()));
    for run in [&by_mail, &by_https] {
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
        assert_eq!(run.reports(), 1);
        assert_eq!(run.json()["files"], serde_json::json!([]));
    }
    assert_eq!(
        (&by_mail.json()["mails"], &by_https.json()["mails"]),
        (&1.into(), &0.into())
    );
    for member in ["sessions", "days", "reporters", "mx_hosts", "results"] {
        assert_eq!(by_mail.json()[member], by_https.json()[member], "{member}");
    }
    assert_eq!(
        by_mail.json()["sessions"],
        serde_json::json!({"successful": 40, "failed": 5})
    );
}

#[tokio::test]
async fn uncompressed_and_to_a_given_record() {
    let receiver = Receiver::start(Certificate::Valid);
    let world = World::new("mailto:nobody@example.com").await;
    let record = format!("v=TLSRPTv1; rua=https://{HOST}:{}", receiver.address.port());
    let run = world.send(&["--plain", "--record", &record]).await;
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    let stored = receiver.stored();
    let names: Vec<_> = stored.iter().map(|(name, _)| &**name).collect();
    assert_eq!(names, ["000001.json", "000002.json"]);
    assert_is_the_day(Report::from_json(&stored[0].1).unwrap().report());
    let other = Report::from_json(&stored[1].1).unwrap();
    let details = &other.report().policies()[0].failure_details()[0];
    assert_eq!(
        details.result_type().unwrap().known(),
        Some(&ResultType::StsPolicyFetchError)
    );
    assert_eq!(details.failure_reason_code(), Some("fetch-connect"));
}

#[test]
fn wrong_use() {
    let send = |sessions: &str, arguments: &[&str]| {
        let all = [
            "send",
            sessions,
            "--organization",
            "K",
            "--contact",
            "a@b.example",
        ];
        run(all.iter().chain(arguments), b"")
    };
    let missing = send(
        "no-such-file",
        &["--record", "v=TLSRPTv1; rua=mailto:a@b.example"],
    );
    assert_eq!(missing.code, Some(2));
    assert!(
        missing
            .stderr
            .starts_with("error: cannot read no-such-file: ")
    );
    assert_eq!(send(SESSIONS, &["--retry", "86401"]).code, Some(2));
    assert_eq!(send(SESSIONS, &["--contact", "nobody"]).code, Some(2));
    let record = send(SESSIONS, &["--record", "v=TLSRPTv2"]);
    assert_eq!(record.code, Some(1));
    assert!(
        record.stderr.contains("the record cannot be used: "),
        "{}",
        record.stderr
    );
    assert!(root().join(SESSIONS).exists());
}
