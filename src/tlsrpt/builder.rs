//! Making reports.

use super::contact::Contact;
use super::day::DateRange;
use super::fault::{WriteError, WriteErrorKind};
use super::path::Path;
use super::report::{Report, ReportPolicy};
use alloc::vec::Vec;

impl Report {
    /// Begins a report of this organization, with this contact and this unique id, for this time.
    pub fn builder(
        organization_name: &str,
        contact: &Contact,
        report_id: &str,
        date_range: DateRange,
    ) -> ReportBuilder {
        ReportBuilder(Self {
            organization_name: Some(organization_name.into()),
            date_range,
            contact_info: Some(contact.as_str().into()),
            id: Some(report_id.into()),
            policies: Vec::new(),
            unknown: [].into(),
            unknown_in_range: [].into(),
        })
    }
}

/// Builds a [`Report`] that can be written.
///
/// # Examples
///
/// ```
/// use mta_sts::{DateRange, PolicyType, Report, ReportPolicy, UtcDay};
///
/// let domain: mta_sts::Domain = "example.com".parse().unwrap();
/// let day = DateRange::day(UtcDay::from_number(20_778));
/// let report = Report::builder("Kestrel Mail", &"tls@kestrel.example".parse()?, "7", day)
///     .policy(ReportPolicy::new(PolicyType::NoPolicyFound, &domain, 12, 0))
///     .build()?;
/// let text = report.to_json()?;
/// assert!(text.starts_with(r#"{"organization-name":"Kestrel Mail","date-range":{"start-datetime":"2026-11-21T00:00:00Z","#));
/// let read = Report::from_json(text.as_bytes()).unwrap();
/// assert_eq!((read.report(), read.deviations()), (&report, &[][..]));
/// # Ok::<(), mta_sts::WriteError>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct ReportBuilder(Report);

impl ReportBuilder {
    /// Adds a policy.
    pub fn policy(mut self, policy: ReportPolicy) -> Self {
        self.0.policies.push(policy);
        self
    }

    /// Adds policies.
    pub fn policies(mut self, policies: impl IntoIterator<Item = ReportPolicy>) -> Self {
        self.0.policies.extend(policies);
        self
    }

    /// The report: [`Report::to_json`] writes it.
    ///
    /// # Errors
    ///
    /// `tlsrpt-write-missing` at `$.policies` without a policy; else those of [`Report::to_json`].
    pub fn build(self) -> Result<Report, WriteError> {
        let Self(report) = self;
        if report.policies.is_empty() {
            let path = Path::ROOT.member("policies");
            return Err(WriteError::new(WriteErrorKind::Missing, path));
        }
        report.to_json()?;
        Ok(report)
    }
}
