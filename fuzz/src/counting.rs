//! Counting sessions in parts that are merged.

use super::choices::{dane, host, outcome};
use arbitrary::{Arbitrary, Result, Unstructured};
use mta_sts::{
    Aggregate, Candidate, Contact, Dane, Decision, Discovery, DiscoveryOptions, Domain, FetchError,
    MaxAge, Mode, Policy, PolicyDomain, PolicyResponse, Purpose, Report, SessionFacts, TlsOutcome,
    TxtAnswer, UnixTime, UtcDay, WriteErrorKind,
};
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;

const NOW: UnixTime = UnixTime::from_secs(1_795_253_400);
const UNBOUNDED: (usize, usize) = (Aggregate::MAX_POLICIES, Aggregate::MAX_DETAILS);

/// Three parts of a count.
#[derive(Clone, Debug)]
pub enum Parts {
    /// What was counted, and where.
    Sessions {
        /// How many policies and details are kept apart, for each part.
        limits: [(usize, usize); 3],
        /// The sessions of all parts.
        sessions: Vec<Session>,
    },
    /// As a store has kept them: one a line, in JSON.
    Stored(Box<[Aggregate; 3]>),
}

/// A session of one part.
#[derive(Clone, Debug)]
pub struct Session {
    part: usize,
    day: u64,
    decision: Decision,
    dane: Dane,
    outcome: TlsOutcome,
    mx_host: String,
    address: u8,
}

/// Every choice takes one byte. An input that begins with `{` is JSON.
impl<'a> Arbitrary<'a> for Parts {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        if u.peek_bytes(1) == Some(b"{") {
            let mut lines = u.bytes(u.len())?.split(|&byte| byte == b'\n');
            let mut part = || {
                lines
                    .next()
                    .map_or(Ok(Aggregate::new()), serde_json::from_slice)
            };
            let mut part = || part().map_err(|_| arbitrary::Error::IncorrectFormat);
            return Ok(Self::Stored(Box::new([part()?, part()?, part()?])));
        }
        let mut limit = || -> Result<_> {
            let few = (u.int_in_range(1..=4)?, u.int_in_range(1..=4)?);
            Ok(if u.arbitrary()? { few } else { UNBOUNDED })
        };
        let limits = [limit()?, limit()?, limit()?];
        let mut sessions = Vec::new();
        while !u.is_empty() && sessions.len() < 32 {
            sessions.push(u.arbitrary()?);
        }
        Ok(Self::Sessions { limits, sessions })
    }
}

impl<'a> Arbitrary<'a> for Session {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        Ok(Self {
            part: u.int_in_range(0..=2)?,
            day: u.int_in_range(0..=1)?,
            decision: decision(u)?,
            dane: dane(u)?,
            outcome: outcome(u)?,
            address: u.arbitrary()?,
            mx_host: host(u)?,
        })
    }
}

fn decision(u: &mut Unstructured<'_>) -> Result<Decision> {
    let domain: PolicyDomain = u
        .choose(&["example.com", "example.net"])?
        .parse()
        .expect("a domain");
    let mode = match u.int_in_range(0..=5)? {
        0 => Mode::Enforce,
        1 => Mode::Testing,
        2 => Mode::None,
        choice => {
            // No policy, and what came in its place if anything did.
            let body = u.bytes(u.len().min(choice * 4))?;
            let response = PolicyResponse::new(200, Some("text/plain"), body);
            let response = if choice == 3 {
                Err(FetchError::Timeout)
            } else {
                Ok(response)
            };
            let options = DiscoveryOptions::new();
            let discovery = Discovery::start(domain, None, Purpose::Deliver, NOW, &options);
            let txt = TxtAnswer::from_iter([["v=STSv1; id=1"]]);
            let conclusion = discovery.run(|_| Ok(txt.clone()), |_| response.clone());
            return Ok(conclusion.decision().clone());
        }
    };
    let policy = Policy::builder(mode, MaxAge::MAX);
    let policy = policy.mx("mx.example.com".parse().expect("a pattern"));
    Ok(Decision::configured(
        domain,
        policy.build().expect("a policy"),
        NOW,
    ))
}

impl Session {
    fn record(&self, aggregate: &mut Aggregate) {
        let verdict = match self.decision.candidate(&self.mx_host, self.dane) {
            Candidate::Connect(session) => session.judge(self.outcome),
            Candidate::Skip(verdict) => verdict,
        };
        let ended_at = NOW.saturating_add(Duration::from_secs(86_400 * self.day));
        let facts = SessionFacts::new(ended_at, &self.mx_host)
            .with_receiving_ip([192, 0, 2, self.address].into())
            .with_receiving_mx_helo(&self.mx_host)
            .with_tlsa([format!("3 1 1 {:02x}", self.address)]);
        aggregate.record(&self.decision, &verdict, &facts);
        if self.address == 0 {
            aggregate.record_discovery(&self.decision, ended_at);
        }
    }
}

