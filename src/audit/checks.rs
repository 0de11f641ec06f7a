//! The checks of record, policy and reporting, one function for each part. Those of the MX hosts are in `mx`.

use super::AuditOptions;
use super::code::AuditCode;
use super::facts::Deployment;
use super::finding::{AuditPart, Finding, Unchecked};
use super::hosts::hosts;
use super::view::SenderView;
use crate::diagnostic::{Diagnostic, Severity};
use crate::failure::{FetchError, Reason};
use crate::fetch::{MediaType, PolicyRequest, PolicyResponse};
use crate::policy::{MaxAge, Mode, ParseOptions, Policy};
use crate::record::StsRecord;
use crate::tls_rpt_record::TlsRptRecord;
use crate::txt::TxtAnswer;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

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
        hosts: hosts(deployment),
        record: selected(deployment),
        policy: policy(deployment, MediaType::TextPlain),
        text: policy(deployment, MediaType::Any).and_then(Result::ok),
        findings: Vec::new(),
        not_checked: Vec::new(),
    };
    auditor.domain();
    auditor.record();
    auditor.policy_response();
    auditor.policy_text();
    auditor.mode();
    auditor.changes(strict);
    auditor.patterns();
    auditor.mx(strict, lenient);
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

/// What the response is worth, whether or not there is a record; `None` if nothing is known of one.
fn policy(deployment: &Deployment, media_type: MediaType) -> Option<Result<Policy, Reason>> {
    let request = PolicyRequest::new(deployment.domain.clone());
    Some(match deployment.policy.as_ref()? {
        Ok(response) => response.policy(&request, media_type, &ParseOptions::strict()),
        Err(error) => Err(Reason::Fetch(*error)),
    })
}

pub(super) struct Auditor<'a> {
    pub(super) deployment: &'a Deployment,
    pub(super) options: &'a AuditOptions<'a>,
    /// The MX hosts, as far as they are known.
    pub(super) hosts: Vec<String>,
    record: Option<StsRecord>,
    policy: Option<Result<Policy, Reason>>,
    /// The policy in the response, whatever its media type: what is wrong in it is better told before that is corrected.
    pub(super) text: Option<Policy>,
    findings: Vec<Finding>,
    not_checked: Vec<Unchecked>,
}

