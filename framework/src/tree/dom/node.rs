//! [`Node`]: what the page shows, as one tree through all components.

use std::fmt::{self, Write as _};

use super::{Dom, Kind, Root};
use crate::tree::element::Traits;

/// Names a node for as long as it is there, through any number of patches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub(super) usize);

/// A node of the page: an element, text or a comment.
#[derive(Clone, Copy)]
pub struct Node<'a> {
    dom: &'a Dom,
    index: usize,
}

impl<'a> Node<'a> {
    pub(super) fn new(dom: &'a Dom, index: usize) -> Self {
        Self { dom, index }
    }

    /// Its name for later.
    #[must_use]
    pub fn id(self) -> NodeId {
        NodeId(self.index)
    }

    /// Whether it is an element.
    #[must_use]
    pub fn is_element(self) -> bool {
        matches!(self.kind(), Kind::Element | Kind::Opaque | Kind::Root(_))
    }

    /// Whether it is text.
    #[must_use]
    pub fn is_text(self) -> bool {
        self.kind() == Kind::Text
    }

    /// Whether it is an element that is only replaced as a whole.
    #[must_use]
    pub fn is_opaque(self) -> bool {
        self.kind() == Kind::Opaque
    }

    /// An element's name, in lower case; empty for other nodes.
    #[must_use]
    pub fn name(self) -> &'a str {
        &self.item().name
    }

    /// An element's attributes, decoded, in no particular order. `lf-c` is not among them: see [`Self::component`].
    pub fn attributes(self) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.item().attributes.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The value of an attribute.
    #[must_use]
    pub fn attribute(self, name: &str) -> Option<&'a str> {
        self.attributes().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// All text in it, as `textContent` gives it; a comment's own data.
    #[must_use]
    pub fn text(self) -> String {
        if !self.is_element() {
            return self.item().data.clone();
        }
        let mut text = self.item().data.clone();
        self.descendants()
            .filter(|node| node.is_text() || !node.item().data.is_empty() && node.is_element())
            .for_each(|node| text.push_str(&node.item().data));
        text
    }

    /// Its children, those that are components too.
    #[must_use]
    pub fn children(self) -> impl DoubleEndedIterator<Item = Self> {
        self.item().children.iter().filter_map(move |child| match self.dom.items.get(*child)?.kind {
            Kind::Component(_) => {
                let root = Self { index: *self.dom.items.get(*child)?.children.first()?, ..self };
                if self.is_hidden(root.index) { Some(Self { index: *root.item().children.first()?, ..self }) } else { Some(root) }
            }
            _ => Some(Self { index: *child, ..self }),
        })
    }

    /// The element around it; `None` for the page's.
    #[must_use]
    pub fn parent(self) -> Option<Self> {
        let mut index = self.index;
        loop {
            index = match self.dom.items.get(index)?.kind {
                Kind::Root(root) => self.dom.items.get(root.leaf?)?.parent?,
                _ => self.dom.items.get(index)?.parent?,
            };
            if !self.is_hidden(index) {
                return Some(Self { index, ..self });
            }
        }
    }

    /// Whether this is a root that the page has no element for.
    fn is_hidden(self, index: usize) -> bool {
        matches!(self.dom.items.get(index).map(|item| item.kind), Some(Kind::Root(Root { is_own_element: true, .. })))
    }

    /// The component that it belongs to: the one that rendered it. Of a component's element, that component.
    #[must_use]
    pub fn component(self) -> u32 {
        let mut index = self.index;
        while let Some(item) = self.dom.items.get(index) {
            match (item.kind, item.parent) {
                (Kind::Root(Root { id, .. }), _) => return id,
                _ if item.unlisted.is_some() => return item.unlisted.unwrap_or_default(),
                (_, Some(parent)) => index = parent,
                _ => break,
            }
        }
        super::PAGE
    }

    /// Everything in it, in document order.
    pub fn descendants(self) -> impl Iterator<Item = Self> {
        let mut waiting: Vec<Self> = self.children().rev().collect();
        std::iter::from_fn(move || {
            let next = waiting.pop()?;
            waiting.extend(next.children().rev());
            Some(next)
        })
    }

    /// The first element in it that fits.
    pub fn find(self, mut fits: impl FnMut(Self) -> bool) -> Option<Self> {
        self.descendants().find(|node| node.is_element() && fits(*node))
    }

    /// It as HTML.
    #[must_use]
    pub fn to_html(self) -> String {
        let mut html = String::new();
        self.write_html(&mut html, false);
        html
    }

    /// `exactly` for comparisons: attributes sorted, and adjacent texts told apart.
    pub(super) fn write_html(self, html: &mut String, exactly: bool) {
        // Writing to a string can't fail.
        match self.kind() {
            Kind::Text => escape(&self.item().data, html),
            Kind::Comment => {
                let _ = write!(html, "<!--{}-->", self.item().data);
            }
            _ => self.write_element(html, exactly),
        }
        if exactly && self.is_text() {
            html.push('\u{1}');
        }
    }

    fn write_element(self, html: &mut String, exactly: bool) {
        let _ = write!(html, "<{}", self.name());
        if self.is_component() {
            let _ = write!(html, " lf-c=\"{}\"", self.component());
        }
        let mut attributes: Vec<_> = self.attributes().collect();
        if exactly {
            attributes.sort_unstable();
        }
        for (name, value) in attributes {
            let _ = write!(html, " {name}=\"");
            escape(value, html);
            html.push('"');
        }
        html.push('>');
        if Traits::of(self.name()).has(Traits::VOID) {
            return;
        }
        let first_text = self.children().next().filter(|first| first.is_text());
        if Traits::of(self.name()).has(Traits::EATS_NEWLINE) && first_text.is_some_and(|first| first.item().data.starts_with('\n')) {
            html.push('\n'); // a parser takes the first one away
        }
        html.push_str(&self.item().data);
        self.children().for_each(|child| child.write_html(html, exactly));
        let _ = write!(html, "</{}>", self.name());
    }

    /// Whether it is the element of a component.
    #[must_use]
    pub fn is_component(self) -> bool {
        let item = self.item();
        matches!(self.kind(), Kind::Root(_)) || item.unlisted.is_some() || item.parent.is_some_and(|parent| self.is_hidden(parent))
    }

    fn kind(self) -> Kind {
        self.item().kind
    }

    fn item(self) -> &'a super::Item {
        // Nodes are made from indexes of items only, and items are never taken out while a node borrows them.
        &self.dom.items[self.index]
    }
}

/// The same node of the same page.
impl PartialEq for Node<'_> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.dom, other.dom) && self.index == other.index
    }
}

impl Eq for Node<'_> {}

impl fmt::Debug for Node<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.to_html())
    }
}

fn escape(text: &str, html: &mut String) {
    for character in text.chars() {
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            _ => html.push(character),
        }
    }
}
