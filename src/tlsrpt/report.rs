//! A report, and what it says of one policy.

use super::day::DateRange;
use super::details::FailureDetails;
use super::reported::{Reported, UnknownMember};
use crate::domain::Domain;
use crate::failure::PolicyType;
use crate::mx::MxPattern;
use alloc::boxed::Box;
use alloc::vec::Vec;

/// An aggregate report of RFC 8460 ([§4.4](https://www.rfc-editor.org/rfc/rfc8460#section-4.4)): how many sessions with a domain one sender had in a
/// day, and what went wrong.
///
/// **Its authenticity is not checked.** Anybody can send a report. One that came by mail must be signed with DKIM by the domain of
/// its sender, and unsigned ones must be ignored ([§3](https://www.rfc-editor.org/rfc/rfc8460#section-3)): that is for the caller to see to, before or
/// after reading.
///
/// Whatever was read may be missing, so most getters give an `Option`. [`ReportBuilder`](crate::ReportBuilder) makes reports that have all of it.
///
/// Invariant: at least one policy.
///
/// # Examples
///
/// ```
/// use mta_sts::{DeviationKind, PolicyType, Report};
///
/// let read = Report::from_json(br#"{
///     "organization-name": "Kestrel Mail", "contact-info": "tls@kestrel.example", "report-id": "7",
///     "date-range": {"start-datetime": "2026-11-21T00:00:00", "end-datetime": "2026-11-21T23:59:59Z"},
///     "policies": [{
///         "policy": {"policy-type": "no-policy-found", "policy-domain": "example.com"},
///         "summary": {"total-successful-session-count": 12, "total-failure-session-count": 0}
///     }]
/// }"#)?;
/// // Read all the same, and said.
/// let [deviation] = read.deviations() else { panic!() };
/// assert_eq!(deviation.kind(), DeviationKind::TimeZone);
/// assert_eq!(deviation.path(), "$.date-range.start-datetime");
///
/// let report = read.into_report();
/// let policy = &report.policies()[0];
/// assert_eq!(policy.policy_type().and_then(|it| it.known()), Some(&PolicyType::NoPolicyFound));
/// assert_eq!(policy.successful_sessions(), Some(12));
/// # Ok::<(), mta_sts::ReportError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Report {
    pub(super) organization_name: Option<Box<str>>,
    pub(super) date_range: DateRange,
    pub(super) contact_info: Option<Box<str>>,
    pub(super) id: Option<Box<str>>,
    pub(super) policies: Vec<ReportPolicy>,
    pub(super) unknown: Box<[UnknownMember]>,
    pub(super) unknown_in_range: Box<[UnknownMember]>,
}

impl Report {
    /// `organization-name`: who is responsible for the report.
    #[must_use]
    pub fn organization_name(&self) -> Option<&str> {
        self.organization_name.as_deref()
    }

    /// `date-range`: the time it covers.
    #[must_use]
    pub const fn date_range(&self) -> &DateRange {
        &self.date_range
    }

    /// `contact-info`: an email address, if the reporter keeps to the RFC.
    #[must_use]
    pub fn contact_info(&self) -> Option<&str> {
        self.contact_info.as_deref()
    }

    /// `report-id`.
    #[must_use]
    pub fn report_id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// `policies`: never empty.
    #[must_use]
    pub fn policies(&self) -> &[ReportPolicy] {
        &self.policies
    }

    /// Members that RFC 8460 does not know, in the order of the report.
    #[must_use]
    pub const fn unknown_members(&self) -> &[UnknownMember] {
        &self.unknown
    }

    /// The sum of the sessions that succeeded; saturating.
    #[must_use]
    pub fn successful_sessions(&self) -> u64 {
        sum(self.policies.iter().map(ReportPolicy::successful_sessions))
    }

    /// The sum of the sessions that failed; saturating.
    #[must_use]
    pub fn failed_sessions(&self) -> u64 {
        sum(self.policies.iter().map(ReportPolicy::failed_sessions))
    }
}

/// The sum of the counts that are there; saturating.
pub(super) fn sum(counts: impl Iterator<Item = Option<u64>>) -> u64 {
    counts.flatten().fold(0, u64::saturating_add)
}

