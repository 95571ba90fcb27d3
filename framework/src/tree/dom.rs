//! [`Dom`]: what the browser client holds, in memory: the logical trees of a page, to which patches are applied.
//!
//! The twin of the client's tree for tests, which then need no browser. Both build a tree from HTML once, walk it by the
//! operations of a patch, and fail where a look-up fails. HTML is read as it was written: what a browser would build
//! otherwise lies in opaque elements, into which no operation leads.

mod apply;
mod node;
mod read;

#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, fmt};

use crate::patch::{BODY, HEAD, HTML};

#[cfg(any(test, feature = "testing"))]
pub(crate) use apply::Watcher;
pub use apply::{Drift, Mismatch};
pub use node::{Node, NodeId};

/// The page's component.
const PAGE: u32 = 0;

/// The logical trees of a page.
#[derive(Clone)]
pub struct Dom {
    /// All nodes that ever were: an id never names another node. What was removed is [`Kind::Gone`].
    items: Vec<Item>,
    components: BTreeMap<u32, Component>,
}

/// A component that the page shows.
#[derive(Debug, Clone, Copy)]
struct Component {
    /// Its virtual root.
    root: usize,
    /// Its place in the tree of the component around it.
    leaf: Option<usize>,
    /// Whether its one element carries the `lf-c` itself, and is a child of the root; else the root is an element.
    is_own_element: bool,
}

/// Knows its place itself: while a component is replaced, its id may already stand for the one that comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Root {
    id: u32,
    leaf: Option<usize>,
    is_own_element: bool,
}

#[derive(Debug, Clone)]
struct Item {
    kind: Kind,
    parent: Option<usize>,
    children: Vec<usize>,
    /// Of an element, lower case.
    name: String,
    /// Of an element, decoded; without `lf-c`.
    attributes: Vec<(String, String)>,
    /// Of text and comments; the raw content of scripts and the like.
    data: String,
    /// The component whose element it is, where that stands in an opaque element, so that no tree has it.
    unlisted: Option<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The root of a component.
    Root(Root),
    Element,
    Opaque,
    Text,
    Comment,
    /// The place of a component in the tree around it. Its only child is the root.
    Component(u32),
    Gone,
}

impl Dom {
    /// Reads a page's content, all components in it. `opaque` are the positions that the page carries for the client.
    #[must_use]
    pub fn parse_page(html: &str, opaque: &[u32]) -> Self {
        let mut dom = Self { items: Vec::new(), components: BTreeMap::new() };
        let root = dom.register(PAGE, None, false);
        let children = dom.read(html, root, opaque, None);
        dom.items[root].children = children;
        for (id, name) in [(HTML, "html"), (BODY, "body"), (HEAD, "head")] {
            let kind = if id == HEAD { Kind::Root(Root { id, leaf: None, is_own_element: false }) } else { Kind::Element };
            let root = dom.add(kind, None);
            name.clone_into(&mut dom.items[root].name);
            dom.components.insert(id, Component { root, leaf: None, is_own_element: false });
        }
        dom
    }

    /// Reads what a document as the server sends it has around the page.
    #[must_use]
    pub fn with_document(mut self, document: &str) -> Self {
        let after = |text: &str, start: &str| text.split_once(start).map_or_else(String::new, |(_, rest)| rest.to_owned());
        let until = |text: &str, end: &str| text.split_once(end).map_or_else(String::new, |(inside, _)| inside.to_owned());
        for (id, name) in [(HTML, "<html"), (BODY, "<body")] {
            // The server writes no `>` into such a tag but at its end.
            let tag = until(&after(document, name), ">");
            let tag = format!("{name}{tag}>");
            let decoded = |value| super::decode(value).unwrap_or_default().into_owned();
            if let Some(root) = self.components.get(&id).map(|around| around.root) {
                self.items[root].attributes = super::attributes(&tag).map(|(name, value)| (name.to_owned(), decoded(value))).collect();
            }
        }
        let head = until(&after(&after(document, "<script type=\"module\""), "</script>"), "</head>");
        if let Some(root) = self.components.get(&HEAD).map(|around| around.root) {
            let children = self.read(&head, root, &[], None);
            self.items[root].children = children;
        }
        self
    }

    /// An attribute of the document's `html` or `body`.
    #[must_use]
    pub fn document_attribute(&self, element: &str, name: &str) -> Option<&str> {
        self.around(if element == "html" { HTML } else { BODY })?.attribute(name)
    }

    /// What the server rendered into the document's head, as HTML.
    #[must_use]
    pub fn head(&self) -> String {
        let mut html = String::new();
        if let Some(head) = self.around(HEAD) {
            head.children().for_each(|child| child.write_html(&mut html, false));
        }
        html
    }

