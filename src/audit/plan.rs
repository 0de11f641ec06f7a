//! What to publish.

use super::zone;
use crate::domain::{Domain, PolicyDomain};
use crate::error::Error;
use crate::mx::MxPattern;
use crate::policy::{MaxAge, Policy};
use crate::record::{PolicyId, StsRecord};
use crate::time::UnixTime;
use crate::tls_rpt_record::TlsRptRecord;
use alloc::collections::BTreeSet;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::time::Duration;

/// Every policy that a domain has served before: when each was last served, and its `max_age`. What senders may still have cached
/// follows from it (RFC 8461 [§8.3](https://www.rfc-editor.org/rfc/rfc8461#section-8.3)).
///
/// The policy that is being replaced counts as well: it is served until now. Those with mode `none` need not be counted, as they hold nobody to anything.
///
/// # Examples
///
/// ```
/// use mta_sts::{MaxAge, PublishHistory, UnixTime};
///
/// let now = UnixTime::from_secs(1_795_253_400);
/// let last_year = UnixTime::from_secs(1_767_225_600);
/// let history = PublishHistory::new()
///     .served(MaxAge::MAX, last_year)
///     .served(MaxAge::new(604_800)?, now);
/// // The one that was served last is not the one that is cached longest.
/// assert_eq!(history.expires_at(), last_year.saturating_add(MaxAge::MAX.into()));
/// # Ok::<(), mta_sts::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PublishHistory {
    /// The latest end of a policy's life.
    expires_at: UnixTime,
}

impl PublishHistory {
    /// The history of a domain that has never served a policy.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            expires_at: UnixTime::from_secs(0),
        }
    }

    /// Adds a policy with this `max_age`, last served at this time.
    #[must_use]
    pub fn served(self, max_age: MaxAge, last_served: UnixTime) -> Self {
        let expires_at = last_served.saturating_add(max_age.into());
        Self {
            expires_at: self.expires_at.max(expires_at),
        }
    }

    /// When the last of them has expired everywhere.
    #[must_use]
    pub const fn expires_at(&self) -> UnixTime {
        self.expires_at
    }
}

/// All there is to publish for a domain and a policy, and in which order.
///
/// For a removal it is the plan of a policy with mode `none`.
///
/// # Examples
///
/// ```
/// use mta_sts::{MaxAge, Mode, Policy, PublishPlan, propose_patterns};
///
/// let mut policy = Policy::builder(Mode::Testing, MaxAge::new(1_209_600)?);
/// for pattern in propose_patterns(["mx1.kestrel.net.", "MX2.kestrel.net"])? {
///     policy = policy.mx(pattern);
/// }
/// let plan = PublishPlan::new("kestrel.net".parse()?, policy.build()?);
/// assert_eq!(plan.zone_lines(), ["_mta-sts.kestrel.net. 3600 IN TXT \"v=STSv1; id=06211129348cc95c;\""]);
/// assert!(plan.policy_text().contains("mx: mx2.kestrel.net\r\n"));
/// for step in plan.steps() {
///     println!("- {step}");
/// }
/// # Ok::<(), mta_sts::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct PublishPlan {
    pub(super) domain: PolicyDomain,
    pub(super) policy: Policy,
    pub(super) reporting: Option<TlsRptRecord>,
    pub(super) provider: Option<PolicyDomain>,
    pub(super) history: Option<PublishHistory>,
    pub(super) ttl: Duration,
}

impl PublishPlan {
    /// A plan for this policy, without TLS reporting, with an hour as the TTL of records.
    pub const fn new(domain: PolicyDomain, policy: Policy) -> Self {
        Self {
            domain,
            policy,
            reporting: None,
            provider: None,
            history: None,
            ttl: Duration::from_secs(3_600),
        }
    }

    /// Asks senders for TLS reports.
    pub fn reporting(mut self, record: TlsRptRecord) -> Self {
        self.reporting = Some(record);
        self
    }

    /// Delegates both the record and the Policy Host to those of this domain (RFC 8461
    /// [§8.2](https://www.rfc-editor.org/rfc/rfc8461#section-8.2)).
    pub fn delegated_to(mut self, provider: PolicyDomain) -> Self {
        self.provider = Some(provider);
        self
    }

    /// What has been served before; an empty history says that nothing has. Without one, policies with the longest life are assumed to have been
    /// served until now.
    pub const fn history(mut self, history: PublishHistory) -> Self {
        self.history = Some(history);
        self
    }

    /// The TTL of the records, in whole seconds.
    pub const fn ttl(mut self, ttl: Duration) -> Self {
        self.ttl = ttl;
        self
    }

    /// The text to serve at [`PolicyDomain::policy_url`], as `text/plain`.
    #[must_use]
    pub fn policy_text(&self) -> String {
        self.policy.to_string()
    }

    /// The id, [derived](Policy::derive_id) from the policy.
    #[must_use]
    pub fn id(&self) -> PolicyId {
        self.policy.derive_id()
    }

    /// The record.
    #[must_use]
    pub fn record(&self) -> StsRecord {
        StsRecord::new(self.id())
    }

    /// The DNS records as lines of a zone file, with absolute names: the TXT record or, if delegated, the CNAME pair; and the
    /// TLS reporting record, if wanted and if the domain has room for its name.
    #[must_use]
    pub fn zone_lines(&self) -> Vec<String> {
        let ttl = self.ttl;
        let record_name = self.domain.record_name();
        let mut lines = match &self.provider {
            None => [zone::txt(&record_name, ttl, &self.record().to_string())].into(),
            Some(provider) => Vec::from([
                zone::cname(&record_name, ttl, &provider.record_name()),
                zone::cname(&self.domain.policy_host(), ttl, &provider.policy_host()),
            ]),
        };
        if let (Some(reporting), Some(name)) = (&self.reporting, self.domain.tls_rpt_name()) {
            lines.push(zone::txt(&name, ttl, &reporting.to_string()));
        }
        lines
    }
}

/// Patterns that allow exactly these MX hosts, in their order, each once. A final dot is dropped, U-labels are converted (feature `idna`).
///
/// # Errors
///
/// The codes of [`Domain`], for a name that no certificate can have; the span is the whole name.
///
/// # Examples
///
/// ```
/// use mta_sts::propose_patterns;
///
/// let patterns = propose_patterns(["mx1.kestrel.net.", "MX2.kestrel.net", "mx1.kestrel.net"])?;
/// assert_eq!(patterns, ["mx1.kestrel.net".parse()?, "mx2.kestrel.net".parse()?]);
/// // No public authority certifies an address.
/// assert_eq!(propose_patterns(["192.0.2.1"]).unwrap_err().code(), "domain-ipv4");
/// # Ok::<(), mta_sts::Error>(())
/// ```
pub fn propose_patterns(
    mx_hosts: impl IntoIterator<Item: AsRef<str>>,
) -> Result<Vec<MxPattern>, Error> {
    let mut patterns = Vec::new();
    let mut seen = BTreeSet::new();
    for host in mx_hosts {
        let host = host.as_ref();
        let name: Domain = host.strip_suffix('.').unwrap_or(host).parse()?;
        let pattern: MxPattern = name.as_str().parse()?;
        if seen.insert(pattern.clone()) {
            patterns.push(pattern);
        }
    }
    Ok(patterns)
}
