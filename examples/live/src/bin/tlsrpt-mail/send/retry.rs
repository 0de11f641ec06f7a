//! When to try again (RFC 8460 §5.5).

use mta_sts::Submission;
use std::iter;
use std::time::Duration;

/// The pauses between attempts: each twice as long as the one before it, and all together no longer than `time`, which is a day at most.
pub(super) fn pauses(first: Duration, time: Duration) -> impl Iterator<Item = Duration> {
    let mut left = time.min(Submission::RETRY_LIMIT);
    iter::successors(Some(first), |pause| pause.checked_mul(2)).map_while(move |pause| {
        left = left.checked_sub(pause)?;
        Some(pause)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_twice_as_long() {
        let pauses = |first, time| {
            let seconds = Duration::from_secs;
            let pauses = pauses(seconds(first), seconds(time));
            pauses.map(|pause| pause.as_secs()).collect::<Vec<_>>()
        };
        assert!(pauses(60, 0).is_empty());
        assert!(pauses(60, 59).is_empty());
        assert_eq!(pauses(60, 420), [60, 120, 240]);
        let whole = pauses(60, u64::MAX);
        assert_eq!(whole.len(), 10);
        assert!(whole.iter().sum::<u64>() <= 86_400);
    }
}
