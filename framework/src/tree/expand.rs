//! Puts child components in the place of their placeholders: the HTML that goes to the client.

use std::fmt::Write as _;

use memchr::memmem;

use super::{
    Kind, Node, Tape,
    demands::{Fit, FitAsleep},
};

/// The name of the element that stands for a child component in its parent's HTML.
pub(super) const PLACEHOLDER: &str = "lf-child";

/// A placeholder up to its slot, and from there on.
const PLACEHOLDER_START: &[u8] = b"<lf-child s=\"";
const PLACEHOLDER_END: &str = "\"></lf-child>";
const SLOT_DIGITS: usize = 16;

/// The page's component.
pub(crate) const PAGE: u32 = 0;

/// Writes the placeholder of the child component in a slot.
pub fn write_placeholder(slot: u64, into: &mut String) {
    // Writing to a string can't fail.
    let _ = write!(into, "<{PLACEHOLDER} s=\"{slot:016x}\"></{PLACEHOLDER}>");
}

/// Whether there is anything in it that looks like a placeholder.
pub(crate) fn has_placeholder(html: &str) -> bool {
    memmem::find(html.as_bytes(), PLACEHOLDER_START).is_some()
}

/// The slot that a placeholder names.
pub(crate) fn slot(html: &str, node: &Node) -> Option<u64> {
    read_placeholder(html, node.start as usize).map(|(slot, _)| slot)
}

/// The slot and the end of the placeholder at `start`, written exactly as [`write_placeholder`] does. What only looks like one
/// is an element like any other.
pub(super) fn read_placeholder(html: &str, start: usize) -> Option<(u64, usize)> {
    let rest = html.as_bytes().get(start..)?.strip_prefix(PLACEHOLDER_START)?;
    let (digits, rest) = rest.split_at_checked(SLOT_DIGITS)?;
    let rest = rest.strip_prefix(PLACEHOLDER_END.as_bytes())?;
    let digit = |digit: u8| char::from(digit).to_digit(16).filter(|_| !digit.is_ascii_uppercase());
    let slot = digits.iter().try_fold(0, |slot, byte| Some(slot << 4 | u64::from(digit(*byte)?)))?;
    Some((slot, html.len() - rest.len()))
}

/// Finds child components.
pub trait Resolve {
    /// The component in a slot of another.
    fn resolve(&self, parent: u32, slot: u64) -> Option<Resolved<'_>>;
}

/// There are none.
pub(crate) struct NoChildren;

impl Resolve for NoChildren {
    fn resolve(&self, _: u32, _: u64) -> Option<Resolved<'_>> {
        None
    }
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
    /// How it fits its place, while neither is at hand.
    pub asleep: Option<&'a FitAsleep>,
}

impl<'a> Resolved<'a> {
    pub(super) fn fit(&self) -> Fit<'a> {
        self.asleep.map_or_else(|| Fit::of(self.html, self.tape), FitAsleep::fit)
    }
}

/// Whether a component has an element of its own around it, since it has not just one at its top level.
#[must_use]
pub fn is_wrapped(html: &str, tape: &Tape) -> bool {
    tape.is_broken() || !is_one_element(html, tape.nodes())
}

/// Whether these nodes are one element, and all of the HTML.
pub(super) fn is_one_element(html: &str, nodes: &[Node]) -> bool {
    nodes.first().is_some_and(|first| {
        matches!(first.kind, Kind::Element | Kind::Opaque | Kind::Marked)
            && first.skip as usize == nodes.len()
            && first.start == 0
            && first.end as usize == html.len()
    })
}

/// The name of the one element that is all of a component and carries its id; `None` for one that is wrapped.
#[must_use]
pub fn own_element<'a>(html: &'a str, tape: &Tape) -> Option<&'a str> {
    own_tag(html, tape).map(super::element::tag_name)
}

/// The start tag of that element.
pub(super) fn own_tag<'a>(html: &'a str, tape: &Tape) -> Option<&'a str> {
    if is_wrapped(html, tape) { None } else { html.get(..tape.nodes().first()?.inner as usize) }
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
    let mut expand = Expand { resolve, into, opaque, position: 0, depth: 0 };
    if tape.is_broken() {
        expand.broken(html, component);
    } else {
        expand.all(html, tape, component);
    }
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
                    // One that is missing keeps its place, so that what comes after it is found.
                    let Some(child) = slot(html, node).and_then(|slot| self.resolve.resolve(component, slot)) else {
                        self.position += 1;
                        continue;
                    };
                    copy.until(node.start, self.into);
                    copy.skip(node.end);
                    self.component(child);
                    continue;
                }
                Kind::Marked | Kind::Opaque => {
                    if node.kind == Kind::Marked {
                        self.opaque.push(self.position);
                    }
                    // In text there are no elements, so a component there is text as well.
                    if !super::element::holds_text(super::element::name(html, node)) {
                        self.unread(html, node.inner, node.inner_end, component, &mut copy);
                    }
                }
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
                self.broken(child.html, id);
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

    /// What can't be read as a tree. Nobody here knows how many nodes a browser makes of it, so it has an element to itself,
    /// which is marked; but for the page, which has all of one.
    fn broken(&mut self, html: &str, component: u32) {
        let mut copy = Copy { html, position: 0 };
        let end = u32::try_from(html.len()).unwrap_or(u32::MAX);
        if component != PAGE {
            self.opaque.push(self.position);
            self.position += 1;
            self.into.push_str("<lf-component>");
        }
        self.unread(html, 0, end, component, &mut copy);
        copy.until(end, self.into);
        self.into.push_str(if component == PAGE { "" } else { "</lf-component>" });
    }

    /// Puts components in the place of their placeholders from `from` up to `end`, where no tree shows them. Positions
    /// don't count there.
    fn unread(&mut self, html: &str, from: u32, end: u32, component: u32, copy: &mut Copy<'_>) {
        let Some(source) = html.get(from as usize..end as usize) else { return };
        let (position, n_opaque) = (self.position, self.opaque.len());
        for start in memmem::find_iter(source.as_bytes(), PLACEHOLDER_START) {
            let Some((slot, after)) = read_placeholder(source, start) else { continue };
            let Some(child) = self.resolve.resolve(component, slot) else { continue };
            let (Ok(start), Ok(after)) = (u32::try_from(start), u32::try_from(after)) else { break };
            copy.until(from + start, self.into);
            copy.skip(from + after);
            self.component(child);
        }
        self.position = position;
        self.opaque.truncate(n_opaque);
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
