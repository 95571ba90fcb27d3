//! Reads HTML into nodes.
//!
//! Templates write well-formed tags, and raw fragments may hold anything. So this is no browser's parser: it follows tags,
//! knows where a browser would build another tree than they suggest, and then marks the smallest element that surely
//! holds all of the difference. Where there is none, it gives up (`None`), and its caller looks at more.

mod child;
mod rules;
mod tag;
#[cfg(debug_assertions)]
mod unbalanced;
mod text;

#[cfg(test)]
mod tests;

pub(crate) use child::begins_with_row;
pub(super) use rules::is_hidden_input;
#[cfg(debug_assertions)]
pub(crate) use unbalanced::first_unbalanced;

use std::borrow::Cow;

use memchr::memchr;

use super::{
    Kind, Node, Resolve,
    attribute::attribute,
    demands::{Demands, Facts},
    element::{self, Namespace, Traits},
    expand::{self, PLACEHOLDER},
};

/// Deeper than this, browsers stop nesting (Blink: 512).
const MAX_DEPTH: usize = 256;

/// The part of a source to read, and the names of the elements that it stands in, outermost first.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Window<'a> {
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// Whether it begins where the content of the innermost of these does.
    pub(crate) is_first: bool,
    pub(crate) ancestors: &'a [&'a str],
}

/// The component whose HTML it is.
#[derive(Clone, Copy)]
pub(crate) struct Owner<'a> {
    pub(crate) id: u32,
    pub(crate) place: Place,
    /// Finds those that stand in it.
    pub(crate) resolve: &'a dyn Resolve,
}

/// What a component's top-level nodes stand in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// The page's element.
    Page,
    /// An element of HTML: which one, only its parent knows.
    Html,
    /// An element of SVG.
    Svg,
    /// An element of its own around it, since it is not just one.
    Wrapper,
}

impl<'a> Owner<'a> {
    pub(crate) fn new(id: u32, html: &str, resolve: &'a dyn Resolve) -> Self {
        let place = match id {
            expand::PAGE => Place::Page,
            _ if is_svg(html) => Place::Svg,
            _ => Place::Html,
        };
        Self { id, place, resolve }
    }
}

/// Whether this is the content of an SVG picture: the first element that could not be of both says so.
fn is_svg(html: &str) -> bool {
    let mut rest = html;
    while let Some(tag) = memchr(b'<', rest.as_bytes()) {
        rest = rest.get(tag..).unwrap_or_default();
        let name = element::tag_name(rest);
        let is_neither = !name.starts_with(|first: char| first.is_ascii_alphabetic())
            || ["a", "title", "style", "script", PLACEHOLDER].iter().any(|both| both.eq_ignore_ascii_case(name));
        if !is_neither {
            return element::is_svg_only(name);
        }
        rest = rest.get(1..).unwrap_or_default();
    }
    false
}

/// Reads a window; offsets and positions are those of a tape that begins with it. Also gives what its content asks of what is
/// around the component. `None` when the tags aren't balanced, or the tree would differ outside of the window's elements.
pub(crate) fn tokenize(html: &str, window: &Window<'_>, owner: Owner<'_>) -> Option<(Vec<Node>, Demands)> {
    let source = html.get(..window.end)?;
    u32::try_from(window.end).ok()?;
    let mut tokenizer = Tokenizer::new(source, window, owner, false);
    tokenizer.run(window.start)?;
    Some((tokenizer.nodes, tokenizer.demands))
}

/// Reads HTML as it was written, whatever a browser makes of it: opaque elements with their content, stray end tags
/// skipped, open elements closed at the end.
#[cfg(any(test, feature = "testing"))]
pub(super) fn as_written(html: &str, ancestors: &[&str]) -> Vec<Node> {
    let window = Window { start: 0, end: html.len(), is_first: false, ancestors };
    let owner = Owner { id: expand::PAGE, place: Place::Html, resolve: &expand::NoChildren };
    let mut tokenizer = Tokenizer::new(html, &window, owner, true);
    // What can't be read is text then, so this fails only beyond 4 GiB.
    let _ = tokenizer.run(0);
    tokenizer.nodes
}

struct Tokenizer<'a> {
    source: &'a str,
    owner: Owner<'a>,
    nodes: Vec<Node>,
    demands: Demands,
    /// Those around the window first.
    open: Vec<Open<'a>>,
    n_ancestors: usize,
    /// How many `p` are open; most often none, which saves looking for one.
    n_paragraphs: usize,
    n_selects: usize,
    /// Whether the window has a NUL anywhere, which is next to never.
    has_null: bool,
    /// The first open element that is opaque because of its content: what is open in it is not certain.
    outermost_marked: Option<usize>,
    /// Whether to follow the tags, whatever a browser does.
    as_written: bool,
}

