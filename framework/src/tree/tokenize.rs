//! Reads HTML into nodes.
//!
//! Templates write well-formed tags, and raw fragments may hold anything. So this is no browser's parser: it follows tags,
//! knows where a browser would build another tree than they suggest, and then marks the smallest element that surely
//! holds all of the difference. Where there is none, it gives up (`None`), and its caller looks at more.

use std::borrow::Cow;

use memchr::{memchr, memchr3, memmem};

use super::{Kind, Node, attribute::attribute, element, expand::PLACEHOLDER};

/// Deeper than this, browsers stop nesting (Blink: 512).
const MAX_DEPTH: usize = 256;

/// The part of a source to read, and the names of the elements that it stands in, outermost first.
#[derive(Debug)]
pub(crate) struct Window<'a> {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) ancestors: &'a [&'a str],
}

/// Reads a window; offsets and positions are those of a tape that begins with it. `None` when the tags aren't balanced, or
/// the tree would differ outside of the window's elements.
pub(crate) fn tokenize(html: &str, window: &Window<'_>) -> Option<Vec<Node>> {
    let source = html.get(..window.end)?;
    u32::try_from(window.end).ok()?;
    let mut tokenizer = Tokenizer::new(source, window.ancestors, false);
    tokenizer.run(window.start)?;
    Some(tokenizer.nodes)
}

/// Reads HTML as it was written, whatever a browser makes of it: opaque elements with their content, stray end tags
/// skipped, open elements closed at the end.
#[cfg(any(test, feature = "testing"))]
pub(super) fn as_written(html: &str, ancestors: &[&str]) -> Vec<Node> {
    let mut tokenizer = Tokenizer::new(html, ancestors, true);
    // What can't be read is text then, so this fails only beyond 4 GiB.
    let _ = tokenizer.run(0);
    tokenizer.nodes
}

struct Tokenizer<'a> {
    source: &'a str,
    nodes: Vec<Node>,
    open: Vec<Open<'a>>,
    ancestors: &'a [&'a str],
    /// Whether the window itself stands in SVG or MathML.
    foreign: bool,
    /// Whether to follow the tags, whatever a browser does.
    as_written: bool,
}

/// An element whose end tag has not come yet.
struct Open<'a> {
    name: Cow<'a, str>,
    node: usize,
    kind: Kind,
    /// Whether its content is SVG or MathML.
    foreign: bool,
}

/// Where an element that is looked for among those that are open was found.
enum Found {
    Inside(usize),
    Outside,
    Nowhere,
}

