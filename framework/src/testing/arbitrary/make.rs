//! Makes what one component renders.

use super::{Choices, Piece, wild};

/// Where a component stands, and so what it should consist of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// It is the page.
    Page,
    Flow,
    /// Among the rows of a table.
    Rows,
    /// Among the items of a list.
    Items,
    /// Among the options of a select.
    Options,
    Svg,
}

pub(super) struct Make<'a, 'b> {
    pub(super) choices: &'a mut Choices<'b>,
    component: u32,
    n_children: u32,
    /// The components that were placed.
    pub(super) placed: Vec<(u32, Place)>,
}

/// Most children that a component gets; names count in this base, so that each has room.
const MOST_CHILDREN: u32 = 3;
/// Components with higher names get no children.
const DEEPEST: u32 = 300;

const BLOCKS: &[&str] = &["div", "section", "article", "main", "header"];
const PHRASES: &[&str] = &["b", "i", "em", "span", "code", "font", "label", "u"];

impl<'a, 'b> Make<'a, 'b> {
    /// `n_children` counts those that the component has already.
    pub(super) fn new(choices: &'a mut Choices<'b>, component: u32, n_children: u32) -> Self {
        Self { choices, component, n_children, placed: Vec::new() }
    }

    /// All that a component renders.
    pub(super) fn component(&mut self, place: Place) -> Vec<Piece> {
        // Now and then one stands where it doesn't fit.
        let fits = self.choices.below(12) != 11;
        let one = match place {
            Place::Page => return self.flow(4),
            Place::Rows if fits => self.row(2),
            Place::Items if fits => self.item(2),
            Place::Options if fits => self.option(),
            Place::Svg if fits => self.shape(2),
            _ if self.choices.below(3) == 2 => return self.flow(3),
            _ => self.element(3),
        };
        vec![one]
    }

    pub(super) fn flow(&mut self, depth: usize) -> Vec<Piece> {
        let n = self.choices.below(5);
        (0..n).map(|_| self.piece(depth)).collect()
    }

    pub(super) fn piece(&mut self, depth: usize) -> Piece {
        match self.choices.below(10) {
            0..=2 => self.text(),
            3 => self.comment(),
            4 | 5 => self.child(Place::Flow).unwrap_or_else(|| self.text()),
            _ => self.element(depth),
        }
    }

    pub(super) fn text(&mut self) -> Piece {
        let text = [
            "a",
            "1",
            "2",
            " ",
            "\n",
            "a &amp; b",
            "&lt;i&gt;",
            "&copy;",
            "x\r\ny",
            "aé😀",
            "a & b",
            "a1",
            "a12",
            "the text",
            "the next text",
            "\t",
            "a < b",
            "&nbsp;",
            "&#39;",
            "&notit;",
            "]]>",
            "é",
            "a long text\nof two lines",
        ];
        Piece::Raw(self.choices.of(&text).to_owned())
    }

    fn comment(&mut self) -> Piece {
        Piece::Raw(format!("<!--{}-->", self.choices.of(&["", "c", " [x] ", "a -- b", "<p>"])))
    }

    /// A component, while there is room for one.
    fn child(&mut self, place: Place) -> Option<Piece> {
        if self.component >= DEEPEST || self.n_children >= MOST_CHILDREN {
            return None;
        }
        self.n_children += 1;
        let name = self.component * (MOST_CHILDREN + 1) + self.n_children;
        self.placed.push((name, place));
        Some(Piece::Child(name))
    }

    pub(super) fn element(&mut self, depth: usize) -> Piece {
        let depth = depth.saturating_sub(1);
        let kind = if depth == 0 { self.choices.below(5) } else { self.choices.below(34) };
        let (name, children) = match kind {
            0 => (self.choices.of(PHRASES), vec![self.text()]),
            1 => (self.choices.of(&["br", "hr", "img", "wbr"]), Vec::new()),
            2 => ("span", Vec::new()),
            3 => (self.choices.of(&["textarea", "pre", "listing"]), self.lines()),
            4 => return self.control(),
            5..=8 => (self.choices.of(BLOCKS), self.flow(depth)),
            9 => (self.choices.of(&["custom-x", "lf-thing"]), self.flow(depth)),
            10..=12 => (self.choices.of(&["ul", "ol"]), self.items(depth)),
            13 => ("dl", self.some(4, |make| make.named(&["dt", "dd"], |make| make.flow(1)))),
            14..=17 => return self.table(depth),
            18 | 19 => return self.svg(depth),
            20 => return self.select(),
            21 => ("form", self.some(4, |make| make.field(depth))),
            22 => ("details", self.with_first("summary", depth)),
            23 => ("fieldset", self.with_first("legend", depth)),
            24 => (self.choices.of(&["dialog", "div"]), self.flow(depth)),
            25 => (
                "math",
                self.some(3, |make| make.named(&["mi", "mo", "mrow", "mn", "msup", "mtext", "annotation-xml"], |make| vec![make.text()])),
            ),
            26 => (self.choices.of(&["script", "style", "object", "template"]), vec![self.text()]),
            27 => return self.ignored(),
            // Browsers close the paragraph.
            28 => ("p", self.flow(depth)),
            29 => (self.choices.of(&["a", "button", "h2", "nobr"]), self.flow(depth)),
            30 => ("ruby", vec![self.text(), self.named(&["rt"], |make| vec![make.text()])]),
            31 => ("datalist", self.some(3, Self::option)),
            32 => (self.choices.of(&["video", "audio", "meter", "output"]), Vec::new()),
            _ => {
                let html = wild::html(&mut self.choices.take(12));
                // What is in such an element is the client's.
                return Piece::Raw(html.replace("lf-ignore", "lf-other"));
            }
        };
        Piece::Element { name, attributes: self.attributes(name), children }
    }

