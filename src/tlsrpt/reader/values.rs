//! The values of members: what stands there, or what is meant by it.

use super::super::MAX_EXACT;
use super::super::fault::{DeviationKind, ReportError, ReportErrorKind, WriteErrorKind};
use super::super::json::{self, Json, is_i_json};
use super::super::path::Path;
use super::super::reported::{Reported, UnknownMember};
use super::super::time::ReadTime;
use super::{Object, Reader, is_mx_host};
use crate::time::UnixTime;
use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::string::ToString;
use alloc::vec::Vec;
use core::net::IpAddr;

/// Members that are not known, each name once.
pub(super) type Unknown = Box<[UnknownMember]>;

/// Whether a report must have a member.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    Required,
    Optional,
}

/// The members of an object: the known ones in the order of their names, and all others.
pub(super) struct Members<'a, const N: usize> {
    pub(super) known: [Option<Json<'a>>; N],
    pub(super) unknown: Unknown,
}

impl Reader {
    pub(super) fn members<'a, const N: usize>(
        &mut self,
        object: Object<'a>,
        names: [&str; N],
        path: Path<'_>,
    ) -> Members<'a, N> {
        let mut known = [const { None }; N];
        let mut unknown: Object<'a> = Vec::new();
        for (name, value) in object {
            let mut slots = names.iter().zip(&mut known);
            match slots.find(|(known, _)| **known == name) {
                None => unknown.push((name, value)),
                Some((_, slot @ None)) => *slot = Some(value),
                Some((_, Some(_))) => self.found.add(DeviationKind::Duplicate, path.member(&name)),
            }
        }
        let unknown = self.unknown(unknown, path);
        Members { known, unknown }
    }

    fn unknown(&mut self, mut members: Object<'_>, path: Path<'_>) -> Unknown {
        self.drop_duplicates(&mut members, path);
        let keep = |(name, mut value): (Cow<'_, str>, Json<'_>)| {
            let path = path.member(&name);
            self.found.add(DeviationKind::UnknownMember, path);
            let fault = self.text_fault(&name, path).or(self.tidy(&mut value, path));
            let json = serde_json::to_string(&value).unwrap_or_default();
            UnknownMember::new(name.into(), json.into(), fault)
        };
        members.into_iter().map(keep).collect()
    }

    /// Whether a string is one of I-JSON; if not, that is told.
    fn has_i_json(&mut self, text: &str, path: Path<'_>) -> bool {
        let is_i_json = is_i_json(text);
        if !is_i_json {
            self.found.add(DeviationKind::Noncharacter, path);
        }
        is_i_json
    }

    /// The same, as the reason not to write it.
    fn text_fault(&mut self, text: &str, path: Path<'_>) -> Option<WriteErrorKind> {
        (!self.has_i_json(text, path)).then_some(WriteErrorKind::Text)
    }

    /// Leaves the first of repeated members.
    fn drop_duplicates(&mut self, members: &mut Object<'_>, path: Path<'_>) {
        let mut names = BTreeSet::new();
        let is_first: Vec<bool> = members.iter().map(|(name, _)| names.insert(name)).collect();
        if is_first.iter().all(|is_first| *is_first) {
            return;
        }
        let mut is_first = is_first.into_iter();
        members.retain(|(name, _)| {
            let keep = is_first.next().unwrap_or_default();
            if !keep {
                self.found.add(DeviationKind::Duplicate, path.member(name));
            }
            keep
        });
    }

    /// Goes through the value of an unknown member. Of repeated names the first is left; whatever is not I-JSON is told, and the first of it
    /// is the reason not to write it.
    fn tidy(&mut self, value: &mut Json<'_>, path: Path<'_>) -> Option<WriteErrorKind> {
        let magnitude = match value {
            Json::Text(text) => return self.text_fault(text, path),
            Json::Array(elements) => {
                let elements = elements.iter_mut().enumerate();
                return elements.fold(None, |first, (index, element)| {
                    first.or(self.tidy(element, path.index(index)))
                });
            }
            Json::Object(members) => {
                self.drop_duplicates(members, path);
                return members.iter_mut().fold(None, |first, (name, value)| {
                    let path = path.member(name);
                    let of_name = self.text_fault(name, path);
                    first.or(of_name).or(self.tidy(value, path))
                });
            }
            Json::Unsigned(number) => *number,
            Json::Negative(number) => number.unsigned_abs(),
            Json::Null | Json::Bool(_) | Json::Float(_) => 0,
        };
        let is_large = magnitude > MAX_EXACT;
        if is_large {
            self.found.add(DeviationKind::LargeNumber, path);
        }
        is_large.then_some(WriteErrorKind::Number)
    }

    /// An object that must be there.
    pub(super) fn object<'a>(
        &mut self,
        json: Option<Json<'a>>,
        path: Path<'_>,
    ) -> Option<Object<'a>> {
        let kind = match json {
            Some(Json::Object(object)) => return Some(object),
            None => DeviationKind::Missing,
            Some(Json::Null) => DeviationKind::Null,
            Some(_) => DeviationKind::Type,
        };
        self.found.add(kind, path);
        None
    }

    /// A string that is not empty.
    pub(super) fn text(
        &mut self,
        json: Option<Json<'_>>,
        need: Need,
        path: Path<'_>,
    ) -> Option<Box<str>> {
        let (kind, read) = match json {
            Some(Json::Text(text)) if text.is_empty() => (DeviationKind::Empty, None),
            Some(Json::Text(text)) => {
                self.has_i_json(&text, path);
                return Some(text.into());
            }
            None if need == Need::Optional => return None,
            None => (DeviationKind::Missing, None),
            Some(Json::Null) => (DeviationKind::Null, None),
            Some(Json::Unsigned(number)) => (DeviationKind::Type, Some(number.to_string().into())),
            Some(_) => (DeviationKind::Type, None),
        };
        self.found.add(kind, path);
        read
    }

    pub(super) fn address(
        &mut self,
        json: Option<Json<'_>>,
        path: Path<'_>,
    ) -> Option<Reported<IpAddr>> {
        let text = self.text(json, Need::Optional, path)?;
        let address: Reported<IpAddr> = (*text).into();
        if address.known().is_none() {
            self.found.add(DeviationKind::Address, path);
        }
        Some(address)
    }

    pub(super) fn time(
        &mut self,
        json: Option<Json<'_>>,
        read: fn(&str) -> Option<ReadTime>,
        path: Path<'_>,
    ) -> Option<UnixTime> {
        let text = self.text(json, Need::Required, path)?;
        let Some((time, said)) = read(&text) else {
            self.found.add(DeviationKind::Time, path);
            return None;
        };
        for kind in said.into_iter().flatten() {
            self.found.add(kind, path);
        }
        Some(time)
    }

    /// A whole number, not negative.
    pub(super) fn count(
        &mut self,
        json: Option<Json<'_>>,
        path: Path<'_>,
    ) -> Result<Option<u64>, ReportError> {
        let kind = match json {
            Some(Json::Unsigned(_)) => None,
            Some(Json::Negative(_)) => {
                return Err(ReportError::at_member(ReportErrorKind::CountNegative, path));
            }
            Some(Json::Float(_)) => Some(DeviationKind::CountNotation),
            Some(Json::Text(ref text)) if text.is_empty() => Some(DeviationKind::Empty),
            Some(Json::Text(_)) => Some(DeviationKind::CountAsString),
            None => Some(DeviationKind::Missing),
            Some(Json::Null) => Some(DeviationKind::Null),
            Some(Json::Bool(_) | Json::Array(_) | Json::Object(_)) => Some(DeviationKind::Type),
        };
        let read = match json {
            Some(Json::Unsigned(count)) => Some(count),
            // The shortest digits of the number: whole ones have no point.
            Some(Json::Float(number)) => digits(&number.to_string(), path)?,
            Some(Json::Text(text)) => digits(text.trim(), path)?,
            _ => None,
        };
        let is_number = matches!(
            kind,
            Some(DeviationKind::CountNotation | DeviationKind::CountAsString)
        );
        if is_number && read.is_none() {
            self.found.add(DeviationKind::Type, path);
        } else if let Some(kind) = kind {
            self.found.add(kind, path);
        }
        if read.is_some_and(|count| count > MAX_EXACT) {
            self.found.add(DeviationKind::LargeNumber, path);
        }
        Ok(read)
    }

    /// `policy-string`.
    pub(super) fn lines(
        &mut self,
        json: Option<Json<'_>>,
        path: Path<'_>,
    ) -> Result<Vec<Box<str>>, ReportError> {
        let mut lines = Vec::new();
        self.strings(json, path, |_, text, _| lines.push(text.into()))?;
        Ok(lines)
    }

    /// `mx-host`.
    pub(super) fn patterns(
        &mut self,
        json: Option<Json<'_>>,
        path: Path<'_>,
    ) -> Result<Vec<Box<str>>, ReportError> {
        let mut patterns = Vec::new();
        self.strings(json, path, |reader, text, path| {
            let pattern = match text.strip_prefix("mx:") {
                Some(pattern) => {
                    reader.found.add(DeviationKind::MxPrefix, path);
                    pattern.trim()
                }
                None => text,
            };
            if pattern.is_empty() {
                reader.found.add(DeviationKind::Empty, path);
                return;
            }
            if !is_mx_host(pattern) {
                reader.found.add(DeviationKind::MxHost, path);
            }
            patterns.push(pattern.into());
        })?;
        Ok(patterns)
    }

    /// Strings in an array, or one for all of it, whose lines are as many values.
    fn strings(
        &mut self,
        json: Option<Json<'_>>,
        path: Path<'_>,
        mut each: impl FnMut(&mut Self, &str, Path<'_>),
    ) -> Result<(), ReportError> {
        let kind = match json {
            None => return Ok(()),
            Some(Json::Null) => DeviationKind::Null,
            Some(Json::Text(text)) if text.is_empty() => DeviationKind::Empty,
            Some(Json::Text(text)) => {
                if let Some(elements) = self.unpack(&text) {
                    self.found.add(DeviationKind::ListPacked, path);
                    self.elements(elements, path, &mut each);
                    return Ok(());
                }
                self.has_i_json(&text, path);
                self.found.add(DeviationKind::ListAsString, path);
                let text = text.strip_suffix('\n').unwrap_or(&text);
                for line in text.split('\n') {
                    if !self.limits.take() {
                        return Err(ReportError::at_member(ReportErrorKind::Values, path));
                    }
                    each(self, line.strip_suffix('\r').unwrap_or(line), path);
                }
                return Ok(());
            }
            Some(Json::Array(elements)) => {
                let packed = match elements.as_slice() {
                    [] => {
                        self.found.add(DeviationKind::Empty, path);
                        return Ok(());
                    }
                    [Json::Text(text)] => self.unpack(text),
                    _ => None,
                };
                if let Some(elements) = packed {
                    self.found.add(DeviationKind::ListPacked, path.index(0));
                    self.elements(elements, path, &mut each);
                } else {
                    self.elements(elements, path, &mut each);
                }
                return Ok(());
            }
            Some(_) => DeviationKind::Type,
        };
        self.found.add(kind, path);
        Ok(())
    }

    fn elements(
        &mut self,
        elements: Vec<Json<'_>>,
        path: Path<'_>,
        each: &mut impl FnMut(&mut Self, &str, Path<'_>),
    ) {
        for (index, element) in elements.into_iter().enumerate() {
            let path = path.index(index);
            match element {
                Json::Text(text) => {
                    self.has_i_json(&text, path);
                    each(self, &text, path);
                }
                Json::Null => self.found.add(DeviationKind::Null, path),
                // "Not … a single nested `mx` sub-array", says §4.5; seen or not, its meaning is plain.
                Json::Array(inner) => {
                    self.found.add(DeviationKind::Type, path);
                    for element in inner {
                        if let Json::Text(text) = element {
                            self.has_i_json(&text, path);
                            each(self, &text, path);
                        }
                    }
                }
                _ => self.found.add(DeviationKind::Type, path),
            }
        }
    }

    /// The elements of an array of strings that is packed into a string.
    fn unpack<'a>(&self, text: &'a str) -> Option<Vec<Json<'a>>> {
        unpacked(text, &self.limits)
    }
}

