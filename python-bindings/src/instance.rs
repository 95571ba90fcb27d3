//! [`PyInstance`]: a mounted Python component as the session sees it.

use std::{any::Any, sync::Arc};

use livefloe::{
    Failure, Link, Table,
    instance::{Child, Event, Finished, Instance, Job, Rendered, Turn, Versions},
};
use pyo3::Python;

use crate::{
    error::failure,
    frame::{Output, Placed},
    handler::Handler,
    manner::Concurrency,
    pass,
    run::{self, Sent},
    saved,
    stop::Stop,
    turn::{Ended, Journal},
    world::{PAGE, World},
};

/// What stores know a page as. Never change it.
pub(crate) const PAGE_NAME: &str = "a Python page";

/// A mounted Python component. What it shows was rendered on a Python thread, in the turn that changed it.
pub(crate) struct PyInstance {
    pub(crate) world: Arc<World>,
    pub(crate) node: u64,
    pub(crate) link: Link,
    table: Table<Arc<Handler>>,
    /// What the last turn changed, until the session has shown it.
    before: Option<Journal>,
}

/// What the framework carries from a parent to a child.
struct Place {
    world: Arc<World>,
    node: u64,
}

impl PyInstance {
    pub(crate) fn mount(world: Arc<World>, node: u64, link: Link) -> Box<dyn Instance> {
        if let Some(node) = world.nodes().get_mut(&node) {
            node.component = Some(link.component());
        }
        Box::new(Self { world, node, link, table: Table::default(), before: None })
    }

    /// A job: renders what others have changed.
    pub(crate) fn refresh(instance: Box<dyn Instance>) -> Turn {
        match instance.into_any().downcast::<Self>() {
            Ok(instance) => Turn::Pending(Box::pin(run::refresh(instance))),
            Err(_) => unreachable!("the page of a session of the bindings is a Python component"),
        }
    }

    /// A turn of this component has ended.
    pub(crate) fn finish(mut self: Box<Self>, ended: Ended) -> Finished {
        self.before = ended.journal;
        Finished { dirty: ended.dirty, ..Finished::new(self, ended.result) }
    }

    /// A turn has ended that changed nothing.
    pub(crate) fn unchanged(self: Box<Self>) -> Finished {
        Finished::new(self, Ok(Vec::new()))
    }

    pub(crate) fn refuse(self: Box<Self>, failure: Failure) -> Finished {
        Finished::new(self, Err(failure))
    }

    fn take_ready(&self) -> Option<Output> {
        self.world.nodes().get_mut(&self.node)?.ready.take()
    }
}

impl Instance for PyInstance {
    fn render(&mut self, versions: Versions) -> Result<Rendered, Failure> {
        let mut ready = self.take_ready();
        if ready.is_none() {
            // Nothing of this session changed, but what it shows of others has: who is present, say.
            let rendered = Python::try_attach(|py| pass::render_anew(py, &self.world, self.node).map_err(|error| failure(py, &error)));
            rendered.unwrap_or(Err(Failure::Busy { reason: "the program is ending" }))?;
            ready = self.take_ready();
        }
        let Output { html, title, children, handlers, presences, timers } = ready.unwrap_or_default();
        self.table.begin();
        for (id, handler) in handlers {
            self.table.enter(id, handler, &[]);
        }
        self.table.commit(versions.seq, versions.acked, true);
        let children = children.into_iter().map(|child| match child {
            Placed::Rust(child) => child,
            Placed::Node(slot, node) => {
                let place = Place { world: Arc::clone(&self.world), node };
                Child { slot, properties: Box::new(place), make }
            }
        });
        Ok(Rendered {
            html,
            title,
            document: livefloe::Document::new(),
            children: children.collect(),
            subscriptions: Vec::new(),
            presences,
            timers,
        })
    }

    fn event(self: Box<Self>, event: Event) -> Turn {
        match self.table.find(event.handler, event.seen) {
            None => Turn::Done(self.refuse(Failure::Stale)),
            Some((handler, _)) => {
                let sent = Sent { payload: event.payload, uploads: event.uploads };
                match handler.manner.concurrency {
                    Concurrency::Drop if event.overlaps => Turn::Done(self.unchanged()),
                    Concurrency::Latest if event.superseded => Turn::Done(self.unchanged()),
                    Concurrency::Queue | Concurrency::Drop => Turn::Pending(Box::pin(run::event(self, handler, sent, Arc::default()))),
                    Concurrency::Latest => {
                        let stop = Arc::<Stop>::default();
                        let overtake = stop.overtake();
                        Turn::Overtakable(Box::pin(run::event(self, handler, sent, stop)), overtake)
                    }
                    Concurrency::Parallel => {
                        let effect = run::beside(&self, handler, sent);
                        Turn::Done(Finished::new(self, Ok(vec![effect])))
                    }
                }
            }
        }
    }

    fn settle(&mut self, keep: bool) {
        let Some(before) = self.before.take() else { return };
        if keep {
            return before.keep();
        }
        Python::try_attach(|py| before.undo(py));
        before.tell_others(&self.world);
    }

    fn is_clean(&self) -> bool {
        self.world.nodes().get(&self.node).is_none_or(|node| node.ready.is_none())
    }

    fn update(&mut self, properties: Box<dyn Any + Send>) -> bool {
        let Ok(place) = properties.downcast::<Place>() else { return false };
        if place.node != self.node {
            // The slot was empty for a moment that the session never saw.
            self.world.remove(self.node);
            self.node = place.node;
            if let Some(node) = self.world.nodes().get_mut(&self.node) {
                node.component = Some(self.link.component());
            }
        }
        !self.is_clean()
    }

    fn forget(&mut self, acked: u64) {
        self.table.forget(acked);
    }

    /// Keeps its handlers, and lets the session keep its HTML (packed): rendering again would need the interpreter, which the session's
    /// own thread must not wait for, and what runs then may read a clock as well as a state.
    fn sleep(&mut self) -> bool {
        self.table.shrink();
        false
    }

    /// The page's is the state of all: components here are functions.
    fn before_save(&mut self) -> Option<Job> {
        if self.node != PAGE || self.world.saved.is_ready() {
            return None;
        }
        Some(Box::new(|instance: Box<dyn Instance>| match instance.into_any().downcast::<Self>() {
            Ok(instance) => Turn::Pending(Box::pin(saved::write(instance))),
            Err(_) => unreachable!("a page is saved by its own work"),
        }))
    }

    fn save(&self) -> Result<Option<Vec<u8>>, Failure> {
        if self.node == PAGE { self.world.saved.take().map(Some) } else { Ok(Some(Vec::new())) }
    }

    /// The page had it when it was mounted, since it rendered then.
    fn restore(&mut self, _state: &[u8]) -> Result<(), Failure> {
        Ok(())
    }

    fn name(&self) -> &'static str {
        if self.node == PAGE { PAGE_NAME } else { "a Python component" }
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}

impl Drop for PyInstance {
    fn drop(&mut self) {
        self.world.remove(self.node);
        if self.node == PAGE {
            self.world.close();
        }
    }
}

fn make(properties: Box<dyn Any + Send>, link: Link) -> Box<dyn Instance> {
    match properties.downcast::<Place>() {
        Ok(place) => PyInstance::mount(place.world, place.node, link),
        Err(_) => unreachable!("this function goes with the properties that were made for it"),
    }
}
