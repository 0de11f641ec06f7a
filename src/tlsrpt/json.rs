//! JSON as it came: the order of members, duplicates and all. Read by `serde_json`, and nothing else knows that.

use super::fault::ReportErrorKind;
use super::options::ReadOptions;
use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::Cell;
use core::fmt;
use serde::de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserializer, Serialize, Serializer};

/// A value. Strings without escapes are borrowed from the text.
pub(super) enum Json<'a> {
    Null,
    Bool(bool),
    Unsigned(u64),
    Negative(i64),
    Float(f64),
    Text(Cow<'a, str>),
    Array(Vec<Json<'a>>),
    Object(Vec<(Cow<'a, str>, Json<'a>)>),
}

/// What is left of the limits.
pub(super) struct Limits {
    values: Cell<usize>,
    nesting: usize,
    exceeded: Cell<Option<ReportErrorKind>>,
}

impl Limits {
    pub(super) const fn new(options: &ReadOptions) -> Self {
        Self {
            values: Cell::new(options.values),
            nesting: options.nesting,
            exceeded: Cell::new(None),
        }
    }

    /// Takes one more value; `false` if there are too many.
    pub(super) fn take(&self) -> bool {
        let left = self.values.get().checked_sub(1);
        left.map(|left| self.values.set(left)).is_some()
    }
}

/// Reads a whole text. The error says where: a byte of the text.
pub(super) fn parse<'a>(
    text: &'a str,
    limits: &Limits,
) -> Result<Json<'a>, (ReportErrorKind, usize)> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let seed = Seed {
        limits,
        text,
        depth: 0,
    };
    let read = seed
        .deserialize(&mut deserializer)
        .and_then(|json| deserializer.end().map(|()| json));
    read.map_err(|error| {
        let kind = limits.exceeded.get().unwrap_or(ReportErrorKind::Syntax);
        (kind, offset(text, &error))
    })
}

/// The same text, as long, with U+FFFF for each surrogate that stands without its other half: JSON has them (RFC 8259 §8.2), `serde_json` and
/// `str` do not. `None` if there are none.
#[cold]
pub(super) fn without_lone_surrogates(text: &str) -> Option<String> {
    let unit = |escape: &str| {
        let digits = escape.strip_prefix("\\u")?.get(..4)?;
        u16::from_str_radix(digits, 16).ok()
    };
    let mut mended = String::new();
    let mut is_mended = false;
    let mut rest = text;
    while let Some((plain, escape)) = rest.find('\\').and_then(|at| rest.split_at_checked(at)) {
        let next = || escape.get(6..).and_then(unit);
        let (len, is_lone) = match unit(escape) {
            Some(0xd800..=0xdbff) if matches!(next(), Some(0xdc00..=0xdfff)) => (12, false),
            Some(0xd800..=0xdfff) => (6, true),
            _ => (2, false),
        };
        let (taken, behind) = escape.split_at_checked(len)?;
        mended.push_str(plain);
        mended.push_str(if is_lone { "\\uffff" } else { taken });
        is_mended |= is_lone;
        rest = behind;
    }
    mended.push_str(rest);
    is_mended.then_some(mended)
}

/// The byte at which reading ended; `serde_json` counts lines and what was read of the last one.
fn offset(text: &str, error: &serde_json::Error) -> usize {
    if error.is_eof() {
        return text.len();
    }
    let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
    let line_start = match error.line().checked_sub(2) {
        Some(before) => ends
            .map(|(end, _)| end.saturating_add(1))
            .nth(before)
            .unwrap_or(text.len()),
        None => 0,
    };
    let offset = line_start.saturating_add(error.column().saturating_sub(1));
    offset.min(text.len())
}

/// Reads one value, at so many levels below the root.
#[derive(Clone, Copy)]
struct Seed<'l> {
    limits: &'l Limits,
    /// The whole text.
    text: &'l str,
    depth: usize,
}

impl Seed<'_> {
    fn exceeded<E: serde::de::Error>(self, kind: ReportErrorKind) -> E {
        self.limits.exceeded.set(Some(kind));
        E::custom("limit")
    }

    /// The seed for what is in an array or object at this level.
    fn inside<E: serde::de::Error>(self) -> Result<Self, E> {
        let depth = self.depth.saturating_add(1);
        if depth > self.limits.nesting {
            return Err(self.exceeded(ReportErrorKind::Nesting));
        }
        Ok(Self { depth, ..self })
    }

    /// Whether this is a piece of the text itself.
    fn holds(self, piece: &str) -> bool {
        let text = self.text.as_bytes().as_ptr_range();
        text.contains(&piece.as_ptr())
    }
}

