//! What a discovery knows, and what follows from each answer.

use super::Purpose;
use super::decision::{Conclusion, Confirmation, Decision, Enforcement, Source, StoreAction};
use super::options::DiscoveryOptions;
use crate::cache::{Backoff, CacheEntry, CachedPolicy};
use crate::diagnostic::Severity;
use crate::domain::PolicyDomain;
use crate::failure::{DnsError, Failure, Reason};
use crate::policy::Mode;
use crate::record::{PolicyId, StsRecord};
use crate::time::UnixTime;
use crate::txt::{SelectError, TxtAnswer};
use alloc::sync::Arc;
use core::time::Duration;

/// How exactly the last use of an entry is known: more would mean writing it at each delivery.
const LAST_USED_PRECISION: Duration = Duration::from_secs(86_400);

/// What the DNS said about the record.
#[derive(Clone, Copy, Debug)]
pub(super) enum Record {
    NotAsked,
    Valid(PolicyId),
    Absent,
    Invalid(SelectError),
    Unanswered(DnsError),
}

impl From<Result<TxtAnswer, DnsError>> for Record {
    fn from(answer: Result<TxtAnswer, DnsError>) -> Self {
        match answer.map(|records| StsRecord::select(&records)) {
            Ok(Ok(Some(record))) => Self::Valid(*record.id()),
            Ok(Ok(None)) | Err(DnsError::NoSuchDomain | DnsError::NoData) => Self::Absent,
            Ok(Err(error)) => Self::Invalid(error),
            Err(
                error @ (DnsError::ServerFailure
                | DnsError::Bogus
                | DnsError::Timeout
                | DnsError::Other),
            ) => Self::Unanswered(error),
        }
    }
}

/// A policy that was fetched; or why not, and the body that came in its place.
pub(super) type Fetched = Result<Arc<CachedPolicy>, (Reason, Option<Arc<[u8]>>)>;

/// How a domain stands before it is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// No policy is cached, or none that is fresh.
    NoPolicy,
    /// A fresh policy with mode `none`.
    OptedOut,
    /// Another fresh policy.
    InForce,
}

/// What a discovery knows from the beginning.
#[derive(Clone, Debug)]
pub(super) struct Case {
    pub(super) domain: PolicyDomain,
    fresh: Option<Arc<CachedPolicy>>,
    /// Whether the fresh policy should be fetched again.
    pub(super) due: bool,
    backoff: Option<Backoff>,
    last_used: UnixTime,
    /// Whether there is an entry in which nothing has life left.
    spent: bool,
    purpose: Purpose,
    pub(super) now: UnixTime,
    pub(super) options: DiscoveryOptions,
}

impl Case {
    pub(super) fn new(
        domain: PolicyDomain,
        known: Option<CacheEntry>,
        purpose: Purpose,
        now: UnixTime,
        options: DiscoveryOptions,
    ) -> Self {
        let spent = known
            .as_ref()
            .is_some_and(|entry| entry.keep_for(now).is_zero());
        let known = known.unwrap_or(CacheEntry::new(None, None, now));
        let is_due = |cached: &Arc<CachedPolicy>| cached.is_due(&domain, options.spread_key, now);
        let due = known.cached().is_some_and(is_due);
        let known = known.seen_at(now);
        Self {
            fresh: known.fresh(now).cloned(),
            due,
            backoff: known.backoff(),
            last_used: known.last_used(),
            spent,
            domain,
            purpose,
            now,
            options,
        }
    }

    pub(super) fn standing(&self) -> Standing {
        match self.fresh.as_ref().map(|cached| cached.policy().mode()) {
            None => Standing::NoPolicy,
            Some(Mode::None) => Standing::OptedOut,
            Some(Mode::Enforce | Mode::Testing) => Standing::InForce,
        }
    }

    /// The id that a fetch is for: that of the record, else the last one known.
    pub(super) fn id_of(&self, record: Record) -> Option<PolicyId> {
        match record {
            Record::Valid(id) => Some(id),
            Record::NotAsked | Record::Absent | Record::Invalid(_) | Record::Unanswered(_) => {
                self.fresh.as_ref().and_then(|cached| cached.id())
            }
        }
    }

    /// Whether the record has another id than the cached policy.
    fn is_news(&self, record: Record) -> bool {
        self.id_of(record) != self.fresh.as_ref().and_then(|cached| cached.id())
    }

    /// Whether the policy is to be fetched.
    ///
    /// A record that is absent, invalid or unanswered must not keep a policy from being refreshed (§10.2): else whoever can suppress it has only to wait. Only a
    /// domain that has opted out and taken its record away is left alone (§8.3), and without a policy it takes a valid record to expect one (§3.1).
    pub(super) fn fetches(&self, record: Record) -> bool {
        let refreshes = self.due || self.purpose == Purpose::Refresh;
        let wanted = match (self.standing(), record) {
            (Standing::NoPolicy, Record::Valid(_)) => true,
            (Standing::InForce | Standing::OptedOut, Record::Valid(_)) => {
                refreshes || self.is_news(record)
            }
            (Standing::InForce, Record::Absent | Record::Invalid(_) | Record::Unanswered(_)) => {
                refreshes
            }
            (_, Record::NotAsked)
            | (
                Standing::NoPolicy | Standing::OptedOut,
                Record::Absent | Record::Invalid(_) | Record::Unanswered(_),
            ) => false,
        };
        let id = self.id_of(record);
        let delayed = self
            .backoff
            .is_some_and(|backoff| backoff.holds(id, self.now));
        wanted && (!delayed || self.purpose == Purpose::Refresh)
    }

