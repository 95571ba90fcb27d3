//! [`Tape`]: a tree as a flat array in document order.

use super::{
    Resolve,
    demands::Demands,
    element,
    expand::{self, NoChildren},
    tokenize::{Owner, Place, Window, tokenize},
};

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the protocol fixes the kinds")]
pub enum Kind {
    /// An element with attributes and children.
    Element,
    /// An element that the browser adds without a tag (`tbody` around rows): its source is that of its children.
    Implied,
    /// An element that is only replaced as a whole, always.
    Opaque,
    /// The same, because its content would become another tree.
    Marked,
    /// Text.
    Text,
    /// A comment.
    Comment,
    /// A child component.
    Component,
}

/// A node: byte ranges of the source, and where its subtree ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "plain data of the tape")]
pub struct Node {
    /// What it is.
    pub kind: Kind,
    /// The first byte of its source.
    pub start: u32,
    /// The first byte after its start tag; for text and comments the first byte of their data.
    pub inner: u32,
    /// The first byte of its end tag; for text and comments the end of their data.
    pub inner_end: u32,
    /// The end of its source.
    pub end: u32,
    /// The position of the first node after its subtree.
    pub skip: u32,
}

/// A component's tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tape {
    pub(crate) nodes: Vec<Node>,
    pub(crate) state: State,
    /// What it asks of the place where the component stands. Of the page nobody asks.
    pub(crate) demands: Demands,
}

/// What a tape stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// Nothing was read yet.
    Unparsed,
    /// The nodes are the tree.
    Whole,
    /// No part of the source can be told apart safely: only a resync shows it.
    Broken,
}

impl Default for Tape {
    fn default() -> Self {
        Self { nodes: Vec::new(), state: State::Unparsed, demands: Demands::default() }
    }
}

impl Tape {
    /// Reads HTML without components that may stand anywhere.
    #[must_use]
    pub fn parse(html: &str) -> Self {
        Self::read(html, expand::PAGE + 1, &NoChildren)
    }

    /// Reads a component's HTML. Those in it have been read before, since a browser may build another tree because of them.
    #[must_use]
    pub fn read(html: &str, component: u32, resolve: &dyn Resolve) -> Self {
        let whole = Window { start: 0, end: html.len(), is_first: true, ancestors: &[] };
        let owner = Owner::new(component, html, resolve);
        if let Some((nodes, demands)) = tokenize(html, &whole, owner)
            && !is_part_misplaced(html, &nodes, &demands)
        {
            let demands = if owner.place == Place::Page { Demands::default() } else { demands };
            return Self { nodes, state: State::Whole, demands };
        }
        // The element around it may still hold all that it does.
        let wrapped = if owner.place == Place::Html { tokenize(html, &whole, Owner { place: Place::Wrapper, ..owner }) } else { None };
        let demands = wrapped.map_or(Demands::UNBOUNDED, |(_, demands)| demands);
        let demands = if owner.place == Place::Page { Demands::default() } else { demands };
        Self { nodes: Vec::new(), state: State::Broken, demands }
    }

    /// Whether nothing was read yet.
    #[must_use]
    pub fn is_unparsed(&self) -> bool {
        self.state == State::Unparsed
    }

    /// Whether the source can only be shown as a whole.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        self.state == State::Broken
    }

    pub(crate) fn demands(&self) -> &Demands {
        &self.demands
    }

    /// The nodes in document order.
    #[must_use]
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// Number of nodes and hash of the structure, as the protocol defines them; the client compares them with its own tree's.
    #[must_use]
    pub fn check(&self, html: &str) -> (u32, u32) {
        let mut hash = Fnv32::new();
        let mut open: Vec<u32> = Vec::new();
        for (index, node) in (0_u32..).zip(&self.nodes) {
            while open.last().is_some_and(|end| *end <= index) {
                open.pop();
                hash.byte(b'/');
            }
            match node.kind {
                Kind::Element | Kind::Implied => {
                    hash.byte(b'<');
                    hash.name(element::name(html, node));
                    open.push(node.skip);
                }
                Kind::Opaque | Kind::Marked => {
                    hash.byte(b'!');
                    hash.name(element::name(html, node));
                }
                Kind::Text => hash.byte(b't'),
                Kind::Comment => hash.byte(b'c'),
                Kind::Component => hash.byte(b'@'),
            }
        }
        for _ in open {
            hash.byte(b'/');
        }
        (u32::try_from(self.nodes.len()).unwrap_or(u32::MAX), hash.0)
    }

    /// The positions of the children of a node, or of the top level.
    #[cfg(any(test, feature = "testing", debug_assertions))]
    pub(crate) fn children(&self, parent: Option<u32>) -> Children<'_> {
        let (next, end) = match parent.and_then(|parent| Some((parent, self.nodes.get(parent as usize)?))) {
            Some((parent, node)) => (parent + 1, node.skip),
            None => (0, u32::try_from(self.nodes.len()).unwrap_or(u32::MAX)),
        };
        Children { nodes: &self.nodes, next, end }
    }
}

/// Parts of a table that are not just one element get one around them, which no table takes.
pub(crate) fn is_part_misplaced(html: &str, nodes: &[Node], demands: &Demands) -> bool {
    demands.has_part() && !expand::is_one_element(html, nodes)
}

/// The positions of siblings.
#[cfg(any(test, feature = "testing", debug_assertions))]
#[derive(Debug, Clone)]
pub(crate) struct Children<'a> {
    nodes: &'a [Node],
    next: u32,
    end: u32,
}

#[cfg(any(test, feature = "testing", debug_assertions))]
impl Iterator for Children<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        if self.next >= self.end {
            return None;
        }
        let index = self.next;
        // A subtree ends after it starts, so this always goes on.
        self.next = self.nodes.get(index as usize)?.skip.max(index + 1);
        Some(index)
    }
}

/// FNV-1a, 32 bits (<http://www.isthe.com/chongo/tech/comp/fnv/>): simple enough to be the same in both languages.
struct Fnv32(u32);

impl Fnv32 {
    fn new() -> Self {
        Self(0x811c_9dc5)
    }

    fn byte(&mut self, byte: u8) {
        self.0 = (self.0 ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    }

    fn name(&mut self, name: &str) {
        for byte in name.bytes() {
            self.byte(byte.to_ascii_lowercase());
        }
    }
}
