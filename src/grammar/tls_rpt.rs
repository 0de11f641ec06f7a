//! The report addresses of a TLS reporting record, RFC 8460 §3: URIs of RFC 3986, and the mailboxes of `mailto`.
//!
//! ```text
//! tlsrpt-record    = tlsrpt-version 1*(field-delim tlsrpt-field) [field-delim]
//! field-delim      = *WSP ";" *WSP
//! tlsrpt-field     = tlsrpt-rua / tlsrpt-extension
//! tlsrpt-version   = %s"v=TLSRPTv1"
//! tlsrpt-rua       = %s"rua=" tlsrpt-uri *(*WSP "," *WSP tlsrpt-uri)
//! tlsrpt-extension = tlsrpt-ext-name "=" tlsrpt-ext-value
//! ```
//!
//! The caller cuts the fields and their lists: neither `;` nor `,` occurs in a `tlsrpt-uri`.

use super::{Mismatch, Parsed, literal};
use core::net::Ipv6Addr;
use core::str::FromStr;
use nom::branch::alt;
use nom::combinator::{map, opt, recognize, success};
use nom::multi::{many0_count, many1_count};
use nom::sequence::{delimited, pair, preceded, terminated};
use nom::{Err, Parser};

/// What of a URI is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Uri<'a> {
    /// `None` without `//`; may be empty.
    pub(crate) host: Option<&'a [u8]>,
    pub(crate) path: &'a [u8],
}

/// `tlsrpt-uri = URI`, in which `,`, `!` and `;` must be encoded
///
/// `URI = scheme ":" hier-part [ "?" query ] [ "#" fragment ]`
pub(crate) fn tlsrpt_uri(input: &[u8]) -> Parsed<'_, Uri<'_>> {
    let behind = (
        opt(preceded(literal(b"?"), query)),
        opt(preceded(literal(b"#"), query)),
    );
    let uri = delimited(pair(scheme, literal(b":")), hier_part, behind);
    map(uri, |(host, path)| Uri { host, path }).parse(input)
}

/// `scheme = ALPHA *( ALPHA / DIGIT / "+" / "-" / "." )`
pub(crate) fn scheme(input: &[u8]) -> Parsed<'_> {
    let first = |input| one(input, |byte| byte.is_ascii_alphabetic());
    let other = |input| {
        one(input, |byte| {
            byte.is_ascii_alphanumeric() || b"+-.".contains(&byte)
        })
    };
    recognize(pair(first, many0_count(other))).parse(input)
}

/// `hier-part = "//" authority path-abempty / path-absolute / path-rootless / path-empty`
///
/// Yields host and path.
fn hier_part(input: &[u8]) -> Parsed<'_, (Option<&[u8]>, &[u8])> {
    let with_authority = pair(preceded(literal(b"//"), authority), path_abempty);
    let without = alt((path_absolute, path_rootless, path_empty));
    alt((
        map(with_authority, |(host, path)| (Some(host), path)),
        map(without, |path| (None, path)),
    ))
    .parse(input)
}

/// `authority = [ userinfo "@" ] host [ ":" port ]`
///
/// Yields the host.
fn authority(input: &[u8]) -> Parsed<'_> {
    let before = opt(terminated(userinfo, literal(b"@")));
    let behind = opt(preceded(literal(b":"), port));
    delimited(before, host, behind).parse(input)
}

/// `userinfo = *( unreserved / pct-encoded / sub-delims / ":" )`
fn userinfo(input: &[u8]) -> Parsed<'_> {
    recognize(many0_count(alt((plain, literal(b":"))))).parse(input)
}

/// `host = IP-literal / IPv4address / reg-name`
///
/// An `IPv4address` is a `reg-name`.
fn host(input: &[u8]) -> Parsed<'_> {
    alt((ip_literal, reg_name)).parse(input)
}

/// `port = *DIGIT`
fn port(input: &[u8]) -> Parsed<'_> {
    recognize(many0_count(|input| {
        one(input, |byte| byte.is_ascii_digit())
    }))
    .parse(input)
}

/// `IP-literal = "[" ( IPv6address / IPvFuture ) "]"`
fn ip_literal(input: &[u8]) -> Parsed<'_> {
    let address = alt((ipv6_address, ipv_future));
    recognize(delimited(literal(b"["), address, literal(b"]"))).parse(input)
}

/// `IPv6address`: what the standard library reads, which is the same
fn ipv6_address(input: &[u8]) -> Parsed<'_> {
    let belongs = |byte: &&u8| byte.is_ascii_hexdigit() || b":.".contains(byte);
    let len = input.iter().take_while(belongs).count();
    let is_address = |text| Ipv6Addr::from_str(text).is_ok();
    match input.split_at_checked(len) {
        Some((text, rest)) if core::str::from_utf8(text).is_ok_and(is_address) => Ok((rest, text)),
        _ => Err(Err::Error(Mismatch)),
    }
}

