//! Days in UTC, and the range of a report.

use super::fault::DeviationKind;
use crate::time::UnixTime;
use core::fmt;

const DAY: u64 = 86_400;

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

/// A time, and what is to be said about how it is written: about its form, and about its zone.
pub(super) type ReadTime = (UnixTime, [Option<DeviationKind>; 2]);

/// A time as RFC 3339 §5.6 writes it, or nearly so: without zone, with `24:00:00`, with a space for the `T`, without seconds, with an
/// offset without `:`, or only the date.
///
/// A fraction of a second is dropped, a leap second is the one before it. `None` for what is none, or lies before 1970.
pub(super) fn time(text: &str) -> Option<ReadTime> {
    let odd = Some(DeviationKind::TimeFormat);
    let mut scan = Scan(text.as_bytes());
    let year = scan.digits(4)?;
    scan.one_of(b"-")?;
    let month = scan.digits(2)?;
    scan.one_of(b"-")?;
    let day = scan.digits(2)?;
    let days = days(year, month, day)?;
    let midnight = days.checked_mul(i64::try_from(DAY).ok()?)?;
    if scan.0.is_empty() {
        let time = u64::try_from(midnight).ok()?;
        return Some((UnixTime::from_secs(time), [odd, None]));
    }
    let mut form = match scan.one_of(b"Tt ")? {
        b' ' => odd,
        _ => None,
    };
    let hour = scan.digits(2)?;
    scan.one_of(b":")?;
    let minute = scan.digits(2)?;
    let second = if scan.one_of(b":").is_some() {
        let second = scan.digits(2)?;
        if scan.one_of(b".").is_some() {
            scan.digits(1)?;
            while scan.digits(1).is_some() {}
        }
        second
    } else {
        form = odd;
        0
    };
    let is_time = hour < 24 && minute < 60 && second <= 60;
    if !is_time && (hour, minute, second) != (24, 0, 0) {
        return None;
    }
    if hour == 24 {
        form = odd;
    }
    let mut zone = None;
    let offset = match scan.one_of(b"Zz+-") {
        None => {
            zone = Some(DeviationKind::TimeZone);
            0
        }
        Some(b'Z' | b'z') => 0,
        Some(sign) => {
            let hours = scan.digits(2)?;
            if scan.one_of(b":").is_none() {
                form = odd;
            }
            let minutes = scan.digits(2)?;
            if hours > 23 || minutes > 59 {
                return None;
            }
            let seconds = seconds(hours, minutes, 0)?;
            if sign == b'-' {
                seconds.checked_neg()?
            } else {
                seconds
            }
        }
    };
    let local = midnight.checked_add(seconds(hour, minute, second.min(59))?)?;
    let time = u64::try_from(local.checked_sub(offset)?).ok()?;
    scan.0
        .is_empty()
        .then_some((UnixTime::from_secs(time), [form, zone]))
}

/// The same for the end of a range, where a date alone is the whole of its day.
pub(super) fn end_time(text: &str) -> Option<ReadTime> {
    let (time, said) = time(text)?;
    let is_date = !text.contains(':');
    let time = if is_date {
        UtcDay::of(time).end()
    } else {
        time
    };
    Some((time, said))
}

fn seconds(hours: i64, minutes: i64, seconds: i64) -> Option<i64> {
    let minutes = hours.checked_mul(60)?.checked_add(minutes)?;
    minutes.checked_mul(60)?.checked_add(seconds)
}

/// What is left of a text.
struct Scan<'a>(&'a [u8]);

impl Scan<'_> {
    fn digits(&mut self, count: usize) -> Option<i64> {
        let (digits, rest) = self.0.split_at_checked(count)?;
        let add = |sum: i64, digit: &u8| {
            let digit = digit.is_ascii_digit().then(|| digit & 0x0f)?;
            sum.checked_mul(10)?.checked_add(digit.into())
        };
        let number = digits.iter().try_fold(0, add)?;
        self.0 = rest;
        Some(number)
    }

    fn one_of(&mut self, bytes: &[u8]) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        bytes.contains(first).then(|| {
            self.0 = rest;
            *first
        })
    }
}

