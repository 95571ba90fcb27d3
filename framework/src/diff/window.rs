//! Finds the innermost element around a change, and in it the children that changed; reads and compares only those.

use std::time::Instant;

use super::{Context, Side, children, common, replace, splice};
use crate::{
    patch::PatchWriter,
    tree::{self, Kind, Node, Resolve, State, Tape, Window},
};

/// A step on the way from a component's root to a node.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    pub(super) node: u32,
    /// Its position among its siblings.
    index: u32,
}

/// The siblings that a change touches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Touched {
    /// How many siblings come before them.
    index: u32,
    /// Their nodes with all in them, from `first` up to `end`.
    first: u32,
    end: u32,
    /// Where their source begins and ends.
    start_byte: usize,
    end_byte: usize,
}

pub(super) fn diff(
    old_html: &str,
    mut tape: Tape,
    new_html: &str,
    component: u32,
    deadline: Option<Instant>,
    writer: &mut PatchWriter<'_>,
    resolve: &dyn Resolve,
) -> Tape {
    if tape.state == State::Whole
        && let Some((path, touched, nodes)) = read(Side { html: old_html, nodes: &tape.nodes }, new_html)
    {
        writer.component(component);
        for step in &path {
            writer.descend(step.index);
        }
        let (old, new) = (Side { html: old_html, nodes: &tape.nodes }, Side { html: new_html, nodes: &nodes });
        let (before, now) = (old.siblings(touched.first, touched.end), new.siblings(0, u32::try_from(nodes.len()).unwrap_or(u32::MAX)));
        let mut context = Context { old, new, component, resolve, deadline, writer };
        children::diff(&mut context, touched.index as usize, &before, &now);
        for _ in &path {
            writer.ascend();
        }
        splice::splice(&mut tape.nodes, &path, touched.first..touched.end, nodes, (old_html.len(), new_html.len()));
        return tape;
    }
    let tape = Tape::parse(new_html);
    replace::resync(new_html, &tape, component, writer, resolve);
    tape
}

/// Reads as little of the new HTML as holds all that changed. Gives where that is in the old tree, and its new nodes.
fn read(old: Side<'_>, new_html: &str) -> Option<(Vec<Step>, Touched, Vec<Node>)> {
    let (prefix, suffix) = common::changed(old.html.as_bytes(), new_html.as_bytes());
    let change = (prefix, old.html.len() - suffix);
    let mut path = enclosing(old, change);
    let names: Vec<&str> = path.iter().filter_map(|step| Some(tree::name(old.html, old.node(step.node)?))).collect();
    // From the innermost outwards.
    loop {
        let parent = path.last().and_then(|step| old.node(step.node));
        let touched = touched(old, path.last().map(|step| step.node), change);
        // What follows the change is as long as before.
        let end = (new_html.len() + touched.end_byte).checked_sub(old.html.len());
        let is_first = parent.is_some_and(|parent| parent.inner as usize == touched.start_byte);
        let ancestors = names.get(..path.len())?;
        let window = end.map(|end| Window { start: touched.start_byte, end, is_first, ancestors });
        let nodes = window.and_then(|window| tree::tokenize(new_html, &window));
        // A `tbody` without a tag begins with a row.
        let has_to_be_row = is_first && parent.is_some_and(|parent| parent.kind == Kind::Implied);
        let is_row = |first: &Node| tree::name(new_html, first).eq_ignore_ascii_case("tr");
        if let Some(nodes) = nodes.filter(|nodes| !has_to_be_row || nodes.first().is_some_and(is_row)) {
            return Some((path, touched, nodes));
        }
        path.pop()?;
    }
}

/// The elements around the bytes of a change, outermost first.
fn enclosing(old: Side<'_>, (start, end): (usize, usize)) -> Vec<Step> {
    let mut path: Vec<Step> = Vec::new();
    let mut range = (0, u32::try_from(old.nodes.len()).unwrap_or(u32::MAX));
    loop {
        let around = old
            .each_sibling(range.0, range.1)
            .take_while(|(_, _, node)| node.start as usize <= start)
            .find(|(_, _, node)| node.inner as usize <= start && node.inner_end as usize >= end && has_markup(old.html, node));
        match around {
            Some((index, position, node)) => {
                path.push(Step { node: position, index });
                range = (position + 1, node.skip);
            }
            None => return path,
        }
    }
}

/// Whether an element's content can be read by itself: it ends with a tag, and its rules are those of ordinary markup.
fn has_markup(html: &str, node: &Node) -> bool {
    let has_end = node.kind == Kind::Implied || node.kind == Kind::Element && node.inner_end < node.end;
    has_end && !["textarea", "title"].iter().any(|text| tree::name(html, node).eq_ignore_ascii_case(text))
}

/// The children of `parent` that a change touches, from an element or comment before it up to one after it: text may
/// grow together with what is next to it, and a `tbody` without a tag may take it in.
fn touched(old: Side<'_>, parent: Option<u32>, (start, end): (usize, usize)) -> Touched {
    let mut touched = match parent.and_then(|parent| Some((parent, old.node(parent)?))) {
        Some((position, node)) => {
            let (start_byte, end_byte) = (node.inner as usize, node.inner_end as usize);
            Touched { index: 0, first: position + 1, end: node.skip, start_byte, end_byte }
        }
        None => {
            Touched { index: 0, first: 0, end: u32::try_from(old.nodes.len()).unwrap_or(u32::MAX), start_byte: 0, end_byte: old.html.len() }
        }
    };
    if parent.and_then(|parent| old.node(parent)).is_some_and(|parent| tree::name(old.html, parent).eq_ignore_ascii_case("table")) {
        return touched;
    }
    for (index, position, node) in old.each_sibling(touched.first, touched.end) {
        let is_boundary = !matches!(node.kind, Kind::Text | Kind::Implied);
        if is_boundary && node.end as usize <= start {
            (touched.index, touched.first, touched.start_byte) = (index + 1, node.skip, node.end as usize);
        } else if is_boundary && node.start as usize >= end {
            (touched.end, touched.end_byte) = (position, node.start as usize);
            break;
        }
    }
    touched
}
