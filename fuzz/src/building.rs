//! Policies that were built.

use crate::laws;
use mta_sts::{MaxAge, MxPattern, Policy, PolicyBuilder};
use std::borrow::Cow;

/// What can be built can be written, and reads back as the same: as text, as JSON, and built anew from its parts. There is nothing in it to refuse, and its
/// id stands for what it says.
pub fn policy_roundtrip(policy: &Policy) {
    laws::written(policy);
    let text = policy.to_string();
    let inspection = Policy::inspect(text.as_bytes());
    assert!(inspection.errors().next().is_none(), "{inspection:?}");
    let fixed = inspection.fixed(text.as_bytes());
    assert_eq!(fixed, Some(Cow::Borrowed(text.as_bytes())));
    assert!(policy.tolerances().is_strict());

    let json = serde_json::to_string(policy).expect("a policy has a serde form");
    assert_eq!(&serde_json::from_str::<Policy>(&json).expect(&json), policy);

    let mx: Vec<_> = policy.mx().map(MxPattern::from).collect();
    assert_eq!(&built(policy, &mx, policy.max_age()), policy);
    // The order of patterns is nothing to an id, nor is a repeated one; the life of a policy is.
    let mut other_order = mx.clone();
    other_order.reverse();
    other_order.extend_from_slice(&mx);
    let same = built(policy, &other_order, policy.max_age());
    assert_eq!(same.derive_id(), policy.derive_id());
    let other_age = MaxAge::MAX.as_secs() - policy.max_age().as_secs();
    if let Some(other_age) = MaxAge::new(other_age)
        .ok()
        .filter(|it| *it != policy.max_age())
    {
        let other = built(policy, &mx, other_age);
        assert_ne!(other.derive_id(), policy.derive_id());
    }
}

/// The same policy with these patterns and this life.
fn built(policy: &Policy, mx: &[MxPattern], max_age: MaxAge) -> Policy {
    let builder = Policy::builder(policy.mode(), max_age);
    let builder = mx.iter().cloned().fold(builder, PolicyBuilder::mx);
    let builder = policy.extensions().try_fold(builder, |builder, field| {
        builder.extension(field.name(), field.value())
    });
    let policy = builder.and_then(PolicyBuilder::build);
    policy.expect("all parts are those of a policy")
}
