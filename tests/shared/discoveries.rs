//! Discoveries with what is cached.

use super::vectors;
use mta_sts::{
    Backoff, CacheEntry, CachedPolicy, Conclusion, Discovery, DiscoveryOptions, DnsError,
    FetchError, Mode, Policy, PolicyResponse, Purpose, Source, StoreAction, TlsFailure, TxtAnswer,
    UnixTime,
};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

/// The moment of every discovery here.
const NOW: UnixTime = UnixTime::from_secs(1_795_253_400);
const CACHED: &str = "version: STSv1\nmode: enforce\nmx: old.example\nmax_age: 1209600\n";
const SERVED: &str = "version: STSv1\nmode: enforce\nmx: new.example\nmax_age: 1209600\n";

type Txt = Result<TxtAnswer, DnsError>;
type Fetched = Result<PolicyResponse, FetchError>;

/// A discovery and how often it fetched.
struct Run {
    conclusion: Conclusion,
    fetched: u32,
}

impl Run {
    fn new(known: Option<CacheEntry>, purpose: Purpose, txt: &Txt, response: &Fetched) -> Self {
        let domain = "example.com".parse().unwrap();
        let options = DiscoveryOptions::new();
        let mut fetched = 0;
        let discovery = Discovery::start(domain, known, purpose, NOW, &options);
        let conclusion = discovery.run(
            |_| txt.clone(),
            |_| {
                fetched += 1;
                response.clone()
            },
        );
        Self {
            conclusion,
            fetched,
        }
    }

    fn mx(&self) -> Option<String> {
        let policy = self.conclusion.decision().policy()?;
        policy.mx().next().map(|pattern| pattern.to_string())
    }

    fn failure(&self) -> &'static str {
        let failure = self.conclusion.decision().failure();
        failure.map_or("-", |failure| failure.code())
    }

    /// What is stored afterwards.
    fn saved(&self) -> &CacheEntry {
        match self.conclusion.store() {
            StoreAction::Save(entry) => entry,
            other => panic!("{other:?}"),
        }
    }

    fn applies_the_cached_policy(&self) {
        assert_eq!(self.mx().as_deref(), Some("old.example"));
        assert_eq!(self.conclusion.decision().source(), Source::Cache);
        assert_ne!(self.conclusion.store(), &StoreAction::Remove);
    }
}

/// An entry with the id `a` whose policy is so many seconds old.
fn entry(age: u64) -> CacheEntry {
    let policy = Policy::parse(CACHED.as_bytes()).unwrap();
    let fetched_at = NOW.saturating_sub(Duration::from_secs(age));
    let cached = CachedPolicy::new(policy, Some("a".parse().unwrap()), fetched_at);
    CacheEntry::new(Some(Arc::new(cached)), None, NOW)
}

/// Entries as a row describes them: `unexpired`, whether due or not, `EXPIRED`, or none.
fn entries(row: &Value) -> Vec<Option<CacheEntry>> {
    match row["input"]["cache"].as_str() {
        None => vec![None],
        Some(text) if text.ends_with("EXPIRED") => {
            [1_209_600, 90_000_000].map(entry).map(Some).into()
        }
        Some(text) if text.ends_with("unexpired") => {
            [0, 60_000, 100_000].map(entry).map(Some).into()
        }
        Some(text) => panic!("{text}"),
    }
}

/// The answers that a row stands for.
fn txt_answers(row: &Value) -> Vec<Txt> {
    let record = |id: &str| Ok(TxtAnswer::from_iter([[format!("v=STSv1; id={id}")]]));
    match row["input"]["txt"].as_str() {
        None => vec![record("a")],
        Some("NXDOMAIN") => vec![Err(DnsError::NoSuchDomain)],
        Some("SERVFAIL/timeout") => vec![Err(DnsError::ServerFailure), Err(DnsError::Timeout)],
        Some("none") => vec![
            Err(DnsError::NoSuchDomain),
            Err(DnsError::NoData),
            Ok(TxtAnswer::new()),
        ],
        Some(text) => vec![record(text.strip_prefix("id=").unwrap())],
    }
}

