//! [`Pass`]: one rendering of what changed in a session. What it makes is staged, and becomes the session's when all of it has
//! succeeded.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use livefloe::Identity;
use pyo3::prelude::*;

use crate::{
    call::Call,
    error::RenderError,
    frame::{self, Frame, Output, Placed},
    lint, mirror, site,
    source::{Input, Mark, Watcher, leave},
    world::{Node, PAGE, World},
};

/// A rendering under way.
pub(crate) struct Pass {
    /// Tells it from all others.
    pub(crate) serial: u64,
    pub(crate) world: Arc<World>,
    /// Nodes that have to run even if their arguments are what they were, if what they read has changed.
    suspects: HashSet<u64>,
    /// Nodes that have to run in any case.
    asked: HashSet<u64>,
    staged: Vec<Staged>,
    /// Where each node that has run is staged.
    done: HashMap<u64, usize>,
}

/// What one component's run gave.
struct Staged {
    target: Target,
    output: Output,
    inputs: Arc<[Input]>,
}

/// Which component to run.
pub(crate) struct Target {
    pub(crate) node: u64,
    /// The node that placed it; its own for the page.
    pub(crate) parent: u64,
    pub(crate) depth: u32,
    pub(crate) identity: Identity,
    pub(crate) mark: Arc<Mark>,
    pub(crate) call: Call,
}

impl Pass {
    pub(crate) fn new(world: Arc<World>) -> Self {
        static SERIALS: AtomicU64 = AtomicU64::new(1);
        let serial = SERIALS.fetch_add(1, Ordering::Relaxed);
        Self { serial, world, suspects: HashSet::new(), asked: HashSet::new(), staged: Vec::new(), done: HashMap::new() }
    }

    pub(crate) fn is_done(&self, node: u64) -> bool {
        self.done.contains_key(&node)
    }

    /// Whether a node is part of the tree as it has been rendered so far.
    fn is_placed(&self, mut node: u64) -> bool {
        while let Some(parent) = self.world.parent(node) {
            if parent == node {
                return true;
            }
            if let Some(index) = self.done.get(&parent)
                && !self.staged[*index].output.places(node)
            {
                return false;
            }
            node = parent;
        }
        false
    }

    /// Makes what was rendered the session's. Gives the components that have something new to show.
    pub(crate) fn commit(self) -> Vec<u32> {
        let mut components = Vec::new();
        let mut gone = Vec::new();
        for Staged { target, output, inputs } in self.staged {
            let Target { node: id, parent, depth, identity, mark, call } = target;
            let children = output.children.iter().filter_map(|child| match child {
                Placed::Node(slot, node) => Some((*slot, *node)),
                Placed::Rust(_) => None,
            });
            let children: HashMap<_, _> = children.collect();
            let mut nodes = self.world.nodes();
            let node = nodes.entry(id).or_insert_with(|| Node::new(parent, depth, identity, Arc::clone(&mark)));
            leave(&Watcher::Component(mark), &node.inputs, &inputs);
            gone.extend(node.children.iter().filter(|(slot, child)| children.get(slot) != Some(child)).map(|(_, child)| *child));
            let before = (node.call.replace(call), node.ready.replace(output));
            node.inputs = inputs;
            node.children = children;
            components.extend(node.component);
            drop(nodes);
            drop(before); // may run Python: no lock is held
        }
        for node in gone {
            self.world.remove(node);
        }
        components
    }

    /// Leaves the session as it was.
    pub(crate) fn abandon(self) {
        for staged in self.staged {
            self.world.keep_inputs(staged.target.node, &staged.target.mark, &staged.inputs);
        }
    }
}

/// Runs those of these components that show something that has changed, parents first, and what follows from it. Gives the
/// components that have something new to show; after an error the session is as it was.
pub(crate) fn render(py: Python<'_>, world: &Arc<World>, suspects: &[u64]) -> PyResult<Vec<u32>> {
    let mut pass = Pass::new(Arc::clone(world));
    pass.suspects.extend(suspects);
    render_all(py, pass, suspects)
}

/// Runs this component, whether or not something has changed.
pub(crate) fn render_anew(py: Python<'_>, world: &Arc<World>, node: u64) -> PyResult<Vec<u32>> {
    let mut pass = Pass::new(Arc::clone(world));
    pass.asked.insert(node);
    render_all(py, pass, &[node])
}

fn render_all(py: Python<'_>, pass: Pass, nodes: &[u64]) -> PyResult<Vec<u32>> {
    if nodes.is_empty() && !pass.world.mirrors.is_wanted() {
        return Ok(Vec::new());
    }
    let (pass, result) = frame::render(pass, || {
        for node in nodes {
            // Only of what is still there once its parents have run.
            if frame::use_pass(|pass| !pass.is_done(*node) && pass.is_placed(*node))?
                && has_to_run(py, *node)?
                && let Some(target) = frame::use_pass(|pass| Arc::clone(&pass.world))?.target(py, *node)
            {
                run(py, target)?;
            }
        }
        show_mirrors(py)
    });
    finish(pass, result)
}

/// Shows mirrored fields that have come: once per state, where its page shows none yet by running it again.
fn show_mirrors(py: Python<'_>) -> PyResult<()> {
    let world = frame::use_pass(|pass| Arc::clone(&pass.world))?;
    if !world.mirrors.is_wanted() {
        return Ok(());
    }
    let (_, slot) = mirror::component(py)?;
    let shown = world.child(py, PAGE, slot);
    match shown.map_or_else(|| world.target(py, PAGE), Some) {
        Some(target) => run(py, target),
        None => Ok(()), // the page is on its way
    }
}

