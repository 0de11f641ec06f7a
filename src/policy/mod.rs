//! The policy file (RFC 8461 §3.2).

mod body;
mod builder;
mod disguise;
mod faults;
mod line;
mod lints;
mod options;
mod reader;
#[cfg(test)]
mod tests;
mod values;

pub use builder::PolicyBuilder;
pub use options::{ParseOptions, Tolerance};
pub use values::{MaxAge, Mode};

use crate::diagnostic::{AcceptedBy, Collector, FirstError, Inspection, Lint};
use crate::error::{Error, ErrorKind};
use crate::extension::Extensions;
use crate::hash::Fnv1a;
use crate::mx::{MxPatternRef, MxPatterns};
use crate::record::PolicyId;
use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;
use body::Body;
use core::fmt;
use core::str::FromStr;

/// An MTA-STS policy: which MX hosts are a domain's own, and what to do about others (RFC 8461
/// [§3.2](https://www.rfc-editor.org/rfc/rfc8461#section-3.2)).
///
/// Small: 24 bytes and one box, however many patterns there are.
///
/// Invariant: at least one pattern unless the mode is [`None`](Mode::None); at most one extension of each name.
/// Equality ignores [`tolerances`](Self::tolerances): it is about what the policy says, not how it was read.
///
/// # Syntax
///
/// Lines `key: value`, ended by LF or CRLF:
///
/// ```text
/// version: STSv1
/// mode: enforce
/// mx: mail.example.com
/// mx: *.example.net
/// max_age: 604800
/// ```
///
/// # Examples
///
/// ```
/// use mta_sts::{Mode, Policy};
///
/// let text = b"version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\nmx: *.example.net\r\nmax_age: 604800\r\n";
/// let policy = Policy::parse(text)?;
/// assert_eq!(policy.mode(), Mode::Enforce);
/// assert_eq!(policy.max_age().as_secs(), 604_800);
/// assert!(policy.mx_matches("mx1.example.net"));
/// assert!(!policy.mx_matches("mx1.attacker.example"));
/// # Ok::<(), mta_sts::Error>(())
/// ```
#[derive(Clone)]
pub struct Policy {
    body: Body,
    max_age: MaxAge,
    mode: Mode,
    tolerances: ParseOptions,
}

impl Policy {
    /// Reads a policy exactly as RFC 8461 says. For the readings taken where it leaves room see
    /// [`_documentation::design`](crate::_documentation::design).
    ///
    /// The whole body must be given: a truncated one can read as another policy. Size is limited where
    /// bodies are fetched, not here; time is at worst n log n in the length.
    ///
    /// # Errors
    ///
    /// The first thing wrong, in the order of places: the `policy-*` and `mx-*` codes of the table in
    /// [`_documentation::codes`](crate::_documentation::codes).
    pub fn parse(text: &[u8]) -> Result<Self, Error> {
        Self::parse_with(text, &ParseOptions::strict())
    }

    /// Reads a policy, tolerating what `options` says.
    ///
    /// # Errors
    ///
    /// As [`parse`](Self::parse), for what is not tolerated.
    pub fn parse_with(text: &[u8], options: &ParseOptions) -> Result<Self, Error> {
        let mut sink = FirstError::default();
        reader::read(text, *options, &mut sink)
            .ok_or_else(|| sink.into_error(ErrorKind::PolicyEmpty))
    }

    /// Reads a policy strictly and lists every finding: errors, and what is accepted but wrong or unwise.
    pub fn inspect(text: &[u8]) -> Inspection<Self> {
        Self::inspect_with(text, &ParseOptions::strict())
    }

    /// Reads a policy under `options` and lists every finding; what is tolerated is a warning.
    pub fn inspect_with(text: &[u8], options: &ParseOptions) -> Inspection<Self> {
        let mut collector = Collector::new(text, Lint::PolicyMoreFindings);
        let policy = reader::read(text, *options, &mut collector);
        let accepted_by = if collector.accepts_strictly() {
            AcceptedBy::Strict
        } else if Self::parse_with(text, &ParseOptions::lenient()).is_ok() {
            AcceptedBy::Lenient
        } else {
            AcceptedBy::Nobody
        };
        Inspection::new(policy, accepted_by, collector)
    }

    /// The same policy as read under these tolerances before it was stored.
    #[cfg(feature = "serde")]
    pub(crate) const fn read_under(mut self, tolerances: ParseOptions) -> Self {
        self.tolerances = tolerances;
        self
    }

    /// Begins a new policy.
    pub const fn builder(mode: Mode, max_age: MaxAge) -> PolicyBuilder {
        PolicyBuilder::new(mode, max_age)
    }

    /// What a sender does where the policy is not met.
    #[must_use]
    pub const fn mode(&self) -> Mode {
        self.mode
    }

    /// How long the policy may be cached after the fetch, 0 to 31,557,600 seconds. A larger number in the text was lowered to this maximum.
    #[must_use]
    pub const fn max_age(&self) -> MaxAge {
        self.max_age
    }

