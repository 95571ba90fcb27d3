//! Finding a session: here, or in the store.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use super::{Actor, Components, Mailbox, Token, Who, handover::Terms, snapshot::Snapshot};
use crate::{
    Failure,
    app::{Shared, Visit},
    component::{Link, instance::Versions},
    handler::Identity,
    metric::Count,
    store::{Answer, Claimed, SessionId, Store, StoreError},
};

/// How long another node may take to save a session that is wanted here. After it, what the store has is what there is.
const HANDOVER_TIME: Duration = Duration::from_millis(500);

/// Why a session that the store has could not be made again.
#[derive(Debug, thiserror::Error)]
enum Lost {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the snapshot was not signed by us, or has been changed")]
    Forged,
    #[error(transparent)]
    Unreadable(#[from] super::snapshot::Unreadable),
    #[error("the app has no page `{0}` any more")]
    NoPage(String),
    #[error("no room for another session (Limits::max_sessions)")]
    Full,
    #[error("{0}")]
    Failed(Failure),
}

/// The store can't be asked at present, there is no room, or this process ends: later, or on another node, there may be a session.
#[derive(Debug)]
pub(crate) struct Unavailable;

/// The session of a token that we made for this user, for a page that shows the patch `applied`, or none of it because it was loaded again; from another node or the store, if this process doesn't have it.
/// `None` when there is none.
pub(crate) async fn find(shared: &Arc<Shared>, token: &Token, who: Who, applied: Option<u64>) -> Result<Option<Mailbox>, Unavailable> {
    // What it knows of sessions is no longer what there is: theirs go on in the next process, or in another one.
    if shared.is_stopping.load(Ordering::Relaxed) {
        return Err(Unavailable);
    }
    if let Some(session) = shared.registry.find(&token.id) {
        return Ok(Some(session));
    }
    let Some((store, _)) = &shared.store else { return Ok(None) };
    // One at a time for each session, so that two sockets don't make two of it.
    let _turn = shared.restoring[usize::from(token.id[0]) % shared.restoring.len()].lock().await;
    if let Some(session) = shared.registry.find(&token.id) {
        return Ok(Some(session));
    }
    match restore(shared, store, token, who, applied).await {
        Ok(session) => Ok(session),
        Err(lost) => {
            shared.metrics.one(Count::NotRestored);
            tracing::warn!(%lost, "a session could not be restored");
            match (&lost, &shared.problems) {
                (Lost::Store(_) | Lost::Full, _) => Err(Unavailable),
                // The store still has it, for a version that can show it.
                (Lost::Failed(failure), Some(problems)) => {
                    problems.found(failure);
                    Err(Unavailable)
                }
                // What fails while all of it is taken down says nothing.
                _ if shared.is_stopping.load(Ordering::Relaxed) => Err(Unavailable),
                _ => Ok(None),
            }
        }
    }
}

async fn restore(
    shared: &Arc<Shared>,
    store: &Arc<dyn Store>,
    token: &Token,
    who: Who,
    applied: Option<u64>,
) -> Result<Option<Mailbox>, Lost> {
    let id = token.id;
    // Before it is ours: elsewhere it can go on.
    if shared.registry.len() >= shared.limits.max_sessions {
        return Err(Lost::Full);
    }
    if store.ask(SessionId(id), Terms::new(token, applied).encode(), HANDOVER_TIME).await? == Answer::Refused {
        return Ok(None);
    }
    let Some(Claimed { fence, snapshot: sealed }) = store.claim(SessionId(id)).await? else { return Ok(None) };
    let mut snapshot = Snapshot::decode(shared.keys.open(id, &sealed).ok_or(Lost::Forged)?)?;
    if snapshot.age() >= shared.limits.session_time {
        shared.metrics.one(Count::Expired);
        store.remove(SessionId(id)).await?;
        return Ok(None);
    }
    let mount = shared.pages.get(&snapshot.place.route).ok_or_else(|| Lost::NoPage(snapshot.place.route.clone()))?;
    let (mailbox, receiver) = Mailbox::new(id, shared.registry.number(), shared.limits.mailbox, &snapshot.place.prefix, who);
    let link = Link { shared: Arc::clone(shared), mailbox: mailbox.clone(), component: 0, identity: Identity::ROOT };
    let instance = mount.mount(Visit::again(&snapshot), link.clone()).await.map_err(Lost::Failed)?;
    let versions = Versions { seq: snapshot.seq, acked: snapshot.acked };
    let components =
        Components::restore(instance, link, std::mem::take(&mut snapshot.components), snapshot.next_id, versions).map_err(Lost::Failed)?;
    shared.registry.insert(id, mailbox.clone(), shared.limits.max_unjoined);
    shared.metrics.one(Count::Restored);
    tracing::debug!(session = mailbox.number(), "restored");
    tokio::spawn(Box::new(Actor::restored(Arc::clone(shared), mailbox.clone(), receiver, id, (fence, snapshot), components)).run());
    Ok(Some(mailbox))
}
