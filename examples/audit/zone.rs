//! `zone.txt`: DNS records as lines of a zone file (RFC 1035 §5.1) with absolute names, as `dig +noall +answer` prints them too.

use mta_sts::DnsError;
use std::fmt;

/// One line.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Record {
    /// In lower case, without a final dot.
    pub(crate) owner: String,
    pub(crate) data: Data,
}

#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Data {
    /// The character-strings.
    Txt(Vec<Vec<u8>>),
    /// The preference and the name of the host, without a final dot but for a null MX.
    Mx(u16, String),
    /// The name that it leads to, in lower case, without a final dot.
    Cname(String),
    /// In place of the data: there is no such record, or none can be had.
    Nothing(Type, DnsError),
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Type {
    Txt,
    Mx,
}

/// The words that stand in place of data.
const NOTHING: &[(&str, DnsError)] = &[
    ("NXDOMAIN", DnsError::NoSuchDomain),
    ("NODATA", DnsError::NoData),
    ("SERVFAIL", DnsError::ServerFailure),
    ("BOGUS", DnsError::Bogus),
    ("TIMEOUT", DnsError::Timeout),
    ("ERROR", DnsError::Other),
];

/// The TXT, MX and CNAME records; those of other types are passed over.
pub(crate) fn parse(text: &str) -> Result<Vec<Record>, String> {
    let mut records = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let record = parse_line(line).map_err(|error| format!("line {}: {error}", number + 1))?;
        records.extend(record);
    }
    Ok(records)
}

fn parse_line(line: &str) -> Result<Option<Record>, &'static str> {
    if line.starts_with([' ', '\t']) && !line.trim().is_empty() {
        return Err("the name is missing; it must stand in each line");
    }
    let (owner, mut rest) = cut(line);
    if owner.is_empty() || owner.starts_with(';') {
        return Ok(None);
    }
    // A TTL and a class may stand in between, in either order.
    let (kind, data) = loop {
        let (word, behind) = cut(rest);
        let is_ttl = word.bytes().all(|byte| byte.is_ascii_digit());
        match word {
            "" => return Err("there is no record type"),
            _ if is_ttl || word.eq_ignore_ascii_case("IN") => rest = behind,
            _ => break (word, behind),
        }
    };
    let data = match kind.to_ascii_uppercase().as_str() {
        "TXT" => match nothing(data) {
            Some(error) => Data::Nothing(Type::Txt, error),
            None => Data::Txt(strings(data)?),
        },
        "MX" => match nothing(data) {
            Some(error) => Data::Nothing(Type::Mx, error),
            None => mx(data).ok_or("write an MX record as `10 mx1.example.net.`")?,
        },
        "CNAME" => Data::Cname(name(cut(data).0)),
        _ => return Ok(None),
    };
    Ok(Some(Record {
        owner: name(owner),
        data,
    }))
}

/// The first word, and what is behind it.
fn cut(text: &str) -> (&str, &str) {
    let text = text.trim();
    let end = text.find([' ', '\t']).unwrap_or(text.len());
    (&text[..end], text[end..].trim_start())
}

pub(crate) fn name(text: &str) -> String {
    text.strip_suffix('.').unwrap_or(text).to_lowercase()
}

fn nothing(data: &str) -> Option<DnsError> {
    let (word, _) = cut(data);
    let mut words = NOTHING.iter();
    words
        .find(|(name, _)| *name == word)
        .map(|(_, error)| *error)
}

fn mx(data: &str) -> Option<Data> {
    let mut words = data.split_whitespace();
    let preference = words.next()?.parse().ok()?;
    let host = words.next()?;
    let host = match host.strip_suffix('.') {
        None | Some("") => host,
        Some(host) => host,
    };
    Some(Data::Mx(preference, host.to_owned()))
}

/// The character-strings between quotes; `\"`, `\\` and `\195` stand for a byte each.
fn strings(data: &str) -> Result<Vec<Vec<u8>>, &'static str> {
    let mut strings = Vec::new();
    let mut rest = data.bytes();
    loop {
        match rest.next() {
            Some(b'"') => strings.push(string(&mut rest)?),
            Some(b' ' | b'\t') => {}
            Some(b';') | None => break,
            Some(_) => return Err("the strings of a TXT record stand in quotes"),
        }
    }
    if strings.is_empty() {
        return Err("the TXT record has no string");
    }
    Ok(strings)
}

/// What stands before the closing quote.
fn string(rest: &mut impl Iterator<Item = u8>) -> Result<Vec<u8>, &'static str> {
    let mut string = Vec::new();
    let end = "there is no closing quote";
    loop {
        match rest.next().ok_or(end)? {
            b'"' => return Ok(string),
            b'\\' => {
                let escaped = rest.next().ok_or(end)?;
                if !escaped.is_ascii_digit() {
                    string.push(escaped);
                    continue;
                }
                let mut number = u16::from(escaped - b'0');
                for _ in 0..2 {
                    let digit = rest.next().filter(u8::is_ascii_digit);
                    let digit = digit.ok_or("a backslash and a digit want two more digits")?;
                    number = 10 * number + u16::from(digit - b'0');
                }
                let byte = u8::try_from(number);
                string.push(byte.map_err(|_| "no byte has a number over 255")?);
            }
            byte => string.push(byte),
        }
    }
}

/// The line without its TTL.
impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}. IN ", self.owner)?;
        match &self.data {
            Data::Txt(strings) => {
                f.write_str("TXT")?;
                for string in strings {
                    write!(f, " \"{}\"", Escaped(string))?;
                }
                Ok(())
            }
            Data::Mx(preference, host) if host == "." => write!(f, "MX {preference} ."),
            Data::Mx(preference, host) => write!(f, "MX {preference} {host}."),
            Data::Cname(target) => write!(f, "CNAME {target}."),
            Data::Nothing(kind, error) => {
                let kind = match kind {
                    Type::Txt => "TXT",
                    Type::Mx => "MX",
                };
                let word = NOTHING.iter().find(|(_, known)| known == error);
                write!(f, "{kind} {}", word.map_or("ERROR", |(word, _)| *word))
            }
        }
    }
}

struct Escaped<'a>(&'a [u8]);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for &byte in self.0 {
            match byte {
                b'"' | b'\\' => write!(f, "\\{}", char::from(byte))?,
                b' '..=b'~' => write!(f, "{}", char::from(byte))?,
                _ => write!(f, "\\{byte:03}")?,
            }
        }
        Ok(())
    }
}
