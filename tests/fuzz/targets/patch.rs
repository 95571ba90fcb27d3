//! See `livefloe::testing::fuzz::patch`.
#![no_main]

use livefloe::testing::fuzz;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Err(finding) = fuzz::patch(bytes) {
        panic!("{finding}");
    }
});
