//! The extension fields of a record: checked, kept, added and written.

use super::TxtRecord;
use crate::error::{Error, ErrorKind};
use crate::extension::{Extension, RawField};
use crate::grammar::{self, is_whole};
use crate::span::Span;
use alloc::boxed::Box;
#[cfg(feature = "serde")]
use alloc::collections::BTreeSet;
use core::fmt;

/// The extensions in these fields.
pub(crate) fn owned(fields: &[RawField<'_>]) -> Box<[Extension]> {
    let extension = |field: &RawField<'_>| Extension::new(field.name, field.value);
    fields.iter().map(extension).collect()
}

/// The list with one more extension field, if it may be one.
pub(crate) fn with_extension<R: TxtRecord>(
    extensions: Box<[Extension]>,
    name: &str,
    value: &str,
) -> Result<Box<[Extension]>, Error> {
    let is_new = |name: &str| extensions.iter().all(|extension| extension.name() != name);
    let extension = checked::<R>(name, value, is_new)?;
    let mut extensions = extensions.into_vec();
    extensions.push(extension);
    Ok(extensions.into_boxed_slice())
}

/// A list of extension fields, if all may be one. A stranger may have written it, so its length matters.
#[cfg(feature = "serde")]
pub(crate) fn checked_extensions<'a, R: TxtRecord>(
    fields: impl Iterator<Item = (&'a str, &'a str)>,
) -> Result<Box<[Extension]>, Error> {
    let mut names = BTreeSet::new();
    fields
        .map(|(name, value)| checked::<R>(name, value, |_| names.insert(name)))
        .collect()
}

fn checked<R: TxtRecord>(
    name: &str,
    value: &str,
    is_new: impl FnOnce(&str) -> bool,
) -> Result<Extension, Error> {
    let refuse = |kind, text: &str| Err(Error::new(kind, Span::new(0, text.len())));
    if let Err(kind) = check_name::<R>(name.as_bytes()) {
        return refuse(kind, name);
    }
    if ["v", R::FIELD].contains(&name) {
        return refuse(R::KINDS.extension_reserved, name);
    }
    if !is_new(name) {
        return refuse(R::KINDS.extension_repeated, name);
    }
    if let Err(kind) = check_value::<R>(value.as_bytes()) {
        return refuse(kind, value);
    }
    Ok(Extension::new(name.as_bytes(), value.as_bytes()))
}

/// The extensions as they are written behind other fields.
pub(crate) fn write_extensions(
    extensions: &[Extension],
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    extensions
        .iter()
        .try_for_each(|extension| write!(f, " {}={};", extension.name(), extension.value()))
}

/// What is wrong with the name of a field.
pub(super) fn check_name<R: TxtRecord>(name: &[u8]) -> Result<(), ErrorKind> {
    if is_whole(grammar::ext_name, name) {
        return Ok(());
    }
    let cut = name.get(..32).unwrap_or_default();
    Err(if is_whole(grammar::ext_name, cut) {
        R::KINDS.field_name_too_long
    } else {
        R::KINDS.field_name
    })
}

/// What is wrong with the value of an extension.
pub(super) fn check_value<R: TxtRecord>(value: &[u8]) -> Result<(), ErrorKind> {
    match value {
        [] => Err(R::KINDS.field_value_empty),
        _ if is_whole(grammar::ext_value, value) => Ok(()),
        _ => Err(R::KINDS.field_value),
    }
}
