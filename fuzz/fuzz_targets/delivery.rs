//! `properties::delivering::delivery`, for a fuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|delivery: properties::delivering::Delivery| {
    properties::delivering::delivery(&delivery);
});
