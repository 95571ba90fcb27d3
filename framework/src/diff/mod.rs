//! What differs between a component's old and new HTML, as patch operations.
//!
//! The cost follows the change: the bytes before and after it are compared, only the innermost element around it is read
//! again, and only that element's children are matched. Pure; the deadline comes in as a parameter.

mod attributes;
mod children;
mod common;
mod matching;
mod moves;
mod repeat;
mod replace;
mod splice;
mod text;
mod window;

#[cfg(test)]
mod tests;

use std::time::Instant;

use smallvec::SmallVec;

use crate::{
    patch::PatchWriter,
    tree::{self, Node, Resolve, Tape},
};

pub use replace::replace_component;
pub(crate) use replace::replace_opaque;

/// Positions of siblings. Few at most changes: those around it that have to be looked at.
type Siblings = SmallVec<[u32; 16]>;

/// One side of a comparison: HTML and its nodes.
#[derive(Debug, Clone, Copy)]
struct Side<'a> {
    html: &'a str,
    nodes: &'a [Node],
}

impl<'a> Side<'a> {
    fn node(&self, index: u32) -> Option<&'a Node> {
        self.nodes.get(index as usize)
    }

    /// A node's source, children and all.
    fn source(&self, index: u32) -> &'a str {
        self.node(index).and_then(|node| self.html.get(node.start as usize..node.end as usize)).unwrap_or_default()
    }

    /// A node's start tag.
    fn tag(&self, index: u32) -> &'a str {
        self.node(index).and_then(|node| self.html.get(node.start as usize..node.inner as usize)).unwrap_or_default()
    }

    /// The data of a text or a comment, as written.
    fn data(&self, index: u32) -> &'a str {
        self.node(index).and_then(|node| self.html.get(node.inner as usize..node.inner_end as usize)).unwrap_or_default()
    }

    /// The positions of a node's children.
    fn children(&self, parent: u32) -> Siblings {
        self.node(parent).map_or_else(Siblings::new, |node| self.siblings(parent + 1, node.skip))
    }

    /// The positions of the siblings from `first` up to `end`.
    fn siblings(&self, first: u32, end: u32) -> Siblings {
        self.each_sibling(first, end).map(|(_, position, _)| position).collect()
    }

    /// The siblings from `first` up to `end`: which one it is, its position, and it.
    fn each_sibling(&self, first: u32, end: u32) -> impl Iterator<Item = (u32, u32, &'a Node)> {
        let (nodes, mut next) = (self.nodes, first);
        (0..).map_while(move |index| {
            let position = next;
            let node = nodes.get(position as usize).filter(|_| position < end)?;
            // A subtree ends after it starts, so this always goes on.
            next = node.skip.max(position + 1);
            Some((index, position, node))
        })
    }
}

/// What a diff needs besides the two sides.
struct Context<'a, 'w> {
    old: Side<'a>,
    new: Side<'a>,
    component: u32,
    resolve: &'a dyn Resolve,
    deadline: Option<Instant>,
    writer: &'a mut PatchWriter<'w>,
}

impl Context<'_, '_> {
    /// The HTML of new siblings as the client gets it.
    fn html(&self, first: u32, end: u32) -> (String, Vec<u32>) {
        let (mut html, mut opaque) = (String::new(), Vec::new());
        let last = self.new.node(end).map_or(end, |node| node.skip);
        tree::expand(self.new.html, self.new.nodes, self.component, first, last, self.resolve, &mut html, &mut opaque);
        (html, opaque)
    }
}

/// A start tag or text that only a browser can read, or a change that it makes something else of: the node is replaced.
struct Unreadable;

/// Writes the operations that turn what the client shows of `component` into the new HTML, and gives the new tape.
///
/// `tape` is that of `old_html`. With a `deadline` that passes, the patch is larger and still right.
#[must_use]
pub fn diff(
    old_html: &str,
    tape: Tape,
    new_html: &str,
    component: u32,
    deadline: Option<Instant>,
    writer: &mut PatchWriter<'_>,
    resolve: &dyn Resolve,
) -> Tape {
    if old_html == new_html && !tape.is_unparsed() {
        return tape;
    }
    window::diff(old_html, tape, new_html, component, deadline, writer, resolve)
}
