//! Moments as people write them.

use mta_sts::UnixTime;
use std::ops::Range;
use std::time::SystemTime;

/// By the clock of this machine. (The crate converts a `SystemTime` itself, but only with its feature `std`.)
pub(crate) fn now() -> UnixTime {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    UnixTime::from_secs(since.unwrap_or_default().as_secs())
}

/// The moment that stands there: `2026-11-21T09:30:00Z`, or `2026-11-21` for the beginning of that day, in UTC.
pub(crate) fn parse(text: &str) -> Option<UnixTime> {
    let whole = match text.len() {
        10 => format!("{text}T00:00:00Z"),
        _ => text.to_owned(),
    };
    let number = |range: Range<usize>| whole.get(range)?.parse::<u64>().ok();
    let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
    let (hour, minute, second) = (number(11..13)?, number(14..16)?, number(17..19)?);
    // Years that begin in March have their leap day at the end.
    let year = year.checked_sub(u64::from(month <= 2))?;
    let days = 365 * year + year / 4 - year / 100 + year / 400;
    let days = days + (153 * ((month + 9) % 12) + 2) / 5 + day;
    let secs = days.checked_sub(719_469)? * 86_400 + hour * 3_600 + minute * 60 + second;
    let moment = UnixTime::from_secs(secs);
    // No other day of the calendar was meant, and nothing else stands there.
    (moment.to_string() == whole).then_some(moment)
}
