//! [`Latency`]: how long events took, as a histogram.

use std::time::Duration;

use super::shards::Shards;

/// Upper bounds in microseconds, in steps of about two and a half. Most turns take less than a tenth of a millisecond, which nobody can tell
/// from nothing; from a tenth of a second on a person notices; 30 s is how long a handler may run unless told otherwise.
pub(super) const BOUNDS: [u64; 17] = [
    100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000,
    30_000_000,
];

/// Those, and what took longer.
pub(super) const N_BUCKETS: usize = BOUNDS.len() + 1;

/// How long events took on the server: from the moment a session heard of one until it was settled and the patch that shows it was made.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Latency {
    counts: [u64; N_BUCKETS],
    sum: Duration,
}

impl Latency {
    pub(super) fn bucket(latency: Duration) -> usize {
        // In 64 bits: this is on the way of each event, and a division of 128 is a function of its own.
        let nanoseconds = latency.as_secs().saturating_mul(1_000_000_000).saturating_add(u64::from(latency.subsec_nanos()));
        BOUNDS.iter().position(|bound| nanoseconds <= bound * 1_000).unwrap_or(BOUNDS.len())
    }

    pub(super) fn read(shards: &Shards) -> Self {
        let counts = std::array::from_fn(|bucket| shards.sum_of(|shard| &shard.buckets[bucket]));
        Self { counts, sum: Duration::from_nanos(shards.sum_of(|shard| &shard.nanoseconds)) }
    }

    /// How many events there were.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// How long all of them took together.
    #[must_use]
    pub fn sum(&self) -> Duration {
        self.sum
    }

    /// Durations, and how many events took that long at most. Those that took longer than the last are in [`count`](Self::count) only.
    pub fn buckets(&self) -> impl Iterator<Item = (Duration, u64)> {
        BOUNDS.iter().zip(&self.counts).scan(0, |sum, (bound, count)| {
            *sum += count;
            Some((Duration::from_micros(*bound), *sum))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_in_the_first_bucket_that_it_fits_into() {
        let cases = [(0, 0), (100_000, 0), (100_001, 1), (250_000, 1), (30_000_000_000, 16), (30_000_000_001, 17), (u64::MAX, 17)];
        for (nanoseconds, bucket) in cases {
            assert_eq!(Latency::bucket(Duration::from_nanos(nanoseconds)), bucket, "{nanoseconds} ns");
        }
    }
}
