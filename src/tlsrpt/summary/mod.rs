//! Many reports in a few lines, for people.

mod assessment;
mod display;
mod rows;
mod seen;
mod table;

pub use assessment::{Assessment, Cause};
pub use rows::{DomainSummary, MxHostSummary, ReporterSummary, ResultSummary, Sessions};

use super::day::UtcDay;
use super::details::FailureDetails;
use super::report::{Report, ReportPolicy, sum};
use super::reported::Reported;
use crate::failure::ResultType;
use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::string::String;
use rows::Times;
use seen::Seen;
use table::Table;

/// How many days, domains, reporters and MX hosts are told apart.
const MAX_ROWS: usize = 10_000;
/// How many result types.
const MAX_TYPES: usize = 100;
/// How many characters of a name are kept.
const MAX_NAME: usize = 255;
/// The reporter of a report that names none, and the domain of a policy that names none.
const UNNAMED: &str = "(not named)";

/// Many reports together: sessions by day, policy domain and reporter, failures by MX host and result type.
///
/// A report that came before is counted once: the same organization, report id, policy domains and date range. That takes 16 bytes a
/// report, and the rest grows with the number of days, domains, reporters, hosts and result types, each of which is bounded.
///
/// A session under two policies, DANE and MTA-STS, is in both counts of its report and therefore counted twice here; a report
/// over several days is counted on the first.
///
/// `Display` is a text of several lines; what strangers wrote stands in it without control characters.
///
/// # Examples
///
/// ```
/// use mta_sts::{Report, ResultType, Summary};
///
/// let report = Report::from_json(br#"{
///     "organization-name": "Kestrel Mail", "contact-info": "tls@kestrel.example", "report-id": "7",
///     "date-range": {"start-datetime": "2026-11-21T00:00:00Z", "end-datetime": "2026-11-21T23:59:59Z"},
///     "policies": [{
///         "policy": {"policy-type": "sts", "policy-domain": "example.com"},
///         "summary": {"total-successful-session-count": 12, "total-failure-session-count": 2},
///         "failure-details": [{"result-type": "certificate-expired", "failed-session-count": 2}]
///     }]
/// }"#)?.into_report();
/// let mut summary = Summary::new();
/// assert!(summary.add(&report));
/// assert!(!summary.add(&report), "it came before");
/// assert_eq!((summary.reports(), summary.sessions().failed()), (1, 2));
/// let (result_type, result) = summary.results().next().unwrap();
/// assert_eq!(result_type.known(), Some(&ResultType::CertificateExpired));
/// assert_eq!(result.sessions(), 2);
/// assert!(summary.to_string().contains("renew it"));
/// # Ok::<(), mta_sts::ReportError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Summary {
    seen: Seen,
    duplicates: u64,
    sessions: Sessions,
    times: Times,
    unexplained: u64,
    undated: Sessions,
    days: Table<UtcDay, Sessions, MAX_ROWS>,
    domains: Table<Box<str>, DomainSummary, MAX_ROWS>,
    reporters: Table<Box<str>, ReporterSummary, MAX_ROWS>,
    mx_hosts: Table<Box<str>, MxHostSummary, MAX_ROWS>,
    results: Table<Reported<ResultType>, ResultSummary, MAX_TYPES>,
}

impl Summary {
    /// Of no reports.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Counts a report; `false` if it came before, and is not counted again.
    pub fn add(&mut self, report: &Report) -> bool {
        if !self.seen.insert(seen::fingerprint(report)) {
            self.duplicates = self.duplicates.saturating_add(1);
            return false;
        }
        let sessions = Sessions::new(report.successful_sessions(), report.failed_sessions());
        self.sessions.add(sessions);
        self.times.add(report);
        match report.date_range().first_day() {
            Some(day) => self.days.row(&day).add(sessions),
            None => self.undated.add(sessions),
        }
        let reporter = shortened(report.organization_name().unwrap_or(UNNAMED));
        let row = self.reporters.row(&*reporter);
        row.sessions.add(sessions);
        row.times.add(report);
        self.add_policies(report);
        self.add_failures(report, &reporter);
        true
    }

    fn add_policies(&mut self, report: &Report) {
        let mut told = BTreeSet::new();
        for policy in report.policies() {
            let name = domain_name(policy.policy_domain().unwrap_or(UNNAMED));
            let row = self.domains.row(&*name);
            let failed = policy.failed_sessions().unwrap_or_default();
            let successful = policy.successful_sessions().unwrap_or_default();
            row.sessions.add(Sessions::new(successful, failed));
            for details in policy.failure_details() {
                if let Some(result_type) = details.result_type() {
                    let count = details.failed_sessions().unwrap_or_default();
                    add(row.results.row(&*result_name(result_type)), count);
                }
            }
            // A domain that is in a report twice is in one report.
            if told.insert(name) {
                row.times.add(report);
            }
            let explained = policy.failure_details().iter();
            let explained = explained.filter(|details| details.result_type().is_some());
            let explained = sum(explained.map(FailureDetails::failed_sessions));
            add(&mut self.unexplained, failed.saturating_sub(explained));
        }
    }

