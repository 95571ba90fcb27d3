//! [`World`]: what the bindings keep of one session: its components as nodes, its states, and what has to render again.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use livefloe::{Identity, Link};
use pyo3::prelude::*;

use crate::{
    call::Call,
    cell::Cells,
    frame::Output,
    instance::PyInstance,
    lint::{self, Keyless},
    mirror::Mirrors,
    pass::Target,
    saved::Saved,
    source::{Input, Mark, Source, Watcher, leave, observers},
    state::States,
    user::UserStates,
};

/// The node of the page.
pub(crate) const PAGE: u64 = 0;

/// A session of the bindings.
pub(crate) struct World {
    nodes: Mutex<HashMap<u64, Node>>,
    n_nodes: AtomicU64,
    /// The session's own states.
    pub(crate) states: States,
    /// What its components keep for themselves.
    pub(crate) cells: Cells,
    /// What a store has of those, or gets.
    pub(crate) saved: Saved,
    /// Those fields that the address or the browser has as well.
    pub(crate) mirrors: Mirrors,
    /// Those that it shares with the other sessions of the app.
    pub(crate) app_states: Arc<States>,
    /// Those that it shares with the other sessions of its user, until it ends.
    user_states: Mutex<Option<Arc<UserStates>>>,
    /// In development: what each component placed without keys.
    keyless: Mutex<HashMap<u64, Keyless>>,
    /// The way to the session, until it ends.
    link: Mutex<Option<Link>>,
    /// Nodes that something outside of this session's turns has changed.
    dirty: Mutex<HashSet<u64>>,
    /// Whether the session has been asked to render those.
    is_asked: AtomicBool,
}

/// A mounted Python component.
pub(crate) struct Node {
    parent: u64,
    depth: u32,
    identity: Identity,
    mark: Arc<Mark>,
    /// What was called, and with what.
    pub(crate) call: Option<Call>,
    pub(crate) children: HashMap<u64, u64>,
    /// What it read when it last ran.
    pub(crate) inputs: Arc<[Input]>,
    /// What it is called in the session; `None` until the session has mounted it.
    pub(crate) component: Option<u32>,
    /// What it rendered and the session has not taken yet.
    pub(crate) ready: Option<Output>,
}

impl Node {
    pub(crate) fn new(parent: u64, depth: u32, identity: Identity, mark: Arc<Mark>) -> Self {
        Self { parent, depth, identity, mark, call: None, children: HashMap::new(), inputs: Arc::default(), component: None, ready: None }
    }
}

impl World {
    pub(crate) fn new(link: Link, app_states: Arc<States>, user_states: Arc<UserStates>, query: Box<[(String, String)]>) -> Self {
        Self {
            nodes: Mutex::default(),
            n_nodes: AtomicU64::new(PAGE + 1),
            states: States::default(),
            cells: Cells::default(),
            saved: Saved::default(),
            keyless: Mutex::default(),
            mirrors: Mirrors::new(query),
            app_states,
            user_states: Mutex::new(Some(user_states)),
            link: Mutex::new(Some(link)),
            dirty: Mutex::default(),
            is_asked: AtomicBool::new(false),
        }
    }

    /// Ends with its session, whose link it would otherwise keep alive.
    pub(crate) fn close(&self) {
        drop(lock(&self.link).take());
        let nodes = std::mem::take(&mut *self.nodes());
        for node in nodes.values() {
            node.leave();
        }
        drop(nodes);
        let user_states = lock(&self.user_states).take();
        drop(user_states); // may run Python: no lock is held
        self.mirrors.clear();
        self.states.clear();
        self.cells.clear();
    }

    pub(crate) fn link(&self) -> Option<Link> {
        lock(&self.link).clone()
    }

    /// The states of its user; `None` when it has ended.
    pub(crate) fn user_states(&self) -> Option<Arc<UserStates>> {
        lock(&self.user_states).clone()
    }

