//! `properties::policies::policy`, for a fuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|text: &[u8]| properties::policies::policy(text));