/// `IPvFuture = "v" 1*HEXDIG "." 1*( unreserved / sub-delims / ":" )`
fn ipv_future(input: &[u8]) -> Parsed<'_> {
    let v = |input| one(input, |byte| b"vV".contains(&byte));
    let hexdig = |input| one(input, |byte| byte.is_ascii_hexdigit());
    let other = |input| one(input, |byte| is_unencoded(byte) || byte == b':');
    recognize((v, many1_count(hexdig), literal(b"."), many1_count(other))).parse(input)
}

/// `reg-name = *( unreserved / pct-encoded / sub-delims )`
fn reg_name(input: &[u8]) -> Parsed<'_> {
    recognize(many0_count(plain)).parse(input)
}

/// `path-abempty = *( "/" segment )`
fn path_abempty(input: &[u8]) -> Parsed<'_> {
    recognize(many0_count(pair(literal(b"/"), segment))).parse(input)
}

/// `path-absolute = "/" [ segment-nz *( "/" segment ) ]`
fn path_absolute(input: &[u8]) -> Parsed<'_> {
    recognize(pair(literal(b"/"), opt(path_rootless))).parse(input)
}

/// `path-rootless = segment-nz *( "/" segment )`
fn path_rootless(input: &[u8]) -> Parsed<'_> {
    recognize(pair(segment_nz, path_abempty)).parse(input)
}

/// `path-empty = 0<pchar>`
fn path_empty(input: &[u8]) -> Parsed<'_> {
    success(&b""[..]).parse(input)
}

/// `segment = *pchar`
fn segment(input: &[u8]) -> Parsed<'_> {
    recognize(many0_count(pchar)).parse(input)
}

/// `segment-nz = 1*pchar`
fn segment_nz(input: &[u8]) -> Parsed<'_> {
    recognize(many1_count(pchar)).parse(input)
}

/// `query = *( pchar / "/" / "?" )`, and `fragment` is the same
fn query(input: &[u8]) -> Parsed<'_> {
    let slash = |input| one(input, |byte| b"/?".contains(&byte));
    recognize(many0_count(alt((pchar, slash)))).parse(input)
}

/// `pchar = unreserved / pct-encoded / sub-delims / ":" / "@"`
fn pchar(input: &[u8]) -> Parsed<'_> {
    let sign = |input| one(input, |byte| b":@".contains(&byte));
    alt((plain, sign)).parse(input)
}

/// `unreserved / pct-encoded / sub-delims`
fn plain(input: &[u8]) -> Parsed<'_> {
    alt((|input| one(input, is_unencoded), pct_encoded)).parse(input)
}

/// `pct-encoded = "%" HEXDIG HEXDIG`
fn pct_encoded(input: &[u8]) -> Parsed<'_> {
    let hexdig = |input| one(input, |byte| byte.is_ascii_hexdigit());
    recognize((literal(b"%"), hexdig, hexdig)).parse(input)
}

/// `unreserved / sub-delims`, without those that must be encoded
///
/// ```text
/// unreserved = ALPHA / DIGIT / "-" / "." / "_" / "~"
/// sub-delims = "$" / "&" / "'" / "(" / ")" / "*" / "+" / "="
/// ```
fn is_unencoded(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~$&'()*+=".contains(&byte)
}

/// `Local-part = Dot-string / Quoted-string`, of RFC 5321 §4.1.2, with the characters beyond ASCII of RFC 6531 §3.3
pub(crate) fn local_part(input: &[u8]) -> Parsed<'_> {
    alt((dot_string, quoted_string)).parse(input)
}

/// `Dot-string = Atom *("." Atom)`
fn dot_string(input: &[u8]) -> Parsed<'_> {
    recognize(pair(atom, many0_count(preceded(literal(b"."), atom)))).parse(input)
}

/// `Atom = 1*atext`
fn atom(input: &[u8]) -> Parsed<'_> {
    let atext = |input| {
        one(input, |byte| {
            byte.is_ascii_alphanumeric()
                || !byte.is_ascii()
                || b"!#$%&'*+-/=?^_`{|}~".contains(&byte)
        })
    };
    recognize(many1_count(atext)).parse(input)
}

/// `Quoted-string = DQUOTE *QcontentSMTP DQUOTE`
fn quoted_string(input: &[u8]) -> Parsed<'_> {
    let quoted = delimited(literal(b"\""), many0_count(qcontent_smtp), literal(b"\""));
    recognize(quoted).parse(input)
}

/// `QcontentSMTP = qtextSMTP / quoted-pairSMTP`
fn qcontent_smtp(input: &[u8]) -> Parsed<'_> {
    let printable = |byte: u8| !byte.is_ascii_control();
    let qtext = |input| one(input, |byte| printable(byte) && !b"\"\\".contains(&byte));
    let quoted_pair = |input| one(input, |byte| printable(byte) && byte.is_ascii());
    alt((qtext, preceded(literal(b"\\"), quoted_pair))).parse(input)
}

/// One byte that belongs.
fn one(input: &[u8], belongs: impl Fn(u8) -> bool) -> Parsed<'_> {
    match input.split_at_checked(1) {
        Some((byte, rest)) if byte.iter().all(|&byte| belongs(byte)) => Ok((rest, byte)),
        _ => Err(Err::Error(Mismatch)),
    }
}
