//! `properties::building::policy_roundtrip`, for a fuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(
    |policy: mta_sts::Policy| properties::building::policy_roundtrip(&policy)
);
