//! Counts of what a lane did: written by its thread, read by anyone, with no lock.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// How a lane is doing, counted since it started. The numbers are read one after the other, not at one instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct LaneFigures {
    /// Items that wait now.
    pub queued: usize,
    /// Batches that went through the model.
    pub batches: u64,
    /// Items that went through the model. One that runs again by itself, after its batch failed, counts again.
    pub items: u64,
    /// Items in the last batch.
    pub last_batch: u64,
    /// Time spent in the model. Over a span of time, its share is how busy the lane was.
    pub busy: Duration,
    /// How often the model was loaded again after a panic.
    pub restarts: u64,
}

impl LaneFigures {
    /// Items per batch; 0 before the first.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a mean needs no more than 52 bits")]
    pub fn mean_batch(&self) -> f64 {
        if self.batches == 0 { 0.0 } else { self.items as f64 / self.batches as f64 }
    }
}

/// Written by the lane's thread, read by anyone.
#[derive(Default)]
pub(super) struct Counters {
    batches: AtomicU64,
    items: AtomicU64,
    last_batch: AtomicU64,
    busy_ns: AtomicU64,
    restarts: AtomicU64,
}

impl Counters {
    pub(super) fn add_batch(&self, items: usize, took: Duration) {
        self.batches.fetch_add(1, Relaxed);
        self.items.fetch_add(items as u64, Relaxed);
        self.last_batch.store(items as u64, Relaxed);
        self.busy_ns.fetch_add(u64::try_from(took.as_nanos()).unwrap_or(u64::MAX), Relaxed);
    }

    pub(super) fn add_restart(&self) {
        self.restarts.fetch_add(1, Relaxed);
    }

    pub(super) fn figures(&self, queued: usize) -> LaneFigures {
        LaneFigures {
            queued,
            batches: self.batches.load(Relaxed),
            items: self.items.load(Relaxed),
            last_batch: self.last_batch.load(Relaxed),
            busy: Duration::from_nanos(self.busy_ns.load(Relaxed)),
            restarts: self.restarts.load(Relaxed),
        }
    }
}
