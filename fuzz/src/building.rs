//! Policies that were built.

use crate::laws;
use mta_sts::{MxPattern, Policy, PolicyBuilder};
use std::borrow::Cow;

/// What can be built can be written, and reads back as the same: as text, as JSON, and built anew from its parts. There is nothing in it to refuse.
pub fn policy_roundtrip(policy: &Policy) {
    laws::written(policy);
    let text = policy.to_string();
    let inspection = Policy::inspect(text.as_bytes());
    assert_eq!(
        inspection.errors().count(),
        0,
        "{:?}",
        inspection.diagnostics()
    );
    assert_eq!(
        inspection.fixed(text.as_bytes()),
        Some(Cow::Borrowed(text.as_bytes()))
    );
    assert!(policy.tolerances().is_strict());

    let json = serde_json::to_string(policy).expect("a policy has a serde form");
    assert_eq!(&serde_json::from_str::<Policy>(&json).expect(&json), policy);

    let mx = policy.mx().map(MxPattern::from);
    let builder = mx.fold(
        Policy::builder(policy.mode(), policy.max_age()),
        PolicyBuilder::mx,
    );
    let extended = policy.extensions().try_fold(builder, |builder, field| {
        builder.extension(field.name(), field.value())
    });
    let built = extended.and_then(PolicyBuilder::build);
    assert_eq!(built.as_ref(), Ok(policy));

    // An id stands for what a policy says: the order of patterns is nothing, and neither is a repeated one.
    let again = policy.mx().chain(policy.mx()).map(MxPattern::from);
    let again: Vec<_> = again.collect();
    let builder = Policy::builder(policy.mode(), policy.max_age());
    let reversed = again.into_iter().rev().fold(builder, PolicyBuilder::mx);
    let reversed = policy.extensions().fold(reversed, |builder, field| {
        builder
            .extension(field.name(), field.value())
            .expect("as before")
    });
    assert_eq!(
        reversed.build().map(|policy| policy.derive_id()),
        Ok(policy.derive_id())
    );
}
