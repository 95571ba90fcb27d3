//! What a client shows after a patch against what it would show of a fresh page.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::diff;
use crate::{
    patch::{Operation, PatchWriter},
    protocol::wire::Reader,
    testing::{
        arbitrary::{self, Choices, Page},
        live::Live,
        stage::Html,
    },
    tree::{self, Resolve, Resolved, Tape, dom::Dom},
};

/// Components by id, which is their slot too.
#[derive(Default)]
struct Components(BTreeMap<u32, (String, Tape)>);

impl Resolve for Components {
    fn resolve(&self, _parent: u32, slot: u64) -> Option<Resolved<'_>> {
        let id = u32::try_from(slot).ok().filter(|id| *id != 0)?;
        self.0.get(&id).map(|(html, tape)| Resolved { id, html, tape, asleep: None })
    }
}

fn change(before: Html, after: Html) -> Result<Vec<u8>, TestCaseError> {
    Ok(Live::new(before).and_then(|mut live| live.update(after))?)
}

proptest! {
    #![proptest_config(arbitrary::cases(1000))]

    #[test]
    fn any_page_becomes_any_other(one in arbitrary::choices(120), other in arbitrary::choices(120)) {
        let [one, other] = [one, other].map(|bytes| Page::new(&mut Choices::new(&bytes)).html());
        change(one, other)?;
    }

    #[test]
    fn edits_are_followed_one_after_the_other(page in arbitrary::choices(150), edits in prop::collection::vec(arbitrary::choices(16), 5..9)) {
        let mut page = Page::new(&mut Choices::new(&page));
        let mut live = Live::new(page.html())?;
        for bytes in edits {
            let mut choices = Choices::new(&bytes);
            if choices.below(3) == 2 {
                live.sleep();
            }
            page.edit(&mut choices);
            live.update(page.html())?;
            if choices.below(4) == 3 {
                live.resync(choices.of(&live.components()))?;
            }
        }
    }

    #[test]
    fn any_html_becomes_any_other(one in arbitrary::choices(40), other in arbitrary::choices(40)) {
        let html = |bytes: &[u8]| single(&arbitrary::wild(&mut Choices::new(bytes)).replace("lf-ignore", "lf-other"));
        change(html(&one), html(&other))?;
    }

    #[test]
    fn any_strings_are_taken(one in ".{0,30}|[<>/a-c='\"! &;#x-]{0,40}", other in ".{0,30}|[<>/a-c='\"! &;#x-]{0,40}") {
        change(single(&one), single(&other))?;
    }

    #[test]
    fn html_with_a_cut_is_taken(bytes in arbitrary::choices(100), at in any::<u16>(), length in 0..9_usize, with in ".{0,3}|[<>/a-c='\"! &;#x-]{0,6}") {
        let mut before = Page::new(&mut Choices::new(&bytes)).html();
        // The client owns what is in it.
        for html in before.values_mut() {
            *html = html.replace("lf-ignore", "lf-other");
        }
        let mut after = before.clone();
        let html = after.get_mut(&0).unwrap();
        let boundary = |at: usize| (0..=at.min(html.len())).rev().find(|at| html.is_char_boundary(*at)).unwrap();
        let (start, end) = (boundary(usize::from(at) % (html.len() + 1)), boundary(usize::from(at) % (html.len() + 1) + length));
        html.replace_range(start..end, &with);
        change(before, after)?;
    }

    #[test]
    fn keyed_lists_take_the_fewest_moves(keys in Just((0..30).collect::<Vec<u32>>()).prop_shuffle(), gone in 0..8_usize, first in 0..5_u32) {
        let list = |keys: &[u32]| {
            let items: Vec<String> = keys.iter().map(|key| format!("<li lf-key=\"{key}\">{key}</li>")).collect();
            single(&format!("<ul>{}</ul>", items.concat()))
        };
        let (before, after): (Vec<u32>, Vec<u32>) = ((first..30).collect(), keys[gone..].to_vec());
        let frame = change(list(&before), list(&after))?;
        let kept: Vec<u32> = after.iter().copied().filter(|key| *key >= first).collect();
        // The longest rising subsequence, the slow and simple way.
        let mut lengths: Vec<usize> = Vec::new();
        for (index, key) in kept.iter().enumerate() {
            lengths.push(1 + (0..index).filter(|before| kept[*before] < *key).map(|before| lengths[before]).max().unwrap_or(0));
        }
        let stays = lengths.iter().copied().max().unwrap_or(0);
        let operations = Operation::decode_all(&mut Reader::new(&frame)).unwrap();
        let n_moves = operations.iter().filter(|operation| matches!(operation, Operation::Move { .. })).count();
        prop_assert_eq!(n_moves, kept.len() - stays);
    }
}

fn single(html: &str) -> Html {
    BTreeMap::from([(0, html.to_owned())])
}

/// The operations from one page to another, and whether the client then shows the other one.
fn operations(before: &[(u32, &str)], after: &[(u32, &str)]) -> Vec<Operation> {
    let page = |html: &[(u32, &str)]| html.iter().map(|(id, html)| (*id, (*html).to_owned())).collect();
    let frame = change(page(before), page(after)).unwrap();
    Operation::decode_all(&mut Reader::new(&frame)).unwrap()
}

