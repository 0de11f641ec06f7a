//! Texts made to hurt, each of any length, and what is done with them. Shared with `benches/src/bin/complexity.rs`, which counts instructions.

use mta_sts::{
    AuditOptions, CacheEntry, CachedPolicy, Deployment, Domain, LineIndex, MxPattern, ParseOptions,
    Policy, PolicyDomain, PolicyResponse, StsRecord, TlsOutcome, TlsRptRecord, TxtAnswer, UnixTime,
    audit, propose_patterns,
};
use std::hint::black_box;

/// One thing to be done with a text.
pub(crate) struct Work {
    pub(crate) name: &'static str,
    pub(crate) run: fn(&[u8]),
    /// How many bytes it may take at once for each byte of the text.
    pub(crate) memory: u64,
}

/// A text of about so many bytes, and what is to be done with it.
pub(crate) struct Shape {
    pub(crate) name: &'static str,
    pub(crate) text: fn(usize) -> Vec<u8>,
    pub(crate) works: &'static [Work],
}

pub(crate) const fn work(name: &'static str, memory: u64, run: fn(&[u8])) -> Work {
    Work { name, run, memory }
}

const POLICY: &[Work] = &[
    work("parse", 16, |text| {
        let _ = black_box(Policy::parse(text));
        let _ = black_box(Policy::parse_with(text, &ParseOptions::lenient()));
    }),
    work("inspect", 64, |text| {
        let inspection = Policy::inspect(text);
        black_box(inspection.fixed(text));
        black_box(inspection.fixed_with_advice(text));
    }),
];

const RECORD: &[Work] = &[
    work("record", 16, |text| {
        let _ = black_box(StsRecord::parse(text));
        black_box(StsRecord::inspect(text).fixed(text));
    }),
    work("reporting record", 16, |text| {
        let _ = black_box(TlsRptRecord::parse(text));
        black_box(TlsRptRecord::inspect(text).fixed(text));
    }),
];

/// Each line is a record of one answer.
const ANSWER: &[Work] = &[work("answer", 32, |text| {
    let records = text.split(|&byte| byte == b'\n').map(|record| [record]);
    let answer = records.collect::<TxtAnswer>();
    let _ = black_box(StsRecord::select(&answer));
    let _ = black_box(TlsRptRecord::select(&answer));
    let _ = black_box(StsRecord::inspect_answer(&answer));
    let _ = black_box(TlsRptRecord::inspect_answer(&answer));
})];

const NAME: &[Work] = &[work("name", 32, |text| {
    let name = std::str::from_utf8(text).unwrap();
    let pattern = "*.host.net".parse::<MxPattern>().unwrap();
    black_box(pattern.matches(name));
    let _ = black_box(name.parse::<Domain>());
    let _ = black_box(name.parse::<PolicyDomain>());
    let _ = black_box(name.parse::<MxPattern>());
})];

const PLACES: &[Work] = &[work("places", 64, |text| {
    let lines = LineIndex::new(text);
    black_box(lines.position(text.len() / 2));
    black_box(lines.line_span(lines.line_count()));
})];

/// Written and read back.
const ENTRY: &[Work] = &[work("cache entry", 16, |text| {
    let policy = Policy::parse(text).unwrap();
    let cached = CachedPolicy::new(policy, None, UnixTime::from_secs(0));
    let entry = CacheEntry::new(Some(cached.into()), None, UnixTime::from_secs(0));
    let written = entry.to_bytes();
    assert_eq!(CacheEntry::from_bytes(&written).unwrap(), entry);
})];

/// The policy of a domain with as many MX hosts as patterns, of which every other one is named.
const AUDIT: &[Work] = &[work("audit", 128, |text| {
    let policy = Policy::parse(text).unwrap();
    let hosts = policy.mx().enumerate().map(|(number, pattern)| {
        let name = pattern.as_str().replace('*', "mx");
        if number % 2 == 0 {
            name
        } else {
            format!("no-{name}")
        }
    });
    let hosts: Vec<String> = hosts.collect();
    let deployment = Deployment::new("host.net".parse().unwrap())
        .record(Ok([["v=STSv1; id=1"]].into_iter().collect()))
        .policy(Ok(PolicyResponse::new(200, Some("text/plain"), text)))
        .mx(Ok(hosts.clone()));
    let deployment = hosts.iter().fold(deployment, |deployment, host| {
        deployment.host(host, TlsOutcome::NotOffered)
    });
    black_box(audit(
        &deployment,
        &AuditOptions::new(UnixTime::from_secs(0)),
    ));
    black_box(propose_patterns(hosts).unwrap());
})];

