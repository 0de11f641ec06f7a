//! Cache entries: merging, the text form, what becomes of broken ones.

use crate::format::Table;
use crate::start::failed;
use crate::{A1, B2, NOW, ago};
use mta_sts::{
    Backoff, CacheEntry, CachedPolicy, Discovery, DiscoveryOptions, ParseOptions, Policy, PolicyId,
    PolicyResponse, Purpose, StoreAction, Tolerance, UnixTime,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use std::sync::Arc;

/// Policies as they may come: written as the crate writes them, and otherwise.
const BODIES: [&str; 12] = [
    "version: STSv1\r\nmode: enforce\r\nmx: mx.example.com\r\nmax_age: 1209600\r\n",
    "version: STSv1\nmode: enforce\nmx: mx.example.com\nmax_age: 1209600",
    "mode: testing\nmax_age: 0\nmx: *.example.com  \r\nversion:STSv1\n",
    "version: STSv1\nmode: none\nmax_age: 86400\n",
    "version: STSv1\nmode: none\nmode: enforce\nmax_age: 86400\n",
    "version: STSv1\nmode: enforce\nmx: MX.Example.Com\nnote: \u{e9} \u{2028} x\nmax_age: 9999999999\nnote: y\n",
    // Each with a tolerance.
    "\u{feff}version: STSv1\nmode: enforce\nmx: mx.example.com\nmax_age: 60\n",
    "version: STSv1\n\n\nmode: enforce\n  mx: mx.example.com\nmax_age : 60\n",
    "version: STSv1\nmode: enforce\nmx: my_host.example.com\nmax_age: 86400\n",
    "version: STSv1\r\nmode: enforce\r\nmx: my_host.example.com\r\nmax_age: 86400\r\n",
    "version: STSv1\nmode: enforce\nmx: mx.example.com.\nmx: 2001:db8::1\nmax_age: 86400\n",
    "# a remark\nversion: STSv1\nmode: enforce\nmx: mx.example.com\nmax_age: 86400\nend\n",
];

/// The policy as a discovery remembers it, with the text that came.
fn cached(body: &str, id: &str, now: UnixTime) -> Arc<CachedPolicy> {
    let options = DiscoveryOptions::new().parse_options(ParseOptions::lenient());
    let domain = "example.com".parse().unwrap();
    let conclusion = Discovery::start(domain, None, Purpose::Deliver, now, &options).run(
        |_| Ok([[format!("v=STSv1; id={id}")]].into_iter().collect()),
        |_| {
            Ok(PolicyResponse::new(
                200,
                Some("text/plain"),
                body.as_bytes(),
            ))
        },
    );
    match conclusion.store() {
        StoreAction::Save(entry) => Arc::clone(entry.cached().expect(body)),
        other => panic!("{other:?}"),
    }
}

fn some_time() -> impl Strategy<Value = UnixTime> {
    let secs = prop_oneof![
        6 => 0..4_u64,
        2 => Just(NOW.as_secs()),
        1 => any::<u64>(),
    ];
    secs.prop_map(UnixTime::from_secs)
}

fn some_id() -> impl Strategy<Value = Option<PolicyId>> {
    let long = "Z9".repeat(16).parse().unwrap();
    select(vec![None, Some(A1), Some(B2), Some(long)])
}

fn some_policy() -> impl Strategy<Value = Arc<CachedPolicy>> {
    let as_received = (select(&BODIES[..]), "[0-9A-Za-z]{1,2}", some_time())
        .prop_map(|(body, id, time)| cached(body, &id, time));
    let as_built = (select(&BODIES[..]), some_id(), some_time()).prop_map(|(body, id, time)| {
        let policy = Policy::parse_with(body.as_bytes(), &ParseOptions::lenient()).unwrap();
        Arc::new(CachedPolicy::new(policy, id, time))
    });
    prop_oneof![as_received, as_built]
}

fn some_backoff() -> impl Strategy<Value = Option<Backoff>> {
    (some_id(), 0..7_u32, some_time()).prop_map(|(id, times, last)| failed(id, times, last))
}

fn entry() -> impl Strategy<Value = CacheEntry> {
    (
        proptest::option::of(some_policy()),
        some_backoff(),
        some_time(),
    )
        .prop_map(|(cached, backoff, last_used)| CacheEntry::new(cached, backoff, last_used))
}

/// Bytes put in place of others.
fn changed(text: &[u8], changes: &[(Index, usize, Vec<u8>)]) -> Vec<u8> {
    let mut text = text.to_vec();
    for (at, len, bytes) in changes {
        let start = at.index(text.len() + 1);
        let end = (start + len).min(text.len());
        text.splice(start..end, bytes.iter().copied());
    }
    text
}

fn bits() -> impl Strategy<Value = Vec<u8>> {
    let words: [&[u8]; 14] = [
        b"",
        b"\n",
        b" ",
        b"-",
        b"0",
        b"9",
        b"used 1\n",
        b"policy ",
        b"backoff ",
        b"mta-sts cache ",
        b",",
        b"mx-underscore",
        b"18446744073709551616",
        b"\xff",
    ];
    prop_oneof![
        select(words.map(<[u8]>::to_vec).to_vec()),
        vec(any::<u8>(), 0..3)
    ]
}

/// Whatever can be read means the same when it has been written again.
fn read(text: &[u8]) -> Result<(), TestCaseError> {
    match CacheEntry::from_bytes(text) {
        Ok(entry) => {
            let again = CacheEntry::from_bytes(&entry.to_bytes());
            prop_assert_eq!(again, Ok(entry));
        }
        Err(error) => {
            prop_assert!(error.span().end() <= text.len());
            prop_assert!(
                error.code().starts_with("cache-")
                    || error.code().starts_with("policy-")
                    || error.code().starts_with("mx-")
            );
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 1000, ..ProptestConfig::default() })]

    #[test]
    fn merging_forgets_the_order(a in entry(), b in entry(), c in entry()) {
        let ab = a.clone().merged(b.clone());
        prop_assert_eq!(&ab, &b.clone().merged(a.clone()));
        prop_assert_eq!(ab.clone().merged(c.clone()), a.clone().merged(b.clone().merged(c)));
        prop_assert_eq!(&a.clone().merged(a.clone()), &a);
        prop_assert_eq!(&ab.clone().merged(a.clone()), &ab);
        let fetched_at = |entry: &CacheEntry| entry.cached().map(|cached| cached.fetched_at());
        prop_assert_eq!(fetched_at(&ab), fetched_at(&a).max(fetched_at(&b)));
        prop_assert_eq!(ab.last_used(), a.last_used().max(b.last_used()));
        // Nothing is made up.
        prop_assert!([a.cached(), b.cached()].contains(&ab.cached()));
        prop_assert!(ab.backoff().is_none() || [a.backoff(), b.backoff()].contains(&ab.backoff()));
    }

    /// Seen from a moment, nothing of an entry lies behind that moment but a delay that a failure can cause.
    #[test]
    fn no_clock_lengthens_a_life(entry in entry(), now in some_time()) {
        let seen = entry.seen_at(now);
        prop_assert_eq!(&seen.seen_at(now), &seen);
        prop_assert!(seen.last_used() <= now);
        if let (Some(before), Some(after)) = (entry.cached(), seen.cached()) {
            let before_now = now.saturating_sub(core::time::Duration::from_secs(1));
            let lowered = if before.fetched_at() > now { before_now } else { before.fetched_at() };
            prop_assert_eq!(after.fetched_at(), lowered);
            prop_assert!(after.expires_at() <= before.expires_at());
            prop_assert_eq!(after.policy(), before.policy());
            prop_assert!(before.is_fresh(now) || !after.is_fresh(now));
            prop_assert_eq!(after.lines(), before.lines());
        }
        let longest = now.saturating_add(core::time::Duration::from_secs(3_600));
        prop_assert!(seen.backoff().is_none_or(|backoff| backoff.until() <= longest));
        let life = entry.keep_for(now);
        prop_assert!(seen.keep_for(now) <= life);
        // It is kept while it says anything, and no longer.
        prop_assert!(life.as_secs() <= 31_557_600);
        let end = now.saturating_add(life);
        prop_assert!(end.as_secs() == u64::MAX || seen.fresh(end).is_none());
        prop_assert!(end.as_secs() == u64::MAX || entry.fresh(now).is_none() || !life.is_zero());
    }

    #[test]
    fn entries_can_be_read_back(entry in entry()) {
        let text = entry.to_bytes();
        let read = CacheEntry::from_bytes(&text).unwrap();
        prop_assert_eq!(&read, &entry);
        let lines = |entry: &CacheEntry| entry.cached().map(|cached| cached.lines());
        prop_assert_eq!(lines(&read), lines(&entry));
    }

    #[test]
    fn any_bytes_can_be_read(text in vec(any::<u8>(), 0..200)) {
        read(&text)?;
        read(&[b"mta-sts cache 1\n", &text[..]].concat())?;
    }

    #[test]
    fn nearly_entries_can_be_read(
        entry in entry(),
        changes in vec((any::<Index>(), 0..4_usize, bits()), 1..4),
    ) {
        read(&changed(&entry.to_bytes(), &changes))?;
    }
}

