//! Names: of domains, and of MX hosts against patterns.

use crate::laws;
use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};
use mta_sts::{Domain, MaxAge, Mode, MxPattern, Policy, PolicyBuilder};
use std::borrow::Cow;
use std::str;

/// A name is accepted if it is a host name, after a conversion by the crate `idna` if it is not ASCII; what was accepted is accepted as the
/// same, in capitals, and in the form for people.
pub fn domain(text: &[u8]) {
    let Ok(text) = str::from_utf8(text) else {
        return;
    };
    laws::name(text);
    let is_number = |name: &str| {
        name.split('.')
            .all(|label| label.bytes().all(|it| it.is_ascii_digit()))
    };
    let expected = to_ascii(text).filter(|name| is_host_name(name) && !is_number(name));
    let parsed = text.parse::<Domain>();
    let name = parsed.as_ref().ok().map(Domain::as_str);
    assert_eq!(
        name,
        expected.map(|name| name.to_ascii_lowercase()).as_deref(),
        "{parsed:?}"
    );
    let Ok(domain) = parsed else { return };
    assert_eq!(text.to_ascii_uppercase().parse().as_ref(), Ok(&domain));
    // ASCII is not decoded: some A-labels stand for what is no U-label, and that is told elsewhere.
    let shown = to_unicode(domain.as_str()).filter(|shown| to_ascii(shown).is_some());
    if let Some(shown) = shown {
        assert_eq!(shown.parse().as_ref(), Ok(&domain), "{shown}");
    }
}

/// The first pattern that matches is the one that a comparison label by label finds. The last line is the host, those before it are patterns.
pub fn mx_match(text: &[u8]) {
    let Ok(text) = str::from_utf8(text) else {
        return;
    };
    let (patterns, host) = text.rsplit_once('\n').unwrap_or(("", text));
    let patterns: Vec<MxPattern> = patterns
        .lines()
        .filter_map(|line| line.parse().ok())
        .collect();
    let first = patterns
        .iter()
        .find(|pattern| is_match(pattern.as_str(), host));

    // Few patterns are walked, many are looked up: `many` has each of them several times.
    let builder = || Policy::builder(Mode::None, MaxAge::MAX);
    let few = patterns.iter().cloned().fold(builder(), PolicyBuilder::mx);
    let many = patterns.iter().cycle().take(patterns.len() * 20);
    let many = many.cloned().fold(builder(), PolicyBuilder::mx);
    let absolute = format!("{host}.");
    let absolute = if host.is_empty() || host.ends_with('.') {
        host
    } else {
        &absolute
    };
    for policy in [few, many].map(|builder| builder.build().expect("a policy")) {
        for host in [
            host,
            absolute,
            &host.to_ascii_uppercase(),
            &host.to_ascii_lowercase(),
        ] {
            let found = policy.matching_pattern(host).map(MxPattern::from);
            assert_eq!(found.as_ref(), first, "{host:?}");
            assert_eq!(policy.mx_matches(host), first.is_some(), "{host:?}");
        }
    }
    // That law puts names under `invalid` beside the pattern.
    if let Some(pattern) = patterns.first().filter(|_| !absolute.contains("invalid")) {
        laws::matching(pattern, host, is_match(pattern.as_str(), host));
    }
}

/// RFC 8461 §4.1, label by label: `*` is one whole left-most label, case and one final dot do not matter.
pub(crate) fn is_match(pattern: &str, host: &str) -> bool {
    let Some(host) = to_ascii(host.strip_suffix('.').unwrap_or(host)) else {
        return false;
    };
    let labels: Vec<_> = host.split('.').collect();
    let wanted: Vec<_> = pattern.split('.').collect();
    let mut pairs = wanted.iter().zip(&labels).enumerate();
    let is_same = pairs.all(|(place, (wanted, label))| {
        (place == 0 && *wanted == "*") || wanted.eq_ignore_ascii_case(label)
    });
    host.len() <= 253 && !labels.contains(&"") && wanted.len() == labels.len() && is_same
}

/// A name in A-labels: UTS #46, non-transitional, with the rules for host names and the lengths of the DNS.
fn to_ascii(name: &str) -> Option<Cow<'_, str>> {
    if name.is_ascii() {
        return Some(name.into());
    }
    let (deny, hyphens) = (AsciiDenyList::STD3, Hyphens::CheckFirstLast);
    Uts46::new()
        .to_ascii(name.as_bytes(), deny, hyphens, DnsLength::Verify)
        .ok()
}

fn to_unicode(name: &str) -> Option<Cow<'_, str>> {
    let (deny, hyphens) = (AsciiDenyList::STD3, Hyphens::CheckFirstLast);
    let (shown, is_right) = Uts46::new().to_unicode(name.as_bytes(), deny, hyphens);
    is_right.is_ok().then_some(shown)
}

/// `Domain` of RFC 5321 §4.1.2, within the sizes of RFC 1035 §2.3.4.
fn is_host_name(name: &str) -> bool {
    let is_inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let is_label = |label: &str| {
        matches!(label.len(), 1..=63)
            && label.bytes().all(is_inner)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    name.len() <= 253 && name.split('.').all(is_label)
}