/// The elements of a JSON array of strings, at least one, that a string begins with and consists of.
fn unpacked<'a>(text: &'a str, limits: &json::Limits) -> Option<Vec<Json<'a>>> {
    if !text.starts_with('[') {
        return None;
    }
    let Ok(Json::Array(elements)) = json::parse(text, limits) else {
        return None;
    };
    let is_text = |element: &Json<'_>| matches!(element, Json::Text(_));
    (!elements.is_empty() && elements.iter().all(is_text)).then_some(elements)
}

/// Whether a string alone in a list would be read as a packed list.
pub(in crate::tlsrpt) fn is_packed(text: &str) -> bool {
    unpacked(text, &json::Limits::new(&super::ReadOptions::new())).is_some()
}

/// A number in digits; `None` for anything else that is not negative.
fn digits(text: &str, path: Path<'_>) -> Result<Option<u64>, ReportError> {
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if let Some(positive) = text.strip_prefix('-') {
        let is_zero = positive.bytes().all(|byte| byte == b'0') && !positive.is_empty();
        let is_number = positive.parse::<f64>().is_ok();
        return match (is_zero, is_number) {
            (true, _) => Ok(Some(0)),
            (false, true) => Err(ReportError::at_member(ReportErrorKind::CountNegative, path)),
            (false, false) => Ok(None),
        };
    }
    if !is_digits(text) {
        return Ok(None);
    }
    let count = text
        .parse()
        .map_err(|_| ReportError::at_member(ReportErrorKind::CountRange, path))?;
    Ok(Some(count))
}