/// Merging is associative and commutative, and an empty aggregate is its unit; where a session was counted does not matter; bounds change no sum; what is stored is
/// read back; and the reports that come of it are exactly what RFC 8460 wants.
pub fn aggregate(parts: &Parts) {
    let [a, b, c] = match parts {
        Parts::Stored(parts) => (**parts).clone(),
        Parts::Sessions { limits, sessions } => counted(limits, sessions),
    };
    let merged = |a: &Aggregate, b: &Aggregate| a.clone().merge(b.clone());
    let ab = merged(&a, &b);
    assert_eq!(ab, merged(&b, &a));
    let all = merged(&ab, &c);
    assert_eq!(all, merged(&a, &merged(&b, &c)));
    assert_eq!(merged(&all, &Aggregate::new()), all);
    assert_eq!(merged(&Aggregate::new(), &a), a);
    // What is taken out and what is left make the whole, and nothing is taken twice.
    let mut rest = all.clone();
    let day = UtcDay::of(NOW).next();
    let before = rest.take_before(day);
    assert!(rest.take_before(day).is_empty());
    assert_eq!(before.merge(rest), all);

    bounded(&all);
    let sums = sums(&reported(&all));
    if let Parts::Sessions { limits, sessions } = parts {
        assert_eq!(in_one(limits, sessions), all);
        assert_eq!(self::sums(&reported(&in_one(&[UNBOUNDED], sessions))), sums);
    }
}

fn counted(limits: &[(usize, usize); 3], sessions: &[Session]) -> [Aggregate; 3] {
    let mut parts = limits.map(|(policies, details)| Aggregate::with_limits(policies, details));
    for session in sessions {
        session.record(&mut parts[session.part]);
    }
    parts
}

/// All of it counted in one place, in another order, under the lowest of these limits.
fn in_one(limits: &[(usize, usize)], sessions: &[Session]) -> Aggregate {
    let lowest = |limit: fn(&(usize, usize)) -> usize| limits.iter().map(limit).min();
    let (policies, details) = (lowest(|it| it.0), lowest(|it| it.1));
    let mut aggregate = Aggregate::with_limits(policies.expect("limits"), details.expect("limits"));
    for session in sessions.iter().rev() {
        session.record(&mut aggregate);
    }
    aggregate
}

/// Stored and read it is the same, and keeps no more apart than its limits say.
fn bounded(aggregate: &Aggregate) {
    let form = serde_json::to_value(aggregate).expect("an aggregate has a serde form");
    let text = form.to_string();
    assert_eq!(
        &serde_json::from_str::<Aggregate>(&text).expect(&text),
        aggregate
    );
    let len = |value: &Value| value.as_array().map_or(0, Vec::len) as u64;
    let limit = |name: &str| form[name].as_u64().expect("a limit");
    for day in form["days"].as_array().expect("days") {
        assert!(len(&day["policies"]) <= limit("max_policies"));
        for policy in day["policies"].as_array().expect("policies") {
            assert!(len(&policy["details"]) <= limit("max_details"));
        }
    }
}

/// The reports, each of which is read back without a deviation. Only days that have no date cannot be written.
fn reported(aggregate: &Aggregate) -> Vec<Report> {
    let contact: Contact = "tls@kestrel.example".parse().expect("a contact");
    let id = |domain: &Domain, day: UtcDay| format!("{day}.{domain}");
    let reports = aggregate.clone().into_reports("Kestrel", &contact, id);
    let mut written = Vec::new();
    for (report, (day, _)) in reports.zip(aggregate.days()) {
        match report {
            Ok(report) => written.push(report.into_parts().2),
            Err(error) => {
                assert_eq!(error.kind(), WriteErrorKind::Time);
                assert!(day.to_string().len() > "9999-12-31".len(), "{day}");
            }
        }
    }
    for report in &written {
        let text = report.to_json().expect("it can be written");
        let read = Report::from_json(text.as_bytes()).expect(&text);
        assert_eq!((read.report(), read.deviations()), (report, &[][..]));
    }
    written
}

/// Sessions, and details by result type.
fn sums(reports: &[Report]) -> (u64, u64, BTreeMap<String, u64>) {
    let mut details = BTreeMap::new();
    let policies = reports.iter().flat_map(Report::policies);
    for failure in policies.flat_map(mta_sts::ReportPolicy::failure_details) {
        let name = failure.result_type().expect("a type").to_string();
        *details.entry(name).or_default() += failure.failed_sessions().expect("a count");
    }
    let sum = |count: fn(&Report) -> u64| reports.iter().map(count).sum();
    (
        sum(Report::successful_sessions),
        sum(Report::failed_sessions),
        details,
    )
}
