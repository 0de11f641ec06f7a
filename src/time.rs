//! The only time in the crate.

use core::fmt;
use core::time::Duration;

/// A moment: whole seconds since 1970-01-01T00:00:00Z, leap seconds not counted.
///
/// The crate reads no clock: every moment is an argument. Arithmetic saturates.
///
/// `Display` is the form of RFC 3339 in UTC.
///
/// # Examples
///
/// ```
/// use core::time::Duration;
/// use mta_sts::UnixTime;
///
/// let fetched = UnixTime::from_secs(1_795_253_400);
/// assert_eq!(fetched.to_string(), "2026-11-21T09:30:00Z");
/// let later = fetched.saturating_add(Duration::from_secs(90));
/// assert_eq!(later.saturating_duration_since(fetched), Duration::from_secs(90));
/// assert_eq!(fetched.saturating_duration_since(later), Duration::ZERO);
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixTime(u64);

impl UnixTime {
    /// This many seconds after 1970 began.
    #[must_use]
    pub const fn from_secs(secs: u64) -> Self {
        Self(secs)
    }

    /// The seconds since 1970 began.
    #[must_use]
    pub const fn as_secs(self) -> u64 {
        self.0
    }

    /// The moment this much later, in whole seconds.
    #[must_use]
    pub const fn saturating_add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(duration.as_secs()))
    }

    /// The moment this much earlier, in whole seconds; at least 1970.
    #[must_use]
    pub const fn saturating_sub(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(duration.as_secs()))
    }

    /// The time from `earlier` to this moment; zero if that is not earlier.
    #[must_use]
    pub const fn saturating_duration_since(self, earlier: Self) -> Duration {
        Duration::from_secs(self.0.saturating_sub(earlier.0))
    }
}

/// Whole seconds, rounded down; a moment before 1970 becomes its beginning.
#[cfg(feature = "std")]
impl From<std::time::SystemTime> for UnixTime {
    fn from(time: std::time::SystemTime) -> Self {
        let since = time.duration_since(std::time::SystemTime::UNIX_EPOCH);
        Self(since.unwrap_or_default().as_secs())
    }
}

impl fmt::Display for UnixTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const DAY: u64 = 86_400;
        let (days, secs) = (self.0 / DAY, self.0 % DAY);
        let (year, month, day) = civil(days);
        let (hour, minute, second) = (secs / 3_600, secs / 60 % 60, secs % 60);
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z"
        )
    }
}

impl fmt::Debug for UnixTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UnixTime({self})")
    }
}

/// Year, month and day of a day counted from 1970-01-01.
///
/// Counts from 1 March of the year 0, so that a leap day ends a year, and takes off whole periods of 400, 100, 4 and 1
/// years; the months from March on have 153 days in every five.
#[expect(
    clippy::arithmetic_side_effects,
    reason = "at most 2^64 / 86,400 days: far from every limit"
)]
const fn civil(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let year = 400 * era + year;
    if month < 10 {
        (year, month + 3, day)
    } else {
        (year + 1, month - 9, day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    #[track_caller]
    fn shows(secs: u64, text: &str) {
        assert_eq!(UnixTime::from_secs(secs).to_string(), text);
    }

    #[test]
    fn known_moments() {
        shows(0, "1970-01-01T00:00:00Z");
        shows(951_782_399, "2000-02-28T23:59:59Z");
        shows(951_782_400, "2000-02-29T00:00:00Z");
        shows(951_868_800, "2000-03-01T00:00:00Z");
        shows(4_107_542_399, "2100-02-28T23:59:59Z");
        shows(4_107_542_400, "2100-03-01T00:00:00Z");
        shows(253_402_300_799, "9999-12-31T23:59:59Z");
        shows(u64::MAX, "584554051223-11-09T07:00:15Z");
    }

    /// Each day follows the one before it, by the calendar's own rules.
    #[test]
    fn every_day_of_eight_centuries() {
        let leap = |year: u64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let (mut year, mut month, mut day) = (1970, 1, 1);
        for count in 0..800 * 366 {
            assert_eq!(civil(count), (year, month, day));
            let last = match month {
                2 => 28 + u64::from(leap(year)),
                4 | 6 | 9 | 11 => 30,
                _ => 31,
            };
            (year, month, day) = match (month, day) {
                (12, 31) => (year + 1, 1, 1),
                (_, day) if day == last => (year, month + 1, 1),
                _ => (year, month, day + 1),
            };
        }
    }
}
