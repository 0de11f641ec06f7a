//! Making a policy.

use super::body::{Arena, Body};
use super::{MaxAge, Mode, ParseOptions, Policy};
use crate::error::{Error, ErrorKind};
use crate::extension::{Extension, RawField};
use crate::grammar::{self, is_whole};
use crate::mx::MxPattern;
use crate::span::Span;
use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::vec::Vec;

/// The names of the fields that RFC 8461 defines.
pub(super) const KNOWN: [&str; 4] = ["version", "mode", "max_age", "mx"];

/// Makes a [`Policy`] that can be written and read back.
///
/// # Examples
///
/// ```
/// use mta_sts::{MaxAge, Mode, Policy};
///
/// let policy = Policy::builder(Mode::Enforce, MaxAge::new(1_209_600)?)
///     .mx("mail.example.net".parse()?)
///     .mx("*.backup.example.net".parse()?)
///     .build()?;
/// assert_eq!(
///     policy.to_string(),
///     "version: STSv1\r\nmode: enforce\r\nmx: mail.example.net\r\nmx: *.backup.example.net\r\nmax_age: 1209600\r\n"
/// );
/// # Ok::<(), mta_sts::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct PolicyBuilder {
    mode: Mode,
    max_age: MaxAge,
    mx: Vec<MxPattern>,
    extensions: Vec<Extension>,
    /// Of the extensions.
    names: BTreeSet<Box<str>>,
}

impl PolicyBuilder {
    pub(super) const fn new(mode: Mode, max_age: MaxAge) -> Self {
        Self {
            mode,
            max_age,
            mx: Vec::new(),
            extensions: Vec::new(),
            names: BTreeSet::new(),
        }
    }

    /// Adds a pattern, behind the others.
    pub fn mx(mut self, pattern: MxPattern) -> Self {
        self.mx.push(pattern);
        self
    }

    /// Adds an extension field, behind the others.
    ///
    /// # Errors
    ///
    /// - `policy-field-name`, `policy-field-name-too-long`: `name` is not 1 to 32 letters, digits, `_`, `-` and `.` with a letter or digit first
    /// - `policy-extension-reserved`: `name` is `version`, `mode`, `max_age` or `mx`
    /// - `policy-extension-repeated`: an extension of this name was added before
    /// - `policy-value-empty`, `policy-extension-value`: `value` is empty, begins or ends with white space, or holds a
    ///   control character
    ///
    /// The span covers the offending argument.
    pub fn extension(mut self, name: &str, value: &str) -> Result<Self, Error> {
        let refuse = |kind, text: &str| Err(Error::new(kind, Span::new(0, text.len())));
        if let Err(kind) = check_name(name.as_bytes()) {
            return refuse(kind, name);
        }
        if KNOWN.contains(&name) {
            return refuse(ErrorKind::PolicyExtensionReserved, name);
        }
        if !self.names.insert(name.into()) {
            return refuse(ErrorKind::PolicyExtensionRepeated, name);
        }
        if value.is_empty() {
            return refuse(ErrorKind::PolicyValueEmpty, value);
        }
        if !is_whole(grammar::sts_policy_ext_value, value.as_bytes()) {
            return refuse(ErrorKind::PolicyExtensionValue, value);
        }
        self.extensions
            .push(Extension::new(name.as_bytes(), value.as_bytes()));
        Ok(self)
    }

    /// The policy.
    ///
    /// # Errors
    ///
    /// `policy-mx-missing`: the mode is not [`None`](Mode::None) and there is no pattern. The span is empty.
    pub fn build(self) -> Result<Policy, Error> {
        if self.mx.is_empty() && self.mode != Mode::None {
            return Err(Error::new(ErrorKind::PolicyMxMissing, Span::empty(0)));
        }
        let mut arena = Arena::new(0);
        let mut tolerances = ParseOptions::strict();
        for pattern in &self.mx {
            // A pattern of a policy read leniently may have come by here.
            if pattern.as_str().contains('_') {
                tolerances = tolerances.with(super::Tolerance::MxUnderscore);
            }
            arena.push(pattern.as_str().as_bytes());
        }
        let extensions: Vec<_> = self
            .extensions
            .iter()
            .map(|extension| {
                let (name, value) = extension.parts();
                RawField { name, value }
            })
            .collect();
        Ok(Policy {
            body: Body::new(&mut arena, &extensions),
            max_age: self.max_age,
            mode: self.mode,
            tolerances,
        })
    }
}

/// What is wrong with the name of a field.
pub(super) fn check_name(name: &[u8]) -> Result<(), ErrorKind> {
    if is_whole(grammar::sts_policy_ext_name, name) {
        return Ok(());
    }
    let cut = name.get(..32).unwrap_or_default();
    Err(if is_whole(grammar::sts_policy_ext_name, cut) {
        ErrorKind::PolicyFieldNameTooLong
    } else {
        ErrorKind::PolicyFieldName
    })
}
