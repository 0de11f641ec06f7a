//! What a sender makes of a deployment: the crate's own discovery and delivery, run on the facts.

use super::facts::{Deployment, HostTls};
use super::finding::printable;
use super::hosts::{hosts, key, tls_facts};
use crate::delivery::{
    Action, Candidate, Dane, Session, Starttls, TlsOutcome, TlsVerdict, Verification,
};
use crate::discovery::{Decision, Discovery, DiscoveryOptions, Purpose};
use crate::failure::Failure;
use crate::policy::ParseOptions;
use crate::time::UnixTime;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

/// What a sender that has nothing cached does now.
///
/// `Display` is one line: `no policy`, `a policy with mode enforce`, `a policy with mode enforce that refuses mx2.example.net` … Control
/// characters in the names of hosts are escaped.
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
        let tls = tls_facts(deployment);
        let hosts = match &decision {
            Some(decision) => hosts(deployment)
                .into_iter()
                .map(|name| HostView::new(decision, tls.get(&key(&name)).copied(), name))
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
        let refused = self.hosts.iter().filter(|host| host.is_refused());
        refused.map(|host| host.name.as_str())
    }
}

impl HostView {
    fn new(decision: &Decision, facts: Option<&HostTls>, name: String) -> Self {
        let (action, failure) = match decision.candidate(&name, Dane::NotApplicable) {
            Candidate::Skip(verdict) => (Some(verdict.action()), verdict.failure()),
            Candidate::Connect(session) => match facts.map(|facts| facts.outcome) {
                Some(Some(outcome)) if is_decided(session, outcome) => {
                    let verdict = session.judge(outcome);
                    (Some(verdict.action()), verdict.failure())
                }
                // Where TLS decides nothing, the host is used whatever comes of it.
                None if session.requirement().starttls() == Starttls::Opportunistic => {
                    (Some(Action::Deliver), None)
                }
                Some(_) | None => (None, None),
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

    /// What the sender does; `None` if that depends on what is not known: how TLS goes, or whether the host is there at all.
    #[must_use]
    pub const fn action(&self) -> Option<Action> {
        self.action
    }

    /// Why the host is refused, or what a sender would report.
    #[must_use]
    pub const fn failure(&self) -> Option<Failure> {
        self.failure
    }

    pub(super) fn is_refused(&self) -> bool {
        self.action == Some(Action::Skip)
    }
}

/// Whether the outcome says all that the session asks: a sender does check the certificate, even if whoever gathered the facts did not.
fn is_decided(session: Session, outcome: TlsOutcome) -> bool {
    match (session.requirement().verification(), outcome) {
        (
            Verification::RequirePkix | Verification::RequireBoth,
            TlsOutcome::Established {
                pkix: TlsVerdict::NotChecked,
                ..
            },
        ) => false,
        (_, _) => true,
    }
}

impl fmt::Display for SenderView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(decision) = &self.decision else {
            return f.write_str("not checked");
        };
        match (decision.policy(), decision.failure()) {
            (Some(policy), _) => write!(f, "a policy with mode {}", policy.mode())?,
            (None, Some(failure)) => write!(f, "no policy: {}", failure.reason())?,
            (None, None) => f.write_str("no policy")?,
        }
        let mut separator = " that refuses ";
        for host in self.refused() {
            write!(f, "{separator}{}", printable(host))?;
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
