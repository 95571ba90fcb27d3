//! The elements that a page puts into the document's head.

use super::{Kind, Tape, element};

/// The top-level elements, each marked with `lf-head`; none of HTML that can't be taken apart.
pub(crate) fn head(html: &str) -> String {
    let tape = Tape::parse(html);
    let mut marked = String::with_capacity(html.len() + 16);
    let mut next = 0;
    while let Some(node) = tape.nodes().get(next as usize) {
        next = node.skip.max(next + 1);
        if !matches!(node.kind, Kind::Element | Kind::Opaque | Kind::Marked) {
            continue;
        }
        let name_end = node.start as usize + 1 + element::name(html, node).len();
        marked.push_str(html.get(node.start as usize..name_end).unwrap_or_default());
        marked.push_str(" lf-head");
        marked.push_str(html.get(name_end..node.end as usize).unwrap_or_default());
    }
    marked
}
