//! Lines of a zone file (RFC 1035 §5.1).

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write as _;
use core::time::Duration;

/// The most octets of one character-string (RFC 1035 §3.3).
const MAX_STRING: usize = 255;

pub(super) fn txt(name: &str, ttl: Duration, text: &str) -> String {
    let strings: Vec<String> = text.as_bytes().chunks(MAX_STRING).map(quoted).collect();
    format!("{name}. {} IN TXT {}", ttl.as_secs(), strings.join(" "))
}

pub(super) fn cname(name: &str, ttl: Duration, target: &str) -> String {
    format!("{name}. {} IN CNAME {target}.", ttl.as_secs())
}

/// A character-string in quotes: quotes and backslashes behind a backslash, what is not printable as `\DDD`.
fn quoted(bytes: &[u8]) -> String {
    let mut quoted = String::from('"');
    for &byte in bytes {
        match byte {
            b'"' | b'\\' => quoted.extend(['\\', char::from(byte)]),
            b' '..=b'~' => quoted.push(char::from(byte)),
            // Writing to a string does not fail.
            _ => write!(quoted, "\\{byte:03}").unwrap_or_default(),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn strings_are_quoted_and_split() {
        let ttl = Duration::from_secs(60);
        assert_eq!(
            txt("a.example", ttl, r#"a"b\c"#),
            r#"a.example. 60 IN TXT "a\"b\\c""#
        );
        assert_eq!(
            txt("a.example", ttl, "é\t;"),
            r#"a.example. 60 IN TXT "\195\169\009;""#
        );
        let long = "x".repeat(256);
        let line = txt("a.example", ttl, &long);
        assert_eq!(
            line,
            format!("a.example. 60 IN TXT \"{}\" \"x\"", "x".repeat(255)).to_string()
        );
    }
}
