//! The values of `mode` and `max_age`.

use crate::error::{Error, ErrorKind, display_as_str};
use crate::span::Span;
use core::fmt;
use core::str::FromStr;
use core::time::Duration;

/// What a sender does where the policy is not met (RFC 8461 [§5](https://www.rfc-editor.org/rfc/rfc8461#section-5)).
///
/// Exhaustive: `STSv1` closes the set, and a new mode must not fall through anybody's `match`.
///
/// # Examples
///
/// ```
/// use mta_sts::Mode;
///
/// assert_eq!("testing".parse(), Ok(Mode::Testing));
/// // The case matters.
/// assert_eq!("Testing".parse::<Mode>().unwrap_err().code(), "policy-mode");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(clippy::exhaustive_enums, reason = "STSv1 closes the set")]
pub enum Mode {
    /// Mail must not be delivered to a host that fails.
    Enforce,
    /// Failures are reported; mail is delivered.
    Testing,
    /// As though there were no policy.
    None,
}

impl Mode {
    /// `enforce`, `testing` or `none`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Enforce => "enforce",
            Self::Testing => "testing",
            Self::None => "none",
        }
    }

    /// The mode with exactly this name.
    pub(crate) fn from_bytes(value: &[u8]) -> Option<Self> {
        let modes = [Self::Enforce, Self::Testing, Self::None];
        modes
            .into_iter()
            .find(|mode| mode.as_str().as_bytes() == value)
    }
}

/// # Errors
///
/// `policy-mode`; the span is the whole input.
impl FromStr for Mode {
    type Err = Error;

    fn from_str(input: &str) -> Result<Self, Error> {
        let span = Span::new(0, input.len());
        Self::from_bytes(input.as_bytes()).ok_or(Error::new(ErrorKind::PolicyMode, span))
    }
}

display_as_str!(Mode);

/// How long a policy may be cached after it was fetched, in whole seconds, 0 to 31,557,600 (RFC 8461
/// [§3.2](https://www.rfc-editor.org/rfc/rfc8461#section-3.2)).
///
/// 0 is valid: such a policy replaces what was cached and is good for the delivery at hand only.
///
/// # Examples
///
/// ```
/// use mta_sts::MaxAge;
///
/// let two_weeks = MaxAge::new(14 * 86_400)?;
/// assert_eq!(two_weeks.as_secs(), 1_209_600);
/// assert_eq!(MaxAge::MAX, 31_557_600);
/// assert_eq!(MaxAge::new(31_557_601).unwrap_err().code(), "policy-max-age-range");
/// # Ok::<(), mta_sts::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MaxAge(u32);

impl MaxAge {
    /// The maximum of RFC 8461: 31,557,600 seconds, a year of 365.25 days.
    pub const MAX: Self = Self(31_557_600);

    /// This many seconds.
    ///
    /// # Errors
    ///
    /// `policy-max-age-range` over the maximum; the span is empty.
    pub fn new(secs: u64) -> Result<Self, Error> {
        let max_age = u32::try_from(secs).map(Self);
        max_age
            .ok()
            .filter(|max_age| *max_age <= Self::MAX)
            .ok_or(Error::new(ErrorKind::PolicyMaxAgeRange, Span::empty(0)))
    }

    /// The seconds.
    #[must_use]
    pub const fn as_secs(self) -> u64 {
        #[expect(clippy::as_conversions, reason = "widening; `From` is not const")]
        {
            self.0 as u64
        }
    }

    /// This many seconds, or the maximum; and whether they had to be lowered to that.
    pub(crate) fn clamped(secs: u64) -> (Self, Clamped) {
        Self::new(secs).map_or((Self::MAX, Clamped::Yes), |max_age| (max_age, Clamped::No))
    }
}

/// Whether a `max_age` was over the maximum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Clamped {
    Yes,
    No,
}

impl From<MaxAge> for Duration {
    fn from(max_age: MaxAge) -> Self {
        Self::from_secs(max_age.as_secs())
    }
}

impl TryFrom<Duration> for MaxAge {
    type Error = Error;

    /// The whole seconds of the duration.
    fn try_from(duration: Duration) -> Result<Self, Error> {
        Self::new(duration.as_secs())
    }
}

impl PartialEq<u64> for MaxAge {
    fn eq(&self, secs: &u64) -> bool {
        self.as_secs() == *secs
    }
}

/// The seconds.
impl fmt::Display for MaxAge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for MaxAge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MaxAge({})", self.0)
    }
}
