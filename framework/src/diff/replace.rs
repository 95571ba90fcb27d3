//! Whole replacements: of a component's content, and of a component in its parent.

use super::Side;
use crate::{
    patch::PatchWriter,
    tree::{self, Kind, Node, Resolve, Tape},
};

/// Writes that the child component in a slot is replaced by what it is now, with the opaque element around it, if any.
pub fn replace_component(html: &str, tape: &Tape, parent: u32, slot: u64, writer: &mut PatchWriter<'_>, resolve: &dyn Resolve) {
    if tape.is_broken() {
        return resync(html, tape, parent, writer, resolve);
    }
    if let Some(node) = holder(Side { html, nodes: &tape.nodes }, slot) {
        replace_node(html, tape, parent, node, writer, resolve);
    }
}

/// Writes the opaque elements of a component that hold the children in these slots again.
pub(crate) fn replace_opaque(html: &str, tape: &Tape, component: u32, slots: &[u64], writer: &mut PatchWriter<'_>, resolve: &dyn Resolve) {
    if tape.is_broken() && !slots.is_empty() {
        return resync(html, tape, component, writer, resolve);
    }
    let side = Side { html, nodes: &tape.nodes };
    let mut holders: Vec<u32> = slots.iter().filter_map(|slot| holder(side, *slot)).collect();
    holders.sort_unstable();
    holders.dedup();
    for node in holders {
        replace_node(html, tape, component, node, writer, resolve);
    }
}

/// The node that holds the component in a slot: its own, or an opaque one. None of what is the client's own.
fn holder(side: Side<'_>, slot: u64) -> Option<u32> {
    let mut placeholder = String::new();
    tree::write_placeholder(slot, &mut placeholder);
    let holds = |index: u32, node: &Node| match node.kind {
        Kind::Component => tree::slot(side.html, node) == Some(slot),
        Kind::Opaque | Kind::Marked => {
            let is_the_clients = tree::attribute(side.tag(index), "lf-ignore").is_some();
            !is_the_clients && !tree::holds_text(tree::name(side.html, node)) && side.source(index).contains(&placeholder)
        }
        _ => false,
    };
    (0_u32..).zip(side.nodes).find(|(index, node)| holds(*index, node)).map(|(index, _)| index)
}

fn replace_node(html: &str, tape: &Tape, component: u32, position: u32, writer: &mut PatchWriter<'_>, resolve: &dyn Resolve) {
    let side = Side { html, nodes: &tape.nodes };
    writer.component(component);
    let (mut siblings, mut n_steps) = (side.siblings(0, u32::try_from(tape.nodes.len()).unwrap_or(u32::MAX)), 0);
    while let Some(index) = siblings.partition_point(|sibling| *sibling <= position).checked_sub(1) {
        let Some(node) = siblings.get(index).copied() else { break };
        let at = u32::try_from(index).unwrap_or(u32::MAX);
        if node == position {
            let (mut expanded, mut opaque) = (String::new(), Vec::new());
            tree::expand(html, &tape.nodes, component, node, node + 1, resolve, &mut expanded, &mut opaque);
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

/// Writes the whole content of a component.
pub(super) fn resync(html: &str, tape: &Tape, component: u32, writer: &mut PatchWriter<'_>, resolve: &dyn Resolve) {
    let (mut expanded, mut opaque) = (String::new(), Vec::new());
    tree::expand_all(html, tape, component, resolve, &mut expanded, &mut opaque);
    writer.component(component);
    writer.resync(&expanded, &opaque);
}
