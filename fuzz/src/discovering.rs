//! What happens to a domain for days: purposes, answers and failures in any order, and a store that is shared.

use super::choices::bytes;
use arbitrary::{Arbitrary, Result, Unstructured};
use mta_sts::{
    CacheEntry, Conclusion, Discovery, DiscoveryOptions, DnsError, FetchError, MediaType, Mode,
    ParseOptions, Policy, PolicyDomain, PolicyId, PolicyRequest, PolicyResponse, Purpose, Source,
    StoreAction, StsRecord, TxtAnswer, UnixTime,
};
use std::time::Duration;

const BEGINNING: UnixTime = UnixTime::from_secs(1_795_253_400);

/// Discoveries of one domain, one after the other.
#[derive(Clone, Debug)]
pub struct Sequence {
    options: DiscoveryOptions,
    parse_options: ParseOptions,
    media_type: MediaType,
    asks_each_time: bool,
    steps: Vec<Step>,
}

/// One discovery.
#[derive(Clone, Debug)]
struct Step {
    /// Seconds since the one before, at least one: of two fetches in the same second nobody can say which was the later one.
    later: u64,
    purpose: Purpose,
    txt: Result<TxtAnswer, DnsError>,
    response: Result<PolicyResponse, FetchError>,
    /// Whether the store hears of it only after the next one.
    is_slow: bool,
}

/// Every choice takes one byte.
impl<'a> Arbitrary<'a> for Sequence {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let media_type = *u.choose(&[MediaType::TextPlain, MediaType::Any])?;
        let parse_options = *u.choose(&[ParseOptions::strict(), ParseOptions::lenient()])?;
        let asks_each_time = u.arbitrary()?;
        let options = DiscoveryOptions::new()
            .media_type(media_type)
            .parse_options(parse_options)
            .spread_key(u.arbitrary::<u8>()?.into());
        let mut steps = Vec::new();
        while !u.is_empty() && steps.len() < 64 {
            steps.push(u.arbitrary()?);
        }
        Ok(Self {
            options: if asks_each_time {
                options.ask_each_time()
            } else {
                options
            },
            parse_options,
            media_type,
            asks_each_time,
            steps,
        })
    }
}

impl<'a> Arbitrary<'a> for Step {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let unit = *u.choose(&[1, 60, 300, 3_600, 86_400, 1_000_000])?;
        Ok(Self {
            later: 1 + unit * u64::from(u.arbitrary::<u8>()?),
            purpose: *u.choose(&[Purpose::Deliver, Purpose::Recheck, Purpose::Refresh])?,
            txt: txt(u)?,
            response: response(u)?,
            is_slow: u.ratio(1, 8)?,
        })
    }
}

fn txt(u: &mut Unstructured<'_>) -> Result<Result<TxtAnswer, DnsError>> {
    let answer = |records: &[&[u8]]| Ok(records.iter().map(|record| [record]).collect());
    Ok(match u.int_in_range(0..=9)? {
        0..=2 => answer(&[b"v=STSv1; id=a1"]),
        3 => answer(&[b"v=STSv1; id=b2"]),
        4 => answer(&[b"v=STSv1; id=a1", b"v=STSv1; id=b2"]),
        5 => answer(&[]),
        6 => Err(DnsError::NoSuchDomain),
        7 => Err(DnsError::ServerFailure),
        8 => Err(DnsError::Timeout),
        _ => answer(&[bytes(u)?]),
    })
}

fn response(u: &mut Unstructured<'_>) -> Result<Result<PolicyResponse, FetchError>> {
    let plain = Some("text/plain");
    let choice = u.int_in_range(0..=11)?;
    Ok(match choice {
        0..=5 => {
            let mode = u.choose(&["enforce", "testing", "none"])?;
            let max_age = u.choose(&[0, 1, 300, 1_000, 86_400, 604_800, 31_557_600])?;
            let host = u.choose(&["mx.example.com", "*.example.com", "a_b.example.com"])?;
            let text = format!("version: STSv1\nmode: {mode}\nmx: {host}\nmax_age: {max_age}\n");
            let media_type = if choice == 5 {
                Some("text/html")
            } else {
                plain
            };
            Ok(PolicyResponse::new(200, media_type, text.into_bytes()))
        }
        6 => Err(FetchError::Timeout),
        7 => Err(FetchError::Truncated),
        8 => Ok(PolicyResponse::new(404, plain, *b"")),
        9 => Ok(PolicyResponse::new(
            302,
            plain,
            *b"version: STSv1\nmode: none\nmax_age: 9\n",
        )),
        10 => {
            let elsewhere =
                PolicyResponse::new(200, plain, *b"version: STSv1\nmode: none\nmax_age: 9\n");
            Ok(elsewhere.with_url("https://example.net/"))
        }
        _ => Ok(PolicyResponse::new(200, plain, bytes(u)?)),
    })
}

