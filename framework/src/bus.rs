//! The bus: messages and presence between the sessions of one process; messages also between processes that share a store.
//!
//! Sessions subscribe while rendering ([`Cx::subscribe`](crate::Cx::subscribe)) and publish from handlers
//! ([`Cx::broadcast`](crate::Cx::broadcast)) or from anywhere with a [`Bus`].

use std::{
    any::Any,
    borrow::Cow,
    fmt,
    marker::PhantomData,
    sync::{Arc, OnceLock, Weak},
};

use dashmap::DashMap;
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    HandlerId,
    component::instance::{Decode, Deliver, Presence, Subscription},
    session::Mailbox,
    store::Store,
};

/// Bytes of a message that goes to other nodes. A larger one stays at home, which the log says.
const MAX_FAR_BYTES: usize = 1024 * 1024;

/// Names a stream of messages of type `M`.
///
/// ```
/// use livefloe::Topic;
///
/// const ROOM: Topic<String> = Topic::new("room");
/// let one_of_many: Topic<String> = Topic::named(format!("room/{}", 7));
/// # let _ = (ROOM, one_of_many);
/// ```
pub struct Topic<M> {
    name: Cow<'static, str>,
    far: Option<Far<M>>,
    message: PhantomData<fn(M)>,
}

/// How a message travels to other nodes.
struct Far<M> {
    encode: fn(&M) -> Result<Vec<u8>, rmp_serde::encode::Error>,
    decode: Decode,
}

impl<M> Clone for Far<M> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M> Copy for Far<M> {}

impl<M> Topic<M> {
    /// A topic whose name is known when the app is written.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self { name: Cow::Borrowed(name), far: None, message: PhantomData }
    }

    /// A topic whose name is made at run time. Never make it of what a client sent without checking: who knows a name may listen.
    #[must_use]
    pub fn named(name: String) -> Self {
        Self { name: Cow::Owned(name), far: None, message: PhantomData }
    }

    /// The same topic, whose messages also reach the sessions of all other nodes that share the store (`store::Redis`); without such a store
    /// there are none. A message of more than 1 MiB does not, and the log says so. Presence stays that of the node.
    ///
    /// ```
    /// use livefloe::Topic;
    ///
    /// const ROOM: Topic<String> = Topic::new("room").everywhere();
    /// # let _ = ROOM;
    /// ```
    #[must_use]
    pub const fn everywhere(mut self) -> Self
    where
        M: Serialize + DeserializeOwned + Send + Sync + 'static,
    {
        // With names: nodes of two versions of an app may talk to each other for a while.
        self.far = Some(Far { encode: rmp_serde::to_vec_named::<M>, decode: |bytes| Ok(Arc::new(rmp_serde::from_slice::<M>(bytes)?)) });
        self
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn shared_name(&self) -> Arc<str> {
        Arc::from(&*self.name)
    }

    pub(crate) fn decode(&self) -> Option<Decode> {
        self.far.map(|far| far.decode)
    }
}

impl<M> Clone for Topic<M> {
    fn clone(&self) -> Self {
        Self { name: self.name.clone(), far: self.far, message: PhantomData }
    }
}

impl<M> fmt::Debug for Topic<M> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Topic({})", self.name)
    }
}

/// Who listens to a topic and who is there.
#[derive(Default)]
struct Room {
    listeners: Vec<Listener>,
    watchers: Vec<Watcher>,
}

struct Listener {
    mailbox: Mailbox,
    component: u32,
    handler: HandlerId,
    deliver: Deliver,
    decode: Option<Decode>,
}

struct Watcher {
    mailbox: Mailbox,
    component: u32,
    /// Set while the session is there as somebody, and not only watching.
    member: Option<Arc<dyn Any + Send + Sync>>,
}

/// Carries messages between the sessions of an app. Cheap to clone; get one with [`App::bus`](crate::App::bus).
///
/// ```
/// # use livefloe::{App, Topic};
/// const NEWS: Topic<String> = Topic::new("news");
/// let app = App::new();
/// let bus = app.bus();
/// // from any thread or task, as long as the app lives:
/// assert_eq!(bus.broadcast(&NEWS, "The lake has frozen over".to_owned()), 0); // nobody listens yet
/// ```
#[derive(Clone, Default)]
pub struct Bus {
    rooms: Arc<DashMap<Arc<str>, Room>>,
    /// What carries messages to other nodes.
    far: Arc<OnceLock<Weak<dyn Store>>>,
}

impl fmt::Debug for Bus {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Bus({} topics)", self.rooms.len())
    }
}

