//! Names: [`Domain`], [`PolicyDomain`], and the only place where `_mta-sts.`, `mta-sts.`,
//! `_smtp._tls.` and the policy URL are spelt.

use crate::error::{Error, ErrorKind, display_as_str};
use crate::span::Span;
use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use core::fmt;
use core::net::Ipv6Addr;
use core::str::FromStr;

/// The longest name in octets, without a final dot (RFC 1035 §2.3.4).
pub(crate) const MAX_NAME: usize = 253;
/// The longest label in octets (RFC 1035 §2.3.4).
pub(crate) const MAX_LABEL: usize = 63;

const RECORD_PREFIX: &str = "_mta-sts.";
const HOST_PREFIX: &str = "mta-sts.";
const TLS_RPT_PREFIX: &str = "_smtp._tls.";
const MAX_POLICY_DOMAIN: usize = MAX_NAME - RECORD_PREFIX.len();
const MAX_TLS_RPT_DOMAIN: usize = MAX_NAME - TLS_RPT_PREFIX.len();

/// What can be wrong with a host name. Domains and patterns have codes of their own for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NameFault {
    Empty,
    TooLong,
    LabelEmpty,
    LabelTooLong,
    Hyphen,
    Underscore,
    Character,
    TrailingDot,
}

/// Checks a whole host name octet by octet: `Domain` of RFC 5321 §4.1.2 within the sizes of the DNS.
///
/// A final dot is told only if nothing else is wrong but an underscore, and an underscore only if nothing else
/// is: whoever tolerates it knows that the rest is right.
pub(crate) fn check_name(name: &[u8]) -> Result<(), NameFault> {
    let Some(absolute) = name.strip_suffix(b".") else {
        return check_relative(name);
    };
    match check_relative(absolute) {
        Ok(()) | Err(NameFault::Underscore) => Err(NameFault::TrailingDot),
        Err(NameFault::Empty) => Err(NameFault::LabelEmpty),
        Err(fault) => Err(fault),
    }
}

fn check_relative(name: &[u8]) -> Result<(), NameFault> {
    if name.is_empty() {
        return Err(NameFault::Empty);
    }
    let allowed = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._".contains(byte);
    if !name.iter().all(allowed) {
        return Err(NameFault::Character);
    }
    for label in name.split(|&byte| byte == b'.') {
        if label.is_empty() {
            return Err(NameFault::LabelEmpty);
        }
        if label.starts_with(b"-") || label.ends_with(b"-") {
            return Err(NameFault::Hyphen);
        }
        if label.len() > MAX_LABEL {
            return Err(NameFault::LabelTooLong);
        }
    }
    if name.len() > MAX_NAME {
        return Err(NameFault::TooLong);
    }
    if name.contains(&b'_') {
        return Err(NameFault::Underscore);
    }
    Ok(())
}

/// The A-label form of a name with U-labels (UTS #46, non-transitional, STD3 rules, DNS length);
/// `None` if there is none, and always without the feature `idna`.
#[cfg(feature = "idna")]
pub(crate) fn to_a_labels(name: &str) -> Option<Cow<'_, str>> {
    use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};
    Uts46::new()
        .to_ascii(
            name.as_bytes(),
            AsciiDenyList::STD3,
            Hyphens::CheckFirstLast,
            DnsLength::Verify,
        )
        .ok()
}

#[cfg(not(feature = "idna"))]
pub(crate) fn to_a_labels(_: &str) -> Option<Cow<'_, str>> {
    None
}

/// Whether a label that begins with `xn--` is surely no A-label; without the feature `idna` nothing is sure.
pub(crate) fn is_fake_a_label(label: &str) -> bool {
    cfg!(feature = "idna") && to_a_labels(label).is_none()
}

