//! How much is allocated and how much is kept: `cargo test --test memory -- --nocapture` prints it.

use allocation_counter::{AllocationInfo, measure};
use mta_sts::{Policy, StsRecord, TlsRptRecord};
use std::fmt::Write as _;
use std::hint::black_box;

const RECORD: &str = "v=STSv1; id=20160831085700Z;";
const RECORD_EXTENDED: &str = "v=STSv1; id=20160831085700Z; foo=bar; note=some-value;";
/// The policy of RFC 8461 §3.2, with its three patterns.
const POLICY: &str = "version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\nmx: *.example.net\r\n\
                      mx: backupmx.example.com\r\nmax_age: 604800\r\n";
const REFUSED: &str =
    "version: STSv1\r\nmode: enforced\r\nmx: mail.example.com\r\nmax_age: 604800\r\n";
const CLEAN: &str = include_str!("../examples/data/clean.txt");

/// What doing something cost, and what its result goes on to hold.
struct Cost {
    allocations: u64,
    /// On the heap.
    kept: u64,
    /// On the heap and in the value itself.
    size: u64,
}

/// Does it, and says what it cost.
#[track_caller]
fn cost<T>(name: &str, work: impl Fn() -> T) -> Cost {
    let mut result = None;
    let info: AllocationInfo = measure(|| result = Some(black_box(work())));
    drop(result);
    let kept = u64::try_from(info.bytes_current).expect("nothing is freed that was there before");
    let cost = Cost {
        allocations: info.count_total,
        kept,
        size: kept + u64::try_from(size_of::<T>()).expect("small"),
    };
    println!(
        "{name:38} {:>3} allocations, at most {:>7} bytes; kept {:>7} on the heap, {:>7} in all",
        cost.allocations, info.bytes_max, cost.kept, cost.size
    );
    cost
}

fn record(text: &str) -> StsRecord {
    StsRecord::parse(text.as_bytes()).expect("valid")
}

fn policy(text: &str) -> Policy {
    Policy::parse(text.as_bytes()).expect("valid")
}

/// A policy of so many patterns, one in four of them a wildcard.
fn patterns(count: usize) -> String {
    let mut text = "version: STSv1\nmode: enforce\nmax_age: 604800\n".to_owned();
    for n in 0..count {
        let (label, domain) = match n % 4 {
            0 => ("mx", "mail.example.com"),
            1 => ("*.pod", "example.net"),
            2 => ("backup", "mx.example.org"),
            _ => ("in", "protection.example.com"),
        };
        writeln!(text, "mx: {label}{n:04}.{domain}").expect("a string takes all");
    }
    text
}

#[test]
fn a_record_without_extensions_allocates_nothing() {
    let cost = cost("record", || record(RECORD));
    assert_eq!((cost.allocations, cost.kept), (0, 0));
}

#[test]
fn a_record_allocates_its_extensions() {
    let cost = cost("record, 2 extensions", || record(RECORD_EXTENDED));
    // The list, at once as long as it will be, and each field.
    assert_eq!(cost.allocations, 3);
}

#[test]
fn selecting_and_refusing_records_allocates_nothing() {
    let others = ["v=spf1 -all", RECORD, "google-site-verification=0123456789"];
    let selected = cost("record, selected of 3", || StsRecord::select(others));
    assert_eq!(selected.allocations, 0);
    let refused = cost("record, refused", || {
        StsRecord::parse(b"v=STSv1; id=2016-08-31;")
    });
    assert_eq!(refused.allocations, 0);
}

#[test]
fn a_tls_rpt_record_allocates_its_addresses() {
    let text = "v=TLSRPTv1; rua=mailto:reports@example.com,https://example.com/tlsrpt";
    let cost = cost("TLS reporting record, 2 addresses", || {
        TlsRptRecord::parse(text.as_bytes()).expect("valid")
    });
    // The list, and what grew on the way to it; each address.
    assert!(cost.allocations <= 4, "{}", cost.allocations);
    assert!(cost.size <= 128, "{}", cost.size);
}

#[test]
fn a_policy_of_three_patterns_is_one_allocation() {
    let cost = cost("policy, 3 mx", || policy(POLICY));
    assert_eq!(cost.allocations, 1);
    assert!(cost.size <= 80, "{}", cost.size);
}

#[test]
fn a_policy_of_sixteen_patterns_takes_few_allocations() {
    let text = patterns(16);
    let cost = cost("policy, 16 mx", || policy(&text));
    assert!(cost.allocations <= 3, "{}", cost.allocations);
    assert!(cost.kept <= 16 * 32, "{}", cost.kept);
}

