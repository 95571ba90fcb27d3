//! The bus: messages and presence between the sessions of one process, and of all processes that share a store.
//!
//! Sessions subscribe while rendering ([`Cx::subscribe`](crate::Cx::subscribe)) and publish from handlers
//! ([`Cx::broadcast`](crate::Cx::broadcast)) or from anywhere with a [`Bus`].

mod crowd;
mod far;
mod room;

use std::{
    any::Any,
    borrow::Cow,
    fmt,
    marker::PhantomData,
    sync::{Arc, OnceLock},
};

use dashmap::DashMap;
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    component::instance::{Decode, Presence, Subscription},
    session::Mailbox,
};
use far::Nodes;
use room::{Listener, Moved, Room};

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

/// Somebody has come to a topic, or left it: see [`Topic::changes`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "there is no third way")]
pub enum Change<M> {
    /// Is a member from now on.
    Joined(M),
    /// Was one until now.
    Left(M),
}

/// How a message travels to other nodes.
struct Far<M> {
    encode: fn(&M) -> Result<Vec<u8>, rmp_serde::encode::Error>,
    decode: Decode,
    /// Of one byte, 1 for who has joined, and a member.
    decode_change: Decode,
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

    /// The same topic, whose messages also reach the sessions of all other nodes that share the store (`store::Redis`), and whose members are those on
    /// all of them; without such a store there are none. A message of more than 1 MiB does not, nor a member of more than 16 KiB, and the log says so. When a
    /// node dies, those who were on it are gone after seven seconds, unless they have come to another before.
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
        self.far = Some(Far {
            encode: rmp_serde::to_vec_named::<M>,
            decode: |bytes| Ok(Arc::new(rmp_serde::from_slice::<M>(bytes)?)),
            decode_change: |bytes| {
                let (joined, member) = bytes.split_first().ok_or("it is empty")?;
                let member = rmp_serde::from_slice::<M>(member)?;
                Ok(Arc::new(if *joined == 1 { Change::Joined(member) } else { Change::Left(member) }))
            },
        });
        self
    }

    /// A stream of who comes to this topic and who leaves it, for [`Cx::subscribe`](crate::Cx::subscribe): to say so, or to do something about it. To show who
    /// is there, [`Cx::presence`](crate::Cx::presence) is enough. A member with other words than before leaves and comes.
    ///
    /// ```
    /// use livefloe::{Change, Component, Cx, Markup, Topic, html};
    /// use serde::{Deserialize, Serialize};
    ///
    /// const ROOM: Topic<String> = Topic::new("room");
    ///
    /// #[derive(Default, Serialize, Deserialize)]
    /// struct Room { log: Vec<String> }
    ///
    /// impl Component for Room {
    ///     fn render(&self, cx: &Cx<Self>) -> Markup {
    ///         cx.subscribe(&ROOM.changes(), Self::changed);
    ///         let people = cx.presence(&ROOM, "Ada".to_owned());
    ///         html! { p { (people.join(", ")) } @for line in &self.log { p { (line) } } }
    ///     }
    /// }
    ///
    /// impl Room {
    ///     fn changed(&mut self, change: Change<String>) {
    ///         self.log.push(match change {
    ///             Change::Joined(name) => format!("{name} came"),
    ///             Change::Left(name) => format!("{name} left"),
    ///         });
    ///     }
    /// }
    /// # let _ = livefloe::App::new().page("/", Room::default);
    /// ```
    #[must_use]
    pub fn changes(&self) -> Topic<Change<M>> {
        let far = self.far.map(|far| Far {
            // Nobody sends these: each node makes them of what it hears.
            encode: |_: &Change<M>| Ok(Vec::new()),
            decode: far.decode_change,
            decode_change: far.decode_change,
        });
        Topic { name: Cow::Owned(changes_of(&self.name)), far, message: PhantomData }
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn shared_name(&self) -> Arc<str> {
        Arc::from(&*self.name)
    }

    /// A topic between nodes for messages that something else writes and reads: another language. What `decode` makes has to be of type `M`.
    #[must_use]
    pub fn with_decode(name: String, decode: Decode) -> Self {
        Self { name: Cow::Owned(name), far: Some(Far { encode: |_| Ok(Vec::new()), decode, decode_change: decode }), message: PhantomData }
    }

    /// A value as it goes to other nodes, if the topic goes there.
    pub(crate) fn encode(&self, value: &M) -> Option<Result<Vec<u8>, rmp_serde::encode::Error>> {
        self.far.map(|far| (far.encode)(value))
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
    /// The way to other nodes, where there can be some.
    nodes: Arc<OnceLock<Nodes>>,
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

    /// The members of a topic, in the order in which they came.
    #[must_use]
    pub fn members<M: Clone + Send + Sync + 'static>(&self, topic: &Topic<M>) -> Vec<M> {
        let here = self.rooms.get(topic.name()).map(|room| {
            let present = room.watchers.iter().filter_map(|watcher| watcher.member.as_ref());
            present.filter_map(|present| Some((present.since_ms, present.member.downcast_ref::<M>()?.clone()))).collect::<Vec<_>>()
        });
        let mut members = here.unwrap_or_default();
        let others = self.others(topic);
        if !others.is_empty() {
            members.extend(others);
            members.sort_by_key(|(since_ms, _)| *since_ms);
        }
        members.into_iter().map(|(_, member)| member).collect()
    }

    pub(crate) fn subscribe(&self, mailbox: &Mailbox, component: u32, subscription: &Subscription) {
        if subscription.decode.is_some() {
            self.look_elsewhere();
        }
        self.rooms.entry(Arc::clone(&subscription.topic)).or_default().listeners.push(Listener {
            mailbox: mailbox.clone(),
            component,
            handler: subscription.handler,
            deliver: subscription.deliver,
            decode: subscription.decode,
        });
    }

    pub(crate) fn unsubscribe(&self, mailbox: &Mailbox, component: u32, subscription: &Subscription) {
        if let Some(mut room) = self.rooms.get_mut(&subscription.topic) {
            room.listeners.retain(|listener| {
                listener.mailbox.number() != mailbox.number() || listener.component != component || listener.handler != subscription.handler
            });
        }
        self.close_empty(&subscription.topic);
    }

    /// Says that a component shows a topic's members, and as whom it is one (`connected`), replacing what it said before.
    pub(crate) fn watch(&self, mailbox: &Mailbox, component: u32, presence: &Presence, connected: bool) {
        if presence.is_far {
            self.look_elsewhere();
        }
        let moved =
            self.rooms.entry(Arc::clone(&presence.topic)).or_default().watch(mailbox, component, presence, connected, far::now_ms());
        self.moved(mailbox, component, Some(presence), &presence.topic, &moved);
    }

    pub(crate) fn unwatch(&self, mailbox: &Mailbox, component: u32, topic: &Arc<str>) {
        let Some(moved) = self.rooms.get_mut(topic).map(|mut room| room.unwatch(mailbox, component)) else { return };
        self.moved(mailbox, component, None, topic, &moved);
        self.close_empty(topic);
    }

    /// The members of a room may have changed: all who show them render again, those who listen hear of it, and other nodes.
    fn moved(&self, mailbox: &Mailbox, component: u32, presence: Option<&Presence>, topic: &Arc<str>, moved: &Moved) {
        if moved.left.is_none() && moved.joined.is_none() {
            return;
        }
        if let Some(room) = self.rooms.get(topic) {
            room.refresh();
        }
        let listeners = changes_of(topic);
        for (present, joined) in [(&moved.left, false), (&moved.joined, true)] {
            if let Some(change) = present.as_ref().and_then(|present| (present.change)(&*present.member, joined)) {
                self.publish(&listeners, &change);
            }
        }
        self.tell_others(mailbox, component, presence, topic, moved);
    }

    /// Empty rooms go.
    fn close_empty(&self, topic: &str) {
        self.rooms.remove_if(topic, |_, room| room.is_empty());
    }
}

/// The name of the topic that tells who comes to a topic and who leaves it.
fn changes_of(topic: &str) -> String {
    format!("{topic}\0changes")
}
