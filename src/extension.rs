//! Fields that RFC 8461 and RFC 8460 leave to later: ignored by senders, kept here in their order.

use crate::index;
use crate::scan;
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

/// A field of a record or a policy that this version of the protocol does not know.
///
/// Senders ignore such fields (RFC 8461 [§3.2](https://www.rfc-editor.org/rfc/rfc8461#section-3.2), RFC 8460
/// [§3](https://www.rfc-editor.org/rfc/rfc8460#section-3)); they are kept so that nothing is lost in writing. Of several with the same name only the first counts and is kept.
///
/// Invariant: a name of 1 to 32 letters, digits, `_`, `-` and `.`, beginning with a letter or digit, case kept, that is no known
/// field's; a value of at least one character without white space at its ends.
///
/// # Examples
///
/// ```
/// let record = mta_sts::StsRecord::parse(b"v=STSv1; id=1; note=hello")?;
/// let note = &record.extensions()[0];
/// assert_eq!((note.name(), note.value()), ("note", "hello"));
/// # Ok::<(), mta_sts::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Extension {
    /// The name and, right behind it, the value, both UTF-8: one allocation for both.
    text: Box<[u8]>,
    name_len: u8,
}

impl Extension {
    /// The extension of this name and value, both of which the caller has checked.
    pub(crate) fn new(name: &[u8], value: &[u8]) -> Self {
        Self {
            text: [name, value].concat().into_boxed_slice(),
            // A name has at most 32 characters.
            name_len: u8::try_from(name.len()).unwrap_or(u8::MAX),
        }
    }

    /// The name, 1 to 32 characters.
    #[must_use]
    pub fn name(&self) -> &str {
        // Name and value are UTF-8: nothing is lost here and below.
        core::str::from_utf8(self.parts().0).unwrap_or_default()
    }

    /// The value, not empty.
    #[must_use]
    pub fn value(&self) -> &str {
        core::str::from_utf8(self.parts().1).unwrap_or_default()
    }

    /// Name and value as bytes.
    pub(crate) fn parts(&self) -> (&[u8], &[u8]) {
        let at = self.name_len.into();
        self.text.split_at_checked(at).unwrap_or_default()
    }
}

impl fmt::Debug for Extension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Extension({:?}, {:?})", self.name(), self.value())
    }
}

/// An extension field of a policy: what [`Extension`] is, lent by the [`Policy`](crate::Policy).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ExtensionRef<'a> {
    name: &'a str,
    value: &'a str,
}

impl<'a> ExtensionRef<'a> {
    /// The name, 1 to 32 characters.
    #[must_use]
    pub const fn name(self) -> &'a str {
        self.name
    }

    /// The value, not empty.
    #[must_use]
    pub const fn value(self) -> &'a str {
        self.value
    }
}

impl From<ExtensionRef<'_>> for Extension {
    fn from(extension: ExtensionRef<'_>) -> Self {
        Self::new(extension.name.as_bytes(), extension.value.as_bytes())
    }
}

impl fmt::Debug for ExtensionRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Extension({:?}, {:?})", self.name, self.value)
    }
}

/// The extension fields of a policy, in its order; made by [`Policy::extensions`](crate::Policy::extensions).
#[derive(Clone, Debug)]
pub struct Extensions<'a> {
    /// `name:value` and LF, one behind the other: no name holds a colon, no value an LF.
    text: &'a str,
}

impl<'a> Extensions<'a> {
    pub(crate) const fn new(text: &'a str) -> Self {
        Self { text }
    }
}

impl<'a> Iterator for Extensions<'a> {
    type Item = ExtensionRef<'a>;

    fn next(&mut self) -> Option<ExtensionRef<'a>> {
        let (field, rest) = self.text.split_once('\n')?;
        let (name, value) = field.split_once(':')?;
        self.text = rest;
        Some(ExtensionRef { name, value })
    }
}

impl core::iter::FusedIterator for Extensions<'_> {}

/// The known name, if any, that someone who wrote `name` most likely meant.
pub(crate) fn likely<'k>(name: &[u8], known: &[&'k str]) -> Option<&'k str> {
    let is_near = |known: &&&str| {
        let known = known.as_bytes();
        name.eq_ignore_ascii_case(known)
            || is_one_edit_apart(name, known)
            || is_same_without_punctuation(name, known)
    };
    known.iter().find(is_near).copied()
}

