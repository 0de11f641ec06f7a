//! What a discovery came to.

use super::DiscoveryOptions;
use crate::cache::{CacheEntry, CachedPolicy, lines};
use crate::diagnostic::Severity;
use crate::domain::PolicyDomain;
use crate::error::display_as_str;
use crate::failure::{Failure, PolicyType, Reason};
use crate::policy::{Mode, Policy};
use crate::record::PolicyId;
use crate::time::UnixTime;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// Where the policy that is applied comes from, or why there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(
    clippy::exhaustive_enums,
    reason = "who tells the sources apart must hear of a new one"
)]
pub enum Source {
    /// Fetched in this discovery.
    Live,
    /// Fetched earlier, and fresh.
    Cache,
    /// Set up by the operator.
    Configured,
    /// There is none: no record that can be used, or a record whose policy cannot be had.
    Absent,
    /// Nobody knows whether there is one: the DNS did not answer, and no policy is cached.
    Undetermined,
}

impl Source {
    /// `live`, `cache`, `configured`, `absent` or `undetermined`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Cache => "cache",
            Self::Configured => "configured",
            Self::Absent => "absent",
            Self::Undetermined => "undetermined",
        }
    }
}

display_as_str!(Source);

/// Which policy applies to mail for a domain, if any. What that means for an MX host is said by [`candidate`](Self::candidate).
///
/// Cheap to clone, and to be shared between messages; at most until [`valid_until`](Self::valid_until).
///
/// # Examples
///
/// ```
/// use mta_sts::{Decision, Policy, PolicyType, Source, UnixTime};
///
/// let policy = Policy::parse(b"version: STSv1\nmode: enforce\nmx: mx.kestrel.net\nmax_age: 86400\n")?;
/// let now = UnixTime::from_secs(1_795_253_400);
/// let decision = Decision::configured("kestrel.net".parse()?, policy, now);
/// assert_eq!((decision.source(), decision.policy_type()), (Source::Configured, PolicyType::Sts));
/// assert_eq!(decision.valid_until(), Some(UnixTime::from_secs(1_795_253_400 + 86_400)));
/// assert_eq!(decision.failure(), None);
/// # Ok::<(), mta_sts::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Decision {
    pub(super) domain: PolicyDomain,
    pub(super) applied: Option<Arc<CachedPolicy>>,
    pub(super) source: Source,
    pub(super) failure: Option<Failure>,
    /// The body that came in place of a policy.
    pub(super) invalid_body: Option<Arc<[u8]>>,
    pub(super) confirmation: Confirmation,
    pub(super) enforcement: Enforcement,
    pub(super) options: DiscoveryOptions,
}

/// Whether the DNS has said that there is nothing newer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Confirmation {
    Confirmed,
    Unconfirmed,
}

/// Whether `enforce` is enforced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Enforcement {
    Full,
    ReportOnly,
}

impl Decision {
    /// A policy that the operator set up for this domain: used in place of a discovery, as though it had just been fetched.
    #[must_use]
    pub fn configured(domain: PolicyDomain, policy: Policy, now: UnixTime) -> Self {
        Self {
            domain,
            applied: Some(CachedPolicy::new(policy, None, now).into()),
            source: Source::Configured,
            failure: None,
            invalid_body: None,
            confirmation: Confirmation::Confirmed,
            enforcement: Enforcement::Full,
            options: DiscoveryOptions::default(),
        }
    }

    /// The same under these options; a discovery gives its decision its own.
    #[must_use]
    pub fn with_options(self, options: &DiscoveryOptions) -> Self {
        Self {
            options: *options,
            ..self
        }
    }

    /// The operator's exception for this domain: failures are reported as ever, and mail is delivered as with mode `testing`.
    #[must_use]
    pub fn report_only(self) -> Self {
        Self {
            enforcement: Enforcement::ReportOnly,
            ..self
        }
    }

    /// The domain that the decision is about; the one under which TLS reports tell of it.
    #[must_use]
    pub const fn domain(&self) -> &PolicyDomain {
        &self.domain
    }

    /// The policy that applies, one with mode `none` too; `None` if there is none.
    #[must_use]
    pub fn policy(&self) -> Option<&Policy> {
        self.applied.as_deref().map(CachedPolicy::policy)
    }

    /// The id that the record had when the policy was fetched; `None` if there is no policy, or no record was known.
    #[must_use]
    pub fn policy_id(&self) -> Option<PolicyId> {
        self.applied.as_deref().and_then(CachedPolicy::id)
    }

