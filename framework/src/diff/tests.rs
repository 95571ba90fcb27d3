//! What a client shows after a patch against what it would show of a fresh page.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{diff, replace_component};
use crate::{
    patch::{Operation, PatchWriter},
    protocol::wire::Reader,
    tree::{
        self, Kind, Resolve, Resolved, Tape,
        arbitrary::{self, Choices, Make, Page, Piece},
        dom::Dom,
    },
};

/// Components by id, which is their slot too.
#[derive(Default)]
struct Components(BTreeMap<u32, (String, Tape)>);

impl Resolve for Components {
    fn resolve(&self, _parent: u32, slot: u64) -> Option<Resolved<'_>> {
        let id = u32::try_from(slot).ok().filter(|id| *id != 0)?;
        self.0.get(&id).map(|(html, tape)| Resolved { id, html, tape })
    }
}

/// A server and its client.
struct Live {
    components: Components,
    client: Dom,
}

fn rendered(page: &Page) -> BTreeMap<u32, String> {
    page.0.iter().map(|(id, pieces)| (*id, arbitrary::to_html(pieces))).collect()
}

impl Live {
    fn new(html: &BTreeMap<u32, String>) -> Self {
        let components = Components(html.iter().map(|(id, html)| (*id, (html.clone(), Tape::parse(html)))).collect());
        let client = Self::fresh(&components);
        Self { components, client }
    }

    fn fresh(components: &Components) -> Dom {
        let (mut html, mut opaque) = (String::new(), Vec::new());
        if let Some((root, tape)) = components.0.get(&0) {
            tree::expand_all(root, tape, 0, components, &mut html, &mut opaque);
        }
        Dom::parse_page(&html, &opaque)
    }

    /// Does what a session does after rendering; gives the patch.
    fn update(&mut self, html: &BTreeMap<u32, String>) -> Vec<u8> {
        let mut frame = Vec::new();
        let mut writer = PatchWriter::new(&mut frame);
        self.components.0.retain(|id, _| html.contains_key(id));
        for (id, html) in html.iter().rev() {
            let Some((old, tape)) = self.components.0.remove(id) else {
                self.components.0.insert(*id, (html.clone(), Tape::parse(html)));
                continue;
            };
            let was_wrapped = tree::is_wrapped(&old, &tape);
            let checkpoint = writer.checkpoint();
            let tape = diff(&old, tape, html, *id, None, &mut writer, &self.components);
            let is_rewrapped = *id != 0 && was_wrapped != tree::is_wrapped(html, &tape);
            self.components.0.insert(*id, (html.clone(), tape));
            if is_rewrapped {
                writer.rollback(checkpoint);
                let parent = id / 4;
                let (html, tape) = &self.components.0[&parent];
                replace_component(html, tape, parent, u64::from(*id), &mut writer, &self.components);
            }
        }
        frame
    }

    fn check(&mut self, frame: &[u8]) -> Result<(), TestCaseError> {
        let operations = Operation::decode_all(&mut Reader::new(frame)).unwrap();
        let before = format!("{:?}", self.client);
        let applied = self.client.apply(&operations);
        prop_assert!(applied.is_ok(), "{:?}\n{}\n{:#?}", applied, before, operations);
        let fresh = Self::fresh(&self.components);
        prop_assert!(self.client == fresh, "{:?}\nand not\n{:?}\n{}\n{:#?}", self.client, fresh, before, operations);
        prop_assert_eq!(self.client.components(), fresh.components(), "{}\n{:?}\n{:#?}", before, fresh, operations);
        for (html, tape) in self.components.0.values() {
            prop_assert_eq!(tape, &Tape::parse(html), "{}", html);
        }
        Ok(())
    }
}

fn change(before: &BTreeMap<u32, String>, after: &BTreeMap<u32, String>) -> Result<Vec<u8>, TestCaseError> {
    let mut live = Live::new(before);
    let frame = live.update(after);
    live.check(&frame)?;
    Ok(frame)
}

/// Changes a page in one place.
fn edit(choices: &mut Choices<'_>, page: &mut Page) {
    let ids: Vec<u32> = page.0.keys().copied().collect();
    let id = choices.of(&ids);
    let mut n_children = u32::try_from((1..=3).filter(|child| page.0.contains_key(&(id * 4 + child))).count()).unwrap();
    if (1..=n_children).any(|child| !page.0.contains_key(&(id * 4 + child))) {
        n_children = 3;
    }
    let known = n_children;
    let Some(pieces) = page.0.get_mut(&id) else { return };
    edit_siblings(choices, id, &mut n_children, pieces);
    for child in known + 1..=n_children {
        let pieces = vec![Make { choices, id: 999, n_children: &mut 3 }.piece(2)];
        page.0.insert(id * 4 + child, pieces);
    }
    let mut shown = Vec::new();
    reachable(page, 0, &mut shown);
    page.0.retain(|id, _| shown.contains(id));
}

fn reachable(page: &Page, id: u32, shown: &mut Vec<u32>) {
    fn children(pieces: &[Piece], found: &mut Vec<u32>) {
        for piece in pieces {
            match piece {
                Piece::Child(id) => found.push(*id),
                Piece::Element { children: inner, .. } => children(inner, found),
                Piece::Raw(_) => {}
            }
        }
    }
    shown.push(id);
    let mut found = Vec::new();
    children(page.0.get(&id).map_or(&[], Vec::as_slice), &mut found);
    found.into_iter().for_each(|child| reachable(page, child, shown));
}

