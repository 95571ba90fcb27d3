//! [`Memory`]: a store that lives as long as the process.

use std::{
    future::ready,
    sync::Arc,
    time::{Duration, Instant},
};

use dashmap::{DashMap, Entry};

use super::{Claimed, Fence, Saved, SessionId, Store, StoreError};
use crate::handler::BoxFuture;

/// Keeps snapshots in this process: for tests of what happens when an app is put together anew, or twice. A clone is the same store.
///
/// ```
/// # use livefloe::{App, store::Memory};
/// let store = Memory::new();
/// let before = App::new().store(store.clone());
/// let after = App::new().store(store); // knows the sessions of the other
/// ```
#[derive(Clone)]
pub struct Memory {
    inner: Arc<Inner>,
}

struct Inner {
    snapshots: DashMap<SessionId, Kept>,
    secret: Result<[u8; 32], String>,
}

struct Kept {
    fence: Fence,
    snapshot: Vec<u8>,
    /// `None` is for ever.
    until: Option<Instant>,
}

impl Memory {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        let mut secret = [0; 32];
        let secret = getrandom::fill(&mut secret).map(|()| secret).map_err(|error| error.to_string());
        Self { inner: Arc::new(Inner { snapshots: DashMap::new(), secret }) }
    }

    /// How many sessions it keeps.
    #[must_use]
    pub fn len(&self) -> usize {
        self.inner.snapshots.len()
    }

    /// Whether it keeps none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self::new()
    }
}

impl Store for Memory {
    fn save(&self, session: SessionId, fence: Fence, snapshot: Vec<u8>, kept: Duration) -> BoxFuture<'static, Result<Saved, StoreError>> {
        let next = Kept { fence, snapshot, until: Instant::now().checked_add(kept) };
        let saved = match self.inner.snapshots.entry(session) {
            Entry::Occupied(entry) if entry.get().fence > fence => Saved::TakenOver,
            entry => {
                entry.insert(next);
                Saved::Kept
            }
        };
        Box::pin(ready(Ok(saved)))
    }

    fn claim(&self, session: SessionId) -> BoxFuture<'static, Result<Option<Claimed>, StoreError>> {
        let now = Instant::now();
        self.inner.snapshots.remove_if(&session, |_, kept| kept.until.is_some_and(|until| until <= now));
        let claimed = self.inner.snapshots.get_mut(&session).map(|mut kept| {
            kept.fence.0 += 1;
            Claimed { fence: kept.fence, snapshot: kept.snapshot.clone() }
        });
        Box::pin(ready(Ok(claimed)))
    }

    fn remove(&self, session: SessionId) -> BoxFuture<'static, Result<(), StoreError>> {
        self.inner.snapshots.remove(&session);
        Box::pin(async { Ok(()) })
    }

    fn secret(&self) -> Result<[u8; 32], StoreError> {
        self.inner.secret.clone().map_err(|error| StoreError::new(format!("the system gave no random numbers: {error}")))
    }
}

impl std::fmt::Debug for Memory {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Memory({} sessions)", self.len())
    }
}
