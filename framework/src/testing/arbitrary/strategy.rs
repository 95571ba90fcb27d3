//! The generator under proptest.

use proptest::{
    collection::vec,
    prelude::*,
    test_runner::{Config, RngSeed},
};

/// Bytes for [`Choices`](super::Choices).
pub(crate) fn choices(length: usize) -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>(), 0..length)
}

/// How many cases a property is tried with: `default`, and always the same ones; or with `LIVEFLOE_CASES` that many times as
/// many, others each time.
pub(crate) fn cases(default: u32) -> Config {
    let factor = std::env::var("LIVEFLOE_CASES").ok().and_then(|factor| factor.parse::<u32>().ok());
    let rng_seed = if factor.is_some() { RngSeed::Random } else { RngSeed::Fixed(1) };
    let cases = default.saturating_mul(factor.unwrap_or(1));
    Config { cases, rng_seed, failure_persistence: None, max_shrink_iters: 20_000, ..Config::default() }
}