fn edit_siblings(choices: &mut Choices<'_>, id: u32, n_children: &mut u32, pieces: &mut Vec<Piece>) {
    let at = choices.below(pieces.len().max(1));
    if choices.below(3) > 0
        && let Some(Piece::Element { name, attributes, children }) = pieces.get_mut(at)
        && attributes.iter().all(|(name, _)| *name != "lf-ignore")
    {
        if choices.below(5) == 0 {
            *attributes = Make { choices, id, n_children }.attributes();
        } else if matches!(*name, "br" | "hr" | "img" | "input" | "path" | "svg" | "textarea" | "script" | "style" | "template") {
            // A component can't be there, or not any.
            *children = vec![Make { choices, id, n_children }.text()];
        } else {
            edit_siblings(choices, id, n_children, children);
        }
        return;
    }
    let mut make = Make { choices, id, n_children };
    match make.choices.below(7) {
        0 => pieces.insert(at.min(pieces.len()), make.piece(2)),
        1 if !pieces.is_empty() => drop(pieces.remove(at)),
        2 if !pieces.is_empty() => {
            let piece = pieces.remove(at);
            let to = make.choices.below(pieces.len() + 1);
            pieces.insert(to, piece);
        }
        3 if !pieces.is_empty() => {
            let other = make.choices.below(pieces.len());
            pieces.swap(at, other);
        }
        4 => pieces.reverse(),
        5 => pieces.clear(),
        _ => {
            let text = make.text();
            match pieces.get_mut(at) {
                Some(piece @ Piece::Raw(_)) => *piece = text,
                _ => pieces.push(text),
            }
        }
    }
}

proptest! {
    #![proptest_config(arbitrary::cases(1000))]

    #[test]
    fn any_page_becomes_any_other(one in arbitrary::choices(120), other in arbitrary::choices(120)) {
        let (one, other) = (arbitrary::page(&mut Choices(&one)), arbitrary::page(&mut Choices(&other)));
        change(&rendered(&one), &rendered(&other))?;
    }

    #[test]
    fn edits_are_followed_one_after_the_other(page in arbitrary::choices(150), edits in prop::collection::vec(arbitrary::choices(16), 5..9)) {
        let mut page = arbitrary::page(&mut Choices(&page));
        let mut live = Live::new(&rendered(&page));
        for bytes in edits {
            edit(&mut Choices(&bytes), &mut page);
            let frame = live.update(&rendered(&page));
            live.check(&frame)?;
        }
    }

    #[test]
    fn any_html_becomes_any_other(one in arbitrary::choices(40), other in arbitrary::choices(40)) {
        let html = |bytes: &[u8]| BTreeMap::from([(0, arbitrary::wild(&mut Choices(bytes)).replace("lf-ignore", "lf-other"))]);
        change(&html(&one), &html(&other))?;
    }

    #[test]
    fn any_strings_are_taken(one in ".{0,30}|[<>/a-c='\"! &;#x-]{0,40}", other in ".{0,30}|[<>/a-c='\"! &;#x-]{0,40}") {
        change(&BTreeMap::from([(0, one)]), &BTreeMap::from([(0, other)]))?;
    }

    #[test]
    fn html_with_a_cut_is_taken(bytes in arbitrary::choices(100), at in any::<u16>(), length in 0..9_usize, with in ".{0,3}|[<>/a-c='\"! &;#x-]{0,6}") {
        let mut before = rendered(&arbitrary::page(&mut Choices(&bytes)));
        // The client owns what is in it.
        before.values_mut().for_each(|html| *html = html.replace("lf-ignore", "lf-other"));
        let mut after = before.clone();
        let html = after.get_mut(&0).unwrap();
        let boundary = |at: usize| (0..=at.min(html.len())).rev().find(|at| html.is_char_boundary(*at)).unwrap();
        let (start, end) = (boundary(usize::from(at) % (html.len() + 1)), boundary(usize::from(at) % (html.len() + 1) + length));
        html.replace_range(start..end, &with);
        change(&before, &after)?;
    }

    #[test]
    fn keyed_lists_take_the_fewest_moves(keys in Just((0..30).collect::<Vec<u32>>()).prop_shuffle(), gone in 0..8_usize, first in 0..5_u32) {
        let list = |keys: &[u32]| {
            let items: String = keys.iter().map(|key| format!("<li lf-key=\"{key}\">{key}</li>")).collect();
            BTreeMap::from([(0, format!("<ul>{items}</ul>"))])
        };
        let (before, after): (Vec<u32>, Vec<u32>) = ((first..30).collect(), keys[gone..].to_vec());
        let frame = change(&list(&before), &list(&after))?;
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

fn single(html: &str) -> BTreeMap<u32, String> {
    BTreeMap::from([(0, html.to_owned())])
}

/// The bytes of a patch from one HTML to another, without the frame's header of three.
fn n_bytes(before: &str, after: &str) -> usize {
    change(&single(before), &single(after)).unwrap().len()
}

#[test]
fn small_changes_are_small_patches() {
    let rows = |changed: usize| {
        let row = |row: usize| format!("<tr><td>{row}</td><td>name {row}</td><td>{}</td></tr>", if row == changed { "new" } else { "old" });
        format!("<table><tbody>{}</tbody></table>", (0..1000).map(row).collect::<String>())
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
