//! Reports in gzip, as they travel (RFC 8460 §5.2): inflated within bounds, whoever made them.

use super::fault::{DeviationKind, ReportError, ReportErrorKind, WriteError};
use super::options::ReadOptions;
use super::reader::ReadReport;
use super::report::Report;
use flate2::bufread::GzDecoder;
use flate2::{Compression, GzBuilder};
use std::io::{self, Read, Write};
use std::vec::Vec;

/// What every gzip file begins with (RFC 1952 §2.3.1).
const MAGIC: &[u8] = b"\x1f\x8b";
/// What is inflated to whatever the ratio: little files have long runs.
const ANY_RATIO: usize = 64 << 10;
/// How many gzip files may stand one behind the other. Each costs as much as 20 KiB of text, however little is in it.
const MAX_MEMBERS: usize = 100;

impl Report {
    /// Reads a report in gzip: inflates it within the limits, then does as [`from_json`](Self::from_json).
    ///
    /// Several gzip files one behind the other are one text (RFC 1952 [§2.2](https://www.rfc-editor.org/rfc/rfc1952#section-2.2)); what is no gzip behind
    /// them is a deviation. The places of JSON errors are those in the inflated text.
    ///
    /// # Errors
    ///
    /// Those of [`inflate`], and of [`from_json`](Self::from_json).
    pub fn from_gzip(bytes: &[u8]) -> Result<ReadReport, ReportError> {
        Self::from_gzip_with(bytes, &ReadOptions::new())
    }

    /// The same within other limits.
    ///
    /// # Errors
    ///
    /// Those of [`from_gzip`](Self::from_gzip).
    pub fn from_gzip_with(bytes: &[u8], options: &ReadOptions) -> Result<ReadReport, ReportError> {
        let (text, rest) = parts(bytes, options)?;
        let read = Self::from_json_with(&text, options)?;
        Ok(if rest.is_empty() {
            read
        } else {
            read.with_deviation(DeviationKind::GzipTrailing)
        })
    }

    /// Reads a report that is in gzip or not, whatever its file name and media type say.
    ///
    /// # Errors
    ///
    /// Those of [`from_gzip`](Self::from_gzip) for what begins like gzip, else those of [`from_json`](Self::from_json).
    pub fn from_json_or_gzip(bytes: &[u8]) -> Result<ReadReport, ReportError> {
        Self::from_json_or_gzip_with(bytes, &ReadOptions::new())
    }

    /// The same within other limits.
    ///
    /// # Errors
    ///
    /// Those of [`from_json_or_gzip`](Self::from_json_or_gzip).
    pub fn from_json_or_gzip_with(
        bytes: &[u8],
        options: &ReadOptions,
    ) -> Result<ReadReport, ReportError> {
        if bytes.starts_with(MAGIC) {
            Self::from_gzip_with(bytes, options)
        } else {
            Self::from_json_with(bytes, options)
        }
    }

    /// The report as [`to_json`](Self::to_json) writes it, in gzip. The same report gives the same bytes: no time and no name stand in
    /// it.
    ///
    /// # Errors
    ///
    /// Those of [`to_json`](Self::to_json).
    pub fn to_gzip(&self) -> Result<Vec<u8>, WriteError> {
        let text = self.to_json()?;
        let unknown_system = 255;
        let builder = GzBuilder::new().mtime(0).operating_system(unknown_system);
        let mut encoder = builder.write(Vec::new(), Compression::default());
        // Writing to memory does not fail.
        let _ = encoder.write_all(text.as_bytes());
        Ok(encoder.finish().unwrap_or_default())
    }
}

/// Inflates gzip, to at most so many bytes and so many times its length as the options allow.
///
/// What is no gzip behind the end is left out.
///
/// # Examples
///
/// ```
/// use mta_sts::{ReadOptions, inflate};
///
/// let error = inflate(b"{}", &ReadOptions::new()).unwrap_err();
/// assert_eq!(error.to_string(), "the bytes are not valid gzip at byte 0");
/// ```
///
/// # Errors
///
/// `tlsrpt-json-too-long` for more bytes than allowed, compressed or inflated; `tlsrpt-gzip-ratio`, `tlsrpt-gzip-syntax`,
/// `tlsrpt-gzip-truncated`, `tlsrpt-gzip-members`.
pub fn inflate(bytes: &[u8], options: &ReadOptions) -> Result<Vec<u8>, ReportError> {
    parts(bytes, options).map(|(text, _)| text)
}

/// The inflated text, and what stands behind the gzip file.
fn parts<'a>(bytes: &'a [u8], options: &ReadOptions) -> Result<(Vec<u8>, &'a [u8]), ReportError> {
    if bytes.len() > options.len {
        return Err(ReportError::at_byte(ReportErrorKind::TooLong, options.len));
    }
    if !bytes.starts_with(MAGIC) && !MAGIC.starts_with(bytes) {
        return Err(ReportError::at_byte(ReportErrorKind::GzipSyntax, 0));
    }
    let by_ratio = bytes.len().saturating_mul(options.ratio).max(ANY_RATIO);
    let limit = options.len.min(by_ratio);
    let mut text = Vec::new();
    let mut rest = bytes;
    for _ in 0..MAX_MEMBERS {
        let at = bytes.len().saturating_sub(rest.len());
        let mut decoder = GzDecoder::new(rest);
        let left = limit.saturating_sub(text.len()).saturating_add(1);
        let left = u64::try_from(left).unwrap_or(u64::MAX);
        let read = decoder.by_ref().take(left).read_to_end(&mut text);
        if text.len() > limit {
            let kind = if limit < options.len {
                ReportErrorKind::GzipRatio
            } else {
                ReportErrorKind::TooLong
            };
            return Err(ReportError::at_byte(kind, at));
        }
        read.map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => {
                ReportError::at_byte(ReportErrorKind::GzipTruncated, bytes.len())
            }
            _ => ReportError::at_byte(ReportErrorKind::GzipSyntax, at),
        })?;
        rest = decoder.into_inner();
        if !rest.starts_with(MAGIC) {
            return Ok((text, rest));
        }
    }
    let at = bytes.len().saturating_sub(rest.len());
    Err(ReportError::at_byte(ReportErrorKind::GzipMembers, at))
}