    fn add_failures(&mut self, report: &Report, reporter: &str) {
        // The types and hosts of one report; one that is in a report twice is in one report.
        let mut types_told = BTreeSet::new();
        let mut hosts_told = BTreeSet::new();
        let policies = report.policies().iter();
        for details in policies.flat_map(ReportPolicy::failure_details) {
            let count = details.failed_sessions().unwrap_or_default();
            let host = details.receiving_mx_hostname().map(domain_name);
            if let Some(host) = &host {
                let row = self.mx_hosts.row(&**host);
                add(&mut row.failed, count);
                if hosts_told.insert(host.clone()) {
                    row.times.add(report);
                }
            }
            let Some(result_type) = details.result_type() else {
                continue;
            };
            let row = self.results.row(&*result_name(result_type));
            add(&mut row.sessions, count);
            add(row.reporters.row(reporter), count);
            if let Some(host) = &host {
                add(row.mx_hosts.row(&**host), count);
            }
            if let Some(reason) = details.failure_reason_code() {
                add(row.reasons.row(&*shortened(reason)), count);
            }
            if types_told.insert(result_type) {
                row.times.add(report);
            }
        }
    }

    /// How many reports were counted.
    #[must_use]
    pub const fn reports(&self) -> u64 {
        self.times.reports
    }

    /// How many were not, because they came before.
    #[must_use]
    pub const fn duplicates(&self) -> u64 {
        self.duplicates
    }

    /// All sessions.
    #[must_use]
    pub const fn sessions(&self) -> Sessions {
        self.sessions
    }

    /// How many sessions failed without a result type that says how. It may be more: one session can have several types.
    #[must_use]
    pub const fn unexplained(&self) -> u64 {
        self.unexplained
    }

    /// The first and the last day in the reports.
    #[must_use]
    pub const fn first_and_last_day(&self) -> Option<(UtcDay, UtcDay)> {
        self.times.days
    }

    /// The sessions of each day that has any report, in order; 10,000 days at most.
    #[must_use]
    pub fn days(&self) -> impl ExactSizeIterator<Item = (UtcDay, Sessions)> {
        self.days.iter().map(|(day, sessions)| (*day, *sessions))
    }

    /// The sessions of reports that do not say which day they are about.
    #[must_use]
    pub const fn undated(&self) -> Sessions {
        self.undated
    }

    /// The policy domains by name, in lower case; 10,000 at most.
    #[must_use]
    pub fn domains(&self) -> impl ExactSizeIterator<Item = (&str, &DomainSummary)> {
        self.domains.iter().map(|(name, row)| (&**name, row))
    }

    /// The reporters by name; 10,000 at most.
    #[must_use]
    pub fn reporters(&self) -> impl ExactSizeIterator<Item = (&str, &ReporterSummary)> {
        self.reporters.iter().map(|(name, row)| (&**name, row))
    }

    /// The MX hosts that failures name, by name, in lower case; 10,000 at most.
    #[must_use]
    pub fn mx_hosts(&self) -> impl ExactSizeIterator<Item = (&str, &MxHostSummary)> {
        self.mx_hosts.iter().map(|(name, row)| (&**name, row))
    }

    /// What was reported of each result type; 100 at most.
    #[must_use]
    pub fn results(
        &self,
    ) -> impl ExactSizeIterator<Item = (&Reported<ResultType>, &ResultSummary)> {
        self.results.iter()
    }
}

fn add(sum: &mut u64, count: u64) {
    *sum = sum.saturating_add(count);
}

/// A domain or host in one spelling, and as much of it as is kept.
fn domain_name(name: &str) -> Box<str> {
    let name = name.strip_suffix('.').unwrap_or(name);
    shortened(&name.to_ascii_lowercase())
}

/// As much of the name of a type as is kept.
fn result_name(result_type: &Reported<ResultType>) -> Cow<'_, Reported<ResultType>> {
    match result_type {
        Reported::Other(name) if name.chars().count() > MAX_NAME => {
            Cow::Owned(Reported::Other(shortened(name)))
        }
        _ => Cow::Borrowed(result_type),
    }
}

/// As much of a name as is kept.
fn shortened(name: &str) -> Box<str> {
    match name.char_indices().nth(MAX_NAME) {
        None => name.into(),
        Some(_) => name.chars().take(MAX_NAME).collect::<String>().into(),
    }
}
