//! [`Typed`]: the [`Instance`] of a Rust component.

use std::{any::Any, sync::Arc};

use tracing::{Level, Span, level_filters::LevelFilter};

use super::{
    Child, Component, Cx, Link,
    instance::{Event, Finished, Instance, Rendered, Turn, Versions},
    saved::Saved,
};
use crate::{Failure, HandlerId, guard, handler::Handler, upload};

/// A mounted Rust component: its state and its context.
pub(crate) struct Typed<S: 'static> {
    state: S,
    cx: Cx<S>,
    /// The properties of the last rendering of the parent, and how to take new ones.
    child: Option<ChildOf<S>>,
    /// The state before the last turn, until the session has rendered what the turn made of it.
    before: Option<Saved>,
}

/// Takes new properties in the place of the current ones. `true` when they differ.
type Take<S> = fn(&mut S, &mut Box<dyn Any + Send>, Box<dyn Any + Send>) -> bool;

struct ChildOf<S> {
    properties: Box<dyn Any + Send>,
    take: Take<S>,
}

impl<S: Component> Typed<S> {
    /// A page.
    pub(crate) fn page(state: S, link: Link) -> Box<dyn Instance> {
        Box::new(Self { state, cx: Cx::new(link), child: None, before: None })
    }

    /// A child, whose state its properties make.
    pub(crate) fn child(properties: S::Properties, link: Link) -> Box<dyn Instance>
    where
        S: Child,
    {
        let state = S::new(&properties);
        let child = ChildOf::<S> {
            properties: Box::new(properties),
            take: |state, current, new| {
                if current.downcast_ref::<S::Properties>() == new.downcast_ref::<S::Properties>() {
                    return false;
                }
                if let Some(properties) = new.downcast_ref::<S::Properties>() {
                    state.update(properties);
                }
                *current = new;
                true
            },
        };
        Box::new(Self { state, cx: Cx::new(link), child: Some(child), before: None })
    }

    /// Runs a handler; a failure of any kind leaves the state as it was.
    pub(crate) fn run<I: Send + 'static, K: 'static, H: Handler<S, I, K>>(mut self: Box<Self>, handler: H, inputs: I) -> Turn {
        let before = match Saved::of(&self.state) {
            Ok(before) => before,
            Err(error) => return Self::refuse(self, Failure::from_error(Box::new(Unsaved { component: name::<S>(), error }))),
        };
        self.cx.frame_mut().begin_handling();
        // Asking which span this is costs more than asking whether there can be any.
        if LevelFilter::current() >= Level::INFO {
            Span::current().record("handler", name::<H>());
        }
        if !H::ASYNC {
            let Self { state, cx, .. } = &mut *self;
            let result = guard::catch(|| handler.call(state, inputs, cx));
            return Turn::Done(self.finish(result, before, name::<H>()));
        }
        Turn::Pending(Box::pin(async move {
            let limit = self.cx.limits().handler_time;
            let Self { state, cx, .. } = &mut *self;
            let running = guard::catch_async(handler.start(state, inputs, cx));
            let result = tokio::time::timeout(limit, running).await.unwrap_or(Err(Failure::Timeout { limit }));
            self.finish(result, before, name::<H>())
        }))
    }

    /// A turn that ran nothing.
    pub(crate) fn refuse(self: Box<Self>, failure: Failure) -> Turn {
        Turn::Done(Finished::new(self, Err(failure)))
    }

    /// Runs a subscription's handler.
    pub(crate) fn deliver(mut self: Box<Self>, handler: HandlerId, message: Arc<dyn Any + Send + Sync>) -> Turn {
        // Whatever is on the screen, a message is for the newest rendering.
        let event = Event::new(handler, u64::MAX, String::new());
        match self.cx.find(&event, &mut Vec::new()) {
            Some(action) => action.deliver(self, message),
            None => Self::refuse(self, Failure::Stale),
        }
    }

