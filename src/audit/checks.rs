//! The checks, one function for each part.

use super::AuditOptions;
use super::facts::{Deployment, Snapshot};
use super::finding::{AuditCode, AuditPart, Finding, Unchecked};
use super::view::{NULL_MX, SenderView, hosts, is_same};
use crate::delivery::{TlsOutcome, TlsVerdict};
use crate::diagnostic::{Diagnostic, Severity};
use crate::domain::Domain;
use crate::failure::{FetchError, Reason, TlsFailure};
use crate::fetch::{MediaType, PolicyRequest};
use crate::policy::{Mode, ParseOptions, Policy};
use crate::record::StsRecord;
use crate::tls_rpt_record::TlsRptRecord;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::net::IpAddr;
use core::time::Duration;

/// A `max_age` over a day is long for a policy that is only there to expire (RFC 8461 §8.3).
const REMOVAL_MAX_AGE: u64 = 86_400;

pub(super) fn all(
    deployment: &Deployment,
    options: &AuditOptions<'_>,
    strict: &SenderView,
    lenient: &SenderView,
) -> (Vec<Finding>, Vec<Unchecked>) {
    let mut auditor = Auditor {
        deployment,
        options,
        record: selected(deployment),
        policy: served(deployment),
        findings: Vec::new(),
        not_checked: Vec::new(),
    };
    auditor.domain();
    auditor.record();
    auditor.policy_response();
    auditor.mode();
    auditor.changes();
    auditor.patterns(strict, lenient);
    auditor.mx();
    auditor.tls();
    auditor.tls_rpt();
    (auditor.findings, auditor.not_checked)
}

/// The record that a sender sees.
fn selected(deployment: &Deployment) -> Option<StsRecord> {
    match &deployment.record {
        Some(Ok(answer)) => StsRecord::select(answer).unwrap_or_default(),
        Some(Err(_)) | None => None,
    }
}

/// What the response is worth, whether or not there is a record; `None` if there was no request.
fn served(deployment: &Deployment) -> Option<Result<Policy, Reason>> {
    let request = PolicyRequest::new(deployment.domain.clone());
    Some(match deployment.policy.as_ref()? {
        Ok(response) => response.policy(&request, MediaType::TextPlain, &ParseOptions::strict()),
        Err(error) => Err(Reason::Fetch(*error)),
    })
}

struct Auditor<'a> {
    deployment: &'a Deployment,
    options: &'a AuditOptions<'a>,
    record: Option<StsRecord>,
    policy: Option<Result<Policy, Reason>>,
    findings: Vec<Finding>,
    not_checked: Vec<Unchecked>,
}