/// An element whose end tag has not come yet.
struct Open<'a> {
    /// Lower case.
    name: Cow<'a, str>,
    traits: Traits,
    /// Its position; none for those around the window.
    node: usize,
    kind: Kind,
    /// Of its content.
    namespace: Namespace,
    /// Where its content begins.
    inner: usize,
}

impl<'a> Tokenizer<'a> {
    fn new(source: &'a str, window: &Window<'a>, owner: Owner<'a>, as_written: bool) -> Self {
        let open = Vec::with_capacity(window.ancestors.len() + 8);
        let around = match owner.place {
            Place::Page => Some("div"),
            Place::Wrapper => Some("lf-component"),
            Place::Html | Place::Svg => None,
        };
        let mut tokenizer = Self {
            source,
            owner,
            nodes: Vec::new(),
            demands: Demands::default(),
            open,
            n_ancestors: window.ancestors.len() + usize::from(around.is_some()),
            n_paragraphs: 0,
            n_selects: 0,
            has_null: source.as_bytes().get(window.start..).is_some_and(|bytes| memchr(0, bytes).is_some()),
            outermost_marked: None,
            as_written,
        };
        let inner = if window.is_first { window.start } else { usize::MAX };
        if owner.place == Place::Svg {
            tokenizer.demands.facts.add(Facts::SVG);
        }
        for ancestor in around.iter().chain(window.ancestors) {
            let name = lower(ancestor);
            let around = tokenizer.namespace();
            let (traits, namespace) = (around.traits(&name), around.inside(&name));
            tokenizer.enter(Open { name, traits, node: usize::MAX, kind: Kind::Element, namespace, inner });
        }
        tokenizer
    }

    fn run(&mut self, start: usize) -> Option<()> {
        let bytes = self.source.as_bytes();
        let (mut text, mut position) = (start, start);
        while let Some(offset) = memchr(b'<', bytes.get(position..)?) {
            let tag = position + offset;
            let after = match bytes.get(tag + 1) {
                Some(b'!') => self.text(text, tag).and_then(|()| self.comment(tag)),
                Some(b'/') => self.text(text, tag).and_then(|()| self.end_tag(tag)),
                Some(letter) if letter.is_ascii_alphabetic() => self.text(text, tag).and_then(|()| self.start_tag(tag)),
                Some(b'?') => None,
                _ => {
                    position = tag + 1; // a bare `<` is text
                    continue;
                }
            };
            (text, position) = match after {
                Some(after) => (after, after),
                None if self.as_written => (tag, tag + 1),
                None => return None,
            };
        }
        self.text(text, self.source.len())?;
        while self.open.len() > self.n_ancestors && self.open.last().is_some_and(|open| open.kind == Kind::Implied || self.as_written) {
            self.close(self.source.len(), self.source.len())?;
        }
        (self.open.len() == self.n_ancestors).then_some(())
    }

    fn end_tag(&mut self, start: usize) -> Option<usize> {
        let end = start + memchr(b'>', self.source.as_bytes().get(start..)?)? + 1;
        let tag = self.source.get(start + 1..end)?;
        let name = element::tag_name(tag);
        let is_open = |open: &Open<'_>| open.name.eq_ignore_ascii_case(name);
        if self.as_written {
            let Some(index) = self.open.iter().rposition(is_open).filter(|index| *index >= self.n_ancestors) else { return Some(end) };
            while self.open.len() > index + 1 {
                self.close(start, start)?;
            }
        } else if !tag.get(1 + name.len()..tag.len() - 1)?.bytes().all(|byte| byte.is_ascii_whitespace()) {
            return None; // attributes, in which `>` may be no end
        }
        if self.open.last().is_some_and(|open| open.kind == Kind::Implied && !is_open(open)) {
            self.close(start, start)?;
        }
        let open = self.open.last()?;
        if self.open.len() == self.n_ancestors || open.kind == Kind::Implied && !self.as_written || !is_open(open) {
            return None;
        }
        self.close(start, end)?;
        Some(end)
    }