/// The responses that a row stands for.
fn responses(row: &Value) -> Vec<Fetched> {
    let input = &row["input"];
    let served = |body: &str| {
        Ok(PolicyResponse::new(
            200,
            Some("text/plain"),
            body.as_bytes(),
        ))
    };
    if let Some(status) = input["https_status"].as_u64() {
        let status = status.try_into().unwrap();
        let content_type = input["content_type"].as_str().unwrap_or("text/plain");
        let body = match input["https_body"].as_str().unwrap() {
            "valid policy" => SERVED.to_owned(),
            "> 64 KiB" => format!("{SERVED}note: {}\n", "x".repeat(65_536)),
            other => other.to_owned(),
        };
        return vec![Ok(PolicyResponse::new(
            status,
            Some(content_type),
            body.into_bytes(),
        ))];
    }
    match input["https"].as_str() {
        None => vec![served(SERVED)],
        Some("timeout / TLS failure / 404 / unparsable") => vec![
            Err(FetchError::Timeout),
            Err(FetchError::Tls(TlsFailure::CertificateExpired)),
            Ok(PolicyResponse::new(
                404,
                Some("text/plain"),
                SERVED.as_bytes(),
            )),
            served("<html>"),
        ],
        Some("...max_age: 31557600") => vec![served(&SERVED.replace("1209600", "31557600"))],
        Some(body) => vec![served(body)],
    }
}

/// How a row without a policy in the cache ends: nothing but a failure with this code is remembered.
fn not_a_policy(row: &Value, code: &str) {
    for fetched in responses(row) {
        for txt in txt_answers(row) {
            let run = Run::new(None, Purpose::Deliver, &txt, &fetched);
            assert_eq!((run.mx(), run.failure()), (None, code), "{row}");
            assert_eq!(run.saved().cached(), None, "{row}");
            // A cached policy outlives the same response.
            let run = Run::new(Some(entry(100_000)), Purpose::Deliver, &txt, &fetched);
            run.applies_the_cached_policy();
            assert_eq!(run.failure(), code, "{row}");
        }
    }
}

const PURPOSES: [Purpose; 3] = [Purpose::Deliver, Purpose::Recheck, Purpose::Refresh];

/// Every discovery that a row stands for, with what it serves.
fn runs(row: &Value) -> Vec<(Purpose, Run)> {
    runs_with(row, &responses(row))
}

/// The same while the Policy Host is down: what a row is silent about must not help it.
fn runs_while_down(row: &Value) -> Vec<(Purpose, Run)> {
    runs_with(row, &[Err(FetchError::Connect)])
}

fn runs_with(row: &Value, responses: &[Fetched]) -> Vec<(Purpose, Run)> {
    let mut runs = Vec::new();
    for known in entries(row) {
        for txt in txt_answers(row) {
            for fetched in responses {
                for purpose in PURPOSES {
                    runs.push((purpose, Run::new(known.clone(), purpose, &txt, fetched)));
                }
            }
        }
    }
    runs
}

/// Checked, and trouble with the record is the failure.
fn unanswered(row: &Value) {
    for txt in txt_answers(row) {
        let down = Err(FetchError::Connect);
        let run = Run::new(Some(entry(60_000)), Purpose::Recheck, &txt, &down);
        run.applies_the_cached_policy();
        let failure = run.conclusion.decision().failure().unwrap();
        assert_eq!(failure.result_type().code(), "sts-policy-fetch-error");
        assert_eq!(run.fetched, 0);
    }
}

fn keeps_the_old_id(row: &Value) {
    for (purpose, run) in runs(row) {
        run.applies_the_cached_policy();
        if run.fetched == 0 {
            assert_eq!(purpose, Purpose::Deliver, "not due: nobody was asked");
            continue;
        }
        let saved = run.saved().clone();
        assert_eq!(saved.cached().unwrap().id().unwrap().as_str(), "a");
        // An hour later at the latest the next attempt fetches.
        let later = NOW.saturating_add(Duration::from_secs(3_600));
        let (domain, options) = ("example.com".parse().unwrap(), DiscoveryOptions::new());
        let next = Discovery::start(domain, Some(saved), Purpose::Recheck, later, &options);
        let Discovery::LookUp(step) = next else {
            panic!("{row}")
        };
        let next = step.answered(txt_answers(row).remove(0));
        assert!(matches!(next, Discovery::Fetch(_)), "{row}");
    }
}

fn revives_nothing(row: &Value) {
    for (_, run) in runs(row) {
        assert_eq!((run.fetched, run.mx().as_deref()), (1, Some("new.example")));
    }
    for (_, run) in runs_while_down(row) {
        assert_eq!((run.fetched, run.mx()), (1, None));
    }
}

