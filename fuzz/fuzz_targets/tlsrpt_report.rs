//! `properties::reports::tlsrpt_report`, for a fuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|text: &[u8]| properties::reports::tlsrpt_report(text));