fn child(index: u32) -> Operation {
    Operation::Child { index }
}

fn set(name: &str, value: &str) -> Operation {
    Operation::Set { name: name.to_owned(), value: value.to_owned() }
}

fn replace(index: u32, html: &str) -> Operation {
    Operation::Replace { index, html: html.to_owned(), opaque: Vec::new() }
}

fn insert(index: u32, html: &str) -> Operation {
    Operation::Insert { index, html: html.to_owned(), opaque: Vec::new() }
}

#[test]
fn a_change_becomes_the_operations_that_say_it() {
    let text = |text: &str| Operation::Text { text: text.to_owned() };
    let append = |text: &str| Operation::Append { text: text.to_owned() };
    let up = || Operation::Up;
    let unset = |name: &str| Operation::Unset { name: name.to_owned() };
    let cases: &[(&str, &str, &[Operation])] = &[
        ("<p>a</p>", "<p>b</p>", &[child(0), child(0), text("b")]),
        ("<p>a</p>", "<p>a &amp; b</p>", &[child(0), child(0), append(" & b")]),
        ("<p>a</p>", "<p></p>", &[child(0), Operation::Remove { index: 0, count: 1 }]),
        ("<p></p>", "<p>a</p>", &[child(0), insert(0, "a")]),
        // references that only a browser knows
        ("<p>a</p>", "<p>&copy;</p>", &[child(0), replace(0, "&copy;")]),
        ("<i></i><p a=\"1\"></p>", "<i></i><p a=\"&copy;\"></p>", &[replace(1, "<p a=\"&copy;\"></p>")]),
        // attributes
        ("<p a=1 b=2></p>", "<p b=3 c='&lt;'></p>", &[child(0), unset("a"), set("b", "3"), set("c", "<")]),
        ("<p A=1></p>", "<p a=1 a=2></p>", &[]),
        ("<input checked>", "<input>", &[child(0), unset("checked")]),
        // opaque elements
        ("<p>x</p><script>a</script>", "<p>x</p><script>b</script>", &[replace(1, "<script>b</script>")]),
        ("<p>x</p><div lf-ignore a=1></div>", "<p>x</p><div lf-ignore a=2></div>", &[child(1), set("a", "2")]),
        // another element, and neighbours that are new together
        ("<p>x</p><b>y</b>", "<p>x</p><i>y</i>", &[replace(1, "<i>y</i>")]),
        ("<hr>", "<hr><p>1</p><p>2</p>", &[insert(1, "<p>1</p><p>2</p>")]),
        ("<br>", "<br>x", &[insert(1, "x")]),
        // keys
        (
            "<ul><li id=a>1</li><li id=b>2</li><li id=c>3</li></ul>",
            "<ul><li id=c>3</li><li id=a>1</li><li id=b>4</li></ul>",
            &[child(0), Operation::Move { from: 2, to: 0 }, child(2), child(0), text("4")],
        ),
        ("<p>x</p><!--a-->", "<p>x</p><!--b-->", &[child(1), text("b")]),
        // a mark that goes on to the next one
        (
            "<ul><li>1</li><li class=m>2</li><li>3</li></ul>",
            "<ul><li>1</li><li>2</li><li class=m>3</li></ul>",
            &[child(0), child(1), unset("class"), up(), child(2), set("class", "m")],
        ),
        // what comes in between is no reason to make anew what changes with it
        (
            "<b class=f>1</b><b class=g>2</b><i>3</i>",
            "<b class=f>1</b><b class=e>!</b><b class=g>22</b><u></u><i>4</i>",
            &[
                insert(2, "<u></u>"),
                insert(1, "<b class=e>!</b>"),
                child(2),
                child(0),
                append("2"),
                up(),
                up(),
                child(4),
                child(0),
                text("4"),
            ],
        ),
    ];
    for (before, after, expected) in cases {
        let mut found = operations(&[(0, before)], &[(0, after)]);
        if !expected.is_empty() {
            assert_eq!(found.remove(0), Operation::Component { id: 0 }, "{before} {after}");
        }
        assert_eq!(found, *expected, "{before} {after}");
    }
}

#[test]
fn only_what_a_change_touches_is_read() {
    let (before, after) = ("<ul><li>1</li><li>2</li></ul><p>x", "<ul><li>1</li><li>2</li><li>3</li></ul><p>x");
    // Both are broken after the list, so a tape of the first can't come from reading all of it.
    let tape = Tape::parse(&before[..before.len() - 4]);
    let mut frame = Vec::new();
    let tape = diff(before, tape, after, 0, None, &mut PatchWriter::new(&mut frame), &Components::default());
    assert!(!tape.is_broken());
    let operations = Operation::decode_all(&mut Reader::new(&frame)).unwrap();
    assert_eq!(operations, [Operation::Component { id: 0 }, child(0), insert(2, "<li>3</li>")]);
}

