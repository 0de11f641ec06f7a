//! Many reports in a few lines, for people.

mod assessment;
mod display;
mod seen;
mod table;

pub use assessment::{Assessment, Cause};

use super::day::UtcDay;
use super::details::FailureDetails;
use super::report::{Report, ReportPolicy, sum};
use super::reported::Reported;
use crate::failure::ResultType;
use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::string::String;
use seen::Seen;
use table::Table;

/// How many days, reporters and MX hosts are told apart.
const MAX_ROWS: usize = 10_000;
/// How many result types.
const MAX_TYPES: usize = 100;
/// How many reporters and MX hosts of each result type.
const MAX_INSIDE: usize = 1_000;
/// How many reasons of each result type: some reporters write a text of its own for each session.
const MAX_REASONS: usize = 100;
/// How many characters of a name are kept.
const MAX_NAME: usize = 255;
/// The reporter of a report that names none.
const UNNAMED: &str = "(not named)";

/// How many sessions succeeded, and how many failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Sessions {
    successful: u64,
    failed: u64,
}

impl Sessions {
    /// So many of each.
    #[must_use]
    pub const fn new(successful: u64, failed: u64) -> Self {
        Self { successful, failed }
    }

    /// Those that succeeded.
    #[must_use]
    pub const fn successful(self) -> u64 {
        self.successful
    }

    /// Those that failed.
    #[must_use]
    pub const fn failed(self) -> u64 {
        self.failed
    }

    /// All of them; saturating.
    #[must_use]
    pub const fn total(self) -> u64 {
        self.successful.saturating_add(self.failed)
    }

    fn add(&mut self, other: Self) {
        self.successful = self.successful.saturating_add(other.successful);
        self.failed = self.failed.saturating_add(other.failed);
    }
}

/// From when to when something was seen, and in how many reports.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Times {
    reports: u64,
    days: Option<(UtcDay, UtcDay)>,
}

impl Times {
    fn add(&mut self, report: &Report) {
        self.reports = self.reports.saturating_add(1);
        let range = report.date_range();
        if let (Some(first), Some(last)) = (range.first_day(), range.last_day()) {
            let (before, after) = self.days.unwrap_or((first, last));
            self.days = Some((before.min(first), after.max(last)));
        }
    }
}

/// What one reporter reported.
#[derive(Clone, Debug, Default)]
pub struct ReporterSummary {
    sessions: Sessions,
    times: Times,
}

impl ReporterSummary {
    /// The sessions.
    #[must_use]
    pub const fn sessions(&self) -> Sessions {
        self.sessions
    }

    /// How many reports it sent.
    #[must_use]
    pub const fn reports(&self) -> u64 {
        self.times.reports
    }

    /// The first and the last day in its reports.
    #[must_use]
    pub const fn days(&self) -> Option<(UtcDay, UtcDay)> {
        self.times.days
    }
}

/// What was reported of one result type.
#[derive(Clone, Debug, Default)]
pub struct ResultSummary {
    sessions: u64,
    times: Times,
    reporters: Table<Box<str>, u64, MAX_INSIDE>,
    mx_hosts: Table<Box<str>, u64, MAX_INSIDE>,
    reasons: Table<Box<str>, u64, MAX_REASONS>,
}

impl ResultSummary {
    /// How many sessions had this result. One session may have several.
    #[must_use]
    pub const fn sessions(&self) -> u64 {
        self.sessions
    }

    /// How many reports tell of it.
    #[must_use]
    pub const fn reports(&self) -> u64 {
        self.times.reports
    }

    /// The first and the last day on which it was seen.
    #[must_use]
    pub const fn days(&self) -> Option<(UtcDay, UtcDay)> {
        self.times.days
    }

    /// Who reported it, and of how many sessions; 1,000 at most.
    #[must_use]
    pub fn reporters(&self) -> impl ExactSizeIterator<Item = (&str, u64)> {
        self.reporters.iter().map(|(name, count)| (&**name, *count))
    }