/// Which entries a refresh in the background takes: fresh and due, used within 180 days, not waiting for any id.
#[test]
fn refreshes_in_the_background() {
    const DAY: i64 = 86_400;
    let domain = "example.com".parse().unwrap();
    let due = |fetched: i64, used: i64, backoff| {
        let body = "version: STSv1\nmode: enforce\nmx: mx.example.com\nmax_age: 31557600\n";
        let cached = Some(cached(body, "a1", ago(fetched)));
        let entry = CacheEntry::new(cached, backoff, ago(used));
        entry.is_refresh_due(&domain, 0, NOW)
    };
    assert!(due(DAY, 0, None));
    assert!(!due(DAY * 8 / 10, 0, None));
    assert!(due(31_557_599, 0, None));
    assert!(!due(31_557_600, 0, None), "expired");
    assert!(due(DAY, 180 * DAY - 1, None));
    assert!(!due(DAY, 180 * DAY, None), "unused");
    assert!(!due(DAY, 0, failed(Some(A1), 1, ago(299))));
    assert!(
        !due(DAY, 0, failed(Some(B2), 1, ago(299))),
        "leave it to mail"
    );
    assert!(due(DAY, 0, failed(Some(A1), 1, ago(300))));
    // A clock that ran ahead.
    assert!(due(-100, -100, None));
    assert!(due(DAY, 0, failed(Some(A1), 6, ago(-1))));
    assert!(!CacheEntry::new(None, None, NOW).is_refresh_due(&domain, 0, NOW));
}

