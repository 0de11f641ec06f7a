//! Every combination, and the one row that says what follows.

use crate::answers::{self, Answer, FetchResult, Response, Txt, TxtResult};
use crate::format::{Row, Table, assert_none};
use crate::start::{MAX_AGE, Start, failed, policy, starts};
use crate::{A1, B2, NOW, ago};
use mta_sts::{
    Backoff, CacheEntry, CachedPolicy, Conclusion, Discovery, DiscoveryOptions, FetchError, Mode,
    Policy, PolicyId, PolicyResponse, PolicyType, Purpose, Severity, Source, StoreAction, UnixTime,
};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::sync::Arc;

const TABLES: &str = include_str!("../tables/discovery.txt");

/// A discovery that is over, with what was asked on the way.
struct Case<'a> {
    start: &'a Start,
    txt: Option<&'a Txt>,
    response: Option<&'a Response>,
    conclusion: Conclusion,
}

impl Case<'_> {
    /// The id of the record, if it is valid.
    fn record(&self) -> Option<PolicyId> {
        match self.txt?.class.as_str() {
            "same" => Some(A1),
            "other" => Some(B2),
            _ => None,
        }
    }

    /// The id for which a fetch is or would be made.
    fn tried(&self) -> Option<PolicyId> {
        let cached = self.start.cached().and_then(|cached| cached.id());
        self.record().or(cached)
    }

    fn given(&self) -> [&str; 6] {
        let cached = self.start.cached().and_then(|cached| cached.id());
        let record = match (self.record(), self.txt) {
            (Some(id), _) if Some(id) == cached => "same",
            (Some(_), _) => "other",
            (None, Some(txt)) => &txt.class,
            (None, None) => "not asked",
        };
        [
            self.start.purpose,
            self.start.entry,
            self.start.mode,
            record,
            self.start.delay.word(self.tried()),
            self.response
                .map_or("not tried", |response| response.class.as_str()),
        ]
    }

    /// What was fetched, as it should be remembered.
    fn fetched(&self) -> Option<CachedPolicy> {
        let response = self.response?.given.as_ref().ok()?;
        let policy = Policy::parse(response.body()).ok()?;
        Some(CachedPolicy::new(policy, self.tried(), NOW))
    }

    fn applied(&self, word: &str) -> Option<CachedPolicy> {
        match word {
            "fetched" => self.fetched(),
            "known" => self.start.fresh(),
            "none" => None,
            other => panic!("policy {other}"),
        }
    }

    fn failure(&self, word: &str) -> Option<(String, String)> {
        match word {
            "record" => self.txt?.failure.clone(),
            "fetch" => self.response?.failure.clone(),
            "-" => None,
            other => panic!("failure {other}"),
        }
    }

    /// When mail last needed the entry, this discovery included.
    fn last_used(&self) -> UnixTime {
        let known = self.start.known.as_ref().map(CacheEntry::last_used);
        match known {
            Some(last_used) if !self.start.is_use() => last_used.min(NOW),
            _ => NOW,
        }
    }

    fn store(&self, word: &str) -> StoreAction {
        let last = self.start.delay.backoff();
        let fresh = self.start.fresh().map(Arc::new);
        match word {
            "keep" => {
                let known = self.start.known.as_ref();
                let day_ago = known
                    .is_some_and(|entry| entry.last_used().as_secs() + 86_400 <= NOW.as_secs());
                if self.start.is_use() && fresh.is_some() && day_ago {
                    return StoreAction::Save(CacheEntry::new(fresh, last, NOW));
                }
                StoreAction::Keep
            }
            "policy" => {
                let fetched = self.fetched().map(Arc::new);
                StoreAction::Save(CacheEntry::new(fetched, None, self.last_used()))
            }
            "failure" => {
                let failures = match last {
                    Some(last) if last.id() == self.tried() => last.failures() + 1,
                    _ => 1,
                };
                let backoff = failed(self.tried(), failures, NOW);
                StoreAction::Save(CacheEntry::new(fresh, backoff, self.last_used()))
            }
            "remove" => StoreAction::Remove,
            other => panic!("store {other}"),
        }
    }

    /// What is not as the row says.
    fn differences(&self, row: &Row) -> Vec<String> {
        let decision = self.conclusion.decision();
        let applied = self.applied(row.at("policy"));
        let policy = applied.as_ref().map(CachedPolicy::policy);
        let until = applied.as_ref().map(CachedPolicy::expires_at);
        let failure = decision.failure().map(|failure| {
            let result_type = failure.result_type().code().to_owned();
            (result_type, failure.code().to_owned())
        });
        let confirmed = if decision.is_confirmed() { "yes" } else { "no" };
        let counted = match row.at("counted") {
            "sts" => PolicyType::Sts,
            "no-policy" => PolicyType::NoPolicyFound,
            "by mode" => match policy.map(Policy::mode) {
                Some(Mode::Enforce | Mode::Testing) => PolicyType::Sts,
                Some(Mode::None) | None => PolicyType::NoPolicyFound,
            },
            other => panic!("counted {other}"),
        };
        let lines = self.lines(counted, applied.as_ref());
        let store = self.store(row.at("store"));
        let stored = show_store(self.conclusion.store());
        let wrong = [
            differs("policy", &decision.policy(), &policy),
            differs("valid until", &decision.valid_until(), &until),
            differs("source", source(decision.source()), row.at("source")),
            differs("store", &stored, &show_store(&store)),
            differs("failure", &failure, &self.failure(row.at("failure"))),
            differs("alert", alert(&self.conclusion), row.at("alert")),
            differs("confirmed", confirmed, row.at("confirmed")),
            differs("counted", &decision.policy_type(), &counted),
            lines.and_then(|lines| differs("lines", &decision.policy_lines(), &lines)),
        ];
        wrong.into_iter().flatten().collect()
    }

    /// The policy as a report quotes it: the applied one, or what came in its place.
    fn lines(&self, counted: PolicyType, applied: Option<&CachedPolicy>) -> Option<Vec<String>> {
        if counted == PolicyType::NoPolicyFound {
            return Some(Vec::new());
        }
        if let Some(applied) = applied {
            return Some(applied.lines());
        }
        match &self.response?.given {
            // An empty one has a test of its own.
            Ok(response) if response.body().is_empty() => None,
            Ok(response) if self.response?.class == "invalid" => {
                let body = String::from_utf8_lossy(response.body());
                Some(body.lines().map(Into::into).collect())
            }
            // Whether a page that was not served as a policy is quoted is not decided here.
            Ok(_) => None,
            Err(_) => Some(Vec::new()),
        }
    }

    fn name(&self) -> String {
        let said = [
            self.txt.map(|txt| txt.name.as_str()),
            self.response.map(|response| response.name.as_str()),
        ];
        let known = &self.start.known;
        format!("{}\n  {known:?}\n  {said:?}", self.given().join(" | "))
    }
}

