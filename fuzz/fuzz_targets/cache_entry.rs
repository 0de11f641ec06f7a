//! `properties::entries::cache_entry`, for a fuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| properties::entries::cache_entry(bytes));
