//! The policy hosts of `policy-hosts.txt`: `mta-sts.<name>.example`, and what the server does when it is asked for them.

use super::certificates::Certificate;
use super::dns::{self, Reply};
use super::https::{Host, POLICY, Step, respond, send};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::RecordType;
use mta_sts::MAX_POLICY_LEN;
use std::net::Ipv4Addr;

const OK: &str = "200 OK";
const PLAIN: &str = "Content-Type: text/plain";
const HTML: &str = "Content-Type: text/html";
const CHUNKED: &str = "Transfer-Encoding: chunked";
const MOVED: &str = "Location: https://mta-sts.valid.example/.well-known/mta-sts.txt";

/// A `ServerHello` of TLS 1.1.
const TLS_1_1: &[u8] =
    b"\x16\x03\x02\0\x2a\x02\0\0\x26\x03\x0201234567890123456789012345678901\0\xc0\x13\0";

/// What the host does, by the name that stands in the table.
pub(crate) fn host(name: &str) -> Host {
    let chunk = chunk(POLICY);
    let steps = match name {
        "expired" => return shows(Certificate::Expired),
        "not-yet-valid" => return shows(Certificate::NotYetValid),
        "wildcard" => return shows(Certificate::Wildcard),
        "wrong-name" => return shows(Certificate::WrongName),
        "wildcard-far-up" => return shows(Certificate::WildcardTooFarUp),
        "common-name" => return shows(Certificate::CommonNameOnly),
        "purpose" => return shows(Certificate::WrongPurpose),
        "unknown-issuer" => return shows(Certificate::UnknownIssuer),
        "self-signed" => return shows(Certificate::SelfSigned),
        "self-signed-ca" => return shows(Certificate::SelfSignedAuthority),
        "wrong-key" => return shows(Certificate::WrongKey),

        "tls-1.2" => return Host::Tls12(Certificate::Valid, respond(OK, &[PLAIN], POLICY)),
        "tls-1.2-expired" => return Host::Tls12(Certificate::Expired, vec![]),
        "tls-1.2-wrong-key" => return Host::Tls12(Certificate::WrongKey, vec![]),
        "old-tls" => return Host::Raw(TLS_1_1),
        "alert-version" => return Host::Raw(b"\x15\x03\x01\0\x02\x02\x46"),
        "alert-handshake" => return Host::Raw(b"\x15\x03\x01\0\x02\x02\x28"),
        "alert-name" => return Host::Raw(b"\x15\x03\x01\0\x02\x02\x70"),
        "no-tls" => return Host::Raw(b"HTTP/1.1 400 Bad Request\r\n\r\n"),
        "hang-up" => return Host::Raw(b""),
        "mute" => return Host::Mute,

        "redirect-301" => respond("301 Moved Permanently", &[MOVED], ""),
        "redirect-302" => respond("302 Found", &[MOVED, PLAIN], POLICY),
        "not-modified" => vec![send("304 Not Modified", &[PLAIN], ""), Step::Close],
        "partial" => respond("206 Partial Content", &[PLAIN], POLICY),
        "not-found" => respond("404 Not Found", &[HTML], padded(MAX_POLICY_LEN + 1)),
        "early-hints" => {
            let mut steps = respond(OK, &[PLAIN], POLICY);
            steps.insert(0, send("103 Early Hints", &[], ""));
            steps
        }
        "html" => respond(OK, &[HTML], "<!DOCTYPE html>"),
        "no-media-type" => respond(OK, &[], POLICY),
        "media-type-case" => {
            let media_type = "content-type: Text/Plain; charset=utf-8";
            respond(OK, &[media_type], POLICY)
        }
        "gzip" => {
            let coding = "Content-Encoding: gzip";
            respond(OK, &[PLAIN, coding], [0x1f, 0x8b, 8, 0])
        }
        "no-policy" => respond(OK, &[PLAIN], "hello\n"),
        "no-http" => vec![Step::Send(b"220 mx.example ESMTP\r\n".into()), Step::Close],
        "no-response" => vec![Step::Close],
        "endless-head" => respond(OK, &[PLAIN, &format!("X: {}", "x".repeat(1 << 20))], POLICY),
        "two-lengths" => respond(OK, &[PLAIN, "Content-Length: 5"], POLICY),

        "kept-alive" => {
            let length = format!("Content-Length: {}", POLICY.len());
            vec![send(OK, &[PLAIN, &length], POLICY)]
        }
        "until-close" => vec![send(OK, &[PLAIN], POLICY), Step::Close],
        "until-cut" => vec![send(OK, &[PLAIN], POLICY), Step::Cut],
        "short-closed" => vec![short(), Step::Close],
        "short-cut" => vec![short(), Step::Cut],
        "chunked" => vec![
            send(OK, &[PLAIN, CHUNKED], chunk + "0\r\n\r\n"),
            Step::Close,
        ],
        "chunked-and-length" => {
            let fields = [PLAIN, CHUNKED, "Content-Length: 5"];
            vec![send(OK, &fields, chunk + "0\r\n\r\n"), Step::Close]
        }
        "chunked-closed" => vec![send(OK, &[PLAIN, CHUNKED], chunk), Step::Close],
        "chunked-cut" => vec![send(OK, &[PLAIN, CHUNKED], chunk), Step::Cut],
        "no-chunks" => vec![send(OK, &[PLAIN, CHUNKED], "no chunks\r\n"), Step::Close],
        "full" => respond(OK, &[PLAIN], padded(MAX_POLICY_LEN)),
        "over" => respond(OK, &[PLAIN], padded(MAX_POLICY_LEN + 1)),
        "over-chunked" => {
            let body = self::chunk(&padded(MAX_POLICY_LEN + 1)) + "0\r\n\r\n";
            vec![send(OK, &[PLAIN, CHUNKED], body), Step::Close]
        }
        "over-until-close" => {
            let body = padded(MAX_POLICY_LEN + 1);
            vec![send(OK, &[PLAIN], body), Step::Close]
        }

        "no-answer" => vec![],
        "no-body" => vec![send(OK, &[PLAIN], "")],
        "trickle" => vec![send(OK, &[PLAIN], ""), Step::Trickle],
        // All others are as they should be; some of them cannot be reached.
        _ => respond(OK, &[PLAIN], POLICY),
    };
    Host::Tls(Certificate::Valid, steps)
}