/// The name under which numbers come if any crate of the build asks `serde_json` for its feature `arbitrary_precision`. A
/// member of that name is none: it stands in the text, or was copied from there.
const NUMBER: &str = "$serde_json::private::Number";

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Json<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json<'de>, D::Error> {
        if !self.limits.take() {
            return Err(self.exceeded(ReportErrorKind::Values));
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Json<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Json<'de>, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json<'de>, E> {
        Ok(Json::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json<'de>, E> {
        Ok(Json::Unsigned(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json<'de>, E> {
        Ok(u64::try_from(value).map_or(Json::Negative(value), Json::Unsigned))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json<'de>, E> {
        Ok(Json::Float(value))
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Json<'de>, E> {
        Ok(Json::Text(Cow::Borrowed(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Json<'de>, E> {
        Ok(Json::Text(Cow::Owned(value.into())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Json<'de>, A::Error> {
        let seed = self.inside()?;
        let mut array = Vec::new();
        while let Some(element) = elements.next_element_seed(seed)? {
            array.push(element);
        }
        Ok(Json::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Json<'de>, A::Error> {
        let seed = self.inside()?;
        let mut object = Vec::new();
        while let Some(name) = members.next_key_seed(Name)? {
            if matches!(name, Cow::Borrowed(name @ NUMBER) if !seed.holds(name)) {
                let Json::Text(text) = members.next_value_seed(seed)? else {
                    return Err(A::Error::custom("a number"));
                };
                return number(&text).ok_or_else(|| A::Error::custom("a number"));
            }
            object.push((name, members.next_value_seed(seed)?));
        }
        Ok(Json::Object(object))
    }
}

/// A number that came as text.
fn number<'a>(text: &str) -> Option<Json<'a>> {
    if let Ok(value) = text.parse() {
        return Some(Json::Unsigned(value));
    }
    // `-0` is no integer for `serde_json` either.
    if let Some(value) = text.parse().ok().filter(|value: &i64| *value < 0) {
        return Some(Json::Negative(value));
    }
    let value = text.parse().ok().filter(|value: &f64| value.is_finite())?;
    Some(Json::Float(value))
}

/// Reads the name of a member.
struct Name;

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Name {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(value.into()))
    }
}

/// Compact JSON, as it is kept of unknown members.
impl Serialize for Json<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Unsigned(value) => serializer.serialize_u64(*value),
            Self::Negative(value) => serializer.serialize_i64(*value),
            Self::Float(value) => serializer.serialize_f64(*value),
            Self::Text(value) => serializer.serialize_str(value),
            Self::Array(elements) => serializer.collect_seq(elements),
            Self::Object(members) => {
                serializer.collect_map(members.iter().map(|(name, value)| (name, value)))
            }
        }
    }
}

/// Whether a string is one of I-JSON: without noncharacters (RFC 7493 §2.1); a `str` has no surrogates.
pub(super) fn is_i_json(text: &str) -> bool {
    text.is_ascii() || !text.chars().any(is_noncharacter)
}

/// The last two of each plane, and a block in the first one.
pub(super) fn is_noncharacter(char: char) -> bool {
    let number = u32::from(char);
    number & 0xfffe == 0xfffe || (0xfdd0..=0xfdef).contains(&number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::de::value::{self, BorrowedStrDeserializer, MapDeserializer};

    #[test]
    fn numbers_that_come_as_text() {
        assert!(matches!(number("7"), Some(Json::Unsigned(7))));
        assert!(matches!(number("-7"), Some(Json::Negative(-7))));
        assert!(matches!(number("-0"), Some(Json::Float(0.0))));
        assert!(matches!(number("1e3"), Some(Json::Float(1e3))));
        for text in ["1e999", "NaN", "inf", "x", ""] {
            assert!(number(text).is_none(), "{text}");
        }
        let limits = Limits::new(&ReadOptions::new());
        let seed = Seed {
            limits: &limits,
            text: "1.5",
            depth: 0,
        };
        let borrowed = BorrowedStrDeserializer::<value::Error>::new;
        let number = [(borrowed(NUMBER), borrowed("1.5"))];
        let read = seed.deserialize(MapDeserializer::new(number.into_iter()));
        assert!(matches!(read, Ok(Json::Float(1.5))));
    }

    #[test]
    fn only_lone_surrogates_are_mended() {
        for (text, mended) in [
            (r#""\ud83d\udce7""#, None),
            (r#""\\ud83d""#, None),
            (r#""\ud83d""#, Some(r#""\uffff""#)),
            (r#""\udce7\ud83d""#, Some(r#""\uffff\uffff""#)),
            (
                r#""\ud83d\udce7\ud83d\n\udce7\u0041""#,
                Some(r#""\ud83d\udce7\uffff\n\uffff\u0041""#),
            ),
        ] {
            assert_eq!(without_lone_surrogates(text).as_deref(), mended, "{text}");
        }
    }

    /// Whoever writes a report knows the name too.
    #[test]
    fn a_member_is_no_number() {
        for text in [
            r#"{"$serde_json::private::Number": "1.5"}"#,
            r#"{"$serde_json::private::Number": "x"}"#,
            r#"{"\u0024serde_json::private::Number": "1\u002e5"}"#,
        ] {
            let read = parse(text, &Limits::new(&ReadOptions::new()));
            assert!(matches!(&read, Ok(Json::Object(members)) if members.len() == 1));
        }
    }
}
