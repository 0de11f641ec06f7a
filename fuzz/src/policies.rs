//! The text of policies.

use crate::laws;
use mta_sts::{ParseOptions, Policy, Tolerance};

/// A policy that is read reads the same with other line ends, can be written and read back, and does not change by what is appended: of
/// repeated fields the first counts (RFC 8461 §3.2). Only `mx` adds up.
pub fn policy(text: &[u8]) {
    let Ok(policy) = Policy::parse(text) else {
        return;
    };
    laws::written(&policy);
    let open = text.strip_suffix(b"\n").unwrap_or(text);
    let lines: Vec<_> = open
        .split(|&byte| byte == b'\n')
        .map(<[u8]>::trim_ascii_end)
        .collect();
    for end in ["\n", "\r\n", " \t\r\n"] {
        let text = lines.join(end.as_bytes());
        assert_eq!(Policy::parse(&text).as_ref(), Ok(&policy), "{end:?}");
        let text = [&text, end.as_bytes()].concat();
        assert_eq!(Policy::parse(&text).as_ref(), Ok(&policy), "{end:?}");
        let repeated = [
            "version: STSv2",
            "mode: none",
            "mode: enforce",
            "max_age: 0",
        ];
        let longer = [&text, repeated.join(end).as_bytes()].concat();
        assert_eq!(Policy::parse(&longer).as_ref(), Ok(&policy), "{end:?}");
        let longer = [&text, b"mx: last.example.com".as_slice()].concat();
        let longer = Policy::parse(&longer).expect("one more pattern");
        assert!(
            longer
                .mx()
                .last()
                .is_some_and(|last| last == "last.example.com")
        );
        assert!(longer.mx().take(policy.mx().count()).eq(policy.mx()));
        assert_eq!(longer.mode(), policy.mode());
    }
}

/// An inspection says what reading says, strictly, leniently, and under the tolerances that the first byte stands for; its findings,
/// places and corrections are right.
pub fn policy_inspect(text: &[u8]) {
    let (bits, text) = text.split_first().unwrap_or((&0, text));
    let all = Tolerance::ALL.iter().copied().enumerate();
    let tolerated = all.filter(|(place, _)| bits >> place & 1 == 1);
    let options: ParseOptions = tolerated.map(|(_, tolerance)| tolerance).collect();
    laws::policy(text, options);
}