fn differs<T: PartialEq + Debug + ?Sized>(what: &str, said: &T, expected: &T) -> Option<String> {
    let equal = said == expected;
    (!equal).then(|| format!("  {what}: {said:?}\n      not {expected:?}"))
}

const fn source(source: Source) -> &'static str {
    match source {
        Source::Live => "live",
        Source::Cache => "cache",
        Source::Absent => "absent",
        Source::Undetermined => "undetermined",
        Source::Configured => "configured",
    }
}

/// All that can be seen of an entry.
type Shown = (
    Option<(Policy, Option<PolicyId>, UnixTime, Vec<String>)>,
    Option<Backoff>,
    UnixTime,
);

fn show_store(action: &StoreAction) -> Result<Shown, &'static str> {
    let entry = match action {
        StoreAction::Save(entry) => entry,
        StoreAction::Keep => return Err("keep"),
        StoreAction::Remove => return Err("remove"),
    };
    let cached = entry.cached().map(|cached| {
        let policy = cached.policy().clone();
        (policy, cached.id(), cached.fetched_at(), cached.lines())
    });
    Ok((cached, entry.backoff(), entry.last_used()))
}

fn alert(conclusion: &Conclusion) -> &'static str {
    assert_eq!(conclusion.alert(), conclusion.alert_severity().is_some());
    match conclusion.alert_severity() {
        None => "-",
        Some(Severity::Note) => "note",
        Some(Severity::Warning) => "warning",
        Some(_) => "another",
    }
}

