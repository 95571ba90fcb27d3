//! Applies the operations of a patch.

use std::collections::BTreeMap;

use super::{Component, Dom, Kind, NodeId};
use crate::patch::Operation;

/// The page is not what the server thinks: an operation's look-up failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("operation {position} in component {component} failed: {mismatch} ({operation:?})")]
#[non_exhaustive]
pub struct Drift {
    /// The component that the cursor was in.
    pub component: u32,
    /// Which operation of the patch.
    pub position: usize,
    /// The operation.
    pub operation: Box<Operation>,
    /// What it did not find.
    pub mismatch: Mismatch,
}

/// What an operation did not find.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Mismatch {
    /// No component has this id.
    #[error("there is no such component")]
    Component,
    /// No `component` operation came before.
    #[error("the cursor stands on nothing")]
    Cursor,
    /// The cursor is on a root.
    #[error("expected a node with a parent, got the root")]
    Parent,
    /// Too few children.
    #[error("expected more than {got} children")]
    Child {
        /// How many there are.
        got: usize,
    },
    /// Too many copies, or not as many values as they have places.
    #[error("expected a value for each place of each of at most 65,535 copies, got {got}")]
    Values {
        /// How many there are.
        got: usize,
    },
    /// A text is shorter or longer than the server thinks.
    #[error("expected a text of another length, got {got} UTF-16 code units")]
    Length {
        /// How long it is.
        got: usize,
    },
    /// The cursor is on a node of another kind.
    #[error("expected {expected}, got another node")]
    Kind {
        /// What the operation is for.
        expected: &'static str,
    },
    /// A component that is one element would become something else.
    #[error("a component without a wrapper stays one element")]
    OwnElement,
}

/// `data` with another text in the place of a part of it, all counted in UTF-16 code units.
fn spliced(data: &str, start: u32, count: u32, length: u32, text: &str) -> Option<String> {
    let units: Vec<u16> = data.encode_utf16().collect();
    let (start, end) = (start as usize, (start as usize).checked_add(count as usize)?);
    if units.len() != length as usize {
        return None;
    }
    // What is cut in the middle of a character can be no text.
    let part = |range| String::from_utf16(units.get(range)?).ok();
    Some(part(0..start)? + text + &part(end..units.len())?)
}

/// Looks on while a patch is applied, at each operation that changes the tree.
pub(crate) trait Watcher {
    /// An operation is about to be applied to a node, or to what is in it.
    fn before(&mut self, _dom: &Dom, _at: NodeId, _operation: &Operation) {}
    /// It was.
    fn after(&mut self, _dom: &Dom, _at: NodeId, _operation: &Operation) {}
}

/// Nobody.
impl Watcher for () {}

impl Dom {
    /// Applies a patch. Gives back, in order, what is not about the tree: titles, refusals and navigation.
    ///
    /// # Errors
    /// The first look-up that fails; the operations before it are applied. A client would ask for a resync.
    pub fn apply(&mut self, operations: &[Operation]) -> Result<Vec<Operation>, Drift> {
        self.apply_watched(operations, &mut ())
    }

    /// The same while somebody looks on.
    pub(crate) fn apply_watched(&mut self, operations: &[Operation], watcher: &mut impl Watcher) -> Result<Vec<Operation>, Drift> {
        let (mut component, mut cursor, mut others) = (super::PAGE, None, Vec::new());
        for (position, operation) in operations.iter().enumerate() {
            if let Operation::Component { id } = operation {
                component = *id;
            }
            match self.apply_one(operation, component, &mut cursor, watcher) {
                Ok(true) => {}
                Ok(false) => others.push(operation.clone()),
                Err(mismatch) => return Err(Drift { component, position, operation: Box::new(operation.clone()), mismatch }),
            }
        }
        Ok(others)
    }