    fn named(&mut self, names: &[&'static str], children: impl FnOnce(&mut Self) -> Vec<Piece>) -> Piece {
        let name = self.choices.of(names);
        Piece::Element { name, attributes: self.attributes(name), children: children(self) }
    }

    fn some(&mut self, most: usize, mut one: impl FnMut(&mut Self) -> Piece) -> Vec<Piece> {
        let n = self.choices.below(most + 1);
        (0..n).map(|_| one(self)).collect()
    }

    /// Siblings of a kind: with keys, ids or neither, now and then a component, a comment or a space between them.
    fn siblings(&mut self, most: usize, place: Place, mut one: impl FnMut(&mut Self) -> Piece) -> Vec<Piece> {
        let (n, keys) = (self.choices.below(most + 1), self.choices.below(4));
        (0..n)
            .map(|_| {
                match self.choices.below(10) {
                    9 => return self.child(place).unwrap_or_else(|| one(self)),
                    8 => return if self.choices.below(2) == 0 { Piece::Raw("\n ".to_owned()) } else { self.comment() },
                    _ => {}
                }
                let mut piece = one(self);
                if let (Piece::Element { attributes, .. }, 1..=2) = (&mut piece, keys) {
                    attributes.retain(|(name, _)| *name != "id");
                    attributes.push((if keys == 1 { "lf-key" } else { "id" }, self.choices.below(8).to_string()));
                }
                piece
            })
            .collect()
    }

    /// Text that a parser takes a newline from.
    fn lines(&mut self) -> Vec<Piece> {
        let start = self.choices.of(&["\n", "", "\n\n", "\r\n"]);
        vec![Piece::Raw(start.to_owned()), self.text()]
    }

    fn items(&mut self, depth: usize) -> Vec<Piece> {
        self.siblings(5, Place::Items, |make| make.item(depth.min(2)))
    }

    fn item(&mut self, depth: usize) -> Piece {
        self.named(&["li"], |make| make.flow(depth))
    }

    fn with_first(&mut self, first: &'static str, depth: usize) -> Vec<Piece> {
        let first = self.named(&[first], |make| vec![make.text()]);
        let mut children = self.flow(depth);
        children.insert(0, first);
        children
    }

    fn table(&mut self, depth: usize) -> Piece {
        let mut children = Vec::new();
        if self.choices.below(4) == 3 {
            children.push(self.named(&["caption"], |make| vec![make.text()]));
        }
        if self.choices.below(4) == 3 {
            children.push(self.named(&["colgroup"], |make| make.some(2, |make| make.named(&["col"], |_| Vec::new()))));
        }
        // With groups, or rows that get one from the browser, or both.
        let kind = self.choices.below(5);
        if kind != 0 {
            children.extend(self.some(2, |make| make.named(&["tbody", "thead", "tfoot"], |make| make.rows(depth))));
        }
        if matches!(kind, 0 | 4) {
            children.extend(self.rows(depth));
        }
        Piece::Element { name: "table", attributes: self.attributes("table"), children }
    }

    fn rows(&mut self, depth: usize) -> Vec<Piece> {
        self.siblings(4, Place::Rows, |make| make.row(depth.min(2)))
    }

    fn row(&mut self, depth: usize) -> Piece {
        self.named(&["tr"], |make| {
            make.some(3, |make| {
                make.named(&["td", "th"], |make| if make.choices.below(3) == 2 { make.flow(depth.min(1)) } else { vec![make.text()] })
            })
        })
    }

    fn svg(&mut self, depth: usize) -> Piece {
        let children = self.siblings(3, Place::Svg, |make| make.shape(depth));
        Piece::Element { name: "svg", attributes: self.attributes("svg"), children }
    }

    fn shape(&mut self, depth: usize) -> Piece {
        let depth = depth.saturating_sub(1);
        match self.choices.below(if depth == 0 { 4 } else { 9 }) {
            0 | 1 => self.named(&["path", "circle", "rect"], |_| Vec::new()),
            2 => self.named(&["use"], |_| Vec::new()),
            3 => self.named(&["text", "title", "desc", "tspan"], |make| vec![make.text()]),
            4 | 5 => self.named(&["g", "a", "svg"], |make| make.siblings(3, Place::Svg, |make| make.shape(depth))),
            6 => self.named(&["linearGradient", "clipPath"], |make| make.some(2, |make| make.named(&["stop"], |_| Vec::new()))),
            7 => self.named(&["style"], |make| vec![make.text()]),
            _ => self.named(&["foreignObject"], |make| make.flow(depth)),
        }
    }

    fn select(&mut self) -> Piece {
        self.named(&["select"], |make| {
            make.siblings(4, Place::Options, |make| match make.choices.below(4) {
                3 => make.named(&["optgroup"], |make| make.some(2, Self::option)),
                _ => make.option(),
            })
        })
    }

    fn option(&mut self) -> Piece {
        self.named(&["option"], |make| vec![make.text()])
    }

    fn control(&mut self) -> Piece {
        match self.choices.below(4) {
            0..=2 => self.named(&["input"], |_| Vec::new()),
            _ => self.named(&["progress", "meter", "output"], |_| Vec::new()),
        }
    }

    fn field(&mut self, depth: usize) -> Piece {
        match self.choices.below(6) {
            0 | 1 => self.control(),
            2 => self.named(&["textarea"], Self::lines),
            3 => self.select(),
            4 => self.named(&["button", "label"], |make| vec![make.text()]),
            _ => self.piece(depth),
        }
    }

    fn ignored(&mut self) -> Piece {
        let attributes = vec![("lf-ignore", self.choices.of(&["", "1"]).to_owned())];
        Piece::Element { name: "div", attributes, children: vec![Piece::Raw("owned".to_owned())] }
    }

    pub(super) fn attributes(&mut self, element: &str) -> Vec<(&'static str, String)> {
        let n = self.choices.below(4);
        let mut attributes: Vec<(&'static str, String)> = Vec::new();
        for _ in 0..n {
            let own = own_attributes(element);
            let (name, value) = match self.choices.below(3) {
                1 if !own.is_empty() => self.choices.of(own),
                2 => (self.choices.of(&["hidden", "style", "lang", "dir", "tabindex", "aria-label"]), ""),
                _ => (self.choices.of(&["class", "title", "data-x", "id"]), ""),
            };
            let value = match (name, value) {
                ("style", _) => self.choices.of(&["color:red", "color: blue; margin: 1px", ""]),
                ("hidden", _) => self.choices.of(&["", "until-found"]),
                // What is there or not, as templates write it.
                (_, " ") => "",
                (_, "") => self.choices.of(&["", "1", "2", "a>b", "&quot;", "&eacute;", "a &amp; b", "x\ny", "'"]),
                (_, value) => value,
            };
            if attributes.iter().all(|(other, _)| !other.eq_ignore_ascii_case(name)) {
                attributes.push((name, value.to_owned()));
            }
        }
        attributes
    }
}

/// What only such an element has. Without a value, any does.
fn own_attributes(element: &str) -> &'static [(&'static str, &'static str)] {
    match element {
        "input" => &[
            ("type", "checkbox"),
            ("type", "radio"),
            ("type", "number"),
            ("type", "range"),
            ("type", "date"),
            ("type", "hidden"),
            ("type", "file"),
            ("checked", " "),
            ("value", ""),
            ("value", "7"),
            ("min", "2"),
            ("max", "5"),
            ("disabled", " "),
            ("name", ""),
            ("list", ""),
            ("form", ""),
            ("multiple", " "),
            ("lf-indeterminate", " "),
        ],
        "select" => &[("multiple", " "), ("size", "3"), ("disabled", " "), ("name", "")],
        "option" => &[("selected", " "), ("value", ""), ("disabled", " "), ("label", "")],
        "textarea" => &[("rows", "3"), ("placeholder", ""), ("name", ""), ("disabled", " ")],
        "details" => &[("open", " "), ("name", "")],
        "dialog" => &[("open", " "), ("lf-modal", " ")],
        "div" => &[("popover", "auto"), ("popover", "manual"), ("contenteditable", "false"), ("role", "")],
        "a" => &[("href", "#x"), ("href", "?a=1&b=2"), ("xlink:href", "#y")],
        "svg" => {
            &[("viewBox", "0 0 9 9"), ("viewbox", "0 0 1 1"), ("preserveAspectRatio", "none"), ("xmlns", "http://www.w3.org/2000/svg")]
        }
        "use" => &[("xlink:href", "#y"), ("href", "#x"), ("XLINK:HREF", "#z")],
        "path" => &[("d", "M0 0"), ("fill", "red"), ("pathLength", "9"), ("stroke-width", "2")],
        "linearGradient" | "clipPath" => &[("gradientUnits", "userSpaceOnUse"), ("clipPathUnits", "userSpaceOnUse")],
        "td" | "th" => &[("colspan", "2"), ("scope", "row"), ("align", "left")],
        "video" | "audio" => &[("muted", " "), ("controls", " "), ("loop", " ")],
        "button" => &[("type", "button"), ("popovertarget", ""), ("disabled", " "), ("lf-click", "abcdefgh")],
        "ol" => &[("start", "3"), ("reversed", " ")],
        "custom-x" | "lf-thing" => &[("is", ""), ("slot", ""), ("a.b:c", ""), ("@x", "")],
        "progress" | "meter" => &[("value", "7"), ("max", "9")],
        _ => &[],
    }
}
