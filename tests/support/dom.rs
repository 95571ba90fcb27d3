//! [`Dom`]: what a browser shows, as far as patches can tell: a tree of elements and text.
//!
//! A second, deliberately simple reading of `tests/protocol/README.md`: it keeps one tree for the whole page, and finds its way
//! through components by their `lf-c`.

use std::fmt::Write as _;

use livefloe::{
    patch::Operation,
    tree::{self, Kind, Tape},
};

/// A page.
#[derive(Debug, Clone, Default)]
pub struct Dom {
    nodes: Vec<Node>,
    /// The document's title, once a patch has set it.
    title: Option<String>,
}

#[derive(Debug, Clone, Default)]
struct Node {
    /// Lower case; empty for text and comments.
    name: String,
    attributes: Vec<(String, String)>,
    /// Of text and comments.
    data: String,
    children: Vec<usize>,
    parent: usize,
}

/// Where a patch is.
#[derive(Debug, Clone, Copy)]
enum Cursor {
    Nowhere,
    /// On a node whose children are the component's, or on any node inside it.
    At(usize),
    /// On the virtual root of a component that is its own element.
    Above(usize),
}

impl Dom {
    /// The content of a page's element, as the server sent it.
    #[must_use]
    pub fn parse(html: &str) -> Self {
        let root = Node { name: "div".to_owned(), attributes: vec![("lf-c".to_owned(), "0".to_owned())], ..Node::default() };
        let mut dom = Self { nodes: vec![root], title: None };
        let children = dom.read(html, 0);
        dom.nodes[0].children = children;
        dom
    }

    /// The title that a patch has set.
    #[must_use]
    pub fn title(&self) -> Option<&str> {
        self.title.as_deref()
    }

    /// All text of the element with this id; `None` when there is none such.
    #[must_use]
    pub fn text(&self, id: &str) -> Option<String> {
        let mut text = String::new();
        self.write_text(self.find(id)?, &mut text);
        Some(text)
    }

    /// All text of the page.
    #[must_use]
    pub fn all_text(&self) -> String {
        let mut text = String::new();
        self.write_text(0, &mut text);
        text
    }

    /// The whole page as text: elements with their attributes in the order of their names, and data.
    #[must_use]
    pub fn outline(&self) -> String {
        let mut outline = String::new();
        self.write_outline(0, &mut outline);
        outline
    }

    fn write_outline(&self, index: usize, into: &mut String) {
        let node = &self.nodes[index];
        if node.name.is_empty() {
            into.push_str(&node.data);
            return;
        }
        let mut attributes = node.attributes.clone();
        attributes.sort_unstable();
        // Writing to a string can't fail.
        let _ = write!(into, "<{} {attributes:?}>", node.name);
        for child in &node.children {
            self.write_outline(*child, into);
        }
        let _ = write!(into, "</{}>", node.name);
    }

    /// An attribute of the element with this id.
    #[must_use]
    pub fn attribute(&self, id: &str, name: &str) -> Option<&str> {
        self.attribute_of(self.find(id)?, name)
    }

    /// The values of an attribute of all elements that have it, in the order of the page.
    #[must_use]
    pub fn values(&self, name: &str) -> Vec<&str> {
        let (mut values, mut waiting) = (Vec::new(), vec![0]);
        while let Some(index) = waiting.pop() {
            values.extend(self.attribute_of(index, name));
            waiting.extend(self.nodes[index].children.iter().rev());
        }
        values
    }

    /// The component that the element with this id belongs to.
    #[must_use]
    pub fn component_of(&self, id: &str) -> Option<u64> {
        let mut node = self.find(id)?;
        loop {
            match self.attribute_of(node, "lf-c") {
                Some(component) => return component.parse().ok(),
                None => node = self.nodes[node].parent,
            }
        }
    }

    /// Applies the operations of a patch; the message says which one failed.
    ///
    /// # Errors
    /// When an operation doesn't fit the tree.
    pub fn apply(&mut self, operations: &[Operation]) -> Result<(), String> {
        let mut cursor = Cursor::Nowhere;
        for operation in operations {
            cursor = self.step(cursor, operation).ok_or_else(|| format!("{operation:?} at {cursor:?} in {operations:?}"))?;
        }
        Ok(())
    }

