//! Who answers for a report.

use super::fault::{WriteError, WriteErrorKind};
use super::path::Path;
use crate::domain::Domain;
use alloc::boxed::Box;
use core::fmt;
use core::str::FromStr;

/// The `contact-info` of a report: an `addr-spec` of RFC 5322 [§3.4.1](https://www.rfc-editor.org/rfc/rfc5322#section-3.4.1), with a name of
/// A-labels behind the `@`. That name is the submitter of the report.
///
/// Invariant: at most 254 octets, all of them ASCII, without comments and folding; the domain is a [`Domain`].
///
/// # Examples
///
/// ```
/// use mta_sts::Contact;
///
/// let contact: Contact = "tls-reports@Mail.Example.com".parse()?;
/// assert_eq!(contact.submitter().as_str(), "mail.example.com");
/// assert!("tls-reports".parse::<Contact>().is_err());
/// # Ok::<(), mta_sts::WriteError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Contact {
    address: Box<str>,
    submitter: Domain,
}

impl Contact {
    /// The address as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.address
    }

    /// The domain of the address: `TLS-Report-Submitter`.
    #[must_use]
    pub const fn submitter(&self) -> &Domain {
        &self.submitter
    }

    /// The submitter in an address, if it is one.
    pub(super) fn submitter_in(address: &str) -> Option<Domain> {
        let (local, domain) = address.rsplit_once('@')?;
        let is_short = address.len() <= 254 && local.len() <= 64;
        let domain = Some(domain).filter(|domain| domain.is_ascii());
        let domain = domain.and_then(|domain| domain.parse().ok());
        domain.filter(|_| is_short && (is_dot_atom(local) || is_quoted_string(local)))
    }
}

/// `atext` of RFC 5322 §3.2.3.
pub(super) const fn is_atext(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'!' | b'#'
                | b'$'
                | b'%'
                | b'&'
                | b'\''
                | b'*'
                | b'+'
                | b'-'
                | b'/'
                | b'='
                | b'?'
                | b'^'
                | b'_'
                | b'`'
                | b'{'
                | b'|'
                | b'}'
                | b'~'
        )
}

/// `dot-atom-text = 1*atext *("." 1*atext)`
fn is_dot_atom(text: &str) -> bool {
    text.split('.')
        .all(|atom| !atom.is_empty() && atom.bytes().all(is_atext))
}

/// `quoted-string` without folding: `DQUOTE *([FWS] qcontent) [FWS] DQUOTE`
fn is_quoted_string(text: &str) -> bool {
    let inside = text
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'));
    inside.is_some_and(|inside| {
        let mut bytes = inside.bytes();
        while let Some(byte) = bytes.next() {
            let escaped = match byte {
                b'\\' => bytes.next(),
                b'"' => None,
                _ => Some(byte),
            };
            if !escaped.is_some_and(|byte| matches!(byte, b' '..=b'~')) {
                return false;
            }
        }
        true
    })
}

impl FromStr for Contact {
    type Err = WriteError;

    /// `tlsrpt-write-contact` for what is no address.
    fn from_str(address: &str) -> Result<Self, WriteError> {
        let submitter = Self::submitter_in(address).ok_or_else(|| {
            WriteError::new(WriteErrorKind::Contact, Path::ROOT.member("contact-info"))
        })?;
        Ok(Self {
            address: address.into(),
            submitter,
        })
    }
}

impl TryFrom<&str> for Contact {
    type Error = WriteError;

    fn try_from(address: &str) -> Result<Self, WriteError> {
        address.parse()
    }
}

impl fmt::Display for Contact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.address)
    }
}

impl fmt::Debug for Contact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Contact({:?})", self.address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for good in [
            "a@b.example",
            "tls.reports+x@b.example",
            "\"a b\"@b.example",
            "\"a\\\"@b\"@b.example",
            "a=b@xn--bcher-kva.example",
        ] {
            assert!(Contact::submitter_in(good).is_some(), "{good}");
        }
        for bad in [
            "",
            "@",
            "a@",
            "@b.example",
            "a",
            "a b@b.example",
            ".a@b.example",
            "a.@b.example",
            "a..b@b.example",
            "<a@b.example>",
            "mailto:a@b.example",
            "a@[192.0.2.1]",
            "a@b..example",
            "a@b.example.",
            "a@b\u{fc}cher.example",
            "\u{e4}@b.example",
            "\"a@b.example",
            "\"a\"b\"@b.example",
            "\"a\\\"@b.example",
            "\"a\nb\"@b.example",
            "a@b.example\r\nX: y",
        ] {
            assert!(Contact::submitter_in(bad).is_none(), "{bad}");
        }
        let long = "x".repeat(65);
        assert!(Contact::submitter_in(&alloc::format!("{long}@b.example")).is_none());
    }
}
