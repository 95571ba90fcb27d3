//! Keeping a session in a store: when a snapshot is due, and what may be told before it is there.

use std::{
    borrow::Cow,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use tokio::time::Instant;
use tracing::Span;

use super::{Actor, turn::Running};
use crate::{
    component::instance::{Finished, Turn},
    handler::BoxFuture,
    metric::Count,
    protocol::close,
    session::snapshot::{Place, Snapshot},
    store::{Answer, Durability, Fence, Saved, SessionId, Store, StoreError},
};

/// How long a store that failed is left alone, at first and at most.
const RETRY_FIRST: Duration = Duration::from_millis(100);
const RETRY_MOST: Duration = Duration::from_secs(5);

/// How long the last snapshot may take when a session ends.
const LAST_TIME: Duration = Duration::from_secs(4);

/// What a session has in its store.
pub(super) struct Keeper {
    store: Arc<dyn Store>,
    durability: Durability,
    place: Place,
    /// Since which the session is ours.
    fence: Fence,
    /// What the store has for sure.
    kept: Mark,
    /// To be saved once more even if the store has it: one that lost its memory hasn't.
    once_more: bool,
    /// As many bytes will do for the next snapshot.
    n_bytes: usize,
    /// What is being written.
    saving: Option<Saving>,
    /// When the next snapshot may be made: not earlier, so that many events share one.
    next: Instant,
    retry: Duration,
}

/// A snapshot being written: how far the session is in it, its bytes, and the writing.
type Saving = (Mark, usize, BoxFuture<'static, Result<Saved, StoreError>>);

/// How far a session is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Mark {
    pub(super) seq: u64,
    pub(super) settled: u64,
    turn: u64,
    is_confirmed: bool,
    n_turns: u64,
}

impl Keeper {
    pub(super) fn new(store: Arc<dyn Store>, durability: Durability, place: Place) -> Self {
        Self {
            store,
            durability,
            place,
            fence: Fence::FIRST,
            kept: Mark::default(),
            once_more: false,
            n_bytes: 0,
            saving: None,
            next: Instant::now(),
            retry: RETRY_FIRST,
        }
    }

    /// The store has this already, and gave it to us with this fence.
    pub(super) fn has(&mut self, mark: Mark, fence: Fence) {
        (self.kept, self.fence) = (mark, fence);
    }

    /// All of it has to be saved at once, whatever was saved before.
    pub(super) fn is_due(&mut self, now: Instant) {
        (self.once_more, self.next) = (true, now);
    }
}

impl Actor {
    pub(super) fn mark(&self) -> Mark {
        Mark { seq: self.outbox.seq(), settled: self.settled, turn: self.turn, is_confirmed: !self.admits_previous, n_turns: self.n_turns }
    }

    /// How far the client may be told: all of it, unless it has to be in the store first.
    pub(super) fn tellable(&self) -> Mark {
        match &self.keeper {
            Some(keeper) if keeper.durability == Durability::Durable => keeper.kept,
            _ => self.mark(),
        }
    }

    /// When to look again whether a snapshot is due.
    pub(super) fn keep_at(&self) -> Option<Instant> {
        let keeper = self.keeper.as_ref()?;
        (keeper.saving.is_none() && self.is_keepable() && (keeper.once_more || keeper.kept != self.mark())).then_some(keeper.next)
    }

    /// Whether there is a state to save: none while a turn has a component, and none of a page that nobody came to, unless they come elsewhere.
    fn is_keepable(&self) -> bool {
        self.running.is_none() && (self.mailbox.has_joined() || self.is_given())
    }

    /// Whether the store has all of it, or never will.
    pub(super) fn is_kept(&self) -> bool {
        let Some(keeper) = &self.keeper else { return true };
        self.is_keepable() && keeper.saving.is_none() && self.keep_at().is_none()
    }

    /// Begins a snapshot if one is due, or sees to it that the session wakes when it is.
    pub(super) fn keep(&mut self) {
        match self.keep_at() {
            Some(at) if at <= Instant::now() => self.begin_saving(),
            Some(at) if at < self.timer.deadline() => self.timer.as_mut().reset(at),
            _ => {}
        }
    }

    fn begin_saving(&mut self) {
        while let Some((component, instance, job)) = self.components.before_save() {
            match job(instance) {
                Turn::Done(finished) => self.components.put_back(component, finished.instance),
                Turn::Pending(future) | Turn::Overtakable(future, _) => {
                    self.running = Some(Running { component, event: None, run: None, is_to_save: true, span: Span::none(), future });
                    return;
                }
            }
        }
        self.save();
    }

    /// A component is ready to be saved, and nothing has run since.
    pub(super) fn is_read(&mut self, component: u32, finished: Finished) {
        self.components.put_back(component, finished.instance);
        self.begin_saving();
    }

    fn save(&mut self) {
        // Taken over meanwhile: it is nobody's here.
        if self.keeper.is_none() {
            return;
        }
        let mark = self.mark();
        let Some(snapshot) = self.snapshot() else {
            // Nothing of it can be kept, so nothing waits for it.
            self.keeper = None;
            self.keep_after_all(Some(Answer::Refused));
            self.tell();
            return;
        };
        let Some(keeper) = &mut self.keeper else { return };
        if let Durability::Relaxed(interval) = keeper.durability {
            keeper.next = Instant::now() + interval;
        }
        keeper.once_more = false;
        let n_bytes = snapshot.len();
        // Room for what changes and for a patch or two more.
        keeper.n_bytes = n_bytes + 64;
        let saving = keeper.store.save(SessionId(self.id), keeper.fence, snapshot, self.shared.limits.kept_time);
        keeper.saving = Some((mark, n_bytes, saving));
    }

    /// Ready when a snapshot is written, or could not be.
    pub(super) fn poll_saved(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let Some((mark, n_bytes, saving)) = self.keeper.as_mut().and_then(|keeper| keeper.saving.as_mut()) else { return Poll::Pending };
        let Poll::Ready(result) = saving.as_mut().poll(context) else { return Poll::Pending };
        let (mark, n_bytes) = (*mark, *n_bytes);
        let Some(keeper) = &mut self.keeper else { return Poll::Pending };
        keeper.saving = None;
        match result {
            Ok(Saved::Kept) => {
                keeper.kept = mark;
                keeper.retry = RETRY_FIRST;
                self.shared.metrics.one(Count::StoreWrites);
                self.shared.metrics.add(Count::StoreBytes, n_bytes);
            }
            Ok(Saved::TakenOver) => self.is_taken_over(),
            Err(error) => {
                self.shared.metrics.one(Count::StoreFailures);
                // Once: a store that is away for an hour fails for every session, again and again.
                if keeper.retry == RETRY_FIRST {
                    tracing::error!(session = self.mailbox.number(), %error, "a session could not be kept; trying again until it can");
                } else {
                    tracing::debug!(session = self.mailbox.number(), %error, "a session could not be kept; trying again");
                }
                keeper.next = Instant::now() + keeper.retry;
                keeper.retry = (2 * keeper.retry).min(RETRY_MOST);
                self.keep_after_all(None);
            }
        }
        Poll::Ready(())
    }

    /// Another node has the session, and nobody told this one. What its client was not told of happens there. Whether that client is an older one
    /// or has come back, nobody knows here: it asks again, and the token says.
    pub(super) fn is_taken_over(&mut self) {
        tracing::debug!(session = self.mailbox.number(), "another node has this session");
        // Before there is no keeper: without one, all may be told.
        if let Some(connection) = self.connection.take() {
            connection.close(close::GOING_AWAY, "another server has this session");
        }
        self.keeper = None;
        self.ended = true;
    }

    /// Takes the session out of the store: it is over for good.
    pub(super) async fn forget(&mut self) {
        let Some(keeper) = &mut self.keeper else { return };
        // A snapshot under way would be written after that.
        let (saving, store) = (keeper.saving.take(), Arc::clone(&keeper.store));
        let id = SessionId(self.id);
        let forgetting = async {
            if let Some((_, _, saving)) = saving {
                let _ = saving.await;
            }
            store.remove(id).await
        };
        match tokio::time::timeout(LAST_TIME, forgetting).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(session = self.mailbox.number(), %error, "a session is over and could not be forgotten"),
            Err(_) => tracing::error!(session = self.mailbox.number(), "a session is over and could not be forgotten in time"),
        }
    }

    /// Writes what is not written yet: the session ends in this process.
    pub(super) async fn keep_last(&mut self) {
        let writing = async {
            loop {
                if let Some(Running { component, future, .. }) = self.running.take() {
                    let finished = future.await;
                    self.is_read(component, finished);
                }
                if self.keeper.as_ref().is_some_and(|keeper| keeper.saving.is_some()) {
                    std::future::poll_fn(|context| self.poll_saved(context)).await;
                }
                match self.keep_at() {
                    None if self.running.is_none() => return,
                    None => {}
                    Some(_) if self.keeper.as_ref().is_some_and(|keeper| keeper.retry == RETRY_FIRST) => self.begin_saving(),
                    Some(at) => {
                        tokio::time::sleep_until(at).await;
                        self.begin_saving();
                    }
                }
            }
        };
        if tokio::time::timeout(LAST_TIME, writing).await.is_err() {
            tracing::error!(session = self.mailbox.number(), "a session ended and could not be kept");
        }
    }

    /// The session as its store keeps it, signed. `None` when it can't be: the log says why.
    fn snapshot(&mut self) -> Option<Vec<u8>> {
        let Keeper { place, n_bytes, .. } = &**self.keeper.as_ref()?;
        let (next_id, components) = match self.components.save() {
            Ok(saved) => saved?,
            Err(error) => {
                tracing::error!(session = self.mailbox.number(), %error, "the state can't be saved, so the session is not kept");
                return None;
            }
        };
        let patches = self.outbox.after(self.outbox.acked())?.map(|patch| Cow::Borrowed(serde_bytes::Bytes::new(patch))).collect();
        let snapshot = Snapshot {
            place: Cow::Borrowed(place),
            turn: self.turn,
            is_confirmed: !self.admits_previous,
            settled: self.settled,
            seq: self.outbox.seq(),
            acked: self.outbox.acked(),
            patches,
            title: self.title.as_deref().map(Cow::Borrowed),
            next_id,
            components,
            opened_s: self.opened_s,
        };
        let mut bytes = match snapshot.encode(*n_bytes) {
            Ok(bytes) => bytes,
            Err(error) => {
                tracing::error!(session = self.mailbox.number(), %error, "the session can't be written, so it is not kept");
                return None;
            }
        };
        let limit = self.shared.limits.max_snapshot_bytes;
        if bytes.len() > limit {
            tracing::error!(
                session = self.mailbox.number(),
                "a session of {} bytes is not kept; Limits::max_snapshot_bytes allows {limit}",
                bytes.len()
            );
            return None;
        }
        self.shared.keys.seal(self.id, &mut bytes);
        Some(bytes)
    }
}