/// A policy with this certificate.
fn shows(certificate: Certificate) -> Host {
    Host::Tls(certificate, respond(OK, &[PLAIN], POLICY))
}

/// A policy that is shorter than announced.
fn short() -> Step {
    send(OK, &[PLAIN, "Content-Length: 99"], POLICY)
}

fn chunk(text: &str) -> String {
    format!("{:x}\r\n{text}\r\n", text.len())
}

/// The policy in this many octets.
fn padded(len: usize) -> String {
    let start = format!("{}\r\nnote: ", POLICY.trim_end());
    let padding = "x".repeat(len - start.len());
    start + &padding
}

/// Every name has a record and an address, but for those that are about names.
pub(crate) fn zone(name: &str, record_type: RecordType) -> Reply {
    use RecordType::A;
    let there = Ipv4Addr::LOCALHOST;
    // Nobody listens at the other addresses of the loopback interface.
    let not_there = Ipv4Addr::new(127, 0, 0, 2);
    match (name, record_type) {
        ("_mta-sts.record-absent.example.", _) => Reply::NoSuchDomain,
        ("_mta-sts.record-of-other-type.example.", _) => Reply::NoData,
        ("_mta-sts.record-elsewhere.example.", _) => dns::cname(name, "_mta-sts.valid.example."),
        ("_mta-sts.record-nowhere.example.", _) => {
            dns::cname(name, "_mta-sts.record-absent.example.")
        }
        ("_mta-sts.record-split.example.", _) => dns::txt(name, &[&["v=STSv1; i", "d=1"]]),
        ("_mta-sts.record-beside-others.example.", _) => dns::txt(
            name,
            &[&["v=spf1 -all"], &["v=STSv1; id=1"], &["v=STSv2; id=1"]],
        ),
        ("_mta-sts.record-twice.example.", _) => {
            dns::txt(name, &[&["v=STSv1; id=1"], &["v=STSv1; id=2"]])
        }
        ("_mta-sts.record-wrong.example.", _) => dns::txt(name, &[&["v=STSv1; id=2026-11-21"]]),
        ("_mta-sts.record-of-spf.example.", _) => dns::txt(name, &[&["v=spf1 -all"]]),
        ("_mta-sts.record-fails.example.", _) => Reply::Code(ResponseCode::ServFail),
        ("_mta-sts.record-silent.example.", _) => Reply::Silence,
        _ if name.starts_with("_mta-sts.") => dns::txt(name, &[&["v=STSv1; id=1"]]),
        ("mta-sts.no-such-host.example.", _) => Reply::NoSuchDomain,
        ("mta-sts.dns-fails.example.", _) => Reply::Code(ResponseCode::ServFail),
        ("mta-sts.dns-silent.example.", _) => Reply::Silence,
        ("mta-sts.delegated.example.", _) => dns::cname(name, "policies.example."),
        ("mta-sts.no-address.example.", _) => Reply::NoData,
        ("mta-sts.nobody-there.example.", A) => dns::a(name, &[not_there]),
        ("mta-sts.second-address.example.", A) => dns::a(name, &[not_there, there]),
        (_, A) => dns::a(name, &[there]),
        _ => Reply::NoData,
    }
}
