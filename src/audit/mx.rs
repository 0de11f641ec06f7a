//! The checks of the MX hosts, and of the patterns that name them.

use super::checks::Auditor;
use super::code::AuditCode;
use super::finding::{AuditPart, Finding, Unchecked};
use super::hosts::{NULL_MX, key, relative, tls_facts};
use super::view::SenderView;
use crate::delivery::{TlsOutcome, TlsVerdict};
use crate::diagnostic::Severity;
use crate::domain::Domain;
use crate::failure::{DnsError, TlsFailure};
use crate::mx::{Host, MxPattern};
use crate::policy::{Mode, Policy};
use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::net::IpAddr;

/// All patterns that match one of the hosts.
fn matching(hosts: &[String]) -> BTreeSet<String> {
    let mut patterns = BTreeSet::new();
    for host in hosts {
        Host::ask(host, |host| {
            let text = |name| core::str::from_utf8(name).map(str::to_ascii_lowercase);
            patterns.insert(text(host.name).ok()?);
            patterns.insert(format!("*{}", text(host.parent).ok()?));
            Some(())
        });
    }
    patterns
}

impl Auditor<'_> {
    /// Whether nobody can deliver to the domain: it does not exist, or has a null MX.
    pub(super) fn gets_no_mail(&self) -> bool {
        match &self.deployment.mx {
            Some(Ok(names)) => self.hosts.is_empty() && !names.is_empty(),
            Some(Err(error)) => *error == DnsError::NoSuchDomain,
            None => false,
        }
    }

    /// The patterns for themselves, and against the MX hosts.
    pub(super) fn patterns(&mut self) {
        let policy = self.text.clone();
        let Some(policy) = policy.filter(|policy| policy.mode() != Mode::None) else {
            return;
        };
        let used = matching(&self.hosts);
        for pattern in policy.mx() {
            let is_used = used.contains(pattern.as_str());
            if !is_used && !self.hosts.is_empty() {
                let finding = Finding::new(AuditPart::Policy, AuditCode::PatternUnused);
                self.find(finding.about(&pattern));
            }
            if let Some(parent) = pattern.as_str().strip_prefix("*.") {
                self.wildcard(&pattern.into(), parent, is_used);
            }
        }
    }

    fn wildcard(&mut self, pattern: &MxPattern, parent: &str, is_used: bool) {
        let is_public = self.options.public_suffix.map(|test| test(parent));
        if is_public.is_none() {
            self.not_checked(Unchecked::PublicSuffix);
        }
        let code = if is_public == Some(true) {
            AuditCode::WildcardPublicSuffix
        } else if parent == self.deployment.domain.as_str() {
            AuditCode::WildcardOwnDomain
        } else if is_used {
            AuditCode::WildcardWide
        } else {
            return;
        };
        self.find(Finding::new(AuditPart::Policy, code).about(pattern));
    }

    pub(super) fn mx(&mut self, strict: &SenderView, lenient: &SenderView) {
        match &self.deployment.mx {
            Some(Err(DnsError::NoSuchDomain)) => {
                let finding = Finding::new(AuditPart::Mx, AuditCode::DomainMissing);
                self.find(finding.about(&self.deployment.domain));
            }
            Some(Err(error)) if !error.is_absence() => {
                let finding = Finding::new(AuditPart::Mx, AuditCode::MxUnanswered);
                self.find(finding.because(error));
            }
            Some(Ok(names)) if !names.is_empty() => self.names(names),
            Some(Ok(_) | Err(_)) => self.find(Finding::new(AuditPart::Mx, AuditCode::MxMissing)),
            None => {}
        }
        let is_known = matches!(&self.deployment.mx, Some(answer) if is_answered(answer));
        if !is_known || self.deployment.policy.is_none() {
            self.not_checked(Unchecked::Mx);
        }
        self.uncovered();
        self.uncovered_earlier();
        let refused: BTreeSet<_> = strict.refused().collect();
        for host in lenient.hosts() {
            if host.is_refused() && !refused.contains(host.name()) {
                let finding = Finding::new(AuditPart::Mx, AuditCode::MxRefusedLeniently);
                let finding = finding.about(host.name());
                self.find(match host.failure() {
                    Some(failure) => finding.because(&failure.reason()),
                    None => finding,
                });
            }
        }
    }

    /// The names for themselves.
    fn names(&mut self, names: &[String]) {
        if names.iter().any(|name| name == NULL_MX) {
            let code = if self.hosts.is_empty() {
                AuditCode::MxNull
            } else {
                AuditCode::MxNullBesideOthers
            };
            self.find(Finding::new(AuditPart::Mx, code));
        }
        let severity = self.severity_of_tls();
        for host in self.hosts.clone() {
            if host.parse::<IpAddr>().is_ok() {
                let finding = Finding::new(AuditPart::Mx, AuditCode::MxIpAddress);
                self.find(finding.about(&host));
            } else if let Err(error) = host.parse::<Domain>() {
                let finding = Finding::new(AuditPart::Mx, AuditCode::MxName).about(&host);
                self.find(finding.because(&error.kind()).with_severity(severity));
            }
        }
    }

    fn uncovered(&mut self) {
        let Some(policy) = &self.text else {
            return;
        };
        let severity = match policy.mode() {
            Mode::Enforce => Severity::Error,
            Mode::Testing => Severity::Warning,
            Mode::None => return,
        };
        // Of the others it is said already that they are no names: to list them would not help.
        let mut hosts = outside(&self.hosts, policy);
        hosts.retain(|host| host.parse::<Domain>().is_ok());
        for host in hosts {
            let finding = Finding::new(AuditPart::Mx, AuditCode::MxNotCovered).about(&host);
            self.find(finding.with_severity(severity));
        }
    }

    /// Hosts that only the new policy names are refused by senders that still apply the earlier one (§8.1).
    fn uncovered_earlier(&mut self) {
        let Some(previous) = &self.deployment.previous else {
            return;
        };
        let expires_at = previous.expires_at();
        if previous.policy.mode() != Mode::Enforce || expires_at <= self.options.now {
            return;
        }
        for host in outside(&self.hosts, &previous.policy) {
            if self.text.as_ref().is_none_or(|now| now.mx_matches(&host)) {
                let code = AuditCode::MxNotCoveredEarlier;
                let until = format!("at least until {expires_at}");
                self.find(
                    Finding::new(AuditPart::Mx, code)
                        .about(&host)
                        .because(&until),
                );
            }
        }
    }

    /// How much it matters that a host cannot be verified: mail is held back in mode `enforce` alone.
    fn severity_of_tls(&self) -> Severity {
        match self.mode_of_text() {
            Some(Mode::Enforce) => Severity::Error,
            Some(Mode::Testing | Mode::None) | None => Severity::Warning,
        }
    }

    pub(super) fn tls(&mut self) {
        let facts = &self.deployment.tls;
        let is_known = matches!(&self.deployment.mx, Some(answer) if is_answered(answer));
        let hosts = if is_known {
            self.hosts.clone()
        } else {
            self.not_checked(Unchecked::HostTls);
            let hosts = facts.iter().map(|facts| relative(&facts.host).to_string());
            hosts.collect()
        };
        let severity = self.severity_of_tls();
        let tls = tls_facts(self.deployment);
        for host in hosts {
            match tls.get(&key(&host)).map(|facts| facts.outcome) {
                Some(None) => {
                    let finding = Finding::new(AuditPart::Mx, AuditCode::HostUnreachable);
                    self.find(finding.about(&host));
                }
                None
                | Some(Some(TlsOutcome::Established {
                    pkix: TlsVerdict::NotChecked,
                    ..
                })) => self.not_checked(Unchecked::HostTls),
                Some(Some(outcome)) => {
                    if let Some(finding) = why_no_tls(outcome) {
                        self.find(finding.about(&host).with_severity(severity));
                    }
                }
            }
        }
    }
}