/// The answers by class, taken in turn, so that all are used without multiplying all.
struct Turns<'a, T> {
    classes: BTreeMap<&'a str, Vec<&'a Answer<T>>>,
    turn: usize,
}

impl<'a, T> Turns<'a, T> {
    fn new(answers: &'a [Answer<T>]) -> Self {
        let mut classes: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for answer in answers {
            let class = classes.entry(answer.class.as_str());
            class.or_default().push(answer);
        }
        Self { classes, turn: 0 }
    }

    /// One of each class; which one follows no period of the beginnings.
    fn next(&mut self) -> Vec<&'a Answer<T>> {
        self.turn += 1;
        let mixed = self.turn.wrapping_mul(0x9e37_79b1) >> 8;
        let class = self.classes.values();
        class.map(|all| all[mixed % all.len()]).collect()
    }
}

/// Runs a beginning with every answer; each case as it ends.
fn run<'a>(
    start: &'a Start,
    (txt, responses): (&mut Turns<'a, TxtResult>, &mut Turns<'a, FetchResult>),
    mut ended: impl FnMut(&Case<'a>),
) {
    let domain = "example.com".parse().unwrap();
    let known = start.known.clone();
    let first = Discovery::start(domain, known, start.purpose(), NOW, &start.options());
    let mut case = |txt, response, conclusion| {
        ended(&Case {
            start,
            txt,
            response,
            conclusion,
        });
    };
    let step = match first {
        Discovery::Done(conclusion) => return case(None, None, conclusion),
        Discovery::LookUp(step) => step,
        Discovery::Fetch(_) => panic!("a fetch before the DNS was asked"),
    };
    assert_eq!(step.name(), "_mta-sts.example.com.");
    for txt in txt.next() {
        let step = match step.clone().answered(txt.given.clone()) {
            Discovery::Done(conclusion) => {
                case(Some(txt), None, conclusion);
                continue;
            }
            Discovery::Fetch(step) => step,
            Discovery::LookUp(_) => panic!("a second look-up"),
        };
        assert_eq!(step.request(), &answers::request());
        for response in responses.next() {
            let Discovery::Done(conclusion) = step.clone().answered(response.given.clone()) else {
                panic!("something behind the fetch");
            };
            case(Some(txt), Some(response), conclusion);
        }
    }
}

#[test]
fn every_combination_has_its_row() {
    let (starts, txt, responses) = (starts(), answers::txt(), answers::responses());
    let table = Table::new(TABLES, "discovery");
    let mut turns = (Turns::new(&txt), Turns::new(&responses));
    let mut wrong = Vec::new();
    let mut used = BTreeSet::new();
    let mut runs = 0;
    for start in &starts {
        run(start, (&mut turns.0, &mut turns.1), |case| {
            runs += 1;
            used.extend(case.txt.map(|txt| &txt.name));
            used.extend(case.response.map(|response| &response.name));
            match table.find(&case.given()) {
                Err(message) => wrong.push(format!("{}\n  {message}", case.name())),
                Ok(row) => {
                    let differences = case.differences(row);
                    if !differences.is_empty() {
                        let differences = differences.join("\n");
                        wrong.push(format!("{}\n {}\n{differences}", row.name(), case.name()));
                    }
                }
            }
        });
    }
    println!("{} beginnings, {runs} ends", starts.len());
    assert_none(&wrong);
    assert_none(&table.idle());
    assert_eq!(used.len(), txt.len() + responses.len(), "all were tried");
}

