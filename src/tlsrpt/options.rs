//! How much of a report is taken in.

/// The longest report that is read, in bytes and inflated: 10 MiB. Ten megabytes are "a commonly observed receiver limit" (RFC 8460
/// [§5.2](https://www.rfc-editor.org/rfc/rfc8460#section-5.2)).
pub const MAX_REPORT_LEN: usize = 10 << 20;

/// How deep arrays and objects are nested at most: 32 levels. A report needs 5.
pub const MAX_REPORT_NESTING: usize = 32;

/// How many JSON values a report holds at most, arrays and objects among them: 500,000, or about 50,000 failure details. The lines
/// of a string that stands in the place of an array are counted too.
pub const MAX_REPORT_VALUES: usize = 500_000;

/// How many times as long as its compressed form a report is at most: 200. Reports come to about 40; what deflate can do is 1,032.
pub const MAX_GZIP_RATIO: usize = 200;

/// The deepest nesting that can be allowed: what reads the JSON is recursive.
const DEEPEST: usize = 100;

/// What a reader of reports takes in before it gives up: strangers send them.
///
/// # Examples
///
/// ```
/// use mta_sts::{ReadOptions, Report};
///
/// let options = ReadOptions::new().max_len(100);
/// let error = Report::from_json_with(&[b' '; 101], &options).unwrap_err();
/// assert_eq!(error.code(), "tlsrpt-json-too-long");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ReadOptions {
    pub(super) len: usize,
    pub(super) nesting: usize,
    pub(super) values: usize,
    pub(super) ratio: usize,
}

impl ReadOptions {
    /// [`MAX_REPORT_LEN`], [`MAX_REPORT_NESTING`], [`MAX_REPORT_VALUES`], [`MAX_GZIP_RATIO`].
    #[must_use]
    pub const fn new() -> Self {
        Self {
            len: MAX_REPORT_LEN,
            nesting: MAX_REPORT_NESTING,
            values: MAX_REPORT_VALUES,
            ratio: MAX_GZIP_RATIO,
        }
    }

    /// Reads at most so many bytes, inflated.
    #[must_use]
    pub const fn max_len(self, len: usize) -> Self {
        Self { len, ..self }
    }

    /// Reads arrays and objects that are nested so deep; at most 100.
    #[must_use]
    pub const fn max_nesting(self, nesting: usize) -> Self {
        Self {
            nesting: if nesting < DEEPEST { nesting } else { DEEPEST },
            ..self
        }
    }

    /// Reads at most so many values.
    #[must_use]
    pub const fn max_values(self, values: usize) -> Self {
        Self { values, ..self }
    }

    /// Inflates to at most so many times the compressed length; up to 64 KiB whatever the ratio.
    #[must_use]
    pub const fn max_ratio(self, ratio: usize) -> Self {
        Self { ratio, ..self }
    }
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self::new()
    }
}