#[test]
fn a_component_is_wrapped_unless_it_is_one_element() {
    let mut placeholder = String::new();
    tree::write_placeholder(1, &mut placeholder);
    let cases = [
        ("<p>a</p>", false),
        ("<br>", false),
        ("<script></script>", false),
        ("", true),
        ("a", true),
        (" <p></p>", true),
        ("<p></p>\n", true),
        ("<p></p><p></p>", true),
        ("<!--a-->", true),
        ("<p>", true),
        (&placeholder, true),
    ];
    for (html, expected) in cases {
        let components = Components(BTreeMap::from([(1, ("<b></b>".to_owned(), Tape::parse("<b></b>")))]));
        assert_eq!(tree::is_wrapped(html, &Tape::read(html, 2, &components)), expected, "{html}");
    }
}

#[test]
fn a_component_with_another_wrapper_is_replaced_in_its_parent() {
    let mut slot = String::new();
    tree::write_placeholder(1, &mut slot);
    let resync = |html: &str| Operation::Resync { html: html.to_owned(), opaque: Vec::new() };
    let wrapped = "<lf-component lf-c=\"1\">a</lf-component>";
    let cases = [
        (format!("<i></i><div>{slot}</div>"), vec![child(1), replace(0, wrapped)]),
        // inside of an opaque element the whole of that
        (format!("<i></i><object>{slot}</object>"), vec![replace(1, &format!("<object>{wrapped}</object>"))]),
        (format!("<i></i>{slot}<p>"), vec![resync(&format!("<i></i>{wrapped}<p>"))]),
    ];
    for (page, expected) in cases {
        let found = operations(&[(0, &page), (1, "<p>a</p>")], &[(0, &page), (1, "a")]);
        assert_eq!(found[0], Operation::Component { id: 0 });
        assert_eq!(found[1..], expected, "{page}");
    }
}

#[test]
fn marked_elements_are_listed_by_their_position() {
    let mut slots = [const { String::new() }; 3];
    slots.iter_mut().zip(1..).for_each(|(slot, id)| tree::write_placeholder(id, slot));
    let [one, two, broken] = slots;
    let marked = "<div><p><hr></p></div>";
    // 0 text, 1 the component's div, 2 object with a component, 3 wrapper of the broken one, 4 its content, 5 div
    let mut components = Components::default();
    for (id, html) in [
        (3, format!("<p><hr></p>{two}")),
        (2, format!("b{marked}")),
        (1, marked.to_owned()),
        (0, format!("a{one}<object>{two}</object>{broken}{marked}")),
    ] {
        let tape = Tape::read(&html, id, &components);
        components.0.insert(id, (html, tape));
    }
    let (root, tape) = &components.0[&0];
    let (mut html, mut opaque) = (String::new(), Vec::new());
    tree::expand_all(root, tape, 0, &components, &mut html, &mut opaque);
    assert_eq!(
        html,
        "a<div lf-c=\"1\"><p><hr></p></div><object><lf-component lf-c=\"2\">b<div><p><hr></p></div></lf-component></object>\
         <lf-component lf-c=\"3\"><lf-component><p><hr></p><lf-component lf-c=\"2\">b<div><p><hr></p></div></lf-component></lf-component></lf-component>\
         <div><p><hr></p></div>"
    );
    assert_eq!(opaque, [1, 4, 5]);
    let page = Dom::parse_page(&html, &opaque);
    assert_eq!(page.check(0), Some(tape.check(root)));
    assert_eq!(page.check(1), Some(components.0[&1].1.check(&components.0[&1].0)));
}

/// The bytes of a patch from one HTML to another, without the frame's header of three.
fn n_bytes(before: &str, after: &str) -> usize {
    change(single(before), single(after)).unwrap().len()
}

#[test]
fn small_changes_are_small_patches() {
    let rows = |changed: usize| {
        let row = |row: usize| format!("<tr><td>{row}</td><td>name {row}</td><td>{}</td></tr>", if row == changed { "new" } else { "old" });
        format!("<table><tbody>{}</tbody></table>", (0..1000).map(row).collect::<Vec<_>>().concat())
    };
    let log = |n: usize| format!("<pre>{}</pre>", "a line of output\n".repeat(n));
    let cases = [
        ("a counter's click", "<p>Count: 1</p><button>+1</button>".to_owned(), "<p>Count: 2</p><button>+1</button>".to_owned(), 24),
        ("a cell of 1,000 rows", rows(5000), rows(700), 24),
        ("text that grows", log(1000), log(1001), 26),
        ("an attribute", "<div><i class=\"a\">x</i></div>".to_owned(), "<div><i class=\"b\">x</i></div>".to_owned(), 18),
        ("a row that goes", rows(0).replace("<tr><td>5</td><td>name 5</td><td>old</td></tr>", ""), rows(0), 80),
        ("nothing", "<p>a</p>".to_owned(), "<p>a</p>".to_owned(), 0),
    ];
    for (what, before, after, most) in cases {
        let n = n_bytes(&before, &after);
        assert!(n <= most, "{what} takes {n} bytes");
    }
}