/// A failed refresh of a policy that has so long to live and failed when it had so long.
fn failed_refresh(mode: &str, left: i64, last_failure: Option<i64>) -> Conclusion {
    let fetched_at = ago(MAX_AGE - left);
    let cached = CachedPolicy::new(policy(mode), Some(A1), fetched_at);
    let backoff = last_failure.and_then(|then| failed(Some(A1), 1, ago(then - left)));
    let known = CacheEntry::new(Some(Arc::new(cached)), backoff, NOW);
    let options = DiscoveryOptions::new();
    let domain = "example.com".parse().unwrap();
    let discovery = Discovery::start(domain, Some(known), Purpose::Refresh, NOW, &options);
    let txt = Ok([["v=STSv1; id=a1"]].into_iter().collect());
    discovery.run(|_| txt.clone(), |_| Err(FetchError::Connect))
}

#[test]
fn alerts() {
    let mut wrong = Vec::new();
    for row in Table::new(TABLES, "alerts").rows() {
        let modes = match row.given(0) {
            "acting" => vec!["enforce", "testing"],
            mode => vec![mode],
        };
        for mode in modes {
            for left in row.given(1).split('/') {
                for last in row.given(2).split('/') {
                    let (left, last) = (left.parse().unwrap(), last.parse().ok());
                    let conclusion = failed_refresh(mode, left, last);
                    if alert(&conclusion) != row.at("alert") {
                        let said = alert(&conclusion);
                        wrong.push(format!("{mode} {left} {last:?}: {said}\n  {}", row.name()));
                    }
                }
            }
        }
    }
    assert_none(&wrong);
}

/// The body in place of a policy is quoted as it came.
#[track_caller]
fn quoted(body: &[u8], lines: &[&str]) {
    let options = DiscoveryOptions::new();
    let domain = "example.com".parse().unwrap();
    let conclusion = Discovery::start(domain, None, Purpose::Deliver, NOW, &options).run(
        |_| Ok([["v=STSv1; id=a1"]].into_iter().collect()),
        |_| Ok(PolicyResponse::new(200, Some("text/plain"), body)),
    );
    let failure = conclusion.decision().failure().unwrap();
    assert_eq!(failure.result_type().code(), "sts-policy-invalid");
    assert_eq!(conclusion.decision().policy_lines(), lines);
}

#[test]
fn invalid_policies_are_quoted() {
    quoted(b"mode: off", &["mode: off"]);
    quoted(b"mode: off\n", &["mode: off"]);
    quoted(b"mode: off\r\n", &["mode: off"]);
    quoted(b" a: b \t\r\nmode: off\n", &[" a: b", "mode: off"]);
    quoted(b"mode: off\n\nx\n", &["mode: off", "", "x"]);
    quoted(b"\xff\n", &["\u{fffd}"]);
}

/// RFC 8460 section 4.5: what is quoted is what came, and here nothing came.
#[test]
fn an_empty_policy_has_no_lines() {
    quoted(b"", &[]);
}

#[test]
fn delays_grow() {
    for row in Table::new(TABLES, "delays").rows() {
        let failures = row.given(0).parse().unwrap();
        let backoff = failed(Some(A1), failures, NOW).unwrap();
        assert_eq!(backoff.failures(), failures, "{}", row.name());
        let delay = backoff.until().saturating_duration_since(NOW).as_secs();
        assert_eq!(delay.to_string(), row.at("delay"), "{}", row.name());
        // Another id begins anew.
        let other = Backoff::after(Some(backoff), Some(B2), NOW);
        assert_eq!(other.failures(), 1);
        assert_eq!(other.until(), ago(-300));
        assert_eq!(other.id(), Some(B2));
    }
}