/// A domain name in the form that the DNS and certificates use.
///
/// Invariant: labels of letters, digits and inner hyphens (RFC 5321 §4.1.2 `Domain`), in lower case, 63 octets a
/// label and 253 in all, no final dot, not all labels numeric.
///
/// U-labels are converted to A-labels when parsed (UTS #46, non-transitional; feature `idna`). Address
/// literals and what looks like an IPv4 address are refused: MTA-STS has no policy for them
/// (RFC 8461 [§3.4](https://www.rfc-editor.org/rfc/rfc8461#section-3.4)).
///
/// # Syntax
///
/// ```text
/// Domain     = sub-domain *("." sub-domain)
/// sub-domain = Let-dig [Ldh-str]
/// ```
///
/// # Examples
///
/// ```
/// use mta_sts::Domain;
///
/// let domain: Domain = "Example.COM".parse()?;
/// assert_eq!(domain.as_str(), "example.com");
/// # #[cfg(feature = "idna")]
/// assert_eq!("bücher.example".parse::<Domain>()?.as_str(), "xn--bcher-kva.example");
/// assert_eq!("[192.0.2.1]".parse::<Domain>().unwrap_err().code(), "domain-address-literal");
/// # Ok::<(), mta_sts::Error>(())
/// ```
///
/// # Errors
///
/// `domain-empty`, `domain-too-long`, `domain-label-empty`, `domain-label-too-long`, `domain-hyphen`,
/// `domain-character`, `domain-trailing-dot`, `domain-address-literal`, `domain-ipv4`, `domain-u-label`;
/// the span is the whole input.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Domain(Box<str>);

impl Domain {
    fn parse(input: &str) -> Result<Self, ErrorKind> {
        if input.starts_with('[') || input.parse::<Ipv6Addr>().is_ok() {
            return Err(ErrorKind::DomainAddressLiteral);
        }
        let name = if input.is_ascii() {
            Cow::Borrowed(input)
        } else {
            // A final dot is a fault of its own, found below.
            let (name, dot) = match input.strip_suffix('.') {
                Some(name) => (name, "."),
                None => (input, ""),
            };
            let mut name = to_a_labels(name).ok_or(ErrorKind::DomainULabel)?;
            name.to_mut().push_str(dot);
            name
        };
        check_name(name.as_bytes()).map_err(|fault| match fault {
            NameFault::Empty => ErrorKind::DomainEmpty,
            NameFault::TooLong => ErrorKind::DomainTooLong,
            NameFault::LabelEmpty => ErrorKind::DomainLabelEmpty,
            NameFault::LabelTooLong => ErrorKind::DomainLabelTooLong,
            NameFault::Hyphen => ErrorKind::DomainHyphen,
            NameFault::Underscore | NameFault::Character => ErrorKind::DomainCharacter,
            NameFault::TrailingDot => ErrorKind::DomainTrailingDot,
        })?;
        if name
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.')
        {
            return Err(ErrorKind::DomainIpv4);
        }
        Ok(Self(name.to_ascii_lowercase().into_boxed_str()))
    }

    /// The name, in lower case and without a final dot.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name of the TLS reporting [record](crate::TlsRptRecord), `_smtp._tls.` and the domain, without a final dot (RFC 8460
    /// [§3](https://www.rfc-editor.org/rfc/rfc8460#section-3)); `None` for a domain over 242 octets, which has no room for it. A
    /// [`Resolver`](crate::Resolver) wants a final dot behind it.
    #[must_use]
    pub fn tls_rpt_name(&self) -> Option<String> {
        (self.as_str().len() <= MAX_TLS_RPT_DOMAIN).then(|| format!("{TLS_RPT_PREFIX}{self}"))
    }
}

impl FromStr for Domain {
    type Err = Error;

    fn from_str(input: &str) -> Result<Self, Error> {
        Self::parse(input).map_err(|kind| Error::new(kind, Span::new(0, input.len())))
    }
}

