//! A mistake of the owner, or somebody on the way?

use super::{ResultSummary, Sessions, Summary};
use crate::error::display_as_str;
use crate::failure::ResultType;
use crate::tlsrpt::day::UtcDay;
use crate::tlsrpt::reported::Reported;
use core::fmt;

/// What a failure probably comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Cause {
    /// A mistake in what the domain publishes or serves.
    Misconfiguration,
    /// Something or somebody between the sender and the domain, or at the sender. It need not be an attack: firewalls and mail filters do
    /// it too, and so does a sender with an old list of authorities.
    Interference,
    /// The reports do not tell.
    Unclear,
}

impl Cause {
    /// `misconfiguration`, `interference` or `unclear`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Misconfiguration => "misconfiguration",
            Self::Interference => "interference",
            Self::Unclear => "unclear",
        }
    }
}

display_as_str!(Cause);

/// What a failure probably comes from, and what speaks for it.
///
/// **Counts prove nothing.** They tell a failure that everybody sees from one that is seen from one side only, and no more. An attacker
/// who stands before the domain is seen by everybody, and a sender with an old list of authorities is seen by nobody else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Assessment {
    cause: Cause,
    reason: &'static str,
}

impl Assessment {
    /// The cause.
    #[must_use]
    pub const fn cause(self) -> Cause {
        self.cause
    }

    /// What speaks for it, in plain words.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        self.reason
    }
}

impl fmt::Display for Assessment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.cause {
            Cause::Misconfiguration => "likely a misconfiguration: ",
            Cause::Interference => {
                "possibly an attack or a filter on the way, or a fault of the reporter: "
            }
            Cause::Unclear => "cause unclear: ",
        })?;
        f.write_str(self.reason)
    }
}

impl Summary {
    /// What a failure probably comes from, as far as the counts can tell. It is compared with what was reported of the days on which it was
    /// seen, from the first to the last.
    ///
    /// | what is seen | cause |
    /// |---|---|
    /// | a result that somebody on the way could hardly bring about, such as an expired certificate | misconfiguration |
    /// | at least half the sessions of at least half the reporters, two or more | misconfiguration |
    /// | one MX host alone, by two reporters or more | misconfiguration |
    /// | by one of several reporters alone, while sessions of the others succeed | interference |
    /// | in at most one of twenty sessions, while the rest succeed | interference |
    /// | anything else, and types that are not known here | unclear |
    #[must_use]
    pub fn assess(&self, result_type: &Reported<ResultType>) -> Option<Assessment> {
        let result = self.results.get(result_type)?;
        let (cause, reason) = match result_type.known() {
            None => (Cause::Unclear, "the type is not known here"),
            Some(result_type) if is_homemade(*result_type) => (
                Cause::Misconfiguration,
                "somebody on the way could hardly bring it about",
            ),
            Some(_) => self.compare(result),
        };
        Some(Assessment { cause, reason })
    }

    fn compare(&self, result: &ResultSummary) -> (Cause, &'static str) {
        let (mut affected, mut all) = (0_usize, 0_usize);
        let mut of_affected = Sessions::default();
        let mut elsewhere = 0_u64;
        for (name, row) in self.reporters.iter() {
            let is_affected = result.reporters.get(name).is_some();
            if !is_affected && !overlap(row.first_and_last_day(), result.first_and_last_day()) {
                continue;
            }
            all = all.saturating_add(1);
            if is_affected {
                affected = affected.saturating_add(1);
                of_affected.add(row.sessions);
            } else {
                elsewhere = elsewhere.saturating_add(row.sessions.successful());
            }
        }
        // What these reporters saw in these days is not kept. It is no more than what they saw at all, and than what all saw in these days.
        let around = match result.first_and_last_day() {
            Some(days) => self.sessions_in(days),
            None => of_affected,
        };
        let around = [of_affected, around]
            .into_iter()
            .min_by_key(|sessions| sessions.total())
            .unwrap_or_default();
        let is_shared = affected.saturating_mul(2) >= all;
        let is_most = result.sessions.saturating_mul(2) >= around.total();
        let is_rare = result.sessions.saturating_mul(20) <= around.total();
        if affected >= 2 && is_shared && is_most {
            let reason = "most reporters see it, in most of their sessions";
            return (Cause::Misconfiguration, reason);
        }
        if affected >= 2 && result.mx_hosts().len() == 1 && self.mx_hosts.len() > 1 {
            let reason = "several reporters see it, and with one MX host only";
            return (Cause::Misconfiguration, reason);
        }
        if affected == 1 && elsewhere > 0 {
            let reason = "one reporter alone sees it, and sessions of others succeed";
            return (Cause::Interference, reason);
        }
        if is_rare && around.successful() > 0 {
            let reason = "few sessions have it, and the rest succeed";
            return (Cause::Interference, reason);
        }
        if all == 1 {
            return (Cause::Unclear, "there is one reporter only to go by");
        }
        (
            Cause::Unclear,
            "neither everybody sees it nor one reporter alone",
        )
    }

    fn sessions_in(&self, (first, last): (UtcDay, UtcDay)) -> Sessions {
        let mut sum = Sessions::default();
        let in_time = |(day, _): &(&UtcDay, &Sessions)| (first..=last).contains(*day);
        for (_, sessions) in self.days.iter().filter(in_time) {
            sum.add(*sessions);
        }
        sum
    }
}

/// Whether two spans of days have one in common, or may have: not every report is dated.
fn overlap(one: Option<(UtcDay, UtcDay)>, other: Option<(UtcDay, UtcDay)>) -> bool {
    one.zip(other)
        .is_none_or(|(one, other)| one.0 <= other.1 && other.0 <= one.1)
}

/// Whether a result comes from the owner of a domain: who has no valid certificate for a name has no expired one either, and who
/// cannot speak for the Policy Host cannot serve a broken policy. (A broken record can be forged; whoever could do that would forge
/// something better.)
const fn is_homemade(result_type: ResultType) -> bool {
    match result_type {
        ResultType::CertificateExpired
        | ResultType::DaneRequired
        | ResultType::StsPolicyInvalid => true,
        ResultType::StarttlsNotSupported
        | ResultType::CertificateHostMismatch
        | ResultType::CertificateNotTrusted
        | ResultType::ValidationFailure
        | ResultType::TlsaInvalid
        | ResultType::DnssecInvalid
        | ResultType::StsPolicyFetchError
        | ResultType::StsWebpkiInvalid => false,
    }
}
