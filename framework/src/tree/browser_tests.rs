//! What we read against what html5ever reads: the same tree, or known to be another one.

use html5ever::{ParseOpts, QualName, local_name, ns, parse_fragment, tendril::TendrilSink as _};
use markup5ever_rcdom::{Handle, NodeData, RcDom};
use proptest::prelude::*;

use super::{
    Kind, Tape,
    arbitrary::{self, Choices},
    attributes, decode, element,
};

fn parsed(html: &str) -> RcDom {
    let context = QualName::new(None, ns!(html), local_name!("div"));
    parse_fragment(RcDom::default(), ParseOpts::default(), context, Vec::new(), true).one(html)
}

/// Whether the tape shows the same tree; what differs if not.
pub(super) fn compare(html: &str) -> Result<(), String> {
    let tape = Tape::parse(html);
    if tape.is_broken() {
        return Ok(());
    }
    let browser = parsed(html);
    let root = browser.document.children.borrow().first().cloned();
    siblings(html, &tape, None, &root.unwrap())
}

fn siblings(html: &str, tape: &Tape, parent: Option<u32>, browser: &Handle) -> Result<(), String> {
    let children = browser.children.borrow();
    let mut theirs = children.iter();
    for index in tape.children(parent) {
        let node = &tape.nodes()[index as usize];
        let Some(their) = theirs.next() else { return Err(format!("we have a {:?} more in {parent:?}", node.kind)) };
        same(html, tape, index, their)?;
    }
    theirs.next().map_or(Ok(()), |their| Err(format!("they have more in {parent:?}: {:?}", their.data)))
}

fn same(html: &str, tape: &Tape, index: u32, their: &Handle) -> Result<(), String> {
    let node = &tape.nodes()[index as usize];
    let data = &html[node.inner as usize..node.inner_end as usize];
    let differs = || Err(format!("{:?} {:?} against {:?}", node.kind, &html[node.start as usize..node.end as usize], their.data));
    match (node.kind, &their.data) {
        (Kind::Text, NodeData::Text { contents }) => {
            let is_same = decode(data).is_none_or(|text| text == **contents.borrow());
            if is_same { Ok(()) } else { differs() }
        }
        (Kind::Comment, NodeData::Comment { contents }) => {
            let is_same = data.contains('\r') || data == &**contents;
            if is_same { Ok(()) } else { differs() }
        }
        (Kind::Component, NodeData::Element { name, .. }) if &*name.local == "lf-child" => Ok(()),
        (kind, NodeData::Element { name, attrs, .. }) if !matches!(kind, Kind::Text | Kind::Comment) => {
            if !element::name(html, node).eq_ignore_ascii_case(&name.local) {
                return differs();
            }
            let attrs = attrs.borrow();
            let ours: Vec<_> =
                if kind == Kind::Implied { Vec::new() } else { attributes(&html[node.start as usize..node.inner as usize]).collect() };
            let is_same = ours.len() == attrs.len()
                && ours.iter().all(|(name, value)| {
                    name.contains('\0')
                        || attrs.iter().any(|attribute| {
                            // A prefix such as `xlink:` is not part of the local name.
                            let local = name.rsplit(':').next().unwrap_or(name);
                            ((*attribute.name.local).eq_ignore_ascii_case(name) || (*attribute.name.local).eq_ignore_ascii_case(local))
                                && decode(value).is_none_or(|value| value == *attribute.value)
                        })
                });
            if !is_same {
                return differs();
            }
            if matches!(kind, Kind::Opaque | Kind::Marked) { Ok(()) } else { siblings(html, tape, Some(index), their) }
        }
        _ => differs(),
    }
}

/// HTML that is not taken apart at its top level, where there is nothing that could be marked.
fn within(html: &str) -> String {
    format!("<main><section>{html}</section><i>after</i></main>")
}

proptest! {
    #![proptest_config(arbitrary::cases(1500))]

    #[test]
    fn wild_html_is_read_as_a_browser_does_or_marked(bytes in arbitrary::choices(60)) {
        let html = within(&arbitrary::wild(&mut Choices(&bytes)));
        prop_assert_eq!(compare(&html), Ok(()), "{:?}", html);
    }

    #[test]
    fn templates_are_read_as_a_browser_does_or_marked(bytes in arbitrary::choices(120)) {
        for pieces in arbitrary::page(&mut Choices(&bytes)).0.values() {
            let html = within(&arbitrary::to_html(pieces));
            prop_assert_eq!(compare(&html), Ok(()), "{:?}", html);
        }
    }

    #[test]
    fn mutated_html_is_read_as_a_browser_does_or_marked(bytes in arbitrary::choices(80), cuts in prop::collection::vec(any::<(u16, u8, u8)>(), 1..4)) {
        const BITS: &[&str] = &["", "<", ">", "\"", "'", "/", "=", "&", "<!--", "-->", "</", "<p>", "</p>", "<td>", " ", "\0", "<?", "<![CDATA[", "é"];
        let mut html = arbitrary::wild(&mut Choices(&bytes));
        for (at, length, bit) in cuts {
            let mut start = usize::from(at) % (html.len() + 1);
            while !html.is_char_boundary(start) { start -= 1; }
            let mut end = (start + usize::from(length % 4)).min(html.len());
            while !html.is_char_boundary(end) { end += 1; }
            html.replace_range(start..end, BITS[usize::from(bit) % BITS.len()]);
        }
        let html = within(&html);
        prop_assert_eq!(compare(&html), Ok(()), "{:?}", html);
    }
}

proptest! {
    #![proptest_config(arbitrary::cases(1000))]

    #[test]
    fn no_string_panics(html in ".{0,60}|[<>/a-c='\"! &;#x-]{0,60}") {
        let tape = Tape::parse(&html);
        let _ = (decode(&html), tape.check(&html), attributes(&html).count());
        prop_assert_eq!(compare(&within(&html)), Ok(()));
    }
}
