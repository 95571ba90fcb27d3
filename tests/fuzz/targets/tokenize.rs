//! See `livefloe::testing::fuzz::tokenize`.
#![no_main]

use livefloe::testing::fuzz;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Err(finding) = fuzz::tokenize(bytes) {
        panic!("{finding}");
    }
});
