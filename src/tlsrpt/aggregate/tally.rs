//! What is counted of one policy: sessions, and details of the failures among them.

use super::Limits;
use super::smallest::{KeyHash, Keyed, Smallest, Sum};
use crate::failure::ResultType;
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use core::net::IpAddr;

/// In which way a session failed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct DetailKey {
    pub(super) result_type: ResultType,
    pub(super) reason: Box<str>,
    pub(super) mx_host: Option<Box<str>>,
    pub(super) mx_helo: Option<Box<str>>,
    pub(super) sending_ip: Option<IpAddr>,
    pub(super) receiving_ip: Option<IpAddr>,
}

impl Keyed for DetailKey {
    fn write(&self, hash: &mut KeyHash) {
        hash.field(self.result_type.code().as_bytes());
        hash.field(self.reason.as_bytes());
        for name in [&self.mx_host, &self.mx_helo] {
            hash.field(name.as_deref().unwrap_or_default().as_bytes());
        }
        for address in [self.sending_ip, self.receiving_ip] {
            match address {
                None => hash.field(&[]),
                Some(IpAddr::V4(address)) => hash.field(&address.octets()),
                Some(IpAddr::V6(address)) => hash.field(&address.octets()),
            }
        }
    }
}

/// A number of sessions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Count(pub(super) u64);

impl Sum for Count {
    fn add(&mut self, other: Self, _: Limits) {
        self.0 = self.0.saturating_add(other.0);
    }
}

/// What is counted of one policy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) successful: Count,
    pub(super) failed: Count,
    pub(super) details: Smallest<DetailKey, Count>,
    /// The sessions of the details that are left out. The types are few, so this is as good as one number, and says more.
    pub(super) folded: BTreeMap<ResultType, Count>,
}

impl Tally {
    pub(super) fn add_detail(&mut self, key: DetailKey, count: Count, limits: Limits) {
        self.details.add(key, count, limits);
        self.bound(limits);
    }

    pub(super) fn fold(&mut self, result_type: ResultType, count: Count, limits: Limits) {
        self.folded
            .entry(result_type)
            .or_default()
            .add(count, limits);
    }

    pub(super) fn bound(&mut self, limits: Limits) {
        while let Some((key, count)) = self.details.pop_over(limits.details) {
            self.fold(key.result_type, count, limits);
        }
    }
}

impl Sum for Tally {
    fn add(&mut self, other: Self, limits: Limits) {
        self.successful.add(other.successful, limits);
        self.failed.add(other.failed, limits);
        for (result_type, count) in other.folded {
            self.fold(result_type, count, limits);
        }
        for (key, count) in other.details.into_entries() {
            self.details.add(key, count, limits);
        }
        self.bound(limits);
    }
}