    /// Whether the DNS has said that nothing newer is left unfetched.
    fn confirmation(&self, record: Record) -> Confirmation {
        match record {
            Record::Valid(_) if self.is_news(record) => Confirmation::Unconfirmed,
            Record::Valid(_) | Record::Absent | Record::Invalid(_) => Confirmation::Confirmed,
            Record::NotAsked | Record::Unanswered(_) => Confirmation::Unconfirmed,
        }
    }

    /// What is wrong with the record (§6). Without a policy its absence is none, and after opting out nothing is.
    fn record_failure(&self, record: Record) -> Option<Reason> {
        match (self.standing(), record) {
            (Standing::InForce, Record::Absent) => Some(Reason::RecordAbsent),
            (Standing::InForce | Standing::NoPolicy, Record::Invalid(error)) => {
                Some(Reason::RecordInvalid(error))
            }
            (Standing::InForce | Standing::NoPolicy, Record::Unanswered(error)) => {
                Some(Reason::RecordUnanswered(error))
            }
            (_, Record::NotAsked | Record::Valid(_))
            | (Standing::NoPolicy, Record::Absent)
            | (Standing::OptedOut, Record::Absent | Record::Invalid(_) | Record::Unanswered(_)) => {
                None
            }
        }
    }

    /// When mail last needed the entry, this discovery included.
    fn used_at(&self) -> UnixTime {
        match self.purpose {
            Purpose::Deliver | Purpose::Recheck => self.now,
            Purpose::Refresh => self.last_used,
        }
    }

    fn entry(&self, cached: Option<Arc<CachedPolicy>>, backoff: Option<Backoff>) -> CacheEntry {
        CacheEntry::new(cached, backoff, self.used_at())
    }

    /// How loudly a failed refresh is told.
    fn alert(&self) -> Option<Severity> {
        let cached = self
            .fresh
            .as_ref()
            .filter(|_| self.standing() == Standing::InForce)?;
        let told = |backoff: Backoff| cached.is_nearly_expired(backoff.failed_at());
        if cached.is_nearly_expired(self.now) && !self.backoff.is_some_and(told) {
            Some(Severity::Warning)
        } else if self.backoff.is_none() {
            Some(Severity::Note)
        } else {
            None
        }
    }

    /// The end. The last valid fetch wins, whatever its id, mode or `max_age`. Without one a fresh policy goes on to apply, and keeps its id, so that
    /// the next attempt fetches again (§3.3).
    pub(super) fn conclude(self, record: Record, fetched: Option<Fetched>) -> Conclusion {
        let mut confirmation = self.confirmation(record);
        let mut failure = self.record_failure(record);
        let mut invalid_body = None;
        let mut alert = None;
        let kept = match (&self.fresh, record) {
            (Some(_), _) => Source::Cache,
            (None, Record::Unanswered(_)) => Source::Undetermined,
            (None, Record::NotAsked | Record::Valid(_) | Record::Absent | Record::Invalid(_)) => {
                Source::Absent
            }
        };
        let (source, applied, store) = match fetched {
            Some(Ok(cached)) => {
                confirmation = Confirmation::Confirmed;
                failure = None;
                let entry = self.entry(Some(Arc::clone(&cached)), None);
                (Source::Live, Some(cached), StoreAction::Save(entry))
            }
            Some(Err((reason, body))) => {
                failure = Some(reason);
                invalid_body = body.filter(|_| matches!(reason, Reason::PolicyInvalid(_)));
                alert = self.alert();
                let backoff = Backoff::after(self.backoff, self.id_of(record), self.now);
                let entry = self.entry(self.fresh.clone(), Some(backoff));
                (kept, self.fresh.clone(), StoreAction::Save(entry))
            }
            None => (kept, self.fresh.clone(), self.store_unfetched(record)),
        };
        Conclusion {
            decision: Decision {
                domain: self.domain,
                applied,
                source,
                failure: failure.map(Failure::from),
                invalid_body,
                confirmation,
                enforcement: Enforcement::Full,
                options: self.options,
            },
            store,
            alert,
        }
    }

    /// What becomes of the entry if nothing was fetched.
    fn store_unfetched(&self, record: Record) -> StoreAction {
        let unused_for = self.used_at().saturating_duration_since(self.last_used);
        match (&self.fresh, record) {
            (None, Record::Absent) if self.spent => StoreAction::Remove,
            (Some(cached), _) if unused_for >= LAST_USED_PRECISION => {
                StoreAction::Save(self.entry(Some(Arc::clone(cached)), self.backoff))
            }
            _ => StoreAction::Keep,
        }
    }
}