    fn apply_one(
        &mut self,
        operation: &Operation,
        component: u32,
        cursor: &mut Option<usize>,
        watcher: &mut impl Watcher,
    ) -> Result<bool, Mismatch> {
        match operation {
            Operation::Title { .. } | Operation::Refused { .. } | Operation::Navigate { .. } => return Ok(false),
            Operation::Component { id } => *cursor = Some(self.known(*id)?.root),
            Operation::Resync { html, opaque } => {
                cursor.take().ok_or(Mismatch::Cursor)?;
                self.resync(component, html, opaque)?;
                watcher.after(self, NodeId(self.known(component)?.root), operation);
            }
            Operation::Up => {
                let at = cursor.ok_or(Mismatch::Cursor)?;
                *cursor = Some(self.items[at].parent.ok_or(Mismatch::Parent)?);
            }
            Operation::Child { index } => {
                let children = &self.items[cursor.ok_or(Mismatch::Cursor)?].children;
                *cursor = Some(*children.get(*index as usize).ok_or(Mismatch::Child { got: children.len() })?);
            }
            _ => {
                let at = cursor.ok_or(Mismatch::Cursor)?;
                watcher.before(self, NodeId(at), operation);
                self.change(operation, at)?;
                watcher.after(self, NodeId(at), operation);
            }
        }
        Ok(true)
    }

    fn change(&mut self, operation: &Operation, at: usize) -> Result<(), Mismatch> {
        match operation {
            Operation::Text { text } => {
                self.expect(at, &[Kind::Text, Kind::Comment], "text or a comment")?;
                text.clone_into(&mut self.items[at].data);
            }
            Operation::Splice { start, count, length, text } => {
                self.expect(at, &[Kind::Text, Kind::Comment], "text or a comment")?;
                let data = &mut self.items[at].data;
                *data = spliced(data, *start, *count, *length, text).ok_or(Mismatch::Length { got: data.encode_utf16().count() })?;
            }
            Operation::Append { text } => {
                self.expect(at, &[Kind::Text], "text")?;
                self.items[at].data.push_str(text);
            }
            Operation::Set { name, value } => {
                self.expect(at, &[Kind::Element, Kind::Opaque], "an element")?;
                let attributes = &mut self.items[at].attributes;
                match attributes.iter_mut().find(|(other, _)| other.eq_ignore_ascii_case(name)) {
                    Some((_, before)) => value.clone_into(before),
                    None => attributes.push((name.to_ascii_lowercase(), value.clone())),
                }
            }
            Operation::Unset { name } => {
                self.expect(at, &[Kind::Element, Kind::Opaque], "an element")?;
                self.items[at].attributes.retain(|(other, _)| !other.eq_ignore_ascii_case(name));
            }
            Operation::Insert { index, html, opaque } => self.splice(at, *index, 0, Some((html, opaque)))?,
            Operation::Repeat { index, html, copies, nodes, names, values } => {
                self.repeat(at, *index, html, *copies, (nodes, names, values))?;
            }
            Operation::Remove { index, count } => self.splice(at, *index, *count, None)?,
            Operation::Replace { index, html, opaque } => self.splice(at, *index, 1, Some((html, opaque)))?,
            Operation::Move { from, to } => {
                self.expect_parent(at)?;
                let (from, to) = (*from as usize, *to as usize);
                let children = &mut self.items[at].children;
                if from.max(to) >= children.len() {
                    return Err(Mismatch::Child { got: children.len() });
                }
                let child = children.remove(from);
                children.insert(to, child);
            }
            // The caller did the rest.
            _ => {}
        }
        Ok(())
    }

    fn splice(&mut self, at: usize, index: u32, count: u32, html: Option<(&str, &[u32])>) -> Result<(), Mismatch> {
        self.expect_parent(at)?;
        let (start, n_children) = (index as usize, self.items[at].children.len());
        let end = start.saturating_add(count as usize);
        if end > n_children {
            return Err(Mismatch::Child { got: n_children });
        }
        let known = self.components.clone();
        let fresh = html.map_or_else(Vec::new, |(html, opaque)| self.read(html, at, opaque, None));
        if self.is_own_root(at) {
            let is_element = |node: usize| matches!(self.items[node].kind, Kind::Element | Kind::Opaque);
            if count != 1 || fresh.len() != 1 || !fresh.iter().all(|node| is_element(*node)) {
                return Err(self.take_back(fresh, known));
            }
        }
        let taken: Vec<usize> = self.items[at].children.splice(start..end, fresh).collect();
        for node in taken {
            self.forget(node);
        }
        Ok(())
    }

