//! HTML for property tests, made from random bytes: as templates write it, and as nobody should.

use std::{collections::BTreeMap, fmt::Write as _};

use proptest::{
    collection::vec,
    prelude::*,
    test_runner::{Config, RngSeed},
};

use super::element::Traits;

/// Bytes that decide what is made; 0, as after the end, decides for the simplest.
#[derive(Debug)]
pub(crate) struct Choices<'a>(pub(crate) &'a [u8]);

impl Choices<'_> {
    /// A number below `n`.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        usize::from(*first) % n.max(1)
    }

    pub(crate) fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

pub(crate) fn choices(length: usize) -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>(), 0..length)
}

/// How many cases a property is tried with: `default`, and always the same ones; or with `LIVEFLOE_CASES` that many times as
/// many, others each time.
pub(crate) fn cases(default: u32) -> Config {
    let factor = std::env::var("LIVEFLOE_CASES").ok().and_then(|factor| factor.parse::<u32>().ok());
    let rng_seed = if factor.is_some() { RngSeed::Random } else { RngSeed::Fixed(1) };
    let cases = default.saturating_mul(factor.unwrap_or(1));
    Config { cases, rng_seed, failure_persistence: None, max_shrink_iters: 20_000, ..Config::default() }
}

/// A part of a template's output.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Piece {
    /// Text or a comment, as written.
    Raw(String),
    Element {
        name: &'static str,
        attributes: Vec<(&'static str, String)>,
        children: Vec<Self>,
    },
    /// A child component, by its id, which is its slot too.
    Child(u32),
}

/// What a page renders: the pieces of each component.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Page(pub(crate) BTreeMap<u32, Vec<Piece>>);

pub(crate) fn to_html(pieces: &[Piece]) -> String {
    let mut html = String::new();
    for piece in pieces {
        write(piece, &mut html);
    }
    html
}

fn write(piece: &Piece, html: &mut String) {
    match piece {
        Piece::Raw(raw) => html.push_str(raw),
        Piece::Child(id) => super::write_placeholder(u64::from(*id), html),
        Piece::Element { name, attributes, children } => {
            let _ = write!(html, "<{name}");
            for (name, value) in attributes {
                let _ = write!(html, " {name}=\"{value}\"");
            }
            html.push_str(if *name == "path" { "/>" } else { ">" });
            if !matches!(*name, "br" | "input" | "hr" | "img" | "path" | "col") {
                for child in children {
                    write(child, html);
                }
                let _ = write!(html, "</{name}>");
            }
        }
    }
}

/// A page with up to a few components.
pub(crate) fn page(choices: &mut Choices<'_>) -> Page {
    let mut page = BTreeMap::new();
    component(choices, 0, &mut page);
    Page(page)
}

fn component(choices: &mut Choices<'_>, id: u32, page: &mut BTreeMap<u32, Vec<Piece>>) {
    let mut n_children = 0;
    let mut make = Make { choices, id, n_children: &mut n_children };
    let pieces = if id == 0 || make.choices.below(3) == 2 { make.flow(4) } else { vec![make.element(3)] };
    page.insert(id, pieces);
    for child in 1..=n_children {
        component(choices, id * 4 + child, page);
    }
}

/// Makes pieces for one component.
pub(crate) struct Make<'a, 'b> {
    pub(crate) choices: &'a mut Choices<'b>,
    pub(crate) id: u32,
    pub(crate) n_children: &'a mut u32,
}

impl Make<'_, '_> {
    pub(crate) fn flow(&mut self, depth: usize) -> Vec<Piece> {
        let n = self.choices.below(5);
        (0..n).map(|_| self.piece(depth)).collect()
    }

    pub(crate) fn piece(&mut self, depth: usize) -> Piece {
        match self.choices.below(8) {
            0..=2 => self.text(),
            3 => Piece::Raw(format!("<!--{}-->", self.choices.of(&["", "c", " [x] "]))),
            4 if self.id < 300 && *self.n_children < 3 => {
                *self.n_children += 1;
                Piece::Child(self.id * 4 + *self.n_children)
            }
            _ => self.element(depth),
        }
    }

    pub(crate) fn text(&mut self) -> Piece {
        let text = ["a", "1", "2", " ", "\n", "a &amp; b", "&lt;i&gt;", "&copy;", "x\r\ny", "aé😀", "a & b", "a1", "a12"];
        Piece::Raw(self.choices.of(&text).to_owned())
    }

