//! What may be known when a discovery begins.

use crate::{A1, B2, NOW, ago};
use mta_sts::{
    Backoff, CacheEntry, CachedPolicy, DiscoveryOptions, Policy, PolicyId, Purpose, UnixTime,
};
use std::sync::Arc;

/// How long the cached policies live: 14 days.
pub(crate) const MAX_AGE: i64 = 1_209_600;

/// A beginning, and what `discovery.txt` calls its parts.
#[derive(Clone, Debug)]
pub(crate) struct Start {
    pub(crate) purpose: &'static str,
    pub(crate) asks_each_time: bool,
    pub(crate) entry: &'static str,
    pub(crate) mode: &'static str,
    pub(crate) known: Option<CacheEntry>,
    pub(crate) delay: Delay,
}

/// What `discovery.txt` calls a delay, and for which id it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Delay {
    word: &'static str,
    backoff: Option<Backoff>,
}

impl Delay {
    /// The word for it when this is the id that would be fetched.
    pub(crate) fn word(self, tried: Option<PolicyId>) -> &'static str {
        match (self.word, self.backoff) {
            ("running", Some(backoff)) if backoff.id() == tried => "this id",
            ("running", _) => "other id",
            (word, _) => word,
        }
    }

    /// Whether the failure can have come after a fetch at this moment: one that works ends all failures before it.
    fn is_since(self, fetched_at: UnixTime) -> bool {
        self.backoff.is_none_or(|backoff| {
            let delay = match backoff.failures() {
                1 => 300,
                2 => 600,
                _ => 3_600,
            };
            fetched_at.as_secs() + delay <= backoff.until().as_secs()
        })
    }

    /// What counts of it: nothing, if no failure can have delayed for so long.
    pub(crate) fn backoff(self) -> Option<Backoff> {
        self.backoff.filter(|_| self.word != "none")
    }
}

/// This many failures in a row for the id, the last one at this moment.
pub(crate) fn failed(id: Option<PolicyId>, times: u32, last: UnixTime) -> Option<Backoff> {
    (0..times).fold(None, |backoff, _| Some(Backoff::after(backoff, id, last)))
}

fn delays() -> Vec<Delay> {
    let delay = |word, backoff| Delay { word, backoff };
    let ids = [Some(A1), Some(B2), None];
    let over = |id| {
        // It ends at this moment; it has been over for just less than an hour.
        [failed(id, 1, ago(300)), failed(id, 2, ago(600 + 3_599))]
    };
    let past = |id| [failed(id, 1, ago(300 + 3_600)), failed(id, 9, ago(900_000))];
    let running = |id| [failed(id, 1, ago(299)), failed(id, 6, NOW)];
    let mut delays = vec![
        delay("none", None),
        // A clock ran ahead: no failure delays for longer than an hour.
        delay("none", failed(Some(A1), 6, ago(-1))),
        delay("none", failed(Some(B2), 1, ago(-100_000_000))),
    ];
    for id in ids {
        delays.extend(over(id).map(|backoff| delay("over", backoff)));
        delays.extend(past(id).map(|backoff| delay("past", backoff)));
        delays.extend(running(id).map(|backoff| delay("running", backoff)));
    }
    delays
}

/// Names of an entry with a policy, and when that was fetched.
const AGES: [(&str, i64); 9] = [
    ("fresh", 0),
    ("fresh", 1_000),
    // A day less a tenth, which is the most that domains are spread by.
    ("fresh", 77_759),
    ("due", 86_400),
    ("due", MAX_AGE / 10 * 9 - 1),
    // The clock is behind the last fetch.
    ("due", -1),
    ("due", -40_000_000),
    ("expired", MAX_AGE),
    ("expired", 90_000_000),
];

pub(crate) fn policy(mode: &str) -> Policy {
    let mx = if mode == "none" {
        ""
    } else {
        "mx: old.example.com\n"
    };
    let text = format!("version: STSv1\nmode: {mode}\n{mx}max_age: {MAX_AGE}\n");
    Policy::parse(text.as_bytes()).unwrap()
}

/// Every beginning: purpose, entry with its variants, mode, delay, last use.
pub(crate) fn starts() -> Vec<Start> {
    let mut entries = Vec::new();
    for (entry, secs) in AGES {
        for mode in ["enforce", "testing", "none"] {
            for id in [Some(A1), None] {
                let cached = Arc::new(CachedPolicy::new(policy(mode), id, ago(secs)));
                entries.push((entry, mode, Some(cached)));
            }
        }
    }
    entries.push(("failure only", "-", None));
    let mut known: Vec<_> = vec![("none", "-", delays()[0], None)];
    for (entry, mode, cached) in entries {
        let fetched_at = cached
            .as_ref()
            .map_or(UnixTime::default(), |it| it.fetched_at());
        for delay in delays() {
            if !delay.is_since(fetched_at.min(NOW)) {
                continue;
            }
            for last_used in [ago(86_399), ago(86_400), ago(-10)] {
                if last_used < NOW || delay.backoff.is_none() {
                    let entry_of = CacheEntry::new(cached.clone(), delay.backoff, last_used);
                    known.push((entry, mode, delay, Some(entry_of)));
                }
            }
        }
    }
    let mut starts = Vec::new();
    for (number, (entry, mode, delay, known)) in known.into_iter().enumerate() {
        for purpose in ["deliver", "asking", "recheck", "refresh"] {
            starts.push(Start {
                purpose,
                asks_each_time: match purpose {
                    "deliver" => false,
                    "asking" => true,
                    _ => number % 2 == 0,
                },
                entry,
                mode,
                known: known.clone(),
                delay,
            });
        }
    }
    starts
}

impl Start {
    pub(crate) fn purpose(&self) -> Purpose {
        match self.purpose {
            "recheck" => Purpose::Recheck,
            "refresh" => Purpose::Refresh,
            _ => Purpose::Deliver,
        }
    }

    pub(crate) fn options(&self) -> DiscoveryOptions {
        let options = DiscoveryOptions::new().spread_key(7);
        if self.asks_each_time {
            return options.ask_each_time();
        }
        options
    }

    pub(crate) fn is_use(&self) -> bool {
        self.purpose != "refresh"
    }

    pub(crate) fn cached(&self) -> Option<&Arc<CachedPolicy>> {
        self.known.as_ref()?.cached()
    }

    /// The known policy if it is unexpired, as it is when no clock runs ahead.
    pub(crate) fn fresh(&self) -> Option<CachedPolicy> {
        let cached = self.cached().filter(|_| self.entry != "expired")?;
        let fetched_at = cached.fetched_at().min(NOW);
        Some(CachedPolicy::new(
            cached.policy().clone(),
            cached.id(),
            fetched_at,
        ))
    }
}