    fn finish(mut self: Box<Self>, result: Result<(), Failure>, before: Saved, handler: &'static str) -> Finished {
        let effects = self.cx.frame_mut().end();
        self.before = Some(before);
        let result = result.map(|()| effects).map_err(|failure| {
            self.settle(false);
            failure.at(handler)
        });
        Finished::new(self, result)
    }
}

impl<S: Component> Instance for Typed<S> {
    fn render(&mut self, versions: Versions) -> Result<Rendered, Failure> {
        let Self { state, cx, .. } = self;
        cx.frame_mut().begin_rendering();
        let result = guard::catch(|| Ok((state.render(cx), state.title(), state.document())));
        let frame = cx.frame_mut();
        frame.end();
        let (markup, title, document) = result?;
        if let Some(misuse) = frame.misuse.take() {
            return Err(Failure::from_error(misuse.into()));
        }
        frame.table.commit(versions.seq, versions.acked, false);
        Ok(Rendered {
            html: markup.into_string(),
            title,
            document,
            children: std::mem::take(&mut frame.children),
            subscriptions: std::mem::take(&mut frame.subscriptions),
            presences: std::mem::take(&mut frame.presences),
            timers: std::mem::take(&mut frame.timers),
        })
    }

    fn event(mut self: Box<Self>, event: Event) -> Turn {
        let mut argument = Vec::new();
        match self.cx.find(&event, &mut argument) {
            Some(action) => upload::with(&event.uploads, || action.run(self, &argument, &event.payload)),
            None => Self::refuse(self, Failure::Stale),
        }
    }

    fn settle(&mut self, keep: bool) {
        let Some(before) = self.before.take().filter(|_| !keep) else { return };
        match before.read() {
            Ok(before) => self.state.undo(before),
            // Its own serialisation doesn't read back: nothing to go back to, and worth saying.
            Err(error) => tracing::error!(component = name::<S>(), %error, "the state could not be undone"),
        }
    }

    fn update(&mut self, properties: Box<dyn Any + Send>) -> bool {
        let Self { state, child, .. } = self;
        child.as_mut().is_some_and(|child| (child.take)(state, &mut child.properties, properties))
    }

    fn forget(&mut self, acked: u64) {
        self.cx.frame_mut().table.forget(acked);
    }

    fn sleep(&mut self) -> bool {
        self.cx.frame_mut().sleep()
    }

    fn save(&self) -> Result<Option<Vec<u8>>, Failure> {
        let limit = self.cx.limits().max_value_bytes;
        match rmp_serde::to_vec_named(&self.state) {
            Ok(state) if state.len() <= limit => Ok(Some(state)),
            Ok(state) => {
                let (name, n_bytes) = (name::<S>(), state.len());
                let message = format!("the state of {name} has {n_bytes} bytes, and Limits::max_value_bytes allows {limit}");
                Err(Failure::from_error(message.into()))
            }
            Err(error) => Err(Failure::from_error(Box::new(Unsaved { component: name::<S>(), error }))),
        }
    }

    fn restore(&mut self, state: &[u8]) -> Result<(), Failure> {
        let before = rmp_serde::from_slice(state)
            .map_err(|error| Failure::from_error(format!("the saved state of {} doesn't fit: {error}", name::<S>()).into()))?;
        self.state.undo(before);
        Ok(())
    }

    fn name(&self) -> &'static str {
        name::<S>()
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}

/// The state can't be saved, so a handler that failed could not be undone.
#[derive(Debug, thiserror::Error)]
#[error("the state of {component} can't be saved, so no handler may change it; fields that serde can't write want #[serde(skip)]")]
struct Unsaved {
    component: &'static str,
    #[source]
    error: rmp_serde::encode::Error,
}

/// A type's name without the path of its modules' crate, as a person would write it.
fn name<T>() -> &'static str {
    std::any::type_name::<T>()
}
