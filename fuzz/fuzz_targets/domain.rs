//! `properties::names::domain`, for a fuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|text: &[u8]| properties::names::domain(text));
