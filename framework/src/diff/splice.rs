//! Puts new nodes into a tape.

use std::ops::Range;

use super::window::{Nodes, Step};
use crate::tree::Node;

/// Puts new nodes, which lie in the nodes of `path`, in the place of old ones, and shifts what follows. `lengths` are those of
/// the old and the new HTML.
pub(super) fn splice(tape: &mut Vec<Node>, path: &[Step], old: Range<u32>, mut new: Nodes, lengths: (usize, usize)) {
    let n_bytes = difference(lengths.0, lengths.1);
    let n_nodes = difference(old.len(), new.len());
    for node in &mut new {
        node.skip += old.start;
    }
    let after = old.start as usize + new.len();
    if n_nodes == 0
        && let Some(place) = tape.get_mut(old.start as usize..old.end as usize)
    {
        place.copy_from_slice(&new);
    } else {
        tape.splice(old.start as usize..old.end as usize, new);
    }
    for step in path {
        if let Some(node) = tape.get_mut(step.node as usize) {
            node.inner_end = node.inner_end.wrapping_add(n_bytes);
            node.end = node.end.wrapping_add(n_bytes);
            node.skip = node.skip.wrapping_add(n_nodes);
        }
    }
    if n_bytes == 0 && n_nodes == 0 {
        return;
    }
    for node in tape.iter_mut().skip(after) {
        node.start = node.start.wrapping_add(n_bytes);
        node.inner = node.inner.wrapping_add(n_bytes);
        node.inner_end = node.inner_end.wrapping_add(n_bytes);
        node.end = node.end.wrapping_add(n_bytes);
        node.skip = node.skip.wrapping_add(n_nodes);
    }
}

/// What has to be added to get from one to the other; both fit 32 bits, so wrapping gives the right sum also when it shrinks.
#[expect(clippy::cast_possible_truncation, reason = "the low bits are what is wanted")]
fn difference(from: usize, to: usize) -> u32 {
    to.wrapping_sub(from) as u32
}
