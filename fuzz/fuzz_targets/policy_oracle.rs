//! `properties::oracle::policy_oracle`, for a fuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|text: &[u8]| properties::oracle::policy_oracle(text));
