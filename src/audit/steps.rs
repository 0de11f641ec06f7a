//! In which order to publish, and how long to wait between.

use super::plan::{PublishHistory, PublishPlan};
use crate::error::display_as_str;
use crate::policy::{MaxAge, Mode};
use crate::time::UnixTime;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;

/// How long reports are read before a policy is enforced: senders report once a day, and not all of them write every day.
const TESTING: Duration = Duration::from_secs(14 * 86_400);

/// How long to wait before a step.
///
/// `Display` is `after 14 days (1209600 s)` or `not before 2026-11-21T09:30:00Z`.
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
        let secs = match self {
            Self::For(duration) => duration.as_secs(),
            Self::Until(moment) => return write!(f, "not before {moment}"),
        };
        f.write_str("after")?;
        let parts = [
            (secs / 86_400, "day"),
            (secs / 3_600 % 24, "hour"),
            (secs / 60 % 60, "minute"),
        ];
        for (number, unit) in parts.into_iter().filter(|(number, _)| *number > 0) {
            let plural = if number == 1 { "" } else { "s" };
            write!(f, " {number} {unit}{plural}")?;
        }
        if secs < 60 {
            write!(f, " {secs} s")
        } else {
            write!(f, " ({secs} s)")
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
    /// Publish one CNAME record of the pair.
    PublishDelegation,
    /// Publish the TLS reporting record.
    PublishReporting,
    /// Read the reports, and go on to `enforce`.
    Enforce,
    /// Put MX hosts into service that only this policy names.
    AddHosts,
    /// Take MX hosts out of service that only earlier policies name.
    RetireHosts,
    /// Remove the TXT record, or the CNAME record in its place.
    RemoveRecord,
    /// Stop serving the policy.
    RemovePolicy,
}

impl StepKind {
    /// In small letters, with hyphens: `serve-policy`, `publish-record` …
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PrepareHost => "prepare-host",
            Self::ServePolicy => "serve-policy",
            Self::PublishRecord => "publish-record",
            Self::PublishDelegation => "publish-delegation",
            Self::PublishReporting => "publish-reporting",
            Self::Enforce => "enforce",
            Self::AddHosts => "add-hosts",
            Self::RetireHosts => "retire-hosts",
            Self::RemoveRecord => "remove-record",
            Self::RemovePolicy => "remove-policy",
        }
    }
}

display_as_str!(StepKind);

/// One step of a plan. `Display` is one line: how long to wait before, and what is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    kind: StepKind,
    what: String,
    wait: Option<Wait>,
}

impl Step {
    const fn new(kind: StepKind, what: String) -> Self {
        Self {
            kind,
            what,
            wait: None,
        }
    }

    const fn wait_for(mut self, wait: Wait) -> Self {
        self.wait = Some(wait);
        self
    }

    /// Of what kind the step is.
    #[must_use]
    pub const fn kind(&self) -> StepKind {
        self.kind
    }

    /// One line: what is done.
    #[must_use]
    pub fn what(&self) -> &str {
        &self.what
    }

    /// How long to wait before.
    #[must_use]
    pub const fn wait(&self) -> Option<Wait> {
        self.wait
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(wait) = self.wait {
            write!(f, "{wait}: ")?;
        }
        f.write_str(&self.what)
    }
}

impl PublishPlan {
    /// What to do, in this order (RFC 8461 [§8.1](https://www.rfc-editor.org/rfc/rfc8461#section-8.1),
    /// [§8.3](https://www.rfc-editor.org/rfc/rfc8461#section-8.3)): the policy is served before the record announces it, and what senders may have cached
    /// outlives both.
    #[must_use]
    pub fn steps(&self) -> Vec<Step> {
        let mut steps = Vec::new();
        if let (Some(_), Some(name)) = (&self.reporting, self.domain.tls_rpt_name()) {
            let what = format!("publish the TLS reporting record at {name}");
            steps.push(Step::new(StepKind::PublishReporting, what));
        }
        self.publish(&mut steps);
        match self.policy.mode() {
            Mode::None => {
                self.remove(&mut steps);
                return steps;
            }
            Mode::Testing => {
                let what = match self.reporting {
                    Some(_) => "read the reports, and go on to mode `enforce` once they are clean",
                    None => {
                        "go on to mode `enforce` once every MX host is known to do well: \
                         without a TLS reporting record nobody tells"
                    }
                };
                let step = Step::new(StepKind::Enforce, what.into());
                steps.push(step.wait_for(Wait::For(TESTING)));
            }
            Mode::Enforce => {}
        }
        if !self.is_first() {
            let what = "put MX hosts into service that only this policy names; senders with an earlier one pass them over";
            let step = Step::new(StepKind::AddHosts, what.into());
            steps.push(step.wait_for(Wait::For(self.ttl)));
            let what = "take MX hosts out of service that only earlier policies name";
            let step = Step::new(StepKind::RetireHosts, what.into());
            steps.push(step.wait_for(self.forgotten()));
        }
        steps
    }

    /// Whether no policy has been served before.
    fn is_first(&self) -> bool {
        self.history == Some(PublishHistory::new())
    }

    /// The policy, then what announces it.
    fn publish(&self, steps: &mut Vec<Step>) {
        let (host, url) = (self.domain.policy_host(), self.domain.policy_url());
        let (record, name) = (self.record(), self.domain.record_name());
        let mut step = |kind, what| steps.push(Step::new(kind, what));
        let Some(provider) = &self.provider else {
            if self.is_first() {
                let what =
                    format!("give {host} an address and a certificate of a public authority");
                step(StepKind::PrepareHost, what);
            }
            let what =
                format!("serve the policy at {url} as text/plain, on every server of {host}");
            step(StepKind::ServePolicy, what);
            let what = format!("publish the record `{record}` at {name}");
            step(StepKind::PublishRecord, what);
            return;
        };
        let unless = if self.is_first() {
            ""
        } else {
            ", unless it is there"
        };
        let what = format!("publish the CNAME record of {host}{unless}");
        step(StepKind::PublishDelegation, what);
        let what =
            format!("have {provider} serve the policy at {url}, with a certificate for {host}");
        step(StepKind::ServePolicy, what);
        let at = provider.record_name();
        let what = format!("have {provider} publish the record `{record}` at {at}");
        step(StepKind::PublishRecord, what);
        let what = format!("publish the CNAME record of {name} in place of a TXT record{unless}");
        step(StepKind::PublishDelegation, what);
    }

    fn remove(&self, steps: &mut Vec<Step>) {
        let (name, url) = (self.domain.record_name(), self.domain.policy_url());
        let what = match &self.provider {
            Some(_) => format!("remove the CNAME record of {name}"),
            None => format!("remove the record at {name}"),
        };
        let step = Step::new(StepKind::RemoveRecord, what);
        steps.push(step.wait_for(self.forgotten()));
        let what = match &self.provider {
            Some(_) => format!("remove the CNAME record of {}", self.domain.policy_host()),
            None => format!("stop serving the policy at {url}"),
        };
        let step = Step::new(StepKind::RemovePolicy, what);
        steps.push(step.wait_for(Wait::For(self.ttl)));
    }

    /// When no sender has an earlier policy any more: all have expired, and so has the record that could have announced one.
    fn forgotten(&self) -> Wait {
        match self.history {
            Some(history) => Wait::Until(history.expires_at().saturating_add(self.ttl)),
            None => Wait::For(Duration::from(MaxAge::MAX).saturating_add(self.ttl)),
        }
    }
}