/// A store as others write one: it keeps bytes.
#[derive(Default)]
struct Store(Option<Vec<u8>>);

impl Store {
    fn load(&self) -> Option<CacheEntry> {
        self.0
            .as_ref()
            .map(|bytes| CacheEntry::from_bytes(bytes).expect("what was written"))
    }

    /// As the contract of `PolicyStore` says.
    fn apply(&mut self, action: &StoreAction, now: UnixTime) {
        let stored = self.load();
        match action {
            StoreAction::Keep => {}
            StoreAction::Save(entry) => {
                let merged = match stored {
                    Some(stored) => stored.seen_at(now).merged(entry.clone()),
                    None => entry.clone(),
                };
                self.0 = Some(merged.to_bytes());
            }
            StoreAction::Remove => {
                if stored.is_some_and(|entry| entry.keep_for(now).is_zero()) {
                    self.0 = None;
                }
            }
        }
    }
}

/// What is true of the domain, as an onlooker writes it down.
#[derive(Default)]
struct Onlooker {
    /// The last valid policy that the store has heard of, and when it was fetched.
    last: Option<(Policy, UnixTime)>,
    /// The last fetch that failed, for which id, and when.
    failed: Option<(Option<PolicyId>, UnixTime)>,
}

impl Onlooker {
    fn unexpired(&self, now: UnixTime) -> Option<&(Policy, UnixTime)> {
        let is_unexpired = |(policy, at): &&(Policy, UnixTime)| {
            now.as_secs() - at.as_secs() < policy.max_age().as_secs()
        };
        self.last.as_ref().filter(is_unexpired)
    }

    /// The store hears of a discovery.
    fn hears(&mut self, done: Done) {
        let is_later = |at: UnixTime| at < done.at;
        if let Some(policy) = done.fetched {
            if self.last.as_ref().is_none_or(|(_, at)| is_later(*at)) {
                self.last = Some((policy, done.at));
            }
        } else if done.asked_https && self.failed.is_none_or(|(_, at)| is_later(at)) {
            self.failed = Some((done.tried, done.at));
        }
    }
}

/// A discovery that came to its end.
struct Done {
    conclusion: Conclusion,
    at: UnixTime,
    asked_dns: bool,
    asked_https: bool,
    fetched: Option<Policy>,
    /// The id that a fetch is for.
    tried: Option<PolicyId>,
}

/// The policy that is applied is the one just fetched, else the last one for as long as it lives, and never another: no answer of the DNS and no failure of
/// HTTPS takes it away or lengthens its life. What is asked is what RFC 8461 allows.
pub fn discovery(sequence: &Sequence) {
    let domain: PolicyDomain = "example.com".parse().expect("a domain");
    let (mut store, mut onlooker) = (Store::default(), Onlooker::default());
    let mut slow: Option<Done> = None;
    let mut now = BEGINNING;
    for step in &sequence.steps {
        now = now.saturating_add(Duration::from_secs(step.later));
        let done = sequence.discover(step, &domain, store.load(), now);
        applied(&done, &onlooker);
        asked(&done, step, &onlooker, sequence.asks_each_time);
        let heard = if step.is_slow && slow.is_none() {
            slow = Some(done);
            continue;
        } else {
            [Some(done), slow.take()]
        };
        for done in heard.into_iter().flatten() {
            store.apply(done.conclusion.store(), now);
            onlooker.hears(done);
        }
        let stored = store.load();
        let stored = stored.as_ref().and_then(|entry| entry.fresh(now));
        let stored = stored.map(|cached| (cached.policy().clone(), cached.fetched_at()));
        assert_eq!(stored.as_ref(), onlooker.unexpired(now));
    }
}

