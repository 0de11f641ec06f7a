//! Records that are nearly right.

use crate::near::{Text, mutated};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// Fields of records, most of them wrong in some way, and delimiters likewise.
const FIELDS: [&str; 40] = [
    "id=1",
    "id=20160831085700Z",
    "id=2",
    "id=",
    "id=2016-08-31",
    "id",
    "id:1",
    "id = 1",
    "id= 1",
    "ID=1",
    "ids=1",
    "id=é",
    "id=111111111111111111111111111111111",
    "v=STSv1",
    "V=STSv1",
    "v=stsv1",
    "v = STSv1",
    "v=STSv2",
    "v",
    "a=b",
    "a=c",
    "A=b",
    "a=",
    "=b",
    "a",
    "a = b",
    "a=b c",
    "a=b=c",
    "a=\"b\"",
    "a=b\\",
    "_a=b",
    "a b=c",
    "a-_.9=!<>~",
    "",
    " ",
    "\t",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa=b",
    "a=\u{7f}",
    "a=\n",
    "rua=mailto:a@host.net",
];

fn delimiter() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        12 => Just("; "), 6 => Just(";"), 2 => Just(" ; "), 2 => Just("\t;\t"), 1 => Just(";;"),
        1 => Just("; ; "), 1 => Just(" "), 1 => Just(","), 1 => Just("\\; "), 1 => Just("\" \""),
    ]
}

/// Fields of TLS reporting records; most are lists of addresses, and most of those are wrong in some way.
const TLS_RPT_FIELDS: [&str; 47] = [
    "rua=mailto:tls@host.net",
    "rua=mailto:tls@host.net,https://host.net/tls",
    "rua=https://host.net/tls?a=b&c=d#e , mailto:tls@host.net",
    "rua=MAILTO:a%21b%40@host.net",
    "rua=http://[2001:db8::1]:80/",
    "rua=https://u:p@[v1.a:b]/%20",
    "rua=tls@host.net",
    "rua=tls@host.net,mailto:a@host.net",
    "rua=mailto:tls@host.net!10m",
    "rua=mailto:a!b@host.net",
    "rua=mailto:a@host.net, ,b@host.net",
    "rua=, mailto:a@host.net",
    "rua=,,mailto:a@host.net,,",
    "rua=mailto:a@host.net ,",
    "rua=mailto: a@host.net",
    "rua=mailto:a b@host.net",
    "rua=mailto:a@host.net mailto:b@host.net",
    "rua=mailto:%zz@host.net",
    "rua=mailto:%0d%0a@host.net",
    "rua=mailto:<a@host.net>",
    "rua=mailto:",
    "rua=mailto:host.net",
    "rua=mailto:%22a@b%22@host.net?subject=x",
    "rua=https:",
    "rua=https:///tls",
    "rua=https://[::1",
    "rua=https://a:b:c/",
    "rua=a#b#c",
    "rua=:",
    "rua=1a:b",
    "rua=x:",
    "rua=",
    "rua=,",
    "rua = mailto:tls@host.net",
    "rua",
    "rua:mailto:tls@host.net",
    "rua=mailto:bücher@host.net",
    "RUA=mailto:tls@host.net",
    "ruf=mailto:tls@host.net",
    "v=TLSRPTv1",
    "v=STSv1",
    "note=a",
    "note=b=c",
    "a b=c",
    "",
    " ",
    "x",
];

/// Texts that may be TLS reporting records.
pub(crate) fn tls_rpt_record() -> impl Strategy<Value = Text> {
    let start = prop_oneof![
        20 => Just("v=TLSRPTv1"), 1 => Just("v=tlsrptv1"), 1 => Just(" v=TLSRPTv1"),
        1 => Just("v = TLSRPTv1"), 1 => Just("\"v=TLSRPTv1"), 1 => Just("v=STSv1"),
    ];
    near(start, &TLS_RPT_FIELDS, "rua=mailto:tls@host.net")
}

/// Texts that may be records of either kind.
pub(crate) fn any_record() -> impl Strategy<Value = Text> {
    prop_oneof![record(), tls_rpt_record()]
}

/// Texts that may be records.
pub(crate) fn record() -> impl Strategy<Value = Text> {
    let start = prop_oneof![
        20 => Just("v=STSv1"), 1 => Just("v=stsv1"), 1 => Just(" v=STSv1"), 1 => Just("v = STSv1"),
        1 => Just("\"v=STSv1"), 1 => Just("v=STSv10"), 1 => Just("id=1"), 1 => Just("v=spf1 -all"),
    ];
    near(start, &FIELDS, "id=20160831085700Z")
}

/// Such a start, the necessary field most of the time, and others.
fn near(
    start: impl Strategy<Value = &'static str>,
    others: &'static [&'static str],
    necessary: &'static str,
) -> impl Strategy<Value = Text> {
    let fields = prop_oneof![
        6 => vec(select(others), 0..2).prop_map(|mut fields| {
            fields.push(necessary);
            fields
        }),
        4 => vec(select(others), 0..8),
    ];
    let end = prop_oneof![6 => Just(""), 6 => Just(";"), 1 => Just("; "), 1 => Just(" "), 1 => Just("\"")];
    let text = (start, fields, vec(delimiter(), 1..4), end).prop_map(
        |(start, fields, delimiters, end)| {
            let mut text = start.to_owned();
            for (number, field) in fields.into_iter().enumerate() {
                text.extend([delimiters[number % delimiters.len()], field]);
            }
            (text + end).into_bytes()
        },
    );
    prop_oneof![20 => mutated(text), 1 => any::<Vec<u8>>()].prop_map(Text)
}
