//! The targets that are given values, made of bytes by the crate `arbitrary`, and those about TLS reports.

use crate::Target;
use arbitrary::{Arbitrary, Unstructured};

#[path = "../../fuzz/src/auditing.rs"]
pub mod auditing;
#[path = "../../fuzz/src/building.rs"]
pub mod building;
#[path = "../../fuzz/src/choices.rs"]
mod choices;
#[path = "../../fuzz/src/counting.rs"]
pub mod counting;
#[path = "../../fuzz/src/delivering.rs"]
pub mod delivering;
#[path = "../../fuzz/src/discovering.rs"]
pub mod discovering;
#[path = "../../fuzz/src/reports.rs"]
pub mod reports;

/// What bytes stand for, made as `libfuzzer_sys::fuzz_target` makes it.
macro_rules! given {
    ($property:path) => {
        |bytes| {
            let value = Arbitrary::arbitrary_take_rest(Unstructured::new(bytes));
            $property(&value.expect("the bytes of a value"));
        }
    };
}

pub(crate) const TARGETS: &[Target] = &[
    (
        "building::policy_roundtrip",
        given!(building::policy_roundtrip),
    ),
    ("discovering::discovery", given!(discovering::discovery)),
    ("delivering::delivery", given!(delivering::delivery)),
    ("auditing::audit", given!(auditing::audit)),
    ("counting::aggregate", given!(counting::aggregate)),
    ("reports::tlsrpt_report", reports::tlsrpt_report),
    ("reports::tlsrpt_gzip", reports::tlsrpt_gzip),
];
