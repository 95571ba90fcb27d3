//! [`Document`]: the tree that html5ever builds.

use std::{
    borrow::Cow,
    cell::{Ref, RefCell},
    rc::Rc,
};

use html5ever::{
    Attribute, LocalName, Namespace, ParseOpts, QualName,
    interface::{ElemName, ElementFlags, NodeOrText, QuirksMode, TreeSink},
    local_name, ns, parse_fragment,
    tendril::{StrTendril, TendrilSink as _},
};

/// A parsed fragment. Nodes are named by their index, and none is ever taken out.
#[derive(Debug)]
pub(super) struct Document {
    nodes: Vec<Node>,
}

#[derive(Debug)]
struct Node {
    data: Data,
    parent: Option<usize>,
    children: Vec<usize>,
}

#[derive(Debug)]
pub(super) enum Data {
    Document,
    Element { name: Rc<QualName>, attributes: Vec<Attribute>, contents: Option<usize>, is_integration_point: bool },
    Text(String),
    Comment(String),
}

impl Document {
    /// Reads HTML as the content of a `div`, scripts being allowed.
    pub(super) fn parse(html: &str) -> Self {
        let sink = Sink(RefCell::new(Self { nodes: vec![Node { data: Data::Document, parent: None, children: Vec::new() }] }));
        let context = QualName::new(None, ns!(html), local_name!("div"));
        parse_fragment(sink, ParseOpts::default(), context, Vec::new(), true).one(html)
    }

    /// The element whose children were read.
    pub(super) fn content(&self) -> usize {
        self.children(0).first().copied().unwrap_or(0)
    }

    pub(super) fn data(&self, node: usize) -> &Data {
        self.nodes.get(node).map_or(&Data::Document, |node| &node.data)
    }

    pub(super) fn children(&self, node: usize) -> &[usize] {
        self.nodes.get(node).map_or(&[], |node| &node.children)
    }

    /// An element's name, in lower case but for SVG.
    pub(super) fn name(&self, node: usize) -> Option<&str> {
        match self.data(node) {
            Data::Element { name, .. } => Some(&name.local),
            _ => None,
        }
    }

    /// An element's attributes, without the prefixes of their names.
    pub(super) fn attributes(&self, node: usize) -> impl Iterator<Item = (&str, &str)> {
        let attributes = if let Data::Element { attributes, .. } = self.data(node) { attributes.as_slice() } else { &[] };
        attributes.iter().map(|attribute| (&*attribute.name.local, &*attribute.value))
    }

    pub(super) fn attribute(&self, node: usize, name: &str) -> Option<&str> {
        self.attributes(node).find(|(other, _)| *other == name).map(|(_, value)| value)
    }

    /// A node in words.
    pub(super) fn describe(&self, node: usize) -> String {
        match self.data(node) {
            Data::Document => "the document".to_owned(),
            Data::Element { name, .. } => {
                let attributes: Vec<String> = self.attributes(node).map(|(name, value)| format!(" {name}={value:?}")).collect();
                format!("<{}{}>", name.local, attributes.concat())
            }
            Data::Text(text) => format!("the text {text:?}"),
            Data::Comment(text) => format!("the comment {text:?}"),
        }
    }

    fn add(&mut self, data: Data) -> usize {
        self.nodes.push(Node { data, parent: None, children: Vec::new() });
        self.nodes.len() - 1
    }

    fn detach(&mut self, node: usize) {
        if let Some(parent) = self.nodes[node].parent.take() {
            self.nodes[parent].children.retain(|child| *child != node);
        }
    }

    /// Puts a node in as the child `at` of another. Text joins the text before it.
    fn insert(&mut self, parent: usize, at: usize, child: NodeOrText<usize>) {
        let node = match child {
            NodeOrText::AppendNode(node) => {
                self.detach(node);
                node
            }
            NodeOrText::AppendText(text) => {
                let before = at.checked_sub(1).and_then(|before| self.nodes[parent].children.get(before).copied());
                if let Some(Data::Text(before)) = before.map(|before| &mut self.nodes[before].data) {
                    before.push_str(&text);
                    return;
                }
                self.add(Data::Text(text.to_string()))
            }
        };
        self.nodes[node].parent = Some(parent);
        let children = &mut self.nodes[parent].children;
        children.insert(at.min(children.len()), node);
    }
}

