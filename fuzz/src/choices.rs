//! Values that several targets are given. Every choice takes one byte.

use arbitrary::{Result, Unstructured};
use mta_sts::{Dane, TlsFailure, TlsOutcome, TlsVerdict};

/// As many bytes as the first one says.
pub(crate) fn bytes<'a>(u: &mut Unstructured<'a>) -> Result<&'a [u8]> {
    let len = usize::from(u.arbitrary::<u8>()?);
    u.bytes(len.min(u.len()))
}

pub(crate) fn dane(u: &mut Unstructured<'_>) -> Result<Dane> {
    u.choose(&[
        Dane::NotApplicable,
        Dane::Usable,
        Dane::Unusable,
        Dane::LookupFailed,
    ])
    .copied()
}

pub(crate) fn outcome(u: &mut Unstructured<'_>) -> Result<TlsOutcome> {
    let verdict = |u: &mut Unstructured<'_>| {
        Ok(match u.int_in_range(0..=3)? {
            0 => TlsVerdict::NotChecked,
            1 => TlsVerdict::Failed(*u.choose(TlsFailure::ALL)?),
            _ => TlsVerdict::Passed,
        })
    };
    Ok(match u.int_in_range(0..=5)? {
        0 => TlsOutcome::NotOffered,
        1 => TlsOutcome::Refused(u.arbitrary()?),
        2 => TlsOutcome::Failed(*u.choose(TlsFailure::ALL)?),
        _ => TlsOutcome::Established {
            pkix: verdict(u)?,
            dane: verdict(u)?,
        },
    })
}

/// One of a few, or bytes.
pub(crate) fn host(u: &mut Unstructured<'_>) -> Result<String> {
    let hosts = [
        "mx.example.com",
        "MX.Example.com.",
        "a.example.com",
        "a.b.example.com",
        "b\u{fc}.example.com",
        "mx.example.net",
        "",
    ];
    let host = *u.choose(&hosts)?;
    if host.is_empty() {
        return Ok(String::from_utf8_lossy(bytes(u)?).into_owned());
    }
    Ok(host.into())
}
