//! What may be given: decisions, hosts, messages, and what comes of a connection.

use crate::NOW;
use mta_sts::{
    CacheEntry, CachedPolicy, Dane, Decision, Discovery, DiscoveryOptions, DnsError, FetchError,
    MessageClass, Policy, PolicyId, PolicyResponse, Purpose, TlsFailure, TlsOutcome, TlsVerdict,
    TxtAnswer,
};
use std::sync::Arc;
use std::time::Duration;

/// A host that every policy here names, one that a wildcard names, and two that none does.
pub(crate) const MX: [(&str, &str); 4] = [
    ("inside", "mx.example.com"),
    ("inside", "A.example.net."),
    ("outside", "mx.example.org"),
    ("outside", "a.b.example.net"),
];

pub(crate) const DANE: [(&str, Dane); 4] = [
    ("no", Dane::NotApplicable),
    ("usable", Dane::Usable),
    ("unusable", Dane::Unusable),
    ("lookup failed", Dane::LookupFailed),
];

pub(crate) const CLASSES: [(&str, MessageClass); 4] = [
    ("ordinary", MessageClass::Ordinary),
    ("report", MessageClass::TlsReport),
    ("not required", MessageClass::TlsNotRequired),
    ("required", MessageClass::RequireTls),
];

/// The operator's choices.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Choices {
    pub(crate) exception: bool,
    pub(crate) replaced: bool,
    pub(crate) defer: bool,
}

pub(crate) fn choices() -> impl Iterator<Item = Choices> {
    (0..8).map(|bits| Choices {
        exception: bits & 1 != 0,
        replaced: bits & 2 != 0,
        defer: bits & 4 != 0,
    })
}

impl Choices {
    fn options(self) -> DiscoveryOptions {
        let mut options = DiscoveryOptions::new();
        if self.replaced {
            options = options.dane_replaces_pkix();
        }
        if self.defer {
            options = options.defer_undetermined();
        }
        options
    }

    fn apply(self, decision: Decision) -> Decision {
        if self.exception {
            return decision.report_only();
        }
        decision
    }
}

fn policy(mode: &str) -> String {
    format!("version: STSv1\nmode: {mode}\nmx: mx.example.com\nmx: *.example.net\nmax_age: 86400\n")
}

type Txt = Result<TxtAnswer, DnsError>;
type Fetched = Result<PolicyResponse, FetchError>;

fn discover(known: Option<CacheEntry>, choices: Choices, txt: &Txt, fetched: &Fetched) -> Decision {
    let domain = "example.com".parse().unwrap();
    let options = choices.options();
    let discovery = Discovery::start(domain, known, Purpose::Refresh, NOW, &options);
    let conclusion = discovery.run(|_| txt.clone(), |_| fetched.clone());
    choices.apply(conclusion.into_parts().0)
}

fn cached(mode: &str) -> CacheEntry {
    let policy = Policy::parse(policy(mode).as_bytes()).unwrap();
    let id = Some(PolicyId::from_static("a1"));
    let fetched_at = NOW.saturating_sub(Duration::from_secs(1_000));
    let cached = Arc::new(CachedPolicy::new(policy, id, fetched_at));
    CacheEntry::new(Some(cached), None, NOW)
}

/// Every way to come to a decision, and what `delivery.txt` calls it.
pub(crate) fn decisions(choices: Choices) -> Vec<(&'static str, Decision)> {
    let valid: Txt = Ok(TxtAnswer::from_iter([["v=STSv1; id=a1"]]));
    let two: Txt = Ok(TxtAnswer::from_iter([["v=STSv1; id=a1"]; 2]));
    let no_answer: Txt = Err(DnsError::Timeout);
    let nothing: Txt = Err(DnsError::NoSuchDomain);
    let unreachable: Fetched = Err(FetchError::Connect);
    let respond = |body: &str| -> Fetched {
        let body = body.as_bytes();
        Ok(PolicyResponse::new(200, Some("text/plain"), body))
    };
    let find = |known, txt, fetched: &Fetched| discover(known, choices, txt, fetched);
    let mut decisions = vec![
        ("absent", find(None, &nothing, &unreachable)),
        ("absent", find(None, &two, &unreachable)),
        ("unavailable", find(None, &valid, &unreachable)),
        ("unavailable", find(None, &valid, &respond("<html>"))),
        ("undetermined", find(None, &no_answer, &unreachable)),
    ];
    for mode in ["enforce", "testing", "none"] {
        let live = respond(&policy(mode));
        decisions.push((mode, find(None, &valid, &live)));
        // What went wrong in the discovery changes nothing about the policy that applies.
        decisions.push((mode, find(Some(cached(mode)), &valid, &unreachable)));
        decisions.push((mode, find(Some(cached(mode)), &no_answer, &unreachable)));
        let configured = Policy::parse(policy(mode).as_bytes()).unwrap();
        let domain = "example.com".parse().unwrap();
        let configured = Decision::configured(domain, configured, NOW);
        let configured = configured.with_options(&choices.options());
        decisions.push((mode, choices.apply(configured)));
    }
    decisions
}

/// What came of a connection, and what `delivery.txt` calls it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outcome {
    pub(crate) word: &'static str,
    pub(crate) pkix: &'static str,
    pub(crate) dane: &'static str,
    pub(crate) tls: TlsOutcome,
}

fn verdicts(failure: TlsFailure) -> [(&'static str, TlsVerdict); 3] {
    [
        ("passed", TlsVerdict::Passed),
        ("failed", TlsVerdict::Failed(failure)),
        ("not checked", TlsVerdict::NotChecked),
    ]
}

/// Every outcome, with one way to fail for each turn.
pub(crate) fn outcomes(turn: usize) -> Vec<Outcome> {
    let all = TlsFailure::ALL;
    // Two verdicts that fail do so for different reasons, so that they can be told apart.
    let (failure, other) = (all[turn % all.len()], all[(turn + 1) % all.len()]);
    let without_tls = |word, tls| Outcome {
        word,
        pkix: "-",
        dane: "-",
        tls,
    };
    let mut outcomes = vec![
        without_tls("not offered", TlsOutcome::NotOffered),
        without_tls("refused", TlsOutcome::Refused(454)),
        without_tls("failed", TlsOutcome::Failed(failure)),
    ];
    for (pkix_word, pkix) in verdicts(failure) {
        for (dane_word, dane) in verdicts(other) {
            outcomes.push(Outcome {
                word: "established",
                pkix: pkix_word,
                dane: dane_word,
                tls: TlsOutcome::Established { pkix, dane },
            });
        }
    }
    outcomes
}
