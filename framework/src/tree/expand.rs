//! Puts child components in the place of their placeholders: the HTML that goes to the client.

use std::fmt::Write as _;

use super::{Kind, Node, Tape};

/// The name of the element that stands for a child component in its parent's HTML.
pub(super) const PLACEHOLDER: &str = "lf-child";

/// Writes the placeholder of the child component in a slot.
pub fn write_placeholder(slot: u64, into: &mut String) {
    // Writing to a string can't fail.
    let _ = write!(into, "<{PLACEHOLDER} s=\"{slot:016x}\"></{PLACEHOLDER}>");
}

/// The slot that a placeholder names.
pub(crate) fn slot(html: &str, node: &Node) -> Option<u64> {
    let tag = html.get(node.start as usize..node.inner as usize)?;
    u64::from_str_radix(super::attribute::attribute(tag, "s")?, 16).ok()
}

/// Finds child components.
pub trait Resolve {
    /// The component in a slot of another.
    fn resolve(&self, parent: u32, slot: u64) -> Option<Resolved<'_>>;
}

/// A child component.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::exhaustive_structs, reason = "built where components are kept")]
pub struct Resolved<'a> {
    /// Its id.
    pub id: u32,
    /// Its HTML, with placeholders.
    pub html: &'a str,
    /// The same as a tree.
    pub tape: &'a Tape,
}

/// Whether a component has an element of its own around it, since it has not just one at its top level.
#[must_use]
pub fn is_wrapped(html: &str, tape: &Tape) -> bool {
    let single = tape.nodes().first().is_some_and(|first| {
        matches!(first.kind, Kind::Element | Kind::Opaque | Kind::Marked)
            && first.skip as usize == tape.nodes().len()
            && first.start == 0
            && first.end as usize == html.len()
    });
    !single || tape.is_broken()
}

/// The name of the one element that is all of a component and carries its id; `None` for one that is wrapped.
#[must_use]
pub fn own_element<'a>(html: &'a str, tape: &Tape) -> Option<&'a str> {
    if is_wrapped(html, tape) { None } else { tape.nodes().first().map(|node| super::element::name(html, node)) }
}

/// The same as [`expand`] for the child component in a slot: with the element that carries its id.
pub fn expand_slot(html: &str, tape: &Tape, parent: u32, wanted: u64, resolve: &dyn Resolve, into: &mut String, opaque: &mut Vec<u32>) {
    let is_it = |node: &Node| node.kind == Kind::Component && slot(html, node) == Some(wanted);
    if let Some(index) = tape.nodes().iter().position(is_it).and_then(|index| u32::try_from(index).ok()) {
        expand(html, tape.nodes(), parent, index, index + 1, resolve, into, opaque);
    }
}

/// Writes a component's HTML with all components in it, and the positions of the elements that the tree marks opaque.
pub fn expand_all(html: &str, tape: &Tape, component: u32, resolve: &dyn Resolve, into: &mut String, opaque: &mut Vec<u32>) {
    if tape.is_broken() {
        into.push_str(html);
        return;
    }
    Expand { resolve, into, opaque, position: 0, depth: 0 }.all(html, tape, component);
}

/// The same for the nodes from `first` up to `end`, which are siblings with their subtrees.
#[expect(clippy::too_many_arguments, reason = "the component, the range, and the two results")]
pub fn expand(
    html: &str,
    nodes: &[Node],
    component: u32,
    first: u32,
    end: u32,
    resolve: &dyn Resolve,
    into: &mut String,
    opaque: &mut Vec<u32>,
) {
    Expand { resolve, into, opaque, position: 0, depth: 0 }.nodes(html, nodes, component, first, end);
}

struct Expand<'a> {
    resolve: &'a dyn Resolve,
    into: &'a mut String,
    opaque: &'a mut Vec<u32>,
    /// How many nodes the client's walk has met.
    position: u32,
    depth: u32,
}