    fn repeat(
        &mut self,
        at: usize,
        index: u32,
        html: &str,
        copies: u32,
        (nodes, names, values): (&[u32], &[String], &[String]),
    ) -> Result<(), Mismatch> {
        if copies > 65_535 || nodes.len() != names.len() || values.len() != (copies as usize).saturating_mul(nodes.len()) {
            return Err(Mismatch::Values { got: values.len() });
        }
        for copy in 0..=copies {
            let place = index.saturating_add(copy);
            self.splice(at, place, 0, Some((html, &[])))?;
            // The first one is as it came.
            let Some(first_value) = (copy as usize).checked_sub(1).map(|copy| copy * nodes.len()) else { continue };
            let children = &self.items[at].children;
            let row = *children.get(place as usize).ok_or(Mismatch::Child { got: children.len() })?;
            let mut all = Vec::new();
            self.preorder(row, &mut all);
            for ((node, name), value) in nodes.iter().zip(names).zip(values.iter().skip(first_value)) {
                let item = *all.get(*node as usize).ok_or(Mismatch::Child { got: all.len() })?;
                if name.is_empty() {
                    self.change(&Operation::Text { text: value.clone() }, item)?;
                } else {
                    self.change(&Operation::Set { name: name.clone(), value: value.clone() }, item)?;
                }
            }
        }
        Ok(())
    }

    /// A node and what is in it, in document order. What is in an opaque element is no part of the tree.
    fn preorder(&self, index: usize, into: &mut Vec<usize>) {
        into.push(index);
        if self.items[index].kind == Kind::Opaque {
            return;
        }
        for child in &self.items[index].children {
            self.preorder(*child, into);
        }
    }

    fn resync(&mut self, id: u32, html: &str, opaque: &[u32]) -> Result<(), Mismatch> {
        let Component { root, leaf, is_own_element } = self.known(id)?;
        if !is_own_element {
            let before = std::mem::take(&mut self.items[root].children);
            for node in before {
                self.forget(node);
            }
            let children = self.read(html, root, opaque, None);
            self.items[root].children = children;
            return Ok(());
        }
        // The HTML is the element that carries the component's id, so its place is read again.
        let leaf = leaf.ok_or(Mismatch::Component)?;
        let parent = self.items[leaf].parent.ok_or(Mismatch::Parent)?;
        let got = self.items[parent].children.len();
        let place = self.items[parent].children.iter().position(|child| *child == leaf).ok_or(Mismatch::Child { got })?;
        let known = self.components.clone();
        let fresh = self.read(html, parent, opaque, Some(id));
        match fresh.as_slice() {
            [only] if self.items[*only].kind == Kind::Component(id) => {
                self.items[parent].children[place] = *only;
                self.forget(leaf);
                Ok(())
            }
            _ => Err(self.take_back(fresh, known)),
        }
    }

    /// Forgets what was read for something that a component can't become.
    fn take_back(&mut self, fresh: Vec<usize>, known: BTreeMap<u32, Component>) -> Mismatch {
        for node in fresh {
            self.forget(node);
        }
        self.components = known;
        Mismatch::OwnElement
    }

    fn known(&self, id: u32) -> Result<Component, Mismatch> {
        self.components.get(&id).copied().ok_or(Mismatch::Component)
    }

    fn expect(&self, at: usize, kinds: &[Kind], expected: &'static str) -> Result<(), Mismatch> {
        if kinds.contains(&self.items[at].kind) { Ok(()) } else { Err(Mismatch::Kind { expected }) }
    }

    fn expect_parent(&self, at: usize) -> Result<(), Mismatch> {
        let holds_children = matches!(self.items[at].kind, Kind::Element | Kind::Root(_));
        if holds_children { Ok(()) } else { Err(Mismatch::Kind { expected: "an element that is not opaque" }) }
    }
}
