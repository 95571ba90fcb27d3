//! Ids that are there twice, which is a mistake: labels, links and what keeps the focus find only the first.

use rustc_hash::FxHashSet;

use super::{Kind, Tape, attribute, decode};

/// The first id that a second element has as well. Looks at the whole page, so it is for development.
pub(crate) fn repeated_id(html: &str) -> Option<String> {
    let tape = Tape::parse(html);
    let mut seen = FxHashSet::default();
    let is_element = |kind| matches!(kind, Kind::Element | Kind::Opaque | Kind::Marked);
    let tags =
        tape.nodes().iter().filter(|node| is_element(node.kind)).filter_map(|node| html.get(node.start as usize..node.inner as usize));
    tags.filter_map(|tag| decode(attribute(tag, "id")?)).filter(|id| !id.is_empty()).find(|id| !seen.insert(id.clone())).map(Into::into)
}

#[cfg(test)]
mod tests {
    use super::repeated_id;

    #[test]
    fn the_first_id_that_comes_again_is_found() {
        let cases = [
            ("<p id=a></p><p id=b></p>", None),
            ("<p id=a><b id=\"b\"></b></p><script id=c></script><i id='b'></i><i id=a></i>", Some("b")),
            ("<p id></p><p id=''></p>", None),
            ("<p id='a&amp;b'></p><p id='a&#38;b'></p>", Some("a&b")),
            ("<p id=a><p id=a>", None), // not to be taken apart
        ];
        for (html, expected) in cases {
            assert_eq!(repeated_id(html).as_deref(), expected, "{html}");
        }
    }
}
