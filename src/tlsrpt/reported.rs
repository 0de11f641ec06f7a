//! Values from open sets, and members that RFC 8460 does not know.

use super::fault::WriteErrorKind;
use crate::failure::{PolicyType, ResultType};
use alloc::boxed::Box;
use core::fmt;
use core::net::IpAddr;

/// A value that is known here, or whatever stands in its place.
///
/// # Examples
///
/// ```
/// use mta_sts::{Reported, ResultType};
///
/// let known = Reported::<ResultType>::from("certificate-expired");
/// assert_eq!(known.known(), Some(&ResultType::CertificateExpired));
/// // The registry of result types is open.
/// let other = Reported::<ResultType>::from("certificate-from-mars");
/// assert_eq!((other.known(), other.as_str()), (None, "certificate-from-mars"));
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(clippy::exhaustive_enums, reason = "it is known or it is not")]
pub enum Reported<T> {
    /// A known value.
    Known(T),
    /// Any other, as it stands in the report.
    Other(Box<str>),
}

impl<T> Reported<T> {
    /// The value, if it is known.
    pub const fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Other(_) => None,
        }
    }
}

macro_rules! reported {
    ($type:ty, $all:expr, $name:ident) => {
        impl Reported<$type> {
            /// As it stands in a report.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    Self::Known(value) => value.$name(),
                    Self::Other(text) => text,
                }
            }
        }

        impl From<&str> for Reported<$type> {
            fn from(text: &str) -> Self {
                let mut all = $all.iter().copied();
                all.find(|value| value.$name() == text)
                    .map_or_else(|| Self::Other(text.into()), Self::Known)
            }
        }

        impl From<$type> for Reported<$type> {
            fn from(value: $type) -> Self {
                Self::Known(value)
            }
        }

        impl fmt::Display for Reported<$type> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl fmt::Debug for Reported<$type> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "Reported({:?})", self.as_str())
            }
        }
    };
}

const POLICY_TYPES: [PolicyType; 3] =
    [PolicyType::Tlsa, PolicyType::Sts, PolicyType::NoPolicyFound];

reported!(ResultType, ResultType::ALL, code);
reported!(PolicyType, POLICY_TYPES, as_str);

impl From<&str> for Reported<IpAddr> {
    fn from(text: &str) -> Self {
        text.parse()
            .map_or_else(|_| Self::Other(text.into()), Self::Known)
    }
}

impl From<IpAddr> for Reported<IpAddr> {
    fn from(address: IpAddr) -> Self {
        Self::Known(address)
    }
}

impl fmt::Display for Reported<IpAddr> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(address) => address.fmt(f),
            Self::Other(text) => f.pad(text),
        }
    }
}

impl fmt::Debug for Reported<IpAddr> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reported({self})")
    }
}

/// A member that RFC 8460 does not know, kept and written again.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct UnknownMember {
    name: Box<str>,
    json: Box<str>,
    /// What in it is not I-JSON.
    fault: Option<WriteErrorKind>,
}

impl UnknownMember {
    pub(super) const fn new(name: Box<str>, json: Box<str>, fault: Option<WriteErrorKind>) -> Self {
        Self { name, json, fault }
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The value as compact JSON. Of repeated names in it the first is left.
    #[must_use]
    pub fn json(&self) -> &str {
        &self.json
    }

    /// Why it cannot be written.
    pub(super) const fn fault(&self) -> Option<WriteErrorKind> {
        self.fault
    }
}
