//! Finds the innermost element around a change, and reads and compares only that.

use std::time::Instant;

use super::{Context, Side, children, common};
use crate::{
    patch::PatchWriter,
    tree::{self, Kind, Node, Resolve, State, Tape, Window},
};

/// A step on the way from a component's root to a node.
#[derive(Debug, Clone, Copy)]
struct Step {
    node: u32,
    /// Its position among its siblings.
    index: u32,
}

pub(super) fn diff(
    old_html: &str,
    tape: Tape,
    new_html: &str,
    component: u32,
    deadline: Option<Instant>,
    writer: &mut PatchWriter<'_>,
    resolve: &dyn Resolve,
) -> Tape {
    if tape.state == State::Whole {
        let (prefix, suffix) = common::ends(old_html.as_bytes(), new_html.as_bytes());
        let path = enclosing(old_html, &tape, prefix, old_html.len() - suffix);
        let names: Vec<&str> = path.iter().filter_map(|step| Some(tree::name(old_html, tape.nodes.get(step.node as usize)?))).collect();
        // From the innermost outwards, until one holds all of the change.
        for depth in (0..=path.len()).rev() {
            let (path, ancestors) = (&path[..depth], &names[..depth]);
            let Some(window) = window(old_html, &tape, new_html, path, ancestors) else { continue };
            if let Some(nodes) = tree::tokenize(new_html, &window)
                && is_still_implied(new_html, &tape, path, &nodes)
            {
                return patch(old_html, tape, new_html, path, nodes, component, deadline, writer, resolve);
            }
        }
    }
    let tape = Tape::parse(new_html);
    resync(new_html, &tape, component, writer, resolve);
    tape
}

/// Writes that the child component in a slot is replaced by what it is now, with the opaque element around it, if any.
pub fn replace_component(html: &str, tape: &Tape, parent: u32, slot: u64, writer: &mut PatchWriter<'_>, resolve: &dyn Resolve) {
    writer.component(parent);
    if tape.is_broken() {
        return resync(html, tape, parent, writer, resolve);
    }
    let mut placeholder = String::new();
    tree::write_placeholder(slot, &mut placeholder);
    let side = Side { html, nodes: &tape.nodes };
    let holds = |index: u32, node: &Node| match node.kind {
        Kind::Component => tree::slot(html, node) == Some(slot),
        Kind::Opaque | Kind::Marked => side.source(index).contains(&placeholder),
        _ => false,
    };
    let Some((position, _)) = (0_u32..).zip(&tape.nodes).find(|(index, node)| holds(*index, node)) else { return };
    let (mut siblings, mut n_steps) = (side.siblings(0, u32::try_from(tape.nodes.len()).unwrap_or(u32::MAX)), 0);
    while let Some(index) = siblings.partition_point(|sibling| *sibling <= position).checked_sub(1) {
        let Some(node) = siblings.get(index).copied() else { break };
        let at = u32::try_from(index).unwrap_or(u32::MAX);
        if node == position {
            let (mut expanded, mut opaque) = (String::new(), Vec::new());
            tree::expand(html, &tape.nodes, parent, node, node + 1, resolve, &mut expanded, &mut opaque);
            writer.replace(at, &expanded, &opaque);
            break;
        }
        writer.descend(at);
        n_steps += 1;
        siblings = side.children(node);
    }
    for _ in 0..n_steps {
        writer.ascend();
    }
}

fn resync(html: &str, tape: &Tape, component: u32, writer: &mut PatchWriter<'_>, resolve: &dyn Resolve) {
    let (mut expanded, mut opaque) = (String::new(), Vec::new());
    tree::expand_all(html, tape, component, resolve, &mut expanded, &mut opaque);
    writer.component(component);
    writer.resync(&expanded, &opaque);
}

/// The elements around the bytes from `start` to `end`, outermost first.
fn enclosing(html: &str, tape: &Tape, start: usize, end: usize) -> Vec<Step> {
    let mut path: Vec<Step> = Vec::new();
    loop {
        let parent = path.last().map(|step| step.node);
        let around = (0_u32..)
            .zip(tape.children(parent))
            .filter_map(|(index, node)| Some((index, node, tape.nodes.get(node as usize)?)))
            .take_while(|(_, _, node)| node.start as usize <= start)
            .find(|(_, _, node)| node.inner as usize <= start && node.inner_end as usize >= end && has_markup(html, node));
        match around {
            Some((index, node, _)) => path.push(Step { node, index }),
            None => return path,
        }
    }
}

