//! Times as reports write them.

use super::day::{DAY, UtcDay};
use super::fault::DeviationKind;
use crate::time::UnixTime;

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
        reads("2024-03-01T23:59:00+23:59", "2024-03-01T00:00:00Z", NOTHING);
        reads("2024-03-01T00:00:00-23:59", "2024-03-01T23:59:00Z", NOTHING);
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
            "2100-02-29T00:00:00Z",
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
            "2023-01-01T00:00:00+25:00",
            "2023-01-01T00:00:00+00:60",
            "2023-01-01T00:00:00+00:61",
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
}
