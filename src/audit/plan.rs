//! What to publish, in which order, and how long to wait between.

use super::zone;
use crate::domain::{Domain, PolicyDomain};
use crate::error::Error;
use crate::mx::MxPattern;
use crate::policy::{MaxAge, Mode, Policy};
use crate::record::{PolicyId, StsRecord};
use crate::time::UnixTime;
use crate::tls_rpt_record::TlsRptRecord;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;

/// Every policy that a domain has served before: when each was last served, and its `max_age`. What senders may still have cached
/// follows from it (RFC 8461 [§8.3](https://www.rfc-editor.org/rfc/rfc8461#section-8.3)).
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

/// How long to wait before a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "a moment, or a time from the step before"
)]
pub enum Wait {
    /// This long after the step before.
    For(Duration),
    /// Until this moment.
    Until(UnixTime),
}

impl fmt::Display for Wait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::For(duration) => write!(f, "after {} s", duration.as_secs()),
            Self::Until(moment) => write!(f, "not before {moment}"),
        }
    }
}

/// What is done in one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StepKind {
    /// Give the Policy Host an address and a certificate.
    PrepareHost,
    /// Serve the policy at its URL.
    ServePolicy,
    /// Publish the TXT record, with its new id.
    PublishRecord,
    /// Publish the CNAME pair, once the provider is ready.
    PublishDelegation,
    /// Publish the TLS reporting record.
    PublishReporting,
    /// Read the reports, and go on to `enforce`.
    Enforce,
    /// Take MX hosts out of service that the policy does not name any more.
    RetireHosts,
    /// Remove the TXT record.
    RemoveRecord,
    /// Stop serving the policy.
    RemovePolicy,
}

/// One step of a plan. `Display` is one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    kind: StepKind,
    what: String,
    wait: Option<Wait>,
}

impl Step {
    /// What is done.
    #[must_use]
    pub const fn kind(&self) -> StepKind {
        self.kind
    }

    /// How long to wait before.
    #[must_use]
    pub const fn wait(&self) -> Option<Wait> {
        self.wait
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        match self.wait {
            Some(wait) => write!(f, " ({wait})"),
            None => Ok(()),
        }
    }
}

/// All there is to publish for a domain and a policy, and in which order.
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
    domain: PolicyDomain,
    policy: Policy,
    reporting: Option<TlsRptRecord>,
    provider: Option<PolicyDomain>,
    history: Option<PublishHistory>,
    ttl: Duration,
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

    /// What has been served before. Without it, policies with the longest life are assumed to have been served until now.
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

    /// What to do, in this order (RFC 8461 [§8.1](https://www.rfc-editor.org/rfc/rfc8461#section-8.1),
    /// [§8.3](https://www.rfc-editor.org/rfc/rfc8461#section-8.3)): the policy is served before the record announces it, and what senders may have cached
    /// outlives both.
    #[must_use]
    pub fn steps(&self) -> Vec<Step> {
        let mut steps = Vec::new();
        let mut step = |kind, what, wait| steps.push(Step { kind, what, wait });
        let (host, url) = (self.domain.policy_host(), self.domain.policy_url());
        let is_first = self.history == Some(PublishHistory::new());
        if is_first && self.provider.is_none() {
            let what = format!("give {host} an address and a certificate of a public authority");
            step(StepKind::PrepareHost, what, None);
        }
        let server = match &self.provider {
            Some(provider) => {
                format!("have {provider} serve the policy at {url}, with a certificate for {host}")
            }
            None => format!("serve the policy at {url} as text/plain, on every server of {host}"),
        };
        step(StepKind::ServePolicy, server, None);
        match &self.provider {
            Some(_) if is_first => {
                let what = format!(
                    "publish the CNAME records of {} and {host}",
                    self.domain.record_name()
                );
                step(StepKind::PublishDelegation, what, None);
            }
            _ => {
                let what = format!(
                    "publish the record {} at {}",
                    self.record(),
                    self.domain.record_name()
                );
                step(StepKind::PublishRecord, what, None);
            }
        }
        if let (Some(_), Some(name)) = (&self.reporting, self.domain.tls_rpt_name()) {
            step(
                StepKind::PublishReporting,
                format!("publish the TLS reporting record at {name}"),
                None,
            );
        }
        match self.policy.mode() {
            Mode::None => {
                let what = format!("remove the record at {}", self.domain.record_name());
                step(StepKind::RemoveRecord, what, Some(self.forgotten()));
                let what = format!("stop serving the policy at {url}");
                step(StepKind::RemovePolicy, what, Some(Wait::For(self.ttl)));
            }
            Mode::Testing => {
                let what = "read the reports, and go on to mode enforce once they are clean".into();
                step(
                    StepKind::Enforce,
                    what,
                    Some(Wait::For(Duration::from_secs(14 * 86_400))),
                );
            }
            Mode::Enforce => {}
        }
        if !is_first && self.policy.mode() != Mode::None {
            let what = "take MX hosts out of service that only earlier policies name".into();
            step(StepKind::RetireHosts, what, Some(self.forgotten()));
        }
        steps
    }

    /// When no sender has an earlier policy any more: all have expired, and so has the record that could have announced one.
    fn forgotten(&self) -> Wait {
        match self.history {
            Some(history) => Wait::Until(history.expires_at.saturating_add(self.ttl)),
            None => Wait::For(Duration::from(MaxAge::MAX).saturating_add(self.ttl)),
        }
    }
}

/// Patterns that allow exactly these MX hosts, in their order, each once. A final dot is dropped, U-labels are converted (feature `idna`).
///
/// # Errors
///
/// The codes of [`Domain`], for a name that no certificate can have; the span is the whole name.
pub fn propose_patterns(
    mx_hosts: impl IntoIterator<Item: AsRef<str>>,
) -> Result<Vec<MxPattern>, Error> {
    let mut patterns: Vec<MxPattern> = Vec::new();
    for host in mx_hosts {
        let host = host.as_ref();
        let name: Domain = host.strip_suffix('.').unwrap_or(host).parse()?;
        let pattern: MxPattern = name.as_str().parse()?;
        if !patterns.contains(&pattern) {
            patterns.push(pattern);
        }
    }
    Ok(patterns)
}
