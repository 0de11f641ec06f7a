//! Every impl of the feature `serde`: plain forms, and reading through the validating constructors.
//!
//! | type | form |
//! |---|---|
//! | names, patterns, ids, modes, tolerances, report addresses | string |
//! | `MaxAge` | number of seconds |
//! | `ParseOptions` | list of tolerances |
//! | `Extension` | `{name, value}` |
//! | `StsRecord` | `{version, id, extensions}` |
//! | `TlsRptRecord` | string: the record |
//! | `Policy` | `{version, mode, max_age, mx, extensions}`, and `tolerances` if its written form needs them |
//! | `Diagnostic`, `Inspection` and what they hold | written only |
//!
//! Members that are not listed are refused. Expectations stand in `tests/serde.rs`.

use crate::diagnostic::{AcceptedBy, Diagnostic, Edit, Inspection, Severity};
use crate::domain::{Domain, PolicyDomain};
use crate::error::Error;
use crate::extension::Extension;
use crate::mx::{MxPattern, Underscore};
use crate::policy::{MaxAge, Mode, ParseOptions, Policy, Tolerance};
use crate::record::{PolicyId, StsRecord};
use crate::span::Span;
use crate::tls_rpt_record::{ReportUri, TlsRptRecord};
use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::str::FromStr;
use serde::de::Error as _;
use serde::ser::SerializeStruct;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

const VERSION: &str = "STSv1";

fn parsed<'de, T: FromStr<Err = Error>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    let text = Cow::<str>::deserialize(deserializer)?;
    text.parse().map_err(D::Error::custom)
}

macro_rules! as_string {
    ($($type:ty),*) => {$(
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                parsed(deserializer)
            }
        }
    )*};
}

as_string!(Domain, PolicyDomain, MxPattern, PolicyId, Mode, ReportUri);

macro_rules! as_string_written {
    ($($type:ty),*) => {$(
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
    )*};
}

as_string_written!(Severity, AcceptedBy, Tolerance);

impl<'de> Deserialize<'de> for Tolerance {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = Cow::<str>::deserialize(deserializer)?;
        let mut all = Self::ALL.iter().copied();
        all.find(|tolerance| tolerance.as_str() == name)
            .ok_or_else(|| D::Error::custom("unknown tolerance"))
    }
}

impl Serialize for ParseOptions {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl<'de> Deserialize<'de> for ParseOptions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Vec::<Tolerance>::deserialize(deserializer)?
            .into_iter()
            .collect())
    }
}

impl Serialize for MaxAge {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(self.as_secs())
    }
}

impl<'de> Deserialize<'de> for MaxAge {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(u64::deserialize(deserializer)?).map_err(|error| D::Error::custom(error.kind()))
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExtensionForm<'a> {
    name: Cow<'a, str>,
    value: Cow<'a, str>,
}

impl Serialize for Extension {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        ExtensionForm {
            name: self.name().into(),
            value: self.value().into(),
        }
        .serialize(serializer)
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RecordForm<'a> {
    version: Cow<'a, str>,
    id: PolicyId,
    extensions: Vec<ExtensionForm<'a>>,
}

impl Serialize for StsRecord {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let extensions = self.extensions().iter().map(|extension| ExtensionForm {
            name: extension.name().into(),
            value: extension.value().into(),
        });
        RecordForm {
            version: VERSION.into(),
            id: *self.id(),
            extensions: extensions.collect(),
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for StsRecord {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let form = RecordForm::deserialize(deserializer)?;
        check_version(&form.version)?;
        let fields = form.extensions.iter();
        let fields = fields.map(|extension| (&*extension.name, &*extension.value));
        Self::with_extensions(form.id, fields).map_err(D::Error::custom)
    }
}

impl Serialize for TlsRptRecord {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TlsRptRecord {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        parsed(deserializer)
    }
}

fn check_version<E: serde::de::Error>(version: &str) -> Result<(), E> {
    if version == VERSION {
        return Ok(());
    }
    Err(E::custom("the version is not `STSv1`"))
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PolicyForm<'a> {
    version: Cow<'a, str>,
    mode: Mode,
    max_age: MaxAge,
    mx: Vec<Cow<'a, str>>,
    extensions: Vec<ExtensionForm<'a>>,
    #[serde(default, skip_serializing_if = "is_strict")]
    tolerances: ParseOptions,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands out a reference"
)]
fn is_strict(options: &ParseOptions) -> bool {
    options.is_strict()
}

impl Serialize for Policy {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let extensions = self.extensions().map(|extension| ExtensionForm {
            name: extension.name().into(),
            value: extension.value().into(),
        });
        PolicyForm {
            version: VERSION.into(),
            mode: self.mode(),
            max_age: self.max_age(),
            mx: self.mx().map(|pattern| pattern.as_str().into()).collect(),
            extensions: extensions.collect(),
            tolerances: self.tolerances(),
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Policy {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let form = PolicyForm::deserialize(deserializer)?;
        check_version(&form.version)?;
        read_policy(&form).map_err(D::Error::custom)
    }
}

fn read_policy(form: &PolicyForm<'_>) -> Result<Policy, Error> {
    let underscore = if form.tolerances.tolerates(Tolerance::MxUnderscore) {
        Underscore::Allowed
    } else {
        Underscore::Refused
    };
    let mut builder = Policy::builder(form.mode, form.max_age);
    for pattern in &form.mx {
        builder = builder.mx(MxPattern::parse(pattern, underscore)?);
    }
    for extension in &form.extensions {
        builder = builder.extension(&extension.name, &extension.value)?;
    }
    Ok(builder.build()?.read_under(form.tolerances))
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut form = serializer.serialize_struct("Span", 2)?;
        form.serialize_field("start", &self.start())?;
        form.serialize_field("end", &self.end())?;
        form.end()
    }
}

impl Serialize for Edit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut form = serializer.serialize_struct("Edit", 2)?;
        form.serialize_field("span", &self.span())?;
        form.serialize_field("replacement", self.replacement())?;
        form.end()
    }
}

impl Serialize for Diagnostic {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut form = serializer.serialize_struct("Diagnostic", 9)?;
        form.serialize_field("code", self.code())?;
        form.serialize_field("severity", &self.severity())?;
        form.serialize_field("message", self.message())?;
        form.serialize_field("help", &self.help())?;
        form.serialize_field("section", self.section().as_str())?;
        form.serialize_field("url", self.section().url())?;
        form.serialize_field("span", &self.span())?;
        form.serialize_field("count", &self.count())?;
        form.serialize_field("fix", &self.fix().map(crate::diagnostic::Fix::edits))?;
        form.end()
    }
}

impl<T: Serialize> Serialize for Inspection<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut form = serializer.serialize_struct("Inspection", 6)?;
        form.serialize_field("accepted_by", &self.accepted_by())?;
        form.serialize_field("value", &self.value())?;
        form.serialize_field("errors", &self.total(Severity::Error))?;
        form.serialize_field("warnings", &self.total(Severity::Warning))?;
        form.serialize_field("notes", &self.total(Severity::Note))?;
        form.serialize_field("diagnostics", self.diagnostics())?;
        form.end()
    }
}