#[cfg(feature = "tlsrpt")]
const REPORT: &[Work] = &[work("report", 96, |text| {
    if let Ok(read) = black_box(mta_sts::Report::from_json(text)) {
        let mut summary = mta_sts::Summary::new();
        summary.add(read.report());
        summary.add(read.report());
        black_box(summary.to_string());
        let _ = black_box(read.report().to_json());
    }
})];

const GOOD: &str = "version: STSv1\nmode: enforce\nmx: mx.host.net\nmax_age: 1209600\n";

fn shape(name: &'static str, works: &'static [Work], text: fn(usize) -> Vec<u8>) -> Shape {
    Shape { name, text, works }
}

/// `unit` again and again behind `front`, until there are `len` bytes.
fn repeated(front: &str, unit: &[u8], len: usize) -> Vec<u8> {
    let room = len.saturating_sub(front.len());
    [front.as_bytes(), &unit.repeat(room / unit.len())].concat()
}

/// Numbered pieces behind `front`, until there are `len` bytes.
fn numbered(front: &str, len: usize, piece: impl Fn(usize) -> String) -> Vec<u8> {
    let mut text = front.to_owned();
    let mut number = 0;
    while text.len() < len {
        text += &piece(number);
        number += 1;
    }
    text.into_bytes()
}

/// Fields with names of one length, of which all are `wanted`.
fn chosen(len: usize, wanted: impl Fn(&str) -> bool, field: fn(&str) -> String) -> Vec<u8> {
    let names = (0_u64..).map(|number| format!("n{number:08}.host.net"));
    let mut text = GOOD.to_owned();
    for name in names.filter(|name| wanted(name)) {
        text += &field(&name);
        if text.len() >= len {
            break;
        }
    }
    text.into_bytes()
}

/// The length of a field of [`chosen`].
const FIELD: usize = "mx: n00000000.host.net\n".len();

/// Whether a name has its place in the first 64th of an index that is built for a text of `len` bytes. So
/// nearly all such names find that place taken. This is the hash of the crate: `collisions_are_collisions` sees to it that they are the same.
fn collides(name: &str, len: usize) -> bool {
    let bytes = name.as_bytes();
    let word = |at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap());
    let mut hash = bytes.len() as u64;
    for at in [0, 8, bytes.len() - 8] {
        let product = u128::from(hash.rotate_left(29) ^ word(at)) * 0x9e37_79b9_7f4a_7c15;
        let [high, low] = [product >> 64, product & u128::from(u64::MAX)];
        hash = u64::try_from(high ^ low).unwrap();
    }
    let place = hash & 0xffff_ffff;
    let slots = (len / FIELD * 2).next_power_of_two() as u64;
    place % slots < slots / 64
}

pub(crate) fn colliding_patterns(len: usize) -> Vec<u8> {
    chosen(
        len,
        |name| collides(name, len),
        |name| format!("mx: {name}\n"),
    )
}

/// As many as [`colliding_patterns`], and as long.
pub(crate) fn honest_patterns(len: usize) -> Vec<u8> {
    chosen(len, |_| true, |name| format!("mx: {name}\n"))
}

pub(crate) fn colliding_extensions(len: usize) -> Vec<u8> {
    chosen(
        len,
        |name| collides(name, len),
        |name| format!("{name}: x\n"),
    )
}

/// As many as [`colliding_extensions`], and as long.
pub(crate) fn honest_extensions(len: usize) -> Vec<u8> {
    chosen(len, |_| true, |name| format!("{name}: x\n"))
}

/// All of them.
pub(crate) fn all() -> Vec<Shape> {
    let mut shapes = policies();
    shapes.extend(others());
    #[cfg(feature = "tlsrpt")]
    shapes.extend(reports());
    shapes
}

