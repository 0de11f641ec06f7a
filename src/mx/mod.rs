//! Patterns of MX host names, and whether a name matches one or one of many.

mod fault;
mod set;

pub(crate) use fault::{correction, fault, is_reserved, is_template};
pub use set::MxPatterns;
pub(crate) use set::PatternSet;

use crate::domain::{self, NameFault};
use crate::error::{Error, display_as_str};
use crate::scan;
use crate::span::Span;
use alloc::borrow::Cow;
use alloc::boxed::Box;
use core::fmt;
use core::str::FromStr;

/// Whether `value` is `["*."] Domain`. An underscore is told only if all else is right.
pub(crate) fn check(value: &[u8]) -> Result<(), NameFault> {
    domain::check_name(value.strip_prefix(b"*.").unwrap_or(value))
}

/// A pattern of MX host names: a name, or `*.` and a name.
///
/// Matching is that of RFC 8461 [§4.1](https://www.rfc-editor.org/rfc/rfc8461#section-4.1): `*` stands for exactly
/// one whole left-most label. Case does not matter; the pattern is kept in lower case.
///
/// Invariant: labels of letters, digits and inner hyphens, 63 octets a label and 253 in all without the `*.`, no final
/// dot; of a policy read under [`Tolerance::MxUnderscore`](crate::Tolerance::MxUnderscore) also `_`.
///
/// # Syntax
///
/// ```text
/// sts-policy-mx-value = ["*."] Domain
/// ```
///
/// # Examples
///
/// ```
/// use mta_sts::MxPattern;
///
/// let pattern: MxPattern = "*.Example.net".parse()?;
/// assert_eq!(pattern.to_string(), "*.example.net");
/// assert!(pattern.is_wildcard());
/// assert!(pattern.matches("mx1.example.net."));
/// assert!(!pattern.matches("example.net"));
/// assert!(!pattern.matches("a.b.example.net"));
/// # Ok::<(), mta_sts::Error>(())
/// ```
///
/// # Errors
///
/// The `mx-*` codes; the span is the whole input.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MxPattern(Box<str>);

impl MxPattern {
    /// The pattern as text, in lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the left-most label is `*`.
    #[must_use]
    pub fn is_wildcard(&self) -> bool {
        self.lend().is_wildcard()
    }

    /// Whether the name of an MX host matches. Case and one final dot are ignored; a name with U-labels is
    /// converted first (feature `idna`); a name that is empty or longer than 253 octets matches nothing.
    #[must_use]
    pub fn matches(&self, mx_host: &str) -> bool {
        self.lend().matches(mx_host)
    }

    /// The one check behind every constructor.
    pub(crate) fn parse(input: &str, underscore: Underscore) -> Result<Self, Error> {
        match (check(input.as_bytes()), underscore) {
            (Ok(()), _) | (Err(NameFault::Underscore), Underscore::Allowed) => {
                Ok(Self(input.to_ascii_lowercase().into_boxed_str()))
            }
            (Err(_), _) => Err(Error::new(
                fault(input.as_bytes()),
                Span::new(0, input.len()),
            )),
        }
    }

    fn lend(&self) -> MxPatternRef<'_> {
        MxPatternRef(self.0.as_bytes())
    }
}

impl FromStr for MxPattern {
    type Err = Error;

    fn from_str(input: &str) -> Result<Self, Error> {
        Self::parse(input, Underscore::Refused)
    }
}

/// Whether `_` may stand in a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Underscore {
    Refused,
    #[cfg_attr(
        not(feature = "serde"),
        expect(dead_code, reason = "only stored policies ask for it")
    )]
    Allowed,
}

impl TryFrom<&str> for MxPattern {
    type Error = Error;

    fn try_from(input: &str) -> Result<Self, Error> {
        input.parse()
    }
}

impl From<MxPatternRef<'_>> for MxPattern {
    fn from(pattern: MxPatternRef<'_>) -> Self {
        Self(pattern.as_str().into())
    }
}

/// A pattern of MX host names, lent by a [`Policy`](crate::Policy): what [`MxPattern`] is, without owning it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MxPatternRef<'a>(&'a [u8]);

impl<'a> MxPatternRef<'a> {
    /// The pattern as text, in lower case.
    #[must_use]
    pub fn as_str(self) -> &'a str {
        // Patterns are ASCII: nothing is lost here.
        core::str::from_utf8(self.0).unwrap_or_default()
    }

    /// Whether the left-most label is `*`.
    #[must_use]
    pub const fn is_wildcard(self) -> bool {
        matches!(self.0, [b'*', ..])
    }

    /// Whether the name of an MX host matches, as with [`MxPattern::matches`].
    #[must_use]
    pub fn matches(self, mx_host: &str) -> bool {
        Host::ask(mx_host, |host| host.matches(self.0).then_some(())).is_some()
    }
}

impl PartialEq<str> for MxPatternRef<'_> {
    fn eq(&self, other: &str) -> bool {
        self.0 == other.as_bytes()
    }
}

impl PartialEq<&str> for MxPatternRef<'_> {
    fn eq(&self, other: &&str) -> bool {
        self.0 == other.as_bytes()
    }
}

impl AsRef<str> for MxPatternRef<'_> {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl AsRef<str> for MxPattern {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

display_as_str!(MxPatternRef<'_>, MxPattern);

impl fmt::Debug for MxPatternRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MxPattern({self:?})", self = self.as_str())
    }
}

impl fmt::Debug for MxPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lend().fmt(f)
    }
}

/// The name of an MX host: ASCII of any case, without its final dot, 1 to 253 octets.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Host<'a> {
    pub(crate) name: &'a [u8],
    /// What is behind the left-most label, from the dot on; empty if no wildcard can match.
    pub(crate) parent: &'a [u8],
}

impl<'a> Host<'a> {
    /// Puts a question to the name; `None` for one that matches nothing.
    #[inline]
    pub(crate) fn ask<T>(mx_host: &str, question: impl FnOnce(Host<'_>) -> Option<T>) -> Option<T> {
        let mut name = mx_host.strip_suffix('.').unwrap_or(mx_host);
        let mut first_dot = scan::first_dot(name.as_bytes());
        let a_labels;
        if first_dot.is_none() {
            (a_labels, first_dot) = Self::convert(name)?;
            name = &a_labels;
        }
        question(Host::new(name.as_bytes(), first_dot?)?)
    }

    #[cold]
    fn convert(name: &str) -> Option<(Cow<'_, str>, Option<usize>)> {
        let name = domain::to_a_labels(name)?;
        let first_dot = scan::first_dot(name.as_bytes());
        Some((name, first_dot))
    }

    #[inline]
    fn new(name: &'a [u8], first_dot: usize) -> Option<Self> {
        // An empty left-most label is none that `*` could stand for.
        let parent = match name.split_at_checked(first_dot) {
            Some(([_, ..], parent)) => parent,
            _ => &[],
        };
        (1..=domain::MAX_NAME)
            .contains(&name.len())
            .then_some(Self { name, parent })
    }

    /// Whether the pattern matches. Most do not, and have another length.
    #[inline]
    pub(crate) fn matches(self, pattern: &[u8]) -> bool {
        match pattern {
            // The parent holds no empty label if it equals that of a pattern.
            [b'*', parent @ ..] => scan::eq_folded(parent, self.parent),
            name => scan::eq_folded(name, self.name),
        }
    }
}
