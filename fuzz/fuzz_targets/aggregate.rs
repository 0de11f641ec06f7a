//! `properties::counting::aggregate`, for a fuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|parts: properties::counting::Parts| {
    properties::counting::aggregate(&parts);
});
