//! `properties::discovering::discovery`, for a fuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|sequence: properties::discovering::Sequence| {
    properties::discovering::discovery(&sequence);
});
