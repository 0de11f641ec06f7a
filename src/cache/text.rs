//! The text form of an entry.
//!
//! ```text
//! mta-sts cache 1
//! used 1795253400
//! backoff 1795253700 1 20261121
//! policy 1795167000 20261120 mx-underscore 71
//! version: STSv1
//! …
//! ```
//!
//! Behind `backoff`: until when, failures, id. Behind `policy`: time of the fetch, id, tolerances separated by commas, octets of the
//! policy, which follows to the end. `-` stands for what there is none of; the last two lines may be missing.

use super::{Backoff, CacheEntry, CachedPolicy};
use crate::error::{Error, ErrorKind};
use crate::policy::{ParseOptions, Policy, Tolerance};
use crate::record::PolicyId;
use crate::span::Span;
use crate::time::UnixTime;
use alloc::borrow::Cow;
use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;

const FIRST_LINE: &str = "mta-sts cache 1";
const NOTHING: &str = "-";

impl CacheEntry {
    /// The entry as text, for a store. Later versions of the crate can read it for ever.
    ///
    /// # Examples
    ///
    /// ```
    /// use mta_sts::{CacheEntry, CachedPolicy, Policy, PolicyId, UnixTime};
    ///
    /// let policy = Policy::parse(b"version: STSv1\nmode: none\nmax_age: 86400\n")?;
    /// let now = UnixTime::from_secs(1_795_253_400);
    /// let cached = CachedPolicy::new(policy, Some(PolicyId::from_static("1")), now);
    /// let entry = CacheEntry::new(Some(cached.into()), None, now);
    /// let text = entry.to_bytes();
    /// assert!(text.starts_with(b"mta-sts cache 1\nused 1795253400\npolicy 1795253400 1 - 44\nversion: STSv1\r\n"));
    /// assert_eq!(CacheEntry::from_bytes(&text)?, entry);
    /// # Ok::<(), mta_sts::Error>(())
    /// ```
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut text = format!("{FIRST_LINE}\nused {}\n", self.last_used.as_secs()).into_bytes();
        if let Some(backoff) = self.backoff {
            let (until, failures) = (backoff.until.as_secs(), backoff.failures);
            let id = name_of(backoff.id.as_ref());
            text.extend(format!("backoff {until} {failures} {id}\n").bytes());
        }
        if let Some(cached) = &self.cached {
            text.extend(of_policy(cached));
        }
        text
    }

    /// Reads what [`to_bytes`](Self::to_bytes) wrote.
    ///
    /// # Errors
    ///
    /// `cache-version`, `cache-field`, `cache-length`, and the codes of a policy or an id that is not valid: nothing but what was
    /// written is taken for a policy.
    pub fn from_bytes(text: &[u8]) -> Result<Self, Error> {
        let mut lines = Lines { text, at: 0 };
        if lines.peek() != Some(FIRST_LINE) {
            let first = text.split(|&byte| byte == b'\n').next().unwrap_or_default();
            return Err(Error::new(ErrorKind::CacheVersion, Span::of(first, text)));
        }
        lines.skip(FIRST_LINE);
        let Some([used]) = lines.fields("used")? else {
            return Err(lines.error(lines.rest()));
        };
        let last_used = lines.time(used)?;
        let backoff = match lines.fields("backoff")? {
            Some([until, failures, id]) => Some(Backoff {
                until: lines.time(until)?,
                failures: lines.number(failures)?,
                id: lines.id(id)?,
            }),
            None => None,
        };
        let cached = match lines.fields("policy")? {
            Some([fetched_at, id, tolerances, len]) => {
                let (fetched_at, id) = (lines.time(fetched_at)?, lines.id(id)?);
                let options = lines.tolerances(tolerances)?;
                let body = lines.rest();
                let len: usize = lines.number(len)?;
                if body.len() != len {
                    return Err(Error::new(ErrorKind::CacheLength, Span::of(body, text)));
                }
                let policy =
                    Policy::parse_with(body, &options).map_err(|error| error.shifted(lines.at))?;
                Some(
                    CachedPolicy::new(policy, id, fetched_at)
                        .received_as(body.into())
                        .into(),
                )
            }
            None if lines.rest().is_empty() => None,
            None => return Err(lines.error(lines.rest())),
        };
        Ok(Self::new(cached, backoff, last_used))
    }
}

