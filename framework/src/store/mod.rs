//! Stores: where sessions are kept that have to outlive their process.
//!
//! A session writes a *snapshot* of itself after it has settled events, and a client that comes back to a process which doesn't know its
//! session finds it here. [`Sqlite`] is a file, for one process; [`Redis`](https://redis.io) (`store::Redis`, feature `redis`) is for several
//! that share their sessions; [`Memory`] is for tests. Others implement [`Store`].

mod memory;
#[cfg(feature = "redis")]
mod redis;
mod sqlite;

use std::{fmt, future::ready, sync::Weak, time::Duration};

pub use memory::Memory;
#[cfg(feature = "redis")]
pub use redis::Redis;
pub use sqlite::Sqlite;

use crate::handler::BoxFuture;

/// Names a session: 128 random bits. It finds a session and gives no right to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SessionId(pub [u8; 16]);

/// Names a process that has sessions, among those that share a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub [u8; 16]);

/// Names a stream of frames that a node has open: 128 random bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StreamId(pub [u8; 16]);

/// Tells the owners of a session apart, one after the other: a store refuses what an earlier one writes, however late that arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fence(pub u64);

impl Fence {
    /// Of a session's first owner, which made it.
    pub const FIRST: Self = Self(0);
}

/// A session that has a new owner.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "others make it, too")]
pub struct Claimed {
    /// What the new owner saves with.
    pub fence: Fence,
    /// The newest snapshot, which no earlier owner changes any more.
    pub snapshot: Vec<u8>,
}

/// What became of a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "there is no third way")]
#[must_use]
pub enum Saved {
    /// The store has it.
    Kept,
    /// The session has another owner since: nothing was changed, and nothing that this one does will be.
    TakenOver,
}

/// Keeps snapshots of sessions, the newest of each, and knows who owns each session: one process.
///
/// All methods may be called from many sessions at once, and must not block the thread. What a snapshot holds is the session's business: a
/// store neither reads nor changes it.
pub trait Store: Send + Sync + 'static {
    /// Keeps a snapshot in the place of the one before, for this long; unless the session was [claimed](Self::claim) with a higher fence, however
    /// short a while ago. Done when the store would still have it after the machine lost its power, as far as the store can promise that at all.
    ///
    /// Snapshots of one session are given one after the other: the next one not before this is done.
    fn save(&self, session: SessionId, fence: Fence, snapshot: Vec<u8>, kept: Duration) -> BoxFuture<'static, Result<Saved, StoreError>>;

    /// Makes the caller the session's owner: gives the newest snapshot, unless its time is over, and a fence higher than any before. In one step: what
    /// an earlier owner writes is either in that snapshot or refused.
    fn claim(&self, session: SessionId) -> BoxFuture<'static, Result<Option<Claimed>, StoreError>>;

    /// Forgets a session.
    fn remove(&self, session: SessionId) -> BoxFuture<'static, Result<(), StoreError>>;

    /// What snapshots and join tokens are signed with: the same for every process that shares the store, and nobody else's. Read once, when the
    /// app is put together.
    ///
    /// # Errors
    /// When it can't be read or made.
    fn secret(&self) -> Result<[u8; 32], StoreError>;

    /// Called once, when the app is put together: this node has sessions that others may [ask](Self::ask) for. A store that one process has to
    /// itself has nothing to do here, which is the default.
    fn attend(&self, node: Weak<dyn Node>) {
        drop(node);
    }

    /// What this node is called by the others. Default: nothing, there are none.
    fn node(&self) -> Option<NodeId> {
        None
    }

    /// Brings a batch of frames to the node that has the stream which they are for, and its [answer](Node::take) back. [`Answer::Absent`] when there is no such
    /// node. Default: there are no others.
    ///
    /// # Errors
    /// When the node can't be reached at present, or hasn't answered after `at_most`: it may have taken the batch, and may be given it again.
    fn pass(&self, node: NodeId, stream: StreamId, batch: Vec<u8>, at_most: Duration) -> BoxFuture<'static, Result<Answer, StoreError>> {
        drop((node, stream, batch, at_most));
        Box::pin(ready(Ok(Answer::Absent)))
    }

    /// Asks the other nodes for a session, so that nothing is lost of what its owner has not saved yet: the one that has it saves it and lets go. Done
    /// when one has answered that it had it, when all have that they haven't, or after `at_most`: an owner that is gone does not answer, and
    /// the fence keeps out one that is late. Default: nobody is there to be asked.
    ///
    /// # Errors
    /// When nobody can be asked at present.
    fn ask(&self, session: SessionId, terms: Vec<u8>, at_most: Duration) -> BoxFuture<'static, Result<Answer, StoreError>> {
        drop((session, terms, at_most));
        Box::pin(ready(Ok(Answer::Absent)))
    }

    /// Whether there can be other nodes. Default: no.
    fn reaches_others(&self) -> bool {
        false
    }

    /// Brings a message of a topic to all other nodes, without waiting: in the order in which they are given, and each once or not at all. Default: there are
    /// no other nodes.
    fn broadcast(&self, topic: &str, message: Vec<u8>) {
        drop((topic, message));
    }
}

/// A process that has sessions, as the others which share its store see it.
pub trait Node: Send + Sync + 'static {
    /// Saves a session and lets go of it, if it is here, and if `terms` are met, which are the session's business.
    fn give(&self, session: SessionId, terms: Vec<u8>) -> BoxFuture<'static, Answer>;

    /// Takes a batch of frames for a stream that is open here: the same one once, however often it comes.
    fn take(&self, stream: StreamId, batch: &[u8]) -> BoxFuture<'static, Answer>;

    /// Delivers a message of a topic that another node has broadcast. Doesn't wait for those who get it.
    fn hear(&self, topic: &str, message: &[u8]);
}

/// What a node says when another asks for a session, or brings it something for a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "there is no fourth answer")]
pub enum Answer {
    /// It is not here.
    Absent,
    /// It was here; it is saved, and has ended. Of a batch: the stream has it.
    Given,
    /// It is here and stays: whoever asks for it has no right to it. Of a batch: it is not the one that comes next.
    Refused,
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
