//! Netstrings: `5:hello,`.

use std::fmt;

/// Bytes as a netstring.
#[must_use]
pub fn netstring(bytes: &[u8]) -> Vec<u8> {
    let mut netstring = bytes.len().to_string().into_bytes();
    netstring.push(b':');
    netstring.extend_from_slice(bytes);
    netstring.push(b',');
    netstring
}

/// Bytes that are not a netstring, or too long a one. Where the next one would begin is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Malformed {
    /// No length, or one with a zero in front.
    Length,
    /// A length above the limit.
    TooLong,
    /// No comma at the end.
    End,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Length => "no length of a netstring",
            Self::TooLong => "too long a netstring",
            Self::End => "no comma at the end of a netstring",
        })
    }
}

impl std::error::Error for Malformed {}

/// Cuts what arrives in pieces of any size into netstrings. Never holds more than one of the greatest length and one piece.
#[derive(Clone, Debug)]
pub struct Netstrings {
    limit: usize,
    buffer: Vec<u8>,
}

impl Netstrings {
    /// For netstrings of at most this many bytes.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self {
            limit,
            buffer: Vec::new(),
        }
    }

    /// Adds what has arrived.
    pub fn push(&mut self, piece: &[u8]) {
        self.buffer.extend_from_slice(piece);
    }

    /// Whether nothing has arrived of a next one.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.buffer.is_empty()
    }

    /// The next one, once it is whole.
    ///
    /// # Errors
    ///
    /// As soon as it is clear that it will not be one.
    pub fn take(&mut self) -> Result<Option<Vec<u8>>, Malformed> {
        let digits = self.buffer.iter().take_while(|it| it.is_ascii_digit());
        let digits = digits.count();
        let length = self.length(digits)?;
        let Some(&colon) = self.buffer.get(digits) else {
            return Ok(None);
        };
        if colon != b':' || digits == 0 {
            return Err(Malformed::Length);
        }
        let begin = digits + 1;
        let end = begin + length;
        let Some(&comma) = self.buffer.get(end) else {
            return Ok(None);
        };
        if comma != b',' {
            return Err(Malformed::End);
        }
        let netstring = self.buffer[begin..end].to_vec();
        self.buffer.drain(..=end);
        Ok(Some(netstring))
    }

    /// The length in the first bytes, as far as it has arrived.
    fn length(&self, digits: usize) -> Result<usize, Malformed> {
        let digits = &self.buffer[..digits];
        if digits.len() > 1 && digits.starts_with(b"0") {
            return Err(Malformed::Length);
        }
        let mut length = 0_usize;
        for digit in digits {
            length = length * 10 + usize::from(digit - b'0');
            // At each digit, so that no number of them makes it overflow.
            if length > self.limit {
                return Err(Malformed::TooLong);
            }
        }
        Ok(length)
    }
}