    fn step(&mut self, cursor: Cursor, operation: &Operation) -> Option<Cursor> {
        match operation {
            Operation::Component { id } => return self.root_of(*id),
            Operation::Up => return self.up(cursor),
            Operation::Child { index } => return self.children(cursor)?.get(*index as usize).map(|child| Cursor::At(*child)),
            Operation::Text { text } => self.node(cursor)?.data.clone_from(text),
            Operation::Splice { start, count, text, .. } => {
                let data = &mut self.node(cursor)?.data;
                let mut units: Vec<u16> = data.encode_utf16().collect();
                units.splice(*start as usize..(*start + *count) as usize, text.encode_utf16());
                *data = String::from_utf16(&units).ok()?;
            }
            Operation::Repeat { index, html, copies, nodes, names, values } => {
                for copy in 0..=*copies {
                    self.splice(cursor, *index + copy, 0, html)?;
                    let row = *self.children(cursor)?.get((*index + copy) as usize)?;
                    let values = values.iter().skip((copy.max(1) as usize - 1) * nodes.len());
                    for ((node, name), value) in nodes.iter().zip(names).zip(values).filter(|_| copy > 0) {
                        let node = self.nth(row, &mut node.clone())?;
                        if name.is_empty() {
                            self.nodes[node].data.clone_from(value);
                        } else {
                            self.nodes[node].attributes.iter_mut().find(|(other, _)| other == name)?.1.clone_from(value);
                        }
                    }
                }
            }
            Operation::Append { text } => self.node(cursor)?.data.push_str(text),
            Operation::Set { name, value } => {
                self.unset(cursor, name)?;
                self.node(cursor)?.attributes.push((name.clone(), value.clone()));
            }
            Operation::Unset { name } => self.unset(cursor, name)?,
            Operation::Insert { index, html, .. } => self.splice(cursor, *index, 0, html)?,
            Operation::Remove { index, count } => self.splice(cursor, *index, *count, "")?,
            Operation::Replace { index, html, .. } => self.splice(cursor, *index, 1, html)?,
            Operation::Move { from, to } => {
                let children = &mut self.node(cursor)?.children;
                let child = (children.len() > *from as usize).then(|| children.remove(*from as usize))?;
                (children.len() >= *to as usize).then(|| children.insert(*to as usize, child))?;
            }
            Operation::Resync { html, .. } => {
                let count = u32::try_from(self.children(cursor)?.len()).ok()?;
                self.replace(cursor, 0, count, html)?;
                return Some(Cursor::Nowhere);
            }
            Operation::Title { text } => self.title = Some(text.clone()),
            Operation::Refused { .. } | Operation::Navigate { .. } => {}
        }
        Some(cursor)
    }

    fn root_of(&self, component: u32) -> Option<Cursor> {
        let component = component.to_string();
        let mut waiting = vec![0];
        while let Some(index) = waiting.pop() {
            if self.attribute_of(index, "lf-c") == Some(&component) {
                let is_wrapper = index == 0 || self.nodes[index].name == "lf-component";
                return Some(if is_wrapper { Cursor::At(index) } else { Cursor::Above(index) });
            }
            waiting.extend(&self.nodes[index].children);
        }
        None
    }

    fn up(&self, cursor: Cursor) -> Option<Cursor> {
        let Cursor::At(index) = cursor else { return None };
        let is_own_element = index != 0 && self.attribute_of(index, "lf-c").is_some() && self.nodes[index].name != "lf-component";
        Some(if is_own_element { Cursor::Above(index) } else { Cursor::At(self.nodes[index].parent) })
    }

    fn children(&self, cursor: Cursor) -> Option<Vec<usize>> {
        match cursor {
            Cursor::Nowhere => None,
            Cursor::At(index) => Some(self.nodes[index].children.clone()),
            Cursor::Above(index) => Some(vec![index]),
        }
    }

    fn node(&mut self, cursor: Cursor) -> Option<&mut Node> {
        match cursor {
            Cursor::At(index) => self.nodes.get_mut(index),
            Cursor::Nowhere | Cursor::Above(_) => None,
        }
    }