fn policies() -> Vec<Shape> {
    vec![
        shape("one line that is a field", POLICY, |len| {
            repeated(&format!("{GOOD}note: "), b"a", len)
        }),
        shape("one line that is none", POLICY, |len| {
            repeated("", b"a", len)
        }),
        shape("one mx of many labels", POLICY, |len| {
            repeated("mx: ", b"a.", len)
        }),
        shape("one mx of many names", POLICY, |len| {
            repeated("mx: ", b"a.b, ", len)
        }),
        shape("one mx of U-labels", POLICY, |len| {
            repeated("mx: ", "\u{fc}.".as_bytes(), len)
        }),
        shape("one max_age", POLICY, |len| {
            repeated("max_age: ", b"1,", len)
        }),
        shape("empty lines", POLICY, |len| repeated(GOOD, b"\n", len)),
        shape("empty lines in front", POLICY, |len| {
            [repeated("", b"\r\n", len), GOOD.into()].concat()
        }),
        shape("blank lines and others", POLICY, |len| {
            repeated(GOOD, b"\n#\n", len)
        }),
        shape("CR", POLICY, |len| repeated(GOOD, b"\r", len)),
        shape("NUL", POLICY, |len| repeated(GOOD, b"\0", len)),
        shape("0xff", POLICY, |len| repeated(GOOD, b"\xff", len)),
        shape("characters cut short", POLICY, |len| {
            repeated(GOOD, b"\xe2\x82", len)
        }),
        shape("UTF-16", POLICY, |len| repeated("", b"\n\0", len)),
        shape("front matter", POLICY, |len| {
            repeated("---\n", b"a: b\n", len)
        }),
        shape("semicolons", POLICY, |len| repeated("", b";", len)),
        shape("commas", POLICY, |len| repeated("mx: a.b", b",", len)),
        shape("one field again", POLICY, |len| {
            numbered(GOOD, len, |number| format!("mode: m{number}\n"))
        }),
        shape("one pattern again", POLICY, |len| {
            repeated(GOOD, b"mx: mx.host.net\n", len)
        }),
        shape("one extension again", POLICY, |len| {
            repeated(GOOD, b"note: x\n", len)
        }),
        shape("misspelt names", POLICY, |len| {
            repeated(GOOD, b"max-age: 1\nmodes: x\n", len)
        }),
        shape("space before colons", POLICY, |len| {
            numbered(GOOD, len, |number| format!("note{number} : x\n"))
        }),
        shape("different extensions", POLICY, honest_extensions),
        shape("colliding extensions", POLICY, colliding_extensions),
        shape("different patterns", POLICY, honest_patterns),
        shape("colliding patterns", POLICY, colliding_patterns),
        shape("names and wildcards", POLICY, |len| {
            numbered(GOOD, len, |number| {
                format!("mx: *.n{number}.net\nmx: MX.n{number}.net\n")
            })
        }),
        shape("labels of 63 octets", POLICY, |len| {
            let label = "a".repeat(57);
            numbered(GOOD, len, |number| {
                format!(
                    "mx: {label}{:06}.{label}.{label}.{label}\n",
                    number % 1_000_000
                )
            })
        }),
        shape("names of 126 labels", POLICY, |len| {
            let labels = "a.".repeat(123);
            numbered(GOOD, len, |number| {
                format!("mx: {labels}n{:06}\n", number % 1_000_000)
            })
        }),
        shape("labels too long", POLICY, |len| {
            numbered(GOOD, len, |number| {
                format!("mx: {}{number}.net\n", "a".repeat(64))
            })
        }),
        shape("names with final dots", POLICY, |len| {
            numbered(GOOD, len, |number| format!("mx: mx{number}.host.net.\n"))
        }),
        shape("A-labels that are none", POLICY, |len| {
            numbered(GOOD, len, |number| format!("mx: xn--{number}.host.net\n"))
        }),
        shape("addresses", POLICY, |len| {
            numbered(GOOD, len, |number| {
                format!("mx: 192.0.2.{}\n", number % 256)
            })
        }),
    ]
}

