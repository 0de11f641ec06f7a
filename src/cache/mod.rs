//! What a sender remembers of a domain: the policy, how old it is, and when to try again (RFC 8461 §3.3, §5.1, §10.2).

mod text;

use crate::domain::PolicyDomain;
use crate::hash::Fnv1a;
use crate::policy::{Mode, Policy};
use crate::record::PolicyId;
use crate::time::UnixTime;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::time::Duration;

const DAY: Duration = Duration::from_secs(86_400);
/// The longest time between two fetches of a policy that is used.
const REFRESH_INTERVAL: Duration = DAY;
/// The least time between two fetches, and between a failure and the next attempt.
const MIN_INTERVAL: Duration = Duration::from_secs(300);
/// The longest time between a failure and the next attempt.
const MAX_BACKOFF: Duration = Duration::from_secs(3_600);
/// How long an unused entry is refreshed.
const UNUSED: Duration = Duration::from_secs(180 * 86_400);

/// A policy as it was fetched.
///
/// Fresh exactly while `now < fetched_at + max_age`, so never with a `max_age` of 0. Where a clock is behind `fetched_at`, the
/// policy counts as just fetched.
///
/// # Examples
///
/// ```
/// use core::time::Duration;
/// use mta_sts::{CachedPolicy, Policy, UnixTime};
///
/// let policy = Policy::parse(b"version: STSv1\nmode: enforce\nmx: mx.kestrel.net\nmax_age: 86400\n")?;
/// let fetched_at = UnixTime::from_secs(1_795_253_400);
/// let cached = CachedPolicy::new(policy, Some("20261121".parse()?), fetched_at);
/// assert!(cached.is_fresh(fetched_at.saturating_add(Duration::from_secs(86_399))));
/// assert!(!cached.is_fresh(cached.expires_at()));
/// # Ok::<(), mta_sts::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CachedPolicy {
    policy: Policy,
    id: Option<PolicyId>,
    fetched_at: UnixTime,
    /// The text as it came, if its lines are others than those of the written policy.
    received: Option<Arc<[u8]>>,
}

impl CachedPolicy {
    /// A policy fetched at this time, while the record had this id (`None`: no record was known).
    #[must_use]
    pub const fn new(policy: Policy, id: Option<PolicyId>, fetched_at: UnixTime) -> Self {
        Self {
            policy,
            id,
            fetched_at,
            received: None,
        }
    }

    /// The same with the text that the policy was read from.
    pub(crate) fn received_as(mut self, text: Arc<[u8]>) -> Self {
        let differs = lines(&text) != lines(self.policy.to_string().as_bytes());
        self.received = differs.then_some(text);
        self
    }

    /// The policy.
    #[must_use]
    pub const fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The id that the record had; `None` if no record was known.
    #[must_use]
    pub const fn id(&self) -> Option<PolicyId> {
        self.id
    }

    /// When the discovery began that fetched the policy.
    #[must_use]
    pub const fn fetched_at(&self) -> UnixTime {
        self.fetched_at
    }

    /// The moment from which on the policy is not applied any more.
    #[must_use]
    pub fn expires_at(&self) -> UnixTime {
        self.fetched_at.saturating_add(self.life())
    }

    /// Whether the policy may be applied.
    #[must_use]
    pub fn is_fresh(&self, now: UnixTime) -> bool {
        now.saturating_duration_since(self.fetched_at) < self.life()
    }