    pub(crate) fn element(&mut self, depth: usize) -> Piece {
        let depth = depth.saturating_sub(1);
        let kind = if depth == 0 { self.choices.below(4) } else { self.choices.below(17) };
        let (name, children) = match kind {
            0 => ("b", vec![self.text()]),
            1 => (self.choices.of(&["br", "input", "hr", "img"]), Vec::new()),
            2 => ("span", Vec::new()),
            3 => (self.choices.of(&["textarea", "pre"]), vec![Piece::Raw("\n".to_owned()), self.text()]),
            4..=6 => (self.choices.of(&["div", "section", "article"]), self.flow(depth)),
            7 | 8 => ("ul", self.many("li", depth)),
            9 => ("table", self.many("tr", depth)),
            10 => {
                let groups = self.many("tbody", 1).into_iter().map(|group| self.with_children(group, depth)).collect();
                ("table", groups)
            }
            11 => ("svg", vec![self.leaf("path"), self.leaf("g")]),
            12 => ("select", self.many("option", 1)),
            13 => (self.choices.of(&["script", "style", "object", "template"]), vec![self.text()]),
            14 => {
                let content = vec![Piece::Raw("owned".to_owned())];
                return Piece::Element {
                    name: "div",
                    attributes: vec![("lf-ignore", self.choices.of(&["", "1"]).to_owned())],
                    children: content,
                };
            }
            // Browsers close the paragraph.
            15 => ("p", self.flow(depth)),
            _ => ("button", vec![self.text()]),
        };
        Piece::Element { name, attributes: self.attributes(), children }
    }

    /// Children of one name, with keys and without.
    fn many(&mut self, name: &'static str, depth: usize) -> Vec<Piece> {
        let (n, keys) = (self.choices.below(6), self.choices.below(3));
        (0..n)
            .map(|_| {
                let children = match name {
                    "tr" => {
                        let (cell, n) = (self.choices.of(&["td", "th"]), self.choices.below(3));
                        (0..n).map(|_| Piece::Element { name: cell, attributes: Vec::new(), children: vec![self.text()] }).collect()
                    }
                    "li" => self.flow(depth.min(2)),
                    "tbody" => Vec::new(),
                    _ => vec![self.text()],
                };
                let mut attributes = self.attributes();
                if keys > 0 {
                    attributes.retain(|(name, _)| *name != "id");
                    attributes.push((if keys == 1 { "lf-key" } else { "id" }, self.choices.below(8).to_string()));
                }
                Piece::Element { name, attributes, children }
            })
            .collect()
    }

    fn with_children(&mut self, group: Piece, depth: usize) -> Piece {
        let Piece::Element { attributes, .. } = group else { return group };
        Piece::Element { name: self.choices.of(&["tbody", "thead", "tfoot"]), attributes, children: self.many("tr", depth) }
    }

    fn leaf(&mut self, name: &'static str) -> Piece {
        Piece::Element { name, attributes: self.attributes(), children: Vec::new() }
    }

    pub(crate) fn attributes(&mut self) -> Vec<(&'static str, String)> {
        let n = self.choices.below(3);
        let mut attributes: Vec<(&'static str, String)> = Vec::new();
        for _ in 0..n {
            let name = self.choices.of(&["class", "title", "data-x", "id"]);
            let value = self.choices.of(&["", "1", "2", "a>b", "&quot;", "&eacute;", "a &amp; b"]);
            if attributes.iter().all(|(other, _)| *other != name) {
                attributes.push((name, value.to_owned()));
            }
        }
        attributes
    }
}

const NAMES: &str = "p div span b a li ul ol dl dd dt table tbody thead tr td th caption colgroup col select option optgroup button form h1 h2
    pre textarea title svg g path foreignObject desc math mi ruby rt rp rb rtc script style template object iframe noscript br input hr img nobr
    section dialog search address fieldset marquee applet font i details summary listing custom-x image main menu center xmp keygen label em code
    DIV P annotation-xml selectedcontent datalist video wbr header";
const TEXTS: &str = "x| |\n|\ny|&amp;|&#10;z|\r\nw|a < b|<!-- c -->|&copy;|]]>|&|=\"|\0|é";
const ATTRIBUTES: &str = "||||| a| a=b| A='x>y'| class=\"c d\"| type=hidden| lf-ignore| a=b/| a='1'a=\"2\"|/| x=y'z";
/// A shorthand for the mistakes that there are rules for.
const STRAY: &str = "<br>|<p>x</p>|<div>y</div>|<td>c</td>|<tr><td>d</td></tr>|<li>i</li>|<input>|<option>o</option>|<b>f</b>";

/// Tags that are nested well, but by chance: what browsers take apart.
pub(crate) fn wild(choices: &mut Choices<'_>) -> String {
    let names: Vec<&str> = NAMES.split_ascii_whitespace().collect();
    let [texts, attributes, stray] = [TEXTS, ATTRIBUTES, STRAY].map(|all| all.split('|').collect::<Vec<_>>());
    let mut html = String::new();
    let mut open: Vec<&str> = Vec::new();
    while !choices.is_empty() {
        match choices.below(8) {
            0 | 1 => html.push_str(choices.of(&texts)),
            2..=4 => {
                let name = choices.of(&names);
                let _ = write!(html, "<{name}{}>", choices.of(&attributes));
                if !Traits::of(name).has(Traits::VOID) {
                    open.push(name);
                }
            }
            5 | 6 => {
                if let Some(name) = open.pop() {
                    let _ = write!(html, "</{name}>");
                }
            }
            _ => html.push_str(choices.of(&stray)),
        }
    }
    while let Some(name) = open.pop() {
        let _ = write!(html, "</{name}>");
    }
    html
}
