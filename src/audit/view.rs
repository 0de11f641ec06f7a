//! What a sender makes of a deployment: the crate's own discovery and delivery, run on the facts.

use super::facts::Deployment;
use crate::delivery::{Action, Candidate, Dane, Starttls};
use crate::discovery::{Decision, Discovery, DiscoveryOptions, Purpose};
use crate::failure::Failure;
use crate::policy::ParseOptions;
use crate::time::UnixTime;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

/// What a sender that has nothing cached does now.
///
/// `Display` is one line: `no policy`, `enforce`, `enforce, refuses mx2.example.net` …
#[derive(Clone, Debug)]
pub struct SenderView {
    decision: Option<Decision>,
    hosts: Vec<HostView>,
}

/// What a sender does with one MX host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostView {
    name: String,
    action: Option<Action>,
    failure: Option<Failure>,
}

impl SenderView {
    pub(super) fn new(deployment: &Deployment, reading: ParseOptions, now: UnixTime) -> Self {
        let decision = decide(deployment, reading, now);
        let hosts = match &decision {
            Some(decision) => hosts(deployment)
                .into_iter()
                .map(|name| HostView::new(decision, deployment, name))
                .collect(),
            None => Vec::new(),
        };
        Self { decision, hosts }
    }

    /// Which policy applies; `None` if the facts do not say.
    #[must_use]
    pub const fn decision(&self) -> Option<&Decision> {
        self.decision.as_ref()
    }

    /// What becomes of each MX host, in the order of the MX records; empty if the facts do not say.
    #[must_use]
    pub fn hosts(&self) -> &[HostView] {
        &self.hosts
    }

    /// The MX hosts to which nothing is delivered.
    pub fn refused(&self) -> impl Iterator<Item = &str> {
        let hosts = self.hosts.iter();
        let refused = hosts.filter(|host| host.action == Some(Action::Skip));
        refused.map(|host| host.name.as_str())
    }
}

impl HostView {
    fn new(decision: &Decision, deployment: &Deployment, name: String) -> Self {
        let facts = deployment
            .tls
            .iter()
            .find(|facts| is_same(&facts.host, &name));
        let (action, failure) = match decision.candidate(&name, Dane::NotApplicable) {
            Candidate::Skip(verdict) => (Some(verdict.action()), verdict.failure()),
            Candidate::Connect(session) => match facts.and_then(|facts| facts.outcome) {
                Some(outcome) => {
                    let verdict = session.judge(outcome);
                    (Some(verdict.action()), verdict.failure())
                }
                None => match session.requirement().starttls() {
                    Starttls::Opportunistic => (Some(Action::Deliver), None),
                    Starttls::Mandatory => (None, None),
                },
            },
        };
        Self {
            name,
            action,
            failure,
        }
    }

    /// The name of the MX host.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the sender does; `None` if that depends on how TLS goes, which is not known.
    #[must_use]
    pub const fn action(&self) -> Option<Action> {
        self.action
    }

    /// Why the host is refused, or what a sender would report.
    #[must_use]
    pub const fn failure(&self) -> Option<Failure> {
        self.failure
    }
}

impl fmt::Display for SenderView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(decision) = &self.decision else {
            return f.write_str("not checked");
        };
        match (decision.policy(), decision.failure()) {
            (Some(policy), _) => policy.mode().fmt(f)?,
            (None, Some(failure)) => write!(f, "no policy: {}", failure.reason())?,
            (None, None) => f.write_str("no policy")?,
        }
        let mut separator = ", refuses ";
        for host in self.refused() {
            write!(f, "{separator}{host}")?;
            separator = ", ";
        }
        Ok(())
    }
}

fn decide(deployment: &Deployment, reading: ParseOptions, now: UnixTime) -> Option<Decision> {
    let options = DiscoveryOptions::new().parse_options(reading);
    let domain = deployment.domain.clone();
    let mut discovery = Discovery::start(domain, None, Purpose::Deliver, now, &options);
    loop {
        discovery = match discovery {
            Discovery::LookUp(step) => step.answered(deployment.record.clone()?),
            Discovery::Fetch(step) => step.answered(deployment.policy.clone()?),
            Discovery::Done(conclusion) => return Some(conclusion.into_parts().0),
        };
    }
}

/// The names of the MX hosts: the domain itself if there are no MX records, none with a null MX.
pub(super) fn hosts(deployment: &Deployment) -> Vec<String> {
    match &deployment.mx {
        Some(Ok(hosts)) if hosts.is_empty() => vec![deployment.domain.to_string()],
        Some(Ok(hosts)) => hosts
            .iter()
            .filter(|host| *host != NULL_MX)
            .cloned()
            .collect(),
        Some(Err(error)) if error.is_absence() => vec![deployment.domain.to_string()],
        Some(Err(_)) | None => Vec::new(),
    }
}

/// What a null MX has in place of a name (RFC 7505).
pub(super) const NULL_MX: &str = ".";

/// Whether two names are the same, but for case and a final dot.
pub(super) fn is_same(a: &str, b: &str) -> bool {
    let trim =
        |name: &str| -> String { name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase() };
    trim(a) == trim(b)
}