/// The last part of the text form: the line about the policy, and the policy.
pub(super) fn of_policy(cached: &CachedPolicy) -> Vec<u8> {
    let body = match &cached.received {
        Some(text) => Cow::Borrowed(&**text),
        None => Cow::Owned(cached.policy.to_string().into_bytes()),
    };
    let tolerances: Vec<_> = cached
        .policy
        .tolerances()
        .iter()
        .map(Tolerance::as_str)
        .collect();
    let tolerances = if tolerances.is_empty() {
        NOTHING.to_string()
    } else {
        tolerances.join(",")
    };
    let (time, id) = (cached.fetched_at.as_secs(), name_of(cached.id.as_ref()));
    let line = format!("policy {time} {id} {tolerances} {}\n", body.len());
    [line.as_bytes(), &body].concat()
}

fn name_of(id: Option<&PolicyId>) -> &str {
    id.map_or(NOTHING, PolicyId::as_str)
}

/// The lines that are left of a text.
struct Lines<'a> {
    text: &'a [u8],
    /// Where the next line begins.
    at: usize,
}

impl<'a> Lines<'a> {
    fn rest(&self) -> &'a [u8] {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// The next line without its LF; what has none is no line.
    fn peek(&self) -> Option<&'a str> {
        let len = self.rest().iter().position(|&byte| byte == b'\n')?;
        core::str::from_utf8(self.rest().get(..len)?).ok()
    }

    fn skip(&mut self, line: &str) {
        self.at = self.at.saturating_add(line.len()).saturating_add(1);
    }

    /// The fields of the next line, if that begins with this name.
    fn fields<const N: usize>(&mut self, name: &str) -> Result<Option<[&'a str; N]>, Error> {
        let Some(line) = self.peek() else {
            return Ok(None);
        };
        let Some(fields) = line
            .strip_prefix(name)
            .and_then(|rest| rest.strip_prefix(' '))
        else {
            return Ok(None);
        };
        let fields: Vec<_> = fields.split(' ').collect();
        let fields = fields.try_into().map_err(|_| self.error(line.as_bytes()))?;
        self.skip(line);
        Ok(Some(fields))
    }

    /// A number in decimal digits, without a sign.
    fn number<T: core::str::FromStr>(&self, field: &str) -> Result<T, Error> {
        let digits = Some(field).filter(|field| field.bytes().all(|byte| byte.is_ascii_digit()));
        let number = digits.and_then(|digits| digits.parse().ok());
        number.ok_or_else(|| self.error(field.as_bytes()))
    }

    fn time(&self, field: &str) -> Result<UnixTime, Error> {
        self.number(field).map(UnixTime::from_secs)
    }

    fn id(&self, field: &str) -> Result<Option<PolicyId>, Error> {
        if field == NOTHING {
            return Ok(None);
        }
        let id: Result<_, Error> = field.parse();
        id.map(Some).map_err(|_| self.error(field.as_bytes()))
    }

    fn tolerances(&self, field: &str) -> Result<ParseOptions, Error> {
        if field == NOTHING {
            return Ok(ParseOptions::strict());
        }
        let tolerance = |name| {
            Tolerance::ALL
                .iter()
                .copied()
                .find(|it| it.as_str() == name)
        };
        let all: Option<_> = field.split(',').map(tolerance).collect();
        all.ok_or_else(|| self.error(field.as_bytes()))
    }

    /// The error over this part of the text.
    fn error(&self, part: &[u8]) -> Error {
        Error::new(ErrorKind::CacheField, Span::of(part, self.text))
    }
}
