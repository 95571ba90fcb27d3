//! [`Metrics`]: counts of what happens in an app.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

/// What has happened in an app since it was made. Cheap to clone; all clones show the same counts.
///
/// ```
/// use livefloe::App;
///
/// let app = App::new();
/// let metrics = app.metrics(); // keep it beside the server, and read it at any time
/// assert_eq!(metrics.resyncs(), 0);
/// ```
#[derive(Debug, Clone, Default)]
pub struct Metrics {
    counts: Arc<Counts>,
}

/// Counted rarely, and never on the way of an event that goes well: sessions share nothing there.
#[derive(Debug, Default)]
struct Counts {
    resyncs: AtomicU64,
    unfaithful: AtomicU64,
    asleep: AtomicU64,
}

impl Metrics {
    /// Components that were sent again since the page in a browser was not what the server thinks: an extension or a script had
    /// moved or removed what a patch was for.
    #[must_use]
    pub fn resyncs(&self) -> u64 {
        self.counts.resyncs.load(Ordering::Relaxed)
    }

    /// Components that rendered one state in two ways, with a clock or a random number in it: found when an idle session wakes,
    /// which renders again what it had dropped. Each was sent again.
    #[must_use]
    pub fn unfaithful_renders(&self) -> u64 {
        self.counts.unfaithful.load(Ordering::Relaxed)
    }

    /// How many sessions are idle at present and have dropped what they can make again.
    #[must_use]
    pub fn sleeping_sessions(&self) -> u64 {
        self.counts.asleep.load(Ordering::Relaxed)
    }

    pub(crate) fn count_unfaithful(&self) {
        self.counts.unfaithful.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn falls_asleep(&self) {
        self.counts.asleep.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn wakes(&self) {
        self.counts.asleep.fetch_sub(1, Ordering::Relaxed);
    }

    pub(crate) fn count_resyncs(&self, components: usize) {
        self.counts.resyncs.fetch_add(u64::try_from(components).unwrap_or_default(), Ordering::Relaxed);
    }
}
