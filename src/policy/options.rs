//! Which deviations from RFC 8461 a reader of policies tolerates.

use crate::error::display_as_str;
use core::fmt;

/// A deviation from RFC 8461 that does not leave in doubt what the policy says.
///
/// Each can be tolerated by itself; see [`ParseOptions`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Tolerance {
    /// A UTF-8 byte order mark before the policy is dropped.
    ByteOrderMark,
    /// Blank lines are skipped.
    BlankLines,
    /// White space before a field name is skipped.
    Indentation,
    /// White space between a field name and `:` is skipped.
    SpaceBeforeColon,
    /// One final dot of an `mx` name is dropped.
    MxTrailingDot,
    /// `_` may stand in an `mx` name, wherever a letter may.
    MxUnderscore,
    /// An `mx` value that can match nothing is dropped, if at least one good one remains.
    UnusableMx,
    /// A line that is no `key: value` pair is skipped, comments among them; never one with the name of a known field
    /// before `:` or `=`.
    UnknownLines,
}

impl Tolerance {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::ByteOrderMark,
        Self::BlankLines,
        Self::Indentation,
        Self::SpaceBeforeColon,
        Self::MxTrailingDot,
        Self::MxUnderscore,
        Self::UnusableMx,
        Self::UnknownLines,
    ];

    /// The name used in text forms, such as `mx-trailing-dot`; never renamed.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ByteOrderMark => "byte-order-mark",
            Self::BlankLines => "blank-lines",
            Self::Indentation => "indentation",
            Self::SpaceBeforeColon => "space-before-colon",
            Self::MxTrailingDot => "mx-trailing-dot",
            Self::MxUnderscore => "mx-underscore",
            Self::UnusableMx => "unusable-mx",
            Self::UnknownLines => "unknown-lines",
        }
    }

    const fn bit(self) -> u8 {
        match self {
            Self::ByteOrderMark => 1,
            Self::BlankLines => 1 << 1,
            Self::Indentation => 1 << 2,
            Self::SpaceBeforeColon => 1 << 3,
            Self::MxTrailingDot => 1 << 4,
            Self::MxUnderscore => 1 << 5,
            Self::UnusableMx => 1 << 6,
            Self::UnknownLines => 1 << 7,
        }
    }
}

display_as_str!(Tolerance);

/// How strictly a policy is read: a set of [`Tolerance`]s, empty by default.
///
/// Leniency never widens what is trusted and never guesses: a known field with a bad value is an error
/// under any options, and nothing that is missing is made up. It has a price: where the strict reading sees no policy and
/// mail flows as without MTA-STS, the lenient one may see `enforce` and hold mail back.
///
/// # Examples
///
/// ```
/// use mta_sts::{ParseOptions, Policy, Tolerance};
///
/// let text = b"version: STSv1\nmode: enforce\nmx: mail.example.net.\nmax_age: 1209600\n\n";
/// assert!(Policy::parse(text).is_err());
///
/// let policy = Policy::parse_with(text, &ParseOptions::lenient())?;
/// assert_eq!(policy.mx().next().unwrap(), "mail.example.net");
///
/// let dot_only = ParseOptions::strict().with(Tolerance::MxTrailingDot);
/// let error = Policy::parse_with(text, &dot_only).unwrap_err();
/// assert_eq!(error.code(), "policy-blank-line");
/// # Ok::<(), mta_sts::Error>(())
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct ParseOptions {
    bits: u8,
}

impl ParseOptions {
    /// Exactly RFC 8461: the default.
    #[must_use]
    pub const fn strict() -> Self {
        Self { bits: 0 }
    }

    /// Every tolerance there is.
    #[must_use]
    pub const fn lenient() -> Self {
        Self { bits: u8::MAX }
    }

    /// Tolerates this too.
    #[must_use]
    pub const fn with(self, tolerance: Tolerance) -> Self {
        Self {
            bits: self.bits | tolerance.bit(),
        }
    }

    /// Does not tolerate this.
    #[must_use]
    pub const fn without(self, tolerance: Tolerance) -> Self {
        Self {
            bits: self.bits & !tolerance.bit(),
        }
    }

    /// Whether this is tolerated.
    #[must_use]
    pub const fn tolerates(self, tolerance: Tolerance) -> bool {
        self.bits & tolerance.bit() != 0
    }

    /// Whether nothing is tolerated.
    #[must_use]
    pub const fn is_strict(self) -> bool {
        self.bits == 0
    }

    /// What is tolerated, in the order of [`Tolerance::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Tolerance> {
        let all = Tolerance::ALL.iter().copied();
        all.filter(move |tolerance| self.tolerates(*tolerance))
    }
}

impl FromIterator<Tolerance> for ParseOptions {
    fn from_iter<I: IntoIterator<Item = Tolerance>>(tolerances: I) -> Self {
        tolerances.into_iter().fold(Self::strict(), Self::with)
    }
}

impl fmt::Debug for ParseOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ParseOptions")?;
        f.debug_set().entries(self.iter()).finish()
    }
}
