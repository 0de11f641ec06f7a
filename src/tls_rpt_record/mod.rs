//! The `_smtp._tls` TXT record (RFC 8460 §3).

mod reader;
mod uri;

pub use uri::{ReportScheme, ReportUri};

use crate::diagnostic::Inspection;
use crate::error::{Error, ErrorKind};
use crate::extension::Extension;
use crate::span::Span;
use crate::txt::{self, SelectError, TxtAnswer};
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

/// A TLS reporting record: where a domain wants to have reports on TLS sent to (RFC 8460
/// [§3](https://www.rfc-editor.org/rfc/rfc8460#section-3)).
///
/// It stands at [`PolicyDomain::tls_rpt_name`](crate::PolicyDomain::tls_rpt_name).
///
/// Invariant: at least one address.
///
/// # Syntax
///
/// ```text
/// tlsrpt-record    = tlsrpt-version 1*(field-delim tlsrpt-field) [field-delim]
/// field-delim      = *WSP ";" *WSP
/// tlsrpt-field     = tlsrpt-rua / tlsrpt-extension
/// tlsrpt-version   = %s"v=TLSRPTv1"
/// tlsrpt-rua       = %s"rua=" tlsrpt-uri *(*WSP "," *WSP tlsrpt-uri)
/// tlsrpt-uri       = URI
/// tlsrpt-extension = tlsrpt-ext-name "=" tlsrpt-ext-value
/// tlsrpt-ext-name  = (ALPHA / DIGIT) *31(ALPHA / DIGIT / "_" / "-" / ".")
/// tlsrpt-ext-value = 1*(%x21-3A / %x3C / %x3E-7E)
/// ```
///
/// Every `rua` must be one, and the lists of several are joined; of other fields with the same name only the first counts.
/// There is no lenient reading of records.
///
/// # Examples
///
/// ```
/// use mta_sts::{ReportScheme, TlsRptRecord};
///
/// let record = TlsRptRecord::parse(b"v=TLSRPTv1; rua=mailto:reports@example.com, https://example.com/tlsrpt")?;
/// let [mail, https] = record.rua() else { unreachable!() };
/// assert_eq!(mail.mailbox().as_deref(), Some("reports@example.com"));
/// assert_eq!((https.scheme(), https.as_str()), (ReportScheme::Https, "https://example.com/tlsrpt"));
/// assert_eq!(
///     record.to_string(),
///     "v=TLSRPTv1; rua=mailto:reports@example.com,https://example.com/tlsrpt;"
/// );
/// # Ok::<(), mta_sts::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TlsRptRecord {
    rua: Box<[ReportUri]>,
    extensions: Box<[Extension]>,
}

impl TlsRptRecord {
    /// The record that asks for reports to these addresses.
    ///
    /// # Errors
    ///
    /// `tlsrpt-rua-missing` if there are none; the span is empty.
    ///
    /// # Examples
    ///
    /// ```
    /// use mta_sts::TlsRptRecord;
    ///
    /// let record = TlsRptRecord::new(["mailto:reports@example.com".parse()?])?;
    /// assert_eq!(record.to_string(), "v=TLSRPTv1; rua=mailto:reports@example.com;");
    /// # Ok::<(), mta_sts::Error>(())
    /// ```
    pub fn new(rua: impl IntoIterator<Item = ReportUri>) -> Result<Self, Error> {
        let missing = Error::new(ErrorKind::TlsRptRuaMissing, Span::empty(0));
        Self::of(rua.into_iter().collect(), Box::default()).ok_or(missing)
    }

    /// The one check behind every constructor.
    fn of(rua: Vec<ReportUri>, extensions: Box<[Extension]>) -> Option<Self> {
        let rua = rua.into_boxed_slice();
        (!rua.is_empty()).then_some(Self { rua, extensions })
    }

    /// The record with one more extension field, behind the others.
    ///
    /// # Errors
    ///
    /// - `tlsrpt-field-name`, `tlsrpt-field-name-too-long`: the span covers `name`
    /// - `tlsrpt-extension-reserved` for `v` and `rua`, `tlsrpt-extension-repeated`: the span covers `name`
    /// - `tlsrpt-field-value-empty`, `tlsrpt-field-value`: the span covers `value`
    pub fn with_extension(mut self, name: &str, value: &str) -> Result<Self, Error> {
        self.extensions = txt::with_extension::<Self>(self.extensions, name, value)?;
        Ok(self)
    }

    /// Reads one record, its character-strings joined, exactly as RFC 8460 says.
    ///
    /// For a whole answer of the DNS use [`select`](Self::select).
    ///
    /// # Errors
    ///
    /// The `tlsrpt-*` codes of the table in [`_documentation::codes`](crate::_documentation::codes).
    pub fn parse(record: &[u8]) -> Result<Self, Error> {
        txt::parse(record)
    }

    /// Selects the record from all TXT records at the name: a [`&TxtAnswer`](TxtAnswer), or anything that
    /// yields records with their strings already joined.
    ///
    /// With more than one record, those that do not begin with the exact bytes `v=TLSRPTv1;` are discarded;
    /// more than one left is an error, one left is read, none is `None`. A single record is read if it begins with
    /// `v=TLSRPTv1`, and else is `None`: so `v=TLSRPTv1 ; rua=mailto:a@example.com` counts when it stands alone.
    ///
    /// # Errors
    ///
    /// [`SelectError`]. **For a sender an error means what `None` means: the domain wants no reports** (RFC 8460
    /// [§3](https://www.rfc-editor.org/rfc/rfc8460#section-3)).
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
    /// An answer of which no record can be used has an error: that of the only record, or else `tlsrpt-none` or
    /// `tlsrpt-several`. No finding has a fix, as an answer is several texts: to correct a record,
    /// [`inspect`](Self::inspect) it alone.
    pub fn inspect_answer(answer: &TxtAnswer) -> Inspection<Self> {
        txt::inspect_answer(answer)
    }

    /// The addresses, at least one, as they stand in the record: repeated ones are still there.
    ///
    /// A sender may deliver to each, and has delivered once one of them accepts the report.
    #[must_use]
    pub fn rua(&self) -> &[ReportUri] {
        &self.rua
    }

    /// The unknown fields, in their order.
    #[must_use]
    pub fn extensions(&self) -> &[Extension] {
        &self.extensions
    }
}

impl FromStr for TlsRptRecord {
    type Err = Error;

    fn from_str(record: &str) -> Result<Self, Error> {
        Self::parse(record.as_bytes())
    }
}

impl TryFrom<&str> for TlsRptRecord {
    type Error = Error;

    fn try_from(record: &str) -> Result<Self, Error> {
        Self::parse(record.as_bytes())
    }
}

/// The canonical text: version, one `rua` with all addresses, extensions, each followed by `;`. No white space around commas,
/// because not every reader expects it there.
impl fmt::Display for TlsRptRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("v=TLSRPTv1; rua=")?;
        for (number, uri) in self.rua.iter().enumerate() {
            let comma = if number > 0 { "," } else { "" };
            write!(f, "{comma}{uri}")?;
        }
        f.write_str(";")?;
        txt::write_extensions(&self.extensions, f)
    }
}
