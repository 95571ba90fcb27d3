//! [`Stop`]: whether a run is to end before its end: a later event took its place, its session has ended, it took too long.

use std::{
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use livefloe::{Failure, instance::Overtake};
use tokio::sync::Notify;

/// Whether a run is to end before its end.
#[derive(Default)]
pub(crate) struct Stop {
    is_set: AtomicBool,
    /// Whether a later event of its handler is the reason.
    is_overtaken: AtomicBool,
    /// How long it may have taken, if that is the reason and it is not to count.
    late: OnceLock<Duration>,
    changed: Notify,
}

impl Stop {
    pub(crate) fn set(&self) {
        self.is_set.store(true, Ordering::Release);
        self.changed.notify_waiters();
    }

    /// It has taken this long. With `is_final`, what it does is undone.
    pub(crate) fn set_late(&self, time: Duration, is_final: bool) {
        if is_final {
            let _ = self.late.set(time);
        }
        self.set();
    }

    /// What becomes of a run that came out so.
    pub(crate) fn outcome(&self, outcome: Result<(), Failure>) -> Result<(), Failure> {
        match self.late.get() {
            Some(limit) => Err(Failure::Timeout { limit: *limit }),
            None if self.is_overtaken() => Err(Failure::Stale),
            None => outcome,
        }
    }

    pub(crate) fn is_set(&self) -> bool {
        self.is_set.load(Ordering::Acquire)
    }

    pub(crate) fn is_overtaken(&self) -> bool {
        self.is_overtaken.load(Ordering::Acquire)
    }

    /// Waits until it is set.
    pub(crate) async fn wait(&self) {
        let changed = self.changed.notified();
        tokio::pin!(changed);
        // Listening before looking, so that nothing falls in between.
        changed.as_mut().enable();
        if !self.is_set() {
            changed.await;
        }
    }

    /// What the session calls when a later event comes.
    pub(crate) fn overtake(self: &Arc<Self>) -> Overtake {
        let stop = Arc::clone(self);
        Arc::new(move || {
            stop.is_overtaken.store(true, Ordering::Release);
            stop.set();
        })
    }
}

/// Sets it when it is dropped: nobody waits for the run any more.
pub(crate) struct StopOnDrop<'a>(Option<&'a Stop>);

impl<'a> StopOnDrop<'a> {
    pub(crate) fn new(stop: &'a Stop) -> Self {
        Self(Some(stop))
    }

    /// It was waited for.
    pub(crate) fn keep(mut self) {
        self.0 = None;
    }
}

impl Drop for StopOnDrop<'_> {
    fn drop(&mut self) {
        if let Some(stop) = self.0 {
            stop.set();
        }
    }
}
