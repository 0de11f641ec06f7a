//! MTA-STS for Postfix: answers to `smtp_tls_policy_maps`.
//!
//! To copy: this directory, `socketmap`, and `resolver.rs`.

mod answer;
mod hosts;
mod key;
mod refresh;

pub use answer::{Attributes, Enforced, enforced};
pub use hosts::{AskTlsa, MailDns, MailHost, of_domain, of_host};
pub use key::{Key, Why};
pub use refresh::Refresher;

use crate::network::{explain, now};
use crate::socketmap::{Lookup as Table, Reply, Untrusted};
use mta_sts::{
    Decision, DnsError, Fetcher, Lookup, Mode, Policy, PolicyClient, PolicyStore, Purpose,
    Resolver, Severity, Source, UnixTime,
};
use std::sync::Arc;

/// What an operator may choose.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Whether the attributes of Postfix 3.10 are added.
    pub attributes: Attributes,
    /// What is said about a domain with an enforced policy whose hosts have TLSA records.
    pub dane: BesideDane,
    /// What is said while nobody knows whether a domain has a policy.
    pub undetermined: Undetermined,
}

/// What is said about a domain with an enforced policy whose hosts have usable TLSA records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BesideDane {
    /// `dane-only`: never less than DANE asks, whatever the level of Postfix.
    DaneOnly,
    /// Nothing, so that the level of Postfix holds: for one that is `dane`.
    NotFound,
    /// The policy, without asking for TLSA records: for a Postfix that does no DANE.
    Policy,
}

/// What is said while nobody knows whether a domain has a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Undetermined {
    /// Nothing: mail goes out as without MTA-STS.
    NotFound,
    /// It must wait.
    Temporary,
}

/// The table that Postfix asks.
#[derive(Debug)]
pub struct PolicyTable<R, F, S, H> {
    client: Arc<PolicyClient<R, F, S>>,
    dns: H,
    name: String,
    options: Options,
}

impl<R: Resolver, F: Fetcher, S: PolicyStore, H: MailDns> PolicyTable<R, F, S, H> {
    /// A table of this name.
    pub fn new(client: Arc<PolicyClient<R, F, S>>, dns: H, name: &str, options: Options) -> Self {
        Self {
            client,
            dns,
            name: name.to_owned(),
            options,
        }
    }

    /// The client that finds the policies.
    pub fn client(&self) -> &PolicyClient<R, F, S> {
        &self.client
    }

    async fn about(&self, key: &Key, asked: Untrusted<'_>) -> Reply {
        let (Key::Domain(domain, _) | Key::Host(domain, _)) = key else {
            tracing::debug!("{asked}: {key:?}");
            return Reply::NotFound;
        };
        let now = now();
        let lookup = match self.client.policy_for(domain, Purpose::Deliver, now).await {
            Ok(lookup) => lookup,
            Err(error) => {
                tracing::error!(%domain, "{}", explain(&error));
                return Reply::Temporary("the policy store failed");
            }
        };
        report(&lookup);
        let decision = lookup.decision();
        let source = decision.source();
        match (decision.policy().map(Policy::mode), source) {
            (Some(Mode::Enforce), _) => {
                let reply = self.enforce(key, decision, now).await;
                tracing::info!(%domain, ?source, "enforce, so for {asked}: {}", summary(&reply));
                reply
            }
            (Some(mode @ (Mode::Testing | Mode::None)), _) => {
                tracing::info!(%domain, ?source, "{mode}, so nothing is said");
                Reply::NotFound
            }
            (None, Source::Undetermined) => match self.options.undetermined {
                Undetermined::NotFound => Reply::NotFound,
                Undetermined::Temporary => {
                    Reply::Temporary("whether the domain has an MTA-STS policy is not known")
                }
            },
            (None, _) => Reply::NotFound,
        }
    }

    async fn enforce(&self, key: &Key, decision: &Decision, now: UnixTime) -> Reply {
        let tlsa = match self.options.dane {
            BesideDane::DaneOnly | BesideDane::NotFound => AskTlsa::WhereSigned,
            BesideDane::Policy => AskTlsa::Never,
        };
        let hosts = match key {
            Key::Domain(domain, port) => of_domain(&self.dns, domain, *port, tlsa).await,
            Key::Host(domain, port) => Ok(of_host(&self.dns, domain, *port, tlsa).await),
            Key::Without(_) => Err(DnsError::NoSuchDomain),
        };
        let hosts = match hosts {
            Ok(hosts) => hosts,
            Err(error) => {
                tracing::warn!(domain = %decision.domain(), "the MX records: {error}");
                // Postfix asks when it has found a host. If there seems to be none here, something is wrong, and without the hosts nobody
                // knows whether DANE applies.
                return Reply::Temporary("the MX records could not be looked up");
            }
        };
        tracing::debug!(domain = %decision.domain(), ?hosts);
        match (
            enforced(decision, &hosts, self.options.attributes, now),
            self.options.dane,
        ) {
            (Enforced::ByDane, BesideDane::NotFound) => Reply::NotFound,
            (Enforced::ByDane, _) => Reply::Found("dane-only".to_owned()),
            (Enforced::ByCertificate(line), _) => Reply::Found(line),
            (Enforced::Impossible, _) => Reply::Temporary(
                "no MX host may be used: outside the MTA-STS policy, or TLSA unknown",
            ),
        }
    }
}

impl<R, F, S, H> Table for PolicyTable<R, F, S, H>
where
    R: Resolver + 'static,
    F: Fetcher + 'static,
    S: PolicyStore + 'static,
    H: MailDns,
{
    async fn lookup(&self, table: &[u8], key: &[u8]) -> Reply {
        if table != self.name.as_bytes() {
            tracing::error!("a table that is not here: {}", Untrusted(table));
            return Reply::Permanent("there is no such table");
        }
        self.about(&Key::parse(key), Untrusted(key)).await
    }
}

/// Logs what an operator should hear of a discovery. Nothing in it was written by a stranger: failures are named by codes.
pub(crate) fn report(lookup: &Lookup) {
    let decision = lookup.decision();
    let (domain, source) = (decision.domain(), decision.source());
    if let Some(failure) = decision.failure() {
        let expires_soon = |severity| matches!(severity, Severity::Error | Severity::Warning);
        if lookup.alert_severity().is_some_and(expires_soon) {
            tracing::warn!(%domain, "the policy expires soon and cannot be refreshed: {failure}");
        } else if lookup.alert() {
            tracing::info!(%domain, "the policy cannot be refreshed: {failure}");
        } else if source == Source::Undetermined {
            tracing::warn!(%domain, "whether there is a policy is not known: {failure}");
        } else {
            tracing::debug!(%domain, ?source, "{failure}");
        }
    }
    if let Some(error) = lookup.save_error() {
        tracing::error!(%domain, "not stored: {}", explain(error));
    }
}

/// A reply for the log: the lines of a policy are long.
fn summary(reply: &Reply) -> String {
    let text = reply.to_string();
    match text.split_once(" policy_type=") {
        Some((line, _)) => format!("{line} …"),
        None => text,
    }
}