/// Domains are spread, by at most a tenth, and each sender does it in its own way.
#[test]
fn refreshes_are_spread() {
    let body = "version: STSv1\nmode: enforce\nmx: mx.example.com\nmax_age: 1209600\n";
    let entry = CacheEntry::new(Some(cached(body, "a1", NOW)), None, NOW);
    let due_after = |domain: &str, key| {
        let domain = domain.parse().unwrap();
        let due = |secs: &i64| entry.is_refresh_due(&domain, key, ago(-secs));
        (77_760..=86_400).find(due).unwrap()
    };
    let mut moments: Vec<_> = (0..20)
        .flat_map(|number| [0, 7].map(|key| due_after(&format!("d{number}.example"), key)))
        .collect();
    moments.sort_unstable();
    moments.dedup();
    assert!(moments.len() > 35, "{moments:?}");
    assert!(
        moments[0] < 79_000 && moments[moments.len() - 1] > 85_000,
        "{moments:?}"
    );
}

/// Entries of every kind.
fn samples() -> Vec<CacheEntry> {
    let backoffs = [None, failed(None, 1, NOW), failed(Some(B2), 7, NOW)];
    let mut policies: Vec<_> = BODIES
        .iter()
        .map(|body| Some(cached(body, "a1", NOW)))
        .collect();
    let first = policies[0].as_ref().unwrap().policy().clone();
    policies.push(Some(Arc::new(CachedPolicy::new(first, None, NOW))));
    policies.push(None);
    let entries = policies
        .into_iter()
        .flat_map(|cached| backoffs.map(|backoff| CacheEntry::new(cached.clone(), backoff, NOW)));
    entries.collect()
}

/// A store that lost the end of an entry must not make it one without a policy: mail would go out unprotected.
#[test]
fn no_part_of_an_entry_is_an_entry() {
    let mut wrong = Vec::new();
    for entry in samples() {
        let text = entry.to_bytes();
        for len in 0..text.len() {
            if CacheEntry::from_bytes(&text[..len]).is_ok() {
                let text = String::from_utf8_lossy(&text);
                wrong.push(format!("{len} octets of {text:?}"));
            }
        }
    }
    crate::format::assert_none(&wrong);
}