#[test]
fn a_refused_policy_allocates_nothing() {
    let cost = cost("policy, refused", || Policy::parse(REFUSED.as_bytes()));
    assert_eq!(cost.allocations, 0);
}

#[test]
fn a_long_policy_takes_few_allocations() {
    let text = patterns(2_203);
    assert!((60_000..=65_536).contains(&text.len()), "{}", text.len());
    let cost = cost("policy, 64 KiB of mx", || policy(&text));
    // The patterns as they come in, growing by half or more; the index; the box.
    assert!(cost.allocations <= 10, "{}", cost.allocations);
    assert!(cost.kept <= 100_000, "{}", cost.kept);
}

#[test]
fn many_extensions_take_few_allocations() {
    let mut text = patterns(1);
    for n in 0..5_000 {
        writeln!(text, "x{n}: {n}").expect("a string takes all");
    }
    let cost = cost("policy, 5,000 extensions", || policy(&text));
    assert!(cost.allocations <= 20, "{}", cost.allocations);
    assert!(cost.kept <= 65_536 + 64, "{}", cost.kept);
}

#[test]
fn an_inspection_that_finds_nothing_allocates_no_more_than_parsing() {
    let parsed = cost("policy, clean", || policy(CLEAN));
    let inspected = cost("policy, clean, inspected", || {
        Policy::inspect(CLEAN.as_bytes())
    });
    assert_eq!(inspected.allocations, parsed.allocations);
    assert_eq!(inspected.kept, parsed.kept);
}

#[test]
fn matching_allocates_nothing() {
    for count in [1, 3, 16, 17, 100, 2_203] {
        let policy = policy(&patterns(count));
        let hosts = [
            ("mx0000.mail.example.com", true),
            ("MX0000.Mail.EXAMPLE.com", true),
            ("mx0000.mail.example.com.", true),
            ("Mx1.Pod0001.Example.Net.", count > 1),
            ("mx1.attacker.example", false),
            ("", false),
            ("a..b", false),
        ];
        let cost = cost(
            &format!("matching {} names, {count} mx", hosts.len()),
            || {
                for (host, is_match) in hosts {
                    assert_eq!(policy.mx_matches(host), is_match, "{host}");
                }
            },
        );
        assert_eq!(cost.allocations, 0);
    }
}

#[test]
fn patterns_and_extensions_are_lent() {
    let text = patterns(100) + "foo: bar\n";
    let policy = policy(&text);
    let cost = cost("walking over patterns and extensions", || {
        let patterns: usize = policy.mx().map(|pattern| pattern.as_str().len()).sum();
        let extensions: usize = policy.extensions().map(|field| field.value().len()).sum();
        patterns + extensions
    });
    assert_eq!(cost.allocations, 0);
}

/// With a fresh policy the look-up owns the name of the domain and shares the rest.
#[cfg(feature = "std")]
#[test]
fn a_look_up_of_a_fresh_policy_allocates_its_result_alone() {
    use mta_sts::{
        CacheEntry, CachedPolicy, Dane, MemoryStore, PolicyClient, PolicyDomain, PolicyStore,
        Purpose, UnixTime,
    };
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    fn ready<F: Future>(future: F) -> F::Output {
        match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(output) => output,
            Poll::Pending => panic!("nobody need be waited for"),
        }
    }

    struct Nobody;
    impl mta_sts::Resolver for Nobody {
        async fn txt(&self, _: &str) -> Result<mta_sts::TxtAnswer, mta_sts::DnsError> {
            panic!("nobody need be asked")
        }
    }
    impl mta_sts::Fetcher for Nobody {
        async fn fetch(
            &self,
            _: &mta_sts::PolicyRequest,
        ) -> Result<mta_sts::PolicyResponse, mta_sts::FetchError> {
            panic!("nobody need be asked")
        }
    }

    let now = UnixTime::from_secs(1_795_253_400);
    let domain: PolicyDomain = "example.com".parse().expect("a domain");
    let client = PolicyClient::new(Nobody, Nobody, MemoryStore::new(10));
    let cached = CachedPolicy::new(policy(POLICY), None, now);
    let entry = CacheEntry::new(Some(cached.into()), None, now);
    ready(client.store().save(&domain, entry, now)).expect("a store in memory");

    let look_up = || ready(client.policy_for(&domain, Purpose::Deliver, now)).expect("in memory");
    let looked_up = cost("looking a fresh policy up", look_up);
    assert_eq!(
        (looked_up.allocations, looked_up.kept),
        (1, u64::try_from(domain.as_str().len()).expect("short"))
    );
    let decision = look_up().into_decision();
    let judged = cost("deciding about an MX host", || {
        decision.candidate("mail.example.com", Dane::NotApplicable)
    });
    assert_eq!(judged.allocations, 0);
}
