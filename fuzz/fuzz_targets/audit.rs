//! `properties::auditing::audit`, for a fuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|facts: properties::auditing::Facts| {
    properties::auditing::audit(&facts);
});
