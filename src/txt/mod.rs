//! What the DNS answers to a question for TXT records, and what their kinds have in common.

mod disguise;
mod extensions;
mod format;
mod reader;
mod select;

#[cfg(feature = "serde")]
pub(crate) use extensions::checked_extensions;
pub(crate) use extensions::{with_extension, write_extensions};
pub(crate) use format::{Kinds, Lints, TxtRecord};
pub(crate) use reader::{Report, inspect, parse};
pub use select::SelectError;
pub(crate) use select::{inspect_answer, select};

use alloc::vec::Vec;

/// A whole answer: the TXT records at one name, in their order, with their boundaries.
///
/// The character-strings of a record are joined without anything between them (RFC 8461
/// [§3.1](https://www.rfc-editor.org/rfc/rfc8461#section-3.1), RFC 8460 [§3](https://www.rfc-editor.org/rfc/rfc8460#section-3)). Records are byte strings: what stands in them is judged by who reads them.
///
/// # Examples
///
/// ```
/// use mta_sts::{StsRecord, TxtAnswer};
///
/// let mut answer = TxtAnswer::new();
/// answer.push_record(["v=STSv1; id=2026", "1121"]);
/// answer.push_record(["something else"]);
/// assert_eq!(answer.iter().next(), Some(&b"v=STSv1; id=20261121"[..]));
/// let record = StsRecord::select(&answer)?.unwrap();
/// assert_eq!(record.id().as_str(), "20261121");
/// # Ok::<(), mta_sts::SelectError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct TxtAnswer {
    /// The records, an LF behind each.
    text: Vec<u8>,
    /// Where each record ends in `text`, before its LF.
    ends: Vec<usize>,
}

impl TxtAnswer {
    /// An answer without records.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            text: Vec::new(),
            ends: Vec::new(),
        }
    }

    /// Adds one TXT record, given as its character-strings.
    pub fn push_record<S: AsRef<[u8]>>(&mut self, strings: impl IntoIterator<Item = S>) {
        for string in strings {
            self.text.extend_from_slice(string.as_ref());
        }
        self.ends.push(self.text.len());
        self.text.push(b'\n');
    }

    /// The records, each with its strings joined.
    #[must_use]
    pub fn iter(&self) -> TxtRecords<'_> {
        TxtRecords {
            answer: self,
            next: 0,
        }
    }

    /// The number of records.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is no record.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// All records, each followed by an LF: the text that the spans of
    /// [`StsRecord::inspect_answer`](crate::StsRecord::inspect_answer) and its like refer to. (A record may itself hold LF.)
    #[must_use]
    pub fn as_text(&self) -> &[u8] {
        &self.text
    }

    fn record(&self, number: usize) -> Option<&[u8]> {
        let end = *self.ends.get(number)?;
        let start = match number.checked_sub(1) {
            Some(before) => self.ends.get(before)?.saturating_add(1),
            None => 0,
        };
        self.text.get(start..end)
    }
}

impl<S: AsRef<[u8]>, R: IntoIterator<Item = S>> FromIterator<R> for TxtAnswer {
    fn from_iter<T: IntoIterator<Item = R>>(records: T) -> Self {
        let mut answer = Self::new();
        for record in records {
            answer.push_record(record);
        }
        answer
    }
}

impl<'a> IntoIterator for &'a TxtAnswer {
    type Item = &'a [u8];
    type IntoIter = TxtRecords<'a>;

    fn into_iter(self) -> TxtRecords<'a> {
        self.iter()
    }
}

/// The records of an answer; made by [`TxtAnswer::iter`].
#[derive(Clone, Debug)]
pub struct TxtRecords<'a> {
    answer: &'a TxtAnswer,
    next: usize,
}

impl<'a> Iterator for TxtRecords<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let record = self.answer.record(self.next)?;
        self.next = self.next.saturating_add(1);
        Some(record)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.answer.len().saturating_sub(self.next);
        (left, Some(left))
    }
}

impl ExactSizeIterator for TxtRecords<'_> {}
impl core::iter::FusedIterator for TxtRecords<'_> {}