impl Auditor<'_> {
    pub(super) fn find(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    pub(super) fn not_checked(&mut self, what: Unchecked) {
        self.not_checked.push(what);
    }

    fn find_in_text(&mut self, part: AuditPart, diagnostics: &[Diagnostic]) {
        let findings = diagnostics.iter().map(|it| Finding::from_text(part, it));
        self.findings.extend(findings);
    }

    /// The mode of the policy that is served.
    pub(super) fn mode_of_text(&self) -> Option<Mode> {
        self.text.as_ref().map(Policy::mode)
    }

    fn domain(&mut self) {
        let name = self.deployment.domain.as_str();
        if name.split('.').any(|label| label.starts_with("xn--")) {
            self.find(Finding::new(AuditPart::Domain, AuditCode::DomainInternational).about(name));
        }
    }

    /// Whether the DNS says that there is nothing at the record's name.
    fn has_no_record(&self) -> bool {
        match &self.deployment.record {
            Some(Ok(answer)) => answer.is_empty(),
            Some(Err(error)) => error.is_absence(),
            None => false,
        }
    }

    /// How much it matters that there is no record; `None` if there is one, or if none is wanted.
    fn severity_of_absence(&self) -> Option<Severity> {
        let previous = self.deployment.previous.as_ref();
        let previous = previous.map(|previous| previous.policy.mode());
        // Nobody asks for the record of a domain to which nobody delivers.
        if !self.has_no_record() || self.gets_no_mail() {
            return None;
        }
        match self
            .mode_of_text()
            .or(previous.filter(|mode| *mode == Mode::None))
        {
            // The record goes, but not before its time (§8.3).
            Some(Mode::None) => (!self.is_removal_due()).then_some(Severity::Warning),
            Some(Mode::Enforce | Mode::Testing) | None => Some(Severity::Error),
        }
    }

    fn record(&mut self) {
        match &self.deployment.record {
            None => self.not_checked(Unchecked::Record),
            Some(Ok(answer)) if !answer.is_empty() => {
                let inspection = StsRecord::inspect_answer(answer);
                self.find_in_text(AuditPart::Record, inspection.diagnostics());
            }
            Some(Err(error)) if !error.is_absence() => {
                let code = AuditCode::RecordUnanswered;
                self.find(Finding::new(AuditPart::Record, code).because(error));
            }
            Some(Ok(_) | Err(_)) => {}
        }
        if let Some(severity) = self.severity_of_absence() {
            let finding = Finding::new(AuditPart::Record, AuditCode::RecordMissing);
            self.find(finding.with_severity(severity));
        }
        if let Some(target) = &self.deployment.delegated_to {
            let finding = Finding::new(AuditPart::Record, AuditCode::RecordDelegated);
            self.find(finding.about(target));
        }
        self.elsewhere();
    }

    /// The record where none belongs: at the names that were given, and at that of TLS reporting.
    fn elsewhere(&mut self) {
        let tls_rpt = match &self.deployment.tls_rpt {
            Some(Ok(answer)) => self.deployment.domain.tls_rpt_name().zip(Some(answer)),
            Some(Err(_)) | None => None,
        };
        let given = self.deployment.elsewhere.iter();
        let given = given.map(|(name, answer)| (name.clone(), answer));
        let mut found = false;
        for (name, answer) in given.chain(tls_rpt) {
            if is_sts(answer) {
                found = true;
                let finding = Finding::new(AuditPart::Record, AuditCode::RecordElsewhere);
                self.find(finding.about(&name));
            }
        }
        let is_missed = self.severity_of_absence().is_some();
        if !found && is_missed && self.deployment.elsewhere.is_empty() {
            self.not_checked(Unchecked::RecordElsewhere);
        }
    }

    fn policy_response(&mut self) {
        let Some(policy) = &self.policy else {
            self.not_checked(Unchecked::Policy);
            return;
        };
        let lacks_record = match &self.deployment.record {
            Some(Err(error)) => error.is_absence(),
            Some(Ok(_)) => self.record.is_none(),
            None => false,
        };
        match policy {
            // Without a record, a policy that is about to be removed has been removed in part.
            Ok(policy) if lacks_record && policy.mode() != Mode::None => {
                let code = AuditCode::PolicyWithoutRecord;
                self.find(Finding::new(AuditPart::Policy, code));
            }
            Ok(_) => {}
            // Where there is no record, nobody wonders that there is no policy.
            Err(reason) if self.has_no_record() && !matches!(reason, Reason::PolicyInvalid(_)) => {}
            Err(reason) => {
                let response = self.deployment.policy.as_ref();
                let response = response.and_then(|response| response.as_ref().ok());
                let finding = why_no_policy(reason, response);
                self.find(finding);
            }
        }
    }

    /// What stands in the policy, whatever became of the response otherwise.
    fn policy_text(&mut self) {
        let Some(Ok(response)) = &self.deployment.policy else {
            return;
        };
        if let Some(Ok(_) | Err(Reason::PolicyInvalid(_))) = policy(self.deployment, MediaType::Any)
        {
            let inspection = Policy::inspect(response.body());
            self.find_in_text(AuditPart::Policy, inspection.diagnostics());
        }
    }

    fn mode(&mut self) {
        match &self.text {
            Some(policy) if policy.mode() == Mode::Testing => self.testing(),
            Some(policy) if policy.mode() == Mode::None => {
                let max_age = policy.max_age();
                self.removing();
                if max_age.as_secs() > REMOVAL_MAX_AGE {
                    let finding = Finding::new(AuditPart::Policy, AuditCode::RemovingSlowly);
                    self.find(finding.because(&format!("{max_age} s")));
                }
            }
            Some(_) | None => {}
        }
    }

    fn testing(&mut self) {
        let previous = self.deployment.previous.as_ref();
        let Some(previous) = previous.filter(|it| it.policy.mode() == Mode::Testing) else {
            return;
        };
        let since = previous.taken_at;
        let lasted = self.options.now.saturating_duration_since(since);
        if lasted >= self.options.testing_limit {
            let finding = Finding::new(AuditPart::Policy, AuditCode::TestingForLong);
            self.find(finding.because(&format!("since {since} at the latest")));
        }
    }

    /// Whether it is known that no sender has a policy with another mode than `none`.
    fn is_removal_due(&self) -> bool {
        let now = self.options.now;
        match (&self.deployment.history, &self.deployment.previous) {
            (Some(history), _) => history.expires_at() <= now,
            // When that one was there, no other was served any more.
            (None, Some(previous)) if previous.policy.mode() == Mode::None => {
                previous.taken_at.saturating_add(MaxAge::MAX.into()) <= now
            }
            (None, Some(_) | None) => false,
        }
    }

    /// Until when the record and the policy must stay (§8.3).
    fn removing(&mut self) {
        if self.is_removal_due() {
            self.find(Finding::new(AuditPart::Policy, AuditCode::RemovalDue));
            return;
        }
        let now = self.options.now;
        let until = match (&self.deployment.history, &self.deployment.previous) {
            (Some(history), _) => format!("until {}", history.expires_at()),
            (None, Some(previous)) if previous.policy.mode() == Mode::None => {
                let latest = previous.taken_at.saturating_add(MaxAge::MAX.into());
                format!("until {latest} at the latest")
            }
            (None, Some(previous)) => {
                let life = previous.policy.max_age();
                let expires_at = now.saturating_add(life.into());
                format!("until {expires_at}, or longer if one before it had a longer life")
            }
            (None, None) => {
                let latest = now.saturating_add(MaxAge::MAX.into());
                format!("until {latest} at the latest")
            }
        };
        if self.deployment.history.is_none() {
            self.not_checked(Unchecked::History);
        }
        self.find(Finding::new(AuditPart::Policy, AuditCode::Removing).because(&until));
    }

    fn changes(&mut self, strict: &SenderView) {
        let Some(previous) = &self.deployment.previous else {
            self.not_checked(Unchecked::Changes);
            return;
        };
        if self.deployment.record.is_none() || self.deployment.policy.is_none() {
            self.not_checked(Unchecked::Changes);
        }
        let expires_at = previous.expires_at();
        let is_alive = expires_at > self.options.now && previous.policy.mode() != Mode::None;
        let has_policy = strict
            .decision()
            .map(|decision| decision.policy().is_some());
        if is_alive && has_policy == Some(false) {
            let finding = Finding::new(AuditPart::Policy, AuditCode::PolicyStillCached);
            self.find(finding.because(&format!("at least until {expires_at}")));
        }
        let (Some(record), Some(policy)) = (&self.record, &self.text) else {
            return;
        };
        let (now, before) = (record.id(), &previous.id);
        let (code, reason) = match (now == before, *policy == previous.policy) {
            (true, false) => (AuditCode::IdUnchanged, format!("{now}")),
            (false, true) => (
                AuditCode::IdChangedAlone,
                format!("{before} before, {now} now"),
            ),
            (true, true) | (false, false) => return,
        };
        self.find(Finding::new(AuditPart::Record, code).because(&reason));
    }

    fn tls_rpt(&mut self) {
        match &self.deployment.tls_rpt {
            None => self.not_checked(Unchecked::TlsRpt),
            Some(Ok(answer)) if !answer.is_empty() => {
                let inspection = TlsRptRecord::inspect_answer(answer);
                self.find_in_text(AuditPart::TlsRpt, inspection.diagnostics());
            }
            Some(Err(error)) if !error.is_absence() => {
                let code = AuditCode::TlsRptUnanswered;
                self.find(Finding::new(AuditPart::TlsRpt, code).because(error));
            }
            // Nobody delivers, so nobody reports.
            Some(Ok(_) | Err(_)) if self.gets_no_mail() => {}
            Some(Ok(_) | Err(_)) => {
                self.find(Finding::new(AuditPart::TlsRpt, AuditCode::TlsRptMissing));
            }
        }
    }
}

