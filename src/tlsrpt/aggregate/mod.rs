//! Counting sessions, on any number of threads and machines, into reports.

mod form;
mod report;
mod session;
mod smallest;
mod tally;

pub use report::DomainReport;
pub use session::SessionFacts;

use super::day::UtcDay;
use super::json::is_noncharacter;
use super::reader::{is_mx_host, is_packed};
use crate::delivery::Verdict;
use crate::discovery::Decision;
use crate::domain::Domain;
use crate::failure::{Failure, PolicyType, ResultType};
use crate::time::UnixTime;
use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use smallest::{KeyHash, Keyed, Smallest, Sum};
use tally::{Count, DetailKey, Tally};

/// How many characters of a name that a stranger gave are kept.
const MAX_NAME: usize = 255;

/// How many sessions went well and badly, for each domain and UTC day, by policy.
///
/// Parts can be kept apart, one for each thread or machine, stored (serde) and [merged](Self::merge): merging is associative and
/// commutative, and an empty aggregate is its unit. So any store or map-reduce engine can hold the parts.
///
/// It is bounded: of a domain's policies in a day, and of each policy's failure details, those with the smallest hash are kept, and
/// the sessions of the others are added up in one remainder. Which ones these are does not depend on the order of merging.
///
/// # Examples
///
/// ```
/// use mta_sts::{
///     Aggregate, Candidate, Dane, Decision, Policy, SessionFacts, TlsOutcome, TlsVerdict, UnixTime, UtcDay,
/// };
///
/// let policy = Policy::parse(b"version: STSv1\nmode: testing\nmx: mx.example.com\nmax_age: 86400\n").unwrap();
/// let now = UnixTime::from_secs(1_795_253_400);
/// let decision = Decision::configured("example.com".parse().unwrap(), policy, now);
/// let Candidate::Connect(session) = decision.candidate("mx.example.com", Dane::NotApplicable) else { panic!() };
/// let verdict = session.judge(TlsOutcome::Established { pkix: TlsVerdict::Passed, dane: TlsVerdict::NotChecked });
///
/// let mut aggregate = Aggregate::new();
/// aggregate.record(&decision, &verdict, &SessionFacts::new(now, "mx.example.com"));
///
/// // The next day:
/// let due = aggregate.take_before(UtcDay::of(now).next());
/// let contact = "tls@kestrel.example".parse()?;
/// for report in due.into_reports("Kestrel Mail", &contact, |domain, day| format!("{day}.{domain}")) {
///     let report = report?;
///     assert_eq!(report.domain().as_str(), "example.com");
///     assert_eq!(report.report().successful_sessions(), 1);
///     assert_eq!(report.report().report_id(), Some("2026-11-21.example.com"));
/// }
/// # Ok::<(), mta_sts::WriteError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aggregate {
    limits: Limits,
    days: BTreeMap<(UtcDay, Domain), DayTally>,
}

/// How much is kept apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Limits {
    policies: usize,
    details: usize,
}

impl Limits {
    /// The unit of [`min`](Self::min).
    const MAX: Self = Self {
        policies: Aggregate::MAX_POLICIES,
        details: Aggregate::MAX_DETAILS,
    };

    fn min(self, other: Self) -> Self {
        Self {
            policies: self.policies.min(other.policies),
            details: self.details.min(other.details),
        }
    }
}

/// What a report tells policies apart by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct PolicyKey {
    policy_type: PolicyType,
    policy_string: Vec<Box<str>>,
    policy_domain: Domain,
    mx_host: Vec<Box<str>>,
}

impl Keyed for PolicyKey {
    fn write(&self, hash: &mut KeyHash) {
        hash.field(self.policy_type.as_str().as_bytes());
        hash.field(self.policy_domain.as_str().as_bytes());
        for list in [&self.policy_string, &self.mx_host] {
            hash.field(list.len().to_string().as_bytes());
            for text in list {
                hash.field(text.as_bytes());
            }
        }
    }
}

/// What is counted for one domain in one day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct DayTally {
    policies: Smallest<PolicyKey, Tally>,
    /// The policies that are left out, added up by what is left of their key.
    folded: BTreeMap<(PolicyType, Domain), Tally>,
}

impl DayTally {
    fn add_policy(&mut self, key: PolicyKey, mut tally: Tally, limits: Limits) {
        tally.bound(limits);
        self.policies.add(key, tally, limits);
        self.bound(limits);
    }

    fn fold(&mut self, key: (PolicyType, Domain), tally: Tally, limits: Limits) {
        self.folded.entry(key).or_default().add(tally, limits);
    }

