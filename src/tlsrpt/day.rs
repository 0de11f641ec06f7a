//! Days in UTC, and the range of a report.

use super::fault::DeviationKind;
use crate::time::UnixTime;
use core::fmt;

/// The seconds of a day.
pub(super) const DAY: u64 = 86_400;

/// A day in UTC: the seconds since 1970 began, divided by 86,400. There is no local time anywhere.
///
/// # Examples
///
/// ```
/// use mta_sts::{UnixTime, UtcDay};
///
/// let day = UtcDay::of(UnixTime::from_secs(1_795_253_400));
/// assert_eq!(day.to_string(), "2026-11-21");
/// assert_eq!(day.start().to_string(), "2026-11-21T00:00:00Z");
/// assert_eq!(day.end().to_string(), "2026-11-21T23:59:59Z");
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UtcDay(u64);

impl UtcDay {
    /// The day of a moment.
    #[must_use]
    pub const fn of(time: UnixTime) -> Self {
        Self(time.as_secs() / DAY)
    }

    /// Its number; 0 is 1970-01-01.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0
    }

    /// Its first second.
    #[must_use]
    pub const fn start(self) -> UnixTime {
        UnixTime::from_secs(self.0.saturating_mul(DAY))
    }

    /// Its last second.
    #[must_use]
    pub const fn end(self) -> UnixTime {
        UnixTime::from_secs(self.0.saturating_mul(DAY).saturating_add(DAY - 1))
    }

    /// The day behind it.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// The day with this number, at most the last one that has a time.
    #[must_use]
    pub const fn from_number(number: u64) -> Self {
        let last = u64::MAX / DAY;
        Self(if number < last { number } else { last })
    }
}

impl fmt::Display for UtcDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let start = alloc::format!("{}", self.start());
        f.pad(start.split('T').next().unwrap_or_default())
    }
}

impl fmt::Debug for UtcDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UtcDay({self})")
    }
}

/// The time that a report covers, both ends included: a whole day as a rule (RFC 8460
/// [§4.1](https://www.rfc-editor.org/rfc/rfc8460#section-4.1)). Of a report that was read, either end may be missing.
///
/// Invariant: it does not end before it begins, and not with the first second of a later day, which is read as the second before.
///
/// # Examples
///
/// ```
/// use mta_sts::{DateRange, UtcDay};
///
/// let day = UtcDay::from_number(20_778);
/// let range = DateRange::day(day);
/// assert_eq!(range.start().unwrap().to_string(), "2026-11-21T00:00:00Z");
/// assert_eq!(range.end().unwrap().to_string(), "2026-11-21T23:59:59Z");
/// // The first second of the next day is read as the end of this one.
/// assert_eq!(DateRange::new(day.start(), day.next().start()), Some(range));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DateRange {
    start: Option<UnixTime>,
    end: Option<UnixTime>,
}

impl DateRange {
    /// The whole day.
    #[must_use]
    pub const fn day(day: UtcDay) -> Self {
        Self {
            start: Some(day.start()),
            end: Some(day.end()),
        }
    }

    /// From `start` to `end`, both included; `None` if the end comes first. An end at midnight is the last second before it.
    #[must_use]
    pub fn new(start: UnixTime, end: UnixTime) -> Option<Self> {
        (start <= end).then(|| Self {
            start: Some(start),
            end: Some(last_second(Some(start), end).unwrap_or(end)),
        })
    }

    /// The first second.
    #[must_use]
    pub const fn start(&self) -> Option<UnixTime> {
        self.start
    }

    /// The last second.
    #[must_use]
    pub const fn end(&self) -> Option<UnixTime> {
        self.end
    }

    /// The day in which it begins; without a beginning, that in which it ends.
    #[must_use]
    pub fn first_day(&self) -> Option<UtcDay> {
        self.start.or(self.end).map(UtcDay::of)
    }

    /// The day in which it ends; without an end, that in which it begins.
    #[must_use]
    pub fn last_day(&self) -> Option<UtcDay> {
        self.end.or(self.start).map(UtcDay::of)
    }

    /// What was read: the ends, each or both of which may be missing, and what is to be said about them.
    pub(super) fn read(
        start: Option<UnixTime>,
        end: Option<UnixTime>,
    ) -> (Self, Option<DeviationKind>) {
        let Some(last) = end else {
            return (Self { start, end: None }, None);
        };
        if start.is_some_and(|start| last < start) {
            return (Self::default(), Some(DeviationKind::RangeOrder));
        }
        match last_second(start, last) {
            Some(end) => {
                let range = Self {
                    start,
                    end: Some(end),
                };
                (range, Some(DeviationKind::TimeMidnight))
            }
            None => (Self { start, end }, None),
        }
    }
}

/// The second before an end at midnight, unless the range begins there too.
fn last_second(start: Option<UnixTime>, end: UnixTime) -> Option<UnixTime> {
    let is_midnight = end.as_secs() % DAY == 0 && start != Some(end);
    is_midnight
        .then(|| end.as_secs().checked_sub(1))
        .flatten()
        .map(UnixTime::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges() {
        let at = UnixTime::from_secs;
        assert_eq!(DateRange::new(at(2), at(1)), None);
        let day = UtcDay::from_number(1);
        assert_eq!(
            DateRange::new(day.start(), day.next().start()),
            Some(DateRange::day(day))
        );
        let moment = DateRange::new(day.start(), day.start()).unwrap();
        assert_eq!(moment.end(), Some(day.start()));
    }
}