    /// Where the policy comes from, or why there is none.
    #[must_use]
    pub const fn source(&self) -> Source {
        self.source
    }

    /// What went wrong in the discovery, if anything: to be logged, and to be reported if [`policy_type`](Self::policy_type) is
    /// [`Sts`](PolicyType::Sts) (RFC 8461 [§6](https://www.rfc-editor.org/rfc/rfc8461#section-6)).
    #[must_use]
    pub const fn failure(&self) -> Option<Failure> {
        self.failure
    }

    /// Whether the DNS has been asked in this discovery and no newer policy is left unfetched.
    ///
    /// Before mail that was refused under an unconfirmed decision fails for good, the domain must be asked once more with
    /// [`Purpose::Recheck`](crate::Purpose::Recheck), and the candidates be tried again
    /// (RFC 8461 [§5](https://www.rfc-editor.org/rfc/rfc8461#section-5)).
    #[must_use]
    pub fn is_confirmed(&self) -> bool {
        self.confirmation == Confirmation::Confirmed
    }

    /// Until when the policy may be applied; `None` if there is none. With a `max_age` of 0 that is the beginning of the discovery: good
    /// for the delivery at hand only.
    #[must_use]
    pub fn valid_until(&self) -> Option<UnixTime> {
        self.applied.as_deref().map(CachedPolicy::expires_at)
    }

    /// Under which kind of policy TLS reports count the sessions as far as MTA-STS goes: [`Sts`](PolicyType::Sts) if a policy applies that is not `none`, or a
    /// valid record led to none; else [`NoPolicyFound`](PolicyType::NoPolicyFound).
    #[must_use]
    pub fn policy_type(&self) -> PolicyType {
        match self.policy().map(Policy::mode) {
            Some(Mode::Enforce | Mode::Testing) => PolicyType::Sts,
            Some(Mode::None) => PolicyType::NoPolicyFound,
            None => match self.failure.map(|failure| failure.reason()) {
                None
                | Some(
                    Reason::RecordAbsent | Reason::RecordUnanswered(_) | Reason::RecordInvalid(_),
                ) => PolicyType::NoPolicyFound,
                Some(_) => PolicyType::Sts,
            },
        }
    }

    /// The `policy-string` of a TLS report: the lines of the policy as it came, errors included; none for
    /// [`NoPolicyFound`](PolicyType::NoPolicyFound) and where nothing came.
    #[must_use]
    pub fn policy_lines(&self) -> Vec<String> {
        match (self.policy_type(), &self.applied, &self.invalid_body) {
            (PolicyType::Sts, Some(cached), _) => cached.lines(),
            (PolicyType::Sts, None, Some(body)) => lines(body),
            _ => Vec::new(),
        }
    }

    pub(crate) const fn enforcement(&self) -> Enforcement {
        self.enforcement
    }

    pub(crate) const fn options(&self) -> &DiscoveryOptions {
        &self.options
    }
}

/// What is to be done with the entry of a domain.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "an action that is not carried out loses a policy"
)]
pub enum StoreAction {
    /// Nothing.
    Keep,
    /// Merge this into what is stored: [`PolicyStore::save`](crate::PolicyStore::save).
    Save(CacheEntry),
    /// Nothing known is worth keeping: [`PolicyStore::remove`](crate::PolicyStore::remove).
    Remove,
}

/// The end of a discovery.
#[derive(Clone, Debug)]
pub struct Conclusion {
    pub(super) decision: Decision,
    pub(super) store: StoreAction,
    pub(super) alert: Option<Severity>,
}

impl Conclusion {
    /// Which policy applies.
    #[must_use]
    pub const fn decision(&self) -> &Decision {
        &self.decision
    }

    /// What to do with the entry of the domain.
    #[must_use]
    pub const fn store(&self) -> &StoreAction {
        &self.store
    }

    /// Whether the operator should hear that a policy could not be refreshed (RFC 8461
    /// [§3.3](https://www.rfc-editor.org/rfc/rfc8461#section-3.3)).
    #[must_use]
    pub const fn alert(&self) -> bool {
        self.alert.is_some()
    }

    /// How loudly: a note at the first failure, a warning once only a tenth of the life of the policy is left; between them silence.
    #[must_use]
    pub const fn alert_severity(&self) -> Option<Severity> {
        self.alert
    }

    /// Its parts.
    #[must_use]
    pub fn into_parts(self) -> (Decision, StoreAction, Option<Severity>) {
        (self.decision, self.store, self.alert)
    }
}