    fn around(&self, id: u32) -> Option<Node<'_>> {
        Some(Node::new(self, self.components.get(&id)?.root))
    }

    /// The page's element.
    #[must_use]
    pub fn page(&self) -> Node<'_> {
        Node::new(self, self.components.get(&PAGE).map_or(0, |page| page.root))
    }

    /// The ids of all components, the page's first.
    #[must_use]
    pub fn components(&self) -> Vec<u32> {
        self.components.keys().copied().filter(|id| *id < HEAD).collect()
    }

    /// The element of a component: its one element, or the one around what it rendered.
    #[must_use]
    pub fn component(&self, id: u32) -> Option<Node<'_>> {
        let component = self.components.get(&id)?;
        let index = if component.is_own_element { *self.items.get(component.root)?.children.first()? } else { component.root };
        Some(Node::new(self, index))
    }

    /// A node by its id; `None` once it was removed.
    #[must_use]
    pub fn node(&self, id: NodeId) -> Option<Node<'_>> {
        self.is_attached(id.0).then(|| Node::new(self, id.0))
    }

    /// Sets or removes an attribute, as the person does where a browser keeps something for them.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn set(&mut self, id: NodeId, name: &str, value: Option<&str>) {
        let Some(item) = self.items.get_mut(id.0) else { return };
        item.attributes.retain(|(other, _)| other != name);
        item.attributes.extend(value.map(|value| (name.to_owned(), value.to_owned())));
    }

    fn is_attached(&self, mut index: usize) -> bool {
        while let Some(item) = self.items.get(index).filter(|item| item.kind != Kind::Gone) {
            let next = match item.kind {
                Kind::Root(Root { id: PAGE, .. }) => return true,
                Kind::Root(root) => root.leaf,
                _ => item.parent,
            };
            let Some(next) = next else { return false };
            index = next;
        }
        false
    }

    /// All elements in document order, through all components.
    pub fn elements(&self) -> impl Iterator<Item = Node<'_>> {
        self.page().descendants().filter(|node| node.is_element())
    }

    /// The page's content as HTML.
    #[must_use]
    pub fn to_html(&self) -> String {
        let mut html = String::new();
        self.page().children().for_each(|child| child.write_html(&mut html, false));
        html
    }

    /// Number of nodes and hash of a component's structure, as the page carries them for the client.
    #[must_use]
    pub fn check(&self, component: u32) -> Option<(u32, u32)> {
        let root = self.components.get(&component)?.root;
        let mut letters = String::new();
        let count = self.structure(root, &mut letters);
        let hash = letters.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
        Some((count, hash))
    }

    fn structure(&self, parent: usize, letters: &mut String) -> u32 {
        let mut count = 0;
        for child in self.items[parent].children.iter().map(|child| (*child, &self.items[*child])) {
            count += 1;
            let (index, item) = child;
            match item.kind {
                Kind::Text => letters.push('t'),
                Kind::Comment => letters.push('c'),
                Kind::Component(_) => letters.push('@'),
                Kind::Opaque => {
                    letters.push('!');
                    letters.push_str(&item.name);
                }
                Kind::Element | Kind::Root(_) | Kind::Gone => {
                    letters.push('<');
                    letters.push_str(&item.name);
                    count += self.structure(index, letters);
                    letters.push('/');
                }
            }
        }
        count
    }

    /// Checks that the trees hang together: each node is the child of its parent once, and each component of its place. (A
    /// component may be there twice within a patch, which inserts it anew before it removes what was there.)
    ///
    /// # Errors
    /// What does not hold.
    pub fn verify(&self) -> Result<(), String> {
        let mut parents = vec![None; self.items.len()];
        for (index, item) in self.items.iter().enumerate().filter(|(_, item)| item.kind != Kind::Gone) {
            for child in &item.children {
                let Some(below) = self.items.get(*child).filter(|below| below.kind != Kind::Gone) else {
                    return Err(format!("{:?} holds node {child}, which is gone", item.kind));
                };
                let is_root = matches!(below.kind, Kind::Root(_));
                if parents[*child].replace(index).is_some() || !is_root && below.parent != Some(index) {
                    return Err(format!("node {child}, {:?}, has another parent than {index}", below.kind));
                }
            }
        }
        for (id, component) in &self.components {
            let Component { leaf, is_own_element, .. } = *component;
            let expected = if [HTML, BODY].contains(id) { Kind::Element } else { Kind::Root(Root { id: *id, leaf, is_own_element }) };
            let is_sound = self.items.get(component.root).is_some_and(|root| root.kind == expected)
                && component.leaf.is_none_or(|leaf| self.items.get(leaf).is_some_and(|leaf| leaf.children == [component.root]));
            if !is_sound {
                return Err(format!("component {id} is not in its place"));
            }
        }
        Ok(())
    }

    fn register(&mut self, id: u32, leaf: Option<usize>, is_own_element: bool) -> usize {
        let name = if id == PAGE { "div" } else { "lf-component" };
        let root = self.add(Kind::Root(Root { id, leaf, is_own_element }), None);
        name.clone_into(&mut self.items[root].name);
        self.components.insert(id, Component { root, leaf, is_own_element });
        root
    }

    fn add(&mut self, kind: Kind, parent: Option<usize>) -> usize {
        let (name, attributes, data) = Default::default();
        self.items.push(Item { kind, parent, children: Vec::new(), name, attributes, data, unlisted: None });
        self.items.len() - 1
    }

    /// Takes a node and everything below it out.
    fn forget(&mut self, index: usize) {
        let children = std::mem::take(&mut self.items[index].children);
        for child in children {
            self.forget(child);
        }
        // The id may stand for a new component already, put in before this one was taken out.
        if let Kind::Root(Root { id, .. }) = self.items[index].kind
            && self.components.get(&id).is_some_and(|component| component.root == index)
        {
            self.components.remove(&id);
        }
        self.items[index].kind = Kind::Gone;
    }
}

/// Two are equal when they show the same: structure, names, attributes in any order, data, and components.
impl PartialEq for Dom {
    fn eq(&self, other: &Self) -> bool {
        let shown = |dom: &Self| {
            let mut html = String::new();
            dom.page().write_html(&mut html, true);
            html
        };
        shown(self) == shown(other)
    }
}

impl Eq for Dom {}

impl fmt::Debug for Dom {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut html = String::new();
        self.page().write_html(&mut html, true);
        formatter.write_str(&html)
    }
}
