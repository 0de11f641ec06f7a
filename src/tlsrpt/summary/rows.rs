//! What is told of a domain, a reporter, an MX host and a result type.

use super::table::Table;
use crate::failure::ResultType;
use crate::tlsrpt::day::UtcDay;
use crate::tlsrpt::report::Report;
use crate::tlsrpt::reported::Reported;
use alloc::boxed::Box;

/// How many reporters and MX hosts of each result type.
const MAX_INSIDE: usize = 1_000;
/// How many reasons of each result type: some reporters write a text of its own for each session.
const MAX_REASONS: usize = 100;
/// How many result types of each domain: more than the registry has.
const MAX_TYPES_INSIDE: usize = 20;

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

    pub(super) fn add(&mut self, other: Self) {
        self.successful = self.successful.saturating_add(other.successful);
        self.failed = self.failed.saturating_add(other.failed);
    }
}

/// From when to when something was seen, and in how many reports.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Times {
    pub(super) reports: u64,
    pub(super) days: Option<(UtcDay, UtcDay)>,
}

impl Times {
    pub(super) fn add(&mut self, report: &Report) {
        self.reports = self.reports.saturating_add(1);
        let range = report.date_range();
        if let (Some(first), Some(last)) = (range.first_day(), range.last_day()) {
            let (before, after) = self.days.unwrap_or((first, last));
            self.days = Some((before.min(first), after.max(last)));
        }
    }
}

macro_rules! with_times {
    ($($type:ty),+) => {$(
        impl $type {
            /// How many reports there are of it.
            #[must_use]
            pub const fn reports(&self) -> u64 {
                self.times.reports
            }

            /// The first and the last day in these reports; of a report over several days, all of them.
            #[must_use]
            pub const fn first_and_last_day(&self) -> Option<(UtcDay, UtcDay)> {
                self.times.days
            }
        }
    )+};
}

with_times!(DomainSummary, MxHostSummary, ReporterSummary, ResultSummary);

/// What was reported of one policy domain.
#[derive(Clone, Debug, Default)]
pub struct DomainSummary {
    pub(super) sessions: Sessions,
    pub(super) times: Times,
    pub(super) results: Table<Reported<ResultType>, u64, MAX_TYPES_INSIDE>,
}

impl DomainSummary {
    /// The sessions.
    #[must_use]
    pub const fn sessions(&self) -> Sessions {
        self.sessions
    }

    /// How many sessions had each result type; 20 at most. One session may have several.
    #[must_use]
    pub fn results(&self) -> impl ExactSizeIterator<Item = (&Reported<ResultType>, u64)> {
        self.results
            .iter()
            .map(|(result_type, count)| (result_type, *count))
    }
}

/// What was reported of one MX host. Reports do not say how many sessions succeeded with it.
#[derive(Clone, Debug, Default)]
pub struct MxHostSummary {
    pub(super) failed: u64,
    pub(super) times: Times,
}

impl MxHostSummary {
    /// How many sessions failed. One with several results is counted for each.
    #[must_use]
    pub const fn failed(&self) -> u64 {
        self.failed
    }
}

/// What one reporter reported.
#[derive(Clone, Debug, Default)]
pub struct ReporterSummary {
    pub(super) sessions: Sessions,
    pub(super) times: Times,
}

impl ReporterSummary {
    /// The sessions.
    #[must_use]
    pub const fn sessions(&self) -> Sessions {
        self.sessions
    }
}

/// What was reported of one result type.
#[derive(Clone, Debug, Default)]
pub struct ResultSummary {
    pub(super) sessions: u64,
    pub(super) times: Times,
    pub(super) reporters: Table<Box<str>, u64, MAX_INSIDE>,
    pub(super) mx_hosts: Table<Box<str>, u64, MAX_INSIDE>,
    pub(super) reasons: Table<Box<str>, u64, MAX_REASONS>,
}

impl ResultSummary {
    /// How many sessions had this result. One session may have several.
    #[must_use]
    pub const fn sessions(&self) -> u64 {
        self.sessions
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
