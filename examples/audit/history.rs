//! `history.txt`: every policy that has been served before.

use crate::moment;
use mta_sts::{MaxAge, PublishHistory, UnixTime};

/// Reads lines of the moment at which a policy was last served, or `now`, and its `max_age`; `#` begins a remark. A file without any says that none
/// has been served.
pub(crate) fn parse(text: &str, now: UnixTime) -> Result<PublishHistory, String> {
    let mut history = PublishHistory::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.split('#').next().unwrap_or_default();
        let words: Vec<_> = line.split_whitespace().collect();
        let served = match words.as_slice() {
            [] => continue,
            ["now", max_age] => Some(now).zip(parse_max_age(max_age)),
            [moment, max_age] => moment::parse(moment).zip(parse_max_age(max_age)),
            _ => None,
        };
        let (last_served, max_age) = served.ok_or_else(|| {
            format!(
                "line {}: write `2026-11-21T09:30:00Z 604800`: when a policy was last served, or `now`, and its max_age",
                number + 1
            )
        })?;
        history = history.served(max_age, last_served);
    }
    Ok(history)
}

fn parse_max_age(text: &str) -> Option<MaxAge> {
    MaxAge::new(text.parse().ok()?).ok()
}
