//! Matching, compared with decision 10 written down label by label.

use crate::{config, laws};
use mta_sts::{Domain, MaxAge, Mode, MxPattern, Policy};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// Whether an ASCII host matches.
fn naive(pattern: &str, host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host);
    if host.is_empty() || host.len() > 253 {
        return false;
    }
    let labels: Vec<_> = host.split('.').collect();
    let wanted: Vec<_> = pattern.split('.').collect();
    if labels.len() != wanted.len() || labels.contains(&"") {
        return false;
    }
    let mut pairs = wanted.into_iter().zip(labels).enumerate();
    pairs.all(|(place, (wanted, label))| {
        (place == 0 && wanted == "*") || wanted.eq_ignore_ascii_case(label)
    })
}

/// Few labels, so that names meet often.
const LABELS: [&str; 10] = ["a", "b", "A", "mx", "mx1", "host", "net", "com", "x-y", "0"];

fn pattern() -> impl Strategy<Value = String> {
    let end = select(&["net", "com", "host.net", "mx.host.net"][..]);
    let front = prop_oneof![
        4 => select(&LABELS[..]).prop_map(Into::into),
        2 => Just("*".to_owned()),
        2 => (0..3000_u32).prop_map(|number| format!("mx{number}")),
        1 => vec(select(&LABELS[..]), 2..4).prop_map(|labels| labels.join(".")),
    ];
    (front, end).prop_map(|(front, end)| format!("{front}.{end}"))
}

fn patterns() -> impl Strategy<Value = Vec<String>> {
    let count =
        prop_oneof![8 => 1..12_usize, 8 => 12..24_usize, 6 => 24..300_usize, 1 => 300..=3000_usize];
    count.prop_flat_map(|count| vec(pattern(), count))
}

/// A host made from one of the patterns, and what is done to it.
fn host(patterns: &[String], from: Index, label: &str, change: u8) -> String {
    let pattern = from.get(patterns);
    let name = pattern.replacen('*', label, 1);
    match change {
        0..=2 => name,
        3 => format!("{label}.{name}"),
        4 => name
            .split_once('.')
            .map_or_else(String::new, |(_, parent)| parent.into()),
        5 => format!(".{name}"),
        6 => name.replacen('.', "..", 1),
        7 => format!("{name}.."),
        8 => name.replacen('.', "", 1),
        9 => pattern.clone(),
        10 => format!("{name}x"),
        11 => name.chars().rev().collect(),
        12 => name.replacen(|char: char| char.is_ascii_alphanumeric(), "é", 1),
        _ => format!("{label}{name}"),
    }
}

fn mixed_case(name: &str, bits: u64) -> String {
    let flip = |(place, char): (usize, char)| match bits >> (place % 64) & 1 {
        0 => char.to_ascii_lowercase(),
        _ => char.to_ascii_uppercase(),
    };
    name.chars().enumerate().map(flip).collect()
}

fn policy(patterns: &[String]) -> Policy {
    let parsed = patterns
        .iter()
        .map(|pattern| pattern.parse::<MxPattern>().unwrap());
    let builder = Policy::builder(Mode::Enforce, MaxAge::MAX);
    parsed
        .fold(builder, mta_sts::PolicyBuilder::mx)
        .build()
        .unwrap()
}

/// Asks in every way there is; gives the place of the first pattern that matches.
fn ask(policy: &Policy, patterns: &[String], host: &str) -> Option<usize> {
    let matching = policy.matching_pattern(host);
    assert_eq!(policy.mx_matches(host), matching.is_some(), "{host:?}");
    // Equal patterns before it would match too: the first place with this text is the place.
    let first = policy.mx().position(|pattern| pattern.matches(host));
    let is_found =
        |pattern: &String| matching.is_some_and(|found| found == *pattern.to_ascii_lowercase());
    assert_eq!(patterns.iter().position(is_found), first, "{host:?}");
    first
}

proptest! {
    #![proptest_config(config(150))]

    #[test]
    fn matching_is_label_by_label(
        patterns in patterns(),
        hosts in vec((any::<Index>(), select(&["a", "B", "m_x", "_tcp", "*", "é", ""][..]), 0..14_u8), 1..12),
        bits in any::<u64>(),
    ) {
        let policy = policy(&patterns);
        for (from, label, change) in &hosts {
            let host = host(&patterns, *from, label, *change);
            let first = ask(&policy, &patterns, &host);
            if host.is_ascii() {
                prop_assert_eq!(first, patterns.iter().position(|pattern| naive(pattern, &host)), "{}", host);
                prop_assert_eq!(first, ask(&policy, &patterns, &mixed_case(&host, bits)));
                if !host.ends_with('.') && !host.is_empty() {
                    prop_assert_eq!(first, ask(&policy, &patterns, &(host + ".")));
                }
            } else if let Ok(domain) = host.parse::<Domain>() {
                prop_assert_eq!(first, ask(&policy, &patterns, domain.as_str()));
            } else {
                prop_assert_eq!(first, None);
            }
        }
    }

    /// No answer, and no panic, for what is no name at all.
    #[test]
    fn anything_may_be_asked(host in crate::near::name(), patterns in vec(pattern(), 1..40)) {
        let first = ask(&policy(&patterns), &patterns, &host);
        if host.is_ascii() {
            prop_assert_eq!(first, patterns.iter().position(|pattern| naive(pattern, &host)));
            let one = &patterns[0];
            laws::matching(&one.parse().unwrap(), &host, naive(one, &host));
        }
    }
}

#[test]
fn all_of_three_thousand_are_found_in_order() {
    let patterns = (0..3000).map(|n| match n % 3 {
        0 => format!("mx{n}.host.net"),
        1 => format!("*.zone{}.net", n / 2),
        _ => format!("mx{}.host.net", n / 2),
    });
    let patterns: Vec<_> = patterns.collect();
    let policy = policy(&patterns);
    for (number, pattern) in patterns.iter().enumerate() {
        let host = pattern.replacen('*', "mx", 1);
        let found = policy.matching_pattern(&host).unwrap();
        assert!(found == *pattern.as_str(), "{number}");
        assert!(!policy.mx_matches(&format!("{host}.org")));
        assert!(!policy.mx_matches(&format!("a.{host}")));
    }
}