    fn unset(&mut self, cursor: Cursor, name: &str) -> Option<()> {
        self.node(cursor)?.attributes.retain(|(other, _)| other != name);
        Some(())
    }

    fn splice(&mut self, cursor: Cursor, index: u32, count: u32, html: &str) -> Option<()> {
        ((index + count) as usize <= self.children(cursor)?.len()).then_some(())?;
        self.replace(cursor, index, count, html)
    }

    /// The node that many nodes after this one in document order.
    fn nth(&self, from: usize, left: &mut u32) -> Option<usize> {
        if *left == 0 {
            return Some(from);
        }
        self.nodes[from].children.iter().find_map(|child| {
            *left -= 1;
            self.nth(*child, left)
        })
    }

    fn replace(&mut self, cursor: Cursor, index: u32, count: u32, html: &str) -> Option<()> {
        let range = index as usize..(index + count) as usize;
        match cursor {
            Cursor::Nowhere => None,
            Cursor::At(parent) => {
                let fresh = self.read(html, parent);
                self.nodes[parent].children.splice(range, fresh);
                Some(())
            }
            // The element that a component is becomes another one, in its parent and with the same `lf-c`.
            Cursor::Above(element) => {
                let (parent, component) = (self.nodes[element].parent, self.attribute_of(element, "lf-c")?.to_owned());
                let [fresh] = self.read(html, parent)[..] else { return None };
                self.nodes[fresh].attributes.retain(|(name, _)| name != "lf-c");
                self.nodes[fresh].attributes.push(("lf-c".to_owned(), component));
                let place = self.nodes[parent].children.iter().position(|child| *child == element)?;
                self.nodes[parent].children[place] = fresh;
                Some(())
            }
        }
    }

    fn read(&mut self, html: &str, parent: usize) -> Vec<usize> {
        let tape = Tape::parse(html);
        assert!(!tape.is_broken(), "the tests' own pages are plain HTML: {html}");
        let mut siblings = Vec::new();
        // The node with the position behind its subtree, innermost last.
        let mut open: Vec<(usize, u32)> = Vec::new();
        for (position, read) in (0_u32..).zip(tape.nodes()) {
            while open.last().is_some_and(|(_, end)| *end <= position) {
                open.pop();
            }
            let source = |from: u32, to: u32| html.get(from as usize..to as usize).unwrap_or_default();
            let mut node = Node { parent: open.last().map_or(parent, |(node, _)| *node), ..Node::default() };
            match read.kind {
                Kind::Text | Kind::Comment => {
                    let data = source(read.inner, read.inner_end);
                    node.data = tree::decode(data).map_or_else(|| data.to_owned(), std::borrow::Cow::into_owned);
                }
                Kind::Implied => "tbody".clone_into(&mut node.name),
                Kind::Component => unreachable!("placeholders never leave the server: {html}"),
                Kind::Element | Kind::Opaque | Kind::Marked => {
                    let tag = source(read.start, read.inner);
                    let end = tag.find([' ', '>', '/']).unwrap_or(tag.len());
                    node.name = tag.get(1..end).unwrap_or_default().to_ascii_lowercase();
                    let decoded = |value| tree::decode(value).map_or_else(|| value.to_owned(), std::borrow::Cow::into_owned);
                    node.attributes = tree::attributes(tag).map(|(name, value)| (name.to_owned(), decoded(value))).collect();
                }
            }
            let index = self.nodes.len();
            self.nodes.push(node);
            match open.last() {
                Some((parent, _)) => self.nodes[*parent].children.push(index),
                None => siblings.push(index),
            }
            open.push((index, read.skip));
        }
        siblings
    }

    fn find(&self, id: &str) -> Option<usize> {
        let mut waiting = vec![0];
        while let Some(index) = waiting.pop() {
            if self.attribute_of(index, "id") == Some(id) {
                return Some(index);
            }
            waiting.extend(&self.nodes[index].children);
        }
        None
    }

    fn attribute_of(&self, index: usize, name: &str) -> Option<&str> {
        self.nodes[index].attributes.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    fn write_text(&self, index: usize, into: &mut String) {
        let node = &self.nodes[index];
        into.push_str(&node.data);
        for child in &node.children {
            self.write_text(*child, into);
        }
    }
}