/// Whether the DNS answered: if only that there is nothing.
fn is_answered<T>(answer: &Result<T, DnsError>) -> bool {
    match answer {
        Ok(_) => true,
        Err(error) => error.is_absence(),
    }
}

/// The hosts that no pattern names.
fn outside(hosts: &[String], policy: &Policy) -> Vec<String> {
    let hosts = hosts.iter().filter(|host| !policy.mx_matches(host));
    hosts.cloned().collect()
}

/// What is wrong with TLS, as far as that is known.
fn why_no_tls(outcome: TlsOutcome) -> Option<Finding> {
    let finding = |code| Finding::new(AuditPart::Mx, code);
    Some(match outcome {
        TlsOutcome::NotOffered => finding(AuditCode::HostWithoutStarttls),
        TlsOutcome::Refused(reply) => {
            finding(AuditCode::HostWithoutStarttls).because(&format!("reply {reply}"))
        }
        TlsOutcome::Failed(TlsFailure::ProtocolVersion) => finding(AuditCode::HostTlsVersion),
        TlsOutcome::Failed(failure)
        | TlsOutcome::Established {
            pkix: TlsVerdict::Failed(failure),
            ..
        } => {
            let code = if failure.is_about_certificate() {
                AuditCode::HostCertificate
            } else {
                AuditCode::HostTls
            };
            finding(code).because(&failure).with_help(failure.help())
        }
        TlsOutcome::Established {
            pkix: TlsVerdict::Passed | TlsVerdict::NotChecked,
            ..
        } => return None,
    })
}
