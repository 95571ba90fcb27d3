//! [`Memory`]: a store that lives as long as the process.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use dashmap::DashMap;

use super::{SessionId, Store, StoreError};
use crate::handler::BoxFuture;

/// Keeps snapshots in this process: for tests of what happens when an app is put together anew. A clone is the same store.
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
    snapshots: DashMap<SessionId, (Vec<u8>, Option<Instant>)>,
    secret: Result<[u8; 32], String>,
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
    fn save(&self, session: SessionId, snapshot: Vec<u8>, kept: Duration) -> BoxFuture<'static, Result<(), StoreError>> {
        self.inner.snapshots.insert(session, (snapshot, Instant::now().checked_add(kept)));
        Box::pin(async { Ok(()) })
    }

    fn load(&self, session: SessionId) -> BoxFuture<'static, Result<Option<Vec<u8>>, StoreError>> {
        let now = Instant::now();
        let is_over = |until: &Option<Instant>| until.is_some_and(|until| until <= now);
        self.inner.snapshots.remove_if(&session, |_, (_, until)| is_over(until));
        let snapshot = self.inner.snapshots.get(&session).map(|entry| entry.0.clone());
        Box::pin(async { Ok(snapshot) })
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
