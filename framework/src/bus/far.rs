//! [`Nodes`]: the way to the other nodes, and who is present there.

use std::{
    any::Any,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
    time::{Instant, SystemTime},
};

use super::{
    Bus, Topic, changes_of,
    crowd::{BEAT_TIME, Crowd, Diff, Heard, Key, MAX_MEMBER_BYTES},
    room::{Moved, Present},
};
use crate::{component::instance::Presence, session::Mailbox, store::Store};

/// Bytes of a message that goes to other nodes. A larger one stays at home, which the log says.
const MAX_FAR_BYTES: usize = 1024 * 1024;

/// The topic on which nodes say who is present. No app can mean it: theirs are text without control characters, or mean nothing good.
const PRESENCE: &str = "\0presence";

/// The way to the other nodes, and who is present there.
pub(super) struct Nodes {
    store: Weak<dyn Store>,
    /// Held while something is sent, so that others hear changes in their order.
    crowd: Mutex<Crowd>,
    is_beating: AtomicBool,
}

impl Nodes {
    fn crowd(&self) -> MutexGuard<'_, Crowd> {
        self.crowd.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn send(&self, topic: &str, message: Vec<u8>) {
        if let Some(store) = self.store.upgrade() {
            store.broadcast(topic, message);
        }
    }
}

impl Bus {
    /// From now on this store carries messages to other nodes, if there can be some.
    pub(crate) fn connect(&self, store: &Arc<dyn Store>) {
        if !store.reaches_others() {
            return;
        }
        // Random, and other than that of any earlier process.
        let me = std::hash::BuildHasher::hash_one(&std::hash::RandomState::new(), now_ms());
        // One that is put together twice has the store of the first time.
        let _ =
            self.nodes.set(Nodes { store: Arc::downgrade(store), crowd: Mutex::new(Crowd::new(me)), is_beating: AtomicBool::new(false) });
    }

    /// A value as it goes to other nodes, if its topic does. `limit`: bytes.
    pub(crate) fn encode<M>(&self, topic: &Topic<M>, message: &M) -> Option<Vec<u8>> {
        self.encode_within(topic, message, MAX_FAR_BYTES)
    }

    /// The same for somebody who is present.
    pub(crate) fn encode_member<M>(&self, topic: &Topic<M>, member: &M) -> Option<Vec<u8>> {
        self.encode_within(topic, member, MAX_MEMBER_BYTES)
    }

    fn encode_within<M>(&self, topic: &Topic<M>, value: &M, limit: usize) -> Option<Vec<u8>> {
        self.nodes.get()?;
        match topic.encode(value)? {
            Ok(bytes) if bytes.len() <= limit => return Some(bytes),
            Ok(bytes) => {
                let n_bytes = bytes.len();
                tracing::error!(topic = topic.name(), "{n_bytes} bytes are too many for other nodes: at most {limit}");
            }
            Err(error) => tracing::error!(topic = topic.name(), %error, "a message can't be written for other nodes"),
        }
        None
    }

    pub(crate) fn send_far(&self, topic: &str, message: Vec<u8>) {
        if let Some(nodes) = self.nodes.get() {
            nodes.send(topic, message);
        }
    }

    /// A message that another node sent.
    pub(crate) fn hear(&self, topic: &str, message: &[u8]) {
        if topic == PRESENCE {
            return self.hear_presence(message);
        }
        let Some(decode) = self.rooms.get(topic).and_then(|room| room.listeners.iter().find_map(|listener| listener.decode)) else {
            return;
        };
        match decode(message) {
            Ok(message) => {
                self.publish(topic, &message);
            }
            Err(error) => tracing::warn!(topic, %error, "a message of another node can't be read"),
        }
    }

    fn hear_presence(&self, message: &[u8]) {
        let Some(nodes) = self.nodes.get() else { return };
        let diffs = {
            let mut crowd = nodes.crowd();
            let Heard { diffs, answers } = crowd.hear(message, now());
            for answer in answers {
                nodes.send(PRESENCE, answer);
            }
            diffs
        };
        self.show(diffs);
    }

    /// What is due from time to time.
    fn beat(&self) {
        let Some(nodes) = self.nodes.get() else { return };
        let diffs = {
            let mut crowd = nodes.crowd();
            nodes.send(PRESENCE, crowd.beat());
            crowd.expire(now())
        };
        self.show(diffs);
    }

    /// Tells those who listen or look who has come and gone elsewhere.
    fn show(&self, diffs: Vec<Diff>) {
        for Diff { topic, joined, bytes } in &diffs {
            let message: Vec<u8> = std::iter::once(u8::from(*joined)).chain(bytes.iter().copied()).collect();
            self.hear(&changes_of(topic), &message);
        }
        let mut topics: Vec<_> = diffs.into_iter().map(|diff| diff.topic).collect();
        topics.sort_unstable();
        topics.dedup();
        for topic in topics {
            if let Some(room) = self.rooms.get(&topic) {
                room.refresh();
            }
        }
    }

    /// Tells the other nodes what has changed of a member here.
    pub(super) fn tell_others(&self, mailbox: &Mailbox, component: u32, presence: Option<&Presence>, topic: &Arc<str>, moved: &Moved) {
        let Some(nodes) = self.nodes.get() else { return };
        let key = Key::new(mailbox.id(), component);
        let mut crowd = nodes.crowd();
        let bytes = presence.and_then(|presence| presence.far.clone());
        match (&moved.joined, bytes) {
            (Some(Present { since_ms, .. }), Some(bytes)) => nodes.send(PRESENCE, crowd.join(topic, key, *since_ms, bytes)),
            _ if moved.left.is_some() => {
                if let Some(news) = crowd.leave(topic, key) {
                    nodes.send(PRESENCE, news);
                }
            }
            _ => {}
        }
    }

    /// From now on who is present elsewhere matters here: the first time, others are asked for it.
    pub(super) fn look_elsewhere(&self) {
        let Some(nodes) = self.nodes.get() else { return };
        if nodes.is_beating.swap(true, Ordering::Relaxed) {
            return;
        }
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        nodes.send(PRESENCE, nodes.crowd().ask_all());
        let (rooms, far) = (Arc::downgrade(&self.rooms), Arc::downgrade(&self.nodes));
        runtime.spawn(async move {
            while let (Some(rooms), Some(nodes)) = (rooms.upgrade(), far.upgrade()) {
                Self { rooms, nodes }.beat();
                tokio::time::sleep(BEAT_TIME).await;
            }
        });
    }

    /// Those who are present elsewhere, with since when.
    pub(super) fn others<M: Clone + Send + Sync + 'static>(&self, topic: &Topic<M>) -> Vec<(u64, M)> {
        let (Some(nodes), Some(decode)) = (self.nodes.get(), topic.decode()) else { return Vec::new() };
        let crowd = nodes.crowd();
        let decoded = |member: Arc<dyn Any + Send + Sync>| member.downcast_ref::<M>().cloned();
        crowd.others(&topic.shared_name()).filter_map(|member| Some((member.since_ms, decoded(member.decoded(decode)?)?))).collect()
    }
}

pub(super) fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// By the runtime's clock, which tests may set.
fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}
