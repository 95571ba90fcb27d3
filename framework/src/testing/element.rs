//! [`Element`]: something on a page, to look at. Its [`id`](Element::id) is for actions, and for looking again later.

use std::fmt;

use super::{Node, Page, Query, Role, TestError, outline};
use crate::tree::dom::NodeId;

/// An element of a page, as the page is now.
#[derive(Clone, Copy)]
pub struct Element<'a> {
    page: &'a Page,
    node: Node<'a>,
}

impl<'a> Element<'a> {
    pub(super) fn new(page: &'a Page, node: Node<'a>) -> Self {
        Self { page, node }
    }

    /// Names it for as long as it is on the page: give it to an action, or to [`Page::element`].
    #[must_use]
    pub fn id(self) -> NodeId {
        self.node.id()
    }

    /// What it is in the tree.
    #[must_use]
    pub fn node(self) -> Node<'a> {
        self.node
    }

    /// What it is to a person, if anything.
    #[must_use]
    pub fn role(self) -> Option<Role> {
        Role::of(self.node)
    }

    /// What a person, or a screen reader, calls it: its label, its words, its `aria-label`. Empty if nothing.
    #[must_use]
    pub fn name(self) -> String {
        self.page.reader().name(self.node)
    }

    /// All text in it that is not hidden, as it is read.
    #[must_use]
    pub fn text(self) -> String {
        self.page.reader().text(self.node)
    }

    /// What a field holds; of a group of radio buttons, the value of the one that is on. `None` for what holds none.
    #[must_use]
    pub fn value(self) -> Option<String> {
        self.page.reader().value(self.node)
    }

    /// An attribute, as the server rendered it.
    #[must_use]
    pub fn attribute(self, name: &str) -> Option<&'a str> {
        self.node.attribute(name)
    }

    /// Whether a box, radio button or switch is on; `None` for what can't be.
    #[must_use]
    pub fn is_checked(self) -> Option<bool> {
        self.page.reader().is_checked(self.node)
    }

    /// Whether it, or the fieldset around it, is disabled.
    #[must_use]
    pub fn is_disabled(self) -> bool {
        self.page.reader().is_disabled(self.node)
    }

    /// Whether neither it nor anything around it is hidden, as far as HTML says: by `hidden`, a `dialog` that is not open, a `details` that is folded.
    #[must_use]
    pub fn is_visible(self) -> bool {
        self.page.reader().is_visible(self.node)
    }

    /// The one element in it that fits.
    ///
    /// # Errors
    /// When none fits, or more than one.
    pub fn get(self, query: Query) -> Result<Self, TestError> {
        self.page.get(query.inside(self.id()))
    }

    /// All elements in it that fit.
    #[must_use]
    pub fn all(self, query: Query) -> Vec<Self> {
        self.page.all(query.inside(self.id())).unwrap_or_default()
    }

    /// It as lines that people read, see [`Page::outline`].
    #[must_use]
    pub fn outline(self) -> String {
        outline::of(&self.page.reader(), self.node, true)
    }
}

impl PartialEq for Element<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.node == other.node
    }
}

impl Eq for Element<'_> {}

/// In a line, as errors say it.
impl fmt::Display for Element<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&outline::line(&self.page.reader(), self.node))
    }
}

impl fmt::Debug for Element<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Element({self})")
    }
}
