//! `properties::records::tlsrpt_record`, for a fuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|text: &[u8]| properties::records::tlsrpt_record(text));