/// Whether an element's content can be read by itself: it ends with a tag, and its rules are those of ordinary markup.
fn has_markup(html: &str, node: &Node) -> bool {
    let has_end = node.kind == Kind::Implied || node.kind == Kind::Element && node.inner_end < node.end;
    has_end && !["textarea", "title"].iter().any(|text| tree::name(html, node).eq_ignore_ascii_case(text))
}

/// Whether the innermost element still comes about by what is in it: a `tbody` without a tag begins with a row.
fn is_still_implied(new_html: &str, tape: &Tape, path: &[Step], nodes: &[Node]) -> bool {
    let node = path.last().and_then(|step| tape.nodes.get(step.node as usize));
    node.is_none_or(|node| node.kind != Kind::Implied)
        || nodes.first().is_some_and(|first| tree::name(new_html, first).eq_ignore_ascii_case("tr"))
}

fn window<'a>(old_html: &str, tape: &Tape, new_html: &str, path: &[Step], ancestors: &'a [&'a str]) -> Option<Window<'a>> {
    let Some(step) = path.last() else { return Some(Window { start: 0, end: new_html.len(), ancestors }) };
    let node = tape.nodes.get(step.node as usize)?;
    let end = new_html.len().checked_sub(old_html.len() - node.inner_end as usize)?;
    Some(Window { start: node.inner as usize, end, ancestors })
}

#[expect(clippy::too_many_arguments, reason = "one call, from the loop above")]
fn patch(
    old_html: &str,
    mut tape: Tape,
    new_html: &str,
    path: &[Step],
    mut nodes: Vec<Node>,
    component: u32,
    deadline: Option<Instant>,
    writer: &mut PatchWriter<'_>,
    resolve: &dyn Resolve,
) -> Tape {
    let (first, end) = match path.last().and_then(|step| Some((step.node + 1, tape.nodes.get(step.node as usize)?.skip))) {
        Some(range) => range,
        None => (0, u32::try_from(tape.nodes.len()).unwrap_or(u32::MAX)),
    };
    writer.component(component);
    for step in path {
        writer.descend(step.index);
    }
    {
        let (old, new) = (Side { html: old_html, nodes: &tape.nodes }, Side { html: new_html, nodes: &nodes });
        let (old_children, new_children) = (old.siblings(first, end), new.siblings(0, u32::try_from(nodes.len()).unwrap_or(u32::MAX)));
        let mut context = Context { old, new, component, resolve, deadline, writer };
        children::diff(&mut context, &old_children, &new_children);
    }
    for _ in path {
        writer.ascend();
    }
    splice(&mut tape, path, first, end, &mut nodes, i64_of(new_html.len()) - i64_of(old_html.len()));
    tape
}

/// Puts the new nodes into the tape in the place of the old ones from `first` up to `end`, and shifts what follows.
fn splice(tape: &mut Tape, path: &[Step], first: u32, end: u32, nodes: &mut Vec<Node>, n_bytes: i64) {
    let n_nodes = i64_of(nodes.len()) - i64::from(end - first);
    for node in nodes.iter_mut() {
        node.skip += first;
    }
    let after = first as usize + nodes.len();
    tape.nodes.splice(first as usize..end as usize, nodes.drain(..));
    for step in path {
        if let Some(node) = tape.nodes.get_mut(step.node as usize) {
            node.inner_end = shifted(node.inner_end, n_bytes);
            node.end = shifted(node.end, n_bytes);
            node.skip = shifted(node.skip, n_nodes);
        }
    }
    for node in tape.nodes.iter_mut().skip(after) {
        node.start = shifted(node.start, n_bytes);
        node.inner = shifted(node.inner, n_bytes);
        node.inner_end = shifted(node.inner_end, n_bytes);
        node.end = shifted(node.end, n_bytes);
        node.skip = shifted(node.skip, n_nodes);
    }
}

fn i64_of(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "wraps to the right number: both are under 2^32 and so is the sum"
)]
fn shifted(number: u32, by: i64) -> u32 {
    number.wrapping_add(by as u32)
}