    /// The lines of the policy as it came, without white space at their ends; what is not UTF-8 becomes U+FFFD. The
    /// `policy-string` of a TLS report (RFC 8460 [§4.5](https://www.rfc-editor.org/rfc/rfc8460#section-4.5)).
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        match &self.received {
            Some(text) => lines(text),
            None => lines(self.policy.to_string().as_bytes()),
        }
    }

    fn life(&self) -> Duration {
        self.policy.max_age().into()
    }

    /// When a fetch is due: a day after the last, or at 9/10 of a shorter life, but not within 300 s; less up to a tenth that
    /// differs from domain to domain, so that refreshes do not come in crowds.
    fn due_at(&self, domain: &PolicyDomain, spread_key: u64) -> UnixTime {
        let life = self.life().as_secs();
        let nine_tenths = life.saturating_sub(life.div_ceil(10));
        let interval = REFRESH_INTERVAL.min(Duration::from_secs(nine_tenths));
        let interval = interval.max(MIN_INTERVAL).as_secs();
        let mut hash = Fnv1a::new();
        hash.write(&spread_key.to_be_bytes());
        hash.write(domain.as_str().as_bytes());
        let tenth = interval / 10;
        let spread = hash
            .finish()
            .checked_rem(tenth.saturating_add(1))
            .unwrap_or(0);
        let interval = Duration::from_secs(interval.saturating_sub(spread));
        self.fetched_at.saturating_add(interval.max(MIN_INTERVAL))
    }

    /// Whether it is time to fetch again; also where the clock is behind the last fetch.
    pub(crate) fn is_due(&self, domain: &PolicyDomain, spread_key: u64, now: UnixTime) -> bool {
        now < self.fetched_at || now >= self.due_at(domain, spread_key)
    }

    /// Whether no more than a tenth of the life is left.
    pub(crate) fn is_nearly_expired(&self, now: UnixTime) -> bool {
        let left = self.expires_at().saturating_duration_since(now);
        left.saturating_mul(10) <= self.life()
    }

    /// Which of two that were fetched at the same moment is kept: any total order will do, and this one prefers the stricter.
    fn order(&self, other: &Self) -> Ordering {
        let strictness = |cached: &Self| match cached.policy.mode() {
            Mode::Enforce => 2,
            Mode::Testing => 1,
            Mode::None => 0,
        };
        let by_time = self.fetched_at.cmp(&other.fetched_at);
        by_time
            .then_with(|| strictness(self).cmp(&strictness(other)))
            .then_with(|| text::of_policy(self).cmp(&text::of_policy(other)))
    }
}

/// The lines of a text that was received, for reports.
pub(crate) fn lines(text: &[u8]) -> Vec<String> {
    if text.is_empty() {
        return Vec::new();
    }
    let text = String::from_utf8_lossy(text);
    let lines = text.strip_suffix('\n').unwrap_or(&text).split('\n');
    lines.map(|line| line.trim_end().to_string()).collect()
}

/// After a failed fetch: until when the same id is not tried again.
///
/// The first failure delays by 300 s (RFC 8461 [§3.3](https://www.rfc-editor.org/rfc/rfc8461#section-3.3)), each further one by
/// twice as much, at most an hour.
///
/// # Examples
///
/// ```
/// use mta_sts::{Backoff, UnixTime};
///
/// let now = UnixTime::from_secs(1_795_253_400);
/// let id = Some("20261121".parse()?);
/// let first = Backoff::after(None, id, now);
/// assert_eq!(first.until().saturating_duration_since(now).as_secs(), 300);
/// let second = Backoff::after(Some(first), id, first.until());
/// assert_eq!(second.until().saturating_duration_since(first.until()).as_secs(), 600);
/// // A new id does not pay for the old one.
/// assert_eq!(Backoff::after(Some(second), Some("20261122".parse()?), now).failures(), 1);
/// # Ok::<(), mta_sts::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    id: Option<PolicyId>,
    until: UnixTime,
    failures: u32,
}

impl Backoff {
    /// After this failure at `now`, one more if the last one was for the same id.
    #[must_use]
    pub fn after(last: Option<Self>, id: Option<PolicyId>, now: UnixTime) -> Self {
        let before = last
            .filter(|last| last.id == id)
            .map_or(0, |last| last.failures);
        let failures = before.saturating_add(1);
        Self {
            id,
            until: now.saturating_add(delay(failures)),
            failures,
        }
    }

    /// The id that could not be fetched; `None` if no record was known.
    #[must_use]
    pub const fn id(&self) -> Option<PolicyId> {
        self.id
    }