/// Whether a record is meant to be one of MTA-STS.
fn is_sts(answer: &TxtAnswer) -> bool {
    answer.iter().any(|record| record.starts_with(b"v=STSv1"))
}

fn why_no_policy(reason: &Reason, response: Option<&PolicyResponse>) -> Finding {
    let finding = |code| Finding::new(AuditPart::Policy, code);
    match reason {
        Reason::Fetch(FetchError::Dns(error)) if error.is_absence() => {
            finding(AuditCode::PolicyHostDns).because(error)
        }
        Reason::Fetch(FetchError::Dns(error)) => {
            finding(AuditCode::PolicyHostUnanswered).because(error)
        }
        Reason::Fetch(FetchError::Refused) => finding(AuditCode::PolicyHostAddress),
        Reason::Fetch(FetchError::Connect) => finding(AuditCode::PolicyConnect),
        Reason::Fetch(FetchError::Timeout) => finding(AuditCode::PolicyTimeout),
        Reason::Fetch(FetchError::Tls(failure)) => {
            let code = if failure.is_about_certificate() {
                AuditCode::PolicyCertificate
            } else {
                AuditCode::PolicyTls
            };
            finding(code).because(failure).with_help(failure.help())
        }
        Reason::Fetch(FetchError::TooLarge) => finding(AuditCode::PolicyTooLarge),
        Reason::Fetch(FetchError::Truncated) => finding(AuditCode::PolicyTruncated),
        Reason::Redirect => {
            let status = response.map_or(0, PolicyResponse::status);
            finding(AuditCode::PolicyRedirect).because(&format!("status {status}"))
        }
        Reason::Status(status) => {
            let help = match status {
                401 | 403 | 407 | 451 => {
                    Some("everybody must be able to read the policy, without a login or a puzzle")
                }
                500.. => Some("the log of the web server may say why it fails"),
                _ => None,
            };
            let finding = finding(AuditCode::PolicyStatus).because(status);
            finding.with_help(help)
        }
        Reason::MediaType => {
            let media_type = response.and_then(PolicyResponse::content_type);
            let media_type = media_type.unwrap_or("there is no Content-Type");
            finding(AuditCode::PolicyMediaType).because(media_type)
        }
        Reason::PolicyInvalid(_) => finding(AuditCode::PolicyInvalid),
        _ => finding(AuditCode::PolicyUnavailable),
    }
}