impl Auditor<'_> {
    fn find(&mut self, part: AuditPart, code: AuditCode) {
        self.findings.push(Finding::new(part, code, None));
    }

    fn find_about(&mut self, part: AuditPart, code: AuditCode, subject: &(impl ToString + ?Sized)) {
        self.findings
            .push(Finding::new(part, code, Some(subject.to_string())));
    }

    fn find_in_text(&mut self, part: AuditPart, diagnostics: &[Diagnostic]) {
        let findings = diagnostics.iter().map(|it| Finding::from_text(part, it));
        self.findings.extend(findings);
    }

    /// The mode of the policy, if one is served.
    fn served_mode(&self) -> Option<Mode> {
        let policy = self.policy.as_ref()?.as_ref();
        policy.ok().map(Policy::mode)
    }

    fn domain(&mut self) {
        let name = self.deployment.domain.as_str();
        if name.split('.').any(|label| label.starts_with("xn--")) {
            self.find_about(AuditPart::Domain, AuditCode::DomainInternational, name);
        }
    }

    fn record(&mut self) {
        match &self.deployment.record {
            None => self.not_checked.push(Unchecked::Record),
            Some(Err(error)) if !error.is_absence() => {
                self.find_about(AuditPart::Record, AuditCode::RecordUnanswered, error);
            }
            Some(Ok(answer)) if !answer.is_empty() => {
                let inspection = StsRecord::inspect_answer(answer);
                self.find_in_text(AuditPart::Record, inspection.diagnostics());
            }
            Some(Ok(_) | Err(_)) => self.find(AuditPart::Record, AuditCode::RecordMissing),
        }
        if let Some(target) = &self.deployment.delegated_to {
            self.find_about(AuditPart::Record, AuditCode::RecordDelegated, target);
        }
        for (name, answer) in &self.deployment.elsewhere {
            if answer.iter().any(|record| record.starts_with(b"v=STSv1")) {
                self.find_about(AuditPart::Record, AuditCode::RecordElsewhere, name);
            }
        }
    }

    fn policy_response(&mut self) {
        let Some(policy) = &self.policy else {
            self.not_checked.push(Unchecked::Policy);
            return;
        };
        let lacks_record = self.deployment.record.is_some() && self.record.is_none();
        match (policy, lacks_record) {
            (Ok(_), true) => self.find(AuditPart::Policy, AuditCode::PolicyWithoutRecord),
            (Ok(_), false) => {}
            // Without a record nobody asks for a policy: that there is none goes without saying.
            (Err(reason), true) if !matches!(reason, Reason::PolicyInvalid(_)) => return,
            (Err(reason), _) => {
                let reason = *reason;
                self.find_about(AuditPart::Policy, why_no_policy(&reason), &reason);
            }
        }
        let is_text = matches!(self.policy, Some(Ok(_) | Err(Reason::PolicyInvalid(_))));
        if let (true, Some(Ok(response))) = (is_text, &self.deployment.policy) {
            let inspection = Policy::inspect(response.body());
            self.find_in_text(AuditPart::Policy, inspection.diagnostics());
        }
    }

    fn mode(&mut self) {
        let Some(Ok(policy)) = &self.policy else {
            return;
        };
        let (mode, max_age) = (policy.mode(), policy.max_age());
        match (mode, &self.deployment.previous) {
            (Mode::Testing, Some(previous)) if previous.policy.mode() == Mode::Testing => {
                let lasted = self
                    .options
                    .now
                    .saturating_duration_since(previous.taken_at);
                if lasted >= self.options.testing_limit {
                    let since = format!("since {} at the latest", previous.taken_at);
                    self.find_about(AuditPart::Policy, AuditCode::TestingForLong, &since);
                }
            }
            (Mode::None, previous) => {
                let until = match previous {
                    Some(previous) => {
                        let life: Duration = previous.policy.max_age().into();
                        format!("not before {}", previous.taken_at.saturating_add(life))
                    }
                    None => "a year, if nothing is known about them".into(),
                };
                self.find_about(AuditPart::Policy, AuditCode::Removing, &until);
                if max_age.as_secs() > REMOVAL_MAX_AGE {
                    let subject = format!("{max_age} s");
                    self.find_about(AuditPart::Policy, AuditCode::RemovingSlowly, &subject);
                }
            }
            (Mode::Enforce | Mode::Testing, _) => {}
        }
    }

    fn changes(&mut self) {
        let Some(Snapshot { id, policy, .. }) = &self.deployment.previous else {
            self.not_checked.push(Unchecked::Changes);
            return;
        };
        let (Some(record), Some(Ok(now))) = (&self.record, &self.policy) else {
            return;
        };
        match (record.id() == id, now == policy) {
            (true, false) => self.find_about(AuditPart::Record, AuditCode::IdUnchanged, id),
            (false, true) => {
                let subject = format!("{id} before, {} now", record.id());
                self.find_about(AuditPart::Record, AuditCode::IdChangedAlone, &subject);
            }
            (true, true) | (false, false) => {}
        }
    }

    /// The patterns against the MX hosts, and for themselves.
    fn patterns(&mut self, strict: &SenderView, lenient: &SenderView) {
        let hosts = hosts(self.deployment);
        let knows_hosts =
            matches!(&self.deployment.mx, Some(answer) if answer.is_ok() || !hosts.is_empty());
        let served = self
            .policy
            .as_ref()
            .and_then(|policy| policy.as_ref().ok())
            .cloned();
        if let Some(policy) = &served {
            self.uncovered(policy, &hosts);
            for pattern in policy.mx() {
                let is_used = hosts.iter().any(|host| pattern.matches(host));
                if knows_hosts && !is_used {
                    self.find_about(AuditPart::Policy, AuditCode::PatternUnused, &pattern);
                }
                if let Some(parent) = pattern.as_str().strip_prefix("*.") {
                    self.wildcard(pattern.as_str(), parent, is_used);
                }
            }
        }
        // Refused by those who read leniently, and by nobody else.
        let refused: Vec<_> = strict.refused().collect();
        for host in lenient.refused().filter(|host| !refused.contains(host)) {
            self.find_about(AuditPart::Mx, AuditCode::MxNotCoveredLeniently, host);
        }
    }

    fn uncovered(&mut self, policy: &Policy, hosts: &[String]) {
        let severity = match policy.mode() {
            Mode::Enforce => Severity::Error,
            Mode::Testing => Severity::Warning,
            Mode::None => return,
        };
        for host in hosts.iter().filter(|host| !policy.mx_matches(host)) {
            let finding = Finding::new(AuditPart::Mx, AuditCode::MxNotCovered, Some(host.clone()));
            self.findings.push(finding.with_severity(severity));
        }
    }

    fn wildcard(&mut self, pattern: &str, parent: &str, is_used: bool) {
        let is_public = self.options.public_suffix.map(|test| test(parent));
        if is_public.is_none() {
            self.not_checked.push(Unchecked::PublicSuffix);
        }
        if is_public == Some(true) {
            self.find_about(AuditPart::Policy, AuditCode::WildcardPublicSuffix, pattern);
        } else if parent == self.deployment.domain.as_str() {
            self.find_about(AuditPart::Policy, AuditCode::WildcardOwnDomain, pattern);
        } else if is_used {
            self.find_about(AuditPart::Policy, AuditCode::WildcardWide, pattern);
        }
    }

    fn mx(&mut self) {
        match &self.deployment.mx {
            None => self.not_checked.push(Unchecked::Mx),
            Some(Err(error)) if !error.is_absence() => {
                self.find_about(AuditPart::Mx, AuditCode::MxUnanswered, error);
            }
            Some(Ok(hosts)) if !hosts.is_empty() => {
                for host in hosts {
                    self.mx_name(host);
                }
            }
            Some(Ok(_) | Err(_)) => self.find(AuditPart::Mx, AuditCode::MxMissing),
        }
    }

    fn mx_name(&mut self, host: &str) {
        if host == NULL_MX {
            self.find(AuditPart::Mx, AuditCode::MxNull);
            return;
        }
        let name = host.strip_suffix('.').unwrap_or(host);
        if name.parse::<IpAddr>().is_ok() {
            self.find_about(AuditPart::Mx, AuditCode::MxIpAddress, host);
        } else if name.parse::<Domain>().is_err() {
            self.find_about(AuditPart::Mx, AuditCode::MxName, host);
        }
    }

    fn tls(&mut self) {
        let severity = match self.served_mode() {
            Some(Mode::Enforce) => Severity::Error,
            Some(Mode::Testing | Mode::None) | None => Severity::Warning,
        };
        for host in hosts(self.deployment) {
            let mut facts = self.deployment.tls.iter();
            let Some(facts) = facts.find(|facts| is_same(&facts.host, &host)) else {
                self.not_checked.push(Unchecked::HostTls);
                continue;
            };
            let Some(outcome) = facts.outcome else {
                self.find_about(AuditPart::Mx, AuditCode::HostUnreachable, &host);
                continue;
            };
            let (code, subject) = match outcome {
                TlsOutcome::NotOffered => (AuditCode::HostWithoutStarttls, host),
                TlsOutcome::Refused(reply) => (
                    AuditCode::HostWithoutStarttls,
                    format!("{host} (reply {reply})"),
                ),
                TlsOutcome::Failed(failure)
                | TlsOutcome::Established {
                    pkix: TlsVerdict::Failed(failure),
                    ..
                } => (tls_failure(failure), format!("{host} ({failure})")),
                TlsOutcome::Established {
                    pkix: TlsVerdict::Passed,
                    ..
                } => continue,
                TlsOutcome::Established {
                    pkix: TlsVerdict::NotChecked,
                    ..
                } => {
                    self.not_checked.push(Unchecked::HostTls);
                    continue;
                }
            };
            let finding = Finding::new(AuditPart::Mx, code, Some(subject));
            self.findings.push(finding.with_severity(severity));
        }
    }

    fn tls_rpt(&mut self) {
        match &self.deployment.tls_rpt {
            None => self.not_checked.push(Unchecked::TlsRpt),
            Some(Err(error)) if !error.is_absence() => {
                self.find_about(AuditPart::TlsRpt, AuditCode::TlsRptUnanswered, error);
            }
            Some(Ok(answer)) if !answer.is_empty() => {
                let inspection = TlsRptRecord::inspect_answer(answer);
                self.find_in_text(AuditPart::TlsRpt, inspection.diagnostics());
            }
            Some(Ok(_) | Err(_)) => self.find(AuditPart::TlsRpt, AuditCode::TlsRptMissing),
        }
    }
}

const fn tls_failure(failure: TlsFailure) -> AuditCode {
    if failure.is_about_certificate() {
        AuditCode::HostCertificate
    } else {
        AuditCode::HostTls
    }
}

const fn why_no_policy(reason: &Reason) -> AuditCode {
    match reason {
        Reason::Fetch(FetchError::Dns(_)) => AuditCode::PolicyHostDns,
        Reason::Fetch(FetchError::Connect | FetchError::Timeout) => AuditCode::PolicyConnect,
        Reason::Fetch(FetchError::Tls(failure)) if failure.is_about_certificate() => {
            AuditCode::PolicyCertificate
        }
        Reason::Fetch(FetchError::Tls(_)) => AuditCode::PolicyTls,
        Reason::Fetch(FetchError::TooLarge) => AuditCode::PolicyTooLarge,
        Reason::Fetch(FetchError::Truncated) => AuditCode::PolicyTruncated,
        Reason::Redirect => AuditCode::PolicyRedirect,
        Reason::Status(_) => AuditCode::PolicyStatus,
        Reason::MediaType => AuditCode::PolicyMediaType,
        Reason::PolicyInvalid(_) => AuditCode::PolicyInvalid,
        _ => AuditCode::PolicyUnavailable,
    }
}
