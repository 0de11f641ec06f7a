//! The `_mta-sts` TXT record (RFC 8461 §3.1).

mod id;
mod reader;

pub use id::PolicyId;

use crate::diagnostic::Inspection;
use crate::error::Error;
use crate::extension::Extension;
use crate::txt::{self, SelectError, TxtAnswer};
use alloc::boxed::Box;
use core::fmt;
use core::str::FromStr;

/// An MTA-STS TXT record: the sign that a domain has a policy, and which instance of it (RFC 8461
/// [§3.1](https://www.rfc-editor.org/rfc/rfc8461#section-3.1)).
///
/// # Syntax
///
/// ```text
/// sts-text-record = sts-version 1*(sts-field-delim sts-field) [sts-field-delim]
/// sts-field       = sts-id / sts-extension
/// sts-field-delim = *WSP ";" *WSP
/// sts-version     = %s"v=STSv1"
/// sts-id          = %s"id=" 1*32(ALPHA / DIGIT)
/// sts-extension   = sts-ext-name "=" sts-ext-value
/// sts-ext-name    = (ALPHA / DIGIT) *31(ALPHA / DIGIT / "_" / "-" / ".")
/// sts-ext-value   = 1*(%x21-3A / %x3C / %x3E-7E)
/// ```
///
/// The first `id` must be one; of all fields with the same name only the first counts. There is no lenient reading of
/// records: none of the mistakes seen in the wild leaves the id beyond doubt.
///
/// # Examples
///
/// ```
/// use mta_sts::StsRecord;
///
/// let record = StsRecord::parse(b"v=STSv1; id=20160831085700Z;")?;
/// assert_eq!(record.id().as_str(), "20160831085700Z");
/// assert_eq!(record.to_string(), "v=STSv1; id=20160831085700Z;");
/// # Ok::<(), mta_sts::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct StsRecord {
    id: PolicyId,
    extensions: Box<[Extension]>,
}

impl StsRecord {
    /// The record that announces the policy instance `id`.
    #[must_use]
    pub fn new(id: PolicyId) -> Self {
        Self {
            id,
            extensions: Box::default(),
        }
    }

    /// The record with one more extension field, behind the others.
    ///
    /// # Errors
    ///
    /// - `record-field-name`, `record-field-name-too-long`: the span covers `name`
    /// - `record-extension-reserved` for `v` and `id`, `record-extension-repeated`: the span covers `name`
    /// - `record-field-value-empty`, `record-field-value`: the span covers `value`
    pub fn with_extension(mut self, name: &str, value: &str) -> Result<Self, Error> {
        self.extensions = txt::with_extension::<Self>(self.extensions, name, value)?;
        Ok(self)
    }

    /// The record with these extension fields.
    #[cfg(feature = "serde")]
    pub(crate) fn with_extensions<'a>(
        id: PolicyId,
        fields: impl Iterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, Error> {
        let extensions = txt::checked_extensions::<Self>(fields)?;
        Ok(Self { id, extensions })
    }

    /// Reads one record, its character-strings joined, exactly as RFC 8461 says.
    ///
    /// For a whole answer of the DNS use [`select`](Self::select).
    ///
    /// # Errors
    ///
    /// The `record-*` codes of the table in [`_documentation::codes`](crate::_documentation::codes).
    pub fn parse(record: &[u8]) -> Result<Self, Error> {
        if let Some(id) = reader::plain_id(record) {
            return Ok(Self::new(id));
        }
        reader::read_valid(record).map_or_else(|| txt::parse(record), Ok)
    }

    /// Selects the record from all TXT records at the name: a [`&TxtAnswer`](TxtAnswer), or anything that
    /// yields records with their strings already joined.
    ///
    /// With more than one record, those that do not begin with the exact bytes `v=STSv1;` are discarded;
    /// more than one left is an error, one left is read, none is `None`. A single record is read if it begins with
    /// `v=STSv1`, and else is `None`: so `v=STSv1 ; id=1` counts when it stands alone.
    ///
    /// # Errors
    ///
    /// [`SelectError`]. **For a sender an error means what `None` means: there is no usable record** (RFC 8461
    /// [§3.1](https://www.rfc-editor.org/rfc/rfc8461#section-3.1)). Never fail mail on it, and go on applying a policy
    /// that is cached and has not expired.
    pub fn select<I>(records: I) -> Result<Option<Self>, SelectError>
    where
        I: IntoIterator,
        I::Item: AsRef<[u8]>,
    {
        txt::select(records)
    }

    /// Reads one record and lists every finding.
    pub fn inspect(record: &[u8]) -> Inspection<Self> {
        txt::inspect(record)
    }

    /// Selects the record from a whole answer as [`select`](Self::select) does and lists every finding,
    /// in the other records too. Spans refer to [`TxtAnswer::as_text`].
    ///
    /// An answer of which no record can be used has an error: that of the only record, or else `record-none` or
    /// `record-several`. No finding has a fix, as an answer is several texts: to correct a record,
    /// [`inspect`](Self::inspect) it alone.
    pub fn inspect_answer(answer: &TxtAnswer) -> Inspection<Self> {
        txt::inspect_answer(answer)
    }

    /// The `id`: which instance of the policy this announces.
    #[must_use]
    pub const fn id(&self) -> &PolicyId {
        &self.id
    }

    /// The unknown fields, in their order.
    #[must_use]
    pub fn extensions(&self) -> &[Extension] {
        &self.extensions
    }
}

impl FromStr for StsRecord {
    type Err = Error;

    fn from_str(record: &str) -> Result<Self, Error> {
        Self::parse(record.as_bytes())
    }
}

impl TryFrom<&str> for StsRecord {
    type Error = Error;

    fn try_from(record: &str) -> Result<Self, Error> {
        Self::parse(record.as_bytes())
    }
}

/// The canonical text: version, id, extensions, each followed by `;`.
impl fmt::Display for StsRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "v=STSv1; id={};", self.id)?;
        txt::write_extensions(&self.extensions, f)
    }
}