/// Whether one inserted, left out, replaced or transposed byte makes the two equal.
fn is_one_edit_apart(left: &[u8], right: &[u8]) -> bool {
    let same = left.iter().zip(right).take_while(|(a, b)| a == b).count();
    let left = left.get(same..).unwrap_or_default();
    let right = right.get(same..).unwrap_or_default();
    match (left, right) {
        ([a, b, left @ ..], [c, d, right @ ..]) if (a, b) == (d, c) && left == right => true,
        ([_, left_rest @ ..], [_, right_rest @ ..]) => {
            left_rest == right_rest || left_rest == right || left == right_rest
        }
        ([_], []) | ([], [_]) => true,
        _ => false,
    }
}

/// `max-age`, `maxAge`, `max.age` for `max_age`.
fn is_same_without_punctuation(left: &[u8], right: &[u8]) -> bool {
    let plain = |name: &[u8]| -> Vec<u8> {
        let letters = name.iter().filter(|byte| byte.is_ascii_alphanumeric());
        letters.map(u8::to_ascii_lowercase).collect()
    };
    plain(left) == plain(right)
}

/// A field as it stands in the source.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RawField<'a> {
    pub(crate) name: &'a [u8],
    pub(crate) value: &'a [u8],
}

/// Keeps the first field of each name and tells `repeated` the others.
pub(crate) fn keep_first<T>(
    fields: &mut Vec<T>,
    name: fn(&T) -> &[u8],
    mut repeated: impl FnMut(&T),
) {
    /// Up to this many fields comparing all with all is fastest.
    const FEW: usize = 8;
    if fields.len() <= FEW {
        let mut at = 1;
        while let Some((before, [field, ..])) = fields.split_at_checked(at) {
            if before.iter().any(|first| name(first) == name(field)) {
                repeated(field);
                fields.remove(at);
            } else {
                at = at.saturating_add(1);
            }
        }
        return;
    }
    let name_of = |number| {
        let field = usize::try_from(number).ok().and_then(|at| fields.get(at));
        field.map_or(&[][..], name)
    };
    // More than 2^32 fields would be 16 GiB of text at least: what is behind them is left as it is.
    let limit = u32::try_from(fields.len()).unwrap_or(u32::MAX);
    let names = (0..limit).zip(fields.iter().map(name));
    let mut later = Vec::new();
    let mut slots = alloc::vec![0; index::slots_len(fields.len())];
    index::build(&mut slots, names, limit, name_of, scan::hash, |number| {
        later.push(number);
    });
    if later.is_empty() {
        return;
    }
    later.sort_unstable();
    let mut later = later.into_iter().peekable();
    let mut number: u32 = 0;
    fields.retain(|field| {
        let again = later.next_if_eq(&number).is_some();
        number = number.saturating_add(1);
        if again {
            repeated(field);
        }
        !again
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_recognised_and_far_ones_are_not() {
        let known = ["version", "mode", "max_age", "mx"];
        for (name, meant) in [
            ("eversion", "version"),
            ("verson", "version"),
            ("vesrion", "version"),
            ("Version", "version"),
            ("mod", "mode"),
            ("node", "mode"),
            ("MODE", "mode"),
            ("maxage", "max_age"),
            ("max-age", "max_age"),
            ("MaxAge", "max_age"),
            ("max_agee", "max_age"),
            ("MX", "mx"),
            ("m_x", "mx"),
            ("xm", "mx"),
            ("mxx", "mx"),
            ("nmx", "mx"),
            ("ms", "mx"),
        ] {
            assert_eq!(likely(name.as_bytes(), &known), Some(meant), "{name}");
        }
        for name in ["note", "modes_of", "maximum", "id", "tls", "a"] {
            assert_eq!(likely(name.as_bytes(), &known), None, "{name}");
        }
    }

    /// Few fields and many are compared in different ways.
    #[test]
    fn the_first_of_each_name_is_kept() {
        for count in [0_u8, 1, 7, 8, 9, 40] {
            let mut fields: Vec<_> = (0..count).map(|at| (at, [at % 5])).collect();
            let mut repeated = Vec::new();
            keep_first(
                &mut fields,
                |field| &field.1,
                |field| repeated.push(field.0),
            );
            let numbers: Vec<_> = fields.iter().map(|field| field.0).collect();
            assert_eq!(numbers, (0..count.min(5)).collect::<Vec<_>>());
            assert_eq!(repeated, (count.min(5)..count).collect::<Vec<_>>());
        }
    }
}
