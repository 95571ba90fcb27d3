//! [`Shards`]: counters that threads don't share.
//!
//! A counter that all sessions add to is one cache line that all processors want: tens of nanoseconds for each event, and more
//! with each processor. So every thread adds to counters of its own, and whoever reads adds those up.

use std::{
    array,
    sync::atomic::{AtomicU64, AtomicUsize, Ordering},
    thread,
};

use super::latency::N_BUCKETS;

/// What is counted. What goes up and down may go up on one thread and down on another: sums wrap, so the total is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub(crate) enum Count {
    // At present.
    Unjoined,
    Connected,
    Detached,
    Asleep,
    Connections,
    Sockets,
    Streams,
    Waiting,
    UnackedBlocks,
    StoredUploadBytes,
    // Since the app was made.
    PagesServed,
    PagesFailed,
    Restored,
    NotRestored,
    Expired,
    Patches,
    PatchBytes,
    Resyncs,
    Unfaithful,
    RefusedStale,
    RefusedInvalid,
    RefusedFailed,
    RefusedBusy,
    RefusedTimeout,
    LimitedSessions,
    LimitedSessionsOfAddress,
    LimitedSessionsOfUser,
    LimitedConnections,
    LimitedConnectionsOfAddress,
    LimitedJoining,
    LimitedRate,
    LimitedFrame,
    LimitedUnacked,
    LimitedUploads,
    LimitedUploadBytes,
    LimitedTotalUploadBytes,
    LimitedUploading,
    Uploads,
    UploadBytes,
    UploadsCut,
    UploadsRefused,
    OtherOrigins,
    StoreWrites,
    StoreBytes,
    StoreFailures,
}

const N_COUNTS: usize = Count::StoreFailures as usize + 1;

/// The counters of a thread. Neighbouring cache lines are fetched in pairs, hence twice 64 bytes.
#[derive(Debug)]
#[repr(align(128))]
pub(super) struct Shard {
    pub(super) counts: [AtomicU64; N_COUNTS],
    pub(super) buckets: [AtomicU64; N_BUCKETS],
    pub(super) nanoseconds: AtomicU64,
}

#[derive(Debug)]
pub(crate) struct Shards {
    shards: Box<[Shard]>,
}

/// More processors than this share counters.
const MOST: usize = 128;

impl Default for Shards {
    fn default() -> Self {
        // Twice as many, since threads that do other things have numbers as well.
        let n_shards = thread::available_parallelism().map_or(8, |number| 2 * number.get()).next_power_of_two().min(MOST);
        let shard = || Shard {
            counts: array::from_fn(|_| AtomicU64::new(0)),
            buckets: array::from_fn(|_| AtomicU64::new(0)),
            nanoseconds: AtomicU64::new(0),
        };
        Self { shards: (0..n_shards).map(|_| shard()).collect() }
    }
}

impl Shards {
    /// The counters of this thread.
    pub(super) fn mine(&self) -> &Shard {
        thread_local! {
            static NUMBER: usize = {
                static NEXT: AtomicUsize = AtomicUsize::new(0);
                NEXT.fetch_add(1, Ordering::Relaxed)
            };
        }
        // While a thread ends, its number may be gone before the last thing that counts.
        let number = NUMBER.try_with(|number| *number).unwrap_or_default();
        &self.shards[number & (self.shards.len() - 1)]
    }

    pub(super) fn add(&self, count: Count, number: u64) {
        self.mine().counts[count as usize].fetch_add(number, Ordering::Relaxed);
    }

    pub(super) fn sum(&self, count: Count) -> u64 {
        self.sum_of(|shard| &shard.counts[count as usize])
    }

    pub(super) fn sum_of(&self, counter: impl Fn(&Shard) -> &AtomicU64) -> u64 {
        self.shards.iter().map(|shard| counter(shard).load(Ordering::Relaxed)).fold(0, u64::wrapping_add)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn what_goes_up_on_one_thread_may_go_down_on_another() {
        let shards = Arc::new(Shards::default());
        let threads: Vec<_> = (0..16_u64)
            .map(|thread| {
                let shards = Arc::clone(&shards);
                thread::spawn(move || {
                    for _ in 0..1_000 {
                        shards.add(Count::Waiting, if thread.is_multiple_of(2) { 1 } else { 1_u64.wrapping_neg() });
                        shards.add(Count::Patches, 1);
                    }
                })
            })
            .collect();
        for thread in threads {
            thread.join().unwrap();
        }
        assert_eq!((shards.sum(Count::Waiting), shards.sum(Count::Patches)), (0, 16_000));
    }
}