/// What is put in the place of each byte: it with one bit flipped, and what is special somewhere.
fn instead_of(byte: u8) -> impl Iterator<Item = u8> {
    let flipped = (0..8).map(move |bit| byte ^ (1 << bit));
    let special = *b"\0\n\r\t -_:.,*+019aemnxMS\x7f\xff";
    flipped.chain(special).filter(move |&other| other != byte)
}

/// One byte that is not as it was written: an error, or an entry with as many parts, whose policy has the same mode and no more patterns.
///
/// Times, ids, names and lives can only be told from others by a checksum, which is the store's affair. Not asked of policies that hold more than
/// what counts, where a letter decides which line does: a second `mode`, or lines that were left out under a tolerance.
#[test]
fn one_byte_makes_no_weaker_entry() {
    let mut read_anyway = 0;
    for (number, entry) in samples().into_iter().enumerate() {
        // One of the three back-offs for each policy.
        if number % 3 != number / 3 % 3 {
            continue;
        }
        let text = entry.to_bytes();
        let places =
            (0..text.len()).flat_map(|at| instead_of(text[at]).map(move |byte| (at, byte)));
        for (at, byte) in places {
            let mut other = text.clone();
            other[at] = byte;
            let Ok(read) = CacheEntry::from_bytes(&other) else {
                continue;
            };
            read_anyway += 1;
            let said = String::from_utf8_lossy(&other).into_owned();
            assert_eq!(
                read.backoff().is_some(),
                entry.backoff().is_some(),
                "{said}"
            );
            assert_eq!(read.cached().is_some(), entry.cached().is_some(), "{said}");
            let (Some(before), Some(after)) = (entry.cached(), read.cached()) else {
                continue;
            };
            let (before, after) = (before.policy(), after.policy());
            let left_out = [Tolerance::UnusableMx, Tolerance::UnknownLines];
            let holds_more = said.matches("mode:").count() > 1
                || left_out.iter().any(|&it| before.tolerances().tolerates(it));
            assert!(holds_more || before.mode() == after.mode(), "{said}");
            assert!(
                holds_more || after.mx().count() <= before.mx().count(),
                "{said}"
            );
        }
    }
    println!("{read_anyway} of the changed entries could be read");
}

/// Version 1, for ever: what each text means, and that it is what is written.
#[test]
fn pinned_entries() {
    let table = Table::new(include_str!("../tables/entry.txt"), "entries");
    let dash = |text: &str| (text != "-").then(|| text.to_owned());
    for row in table.rows() {
        let text = row.given(0).replace("\\n", "\n").replace("\\r", "\r");
        let name = row.name();
        let entry = CacheEntry::from_bytes(text.as_bytes()).expect(name);
        assert_eq!(entry.to_bytes(), text.as_bytes(), "{name}");
        let used = entry.last_used().as_secs().to_string();
        assert_eq!(used, row.at("used"), "{name}");
        let backoff = entry.backoff().map(|backoff| {
            let id = backoff.id().map_or("-".to_owned(), |id| id.to_string());
            format!("{} {} {id}", backoff.until().as_secs(), backoff.failures())
        });
        assert_eq!(backoff, dash(row.at("backoff")), "{name}");
        let policy = entry.cached().map(|cached| {
            let id = cached.id().map_or("-".to_owned(), |id| id.to_string());
            let (policy, mx) = (cached.policy(), cached.policy().mx());
            let mx: Vec<_> = mx.map(|pattern| pattern.to_string()).collect();
            let (mode, max_age) = (policy.mode(), policy.max_age());
            let fetched_at = cached.fetched_at().as_secs();
            format!("{fetched_at} {id} {mode} {max_age} {}", mx.join(","))
                .trim_end()
                .to_owned()
        });
        assert_eq!(policy, dash(row.at("policy")), "{name}");
    }
    let broken = Table::new(include_str!("../tables/entry.txt"), "broken");
    for row in broken.rows() {
        let text = row.given(0).replace("\\n", "\n").replace("\\r", "\r");
        let error = CacheEntry::from_bytes(text.as_bytes()).expect_err(row.name());
        assert_eq!(error.code(), row.at("code"), "{}", row.name());
    }
}
