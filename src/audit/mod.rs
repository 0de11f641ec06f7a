//! Cross-checks of a whole deployment, for those who receive mail: record, policy, MX hosts and TLS reporting together.

mod checks;
mod code;
mod facts;
mod finding;
mod hosts;
mod mx;
mod plan;
mod steps;
mod view;
mod zone;

pub use code::AuditCode;
pub use facts::Deployment;
pub use finding::{AuditPart, Finding, Unchecked};
pub use plan::{PublishHistory, PublishPlan, propose_patterns};
pub use steps::{Step, StepKind, Wait};
pub use view::{HostView, SenderView};

use crate::diagnostic::Severity;
use crate::policy::ParseOptions;
use crate::time::UnixTime;
use alloc::vec::Vec;
use core::cmp::Reverse;
use core::fmt;
use core::time::Duration;

/// What an audit needs to know beside the facts.
#[derive(Clone, Copy)]
#[must_use]
pub struct AuditOptions<'a> {
    now: UnixTime,
    public_suffix: Option<&'a dyn Fn(&str) -> bool>,
    testing_limit: Duration,
}

impl<'a> AuditOptions<'a> {
    /// The default, at this time.
    pub const fn new(now: UnixTime) -> Self {
        Self {
            now,
            public_suffix: None,
            testing_limit: Duration::from_secs(90 * 86_400),
        }
    }

    /// How to find out whether a name is a public suffix, such as `co.uk`. Without it that is not checked.
    pub const fn public_suffix(self, public_suffix: &'a dyn Fn(&str) -> bool) -> Self {
        Self {
            public_suffix: Some(public_suffix),
            ..self
        }
    }

    /// From when on mode `testing` has lasted long; 90 days by default.
    pub const fn testing_limit(self, testing_limit: Duration) -> Self {
        Self {
            testing_limit,
            ..self
        }
    }
}

impl fmt::Debug for AuditOptions<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuditOptions")
            .field("now", &self.now)
            .field("public_suffix", &self.public_suffix.map(|_| ..))
            .field("testing_limit", &self.testing_limit)
            .finish()
    }
}

/// What an audit found, and what senders make of the deployment.
#[derive(Clone, Debug)]
pub struct Audit {
    findings: Vec<Finding>,
    strict: SenderView,
    lenient: SenderView,
    not_checked: Vec<Unchecked>,
}

/// Checks a deployment: what is wrong with it, what senders make of it, and what could not be checked.
///
/// # Examples
///
/// Every fact is optional; see [`Deployment`] for the others, and [`_documentation::checking`](crate::_documentation::checking) for a whole check.
///
/// ```
/// use mta_sts::{AuditOptions, Deployment, DnsError, Unchecked, UnixTime, audit};
///
/// let deployment = Deployment::new("kestrel.net".parse()?).record(Err(DnsError::NoSuchDomain));
/// let audit = audit(&deployment, &AuditOptions::new(UnixTime::from_secs(1_795_253_400)));
/// assert!(audit.findings().iter().all(|finding| finding.code().starts_with("audit-")));
/// // Without a record senders look no further, whatever is served.
/// assert_eq!(audit.strict().to_string(), "no policy");
/// assert!(audit.not_checked().contains(&Unchecked::Policy));
/// # Ok::<(), mta_sts::Error>(())
/// ```
#[must_use]
pub fn audit(deployment: &Deployment, options: &AuditOptions<'_>) -> Audit {
    let strict = SenderView::new(deployment, ParseOptions::strict(), options.now);
    let lenient = SenderView::new(deployment, ParseOptions::lenient(), options.now);
    let (mut findings, mut not_checked) = checks::all(deployment, options, &strict, &lenient);
    findings.sort_by_key(|finding| (Reverse(finding.severity()), finding.part()));
    not_checked.sort_unstable();
    not_checked.dedup();
    Audit {
        findings,
        strict,
        lenient,
        not_checked,
    }
}

impl Audit {
    /// The findings, the gravest first; those of the same severity in the order domain, record, policy, MX, TLS reporting.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// How many findings have this severity.
    #[must_use]
    pub fn total(&self, severity: Severity) -> usize {
        let findings = self.findings.iter();
        findings
            .filter(|finding| finding.severity() == severity)
            .count()
    }

    /// What a sender does that reads policies exactly as RFC 8461 says.
    #[must_use]
    pub const fn strict(&self) -> &SenderView {
        &self.strict
    }

    /// What a sender does that [tolerates](ParseOptions::lenient) slips in a policy.
    #[must_use]
    pub const fn lenient(&self) -> &SenderView {
        &self.lenient
    }

    /// What was not checked, because a fact was not given.
    #[must_use]
    pub fn not_checked(&self) -> &[Unchecked] {
        &self.not_checked
    }
}