    fn start_tag(&mut self, start: usize) -> Option<usize> {
        let name = element::tag_name(self.source.get(start..)?);
        let (end, closes_itself) = tag::end(self.source.as_bytes(), start, start + 1 + name.len())?;
        let tag = self.source.get(start..end)?;
        let name = lower(name);
        if name.contains('\0') {
            return None;
        }
        if &*name == PLACEHOLDER
            && let Some((slot, after)) = expand::read_placeholder(self.source, start)
            && let Some(child) = self.owner.resolve.resolve(self.owner.id, slot)
        {
            self.place(start, child)?;
            self.push(Kind::Component, start, end, end, after)?;
            return Some(after);
        }
        let around = self.namespace();
        let html_traits = Traits::of(&name);
        if !self.as_written {
            self.check_select(&name, html_traits)?;
            self.note_namespace(html_traits);
        }
        let mut kind = if html_traits.has(Traits::OPAQUE | Traits::RAW) { Kind::Opaque } else { Kind::Element };
        if kind == Kind::Element && tag.len() > name.len() + 2 && attribute(tag, "lf-ignore").is_some() {
            kind = Kind::Opaque;
        }
        // Browsers disagree with themselves about what it becomes in an attribute.
        if self.has_null && kind == Kind::Element && !self.as_written && memchr(0, tag.as_bytes()).is_some() {
            kind = Kind::Marked;
        }
        // It becomes the shadow root of its parent.
        if &*name == "template" && attribute(tag, "shadowrootmode").is_some() {
            self.mark(self.open.len().checked_sub(1)?)?;
        }
        let traits = around.traits(&name);
        if around == Namespace::Html {
            self.check(traits, tag)?;
            if traits.has(Traits::VOID) {
                self.push(kind, start, end, end, end)?;
                return Some(end);
            }
            if traits.has(Traits::RAW) {
                let (inner_end, after) = self.raw_end(&name, end)?;
                self.push(Kind::Opaque, start, end, inner_end, after)?;
                return Some(after);
            }
            if traits.has(Traits::ESCAPABLE) {
                return self.escapable(&name, traits, kind, start, end);
            }
        } else if html_traits.has(Traits::BREAKS_OUT) && !self.as_written {
            // HTML ends the SVG around it, and then each self-closing tag that follows stays open.
            return None;
        }
        if closes_itself {
            if around == Namespace::Html && around.inside(&name) == Namespace::Html {
                return None;
            }
            self.push(kind, start, end, end, end)?;
            return Some(end);
        }
        self.check_depth(1)?;
        let namespace = around.inside(&name);
        self.open(Open { name, traits, node: 0, kind, namespace, inner: end }, start)?;
        Some(end)
    }

    fn namespace(&self) -> Namespace {
        let outermost = if self.owner.place == Place::Svg { Namespace::Svg } else { Namespace::Html };
        self.open.last().map_or(outermost, |open| open.namespace)
    }

    fn open(&mut self, open: Open<'a>, start: usize) -> Option<()> {
        let (node, kind, inner) = (self.nodes.len(), open.kind, open.inner);
        self.enter(Open { node, ..open });
        self.push(kind, start, inner, inner, inner)
    }

    fn enter(&mut self, open: Open<'a>) {
        self.n_paragraphs += usize::from(open.traits.has(Traits::PARAGRAPH));
        self.n_selects += usize::from(open.traits.has(Traits::SELECT));
        self.open.push(open);
    }

    fn close(&mut self, inner_end: usize, end: usize) -> Option<()> {
        let open = self.open.pop()?;
        self.n_paragraphs -= usize::from(open.traits.has(Traits::PARAGRAPH));
        self.n_selects -= usize::from(open.traits.has(Traits::SELECT));
        self.outermost_marked = self.outermost_marked.filter(|marked| *marked < self.open.len());
        if matches!(open.kind, Kind::Opaque | Kind::Marked) && !self.as_written {
            self.nodes.truncate(open.node + 1);
        }
        let skip = u32::try_from(self.nodes.len()).ok()?;
        let node = self.nodes.get_mut(open.node)?;
        node.kind = open.kind;
        node.inner_end = u32::try_from(inner_end).ok()?;
        node.end = u32::try_from(end).ok()?;
        node.skip = skip;
        Some(())
    }

    /// Adds a node, which has no children so far.
    fn push(&mut self, kind: Kind, start: usize, inner: usize, inner_end: usize, end: usize) -> Option<()> {
        let offset = |offset: usize| u32::try_from(offset).ok();
        let skip = offset(self.nodes.len() + 1)?;
        let node = Node { kind, start: offset(start)?, inner: offset(inner)?, inner_end: offset(inner_end)?, end: offset(end)?, skip };
        self.nodes.push(node);
        Some(())
    }
}

fn lower(name: &str) -> Cow<'_, str> {
    if name.bytes().any(|byte| byte.is_ascii_uppercase()) { Cow::Owned(name.to_ascii_lowercase()) } else { Cow::Borrowed(name) }
}