    /// With which MX hosts it was seen, and in how many sessions; 1,000 at most. Not every reporter names the host.
    #[must_use]
    pub fn mx_hosts(&self) -> impl ExactSizeIterator<Item = (&str, u64)> {
        self.mx_hosts.iter().map(|(name, count)| (&**name, *count))
    }

    /// What reporters give as the reason (`failure-reason-code`), and for how many sessions; 100 at most. Not every reporter gives one.
    #[must_use]
    pub fn reasons(&self) -> impl ExactSizeIterator<Item = (&str, u64)> {
        self.reasons.iter().map(|(code, count)| (&**code, *count))
    }
}

/// Many reports together: sessions by day and reporter, failures by MX host and result type.
///
/// A report that came before is counted once: the same organization, report id, policy domains and date range. That takes 16 bytes a
/// report, and the rest grows with the number of days, reporters, hosts and result types, each of which is bounded.
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
    reporters: Table<Box<str>, ReporterSummary, MAX_ROWS>,
    mx_hosts: Table<Box<str>, u64, MAX_ROWS>,
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
        for policy in report.policies() {
            let explained = policy.failure_details().iter();
            let explained = explained.filter(|details| details.result_type().is_some());
            let explained = sum(explained.map(FailureDetails::failed_sessions));
            let failed = policy.failed_sessions().unwrap_or_default();
            let unexplained = failed.saturating_sub(explained);
            self.unexplained = self.unexplained.saturating_add(unexplained);
        }
        self.add_failures(report, &reporter);
        true
    }

    fn add_failures(&mut self, report: &Report, reporter: &str) {
        // The types of one report are few; a type that is in a report twice is in one report.
        let mut told = BTreeSet::new();
        let policies = report.policies().iter();
        for details in policies.flat_map(ReportPolicy::failure_details) {
            let count = details.failed_sessions().unwrap_or_default();
            let add = |sum: &mut u64| *sum = sum.saturating_add(count);
            let host = details.receiving_mx_hostname().map(|name| {
                let name = name.strip_suffix('.').unwrap_or(name);
                shortened(&name.to_ascii_lowercase())
            });
            if let Some(host) = &host {
                add(self.mx_hosts.row(&**host));
            }
            let Some(result_type) = details.result_type() else {
                continue;
            };
            let row = match result_type {
                Reported::Other(name) if name.chars().count() > MAX_NAME => {
                    self.results.row(&Reported::Other(shortened(name)))
                }
                _ => self.results.row(result_type),
            };
            add(&mut row.sessions);
            add(row.reporters.row(reporter));
            if let Some(host) = &host {
                add(row.mx_hosts.row(&**host));
            }
            if let Some(reason) = details.failure_reason_code() {
                add(row.reasons.row(&*shortened(reason)));
            }
            if told.insert(result_type) {
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

    /// The reporters by name; 10,000 at most.
    #[must_use]
    pub fn reporters(&self) -> impl ExactSizeIterator<Item = (&str, &ReporterSummary)> {
        self.reporters.iter().map(|(name, row)| (&**name, row))
    }

    /// How many sessions failed with each MX host that is named, by name; 10,000 at most. A session with several results is
    /// counted for each, and reports do not say how many succeeded with a host.
    #[must_use]
    pub fn mx_hosts(&self) -> impl ExactSizeIterator<Item = (&str, u64)> {
        self.mx_hosts.iter().map(|(name, count)| (&**name, *count))
    }

    /// What was reported of each result type; 100 at most.
    #[must_use]
    pub fn results(
        &self,
    ) -> impl ExactSizeIterator<Item = (&Reported<ResultType>, &ResultSummary)> {
        self.results.iter()
    }
}

/// As much of a name as is kept.
fn shortened(name: &str) -> Box<str> {
    match name.char_indices().nth(MAX_NAME) {
        None => name.into(),
        Some(_) => name.chars().take(MAX_NAME).collect::<String>().into(),
    }
}
