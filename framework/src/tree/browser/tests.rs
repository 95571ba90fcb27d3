use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{super::*, compare};
use crate::testing::arbitrary::{self, Choices};

/// Components by their slots, read as a session reads them.
struct Pages(BTreeMap<u32, (String, Tape)>);

impl Pages {
    fn new(html: &BTreeMap<u32, String>) -> Self {
        let mut pages = Self(BTreeMap::new());
        // Children have greater names than their parents.
        for (id, html) in html.iter().rev() {
            let tape = Tape::read(html, *id, &pages);
            pages.0.insert(*id, (html.clone(), tape));
        }
        pages
    }

    fn check(&self) -> Result<(), browser::Difference> {
        let (html, tape) = &self.0[&0];
        compare(html, tape, 0, self)
    }
}

impl Resolve for Pages {
    fn resolve(&self, _: u32, slot: u64) -> Option<Resolved<'_>> {
        let id = u32::try_from(slot).ok()?;
        self.0.get(&id).map(|(html, tape)| Resolved { id, html, tape, asleep: None })
    }
}

fn check(html: &str) -> Result<(), browser::Difference> {
    compare(html, &Tape::read(html, PAGE, &NoChildren), PAGE, &NoChildren)
}

/// HTML that is not taken apart at its top level, where there is nothing that could be marked.
fn within(html: &str) -> String {
    format!("<main><section>{html}</section><i>after</i></main>")
}

proptest! {
    #![proptest_config(arbitrary::cases(1500))]

    #[test]
    fn wild_html_is_read_as_a_browser_does_or_marked(bytes in arbitrary::choices(60)) {
        let html = within(&arbitrary::wild(&mut Choices::new(&bytes)));
        prop_assert_eq!(check(&html), Ok(()), "{:?}", html);
    }

    #[test]
    fn pages_are_read_as_a_browser_does_or_marked(bytes in arbitrary::choices(120)) {
        let mut html = arbitrary::Page::new(&mut Choices::new(&bytes)).html();
        html.entry(0).and_modify(|html| *html = within(html));
        let pages = Pages::new(&html);
        prop_assert_eq!(pages.check(), Ok(()), "{:?}", html);
    }

    #[test]
    fn mutated_html_is_read_as_a_browser_does_or_marked(bytes in arbitrary::choices(80), cuts in prop::collection::vec(any::<(u16, u8, u8)>(), 1..4)) {
        const BITS: &[&str] = &["", "<", ">", "\"", "'", "/", "=", "&", "<!--", "-->", "</", "<p>", "</p>", "<td>", " ", "\0", "<?", "<![CDATA[", "é"];
        let mut html = arbitrary::wild(&mut Choices::new(&bytes));
        for (at, length, bit) in cuts {
            let mut start = usize::from(at) % (html.len() + 1);
            while !html.is_char_boundary(start) { start -= 1; }
            let mut end = (start + usize::from(length % 4)).min(html.len());
            while !html.is_char_boundary(end) { end += 1; }
            html.replace_range(start..end, BITS[usize::from(bit) % BITS.len()]);
        }
        let html = within(&html);
        prop_assert_eq!(check(&html), Ok(()), "{:?}", html);
    }
}

proptest! {
    #![proptest_config(arbitrary::cases(1000))]

    #[test]
    fn no_string_panics(html in ".{0,60}|[<>/a-c='\"! &;#x-]{0,60}") {
        let tape = Tape::parse(&html);
        let _ = (decode(&html), tape.check(&html), attributes(&html).count());
        prop_assert_eq!(check(&within(&html)), Ok(()));
    }
}
