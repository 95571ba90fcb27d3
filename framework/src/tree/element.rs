//! What HTML says about elements, as far as their place in the tree depends on it.
//!
//! Source: <https://html.spec.whatwg.org/multipage/parsing.html>, "tree construction".

use std::{
    ops::{BitOr, BitOrAssign},
    sync::LazyLock,
};

use rustc_hash::FxHashMap;

use super::{Kind, Node};

/// The name in a node's start tag, as written; `tbody` for one that the browser adds.
pub(crate) fn name<'a>(html: &'a str, node: &Node) -> &'a str {
    match node.kind {
        Kind::Implied => "tbody",
        Kind::Text | Kind::Comment => "",
        _ => tag_name(html.get(node.start as usize..node.inner as usize).unwrap_or_default()),
    }
}

/// The name in a start tag that begins with `<`.
pub(crate) fn tag_name(tag: &str) -> &str {
    let name = tag.get(1..).unwrap_or_default();
    let is_end = |byte: u8| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/');
    name.get(..name.bytes().position(is_end).unwrap_or(name.len())).unwrap_or_default()
}

/// Whether what is in such an element is text, whatever it looks like.
pub(crate) fn holds_text(name: &str) -> bool {
    ["script", "style", "textarea", "title", "iframe", "noscript", "xmp", "noembed", "noframes"]
        .iter()
        .any(|text| text.eq_ignore_ascii_case(name))
}

/// Whether an HTML element has neither content nor an end tag.
#[cfg(any(debug_assertions, test, feature = "testing"))]
pub(crate) fn is_void(name: &str) -> bool {
    Traits::of(name).has(Traits::VOID)
}

/// What the rules say of an element: a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Traits(u64);

impl Traits {
    pub(super) const NONE: Self = Self(0);
    /// No content and no end tag.
    pub(super) const VOID: Self = Self(1);
    /// Content is text up to the end tag, and no part of the logical tree.
    pub(super) const RAW: Self = Self(1 << 1);
    /// Content is text with entities: one text child.
    pub(super) const ESCAPABLE: Self = Self(1 << 2);
    /// Always opaque, besides those of raw text.
    pub(super) const OPAQUE: Self = Self(1 << 3);
    /// The start tag closes an open `p`.
    pub(super) const CLOSES_PARAGRAPH: Self = Self(1 << 4);
    /// The search for an open element "in scope" ends here.
    pub(super) const ENDS_SCOPE: Self = Self(1 << 5);
    /// The search for an open `li`, `dd` or `dt` ends here.
    pub(super) const ENDS_LIST: Self = Self(1 << 6);
    /// The search for an open `a` ends here.
    pub(super) const MARKER: Self = Self(1 << 7);
    pub(super) const HEADING: Self = Self(1 << 8);
    /// Browsers ignore the start tag inside a page's content, or take it for another.
    pub(super) const DOCUMENT: Self = Self(1 << 9);
    /// Ends SVG or MathML content around it.
    pub(super) const BREAKS_OUT: Self = Self(1 << 10);
    /// Holds parts of a table only.
    pub(super) const STRUCTURE: Self = Self(1 << 11);
    /// A part of a table.
    pub(super) const PART: Self = Self(1 << 12);
    pub(super) const TABLE: Self = Self(1 << 13);
    pub(super) const ROW_GROUP: Self = Self(1 << 14);
    pub(super) const ROW: Self = Self(1 << 15);
    pub(super) const CELL: Self = Self(1 << 16);
    pub(super) const COLUMN_GROUP: Self = Self(1 << 17);
    pub(super) const COLUMN: Self = Self(1 << 18);
    pub(super) const PARAGRAPH: Self = Self(1 << 19);
    pub(super) const ITEM: Self = Self(1 << 20);
    pub(super) const DEFINITION: Self = Self(1 << 21);
    pub(super) const ANCHOR: Self = Self(1 << 22);
    pub(super) const NO_BREAK: Self = Self(1 << 23);
    pub(super) const BUTTON: Self = Self(1 << 24);
    pub(super) const FORM: Self = Self(1 << 25);
    pub(super) const SELECT: Self = Self(1 << 26);
    pub(super) const OPTION: Self = Self(1 << 27);
    pub(super) const OPTION_GROUP: Self = Self(1 << 28);
    pub(super) const RUBY: Self = Self(1 << 29);
    pub(super) const RUBY_PART: Self = Self(1 << 30);
    /// Closed when a part of a `ruby` comes.
    pub(super) const ENDS_IMPLIED: Self = Self(1 << 31);
    /// Ends a `select` around it.
    pub(super) const ENDS_SELECT: Self = Self(1 << 32);
    /// A newline at the beginning of its content is no part of it.
    pub(super) const EATS_NEWLINE: Self = Self(1 << 33);
    /// May stand between the parts of a table.
    pub(super) const METADATA: Self = Self(1 << 34);
    pub(super) const RULE: Self = Self(1 << 35);
    pub(super) const CAPTION: Self = Self(1 << 36);

    /// Whether all of these are among others.
    pub(super) const fn is_within(self, others: Self) -> bool {
        self.0 & !others.0 == 0
    }

    /// Whether any of these are among them.
    pub(super) const fn has(self, any: Self) -> bool {
        self.0 & any.0 != 0
    }

