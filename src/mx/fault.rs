//! What people write in place of a pattern, and what they mean. Never on the way of a good value.

use super::check;
use crate::domain::{self, NameFault};
use crate::error::ErrorKind;
use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

/// What is wrong with `value`, which is no pattern. The most telling kind wins: a URL is a URL, not a name with a colon in it.
pub(crate) fn fault(value: &[u8]) -> ErrorKind {
    let Ok(text) = core::str::from_utf8(value) else {
        return ErrorKind::MxCharacter;
    };
    if text.is_empty() {
        return ErrorKind::MxEmpty;
    }
    if text.contains("://") {
        return ErrorKind::MxScheme;
    }
    if after_priority(text).is_some() {
        return ErrorKind::MxPriority;
    }
    if several(text).is_some() {
        return ErrorKind::MxSeveral;
    }
    if is_address(text) {
        return ErrorKind::MxAddressLiteral;
    }
    if before_port(text).is_some() {
        return ErrorKind::MxPort;
    }
    if text.contains(['<', '>', '[', ']', '{', '}']) {
        return ErrorKind::MxPlaceholder;
    }
    if !text.is_ascii() {
        return ErrorKind::MxULabel;
    }
    if text
        .split('.')
        .any(|label| label.contains('_') && is_template(label.as_bytes()))
    {
        return ErrorKind::MxPlaceholder;
    }
    let name = text.strip_prefix("*.").unwrap_or(text).as_bytes();
    if name.is_empty() || name.contains(&b'*') {
        return ErrorKind::MxWildcard;
    }
    domain::check_name(name).map_or_else(kind, |()| ErrorKind::MxCharacter)
}

/// The top-level domains that nobody has (RFC 2606), and the favourite of templates.
pub(crate) fn is_reserved(top_level: &[u8]) -> bool {
    const RESERVED: [&[u8]; 4] = [b"example", b"invalid", b"test", b"tld"];
    matches!(top_level, [b'e' | b'i' | b't' | b'E' | b'I' | b'T', ..])
        && is_one_of(&RESERVED, top_level)
}

/// A label that stands for the reader's own: `mail.example.com`, `mx.yourdomain.com`.
pub(crate) fn is_template(label: &[u8]) -> bool {
    const NAMES: [&[u8]; 7] = [
        b"example",
        b"yourdomain",
        b"your-domain",
        b"your_domain",
        b"mydomain",
        b"my-domain",
        b"your-domain-name",
    ];
    matches!(label, [b'e' | b'm' | b'y' | b'E' | b'M' | b'Y', ..]) && is_one_of(&NAMES, label)
}

#[cold]
fn is_one_of(names: &[&[u8]], label: &[u8]) -> bool {
    names.iter().any(|name| label.eq_ignore_ascii_case(name))
}

const fn kind(fault: NameFault) -> ErrorKind {
    match fault {
        NameFault::Empty => ErrorKind::MxEmpty,
        NameFault::TooLong => ErrorKind::MxTooLong,
        NameFault::LabelEmpty => ErrorKind::MxLabelEmpty,
        NameFault::LabelTooLong => ErrorKind::MxLabelTooLong,
        NameFault::Hyphen => ErrorKind::MxHyphen,
        NameFault::Underscore => ErrorKind::MxUnderscore,
        NameFault::Character => ErrorKind::MxCharacter,
        NameFault::TrailingDot => ErrorKind::MxTrailingDot,
    }
}

/// The right value in place of `value`, where it is certain: one pattern, or several to be given a line each.
pub(crate) fn correction(value: &[u8], kind: ErrorKind) -> Option<Vec<Cow<'_, str>>> {
    let text = core::str::from_utf8(value).ok()?;
    let one = |text| Some(alloc::vec![Cow::Borrowed(text)]);
    match kind {
        ErrorKind::MxTrailingDot => one(pattern(text)?),
        ErrorKind::MxScheme => {
            let (_, rest) = text.split_once("://")?;
            one(pattern(rest.strip_suffix('/').unwrap_or(rest))?)
        }
        ErrorKind::MxPort => one(before_port(text)?),
        ErrorKind::MxPriority => one(after_priority(text)?),
        ErrorKind::MxSeveral => Some(several(text)?.into_iter().map(Cow::Borrowed).collect()),
        ErrorKind::MxULabel => {
            let (star, name) = match text.strip_prefix("*.") {
                Some(name) => ("*.", name),
                None => ("", text),
            };
            let mut pattern = String::from(star);
            pattern.push_str(&domain::to_a_labels(name)?);
            check(pattern.as_bytes()).ok()?;
            Some(alloc::vec![Cow::Owned(pattern)])
        }
        _ => None,
    }
}

/// A pattern, perhaps with a final dot, which is left out.
fn pattern(text: &str) -> Option<&str> {
    let text = text.strip_suffix('.').unwrap_or(text);
    check(text.as_bytes()).is_ok().then_some(text)
}

/// The names in `Priority 5: mx.example.net`, `10 mx.example.net`: behind numbers and the word.
fn after_priority(text: &str) -> Option<&str> {
    let (before, name) = text.trim_end().rsplit_once([' ', '\t'])?;
    let is_priority = |word: &str| {
        let word = word.strip_suffix(':').unwrap_or(word);
        let number = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
        number || word.eq_ignore_ascii_case("priority")
    };
    let mut words = before
        .split([' ', '\t'])
        .filter(|word| !word.is_empty())
        .peekable();
    words.peek()?;
    words.all(is_priority).then(|| pattern(name))?
}

/// Two names or more, separated by commas, semicolons or white space.
fn several(text: &str) -> Option<Vec<&str>> {
    let words = text
        .split([' ', '\t', ',', ';'])
        .filter(|word| !word.is_empty());
    let names: Vec<_> = words
        .map(|word| pattern(word).filter(|name| name.contains('.')))
        .collect::<Option<_>>()?;
    (names.len() > 1).then_some(names)
}

/// The name in `mx.example.net:25`.
fn before_port(text: &str) -> Option<&str> {
    let (name, port) = text.rsplit_once(':')?;
    let digits = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    if digits { pattern(name) } else { None }
}

/// `[192.0.2.1]`, `[IPv6:2001:db8::1]`, or an IPv6 address without brackets. A dotted quad without brackets is a name
/// by the grammar, and never asked about.
fn is_address(text: &str) -> bool {
    let inner = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'));
    let inner = inner.unwrap_or(text);
    let tagged = inner
        .get(..5)
        .is_some_and(|tag| tag.eq_ignore_ascii_case("ipv6:"));
    let address = if tagged { inner.get(5..) } else { Some(inner) };
    address.is_some_and(|text| text.parse::<core::net::IpAddr>().is_ok())
}