struct Sink(RefCell<Document>);

/// An element's name, borrowed from its document.
#[derive(Debug)]
struct Name(Rc<QualName>);

impl ElemName for Name {
    fn ns(&self) -> &Namespace {
        &self.0.ns
    }

    fn local_name(&self) -> &LocalName {
        &self.0.local
    }
}

impl Sink {
    fn node(&self, node: usize) -> Ref<'_, Node> {
        Ref::map(self.0.borrow(), |document| &document.nodes[node])
    }
}

// Indexes in this file are those that `add` gave.
impl TreeSink for Sink {
    type Handle = usize;
    type Output = Document;
    type ElemName<'a> = Name;

    fn finish(self) -> Document {
        self.0.into_inner()
    }

    fn parse_error(&self, _: Cow<'static, str>) {}

    fn get_document(&self) -> usize {
        0
    }

    fn elem_name(&self, target: &usize) -> Name {
        match &self.node(*target).data {
            Data::Element { name, .. } => Name(Rc::clone(name)),
            _ => unreachable!("the parser asks elements for their names"),
        }
    }

    fn create_element(&self, name: QualName, attributes: Vec<Attribute>, flags: ElementFlags) -> usize {
        let mut document = self.0.borrow_mut();
        let contents = flags.template.then(|| document.add(Data::Document));
        let is_integration_point = flags.mathml_annotation_xml_integration_point;
        document.add(Data::Element { name: Rc::new(name), attributes, contents, is_integration_point })
    }

    fn create_comment(&self, text: StrTendril) -> usize {
        self.0.borrow_mut().add(Data::Comment(text.to_string()))
    }

    fn create_pi(&self, target: StrTendril, data: StrTendril) -> usize {
        self.0.borrow_mut().add(Data::Comment(format!("?{target} {data}")))
    }

    fn append(&self, parent: &usize, child: NodeOrText<usize>) {
        let mut document = self.0.borrow_mut();
        let end = document.nodes[*parent].children.len();
        document.insert(*parent, end, child);
    }

    fn append_based_on_parent_node(&self, element: &usize, previous: &usize, child: NodeOrText<usize>) {
        let has_parent = self.node(*element).parent.is_some();
        if has_parent { self.append_before_sibling(element, child) } else { self.append(previous, child) }
    }

    fn append_doctype_to_document(&self, _: StrTendril, _: StrTendril, _: StrTendril) {}

    fn get_template_contents(&self, target: &usize) -> usize {
        match &self.node(*target).data {
            Data::Element { contents: Some(contents), .. } => *contents,
            _ => unreachable!("the parser asks templates for their contents"),
        }
    }

    fn same_node(&self, one: &usize, other: &usize) -> bool {
        one == other
    }

    fn set_quirks_mode(&self, _: QuirksMode) {}

    fn append_before_sibling(&self, sibling: &usize, child: NodeOrText<usize>) {
        let mut document = self.0.borrow_mut();
        if let NodeOrText::AppendNode(node) = &child {
            document.detach(*node);
        }
        let Some(parent) = document.nodes[*sibling].parent else { return };
        let at = document.nodes[parent].children.iter().position(|child| child == sibling).unwrap_or(0);
        document.insert(parent, at, child);
    }

    fn add_attrs_if_missing(&self, target: &usize, attributes: Vec<Attribute>) {
        if let Data::Element { attributes: known, .. } = &mut self.0.borrow_mut().nodes[*target].data {
            for attribute in attributes {
                if known.iter().all(|known| known.name != attribute.name) {
                    known.push(attribute);
                }
            }
        }
    }

    fn remove_from_parent(&self, target: &usize) {
        self.0.borrow_mut().detach(*target);
    }

    fn reparent_children(&self, node: &usize, parent: &usize) {
        let mut document = self.0.borrow_mut();
        for child in std::mem::take(&mut document.nodes[*node].children) {
            document.nodes[child].parent = Some(*parent);
            document.nodes[*parent].children.push(child);
        }
    }

    fn is_mathml_annotation_xml_integration_point(&self, node: &usize) -> bool {
        matches!(&self.node(*node).data, Data::Element { is_integration_point: true, .. })
    }
}
