//! [`Room`]: who listens to a topic on this node, and who is there.

use std::{any::Any, sync::Arc};

use crate::{
    HandlerId,
    component::instance::{Decode, Deliver, Presence},
    session::Mailbox,
};

/// Who listens to a topic and who is there.
#[derive(Default)]
pub(super) struct Room {
    pub(super) listeners: Vec<Listener>,
    pub(super) watchers: Vec<Watcher>,
}

pub(super) struct Listener {
    pub(super) mailbox: Mailbox,
    pub(super) component: u32,
    pub(super) handler: HandlerId,
    pub(super) deliver: Deliver,
    pub(super) decode: Option<Decode>,
}

pub(super) struct Watcher {
    pub(super) mailbox: Mailbox,
    pub(super) component: u32,
    /// Set while the session is there as somebody, and not only watching.
    pub(super) member: Option<Present>,
}

/// Somebody who is there.
#[derive(Clone)]
pub(super) struct Present {
    /// In milliseconds since 1970.
    pub(super) since_ms: u64,
    pub(super) member: Arc<dyn Any + Send + Sync>,
    /// Makes a message of who has joined (true) or left.
    pub(super) change: fn(&(dyn Any + Send + Sync), bool) -> Option<Arc<dyn Any + Send + Sync>>,
}

/// What the members of a room were, and are now.
#[derive(Default)]
pub(super) struct Moved {
    pub(super) left: Option<Present>,
    pub(super) joined: Option<Present>,
}

impl Room {
    /// Says that a component shows the members, and as whom it is one (`connected`), replacing what it said before.
    pub(super) fn watch(&mut self, mailbox: &Mailbox, component: u32, presence: &Presence, connected: bool, now_ms: u64) -> Moved {
        let member = presence.member.clone().filter(|_| connected);
        let present = |since_ms| member.map(|member| Present { since_ms, member, change: presence.change });
        let Some(watcher) = self.watcher(mailbox, component) else {
            let member = present(now_ms);
            self.watchers.push(Watcher { mailbox: mailbox.clone(), component, member: member.clone() });
            return Moved { left: None, joined: member };
        };
        let since_ms = watcher.member.as_ref().map_or(now_ms, |member| member.since_ms);
        let now = present(since_ms);
        let is_same = match (&watcher.member, &now) {
            (None, None) => true,
            (Some(before), Some(now)) => (presence.same)(&*before.member, &*now.member),
            _ => false,
        };
        let left = std::mem::replace(&mut watcher.member, now.clone());
        if is_same { Moved::default() } else { Moved { left, joined: now } }
    }

    /// A component doesn't show the members any more, and is none.
    pub(super) fn unwatch(&mut self, mailbox: &Mailbox, component: u32) -> Moved {
        let is = |watcher: &Watcher| watcher.mailbox.number() == mailbox.number() && watcher.component == component;
        let gone = self.watchers.iter().position(is).map(|index| self.watchers.remove(index));
        Moved { left: gone.and_then(|watcher| watcher.member), joined: None }
    }

    /// Has all who show the members render again.
    pub(super) fn refresh(&self) {
        for watcher in &self.watchers {
            watcher.mailbox.refresh(&[watcher.component]);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.listeners.is_empty() && self.watchers.is_empty()
    }

    fn watcher(&mut self, mailbox: &Mailbox, component: u32) -> Option<&mut Watcher> {
        self.watchers.iter_mut().find(|watcher| watcher.mailbox.number() == mailbox.number() && watcher.component == component)
    }
}