    /// The moment from which on this id may be tried again.
    #[must_use]
    pub const fn until(&self) -> UnixTime {
        self.until
    }

    /// How many attempts for this id have failed in a row, at least 1.
    #[must_use]
    pub const fn failures(&self) -> u32 {
        self.failures
    }

    /// Whether a fetch for this id must wait.
    pub(crate) fn holds(&self, id: Option<PolicyId>, now: UnixTime) -> bool {
        self.id == id && now < self.until
    }

    /// When the last attempt failed.
    pub(crate) const fn failed_at(&self) -> UnixTime {
        self.until.saturating_sub(delay(self.failures))
    }

    fn key(&self) -> (UnixTime, UnixTime, u32, Option<&str>) {
        (
            self.failed_at(),
            self.until,
            self.failures,
            self.id.as_ref().map(PolicyId::as_str),
        )
    }
}

/// How long after so many failures the next attempt must wait.
const fn delay(failures: u32) -> Duration {
    match failures {
        0 | 1 => MIN_INTERVAL,
        2 => MIN_INTERVAL.saturating_mul(2),
        3 => MIN_INTERVAL.saturating_mul(4),
        4 => MIN_INTERVAL.saturating_mul(8),
        _ => MAX_BACKOFF,
    }
}

/// What a sender remembers of one domain: the last policy that was fetched, and the failures since.
///
/// Pure data: stores keep it in its text form ([`to_bytes`](Self::to_bytes)) or as it is.
///
/// # Examples
///
/// ```
/// use mta_sts::{CacheEntry, CachedPolicy, Policy, UnixTime};
///
/// let fetched_at = |seconds| -> Result<CacheEntry, mta_sts::Error> {
///     let policy = Policy::parse(b"version: STSv1\nmode: enforce\nmx: mx.kestrel.net\nmax_age: 86400\n")?;
///     let now = UnixTime::from_secs(seconds);
///     Ok(CacheEntry::new(Some(CachedPolicy::new(policy, None, now).into()), None, now))
/// };
/// // Two senders share a store: whoever stores first, the policy that was fetched last is kept.
/// let (older, newer) = (fetched_at(1_795_253_400)?, fetched_at(1_795_260_000)?);
/// let both = older.clone().merged(newer.clone());
/// assert_eq!(both, newer.merged(older));
///
/// let now = UnixTime::from_secs(1_795_263_600);
/// assert!(both.fresh(now).is_some_and(|policy| policy.policy().mx_matches("mx.kestrel.net")));
/// assert_eq!(both.keep_for(now).as_secs(), 86_400 - 3_600);
/// assert!(!both.is_refresh_due(&"kestrel.net".parse()?, 0, now));
/// # Ok::<(), mta_sts::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CacheEntry {
    cached: Option<Arc<CachedPolicy>>,
    backoff: Option<Backoff>,
    last_used: UnixTime,
}

impl CacheEntry {
    /// An entry of these parts.
    #[must_use]
    pub const fn new(
        cached: Option<Arc<CachedPolicy>>,
        backoff: Option<Backoff>,
        last_used: UnixTime,
    ) -> Self {
        Self {
            cached,
            backoff,
            last_used,
        }
    }

    /// The last policy that was fetched, fresh or not.
    #[must_use]
    pub const fn cached(&self) -> Option<&Arc<CachedPolicy>> {
        self.cached.as_ref()
    }

    /// The failures since.
    #[must_use]
    pub const fn backoff(&self) -> Option<Backoff> {
        self.backoff
    }

    /// When mail last needed this entry, to within a day.
    #[must_use]
    pub const fn last_used(&self) -> UnixTime {
        self.last_used
    }

    /// The policy, if it is fresh.
    #[must_use]
    pub fn fresh(&self, now: UnixTime) -> Option<&Arc<CachedPolicy>> {
        self.cached().filter(|cached| cached.is_fresh(now))
    }

