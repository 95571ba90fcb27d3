//! The bus: messages and presence between the sessions of one process.
//!
//! Sessions subscribe while rendering ([`Cx::subscribe`](crate::Cx::subscribe)) and publish from handlers
//! ([`Cx::broadcast`](crate::Cx::broadcast)) or from anywhere with a [`Bus`].

use std::{any::Any, borrow::Cow, fmt, marker::PhantomData, sync::Arc};

use dashmap::DashMap;

use crate::{
    HandlerId,
    component::instance::{Deliver, Presence, Subscription},
    session::Mailbox,
};

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
    message: PhantomData<fn(M)>,
}

impl<M> Topic<M> {
    /// A topic whose name is known when the app is written.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self { name: Cow::Borrowed(name), message: PhantomData }
    }

    /// A topic whose name is made at run time. Never make it of what a client sent without checking: who knows a name may listen.
    #[must_use]
    pub fn named(name: String) -> Self {
        Self { name: Cow::Owned(name), message: PhantomData }
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn shared_name(&self) -> Arc<str> {
        Arc::from(&*self.name)
    }
}

impl<M> Clone for Topic<M> {
    fn clone(&self) -> Self {
        Self { name: self.name.clone(), message: PhantomData }
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
}

impl fmt::Debug for Bus {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Bus({} topics)", self.rooms.len())
    }
}

impl Bus {
    /// Sends a message to every session that listens, and says how many took it. Never waits: a session whose mailbox is
    /// full misses the message and renders again when it has caught up, so keep what matters in shared state and let
    /// messages say that it changed.
    pub fn broadcast<M: Clone + Send + Sync + 'static>(&self, topic: &Topic<M>, message: M) -> usize {
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
        let Some(room) = self.rooms.get(topic.name()) else { return Vec::new() };
        room.watchers.iter().filter_map(|watcher| watcher.member.as_ref()?.downcast_ref::<M>().cloned()).collect()
    }

    pub(crate) fn subscribe(&self, mailbox: &Mailbox, component: u32, subscription: &Subscription) {
        self.rooms.entry(Arc::clone(&subscription.topic)).or_default().listeners.push(Listener {
            mailbox: mailbox.clone(),
            component,
            handler: subscription.handler,
            deliver: subscription.deliver,
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
