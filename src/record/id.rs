//! The `id` of a record.

use crate::error::{Error, ErrorKind, display_as_str};
use crate::scan;
use crate::span::Span;
use core::fmt;
use core::str::FromStr;

/// The `id` of a record: 1 to 32 ASCII letters or digits that name one instance of a policy (RFC 8461
/// [§3.1](https://www.rfc-editor.org/rfc/rfc8461#section-3.1)).
///
/// Ids have no order: one is the same as another or it is not.
///
/// Stored inline, 32 bytes.
///
/// # Examples
///
/// ```
/// use mta_sts::PolicyId;
///
/// const ID: PolicyId = PolicyId::from_static("20261121T0930");
/// assert_eq!(ID, "20261121T0930".parse()?);
/// assert_eq!("2026-11-21".parse::<PolicyId>().unwrap_err().code(), "record-id-character");
/// # Ok::<(), mta_sts::Error>(())
/// ```
///
/// ```compile_fail
/// # use mta_sts::PolicyId;
/// assert!(PolicyId::from_static("2") > PolicyId::from_static("1"));
/// ```
///
/// # Errors
///
/// `record-id-empty`, `record-id-too-long`, `record-id-character`; the span is the whole input.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct PolicyId {
    /// Zeros behind the id.
    bytes: [u8; Self::MAX_LEN],
}

impl PolicyId {
    /// The most characters of an id: 32.
    pub const MAX_LEN: usize = 32;

    /// An id known when compiling.
    ///
    /// # Panics
    ///
    /// If `id` is not 1 to 32 ASCII letters or digits; in a `const` that is a compile error.
    #[must_use]
    #[expect(
        clippy::panic,
        reason = "the documented answer to a literal that is no id"
    )]
    pub const fn from_static(id: &'static str) -> Self {
        match Self::new(id.as_bytes()) {
            Ok(id) => id,
            Err(_) => panic!("an id is 1 to 32 ASCII letters or digits"),
        }
    }

    /// The id in these letters and digits, of which the caller knows that they are 1 to 32.
    #[inline]
    pub(crate) fn from_run(run: &[u8]) -> Self {
        Self {
            bytes: scan::padded(run),
        }
    }

    /// The one check behind every constructor from text.
    #[expect(
        clippy::indexing_slicing,
        reason = "a const fn has no other access; the index is below both lengths"
    )]
    pub(crate) const fn new(id: &[u8]) -> Result<Self, ErrorKind> {
        if id.is_empty() {
            return Err(ErrorKind::RecordIdEmpty);
        }
        let mut bytes = [0; Self::MAX_LEN];
        let mut at = 0;
        while at < id.len() {
            if !id[at].is_ascii_alphanumeric() {
                return Err(ErrorKind::RecordIdCharacter);
            }
            if at < Self::MAX_LEN {
                bytes[at] = id[at];
            }
            at = at.wrapping_add(1);
        }
        if id.len() > Self::MAX_LEN {
            return Err(ErrorKind::RecordIdTooLong);
        }
        Ok(Self { bytes })
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let len = scan::len_before_zeros(&self.bytes);
        let id = self.bytes.get(..len).unwrap_or_default();
        // Ids are ASCII: nothing is lost here.
        core::str::from_utf8(id).unwrap_or_default()
    }
}

impl FromStr for PolicyId {
    type Err = Error;

    fn from_str(input: &str) -> Result<Self, Error> {
        Self::new(input.as_bytes()).map_err(|kind| Error::new(kind, Span::new(0, input.len())))
    }
}

impl TryFrom<&str> for PolicyId {
    type Error = Error;

    fn try_from(input: &str) -> Result<Self, Error> {
        input.parse()
    }
}

impl AsRef<str> for PolicyId {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

display_as_str!(PolicyId);

impl fmt::Debug for PolicyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PolicyId({self:?})", self = self.as_str())
    }
}
