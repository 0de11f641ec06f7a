//! What there is to find of a domain.

use live::fetcher::HttpsFetcher;
use live::resolver::{HickoryResolver, MailHosts};
use mta_sts::{
    Candidate, Conclusion, Dane, Decision, Diagnostic, Discovery, DiscoveryOptions, DnsError,
    Error, Fetcher, LineIndex, Mode, Policy, PolicyDomain, Purpose, Resolver, StsRecord, TxtAnswer,
    UnixTime,
};
use std::time::SystemTime;

/// Everything about one domain.
#[derive(Debug)]
pub(crate) struct Survey {
    /// As it was given.
    pub(crate) name: String,
    pub(crate) result: Result<Found, Obstacle>,
}

/// Why there is nothing to say about policies.
#[derive(Debug)]
pub(crate) enum Obstacle {
    /// It cannot have a policy.
    NotADomain(Error),
    NoSuchDomain,
    /// The null MX: no mail, so no policy is looked for.
    NoMail,
}

#[derive(Debug)]
pub(crate) struct Found {
    /// The TXT records, whatever they are.
    pub(crate) txt: Result<TxtAnswer, DnsError>,
    pub(crate) decision: Decision,
    pub(crate) hosts: Result<Vec<Host>, DnsError>,
}

/// A finding in a policy.
#[derive(Debug)]
pub(crate) struct Finding {
    /// The number of the line, from 1.
    pub(crate) line: usize,
    pub(crate) diagnostic: Diagnostic,
}

/// A host for the mail of the domain.
#[derive(Debug)]
pub(crate) struct Host {
    /// `None` for a domain that is the host itself.
    pub(crate) preference: Option<u16>,
    pub(crate) name: String,
    pub(crate) candidate: Candidate,
}

impl Survey {
    pub(crate) async fn of(
        name: String,
        resolver: &HickoryResolver,
        fetcher: &HttpsFetcher,
    ) -> Self {
        let result = match name.parse() {
            Ok(domain) => survey(domain, resolver, fetcher).await,
            Err(error) => Err(Obstacle::NotADomain(error)),
        };
        Self { name, result }
    }

    /// Whether something is wrong.
    pub(crate) fn is_wrong(&self) -> bool {
        match &self.result {
            Ok(found) => {
                found.decision.failure().is_some()
                    || match &found.hosts {
                        Ok(hosts) => hosts.iter().any(|host| found.is_named(host) == Some(false)),
                        Err(_) => true,
                    }
            }
            Err(Obstacle::NoMail) => false,
            Err(Obstacle::NotADomain(_) | Obstacle::NoSuchDomain) => true,
        }
    }
}

impl Found {
    /// The record, if there is one and it is valid.
    pub(crate) fn record(&self) -> Option<StsRecord> {
        let answer = self.txt.as_ref().ok()?;
        StsRecord::select(answer).ok()?
    }

    /// Whether the policy names the host; `None` if there is none that would have to.
    pub(crate) fn is_named(&self, host: &Host) -> Option<bool> {
        let policy = self.decision.policy();
        let policy = policy.filter(|policy| policy.mode() != Mode::None)?;
        Some(policy.mx_matches(&host.name))
    }

    /// What is wrong or unwise in the policy, or in what came in its place.
    pub(crate) fn findings(&self) -> Vec<Finding> {
        let text = self.decision.policy_lines().join("\n");
        if text.is_empty() {
            return Vec::new();
        }
        let lines = LineIndex::new(text.as_bytes());
        let inspection = Policy::inspect(text.as_bytes());
        let diagnostics = inspection.diagnostics().iter();
        let finding = |diagnostic: &Diagnostic| Finding {
            line: lines.position(diagnostic.span().start()).line,
            diagnostic: diagnostic.clone(),
        };
        diagnostics.map(finding).collect()
    }
}

async fn survey(
    domain: PolicyDomain,
    resolver: &HickoryResolver,
    fetcher: &HttpsFetcher,
) -> Result<Found, Obstacle> {
    let mail_hosts = match resolver.mail_hosts(domain.as_str()).await {
        Ok(MailHosts::Nowhere) => return Err(Obstacle::NoMail),
        Err(DnsError::NoSuchDomain) => return Err(Obstacle::NoSuchDomain),
        mail_hosts => mail_hosts,
    };
    let (txt, conclusion) = discover(domain.clone(), resolver, fetcher).await;
    let (decision, ..) = conclusion.into_parts();
    let host = |preference, name: String| Host {
        preference,
        candidate: decision.candidate(&name, Dane::NotApplicable),
        name,
    };
    let hosts = mail_hosts.map(|mail_hosts| match mail_hosts {
        MailHosts::Listed(answer) => {
            let records = answer.records.into_iter();
            records
                .map(|mx| host(Some(mx.preference), mx.host))
                .collect()
        }
        MailHosts::Itself => vec![host(None, domain.to_string())],
        MailHosts::Nowhere => Vec::new(),
    });
    Ok(Found {
        txt,
        decision,
        hosts,
    })
}

/// As `mta_sts::discover` does, but keeps the records to show them.
async fn discover(
    domain: PolicyDomain,
    resolver: &impl Resolver,
    fetcher: &impl Fetcher,
) -> (Result<TxtAnswer, DnsError>, Conclusion) {
    let now = UnixTime::from(SystemTime::now());
    let options = DiscoveryOptions::new();
    let mut txt = Err(DnsError::Other);
    let mut discovery = Discovery::start(domain, None, Purpose::Deliver, now, &options);
    loop {
        discovery = match discovery {
            Discovery::LookUp(step) => {
                txt = resolver.txt(step.name()).await;
                step.answered(txt.clone())
            }
            Discovery::Fetch(step) => {
                let response = fetcher.fetch(step.request()).await;
                step.answered(response)
            }
            Discovery::Done(conclusion) => return (txt, conclusion),
        };
    }
}