    /// Those of an HTML element.
    pub(super) fn of(name: &str) -> Self {
        TRAITS.get(name).copied().unwrap_or_default()
    }
}

impl BitOrAssign for Traits {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

impl BitOr for Traits {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// Which elements a tag stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Namespace {
    Html,
    Svg,
    MathMl,
}

impl Namespace {
    /// That of the content of an element which stands in this one.
    pub(super) fn inside(self, name: &str) -> Self {
        match (self, name) {
            (Self::Html, "svg") => Self::Svg,
            (Self::Html, "math") => Self::MathMl,
            (Self::Svg, "foreignobject" | "desc" | "title") => Self::Html,
            (around, _) => around,
        }
    }

    /// What an element of it is in the eyes of the rules for HTML.
    pub(super) fn traits(self, name: &str) -> Traits {
        match (self, self.inside(name)) {
            (Self::Html, _) => Traits::of(name),
            (Self::Svg, Self::Html) => Traits::ENDS_SCOPE,
            _ => Traits::NONE,
        }
    }
}

/// Whether an element of this name is one of SVG, and of nothing else.
pub(super) fn is_svg_only(name: &str) -> bool {
    SVG_ONLY.iter().any(|other| other.eq_ignore_ascii_case(name))
        || name.len() > 3 && name.is_char_boundary(2) && name[..2].eq_ignore_ascii_case("fe")
}

/// Without those of filters, which begin with `fe`.
const SVG_ONLY: &[&str] = &[
    "g",
    "path",
    "circle",
    "rect",
    "line",
    "text",
    "tspan",
    "use",
    "polyline",
    "polygon",
    "ellipse",
    "defs",
    "linearGradient",
    "radialGradient",
    "stop",
    "clipPath",
    "mask",
    "marker",
    "pattern",
    "symbol",
    "foreignObject",
    "textPath",
    "filter",
    "animate",
    "animateMotion",
    "animateTransform",
    "mpath",
    "set",
    "switch",
    "view",
    "metadata",
    "desc",
];

static TRAITS: LazyLock<FxHashMap<&str, Traits>> = LazyLock::new(|| {
    let mut all: FxHashMap<&str, Traits> = FxHashMap::default();
    for (traits, names) in LISTS {
        for name in names.split_ascii_whitespace() {
            let entry = all.entry(name).or_default();
            *entry |= *traits;
        }
    }
    all
});

/// Where versions of the rules differ, an element is in the list that makes more opaque.
const LISTS: &[(Traits, &str)] = &[
    (Traits::VOID, "area base basefont bgsound br col embed hr img input keygen link meta param source track wbr"),
    (Traits::RAW, "script style iframe noscript xmp noembed noframes"),
    (Traits::ESCAPABLE, "textarea title"),
    (Traits::OPAQUE, "template object math annotation-xml plaintext"),
    (
        Traits::CLOSES_PARAGRAPH,
        "address article aside blockquote center dd details dialog dir div dl dt fieldset figcaption figure footer form
         h1 h2 h3 h4 h5 h6 header hgroup hr li listing main menu nav ol p plaintext pre search section summary table ul xmp",
    ),
    (Traits::ENDS_SCOPE, "applet caption marquee object table td template th"),
    (
        Traits::ENDS_LIST,
        "applet article aside blockquote body button caption center col colgroup details dir dl fieldset figcaption figure
         footer form h1 h2 h3 h4 h5 h6 header hgroup listing main marquee menu nav object ol pre section select summary table
         tbody td template tfoot th thead tr ul",
    ),
    (Traits::MARKER, "applet caption marquee object td template th"),
    (Traits::HEADING, "h1 h2 h3 h4 h5 h6"),
    (Traits::DOCUMENT, "html head body frameset frame image plaintext"),
    (
        Traits::BREAKS_OUT,
        "b big blockquote body br center code dd div dl dt em embed font h1 h2 h3 h4 h5 h6 head hr i img li listing menu meta
         nobr ol p pre ruby s small span strong strike sub sup table tt u ul var",
    ),
    (Traits::STRUCTURE, "table tbody thead tfoot tr colgroup"),
    (Traits::PART, "caption col colgroup tbody td tfoot th thead tr"),
    (Traits::TABLE, "table"),
    (Traits::ROW_GROUP, "tbody thead tfoot"),
    (Traits::ROW, "tr"),
    (Traits::CELL, "td th"),
    (Traits::COLUMN_GROUP, "colgroup"),
    (Traits::COLUMN, "col"),
    (Traits::PARAGRAPH, "p"),
    (Traits::ITEM, "li"),
    (Traits::DEFINITION, "dd dt"),
    (Traits::ANCHOR, "a"),
    (Traits::NO_BREAK, "nobr"),
    (Traits::BUTTON, "button"),
    (Traits::FORM, "form"),
    (Traits::SELECT, "select"),
    (Traits::OPTION, "option"),
    (Traits::OPTION_GROUP, "optgroup"),
    (Traits::RUBY, "ruby"),
    (Traits::RUBY_PART, "rb rt rtc rp"),
    (Traits::ENDS_IMPLIED, "dd dt li optgroup option p rb rp rt rtc"),
    (Traits::ENDS_SELECT, "input keygen select textarea"),
    (Traits::EATS_NEWLINE, "pre listing textarea"),
    (Traits::METADATA, "script style template"),
    (Traits::RULE, "hr"),
    (Traits::CAPTION, "caption"),
];
