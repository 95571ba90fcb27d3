//! [`Watch`]: what a patch does to a page, in words.

use super::{
    Dom, Node, Operation, Role,
    field::Entered,
    outline::line,
    page::shortened,
    reader::{Reader, around},
};
use crate::tree::dom::{NodeId, Watcher};

/// As many things are told of one operation.
const MOST_TOLD: usize = 5;
const MOST_TEXT: usize = 80;

/// What a patch did.
pub(super) struct Watch<'a> {
    entered: &'a Entered,
    /// In words, one for each operation that changes something.
    pub(super) words: Vec<String>,
    /// The elements whose text, attributes or children were changed.
    pub(super) touched: Vec<NodeId>,
    /// Controls whose state the server has set: what the person entered there is no more.
    pub(super) told: Vec<NodeId>,
    /// What has to be known from before an operation.
    before: Before,
}

#[derive(Default)]
struct Before {
    n_children: usize,
    data: String,
    what: String,
}

impl Watcher for Watch<'_> {
    fn before(&mut self, dom: &Dom, at: NodeId, operation: &Operation) {
        self.before = Before::default();
        let Some(node) = dom.node(at) else { return };
        self.before.n_children = node.children().count();
        match operation {
            Operation::Text { .. } | Operation::Splice { .. } => self.before.data = node.text(),
            Operation::Set { name, .. } | Operation::Unset { name } => {
                self.before.data = node.attribute(name).map(|value| format!("{value:?}")).unwrap_or_default();
                self.before.what = self.line(dom, node);
            }
            Operation::Remove { index, count } => self.before.what = self.children(dom, node, *index as usize, *count as usize),
            Operation::Move { from, .. } => self.before.what = self.children(dom, node, *from as usize, 1),
            Operation::Replace { index, .. } => self.before.what = self.children(dom, node, *index as usize, 1),
            _ => {}
        }
    }

    fn after(&mut self, dom: &Dom, at: NodeId, operation: &Operation) {
        let Some(node) = dom.node(at) else { return };
        let element = if node.is_element() { Some(node) } else { node.parent() };
        if let Some(element) = element
            && !self.touched.contains(&element.id())
        {
            self.touched.push(element.id());
        }
        self.note_told(node, operation);
        let Before { n_children, data, what } = std::mem::take(&mut self.before);
        let place = || element.map(|element| self.place(dom, element)).unwrap_or_default();
        let short = |text: &str| format!("{:?}", shortened(text, MOST_TEXT));
        let n_new = node.children().count().saturating_sub(n_children);
        let words = match operation {
            Operation::Text { .. } | Operation::Splice { .. } => {
                format!("{}: the text {} becomes {}", place(), short(&data), short(&node.text()))
            }
            Operation::Append { text } => format!("{}: the text goes on with {}", place(), short(text)),
            Operation::Set { name, value } if data.is_empty() => format!("{what}: {name} becomes {}", short(value)),
            Operation::Set { name, value } => format!("{what}: {name} becomes {} after {}", short(value), shortened(&data, MOST_TEXT)),
            Operation::Unset { name } => format!("{what}: {name} goes, it was {}", shortened(&data, MOST_TEXT)),
            Operation::Insert { index, .. } | Operation::Repeat { index, .. } => {
                format!("{}: {} comes at {index}", place(), self.children(dom, node, *index as usize, n_new))
            }
            Operation::Remove { index, .. } => format!("{}: {what} goes from {index}", place()),
            Operation::Move { from, to } => format!("{}: {what} goes from {from} to {to}", place()),
            Operation::Replace { index, .. } => {
                format!("{}: {what} becomes {}", place(), self.children(dom, node, *index as usize, n_new + 1))
            }
            Operation::Resync { .. } => format!("{}: all of it comes again", place()),
            _ => return,
        };
        self.words.push(words);
    }
}

impl<'a> Watch<'a> {
    pub(super) fn new(entered: &'a Entered) -> Self {
        Self { entered, words: Vec::new(), touched: Vec::new(), told: Vec::new(), before: Before::default() }
    }

    /// What an operation says that is not about the tree.
    pub(super) fn other(&mut self, operation: &Operation) {
        self.words.push(match operation {
            Operation::Title { text } => format!("the title becomes {text:?}"),
            Operation::Navigate { path } => format!("goes to {path}"),
            Operation::Refused { message, .. } => format!("refused: {message}"),
            _ => return,
        });
    }

    fn note_told(&mut self, node: Node<'_>, operation: &Operation) {
        let is_state = match operation {
            Operation::Set { name, .. } | Operation::Unset { name } => matches!(name.as_str(), "value" | "checked" | "selected"),
            Operation::Text { .. } | Operation::Splice { .. } | Operation::Append { .. } => true,
            _ => false,
        };
        let is_chosen_anew = matches!(operation, Operation::Insert { .. } | Operation::Replace { .. } | Operation::Repeat { .. })
            && node.descendants().any(|inside| inside.name() == "option" && inside.attribute("selected").is_some());
        if is_state || is_chosen_anew {
            self.told.extend(around(node).take(4).find(|around| super::find::is_control(around)).map(Node::id));
        }
    }

    fn line(&self, dom: &Dom, node: Node<'_>) -> String {
        let reader = Reader::new(dom, self.entered);
        dom.node(node.id()).map(|node| line(&reader, node)).unwrap_or_default()
    }

    fn children(&self, dom: &Dom, node: Node<'_>, index: usize, count: usize) -> String {
        let told = node.children().skip(index).take(count.min(MOST_TOLD));
        let mut told: Vec<_> = told
            .map(|child| if child.is_element() { self.line(dom, child) } else { format!("text {:?}", shortened(&child.text(), MOST_TEXT)) })
            .collect();
        if count > MOST_TOLD {
            told.push(format!("{} more", count - MOST_TOLD));
        }
        told.join(", ")
    }

    /// Where something happens: the element by role and name, without what is in it, which is what changes.
    fn place(&self, dom: &Dom, element: Node<'_>) -> String {
        let Some(role) = Role::of(element) else {
            return if element == dom.page() { "the page".to_owned() } else { format!("<{}>", element.name()) };
        };
        let named = dom.node(element.id()).filter(|_| !role.is_named_by_content());
        let name = named.map(|named| Reader::new(dom, self.entered).name(named)).unwrap_or_default();
        if name.is_empty() { role.to_string() } else { format!("{role} {name:?}") }
    }
}