    pub(crate) fn nodes(&self) -> MutexGuard<'_, HashMap<u64, Node>> {
        lock(&self.nodes)
    }

    pub(crate) fn next_node(&self) -> u64 {
        self.n_nodes.fetch_add(1, Ordering::Relaxed)
    }

    /// The page, as the sources that it read know it; `None` before it was rendered.
    pub(crate) fn page_mark(&self) -> Option<Arc<Mark>> {
        self.nodes().get(&PAGE).map(|page| Arc::clone(&page.mark))
    }

    /// The child in a slot.
    pub(crate) fn child(&self, py: Python<'_>, parent: u64, slot: u64) -> Option<Target> {
        let nodes = self.nodes();
        let child = *nodes.get(&parent)?.children.get(&slot)?;
        nodes.get(&child)?.target(py, child)
    }

    pub(crate) fn target(&self, py: Python<'_>, node: u64) -> Option<Target> {
        self.nodes().get(&node)?.target(py, node)
    }

    /// The node that placed this one; the page's is its own.
    pub(crate) fn parent(&self, node: u64) -> Option<u64> {
        self.nodes().get(&node).map(|node| node.parent)
    }

    /// Keeps what a component has placed without keys, and gives what it had before.
    pub(crate) fn set_keyless(&self, node: u64, keyless: Keyless) -> Option<Keyless> {
        lock(&self.keyless).insert(node, keyless)
    }

    /// Removes a node and those below it.
    pub(crate) fn remove(&self, id: u64) {
        let Some(node) = self.nodes().remove(&id) else { return };
        if lint::is_on() {
            lock(&self.keyless).remove(&id);
        }
        node.leave();
        for child in node.children.values() {
            self.remove(*child);
        }
    }

    /// A run of this node came to nothing: what it read is kept with the node, or forgotten if there is none yet.
    pub(crate) fn keep_inputs(&self, node: u64, mark: &Arc<Mark>, inputs: &[Input]) {
        match self.nodes().get_mut(&node) {
            Some(node) => node.inputs = node.inputs.iter().chain(inputs).cloned().collect(),
            None => leave(&Watcher::Component(Arc::clone(mark)), inputs, &[]),
        }
    }

    /// Whether something that a node has read is another now. May run Python: what is computed is brought up to date.
    pub(crate) fn is_outdated(&self, py: Python<'_>, node: u64) -> bool {
        let inputs = self.nodes().get(&node).map(|node| Arc::clone(&node.inputs));
        inputs.is_some_and(|inputs| inputs.iter().any(|input| input.has_changed(py)))
    }

    /// Nodes that have to run again since something outside of this session's turns has changed, parents first.
    pub(crate) fn take_dirty(&self) -> Vec<u64> {
        self.is_asked.store(false, Ordering::Release);
        let dirty = std::mem::take(&mut *lock(&self.dirty));
        self.by_depth(dirty)
    }

    /// Whether a node has to run since others have changed what it shows.
    pub(crate) fn is_dirty(&self, node: u64) -> bool {
        self.nodes().get(&node).is_some_and(|node| node.mark.is_dirty.load(Ordering::Relaxed))
    }

    /// Those that are still there, parents first.
    pub(crate) fn by_depth(&self, nodes: impl IntoIterator<Item = u64>) -> Vec<u64> {
        let known = self.nodes();
        let mut found: Vec<_> = nodes.into_iter().filter_map(|id| known.get(&id).map(|node| (node.depth, id))).collect();
        found.sort_unstable();
        found.into_iter().map(|(_, id)| id).collect()
    }

    /// Asks the session to run these nodes again.
    fn refresh(self: &Arc<Self>, nodes: impl IntoIterator<Item = u64>) {
        lock(&self.dirty).extend(nodes);
        if self.is_asked.swap(true, Ordering::AcqRel) {
            return;
        }
        let Some(link) = self.link() else { return };
        if !link.send(Box::new(PyInstance::refresh)) {
            // The mailbox is full: this way takes no room there, and renders on the session's own thread.
            let dirty = lock(&self.dirty);
            let nodes = self.nodes();
            let components: Vec<_> = dirty.iter().filter_map(|node| nodes.get(node)?.component).collect();
            link.refresh(&components);
        }
    }
}

impl Node {
    /// Is told of nothing any more.
    fn leave(&self) {
        leave(&Watcher::Component(Arc::clone(&self.mark)), &self.inputs, &[]);
    }

    fn target(&self, py: Python<'_>, node: u64) -> Option<Target> {
        Some(Target {
            node,
            parent: self.parent,
            depth: self.depth,
            identity: self.identity,
            mark: Arc::clone(&self.mark),
            call: self.call.as_ref()?.clone_ref(py),
        })
    }
}

/// Has everybody render again who shows one of these sources, each in a turn of their own session.
pub(crate) fn publish(sources: &[Arc<Source>]) {
    refresh(observers(sources));
}

/// Has these components render again.
pub(crate) fn refresh(marks: Vec<Arc<Mark>>) {
    let mut worlds: Vec<(Arc<World>, Vec<u64>)> = Vec::new();
    for mark in marks {
        mark.is_dirty.store(true, Ordering::Relaxed);
        let Some(world) = mark.world.upgrade() else { continue };
        match worlds.iter_mut().find(|(known, _)| Arc::ptr_eq(known, &world)) {
            Some((_, nodes)) => nodes.push(mark.node),
            None => worlds.push((world, vec![mark.node])),
        }
    }
    for (world, nodes) in worlds {
        world.refresh(nodes);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
