//! `zone.txt`: what the DNS answered, as lines of a zone file.

use crate::facts::Facts;
use mta_sts::{DnsError, TxtAnswer};
use std::fmt::Write;

/// The most octets of a character-string (RFC 1035 §3.3).
const MAX_STRING: usize = 255;

pub(crate) fn text(facts: &Facts) -> String {
    let mut zone = Zone::default();
    let name = facts.domain.record_name();
    match &facts.record_alias {
        Some(target) => {
            zone.line(&name, &format!("CNAME {target}."));
            zone.txt(target, &facts.record);
        }
        None => zone.txt(&name, &facts.record),
    }
    for (name, answer) in &facts.elsewhere {
        zone.txt(name, answer);
    }
    if let (Some(name), Some(answer)) = (facts.domain.tls_rpt_name(), &facts.tls_rpt) {
        zone.txt(&name, answer);
    }
    let domain = facts.domain.as_str();
    match &facts.mx {
        Ok(hosts) => {
            for mx in hosts {
                let host = match mx.host.as_str() {
                    "." => "",
                    host => host,
                };
                zone.line(domain, &format!("MX {} {host}.", mx.preference));
            }
        }
        Err(error) => zone.line(domain, &format!("MX {}", word(*error))),
    }
    zone.0
}

#[derive(Default)]
struct Zone(String);

impl Zone {
    fn line(&mut self, name: &str, data: &str) {
        self.0.extend([name, ". IN ", data, "\n"]);
    }

    fn txt(&mut self, name: &str, answer: &Result<TxtAnswer, DnsError>) {
        match answer {
            Ok(answer) => {
                for record in answer {
                    self.line(name, &format!("TXT{}", strings(record)));
                }
            }
            Err(error) => self.line(name, &format!("TXT {}", word(*error))),
        }
    }
}

/// A record as character-strings in quotes, each behind a space. It may have been cut elsewhere, which means nothing.
fn strings(record: &[u8]) -> String {
    if record.is_empty() {
        return r#" """#.to_owned();
    }
    let mut out = String::new();
    for string in record.chunks(MAX_STRING) {
        out += " \"";
        for &octet in string {
            match octet {
                b'"' | b'\\' => out.extend(['\\', char::from(octet)]),
                b' '..=b'~' => out.push(char::from(octet)),
                // To write to a string cannot fail.
                _ => {
                    let _ = write!(out, "\\{octet:03}");
                }
            }
        }
        out.push('"');
    }
    out
}

/// The word that stands in place of data.
const fn word(error: DnsError) -> &'static str {
    match error {
        DnsError::NoSuchDomain => "NXDOMAIN",
        DnsError::NoData => "NODATA",
        DnsError::ServerFailure => "SERVFAIL",
        DnsError::Bogus => "BOGUS",
        DnsError::Timeout => "TIMEOUT",
        _ => "ERROR",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn character_strings() {
        assert_eq!(strings(b""), r#" """#);
        assert_eq!(strings(b"v=STSv1; id=1"), r#" "v=STSv1; id=1""#);
        assert_eq!(strings(b"\"\\\n\xc3"), r#" "\"\\\010\195""#);
        let long = strings(&[b'x'; 256]);
        assert_eq!(
            long.split_whitespace().map(str::len).collect::<Vec<_>>(),
            [257, 3]
        );
    }
}
