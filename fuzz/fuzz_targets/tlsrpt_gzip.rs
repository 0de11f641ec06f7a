//! `properties::reports::tlsrpt_gzip`, for a fuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| properties::reports::tlsrpt_gzip(bytes));