impl Sequence {
    fn discover(
        &self,
        step: &Step,
        domain: &PolicyDomain,
        known: Option<CacheEntry>,
        at: UnixTime,
    ) -> Done {
        let valid = valid_id(&step.txt);
        let cached = known.as_ref().and_then(|entry| entry.fresh(at));
        let tried = valid.or_else(|| cached.and_then(|cached| cached.id()));
        let (mut asked_dns, mut asked_https) = (false, false);
        let discovery = Discovery::start(domain.clone(), known, step.purpose, at, &self.options);
        let conclusion = discovery.run(
            |name| {
                assert_eq!(name, "_mta-sts.example.com.");
                asked_dns = true;
                step.txt.clone()
            },
            |_| {
                asked_https = true;
                step.response.clone()
            },
        );
        let request = PolicyRequest::new(domain.clone());
        let response = step.response.as_ref().ok().filter(|_| asked_https);
        let fetched = response.and_then(|it| {
            it.policy(&request, self.media_type, &self.parse_options)
                .ok()
        });
        Done {
            conclusion,
            at,
            asked_dns,
            asked_https,
            fetched,
            tried,
        }
    }
}

fn valid_id(txt: &Result<TxtAnswer, DnsError>) -> Option<PolicyId> {
    let record = StsRecord::select(txt.as_ref().ok()?).ok()??;
    Some(*record.id())
}

fn applied(done: &Done, onlooker: &Onlooker) {
    let decision = done.conclusion.decision();
    let cached = onlooker.unexpired(done.at);
    let (policy, source) = match (&done.fetched, cached) {
        (Some(policy), _) => (Some((policy, done.at)), Some(Source::Live)),
        (None, Some((policy, at))) => (Some((policy, *at)), Some(Source::Cache)),
        (None, None) => (None, None),
    };
    assert_eq!(decision.policy(), policy.map(|(policy, _)| policy));
    let until = policy.map(|(policy, at)| at.saturating_add(policy.max_age().into()));
    assert_eq!(decision.valid_until(), until);
    match source {
        Some(source) => assert_eq!(decision.source(), source),
        None => assert!(matches!(
            decision.source(),
            Source::Absent | Source::Undetermined
        )),
    }
    assert!(!decision.is_confirmed() || done.asked_dns);
    assert!(done.fetched.is_none() || decision.failure().is_none());
    // Silence is for a domain that has opted out; whoever has no policy left, or cannot refresh it, hears why.
    assert!(!done.asked_https || done.fetched.is_some() || decision.failure().is_some());
}

/// What may and what must be asked.
fn asked(done: &Done, step: &Step, onlooker: &Onlooker, asks_each_time: bool) {
    let delivers = step.purpose == Purpose::Deliver && !asks_each_time;
    let refreshes = step.purpose == Purpose::Refresh;
    let is_valid = valid_id(&step.txt).is_some();
    assert!(done.asked_dns || (delivers && !done.asked_https));
    match onlooker.unexpired(done.at) {
        None => assert!(
            done.asked_dns && (is_valid || !done.asked_https),
            "no HTTPS without a record"
        ),
        Some((policy, fetched_at)) => {
            let age = done.at.as_secs() - fetched_at.as_secs();
            // A day after the last fetch or at nine tenths of a shorter life, and up to a tenth of that earlier.
            let latest = (policy.max_age().as_secs() * 9 / 10).clamp(300, 86_400);
            assert!(age < latest || done.asked_dns);
            assert!(age >= latest * 9 / 10 || !delivers || !done.asked_dns);
            let is_left_alone = policy.mode() == Mode::None && !is_valid;
            assert!(!is_left_alone || !done.asked_https, "RFC 8461 section 8.3");
            assert!(is_left_alone || !refreshes || done.asked_https);
        }
    }
    // RFC 8461 section 3.3: five minutes or longer per version id. What failed before the last fetch does not count.
    let fetched_at = onlooker.last.as_ref().map(|(_, at)| *at);
    if let Some((id, at)) = onlooker.failed.filter(|(_, at)| Some(*at) >= fetched_at) {
        let is_soon = done.at.as_secs() - at.as_secs() < 300;
        assert!(!(is_soon && id == done.tried && done.asked_https) || refreshes);
    }
}
