//! A report address.

use crate::diagnostic::Fix;
use crate::domain::Domain;
use crate::error::{Error, ErrorKind, display_as_str};
use crate::grammar::{self, Uri, is_whole};
use crate::scan::trim_start;
use crate::span::Span;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

/// How reports get to a [`ReportUri`].
///
/// Non-exhaustive: another scheme may get a meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ReportScheme {
    /// `mailto`: by mail (RFC 8460 [§5.3](https://www.rfc-editor.org/rfc/rfc8460#section-5.3)).
    Mailto,
    /// `https`: by HTTPS POST (RFC 8460 [§5.4](https://www.rfc-editor.org/rfc/rfc8460#section-5.4)).
    Https,
    /// Any other: senders know no way.
    Other,
}

/// A report address: where to send TLS reports (RFC 8460 [§3](https://www.rfc-editor.org/rfc/rfc8460#section-3)).
///
/// Invariant: a URI of RFC 3986 without `,`, `!` and `;`.
///
/// Kept as it was written: two are equal if they are the same text.
///
/// # Syntax
///
/// ```text
/// tlsrpt-uri = URI
///              ; "URI" is imported from [RFC3986]; commas (ASCII 0x2C), exclamation points (ASCII 0x21),
///              ; and semicolons (ASCII 0x3B) MUST be encoded
/// ```
///
/// # Examples
///
/// ```
/// use mta_sts::{ReportScheme, ReportUri};
///
/// let uri: ReportUri = "mailto:reports%21@Example.com".parse()?;
/// assert_eq!(uri.scheme(), ReportScheme::Mailto);
/// assert_eq!(uri.mailbox().as_deref(), Some("reports!@example.com"));
///
/// let error = "reports@example.com".parse::<ReportUri>().unwrap_err();
/// assert_eq!(error.code(), "tlsrpt-uri-scheme");
/// # Ok::<(), mta_sts::Error>(())
/// ```
///
/// # Errors
///
/// The `tlsrpt-uri-*` codes of the table in [`_documentation::codes`](crate::_documentation::codes); the span is the
/// whole input.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ReportUri {
    text: Box<str>,
}

impl ReportUri {
    /// The one check behind every constructor.
    pub(super) fn new(text: &[u8]) -> Result<Self, ErrorKind> {
        match core::str::from_utf8(text) {
            Ok(uri) if is_uri(text) => Ok(Self { text: uri.into() }),
            _ => Err(fault(text)),
        }
    }

    /// The scheme. Its case does not matter.
    #[must_use]
    pub fn scheme(&self) -> ReportScheme {
        let scheme = self.text.split(':').next().unwrap_or_default();
        if scheme.eq_ignore_ascii_case("mailto") {
            ReportScheme::Mailto
        } else if scheme.eq_ignore_ascii_case("https") {
            ReportScheme::Https
        } else {
            ReportScheme::Other
        }
    }

    /// The URI as it was written.
    #[must_use]
    pub const fn as_str(&self) -> &str {
        &self.text
    }

    /// The mailbox of a `mailto` URI (RFC 6068 [§2](https://www.rfc-editor.org/rfc/rfc6068#section-2)), its
    /// percent-encoding undone and its domain in lower case and A-labels.
    ///
    /// It can stand in an SMTP command as it is: it is a `Mailbox` of RFC 5321
    /// [§4.1.2](https://www.rfc-editor.org/rfc/rfc5321#section-4.1.2), though its local part may need SMTPUTF8. `None` for other
    /// schemes, and for a `mailto` URI without such a mailbox. Header fields behind a `?` are left out.
    #[must_use]
    pub fn mailbox(&self) -> Option<String> {
        let uri = self.parts().filter(|uri| uri.host.is_none())?;
        if self.scheme() != ReportScheme::Mailto {
            return None;
        }
        let path = String::from_utf8(decoded(uri.path)).ok()?;
        let (local, domain) = path.rsplit_once('@')?;
        // C1 controls are grammatical, but nobody means them; a final dot is no part of a mailbox.
        let is_odd = local.contains(char::is_control) || domain.ends_with('.');
        if is_odd || !is_whole(grammar::local_part, local.as_bytes()) {
            return None;
        }
        let domain: Domain = domain.parse().ok()?;
        Some(format!("{local}@{domain}"))
    }

    /// Whether something is reachable by it: a mailbox, or a host for HTTPS.
    pub(super) fn is_destination(&self) -> bool {
        match self.scheme() {
            ReportScheme::Mailto => self.mailbox().is_some(),
            ReportScheme::Https => {
                let host = self.parts().and_then(|uri| uri.host);
                host.is_some_and(|host| !host.is_empty())
            }
            ReportScheme::Other => false,
        }
    }