/// The days from 1970-01-01 to a date of the calendar; `None` if there is no such date.
///
/// The inverse of what [`UnixTime`] displays: years begin on 1 March, so that a leap day ends one.
#[expect(
    clippy::arithmetic_side_effects,
    reason = "four digits of a year: far from every limit"
)]
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 => 28 + i64::from(is_leap),
        _ => return None,
    };
    if !(1..=last).contains(&day) {
        return None;
    }
    let (year, month) = if month < 3 {
        (year - 1, month + 9)
    } else {
        (year, month - 3)
    };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * month + 2) / 5 + day - 1;
    Some(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    const NOTHING: [Option<DeviationKind>; 2] = [None; 2];

    #[track_caller]
    fn reads(text: &str, expected: &str, said: [Option<DeviationKind>; 2]) {
        let (read, found) = time(text).unwrap();
        assert_eq!((read.to_string().as_str(), found), (expected, said));
    }

    #[test]
    fn every_day_is_read_as_it_is_written() {
        for day in (0..2_932_897).step_by(17).map(UtcDay::from_number) {
            assert_eq!(time(&day.start().to_string()), Some((day.start(), NOTHING)));
            assert_eq!(time(&day.end().to_string()), Some((day.end(), NOTHING)));
        }
    }

    #[test]
    fn times_nearly_right() {
        let zone = [None, Some(DeviationKind::TimeZone)];
        let format = [Some(DeviationKind::TimeFormat), None];
        let both = [format[0], zone[1]];
        reads("2024-02-29T23:59:59Z", "2024-02-29T23:59:59Z", NOTHING);
        reads("2024-02-29t23:59:59z", "2024-02-29T23:59:59Z", NOTHING);
        reads("2024-02-29T23:59:59.999Z", "2024-02-29T23:59:59Z", NOTHING);
        reads("2024-02-29T00:00:00+00:00", "2024-02-29T00:00:00Z", NOTHING);
        reads("2024-02-29T01:30:00+01:30", "2024-02-29T00:00:00Z", NOTHING);
        reads("2024-02-29T00:00:00-01:30", "2024-02-29T01:30:00Z", NOTHING);
        reads("2016-12-31T23:59:60Z", "2016-12-31T23:59:59Z", NOTHING);
        reads("2023-02-01T00:00:00", "2023-02-01T00:00:00Z", zone);
        reads("2023-02-01T24:00:00Z", "2023-02-02T00:00:00Z", format);
        reads("2023-02-01 23:59:59Z", "2023-02-01T23:59:59Z", format);
        reads("2023-02-01T23:59Z", "2023-02-01T23:59:00Z", format);
        reads("2023-02-01T01:00:00+0100", "2023-02-01T00:00:00Z", format);
        reads("2023-02-01", "2023-02-01T00:00:00Z", format);
        reads("2023-02-01T24:00:00", "2023-02-02T00:00:00Z", both);
        reads("2023-02-01 00:00:00", "2023-02-01T00:00:00Z", both);
        reads("2023-02-01T00:00", "2023-02-01T00:00:00Z", both);
        reads("1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z", NOTHING);
    }

    #[test]
    fn no_times() {
        for text in [
            "",
            "x",
            "2023",
            "2023-02-29T00:00:00Z",
            "2023-04-31T00:00:00Z",
            "2023-13-01T00:00:00Z",
            "2023-00-01T00:00:00Z",
            "2023-01-00T00:00:00Z",
            "1969-12-31T23:59:59Z",
            "1970-01-01T00:00:00+00:01",
            "2023-01-01T",
            "2023-01-01T00Z",
            "2023-01-01T00:00.5Z",
            "2023-01-01T00:00:Z",
            "2023-01-01T00:00:00ZZ",
            "2023-01-01T00:00:00.Z",
            "2023-01-01T24:00:01Z",
            "2023-01-01T23:60:00Z",
            "2023-01-01T23:59:61Z",
            "2023-01-01T00:00:00+24:00",
            "2023-01-01T00:00:00+00",
            "2023-01-01T00:00:00+000",
            "2023-01-01T00:00:00+00000",
            "2023-1-1T00:00:00Z",
            "+2023-01-01T00:00:00Z",
            "20230101T000000Z",
            "2023-01-01T00:00:00Z ",
            "2023-01-0\u{661}T00:00:00Z",
            "1672531200",
        ] {
            assert_eq!(time(text), None, "{text}");
        }
    }

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