fn others() -> Vec<Shape> {
    vec![
        shape("semicolons", RECORD, |len| repeated("", b";", len)),
        shape("semicolons behind", RECORD, |len| {
            repeated("v=STSv1; id=1", b"; ", len)
        }),
        shape("one id", RECORD, |len| repeated("v=STSv1; id=", b"1", len)),
        shape("different fields", RECORD, |len| {
            numbered("v=STSv1; id=1", len, |number| format!("; n{number}=x"))
        }),
        shape("one field again", RECORD, |len| {
            repeated("v=STSv1; id=1", b"; id=1", len)
        }),
        shape("addresses", RECORD, |len| {
            repeated("v=TLSRPTv1; rua=", b"mailto:a@b.net,", len)
        }),
        shape("commas", RECORD, |len| {
            repeated("v=TLSRPTv1; rua=", b",", len)
        }),
        shape("per cent", RECORD, |len| {
            repeated("v=TLSRPTv1; rua=mailto:", b"%", len)
        }),
        shape("quotes", RECORD, |len| repeated("v=STSv1", b"\\\"", len)),
        shape("records", ANSWER, |len| {
            repeated("", b"v=STSv1; id=1\n", len)
        }),
        shape("records of others", ANSWER, |len| {
            repeated("", b"v=spf1 -all\nv=stsv1\n", len)
        }),
        shape("empty records", ANSWER, |len| repeated("", b"\n", len)),
        shape("labels", NAME, |len| repeated("", b"a.", len)),
        shape("one label", NAME, |len| repeated("", b"a", len)),
        shape("dots", NAME, |len| repeated("", b".", len)),
        shape("U-labels", NAME, |len| {
            repeated("", "\u{fc}.".as_bytes(), len)
        }),
        shape("one U-label", NAME, |len| {
            repeated("", "\u{4e00}\u{fc}".as_bytes(), len)
        }),
        shape("ignored characters", NAME, |len| {
            repeated("", "\u{ad}".as_bytes(), len)
        }),
        shape("marks", NAME, |len| {
            repeated("a", "\u{301}\u{323}".as_bytes(), len)
        }),
        shape("empty lines", PLACES, |len| repeated("", b"\n", len)),
        shape("one line", PLACES, |len| repeated("", b"\xff", len)),
        shape("different patterns", ENTRY, honest_patterns),
        shape("colliding patterns", ENTRY, colliding_patterns),
        shape("different extensions", ENTRY, honest_extensions),
        shape("different patterns", AUDIT, honest_patterns),
        shape("names and wildcards", AUDIT, |len| {
            numbered(GOOD, len, |number| {
                format!("mx: *.n{number}.net\nmx: mx.n{number}.net\n")
            })
        }),
    ]
}

#[cfg(feature = "tlsrpt")]
fn reports() -> Vec<Shape> {
    /// A report with one member more.
    fn with(member: &[u8]) -> Vec<u8> {
        [br#"{"policies": [{}], "#, member, b"}"].concat()
    }
    fn listed(text: &[u8]) -> Vec<u8> {
        [br#"{"policies": ["#, text, b"{}]}"].concat()
    }
    vec![
        shape("brackets", REPORT, |len| {
            with(&repeated("\"x\": ", b"[", len))
        }),
        shape("braces", REPORT, |len| {
            with(&repeated("\"x\": ", b"{\"a\":", len))
        }),
        shape("as deep as may be", REPORT, |len| {
            let deep = "[".repeat(30) + &"]".repeat(30) + ",";
            with(&[&repeated("\"x\": [", deep.as_bytes(), len)[..], b"0]"].concat())
        }),
        shape("one string", REPORT, |len| {
            with(&[&repeated("\"organization-name\": \"", b"a", len)[..], b"\""].concat())
        }),
        shape("escapes", REPORT, |len| {
            with(
                &[
                    &repeated("\"organization-name\": \"", br"\ud83d\ude00", len)[..],
                    b"\"",
                ]
                .concat(),
            )
        }),
        shape("one member again", REPORT, |len| {
            with(&[&repeated("", b"\"x\": 1, ", len)[..], b"\"y\": 1"].concat())
        }),
        shape("one number", REPORT, |len| {
            with(&repeated("\"x\": 0.", b"9", len))
        }),
        shape("different members", REPORT, |len| {
            let members = numbered("", len, |number| format!("\"n{number}\": 1, "));
            with(&[&members[..], b"\"y\": 1"].concat())
        }),
        shape("empty policies", REPORT, |len| {
            listed(&repeated("", b"{},", len))
        }),
        shape("policies", REPORT, |len| {
            listed(&numbered("", len, |number| {
                format!(
                    "{{\"policy\": {{\"policy-type\": \"sts\", \"policy-domain\": \"n{number}.net\"}}, \
                     \"summary\": {{\"total-successful-session-count\": 1, \"total-failure-session-count\": 1}}}},"
                )
            }))
        }),
        shape("failures", REPORT, |len| {
            let failures = numbered("", len, |number| {
                format!(
                    "{{\"result-type\": \"t{number}\", \"receiving-mx-hostname\": \"n{number}.net\", \
                     \"failed-session-count\": 1}},"
                )
            });
            listed(&[&b"{\"failure-details\": ["[..], &failures, b"{}]},"].concat())
        }),
        shape("packed list", REPORT, |len| {
            let list = repeated("{\"policy\": {\"policy-string\": \"[", b"\\\"a\\\",", len);
            listed(&[&list[..], b"\\\"a\\\"]\"}},"].concat())
        }),
    ]
}
