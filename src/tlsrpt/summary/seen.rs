//! Which reports have come before: 16 bytes for each, and what is new in a small heap beside.

use crate::time::UnixTime;
use crate::tlsrpt::report::{Report, ReportPolicy};
use alloc::collections::BTreeSet;
use alloc::vec::Vec;

/// So many new ones may stand beside those in order, or a sixteenth of these.
const RECENT: usize = 1_024;

/// A set of fingerprints.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    /// In ascending order.
    sorted: Vec<u128>,
    recent: BTreeSet<u128>,
}

impl Seen {
    /// Whether it is new.
    pub(super) fn insert(&mut self, fingerprint: u128) -> bool {
        if self.sorted.binary_search(&fingerprint).is_ok() || !self.recent.insert(fingerprint) {
            return false;
        }
        if self.recent.len() >= RECENT.max(self.sorted.len() / 16) {
            let recent = core::mem::take(&mut self.recent);
            self.sorted.reserve_exact(recent.len());
            self.sorted.extend(recent);
            self.sorted.sort_unstable();
        }
        true
    }
}

/// What makes a report the same as another: organization, report id, policy domains and date range.
///
/// Reporters repeat ids, so the id alone is not enough. Without an id the sessions are looked at too.
///
/// 128-bit FNV-1a: nobody gains anything by a collision who cannot as well send a report with the same id.
pub(super) fn fingerprint(report: &Report) -> u128 {
    let mut hash = Hash(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d);
    hash.text(report.organization_name());
    hash.text(report.report_id());
    let domains = report.policies().iter();
    let domains: BTreeSet<_> = domains.map(ReportPolicy::policy_domain).collect();
    hash.number(u64::try_from(domains.len()).ok());
    for domain in domains {
        hash.text(domain.map(str::to_ascii_lowercase).as_deref());
    }
    let range = report.date_range();
    hash.number(range.start().map(UnixTime::as_secs));
    hash.number(range.end().map(UnixTime::as_secs));
    if report.report_id().is_none() {
        hash.number(Some(report.successful_sessions()));
        hash.number(Some(report.failed_sessions()));
    }
    hash.0
}

struct Hash(u128);

impl Hash {
    fn bytes(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u128::from(*byte)).wrapping_mul(0x0100_0000_0000_0000_0000_013b);
        }
    }

    fn text(&mut self, text: Option<&str>) {
        self.number(text.and_then(|text| u64::try_from(text.len()).ok()));
        self.bytes(text.unwrap_or_default().as_bytes());
    }

    fn number(&mut self, number: Option<u64>) {
        self.bytes(&[u8::from(number.is_some())]);
        self.bytes(&number.unwrap_or_default().to_be_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_set_is_a_set() {
        let mut seen = Seen::default();
        let spread = |n: u128| n.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
        for n in 0..20_000 {
            assert!(seen.insert(spread(n)), "{n}");
            assert!(!seen.insert(spread(n / 2)), "{n}");
        }
        assert_eq!(seen.sorted.len() + seen.recent.len(), 20_000);
        assert!(seen.sorted.is_sorted());
        assert!(seen.sorted.capacity() <= 20_000);
    }
}
