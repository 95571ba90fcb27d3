//! What HTML says about elements, as far as their place in the tree depends on it.
//!
//! Source: <https://html.spec.whatwg.org/multipage/parsing.html>, "tree construction".

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
pub(super) fn tag_name(tag: &str) -> &str {
    let name = tag.get(1..).unwrap_or_default();
    let end = name.find(|character: char| character.is_ascii_whitespace() || matches!(character, '>' | '/')).unwrap_or(name.len());
    name.get(..end).unwrap_or_default()
}

/// Elements without content or end tag.
pub(super) fn is_void(name: &str) -> bool {
    matches!(
        name,
        "area" | "base" | "br" | "col" | "embed" | "hr" | "img" | "input" | "link" | "meta" | "source" | "track" | "wbr" | "param"
    )
}

/// Elements whose content is text up to their end tag, and no part of the logical tree.
pub(super) fn is_raw_text(name: &str) -> bool {
    matches!(name, "script" | "style" | "iframe" | "noscript" | "xmp" | "noembed" | "noframes")
}

/// Elements whose content is text with entities: one text child.
pub(super) fn is_escapable_text(name: &str) -> bool {
    matches!(name, "textarea" | "title")
}

/// Elements that are always opaque, besides those of raw text.
pub(super) fn is_opaque(name: &str) -> bool {
    matches!(name, "template" | "object" | "math" | "annotation-xml" | "plaintext")
}

/// Start tags that close an open `p`.
pub(super) fn closes_paragraph(name: &str) -> bool {
    matches!(
        name,
        "address"
            | "article"
            | "aside"
            | "blockquote"
            | "center"
            | "details"
            | "dialog"
            | "dir"
            | "div"
            | "dl"
            | "fieldset"
            | "figcaption"
            | "figure"
            | "footer"
            | "form"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "header"
            | "hgroup"
            | "hr"
            | "listing"
            | "main"
            | "menu"
            | "nav"
            | "ol"
            | "p"
            | "plaintext"
            | "pre"
            | "search"
            | "section"
            | "summary"
            | "table"
            | "ul"
            | "xmp"
            | "li"
            | "dd"
            | "dt"
    )
}

/// Elements at which the search for an open element "in scope" ends. `button` scope ends at buttons too.
pub(super) fn ends_scope(name: &str) -> bool {
    matches!(name, "caption" | "table" | "td" | "th" | "marquee" | "applet" | "template" | "foreignobject" | "desc" | "svg-title")
}

/// Elements that the search for an open `li`, `dd` or `dt` doesn't look through.
pub(super) fn is_special(name: &str) -> bool {
    closes_paragraph(name) && !matches!(name, "address" | "div" | "p" | "li" | "dd" | "dt")
        || matches!(name, "table" | "tbody" | "thead" | "tfoot" | "tr" | "td" | "th" | "caption" | "button" | "select" | "body" | "ul")
}

/// Formatting elements: nested in themselves or closed in another order, a browser makes copies of them.
pub(super) fn is_heading(name: &str) -> bool {
    matches!(name, "h1" | "h2" | "h3" | "h4" | "h5" | "h6")
}

/// Start tags that a browser ignores inside a page's content.
pub(super) fn is_document(name: &str) -> bool {
    matches!(name, "html" | "head" | "body" | "frameset" | "frame" | "image" | "isindex")
}

/// HTML elements that end SVG content around them.
pub(super) fn breaks_out_of_svg(name: &str) -> bool {
    matches!(
        name,
        "b" | "big"
            | "blockquote"
            | "body"
            | "br"
            | "center"
            | "code"
            | "dd"
            | "div"
            | "dl"
            | "dt"
            | "em"
            | "embed"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "head"
            | "hr"
            | "i"
            | "img"
            | "li"
            | "listing"
            | "menu"
            | "meta"
            | "nobr"
            | "ol"
            | "p"
            | "pre"
            | "ruby"
            | "s"
            | "small"
            | "span"
            | "strong"
            | "strike"
            | "sub"
            | "sup"
            | "table"
            | "tt"
            | "u"
            | "ul"
            | "var"
            | "font"
    )
}