    fn bound(&mut self, limits: Limits) {
        while let Some((key, tally)) = self.policies.pop_over(limits.policies) {
            self.fold((key.policy_type, key.policy_domain), tally, limits);
        }
    }

    fn add(&mut self, other: Self, limits: Limits) {
        for (key, tally) in other.folded {
            self.fold(key, tally, limits);
        }
        for (key, tally) in other.policies.into_entries() {
            self.add_policy(key, tally, limits);
        }
    }

    /// Keeps less than before.
    fn tighten(&mut self, limits: Limits) {
        let tallies = self.policies.values_mut().chain(self.folded.values_mut());
        tallies.for_each(|tally| tally.bound(limits));
        self.bound(limits);
    }
}

impl Aggregate {
    /// How many policies of a domain are kept apart in a day, at most: 100.
    pub const MAX_POLICIES: usize = 100;
    /// How many failure details of a policy are kept apart, at most: 1,000.
    pub const MAX_DETAILS: usize = 1_000;
    /// The `failure-reason-code` of failures that are not kept apart.
    pub const FOLDED: &'static str = "further-failures";

    /// An empty one with the highest limits: the unit of [`merge`](Self::merge).
    #[must_use]
    pub const fn new() -> Self {
        Self {
            limits: Limits::MAX,
            days: BTreeMap::new(),
        }
    }

    /// An empty one that keeps at most so many policies of a domain apart, and so many failure details of a policy: 1 to
    /// [`MAX_POLICIES`](Self::MAX_POLICIES) and [`MAX_DETAILS`](Self::MAX_DETAILS).
    #[must_use]
    pub fn with_limits(policies: usize, details: usize) -> Self {
        let limits = Limits {
            policies: policies.max(1),
            details: details.max(1),
        };
        Self {
            limits: limits.min(Limits::MAX),
            days: BTreeMap::new(),
        }
    }

    /// Counts a session, or a host that was skipped without one: for each policy result of its verdict one success or one
    /// failure, and details besides (RFC 8460 [§4](https://www.rfc-editor.org/rfc/rfc8460#section-4)).
    ///
    /// - What became of the mail does not matter, only TLS does. A failure in mode `testing` is a failure.
    /// - A host that could not be reached over TCP is not to be recorded ([§4.3.4](https://www.rfc-editor.org/rfc/rfc8460#section-4.3.4)).
    /// - If the policy could not be refreshed and the cached one did its work, that is a detail and no failed session.
    /// - A verdict without results, such as that of a mail with TLS reports, counts nothing.
    pub fn record(&mut self, decision: &Decision, verdict: &Verdict, facts: &SessionFacts<'_>) {
        for result in verdict.results() {
            let policy_type = result.policy_type();
            let mut tally = Tally::default();
            if result.is_success() {
                tally.successful = Count(1);
            } else {
                tally.failed = Count(1);
            }
            let refresh = match (policy_type, decision.policy()) {
                (PolicyType::Sts, Some(_)) => decision.failure(),
                _ => None,
            };
            for failure in result.failures().chain(refresh) {
                tally.add_detail(detail(failure, Some(facts)), Count(1), self.limits);
            }
            let key = policy_key(policy_type, decision, facts);
            self.add(facts.ended_at, key, tally);
        }
    }

    /// Counts what went wrong in a discovery after which no session came, a refresh in the background for instance: a detail, and
    /// no session. Nothing, if there is nothing to report.
    pub fn record_discovery(&mut self, decision: &Decision, at: UnixTime) {
        let failure = decision.failure();
        let Some(failure) = failure.filter(|_| decision.policy_type() == PolicyType::Sts) else {
            return;
        };
        let mut tally = Tally::default();
        tally.add_detail(detail(failure, None), Count(1), self.limits);
        self.add(at, sts_key(decision), tally);
    }

    fn add(&mut self, at: UnixTime, key: PolicyKey, tally: Tally) {
        let day = (UtcDay::of(at), key.policy_domain.clone());
        let limits = self.limits;
        self.days
            .entry(day)
            .or_default()
            .add_policy(key, tally, limits);
    }

