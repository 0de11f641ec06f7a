//! What a report says of a session beside its verdict.

use crate::domain::Domain;
use crate::time::UnixTime;
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::net::IpAddr;

/// The facts of a session with an MX host that go into a report. All but the first two are optional.
///
/// # Examples
///
/// ```
/// use mta_sts::{SessionFacts, UnixTime};
///
/// let facts = SessionFacts::new(UnixTime::from_secs(1_795_253_400), "mx.example.com")
///     .with_sending_mta_ip("2001:db8::1".parse().unwrap())
///     .with_receiving_ip("192.0.2.1".parse().unwrap())
///     .with_receiving_mx_helo("mx.example.com");
/// ```
#[derive(Clone, Debug)]
pub struct SessionFacts<'a> {
    pub(super) ended_at: UnixTime,
    pub(super) mx_host: &'a str,
    pub(super) mx_helo: Option<&'a str>,
    pub(super) sending_ip: Option<IpAddr>,
    pub(super) receiving_ip: Option<IpAddr>,
    pub(super) tlsa: Vec<Box<str>>,
    pub(super) tlsa_base: Option<&'a Domain>,
}

impl<'a> SessionFacts<'a> {
    /// A session that ended at this time, with the MX host of this name. It belongs to the day in which it ended.
    #[must_use]
    pub const fn new(ended_at: UnixTime, mx_host: &'a str) -> Self {
        Self {
            ended_at,
            mx_host,
            mx_helo: None,
            sending_ip: None,
            receiving_ip: None,
            tlsa: Vec::new(),
            tlsa_base: None,
        }
    }

    /// From this address.
    #[must_use]
    pub fn with_sending_mta_ip(self, address: IpAddr) -> Self {
        Self {
            sending_ip: Some(address),
            ..self
        }
    }

    /// To this address.
    #[must_use]
    pub fn with_receiving_ip(self, address: IpAddr) -> Self {
        Self {
            receiving_ip: Some(address),
            ..self
        }
    }

    /// With a host that greets by this name.
    #[must_use]
    pub fn with_receiving_mx_helo(self, name: &'a str) -> Self {
        Self {
            mx_helo: Some(name),
            ..self
        }
    }

    /// With these TLSA records: the RDATA of each, four fields with a space between them (RFC 8460
    /// [§4.5](https://www.rfc-editor.org/rfc/rfc8460#section-4.5)).
    #[must_use]
    pub fn with_tlsa<S: AsRef<str>>(self, records: impl IntoIterator<Item = S>) -> Self {
        let records = records.into_iter();
        Self {
            tlsa: records.map(|record| record.as_ref().into()).collect(),
            ..self
        }
    }

    /// Reports the result under DANE to the TLSA base domain, as RFC 8460 [§1.1](https://www.rfc-editor.org/rfc/rfc8460#section-1.1) defines the
    /// Policy Domain. Without this it goes to the recipient's domain, as real reporters do.
    #[must_use]
    pub fn with_tlsa_base(self, base: &'a Domain) -> Self {
        Self {
            tlsa_base: Some(base),
            ..self
        }
    }
}