fn uses_the_cache(row: &Value) {
    for known in [entry(0), entry(60_000)] {
        let end = known.cached().unwrap().expires_at();
        for purpose in [Purpose::Deliver, Purpose::Recheck] {
            let (txt, down) = (&txt_answers(row)[0], Err(FetchError::Connect));
            let run = Run::new(Some(known.clone()), purpose, txt, &down);
            run.applies_the_cached_policy();
            assert_eq!(run.fetched, 0);
            assert_eq!(run.conclusion.decision().valid_until(), Some(end));
            assert_eq!(run.conclusion.store(), &StoreAction::Keep);
        }
    }
}

fn opts_out(row: &Value) {
    let runs = runs(row);
    let fetched = runs.iter().filter(|(_, run)| run.fetched == 1);
    assert_eq!(
        fetched.clone().count(),
        runs.len() - 2,
        "all but two deliveries ask"
    );
    for (_, run) in fetched {
        let policy = run.conclusion.decision().policy().unwrap();
        assert_eq!(policy.mode(), Mode::None);
        assert_eq!(run.saved().cached().unwrap().policy(), policy);
    }
}

fn is_kept_for(row: &Value, max_age: u64) {
    let at = |secs| NOW.saturating_add(Duration::from_secs(secs));
    for (_, run) in runs(row) {
        let entry = run.saved();
        assert_eq!(entry.keep_for(NOW), Duration::from_secs(max_age));
        assert!(entry.fresh(at(max_age - 1)).is_some());
        assert!(entry.fresh(at(max_age)).is_none());
        assert_eq!(run.conclusion.decision().valid_until(), Some(at(max_age)));
    }
}

fn waits(row: &Value) {
    let (txt, down) = (&txt_answers(row)[0], Err(FetchError::Connect));
    let then = NOW.saturating_sub(Duration::from_secs(60));
    let backoff = Backoff::after(None, Some("a".parse().unwrap()), then);
    let failed = CacheEntry::new(None, Some(backoff), then);
    for purpose in [Purpose::Deliver, Purpose::Recheck] {
        let run = Run::new(Some(failed.clone()), purpose, txt, &down);
        assert_eq!((run.mx(), run.fetched), (None, 0));
        assert!(!run.conclusion.decision().is_confirmed());
    }
    // The same with a policy that is due.
    let due = CacheEntry::new(entry(100_000).cached().cloned(), Some(backoff), NOW);
    let run = Run::new(Some(due), Purpose::Deliver, txt, &down);
    run.applies_the_cached_policy();
    assert_eq!(run.fetched, 0);
}

#[test]
fn cache_vectors() {
    let apply_cached = |row: &Value| {
        for (_, run) in runs_while_down(row) {
            run.applies_the_cached_policy();
        }
    };
    for row in &vectors("cache") {
        match row["expect"].as_str().unwrap() {
            "apply cached policy" => apply_cached(row),
            "apply cached policy; TLSRPT sts-policy-fetch-error is reportable" => {
                apply_cached(row);
                unanswered(row);
            }
            "apply cached policy; keep old id so that the next attempt refetches" => {
                keeps_the_old_id(row);
            }
            "fetch again over HTTPS; unchanged id is not proof of freshness" => {
                revives_nothing(row);
            }
            "use cache, no HTTPS needed, expiry unchanged" => uses_the_cache(row),
            "replace by mode none (opt-out works)" => opts_out(row),
            "cache for at most 60 s" => is_kept_for(row, 60),
            "may be cached for the full value" => is_kept_for(row, 31_557_600),
            "not a policy" => not_a_policy(row, "fetch-status"),
            "MUST NOT follow" => not_a_policy(row, "fetch-redirect"),
            "SHOULD reject" => not_a_policy(row, "fetch-media-type"),
            "MAY reject; never parse a truncated prefix" => not_a_policy(row, "fetch-too-large"),
            "no policy" => {
                for (_, run) in runs(row) {
                    assert_eq!((run.mx(), run.fetched, run.failure()), (None, 0, "-"));
                    assert_eq!(run.conclusion.store(), &StoreAction::Remove);
                }
            }
            "do not fetch yet (>= 5 min per id)" => waits(row),
            other => panic!("not run: {other}"),
        }
    }
}