impl Expand<'_> {
    fn all(&mut self, html: &str, tape: &Tape, component: u32) {
        self.nodes(html, tape.nodes(), component, 0, u32::try_from(tape.nodes().len()).unwrap_or(u32::MAX));
    }

    fn nodes(&mut self, html: &str, nodes: &[Node], component: u32, first: u32, end: u32) {
        let Some(nodes) = nodes.get(first as usize..end as usize) else { return };
        let (Some(start), Some(last)) = (nodes.first(), nodes.iter().map(|node| node.end).max()) else { return };
        let mut copy = Copy { html, position: start.start };
        for node in nodes {
            match node.kind {
                Kind::Component => {
                    copy.until(node.start, self.into);
                    copy.skip(node.end);
                    if let Some(child) = slot(html, node).and_then(|slot| self.resolve.resolve(component, slot)) {
                        self.component(child);
                    }
                    continue;
                }
                Kind::Marked => {
                    self.opaque.push(self.position);
                    self.inside_opaque(html, node, component, &mut copy);
                }
                Kind::Opaque => self.inside_opaque(html, node, component, &mut copy),
                Kind::Element | Kind::Implied | Kind::Text | Kind::Comment => {}
            }
            self.position += 1;
        }
        copy.until(last, self.into);
    }

    fn component(&mut self, child: Resolved<'_>) {
        // Components can't hold themselves; a bound all the same, since the tree comes from outside.
        if self.depth > 200 {
            return;
        }
        self.depth += 1;
        let id = child.id;
        if is_wrapped(child.html, child.tape) {
            let _ = write!(self.into, "<lf-component lf-c=\"{id}\">");
            self.position += 1;
            if child.tape.is_broken() {
                self.into.push_str(child.html);
            } else {
                self.all(child.html, child.tape, id);
            }
            self.into.push_str("</lf-component>");
        } else {
            let at = self.into.len();
            self.all(child.html, child.tape, id);
            let name_end = at + 1 + super::element::tag_name(child.html).len();
            if self.into.is_char_boundary(name_end) {
                self.into.insert_str(name_end, &format!(" lf-c=\"{id}\""));
            }
        }
        self.depth -= 1;
    }

    /// Components inside of an opaque element: the tree doesn't show them, so look for their placeholders in its source.
    fn inside_opaque(&mut self, html: &str, node: &Node, component: u32, copy: &mut Copy<'_>) {
        let (Ok(from), Some(source)) = (usize::try_from(node.inner), html.get(node.inner as usize..node.inner_end as usize)) else {
            return;
        };
        let marker = "<lf-child s=\"";
        let mut searched = 0;
        while let Some(found) = source.get(searched..).and_then(|rest| rest.find(marker)) {
            let start = searched + found;
            let length = marker.len() + 16 + "\"></lf-child>".len();
            searched = start + marker.len();
            let Some(placeholder) = source.get(start..start + length) else { return };
            let digits = placeholder.get(marker.len()..marker.len() + 16).unwrap_or_default();
            let Some(child) = u64::from_str_radix(digits, 16).ok().and_then(|slot| self.resolve.resolve(component, slot)) else { continue };
            let (Ok(start), Ok(end)) = (u32::try_from(from + start), u32::try_from(from + start + length)) else { return };
            copy.until(start, self.into);
            copy.skip(end);
            // Inside an opaque element positions don't count.
            let position = self.position;
            let n_opaque = self.opaque.len();
            self.component(child);
            self.position = position;
            self.opaque.truncate(n_opaque);
        }
    }
}

/// Copies a source piece by piece.
struct Copy<'a> {
    html: &'a str,
    position: u32,
}

impl Copy<'_> {
    fn until(&mut self, end: u32, into: &mut String) {
        into.push_str(self.html.get(self.position as usize..end as usize).unwrap_or_default());
        self.skip(end);
    }

    fn skip(&mut self, end: u32) {
        self.position = self.position.max(end);
    }
}