    /// The patterns of the domain's own MX hosts, in the order of the text, repeated ones included. Empty only with mode
    /// [`None`](Mode::None).
    #[must_use]
    pub fn mx(&self) -> MxPatterns<'_> {
        self.body.patterns().iter()
    }

    /// The unknown fields, in the order of the text; of several with the same name the first.
    #[must_use]
    pub fn extensions(&self) -> Extensions<'_> {
        self.body.extensions()
    }

    /// Whether some pattern matches the name of this MX host (RFC 8461
    /// [§4.1](https://www.rfc-editor.org/rfc/rfc8461#section-4.1)).
    ///
    /// **Name matching only, not a delivery decision**: that also needs the mode, STARTTLS and the certificate.
    ///
    /// `mx_host` is the name in the MX record. Case and one final dot are ignored; a name with U-labels is converted
    /// first (feature `idna`). Time is constant or logarithmic in the number of patterns for honest input, at worst
    /// linear; nothing is allocated for an ASCII name.
    #[must_use]
    #[inline]
    pub fn mx_matches(&self, mx_host: &str) -> bool {
        self.matching_pattern(mx_host).is_some()
    }

    /// The first pattern that matches the name of this MX host; see [`mx_matches`](Self::mx_matches).
    #[must_use]
    #[inline]
    pub fn matching_pattern(&self, mx_host: &str) -> Option<MxPatternRef<'_>> {
        self.body.patterns().find(mx_host)
    }

    /// The tolerances without which the text was not readable; none if it was exactly RFC 8461.
    ///
    /// The written form of this policy can be read under these: `parse_with(policy.to_string().as_bytes(),
    /// &policy.tolerances())` gives the same policy again.
    #[must_use]
    pub const fn tolerances(&self) -> ParseOptions {
        self.tolerances
    }

    /// An id made from what the policy says: the same for the same policy, another for another.
    ///
    /// It is the 64-bit FNV-1a hash, in 16 lower-case hexadecimal digits, of these lines, each ended by LF: the mode; the
    /// `max_age` in decimal; the patterns in ascending order of their octets, each once; then `name: value` of each extension in
    /// its order. It detects changes; it keeps no secret and withstands nobody who constructs collisions.
    ///
    /// # Examples
    ///
    /// ```
    /// let policy = mta_sts::Policy::parse(b"version: STSv1\nmode: none\nmax_age: 86400\n")?;
    /// assert_eq!(policy.derive_id().as_str(), "693cfec5c7bdab13");
    /// # Ok::<(), mta_sts::Error>(())
    /// ```
    #[must_use]
    pub fn derive_id(&self) -> PolicyId {
        let mut patterns: Vec<&str> = self.mx().map(MxPatternRef::as_str).collect();
        patterns.sort_unstable();
        patterns.dedup();
        let mut hash = Fnv1a::new();
        let mut line = |parts: &[&str]| {
            for part in parts {
                hash.write(part.as_bytes());
            }
            hash.write(b"\n");
        };
        line(&[self.mode.as_str()]);
        line(&[&self.max_age.to_string()]);
        for pattern in patterns {
            line(&[pattern]);
        }
        for extension in self.extensions() {
            line(&[extension.name(), ": ", extension.value()]);
        }
        PolicyId::from_run(format!("{:016x}", hash.finish()).as_bytes())
    }
}

impl Inspection<Policy> {
    /// The policy that was read; `None` if there is an error.
    #[must_use]
    pub const fn policy(&self) -> Option<&Policy> {
        self.value()
    }
}

impl PartialEq for Policy {
    fn eq(&self, other: &Self) -> bool {
        (self.mode, self.max_age, &self.body) == (other.mode, other.max_age, &other.body)
    }
}

impl Eq for Policy {}

impl core::hash::Hash for Policy {
    fn hash<H: core::hash::Hasher>(&self, state: &mut H) {
        (self.mode, self.max_age, &self.body).hash(state);
    }
}

impl FromStr for Policy {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::parse(text.as_bytes())
    }
}

impl TryFrom<&str> for Policy {
    type Error = Error;

    fn try_from(text: &str) -> Result<Self, Error> {
        Self::parse(text.as_bytes())
    }
}

/// The canonical text: version, mode, `mx`, `max_age`, extensions, each line ended by CRLF.
impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "version: STSv1\r\nmode: {}\r\n", self.mode)?;
        for pattern in self.mx() {
            write!(f, "mx: {pattern}\r\n")?;
        }
        write!(f, "max_age: {}\r\n", self.max_age)?;
        for extension in self.extensions() {
            write!(f, "{}: {}\r\n", extension.name(), extension.value())?;
        }
        Ok(())
    }
}

#[expect(
    clippy::missing_fields_in_debug,
    reason = "the body shows as what it holds"
)]
impl fmt::Debug for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        struct List<I>(I);
        impl<I: Iterator<Item: fmt::Debug> + Clone> fmt::Debug for List<I> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_list().entries(self.0.clone()).finish()
            }
        }
        f.debug_struct("Policy")
            .field("mode", &self.mode)
            .field("max_age", &self.max_age)
            .field("mx", &List(self.mx()))
            .field("extensions", &List(self.extensions()))
            .field("tolerances", &self.tolerances)
            .finish()
    }
}