impl Bus {
    /// Sends a message to every session that listens, and says how many took it here. Never waits: a session whose mailbox is
    /// full misses the message and renders again when it has caught up, so keep what matters in shared state and let
    /// messages say that it changed. On its way to [other nodes](Topic::everywhere) a message may be lost as well, when the store can't be reached.
    pub fn broadcast<M: Clone + Send + Sync + 'static>(&self, topic: &Topic<M>, message: M) -> usize {
        if let Some(bytes) = self.encode(topic, &message) {
            self.send_far(topic.name(), bytes);
        }
        self.publish(topic.name(), &(Arc::new(message) as Arc<dyn Any + Send + Sync>))
    }

    pub(crate) fn publish(&self, topic: &str, message: &Arc<dyn Any + Send + Sync>) -> usize {
        let Some(room) = self.rooms.get(topic) else { return 0 };
        room.listeners
            .iter()
            .filter(|listener| listener.mailbox.deliver(listener.component, listener.handler, listener.deliver, Arc::clone(message)))
            .count()
    }

    /// From now on this store carries messages to other nodes.
    pub(crate) fn connect(&self, store: &Arc<dyn Store>) {
        // One that is put together twice has the store of the first time.
        let _ = self.far.set(Arc::downgrade(store));
    }

    /// A message as it goes to other nodes, if its topic does.
    pub(crate) fn encode<M>(&self, topic: &Topic<M>, message: &M) -> Option<Vec<u8>> {
        let far = topic.far.filter(|_| self.far.get().is_some())?;
        match (far.encode)(message) {
            Ok(bytes) if bytes.len() <= MAX_FAR_BYTES => return Some(bytes),
            Ok(bytes) => {
                tracing::error!(
                    topic = topic.name(),
                    "a message of {} bytes is too large for other nodes: at most {MAX_FAR_BYTES}",
                    bytes.len()
                );
            }
            Err(error) => tracing::error!(topic = topic.name(), %error, "a message can't be written for other nodes"),
        }
        None
    }

    pub(crate) fn send_far(&self, topic: &str, message: Vec<u8>) {
        if let Some(store) = self.far.get().and_then(Weak::upgrade) {
            store.broadcast(topic, message);
        }
    }

    /// A message that another node sent.
    pub(crate) fn hear(&self, topic: &str, message: &[u8]) {
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

    /// The members of a topic, in the order in which they came.
    #[must_use]
    pub fn members<M: Clone + Send + Sync + 'static>(&self, topic: &Topic<M>) -> Vec<M> {
        let Some(room) = self.rooms.get(topic.name()) else { return Vec::new() };
        room.watchers.iter().filter_map(|watcher| watcher.member.as_ref()?.downcast_ref::<M>().cloned()).collect()
    }

    pub(crate) fn subscribe(&self, mailbox: &Mailbox, component: u32, subscription: &Subscription) {
        self.rooms.entry(Arc::clone(&subscription.topic)).or_default().listeners.push(Listener {
            mailbox: mailbox.clone(),
            component,
            handler: subscription.handler,
            deliver: subscription.deliver,
            decode: subscription.decode,
        });
    }

    pub(crate) fn unsubscribe(&self, mailbox: &Mailbox, component: u32, subscription: &Subscription) {
        self.change(&subscription.topic, |room| {
            room.listeners.retain(|listener| {
                listener.mailbox.number() != mailbox.number() || listener.component != component || listener.handler != subscription.handler
            });
            false
        });
    }

    /// Says that a component shows a topic's members, and as whom it is one (`connected`), replacing what it said before.
    pub(crate) fn watch(&self, mailbox: &Mailbox, component: u32, presence: &Presence, connected: bool) {
        self.rooms.entry(Arc::clone(&presence.topic)).or_default();
        self.change(&presence.topic, |room| {
            let member = presence.member.clone().filter(|_| connected);
            let known =
                room.watchers.iter_mut().find(|watcher| watcher.mailbox.number() == mailbox.number() && watcher.component == component);
            let Some(watcher) = known else {
                let news = member.is_some();
                room.watchers.push(Watcher { mailbox: mailbox.clone(), component, member });
                return news;
            };
            let news = match (&watcher.member, &member) {
                (None, None) => false,
                (Some(before), Some(now)) => !(presence.same)(&**before, &**now),
                _ => true,
            };
            watcher.member = member;
            news
        });
    }

    pub(crate) fn unwatch(&self, mailbox: &Mailbox, component: u32, topic: &str) {
        self.change(topic, |room| {
            let gone =
                room.watchers.iter().position(|watcher| watcher.mailbox.number() == mailbox.number() && watcher.component == component);
            gone.map(|index| room.watchers.remove(index)).is_some_and(|watcher| watcher.member.is_some())
        });
    }

    /// Changes a room; when that changed its members, all who show them render again. Empty rooms go.
    fn change(&self, topic: &str, change: impl FnOnce(&mut Room) -> bool) {
        {
            let Some(mut room) = self.rooms.get_mut(topic) else { return };
            if change(&mut room) {
                for watcher in &room.watchers {
                    watcher.mailbox.refresh(&[watcher.component]);
                }
            }
        }
        self.rooms.remove_if(topic, |_, room| room.listeners.is_empty() && room.watchers.is_empty());
    }
}