/// Whether what a component has read is another now, or it was asked for.
fn has_to_run(py: Python<'_>, node: u64) -> PyResult<bool> {
    let (is_asked, is_suspect, world) =
        frame::use_pass(|pass| (pass.asked.contains(&node), pass.suspects.contains(&node), Arc::clone(&pass.world)))?;
    Ok(is_asked || is_suspect && world.is_outdated(py, node))
}

/// Runs the page of a new session.
pub(crate) fn render_page(py: Python<'_>, world: &Arc<World>, identity: Identity, call: Call) -> PyResult<()> {
    let mark = Arc::new(Mark { world: Arc::downgrade(world), node: PAGE, is_dirty: AtomicBool::new(false) });
    let target = Target { node: PAGE, parent: PAGE, depth: 0, identity, mark, call };
    let (pass, result) = frame::render(Pass::new(Arc::clone(world)), || run(py, target));
    finish(pass, result)?;
    if lint::is_on() {
        lint::unnoticed(py, world, None);
    }
    Ok(())
}

fn finish(pass: Pass, result: PyResult<()>) -> PyResult<Vec<u32>> {
    match result {
        Ok(()) => Ok(pass.commit()),
        Err(error) => {
            pass.abandon();
            Err(error)
        }
    }
}

/// Runs one component in the rendering under way, and stages what it gives.
fn run(py: Python<'_>, target: Target) -> PyResult<()> {
    let Target { node, depth, identity, ref mark, ref call, .. } = target;
    mark.is_dirty.store(false, Ordering::Relaxed);
    let boundary = site::running(py).ok().map(Bound::unbind);
    let frame = Frame::new(node, call.name(py), depth, identity, Arc::clone(mark), boundary);
    let (mut frame, result) = frame::within(frame, || {
        call.observe_arguments(py)?;
        let returned = call.run(py)?;
        if node == PAGE && !frame::use_pass(|pass| pass.world.mirrors.is_empty())? {
            let (mirror, slot) = mirror::component(py)?;
            place_in(py, mirror, slot)?;
        }
        Ok(returned)
    });
    let result = result.and_then(|returned| check(returned.bind(py), &frame));
    let keyless = (lint::is_on() && result.is_ok()).then(|| std::mem::take(&mut frame.keyless));
    if let Some(keyless) = keyless {
        let world = frame::use_pass(|pass| Arc::clone(&pass.world))?;
        lint::keyless(py, &world, node, keyless);
    }
    frame::use_pass(|pass| match result {
        Ok(()) => {
            pass.done.insert(node, pass.staged.len());
            pass.staged.push(Staged { target, output: frame.output, inputs: frame.inputs.into() });
            Ok(())
        }
        Err(error) => {
            pass.world.keep_inputs(node, &target.mark, &frame.inputs);
            Err(error)
        }
    })?
}

fn check(returned: &Bound<'_, PyAny>, frame: &Frame) -> PyResult<()> {
    let name = &frame.name;
    if !returned.is_none() {
        let kind = returned.get_type().name()?;
        return Err(RenderError::new_err(format!(
            "`{name}` returned a {kind}; a component is a plain function that calls widgets and returns nothing"
        )));
    }
    match frame.unopened.first() {
        None => Ok(()),
        Some(container) => {
            Err(RenderError::new_err(format!("`{name}` made lf.{container}(…) and did not open it: write `with lf.{container}(…):`")))
        }
    }
}

/// Declares a component as a child of the one that is being rendered, and runs it if it is new or has something new to show.
pub(crate) fn place(py: Python<'_>, call: Call, key: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
    let name = call.name(py);
    let identity = frame::identify(py, &name, key, true)?.bytes(call.qualified_name(py)?.as_bytes());
    place_in(py, call, identity.slot())
}

fn place_in(py: Python<'_>, call: Call, slot: u64) -> PyResult<()> {
    let name = call.name(py);
    let (parent, depth, parent_identity) = frame::use_frame(&name, |frame| (frame.node, frame.depth, frame.identity))?;
    let world = frame::use_pass(|pass| Arc::clone(&pass.world))?;
    let known = world.child(py, parent, slot);
    let node = if let Some(known) = known {
        // What others have changed is left to the session's own refresh, so that a failure there fails no event here.
        let is_done = frame::use_pass(|pass| pass.is_done(known.node))?;
        if !is_done && (!known.call.is_same(py, &call) || has_to_run(py, known.node)?) {
            let node = known.node;
            run(py, Target { call, ..known })?;
            node
        } else {
            known.node
        }
    } else {
        let node = world.next_node();
        let mark = Arc::new(Mark { world: Arc::downgrade(&world), node, is_dirty: AtomicBool::new(false) });
        // The framework mixes a child's slot into its parent's identity in the same way.
        let identity = parent_identity.number(slot);
        run(py, Target { node, parent, depth: depth + 1, identity, mark, call })?;
        node
    };
    frame::use_frame(&name, |frame| {
        livefloe::tree::write_placeholder(slot, &mut frame.output.html);
        frame.output.children.push(Placed::Node(slot, node));
    })
}
