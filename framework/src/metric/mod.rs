//! [`Metrics`]: counts of what happens in an app.

mod figures;
mod latency;
mod prometheus;
mod shards;

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

pub use figures::{Figures, Limited, Refusals};
pub use latency::Latency;
pub(crate) use prometheus::CONTENT_TYPE;
pub(crate) use shards::Count;
use shards::Shards;

use crate::Failure;

/// What has happened in an app since it was made. Cheap to clone; all clones show the same counts.
///
/// ```
/// use livefloe::App;
///
/// let app = App::new();
/// let metrics = app.metrics(); // keep it beside the server, and read it at any time
/// assert_eq!(metrics.figures().sessions(), 0);
/// assert!(metrics.prometheus().contains("livefloe_sessions"));
/// ```
#[derive(Debug, Clone, Default)]
pub struct Metrics {
    shards: Arc<Shards>,
}

impl Metrics {
    /// All counts as they are now. Counting goes on meanwhile, so sums of several may be off by what happened in between.
    #[must_use]
    pub fn figures(&self) -> Figures {
        Figures::read(&self.shards)
    }

    /// All counts in the text format that Prometheus reads, for a route of your own; `App::metrics_at` is one that is there.
    #[must_use]
    pub fn prometheus(&self) -> String {
        prometheus::text(&self.figures())
    }

    /// Components that were sent again since the page in a browser was not what the server thinks: an extension or a script had
    /// moved or removed what a patch was for.
    #[must_use]
    pub fn resyncs(&self) -> u64 {
        self.shards.sum(Count::Resyncs)
    }

    /// Components that rendered one state in two ways, with a clock or a random number in it: found when an idle session wakes,
    /// which renders again what it had dropped. Each was sent again.
    #[must_use]
    pub fn unfaithful_renders(&self) -> u64 {
        self.shards.sum(Count::Unfaithful)
    }

    /// How many sessions are idle at present and have dropped what they can make again.
    #[must_use]
    pub fn sleeping_sessions(&self) -> u64 {
        self.shards.sum(Count::Asleep)
    }

    pub(crate) fn add(&self, count: Count, number: usize) {
        self.shards.add(count, number as u64);
    }

    pub(crate) fn one(&self, count: Count) {
        self.shards.add(count, 1);
    }

    pub(crate) fn one_less(&self, count: Count) {
        self.less(count, 1);
    }

    pub(crate) fn less(&self, count: Count, number: usize) {
        self.shards.add(count, (number as u64).wrapping_neg());
    }

    /// A session goes from one stage of its life to another, each of which is counted.
    pub(crate) fn moves(&self, from: Option<Count>, to: Option<Count>) {
        if let Some(from) = from {
            self.one_less(from);
        }
        if let Some(to) = to {
            self.one(to);
        }
    }

    /// An event is settled, this long after it came.
    pub(crate) fn settled(&self, latency: Duration) {
        let shard = self.shards.mine();
        shard.buckets[Latency::bucket(latency)].fetch_add(1, Ordering::Relaxed);
        shard.nanoseconds.fetch_add(u64::try_from(latency.as_nanos()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// A patch was made that travels as this many bytes.
    pub(crate) fn patched(&self, n_bytes: usize) {
        let shard = self.shards.mine();
        shard.counts[Count::Patches as usize].fetch_add(1, Ordering::Relaxed);
        shard.counts[Count::PatchBytes as usize].fetch_add(n_bytes as u64, Ordering::Relaxed);
    }

    pub(crate) fn refused(&self, failure: &Failure) {
        self.one(match failure {
            Failure::Stale => Count::RefusedStale,
            Failure::Invalid(_) => Count::RefusedInvalid,
            Failure::Failed { .. } | Failure::Panicked { .. } => Count::RefusedFailed,
            Failure::Busy { .. } => Count::RefusedBusy,
            Failure::Timeout { .. } => Count::RefusedTimeout,
        });
    }
}

/// Counts one more of something for as long as it is held.
#[derive(Debug)]
pub(crate) struct Counted {
    metrics: Metrics,
    count: Count,
}

impl Counted {
    pub(crate) fn new(metrics: &Metrics, count: Count) -> Self {
        metrics.one(count);
        Self { metrics: metrics.clone(), count }
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.metrics.one_less(self.count);
    }
}
