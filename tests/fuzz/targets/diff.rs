//! See `livefloe::testing::fuzz::diff`.
#![no_main]

use livefloe::testing::fuzz;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Err(finding) = fuzz::diff(bytes) {
        panic!("{finding}");
    }
});