    /// What both have counted. Associative and commutative; of the limits the lower ones hold.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        let limits = self.limits.min(other.limits);
        for (key, tally) in other.days {
            self.days.entry(key).or_default().add(tally, limits);
        }
        if self.limits != limits {
            for tally in self.days.values_mut() {
                tally.tighten(limits);
            }
            self.limits = limits;
        }
        self
    }

    /// Takes out what was counted before this day. What is left has the same limits.
    #[must_use]
    pub fn take_before(&mut self, day: UtcDay) -> Self {
        let mut before = core::mem::take(&mut self.days);
        let in_time = |(key, _): &(&(UtcDay, Domain), &DayTally)| key.0 >= day;
        if let Some(first) = before.iter().find(in_time).map(|(key, _)| key.clone()) {
            self.days = before.split_off(&first);
        }
        Self {
            limits: self.limits,
            days: before,
        }
    }

    /// The days and domains for which something was counted, in order.
    #[must_use]
    pub fn days(&self) -> impl ExactSizeIterator<Item = (UtcDay, &Domain)> {
        self.days.keys().map(|(day, domain)| (*day, domain))
    }

    /// Whether nothing was counted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.days.is_empty()
    }
}

impl Default for Aggregate {
    fn default() -> Self {
        Self::new()
    }
}

/// The policy that a result is about.
fn policy_key(policy_type: PolicyType, decision: &Decision, facts: &SessionFacts<'_>) -> PolicyKey {
    let recipient = decision.domain().domain();
    match policy_type {
        PolicyType::Sts => sts_key(decision),
        PolicyType::Tlsa => {
            let host = host(facts.mx_host);
            PolicyKey {
                policy_type,
                policy_string: lines(facts.tlsa.iter().map(AsRef::as_ref)),
                policy_domain: facts.tlsa_base.unwrap_or(recipient).clone(),
                mx_host: host.into_iter().filter(|host| is_mx_host(host)).collect(),
            }
        }
        PolicyType::NoPolicyFound => PolicyKey {
            policy_type,
            policy_string: Vec::new(),
            policy_domain: recipient.clone(),
            mx_host: Vec::new(),
        },
    }
}

fn sts_key(decision: &Decision) -> PolicyKey {
    let patterns = decision.policy().into_iter().flat_map(|policy| policy.mx());
    let policy_lines = decision.policy_lines();
    PolicyKey {
        policy_type: PolicyType::Sts,
        policy_string: lines(policy_lines.iter().map(AsRef::as_ref)),
        policy_domain: decision.domain().domain().clone(),
        mx_host: patterns.map(|pattern| pattern.as_str().into()).collect(),
    }
}

/// What a failure is told by. A failure of the policy itself says nothing about a host.
fn detail(failure: Failure, facts: Option<&SessionFacts<'_>>) -> DetailKey {
    let result_type = failure.result_type();
    let facts = match result_type {
        ResultType::StsPolicyFetchError
        | ResultType::StsPolicyInvalid
        | ResultType::StsWebpkiInvalid => None,
        _ => facts,
    };
    DetailKey {
        result_type,
        reason: failure.code().into(),
        mx_host: facts.and_then(|facts| host(facts.mx_host)),
        mx_helo: facts.and_then(|facts| facts.mx_helo).and_then(given),
        sending_ip: facts.and_then(|facts| facts.sending_ip),
        receiving_ip: facts.and_then(|facts| facts.receiving_ip),
    }
}

/// The name of a host, always spelt the same way, also when it is read again from what was stored.
fn host(name: &str) -> Option<Box<str>> {
    let name = given(&name.to_ascii_lowercase())?;
    let name = name.trim_end_matches('.');
    (!name.is_empty()).then(|| name.into())
}

/// As much of a name as is kept, if there is one.
fn given(name: &str) -> Option<Box<str>> {
    let name: String = name.chars().take(MAX_NAME).map(written).collect();
    (!name.is_empty()).then(|| name.into())
}

/// The character itself, or U+FFFD for one that I-JSON does not have.
fn written(char: char) -> char {
    if is_noncharacter(char) {
        char::REPLACEMENT_CHARACTER
    } else {
        char
    }
}

/// The lines of a `policy-string`, so that they can be written: a single one that would be read as a packed list gets a space in front.
fn lines<'a>(lines: impl Iterator<Item = &'a str>) -> Vec<Box<str>> {
    let kept = |line: &str| {
        if line.is_ascii() {
            line.into()
        } else {
            line.chars().map(written).collect::<String>().into()
        }
    };
    let mut lines: Vec<Box<str>> = lines.map(kept).collect();
    if let [line] = lines.as_mut_slice() {
        if is_packed(line) {
            let mut spaced = " ".to_owned();
            spaced.push_str(line);
            *line = spaced.into();
        }
    }
    lines
}

#[cfg(test)]
mod tests;