    /// How long from `now` on the entry is worth keeping: until the policy expires, counted from the fetch, or for an hour after the
    /// delay of a failure. Zero: not at all.
    #[must_use]
    pub fn keep_for(&self, now: UnixTime) -> Duration {
        let entry = self.known_at(now);
        let policy = entry.cached.map(|cached| cached.expires_at());
        let failure = entry
            .backoff
            .map(|backoff| backoff.until.saturating_add(MAX_BACKOFF));
        policy
            .max(failure)
            .map_or(Duration::ZERO, |end| end.saturating_duration_since(now))
    }

    /// Whether the policy is due for a refresh in the background: fresh, not `none`, used within 180 days, not delayed by a failure,
    /// and its time has come. `spread_key` is that of [`DiscoveryOptions`](crate::DiscoveryOptions).
    ///
    /// A policy with mode `none` is left to lapse (RFC 8461 [§8.3](https://www.rfc-editor.org/rfc/rfc8461#section-8.3)); a delivery
    /// that finds it due looks for a newer one.
    #[must_use]
    pub fn is_refresh_due(&self, domain: &PolicyDomain, spread_key: u64, now: UnixTime) -> bool {
        self.fresh(now).is_some_and(|cached| {
            let delayed = |backoff: Backoff| backoff.holds(backoff.id, now);
            cached.policy.mode() != Mode::None
                && now.saturating_duration_since(self.last_used) < UNUSED
                && !self.seen_at(now).backoff.is_some_and(delayed)
                && cached.is_due(domain, spread_key, now)
        })
    }

    /// The same entry without what a clock made that ran ahead, and without failures before the last fetch: what a store merges
    /// with what it is given at `now`, the moment of the discovery.
    ///
    /// A policy that is still to come was surely fetched before this moment, and gives way to one fetched now. A delay that is longer than any is none.
    #[must_use]
    pub fn seen_at(&self, now: UnixTime) -> Self {
        self.lowered(now, now.saturating_sub(Duration::from_secs(1)))
    }

    /// The same entry as a discovery takes it that begins `now`: a policy that is still to come is of this moment.
    pub(crate) fn known_at(&self, now: UnixTime) -> Self {
        self.lowered(now, now)
    }

    fn lowered(&self, now: UnixTime, latest_fetch: UnixTime) -> Self {
        let lowered = |cached: &Arc<CachedPolicy>| {
            if cached.fetched_at <= now {
                return Arc::clone(cached);
            }
            Arc::new(CachedPolicy {
                fetched_at: latest_fetch,
                ..CachedPolicy::clone(cached)
            })
        };
        let fetched_at = self
            .cached
            .as_ref()
            .map(|cached| cached.fetched_at.min(now));
        let latest = now.saturating_add(MAX_BACKOFF);
        let counts =
            |backoff: &Backoff| backoff.until <= latest && Some(backoff.failed_at()) >= fetched_at;
        Self {
            cached: self.cached.as_ref().map(lowered),
            backoff: self.backoff.filter(counts),
            last_used: self.last_used.min(now),
        }
    }

    /// What two senders that share a store know together: the policy that was fetched last, the last failure, the latest use.
    ///
    /// Commutative, associative and idempotent: it does not matter who stores first, or twice.
    #[must_use]
    pub fn merged(self, other: Self) -> Self {
        Self {
            cached: max_by(self.cached, other.cached, |a, b| a.order(b)),
            backoff: max_by(self.backoff, other.backoff, |a, b| a.key().cmp(&b.key())),
            last_used: self.last_used.max(other.last_used),
        }
    }
}

/// The greater one, if there is any.
fn max_by<T>(a: Option<T>, b: Option<T>, order: impl Fn(&T, &T) -> Ordering) -> Option<T> {
    match (a, b) {
        (Some(a), Some(b)) => Some(if order(&a, &b) == Ordering::Less {
            b
        } else {
            a
        }),
        (a, b) => a.or(b),
    }
}