impl<'a> Tokenizer<'a> {
    fn new(source: &'a str, ancestors: &'a [&'a str], as_written: bool) -> Self {
        let foreign = ancestors.iter().fold(false, |foreign, ancestor| enters_foreign(ancestor, foreign));
        Self { source, nodes: Vec::new(), open: Vec::new(), ancestors, foreign, as_written }
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
        while self.open.last().is_some_and(|open| open.kind == Kind::Implied || self.as_written) {
            self.close(self.source.len(), self.source.len())?;
        }
        self.open.is_empty().then_some(())
    }

    fn text(&mut self, mut start: usize, end: usize) -> Option<()> {
        if start >= end {
            return Some(());
        }
        let bytes = self.source.as_bytes().get(start..end)?;
        if memchr(0, bytes).is_some() {
            return None;
        }
        if !bytes.iter().all(u8::is_ascii_whitespace) && self.in_table_structure() {
            self.foster()?;
        }
        if let Some(parent) = self.open.last()
            && matches!(&*parent.name, "pre" | "listing")
            && self.nodes.get(parent.node)?.inner as usize == start
        {
            match bytes.first() {
                Some(b'\n') => start += 1,
                Some(b'\r') => return None,
                _ => {}
            }
        }
        if start < end {
            self.leaf(Kind::Text, start, start, end, end)?;
        }
        Some(())
    }

    fn comment(&mut self, start: usize) -> Option<usize> {
        let data = self.source.get(start..)?.strip_prefix("<!--")?;
        let length = memmem::find(data.as_bytes(), b"-->")?;
        let inside = data.get(..length)?;
        // Browsers end these earlier.
        if inside.starts_with('>')
            || inside.starts_with("->")
            || inside.ends_with("--!")
            || inside.contains("--!>")
            || inside.contains('\0')
        {
            return None;
        }
        let end = start + 4 + length + 3;
        self.leaf(Kind::Comment, start, start + 4, start + 4 + length, end)?;
        Some(end)
    }

    fn end_tag(&mut self, start: usize) -> Option<usize> {
        let end = start + memchr(b'>', self.source.as_bytes().get(start..)?)? + 1;
        let name = element::tag_name(self.source.get(start + 1..end)?);
        let is_open = |open: &Open<'_>| open.name.eq_ignore_ascii_case(name);
        if self.as_written {
            let Some(index) = self.open.iter().rposition(is_open) else { return Some(end) };
            while self.open.len() > index + 1 {
                self.close(start, start)?;
            }
        }
        if self.open.last().is_some_and(|open| open.kind == Kind::Implied) && !self.open.last().is_some_and(is_open) {
            self.close(start, start)?;
        }
        let open = self.open.last()?;
        if open.kind == Kind::Implied || !is_open(open) {
            return None;
        }
        self.close(start, end)?;
        Some(end)
    }

    fn start_tag(&mut self, start: usize) -> Option<usize> {
        let end = self.tag_end(start)?;
        let tag = self.source.get(start..end)?;
        let name = lower(element::tag_name(tag));
        if &*name == PLACEHOLDER {
            return self.placeholder(start, end);
        }
        let is_foreign = self.open.last().map_or(self.foreign, |open| open.foreign);
        let self_closing = tag.ends_with("/>");
        if is_foreign {
            if element::breaks_out_of_svg(&name) {
                self.break_out()?;
            }
        } else {
            self.check_html(&name, tag)?;
            if element::is_void(&name) {
                self.leaf(Kind::Element, start, end, end, end)?;
                return Some(end);
            }
            if element::is_raw_text(&name) {
                let (inner_end, after) = self.raw_end(&name, end)?;
                self.leaf(Kind::Opaque, start, end, inner_end, after)?;
                return Some(after);
            }
            if element::is_escapable_text(&name) {
                return self.escapable(&name, start, end);
            }
            if self_closing || &*name == "plaintext" {
                return None;
            }
        }
        let is_leaf = element::is_opaque(&name) || attribute(tag, "lf-ignore").is_some() || (is_foreign && element::is_raw_text(&name));
        let kind = if is_leaf { Kind::Opaque } else { Kind::Element };
        if is_foreign && self_closing {
            self.leaf(kind, start, end, end, end)?;
            return Some(end);
        }
        if self.open.len() + self.ancestors.len() >= MAX_DEPTH {
            return None;
        }
        let foreign = enters_foreign(&name, is_foreign);
        self.open(name, kind, foreign, start, end)?;
        Some(end)
    }

    fn placeholder(&mut self, start: usize, end: usize) -> Option<usize> {
        let after = self.source.get(end..)?.strip_prefix("</")?.strip_prefix(PLACEHOLDER)?.strip_prefix('>')?;
        let after = self.source.len() - after.len();
        self.leaf(Kind::Component, start, end, end, after)?;
        Some(after)
    }

    fn escapable(&mut self, name: &str, start: usize, inner: usize) -> Option<usize> {
        let (inner_end, end) = self.raw_end(name, inner)?;
        let index = self.nodes.len();
        self.leaf(Kind::Element, start, inner, inner_end, end)?;
        let text = self.source.get(inner..inner_end)?;
        let skipped = usize::from(name == "textarea" && text.starts_with('\n'));
        if text.contains('\0') || (name == "textarea" && text.starts_with('\r')) {
            return None;
        }
        if inner + skipped < inner_end {
            self.leaf(Kind::Text, inner + skipped, inner + skipped, inner_end, inner_end)?;
        }
        let skip = u32::try_from(self.nodes.len()).ok()?;
        self.nodes.get_mut(index)?.skip = skip;
        Some(end)
    }

    /// Where the end tag of raw text begins and ends.
    fn raw_end(&self, name: &str, from: usize) -> Option<(usize, usize)> {
        let mut position = from;
        loop {
            let start = position + memmem::find(self.source.as_bytes().get(position..)?, b"</")?;
            let rest = self.source.get(start + 2..)?;
            let (candidate, after) = rest.split_at_checked(name.len()).unwrap_or(("", ""));
            if candidate.eq_ignore_ascii_case(name)
                && after.starts_with(|next: char| next.is_ascii_whitespace() || matches!(next, '>' | '/'))
            {
                let end = start + memchr(b'>', self.source.as_bytes().get(start..)?)? + 1;
                // A script that opens a comment and another script inside ends elsewhere; leave that to a resync.
                let content = self.source.get(from..start)?;
                return (name != "script" || !content.contains("<!--")).then_some((start, end));
            }
            position = start + 2;
        }
    }

    /// The end of a start tag; a `>` in a quoted value is no end.
    fn tag_end(&self, start: usize) -> Option<usize> {
        let bytes = self.source.as_bytes();
        let mut position = start + 1;
        loop {
            position += memchr3(b'>', b'"', b'\'', bytes.get(position..)?)?;
            let byte = *bytes.get(position)?;
            position += 1;
            if byte == b'>' {
                return Some(position);
            }
            // A quote opens a value only after `=`; elsewhere browsers take it as part of a name.
            let before = bytes.get(..position - 1)?.iter().rev().find(|byte| !byte.is_ascii_whitespace())?;
            if *before != b'=' {
                return None;
            }
            position += memchr(byte, bytes.get(position..)?)? + 1;
        }
    }

    /// Marks what a browser would build otherwise around this HTML start tag.
    fn check_html(&mut self, name: &str, tag: &str) -> Option<()> {
        if self.as_written {
            let _ = self.check_table(name, tag);
            return Some(());
        }
        if element::is_document(name) {
            return None;
        }
        self.check_table(name, tag)?;
        self.check_select(name)?;
        if element::closes_paragraph(name) {
            let found = self.find(|open| open == "p", |open| element::ends_scope(open) || open == "button");
            self.mark_parent(&found)?;
        }
        let found = match name {
            "li" => self.find(|open| open == "li", element::is_special),
            "dd" | "dt" => self.find(|open| matches!(open, "dd" | "dt"), element::is_special),
            "a" => self.find(|open| open == "a", |open| matches!(open, "td" | "th" | "caption" | "marquee" | "object" | "applet")),
            "nobr" => self.find(|open| open == "nobr", element::ends_scope),
            "button" => self.find(|open| open == "button", element::ends_scope),
            "form" => self.find(|open| open == "form", |_| false),
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => self.find(element::is_heading, |open| !element::is_heading(open)),
            "option" | "optgroup" => self.find(|open| open == "option", |open| open != "option"),
            "rt" | "rp" | "rb" | "rtc" => self.find(|open| matches!(open, "rt" | "rp" | "rb" | "rtc"), |open| open == "ruby"),
            _ => Found::Nowhere,
        };
        self.mark_parent(&found)
    }

    fn check_table(&mut self, name: &str, tag: &str) -> Option<()> {
        let ends_group = matches!(name, "tbody" | "thead" | "tfoot" | "caption" | "colgroup" | "col");
        if ends_group && self.open.last().is_some_and(|open| open.kind == Kind::Implied) {
            let start = tag.as_ptr() as usize - self.source.as_ptr() as usize;
            self.close(start, start)?;
        }
        let Some(parent) = self.parent() else { return Some(()) };
        let fits = match name {
            "tbody" | "thead" | "tfoot" | "caption" | "colgroup" => parent == "table",
            "col" => parent == "colgroup",
            "tr" if parent == "table" => {
                let start = tag.as_ptr() as usize - self.source.as_ptr() as usize;
                return self.open(Cow::Borrowed("tbody"), Kind::Implied, false, start, start);
            }
            "tr" => matches!(parent, "tbody" | "thead" | "tfoot"),
            "td" | "th" => parent == "tr",
            _ => {
                let in_structure = matches!(parent, "table" | "tbody" | "thead" | "tfoot" | "tr" | "colgroup");
                let may_stand_there = matches!(name, "script" | "style" | "template")
                    || (name == "input" && attribute(tag, "type").is_some_and(|kind| kind.eq_ignore_ascii_case("hidden")));
                return if in_structure && (!may_stand_there || parent == "colgroup" && name != "template") {
                    self.foster()
                } else {
                    Some(())
                };
            }
        };
        if fits {
            return Some(());
        }
        // In a table the browser adds or closes parts; elsewhere it ignores the tag, and the content joins the parent's.
        match self.find(|open| open == "table", |open| matches!(open, "td" | "th" | "caption")) {
            Found::Inside(table) => self.mark(table),
            Found::Outside => None,
            Found::Nowhere => self.open.len().checked_sub(1).and_then(|parent| self.mark(parent)),
        }
    }

    fn check_select(&mut self, name: &str) -> Option<()> {
        let found = self.find(|open| open == "select", |open| !matches!(open, "option" | "optgroup" | "select"));
        if matches!(found, Found::Nowhere) || matches!(name, "option" | "optgroup" | "hr") {
            return Some(());
        }
        if matches!(name, "input" | "textarea" | "select" | "keygen") {
            return self.mark_parent(&found);
        }
        // What else a select may hold differs between versions of browsers.
        match found {
            Found::Inside(select) => self.mark(select),
            _ => None,
        }
    }

    /// Content that a browser moves out of a table, to before it.
    fn foster(&mut self) -> Option<()> {
        let found = self.find(|open| open == "table", |_| false);
        if self.as_written {
            return Some(());
        }
        if matches!(found, Found::Nowhere) { None } else { self.mark_parent(&found) }
    }

    /// HTML that ends the SVG around it.
    fn break_out(&mut self) -> Option<()> {
        let first_foreign = self.open.iter().rposition(|open| !open.foreign).map_or(0, |html| html + 1);
        // The `svg` element itself is the first whose content is foreign; the HTML goes to its parent.
        self.mark(first_foreign.checked_sub(1)?)
    }

    fn in_table_structure(&self) -> bool {
        self.parent().is_some_and(|parent| matches!(parent, "table" | "tbody" | "thead" | "tfoot" | "tr" | "colgroup"))
    }

    fn parent(&self) -> Option<&str> {
        self.open.last().map(|open| &*open.name).or(self.ancestors.last().copied())
    }

    /// Looks from the innermost open element outwards, until `stop`.
    fn find(&self, wanted: impl Fn(&str) -> bool, stop: impl Fn(&str) -> bool) -> Found {
        for (index, open) in self.open.iter().enumerate().rev() {
            if wanted(&open.name) {
                return Found::Inside(index);
            }
            if stop(&open.name) {
                return Found::Nowhere;
            }
        }
        for open in self.ancestors.iter().rev() {
            if wanted(open) {
                return Found::Outside;
            }
            if stop(open) {
                break;
            }
        }
        Found::Nowhere
    }

    fn mark_parent(&mut self, found: &Found) -> Option<()> {
        match found {
            Found::Inside(index) => self.mark(index.checked_sub(1)?),
            Found::Outside => None,
            Found::Nowhere => Some(()),
        }
    }

    /// Marks an open element opaque; one that has no tag can't be replaced, so its parent then.
    fn mark(&mut self, index: usize) -> Option<()> {
        let open = self.open.get_mut(index)?;
        match open.kind {
            _ if self.as_written => {}
            Kind::Implied => return self.mark(index.checked_sub(1)?),
            Kind::Element => open.kind = Kind::Marked,
            _ => {}
        }
        Some(())
    }

    fn open(&mut self, name: Cow<'a, str>, kind: Kind, foreign: bool, start: usize, inner: usize) -> Option<()> {
        self.open.push(Open { name, node: self.nodes.len(), kind, foreign });
        self.push(if kind == Kind::Implied { kind } else { Kind::Element }, start, inner, inner, inner)
    }

    fn close(&mut self, inner_end: usize, end: usize) -> Option<()> {
        let open = self.open.pop()?;
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

    fn leaf(&mut self, kind: Kind, start: usize, inner: usize, inner_end: usize, end: usize) -> Option<()> {
        self.push(kind, start, inner, inner_end, end)
    }

    fn push(&mut self, kind: Kind, start: usize, inner: usize, inner_end: usize, end: usize) -> Option<()> {
        let offset = |offset: usize| u32::try_from(offset).ok();
        let skip = offset(self.nodes.len() + 1)?;
        let node = Node { kind, start: offset(start)?, inner: offset(inner)?, inner_end: offset(inner_end)?, end: offset(end)?, skip };
        self.nodes.push(node);
        Some(())
    }
}

/// Whether the content of an element is SVG or MathML.
fn enters_foreign(name: &str, is_foreign: bool) -> bool {
    match name {
        "svg" | "math" => true,
        "foreignobject" | "desc" | "title" => false,
        _ => is_foreign,
    }
}

fn lower(name: &str) -> Cow<'_, str> {
    if name.bytes().any(|byte| byte.is_ascii_uppercase()) { Cow::Owned(name.to_ascii_lowercase()) } else { Cow::Borrowed(name) }
}
