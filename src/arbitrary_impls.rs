//! Every impl of the feature `arbitrary`: values made through the validating constructors.

use crate::domain::{Domain, PolicyDomain};
use crate::mx::MxPattern;
use crate::policy::{MaxAge, Mode, ParseOptions, Policy, Tolerance};
use crate::record::{PolicyId, StsRecord};
use crate::tls_rpt_record::{ReportUri, TlsRptRecord};
use crate::txt::TxtAnswer;
use alloc::string::String;
use alloc::vec::Vec;
use arbitrary::{Arbitrary, Error, Result, Unstructured};

/// 1 to `most` characters out of `alphabet`.
fn word(u: &mut Unstructured<'_>, alphabet: &[u8], most: usize) -> Result<String> {
    let len = u.int_in_range(1..=most)?;
    (0..len)
        .map(|_| u.choose(alphabet).map(|&byte| char::from(byte)))
        .collect()
}

/// A name of 1 to 6 labels.
fn name(u: &mut Unstructured<'_>) -> Result<String> {
    let mut name = String::new();
    for label in 0..u.int_in_range(1..=6)? {
        if label > 0 {
            name.push('.');
        }
        // A hyphen at an end of a label is possible and refused later.
        let most = if u.ratio(1, 16)? { 63 } else { 12 };
        name.push_str(&word(u, b"abcxyzMX0189-", most)?);
    }
    Ok(name)
}

fn field_name(u: &mut Unstructured<'_>) -> Result<String> {
    let mut name = word(u, b"abcXYZ019", 2)?;
    if u.arbitrary()? {
        name.push_str(&word(u, b"abcXYZ019_-.", 30)?);
    }
    Ok(name)
}

fn parsed<T: core::str::FromStr>(text: &str) -> Result<T> {
    text.parse().map_err(|_| Error::IncorrectFormat)
}

impl<'a> Arbitrary<'a> for Domain {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        parsed(&name(u)?)
    }
}

impl<'a> Arbitrary<'a> for PolicyDomain {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        Domain::arbitrary(u)?
            .try_into()
            .map_err(|_| Error::IncorrectFormat)
    }
}

impl<'a> Arbitrary<'a> for MxPattern {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let star = if u.arbitrary()? { "*." } else { "" };
        parsed(&alloc::format!("{star}{}", name(u)?))
    }
}

impl<'a> Arbitrary<'a> for PolicyId {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        parsed(&word(u, b"0123456789abcxyzTZ", Self::MAX_LEN)?)
    }
}

impl<'a> Arbitrary<'a> for Mode {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        u.choose(&[Self::Enforce, Self::Testing, Self::None])
            .copied()
    }
}

impl<'a> Arbitrary<'a> for MaxAge {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let secs = u.int_in_range(0..=Self::MAX.as_secs())?;
        Self::new(secs).map_err(|_| Error::IncorrectFormat)
    }
}

impl<'a> Arbitrary<'a> for Tolerance {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        u.choose(Self::ALL).copied()
    }
}

impl<'a> Arbitrary<'a> for ParseOptions {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        u.arbitrary_iter::<Tolerance>()?.collect()
    }
}

impl<'a> Arbitrary<'a> for StsRecord {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let mut record = Self::new(u.arbitrary()?);
        while u.arbitrary()? {
            let value = word(u, b"abcXYZ019:/?&!~", 20)?;
            record = record
                .with_extension(&field_name(u)?, &value)
                .map_err(|_| Error::IncorrectFormat)?;
        }
        Ok(record)
    }
}

impl<'a> Arbitrary<'a> for ReportUri {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let front = ["mailto:", "MailTo:", "https://", "http://", "a+b.c-1:", ""];
        let front = *u.choose(&front)?;
        // Not each of them is a URI: what is none is refused later.
        let (local, host) = (word(u, b"abcXYZ019.-_~+'/", 12)?, name(u)?);
        let behind = *u.choose(&["", "/", "?subject=a%20b", "/%21?a=b#c", "%"])?;
        parsed(&alloc::format!("{front}{local}@{host}{behind}"))
    }
}

impl<'a> Arbitrary<'a> for TlsRptRecord {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let mut rua = alloc::vec![u.arbitrary()?];
        while u.arbitrary()? {
            rua.push(u.arbitrary()?);
        }
        let mut record = Self::new(rua).map_err(|_| Error::IncorrectFormat)?;
        while u.arbitrary()? {
            let value = word(u, b"abcXYZ019:/?&!~", 20)?;
            record = record
                .with_extension(&field_name(u)?, &value)
                .map_err(|_| Error::IncorrectFormat)?;
        }
        Ok(record)
    }
}

impl<'a> Arbitrary<'a> for Policy {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let mut builder = Self::builder(u.arbitrary()?, u.arbitrary()?);
        for pattern in u.arbitrary_iter()? {
            builder = builder.mx(pattern?);
        }
        while u.arbitrary()? {
            let value = String::arbitrary(u)?;
            builder = builder
                .extension(&field_name(u)?, &value)
                .map_err(|_| Error::IncorrectFormat)?;
        }
        builder.build().map_err(|_| Error::IncorrectFormat)
    }
}

impl<'a> Arbitrary<'a> for TxtAnswer {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        Ok(Vec::<Vec<&[u8]>>::arbitrary(u)?.into_iter().collect())
    }
}
