//! From what was counted to reports.

use super::tally::{Count, DetailKey, Tally};
use super::{Aggregate, DayTally, Limits, PolicyKey};
use crate::domain::Domain;
use crate::failure::PolicyType;
use crate::tlsrpt::MAX_EXACT;
use crate::tlsrpt::contact::Contact;
use crate::tlsrpt::day::{DateRange, UtcDay};
use crate::tlsrpt::details::FailureDetails;
use crate::tlsrpt::fault::{WriteError, WriteErrorKind};
use crate::tlsrpt::report::{Report, ReportPolicy};
use alloc::string::String;
use alloc::vec::Vec;

/// A report, and for whom it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DomainReport {
    domain: Domain,
    day: UtcDay,
    report: Report,
}

impl DomainReport {
    /// The domain whose TLS reporting record says where the report goes.
    #[must_use]
    pub const fn domain(&self) -> &Domain {
        &self.domain
    }

    /// The day that it is about.
    #[must_use]
    pub const fn day(&self) -> UtcDay {
        self.day
    }

    /// The report; [`Report::to_json`] writes it.
    #[must_use]
    pub const fn report(&self) -> &Report {
        &self.report
    }

    /// Its parts.
    #[must_use]
    pub fn into_parts(self) -> (Domain, UtcDay, Report) {
        (self.domain, self.day, self.report)
    }
}

impl Aggregate {
    /// A report for each domain and day, by this organization, with this contact, and with the id that `report_id` gives for each. The id must differ
    /// from report to report.
    ///
    /// Where a report would be longer than receivers take, fewer policies and failure details are kept apart, until it is not.
    ///
    /// # Errors
    ///
    /// `tlsrpt-write-text` for the name of an organization or an id that cannot be written; `tlsrpt-write-time` for a day after the year 9999.
    pub fn into_reports(
        self,
        organization_name: &str,
        contact: &Contact,
        mut report_id: impl FnMut(&Domain, UtcDay) -> String,
    ) -> impl Iterator<Item = Result<DomainReport, WriteError>> {
        let limits = self.limits;
        self.days.into_iter().map(move |((day, domain), tally)| {
            let id = report_id(&domain, day);
            let build = |policies| {
                Report::builder(organization_name, contact, &id, DateRange::day(day))
                    .policies(policies)
                    .build()
            };
            let report = tally.fitting(limits, build)?;
            Ok(DomainReport {
                domain,
                day,
                report,
            })
        })
    }
}

impl DayTally {
    fn fitting(
        mut self,
        mut limits: Limits,
        build: impl Fn(Vec<ReportPolicy>) -> Result<Report, WriteError>,
    ) -> Result<Report, WriteError> {
        loop {
            let report = build(self.to_policies());
            let is_too_long =
                matches!(&report, Err(error) if error.kind() == WriteErrorKind::TooLong);
            if !is_too_long || (limits.policies, limits.details) == (1, 1) {
                return report;
            }
            limits = Limits {
                policies: limits.policies.div_ceil(2),
                details: limits.details.div_ceil(2),
            };
            self.tighten(limits);
        }
    }

    /// In the order of the policies, those left out behind them.
    fn to_policies(&self) -> Vec<ReportPolicy> {
        let mut kept: Vec<_> = self.policies.iter().collect();
        kept.sort_unstable_by_key(|(key, _)| *key);
        let kept = kept.into_iter().map(|(key, tally)| of_policy(key, tally));
        let folded = self.folded.iter().map(|((policy_type, domain), tally)| {
            with_failures(new(*policy_type, domain, tally), tally)
        });
        kept.chain(folded).collect()
    }
}

fn new(policy_type: PolicyType, domain: &Domain, tally: &Tally) -> ReportPolicy {
    ReportPolicy::new(
        policy_type,
        domain,
        exact(tally.successful),
        exact(tally.failed),
    )
}

fn of_policy(key: &PolicyKey, tally: &Tally) -> ReportPolicy {
    let mut policy = new(key.policy_type, &key.policy_domain, tally);
    policy.policy_string.clone_from(&key.policy_string);
    policy.mx_host.clone_from(&key.mx_host);
    with_failures(policy, tally)
}

/// In the order of the details, those left out behind them.
fn with_failures(mut policy: ReportPolicy, tally: &Tally) -> ReportPolicy {
    let mut kept: Vec<_> = tally.details.iter().collect();
    kept.sort_unstable_by_key(|(key, _)| *key);
    let kept = kept.into_iter().map(|(key, count)| of_detail(key, *count));
    let folded = tally.folded.iter().map(|(result_type, count)| {
        FailureDetails::new(*result_type, exact(*count)).with_failure_reason_code(Aggregate::FOLDED)
    });
    policy.failure_details = kept.chain(folded).collect();
    policy
}

fn of_detail(key: &DetailKey, count: Count) -> FailureDetails {
    FailureDetails {
        sending_mta_ip: key.sending_ip.map(Into::into),
        receiving_mx_hostname: key.mx_host.clone(),
        receiving_mx_helo: key.mx_helo.clone(),
        receiving_ip: key.receiving_ip.map(Into::into),
        ..FailureDetails::new(key.result_type, exact(count))
    }
    .with_failure_reason_code(&key.reason)
}

/// No more than can be written.
fn exact(count: Count) -> u64 {
    count.0.min(MAX_EXACT)
}