/// One policy that the sender applied, and how its sessions went.
///
/// # Examples
///
/// ```
/// use mta_sts::{FailureDetails, PolicyType, ReportPolicy, ResultType};
///
/// let domain = "example.com".parse()?;
/// let policy = ReportPolicy::new(PolicyType::Sts, &domain, 90, 10)
///     .with_policy_string(["version: STSv1", "mode: testing", "mx: mx.example.com", "max_age: 86400"])
///     .with_mx_pattern(&"mx.example.com".parse()?)
///     .with_failure(FailureDetails::new(ResultType::CertificateExpired, 10));
/// assert_eq!(policy.mx_host().collect::<Vec<_>>(), ["mx.example.com"]);
/// # Ok::<(), mta_sts::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ReportPolicy {
    pub(super) policy_type: Option<Reported<PolicyType>>,
    pub(super) policy_string: Vec<Box<str>>,
    pub(super) policy_domain: Option<Box<str>>,
    pub(super) mx_host: Vec<Box<str>>,
    pub(super) successful: Option<u64>,
    pub(super) failed: Option<u64>,
    pub(super) failure_details: Vec<FailureDetails>,
    pub(super) unknown: Box<[UnknownMember]>,
    pub(super) unknown_in_policy: Box<[UnknownMember]>,
    pub(super) unknown_in_summary: Box<[UnknownMember]>,
}

impl ReportPolicy {
    /// A policy of this domain, with so many sessions that succeeded and so many that failed.
    #[must_use]
    pub fn new(policy_type: PolicyType, domain: &Domain, successful: u64, failed: u64) -> Self {
        Self {
            policy_type: Some(policy_type.into()),
            policy_domain: Some(domain.as_str().into()),
            successful: Some(successful),
            failed: Some(failed),
            ..Self::default()
        }
    }

    /// With this policy, errors included: its lines, or the RDATA of each TLSA record.
    #[must_use]
    pub fn with_policy_string<S: AsRef<str>>(self, lines: impl IntoIterator<Item = S>) -> Self {
        Self {
            policy_string: lines.into_iter().map(|line| line.as_ref().into()).collect(),
            ..self
        }
    }

    /// With one more pattern in `mx-host`.
    #[must_use]
    pub fn with_mx_pattern(mut self, pattern: &MxPattern) -> Self {
        self.mx_host.push(pattern.as_str().into());
        self
    }

    /// With these details besides.
    #[must_use]
    pub fn with_failure(mut self, details: FailureDetails) -> Self {
        self.failure_details.push(details);
        self
    }

    /// `policy-type`.
    #[must_use]
    pub const fn policy_type(&self) -> Option<&Reported<PolicyType>> {
        self.policy_type.as_ref()
    }

    /// `policy-string`: the lines of the policy, or the RDATA of each TLSA record; nothing if there is none.
    pub fn policy_string(&self) -> impl ExactSizeIterator<Item = &str> {
        self.policy_string.iter().map(AsRef::as_ref)
    }

    /// `policy-domain`.
    #[must_use]
    pub fn policy_domain(&self) -> Option<&str> {
        self.policy_domain.as_deref()
    }

    /// `mx-host`: the patterns of the policy, or the MX host; nothing if there are none.
    pub fn mx_host(&self) -> impl ExactSizeIterator<Item = &str> {
        self.mx_host.iter().map(AsRef::as_ref)
    }

    /// `total-successful-session-count`.
    #[must_use]
    pub const fn successful_sessions(&self) -> Option<u64> {
        self.successful
    }

    /// `total-failure-session-count`.
    #[must_use]
    pub const fn failed_sessions(&self) -> Option<u64> {
        self.failed
    }

    /// `failure-details`. Their counts may come to more than [`failed_sessions`](Self::failed_sessions): one session can fail in several ways.
    #[must_use]
    pub fn failure_details(&self) -> &[FailureDetails] {
        &self.failure_details
    }

    /// Members that RFC 8460 does not know: beside `policy`, inside it, and inside `summary`.
    pub fn unknown_members(&self) -> impl Iterator<Item = &UnknownMember> {
        let inside = self
            .unknown_in_policy
            .iter()
            .chain(&self.unknown_in_summary);
        self.unknown.iter().chain(inside)
    }
}