    fn parts(&self) -> Option<Uri<'_>> {
        let parsed = grammar::tlsrpt_uri(self.text.as_bytes());
        parsed.ok().map(|(_, uri)| uri)
    }
}

fn is_uri(text: &[u8]) -> bool {
    is_whole(grammar::tlsrpt_uri, text)
}

/// What is wrong with a text that is no report address.
#[cold]
fn fault(text: &[u8]) -> ErrorKind {
    let holds = |bytes: &[u8]| text.iter().any(|byte| bytes.contains(byte));
    let is_allowed =
        |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~:/?#[]@$&'()*+=%".contains(byte);
    let mut behind_percents = text.split(|&byte| byte == b'%').skip(1);
    let is_encoding = |behind: &[u8]| {
        let digits = behind.iter().take_while(|byte| byte.is_ascii_hexdigit());
        digits.count() >= 2
    };
    match grammar::scheme(text) {
        _ if text.is_empty() => ErrorKind::TlsRptUriEmpty,
        Ok(([b':', ..], _)) if holds(b" \t") => ErrorKind::TlsRptUriSpace,
        Ok(([b':', ..], _)) if holds(b"!,;") => ErrorKind::TlsRptUriUnencoded,
        Ok(([b':', ..], _)) if !text.iter().all(is_allowed) => ErrorKind::TlsRptUriCharacter,
        Ok(([b':', ..], _)) if !behind_percents.all(is_encoding) => ErrorKind::TlsRptUriPercent,
        Ok(([b':', ..], _)) => ErrorKind::TlsRptUriSyntax,
        _ => ErrorKind::TlsRptUriScheme,
    }
}

/// The correction of a text that is no report address, where it is certain; `span` is its place.
#[cold]
pub(super) fn fix(kind: ErrorKind, text: &[u8], span: Span) -> Option<Fix> {
    let text = core::str::from_utf8(text).ok()?;
    let replacement = match kind {
        ErrorKind::TlsRptUriScheme => {
            let uri = format!("mailto:{text}");
            let is_mailbox = |uri: ReportUri| uri.mailbox().is_some();
            let uri_read = ReportUri::new(uri.as_bytes());
            return uri_read
                .is_ok_and(is_mailbox)
                .then(|| Fix::replace(span, uri));
        }
        ErrorKind::TlsRptUriUnencoded if !ends_with_size(text) => text.replace('!', "%21"),
        ErrorKind::TlsRptUriSpace => {
            let (scheme, behind) = text.split_once(':')?;
            let rest = trim_start(behind.as_bytes());
            format!("{scheme}:{}", core::str::from_utf8(rest).ok()?)
        }
        _ => return None,
    };
    is_uri(replacement.as_bytes()).then(|| Fix::replace(span, replacement))
}

/// `!10m`: in a DMARC record a limit to the size of reports. Nobody knows what should become of it.
fn ends_with_size(text: &str) -> bool {
    text.rsplit_once('!').is_some_and(|(_, size)| {
        let number = size.trim_end_matches(['k', 'm', 'g', 't', 'K', 'M', 'G', 'T']);
        !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// The bytes that a percent-encoded text stands for.
fn decoded(mut text: &[u8]) -> Vec<u8> {
    let digit = |byte: u8| {
        char::from(byte)
            .to_digit(16)
            .and_then(|digit| u8::try_from(digit).ok())
    };
    let mut bytes = Vec::with_capacity(text.len());
    while let [byte, rest @ ..] = text {
        let (byte, rest) = match text {
            [b'%', high, low, rest @ ..] => match digit(*high).zip(digit(*low)) {
                Some((high, low)) => ((high << 4) | low, rest),
                None => (*byte, rest),
            },
            _ => (*byte, rest),
        };
        bytes.push(byte);
        text = rest;
    }
    bytes
}

impl FromStr for ReportUri {
    type Err = Error;

    fn from_str(input: &str) -> Result<Self, Error> {
        Self::new(input.as_bytes()).map_err(|kind| Error::new(kind, Span::new(0, input.len())))
    }
}

impl TryFrom<&str> for ReportUri {
    type Error = Error;

    fn try_from(input: &str) -> Result<Self, Error> {
        input.parse()
    }
}

impl AsRef<str> for ReportUri {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

display_as_str!(ReportUri);

impl fmt::Debug for ReportUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ReportUri({:?})", self.as_str())
    }
}
