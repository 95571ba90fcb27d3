//! [`On`]: what a widget does on an event.

use crate::{Act, Actions, handler::HandlerId};

/// What a widget does on an event: a handler, an action of [`Cx::act`](crate::Cx::act), or a handler with what its event is expected to change. Made by
/// `into()`, or by [`On::handler`] where something is expected.
///
/// ```
/// use livefloe::{Actions, HandlerId, Markup, html, widget::{On, button}};
///
/// fn like(like: HandlerId) -> Markup {
///     // Shown at once, and undone where the handler refuses.
///     html! { (button("♥").on_click(On::handler(like).pending(Actions::new().add_class("liked")))) }
/// }
/// ```
#[derive(Clone, Debug, Default)]
pub struct On {
    handler: Option<HandlerId>,
    act: Option<Box<Act>>,
    pending: Option<Box<Actions>>,
}

impl On {
    /// A handler.
    #[must_use]
    pub fn handler(handler: HandlerId) -> Self {
        Self { handler: Some(handler), ..Self::default() }
    }

    /// What shows while the event is on its way. It is undone when the event is settled: what the server has said by then shows.
    #[must_use]
    pub fn pending(mut self, expected: Actions) -> Self {
        self.pending = Some(Box::new(expected));
        self
    }

    pub(super) fn id(&self) -> Option<HandlerId> {
        self.handler
    }

    pub(super) fn act(&self) -> Option<&Act> {
        self.act.as_deref()
    }

    pub(super) fn expected(&self) -> Option<&Actions> {
        self.pending.as_deref()
    }
}

impl From<HandlerId> for On {
    fn from(handler: HandlerId) -> Self {
        Self::handler(handler)
    }
}

impl From<Act> for On {
    fn from(act: Act) -> Self {
        Self { handler: act.handler(), act: Some(Box::new(act)), pending: None }
    }
}

impl<T: Into<Self>> From<Option<T>> for On {
    fn from(given: Option<T>) -> Self {
        given.map_or_else(Self::default, Into::into)
    }
}
