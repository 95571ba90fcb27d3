//! Builds nodes from HTML.

use super::{Dom, Kind, Root};
use crate::tree::{
    self,
    attribute::attributes,
    element::{self, Traits},
    tokenize,
};

/// A walk in document order over HTML that was read.
struct Walk<'a> {
    html: &'a str,
    nodes: &'a [tree::Node],
    /// How many nodes it has met, except for those in opaque elements.
    position: u32,
    marked: &'a [u32],
    is_inside_opaque: bool,
    /// The top-level element to take for that of a component, though it doesn't carry its id.
    component: Option<u32>,
}

impl Dom {
    /// Reads the children of `parent`. `component` is the one whose element is the first, where the HTML doesn't say it.
    pub(super) fn read(&mut self, html: &str, parent: usize, marked: &[u32], component: Option<u32>) -> Vec<usize> {
        if Traits::of(&self.items[parent].name).has(Traits::ESCAPABLE) {
            let mut children = Vec::new();
            let mut walk = Walk { html, nodes: &[], position: 0, marked, is_inside_opaque: false, component };
            self.read_text(&mut walk, &decoded(html), parent, &mut children);
            return children;
        }
        let around = self.names_around(parent);
        let ancestors: Vec<&str> = around.iter().map(String::as_str).collect();
        let nodes = tokenize::as_written(html, &ancestors);
        let mut walk = Walk { html, nodes: &nodes, position: 0, marked, is_inside_opaque: false, component };
        self.read_siblings(&mut walk, 0, nodes.len(), parent)
    }

    fn names_around(&self, parent: usize) -> Vec<String> {
        let mut names = Vec::new();
        let mut next = Some(super::Node::new(self, parent));
        while let Some(node) = next {
            names.push(node.name().to_owned());
            next = node.parent();
        }
        names.reverse();
        names
    }

    fn read_siblings(&mut self, walk: &mut Walk<'_>, first: usize, end: usize, parent: usize) -> Vec<usize> {
        let (mut children, mut next) = (Vec::new(), first);
        while next < end
            && let Some(node) = walk.nodes.get(next)
        {
            let data = walk.html.get(node.inner as usize..node.inner_end as usize).unwrap_or_default();
            match node.kind {
                tree::Kind::Text => self.read_text(walk, &decoded(data), parent, &mut children),
                tree::Kind::Comment => {
                    let comment = self.add(Kind::Comment, Some(parent));
                    self.items[comment].data = unified(data);
                    walk.count();
                    children.push(comment);
                }
                _ => children.push(self.read_element(walk, next, parent)),
            }
            next = (node.skip as usize).max(next + 1);
        }
        children
    }

    fn read_text(&mut self, walk: &mut Walk<'_>, data: &str, parent: usize, children: &mut Vec<usize>) {
        if data.is_empty() {
            return;
        }
        if let Some(before) = children.last().copied().filter(|before| self.items[*before].kind == Kind::Text) {
            self.items[before].data.push_str(data);
            return;
        }
        let text = self.add(Kind::Text, Some(parent));
        data.clone_into(&mut self.items[text].data);
        walk.count();
        children.push(text);
    }

    fn read_element(&mut self, walk: &mut Walk<'_>, index: usize, parent: usize) -> usize {
        let tag = walk.nodes.get(index).and_then(|node| walk.html.get(node.start as usize..node.inner as usize)).unwrap_or_default();
        let forced = walk.component.take();
        let component = forced.or_else(|| tree::attribute(tag, "lf-c")?.parse().ok());
        let (position, was_inside) = (walk.position, walk.is_inside_opaque);
        walk.count();
        let Some(id) = component.filter(|_| !self.is_own_root(parent) && !was_inside) else {
            let item = self.read_content(walk, index, parent, position, was_inside);
            self.items[item].unlisted = component.filter(|_| was_inside);
            return item;
        };
        let leaf = self.add(Kind::Component(id), Some(parent));
        let name = walk.nodes.get(index).map(|node| element::name(walk.html, node)).unwrap_or_default();
        let is_wrapper = forced.is_none() && name.eq_ignore_ascii_case("lf-component");
        let root = self.register(id, Some(leaf), !is_wrapper);
        self.items[leaf].children.push(root);
        let children = if is_wrapper {
            let end = walk.nodes.get(index).map_or(0, |node| node.skip as usize);
            self.read_siblings(walk, index + 1, end, root)
        } else {
            vec![self.read_content(walk, index, root, position, was_inside)]
        };
        self.items[root].children = children;
        leaf
    }

    fn read_content(&mut self, walk: &mut Walk<'_>, index: usize, parent: usize, position: u32, was_inside: bool) -> usize {
        let Some(node) = walk.nodes.get(index) else { return self.add(Kind::Text, Some(parent)) };
        let tag = walk.html.get(node.start as usize..node.inner as usize).unwrap_or_default();
        let name = element::name(walk.html, node).to_ascii_lowercase();
        let is_raw = Traits::of(&name).has(Traits::RAW);
        let is_opaque = is_raw
            || Traits::of(&name).has(Traits::OPAQUE)
            || tree::attribute(tag, "lf-ignore").is_some()
            || (!was_inside && walk.marked.contains(&position));
        let item = self.add(if is_opaque { Kind::Opaque } else { Kind::Element }, Some(parent));
        if node.kind != tree::Kind::Implied {
            self.items[item].attributes = attributes(tag)
                .filter(|(name, _)| !name.eq_ignore_ascii_case("lf-c"))
                .map(|(name, value)| (name.to_ascii_lowercase(), decoded(value)))
                .collect();
        }
        self.items[item].name = name;
        if is_raw {
            let data = walk.html.get(node.inner as usize..node.inner_end as usize).unwrap_or_default();
            self.items[item].data = unified(data);
        }
        walk.is_inside_opaque = was_inside || is_opaque;
        let children = self.read_siblings(walk, index + 1, node.skip as usize, item);
        walk.is_inside_opaque = was_inside;
        self.items[item].children = children;
        item
    }

    /// Whether this is the root of a component whose one element carries the `lf-c` itself.
    pub(super) fn is_own_root(&self, index: usize) -> bool {
        matches!(self.items.get(index).map(|item| item.kind), Some(Kind::Root(Root { is_own_element: true, .. })))
    }
}

impl Walk<'_> {
    fn count(&mut self) {
        if !self.is_inside_opaque {
            self.position += 1;
        }
    }
}

/// What a browser makes of a text; of references that only a browser knows, what was written.
fn decoded(raw: &str) -> String {
    tree::decode(raw).map_or_else(|| unified(raw), std::borrow::Cow::into_owned)
}

/// Line ends as a browser reads them.
fn unified(raw: &str) -> String {
    if raw.contains('\r') { raw.replace("\r\n", "\n").replace('\r', "\n") } else { raw.to_owned() }
}
