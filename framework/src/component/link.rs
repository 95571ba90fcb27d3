//! [`Link`]: what a component knows of the session and the app around it.

use std::{any::Any, borrow::Cow, fmt, sync::Arc};

use super::instance::{Job, UnderWay};
use crate::{
    app::Shared,
    handler::Identity,
    session::{Mailbox, Message, User},
};

/// A component's way to its session and app. Cheap to clone, and usable from any thread.
#[derive(Clone)]
pub struct Link {
    pub(crate) shared: Arc<Shared>,
    pub(crate) mailbox: Mailbox,
    pub(crate) component: u32,
    pub(crate) identity: Identity,
}

impl Link {
    /// The id of this component in its session; 0 is the page.
    #[must_use]
    pub fn component(&self) -> u32 {
        self.component
    }

    /// Says which component this is, the same in every process: the base of its handlers' ids.
    #[must_use]
    pub fn identity(&self) -> Identity {
        self.identity
    }

    /// A number that names the session within this process. It is no secret, and no way into the session.
    #[must_use]
    pub fn session(&self) -> u64 {
        self.mailbox.number()
    }

    /// The user whose session this is, if the app [knows them](crate::App::identify).
    #[must_use]
    pub fn user(&self) -> Option<User> {
        User::known(self.mailbox.who())
    }

    /// A path of the app, as a link on this page has to have it: see [`Cx::href`](crate::Cx::href).
    #[must_use]
    pub fn href<'a>(&self, path: &'a str) -> Cow<'a, str> {
        self.mailbox.href(path)
    }

    /// Something of the session's own that its components share, made when first asked for. Dropped with the session.
    pub fn session_state<T: Any + Send + Sync>(&self, make: impl FnOnce() -> T) -> Arc<T> {
        self.mailbox.extension(make)
    }

    /// The app's state of this type, if [`App::state`](crate::App::state) was given one.
    #[must_use]
    pub fn state<T: Any + Send + Sync>(&self) -> Option<Arc<T>> {
        self.shared.state::<T>()
    }

    /// The bounds that hold.
    #[must_use]
    pub fn limits(&self) -> &crate::Limits {
        &self.shared.limits
    }

    /// Asks the session to render these components again, soon. Several requests become one rendering.
    pub fn refresh(&self, components: &[u32]) {
        self.mailbox.refresh(components);
    }

    /// Asks the session to do this work on this component, in its turn. `false` when the session's mailbox is full, or the
    /// session has ended. (Work for a component that is gone is dropped.)
    #[must_use]
    pub fn send(&self, job: Job) -> bool {
        self.mailbox.try_send(Message::Job { component: self.component, job })
    }

    /// An address for bytes that a page shows or gives away: see [`Cx::media`](crate::Cx::media).
    pub fn media(&self, bytes: impl Into<bytes::Bytes>, content_type: &str, name: Option<&str>) -> String {
        let Shared { shelf, keys, limits, .. } = &*self.shared;
        let address = shelf.put(keys, limits, self.mailbox.id(), bytes.into(), content_type, name);
        self.href(&format!("/livefloe/media/{address}")).into_owned()
    }

    /// The right to bring files to this component: see [`Cx::uploads`](crate::Cx::uploads).
    #[must_use]
    pub fn uploads(&self) -> crate::Uploads {
        crate::Uploads { link: self.clone(), component: Some(self.component) }
    }

    /// The right to bring files to whichever component of the session has a control of their name: for components in other languages, which are rendered
    /// before they have a number.
    #[must_use]
    pub fn session_uploads(&self) -> crate::Uploads {
        crate::Uploads { link: self.clone(), component: None }
    }

    /// The bus between sessions.
    #[must_use]
    pub fn bus(&self) -> &crate::Bus {
        &self.shared.bus
    }

    /// Says that something of the session is under way beside its turns, for as long as what is returned lives: a thread, a job elsewhere. Tests that wait until
    /// nothing is under way wait for it. What [`Effect::Spawn`](super::instance::Effect::Spawn) runs counts by itself.
    #[must_use]
    pub fn under_way(&self) -> UnderWay {
        self.mailbox.under_way()
    }

    pub(crate) fn child(&self, component: u32, slot: u64) -> Self {
        Self { component, identity: self.identity.number(slot), ..self.clone() }
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Link(session {}, component {})", self.session(), self.component)
    }
}
