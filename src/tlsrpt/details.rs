//! What went wrong, and how often.

use super::reported::{Reported, UnknownMember};
use crate::failure::ResultType;
use alloc::boxed::Box;
use core::net::IpAddr;

/// Sessions that failed in the same way (RFC 8460 [§4.3](https://www.rfc-editor.org/rfc/rfc8460#section-4.3)).
///
/// # Examples
///
/// ```
/// use mta_sts::{FailureDetails, ResultType};
///
/// let details = FailureDetails::new(ResultType::StarttlsNotSupported, 3)
///     .with_sending_mta_ip("2001:db8::1".parse().unwrap())
///     .with_receiving_mx_hostname("mx.example.com");
/// assert_eq!(details.failed_sessions(), Some(3));
/// assert_eq!(details.result_type().unwrap().as_str(), "starttls-not-supported");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct FailureDetails {
    pub(super) result_type: Option<Reported<ResultType>>,
    pub(super) sending_mta_ip: Option<Reported<IpAddr>>,
    pub(super) receiving_mx_hostname: Option<Box<str>>,
    pub(super) receiving_mx_helo: Option<Box<str>>,
    pub(super) receiving_ip: Option<Reported<IpAddr>>,
    pub(super) failed: Option<u64>,
    pub(super) additional_information: Option<Box<str>>,
    pub(super) failure_reason_code: Option<Box<str>>,
    pub(super) unknown: Box<[UnknownMember]>,
}

impl FailureDetails {
    /// So many sessions with this result: a [`ResultType`], or the name of another one.
    #[must_use]
    pub fn new(result_type: impl Into<Reported<ResultType>>, failed: u64) -> Self {
        let result_type: Reported<ResultType> = result_type.into();
        Self {
            // A known name is the known type, whoever wrapped it.
            result_type: Some(result_type.as_str().into()),
            failed: Some(failed),
            ..Self::default()
        }
    }

    /// From this address.
    #[must_use]
    pub fn with_sending_mta_ip(self, address: IpAddr) -> Self {
        Self {
            sending_mta_ip: Some(address.into()),
            ..self
        }
    }

    /// With this MX host. An empty name is none.
    #[must_use]
    pub fn with_receiving_mx_hostname(self, name: &str) -> Self {
        Self {
            receiving_mx_hostname: given(name),
            ..self
        }
    }

    /// With a host that greets by this name. An empty name is none.
    #[must_use]
    pub fn with_receiving_mx_helo(self, name: &str) -> Self {
        Self {
            receiving_mx_helo: given(name),
            ..self
        }
    }

    /// With a host at this address.
    #[must_use]
    pub fn with_receiving_ip(self, address: IpAddr) -> Self {
        Self {
            receiving_ip: Some(address.into()),
            ..self
        }
    }

    /// With a URI where more is said. An empty one is none.
    #[must_use]
    pub fn with_additional_information(self, uri: &str) -> Self {
        Self {
            additional_information: given(uri),
            ..self
        }
    }

    /// For this reason: a code such as that of [`Reason`](crate::Reason), or a message. An empty one is none.
    #[must_use]
    pub fn with_failure_reason_code(self, code: &str) -> Self {
        Self {
            failure_reason_code: given(code),
            ..self
        }
    }

    /// `result-type`.
    #[must_use]
    pub const fn result_type(&self) -> Option<&Reported<ResultType>> {
        self.result_type.as_ref()
    }

    /// `sending-mta-ip`: from where the session came.
    #[must_use]
    pub const fn sending_mta_ip(&self) -> Option<&Reported<IpAddr>> {
        self.sending_mta_ip.as_ref()
    }

    /// `receiving-mx-hostname`: the name in the MX record.
    #[must_use]
    pub fn receiving_mx_hostname(&self) -> Option<&str> {
        self.receiving_mx_hostname.as_deref()
    }

    /// `receiving-mx-helo`: by which name the MX host greets.
    #[must_use]
    pub fn receiving_mx_helo(&self) -> Option<&str> {
        self.receiving_mx_helo.as_deref()
    }

    /// `receiving-ip`: the address of the MX host.
    #[must_use]
    pub const fn receiving_ip(&self) -> Option<&Reported<IpAddr>> {
        self.receiving_ip.as_ref()
    }

    /// `failed-session-count`.
    #[must_use]
    pub const fn failed_sessions(&self) -> Option<u64> {
        self.failed
    }

    /// `additional-information`: a URI where more is said.
    #[must_use]
    pub fn additional_information(&self) -> Option<&str> {
        self.additional_information.as_deref()
    }

    /// `failure-reason-code`: a code or a message.
    #[must_use]
    pub fn failure_reason_code(&self) -> Option<&str> {
        self.failure_reason_code.as_deref()
    }

    /// Members that RFC 8460 does not know, in the order of the report.
    #[must_use]
    pub const fn unknown_members(&self) -> &[UnknownMember] {
        &self.unknown
    }
}

fn given(text: &str) -> Option<Box<str>> {
    (!text.is_empty()).then(|| text.into())
}
