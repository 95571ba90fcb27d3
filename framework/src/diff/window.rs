//! Finds the innermost element around a change, and in it the children that changed; reads and compares only those.

use std::time::Instant;

use memchr::memchr2;
use smallvec::{SmallVec, smallvec};

use super::{Context, Side, children, common, replace, splice};
use crate::{
    patch::PatchWriter,
    tree::{self, Demands, Kind, Node, Owner, Resolve, State, Tape, Window},
};

/// A step on the way from a component's root to a node.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    pub(super) node: u32,
    /// Its position among its siblings.
    index: u32,
}

/// The way from a component's root to an element.
pub(super) type Path = SmallVec<[Step; 12]>;

/// The new nodes in the place of those that a change touches; most often one text.
pub(super) type Nodes = SmallVec<[Node; 1]>;

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
    let owner = Owner::new(component, new_html, resolve);
    if tape.state == State::Whole
        && owner.place == Owner::new(component, old_html, resolve).place
        && let Some(Read { path, touched, nodes, demands }) = read(Side { html: old_html, nodes: &tape.nodes }, new_html, owner)
        && !(path.is_empty() && tree::is_part_misplaced(new_html, &nodes, &tape.demands.with(&demands)))
    {
        tape.demands = all_demands(Side { html: old_html, nodes: &tape.nodes }, &tape, &path, &touched, &demands, new_html, owner);
        writer.component(component);
        for step in &path {
            writer.descend(step.index);
        }
        let (old, new) = (Side { html: old_html, nodes: &tape.nodes }, Side { html: new_html, nodes: &nodes });
        let mut context = Context { old, new, component, resolve, deadline, writer };
        if touched.end == touched.first + 1 && nodes.len() == 1 {
            children::diff(&mut context, touched.index as usize, &[touched.first], &[0]);
        } else {
            let (before, now) = (old.siblings(touched.first, touched.end), new.siblings(0, u32::try_from(nodes.len()).unwrap_or(u32::MAX)));
            children::diff(&mut context, touched.index as usize, &before, &now);
        }
        for _ in &path {
            writer.ascend();
        }
        splice::splice(&mut tape.nodes, &path, touched.first..touched.end, nodes, (old_html.len(), new_html.len()));
        return tape;
    }
    let tape = Tape::read(new_html, component, resolve);
    replace::resync(new_html, &tape, component, writer, resolve);
    tape
}

/// What was read of the new HTML: where it is in the old tree, its nodes, and what it asks of what is around the component.
struct Read {
    path: Path,
    touched: Touched,
    nodes: Nodes,
    demands: Demands,
}

/// Reads as little of the new HTML as holds all that changed.
fn read(old: Side<'_>, new_html: &str, owner: Owner<'_>) -> Option<Read> {
    let (prefix, suffix) = common::changed(old.html.as_bytes(), new_html.as_bytes());
    let change = (prefix, old.html.len() - suffix);
    let mut path = enclosing(old, change);
    let mut names: SmallVec<[&str; 12]> = SmallVec::new();
    // From the innermost outwards.
    loop {
        let parent = path.last().and_then(|step| old.node(step.node));
        let touched = touched(old, path.last().map(|step| step.node), change);
        // What follows the change is as long as before.
        let end = (new_html.len() + touched.end_byte).checked_sub(old.html.len());
        let is_first = parent.is_some_and(|parent| parent.inner as usize == touched.start_byte);
        if let Some(text) = end.and_then(|end| plain_text(old, new_html, &touched, is_first, end)) {
            return Some(Read { path, touched, nodes: smallvec![text], demands: Demands::default() });
        }
        if names.is_empty() {
            names.extend(path.iter().filter_map(|step| Some(tree::name(old.html, old.node(step.node)?))));
        }
        let ancestors = names.get(..path.len())?;
        let window = end.map(|end| Window { start: touched.start_byte, end, is_first, ancestors });
        let read = window.and_then(|window| tree::tokenize(new_html, &window, owner));
        // A `tbody` without a tag begins with a row.
        let has_to_be_row = is_first && parent.is_some_and(|parent| parent.kind == Kind::Implied);
        if let Some((nodes, demands)) = read.filter(|(nodes, _)| !has_to_be_row || tree::begins_with_row(new_html, nodes, owner)) {
            return Some(Read { path, touched, nodes: nodes.into(), demands });
        }
        path.pop()?;
    }
}

/// The one text that a change touches, as it is now: what the tokeniser would find, without its preparations.
///
/// Where there was text before, other text may be, as long as it holds no tag, nothing that a browser drops, and no
/// newline at the beginning (which some elements drop). Spaces may stand where other text may not, so they count as none.
fn plain_text(old: Side<'_>, new_html: &str, touched: &Touched, is_first: bool, end: usize) -> Option<Node> {
    let before = old.node(touched.first)?;
    let is_only = touched.end == touched.first + 1 && before.kind == Kind::Text;
    // A newline that was dropped before it is no part of it.
    let is_all = (before.start as usize, before.end as usize) == (touched.start_byte, touched.end_byte);
    if !is_only || !is_all || old.source(touched.first).bytes().all(|byte| byte.is_ascii_whitespace()) {
        return None;
    }
    let text = new_html.get(touched.start_byte..end)?.as_bytes();
    let begins_well = !is_first || !matches!(text.first()?, b'\n' | b'\r' | b'&');
    if text.is_empty() || !begins_well || memchr2(b'<', 0, text).is_some() {
        return None;
    }
    let end = u32::try_from(end).ok()?;
    Some(Node { kind: Kind::Text, start: before.start, inner: before.start, inner_end: end, end, skip: 1 })
}

/// What the component asks of what is around it, now that `new` is in the place of the nodes that were touched.
fn all_demands(old: Side<'_>, tape: &Tape, path: &[Step], touched: &Touched, new: &Demands, new_html: &str, owner: Owner<'_>) -> Demands {
    if owner.id == tree::PAGE {
        return Demands::default();
    }
    // What went asked nothing that is not asked still: then all that was asked before is.
    let before = tape.demands();
    let is_within = |demands: &Demands| demands.is_within(new);
    let is_kept = is_within(before) || {
        let gone = tape.nodes.get(touched.first as usize..touched.end as usize).unwrap_or_default();
        let source = old.html.get(touched.start_byte..touched.end_byte).unwrap_or_default();
        let is_plain = gone.iter().all(|node| matches!(node.kind, Kind::Text | Kind::Comment));
        // A component that went can't be asked any more.
        is_plain
            || !tree::has_placeholder(source) && {
                let ancestors: Vec<&str> = path.iter().filter_map(|step| Some(tree::name(old.html, old.node(step.node)?))).collect();
                let window = Window { start: touched.start_byte, end: touched.end_byte, is_first: false, ancestors: &ancestors };
                tree::tokenize(old.html, &window, owner).is_some_and(|(_, gone)| is_within(&gone))
            }
    };
    if is_kept { before.with(new) } else { *Tape::read(new_html, owner.id, owner.resolve).demands() }
}

/// The elements around the bytes of a change, outermost first.
fn enclosing(old: Side<'_>, (start, end): (usize, usize)) -> Path {
    let mut path = Path::new();
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
    let may_hold_text_only = || matches!(html.as_bytes().get(node.start as usize + 1), Some(b't' | b'T'));
    has_end && !(may_hold_text_only() && ["textarea", "title"].iter().any(|text| tree::name(html, node).eq_ignore_ascii_case(text)))
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