/// The domain that a policy is for: that of the recipient's address, or the smart host (RFC 8461
/// [§3.4](https://www.rfc-editor.org/rfc/rfc8461#section-3.4)). Never a parent domain, never the target of a CNAME.
///
/// One final dot is accepted and dropped when parsed.
///
/// Invariant: a [`Domain`] of at most 244 octets, so that `_mta-sts.` fits in front.
///
/// # Examples
///
/// ```
/// use mta_sts::PolicyDomain;
///
/// let domain: PolicyDomain = "Example.com.".parse()?;
/// assert_eq!(domain.record_name(), "_mta-sts.example.com");
/// assert_eq!(domain.policy_host(), "mta-sts.example.com");
/// assert_eq!(domain.policy_url(), "https://mta-sts.example.com/.well-known/mta-sts.txt");
/// assert_eq!(domain.tls_rpt_name().as_deref(), Some("_smtp._tls.example.com"));
/// # Ok::<(), mta_sts::Error>(())
/// ```
///
/// # Errors
///
/// Those of [`Domain`], and `domain-too-long-for-policy`. A recipient domain that is refused here has no
/// policy: mail for it is delivered as without MTA-STS.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PolicyDomain(Domain);

impl PolicyDomain {
    /// The name to ask for TXT records, `_mta-sts.` and the domain, without a final dot (RFC 8461
    /// [§3.1](https://www.rfc-editor.org/rfc/rfc8461#section-3.1)).
    #[must_use]
    pub fn record_name(&self) -> String {
        format!("{RECORD_PREFIX}{self}")
    }

    /// The Policy Host, `mta-sts.` and the domain: the name in the URL, the SNI and the
    /// certificate (RFC 8461 [§3.2](https://www.rfc-editor.org/rfc/rfc8461#section-3.2)).
    #[must_use]
    pub fn policy_host(&self) -> String {
        format!("{HOST_PREFIX}{self}")
    }

    /// Where the policy is (RFC 8461 [§3.2](https://www.rfc-editor.org/rfc/rfc8461#section-3.2)).
    #[must_use]
    pub fn policy_url(&self) -> String {
        format!("https://{HOST_PREFIX}{self}/.well-known/mta-sts.txt")
    }

    /// [`Domain::tls_rpt_name`] of the domain.
    #[must_use]
    pub fn tls_rpt_name(&self) -> Option<String> {
        self.0.tls_rpt_name()
    }

    /// The domain itself.
    #[must_use]
    pub const fn domain(&self) -> &Domain {
        &self.0
    }

    /// The domain as text, in lower case and without a final dot.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl FromStr for PolicyDomain {
    type Err = Error;

    fn from_str(input: &str) -> Result<Self, Error> {
        let span = Span::new(0, input.len());
        Domain::parse(input.strip_suffix('.').unwrap_or(input))
            .map_err(|kind| Error::new(kind, span))?
            .try_into()
            .map_err(|error: Error| Error::new(error.kind(), span))
    }
}

impl TryFrom<Domain> for PolicyDomain {
    type Error = Error;

    fn try_from(domain: Domain) -> Result<Self, Error> {
        let len = domain.as_str().len();
        if len > MAX_POLICY_DOMAIN {
            return Err(Error::new(
                ErrorKind::DomainTooLongForPolicy,
                Span::new(0, len),
            ));
        }
        Ok(Self(domain))
    }
}

impl From<PolicyDomain> for Domain {
    fn from(domain: PolicyDomain) -> Self {
        domain.0
    }
}

impl TryFrom<&str> for Domain {
    type Error = Error;

    fn try_from(input: &str) -> Result<Self, Error> {
        input.parse()
    }
}

impl TryFrom<&str> for PolicyDomain {
    type Error = Error;

    fn try_from(input: &str) -> Result<Self, Error> {
        input.parse()
    }
}

impl AsRef<str> for Domain {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl AsRef<str> for PolicyDomain {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

display_as_str!(Domain, PolicyDomain);

impl fmt::Debug for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Domain({self:?})", self = self.as_str())
    }
}

impl fmt::Debug for PolicyDomain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PolicyDomain({self:?})", self = self.as_str())
    }
}
