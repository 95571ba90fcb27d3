//! Stores: where sessions are kept that have to outlive their process.
//!
//! A session writes a *snapshot* of itself after it has settled events, and a client that comes back to a process which doesn't know its
//! session finds it here. [`Sqlite`] is a file, for one process; [`Memory`] is for tests. Others implement [`Store`].

mod memory;
mod sqlite;

use std::{fmt, time::Duration};

pub use memory::Memory;
pub use sqlite::Sqlite;

use crate::handler::BoxFuture;

/// Names a session: 128 random bits. It finds a session and gives no right to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SessionId(pub [u8; 16]);

/// Keeps snapshots of sessions, the newest of each.
///
/// All methods may be called from many sessions at once, and must not block the thread. What a snapshot holds is the session's business: a
/// store neither reads nor changes it.
pub trait Store: Send + Sync + 'static {
    /// Keeps a snapshot in the place of the one before, for this long. Done when the store would still have it after the machine lost its
    /// power, as far as the store can promise that at all.
    ///
    /// Snapshots of one session are given one after the other: the next one not before this is done.
    fn save(&self, session: SessionId, snapshot: Vec<u8>, kept: Duration) -> BoxFuture<'static, Result<(), StoreError>>;

    /// The newest snapshot, unless its time is over.
    fn load(&self, session: SessionId) -> BoxFuture<'static, Result<Option<Vec<u8>>, StoreError>>;

    /// Forgets a session.
    fn remove(&self, session: SessionId) -> BoxFuture<'static, Result<(), StoreError>>;

    /// What snapshots and join tokens are signed with: the same for every process that shares the store, and nobody else's. Read once, when the
    /// app is put together.
    ///
    /// # Errors
    /// When it can't be read or made.
    fn secret(&self) -> Result<[u8; 32], StoreError>;
}

/// Why a store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[error("{what}")]
#[non_exhaustive]
pub struct StoreError {
    /// What was tried, on what.
    pub what: String,
    /// What the store's own library said.
    #[source]
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl StoreError {
    /// An error in words.
    pub fn new(what: impl fmt::Display) -> Self {
        Self { what: what.to_string(), source: None }
    }

    /// What was tried, and why it failed.
    pub fn caused(what: impl fmt::Display, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        let source = source.into();
        Self { what: format!("{what}: {source}"), source: Some(source) }
    }
}

/// When the client is told that an event took effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Durability {
    /// When the store has it. Nothing that a person was shown is ever lost, even with the machine's power. Costs a write for each event,
    /// which many sessions share.
    Durable,
    /// At once; the store has it after this long at the latest. What was done within it may be lost with the process, and the page then goes back to
    /// what is known.
    Relaxed(Duration),
}

impl Default for Durability {
    /// Relaxed, a second.
    fn default() -> Self {
        Self::Relaxed(Duration::from_secs(1))
    }
}
