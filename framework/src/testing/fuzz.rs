//! What the fuzz targets in `tests/fuzz` do with their bytes; an ordinary test does it with the corpus that is kept there.
//!
//! Each takes any bytes, and says what went wrong if something did. Panics are findings, too.

mod tape;

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::{
    Dom, Operation,
    arbitrary::{self, Choices, Page},
    live::{Finding, Live},
    stage::Html,
};
use crate::{
    patch::{BODY, HEAD, HTML},
    protocol::{ClientMessage, ServerMessage, deflate, wire::Reader},
    tree::{self, NoChildren, Tape, browser},
};

/// A fuzz target.
pub type Target = fn(&[u8]) -> Result<(), Finding>;

/// All targets, by name.
pub const TARGETS: [(&str, Target); 4] = [("tokenize", tokenize), ("diff", diff), ("protocol", protocol), ("patch", patch)];

/// Inputs as they are kept: one a line in Base64, after lines that say something about them.
///
/// # Panics
/// When a line is no Base64.
#[must_use]
pub fn inputs(text: &str) -> Vec<Vec<u8>> {
    let is_input = |line: &&str| !line.is_empty() && !line.starts_with('#');
    let decode = |line: &str| STANDARD.decode(line).expect("a line of a corpus is Base64");
    text.lines().filter(is_input).map(decode).collect()
}

/// Longer HTML takes longer and finds nothing more: what matters is which tags come together.
const LONGEST: usize = 2048;

/// Pages that have grown to so many bytes of HTML are left alone.
const MOST_HTML: usize = 1 << 20;

/// Any text as HTML: its tape is in order, parts of it are read as all of it is, and a browser builds the same tree of it, or
/// it is marked.
///
/// # Errors
/// What does not hold.
pub fn tokenize(bytes: &[u8]) -> Result<(), Finding> {
    let Some(html) = text(bytes) else { return Ok(()) };
    let tape = Tape::read(html, tree::PAGE, &NoChildren);
    tape::verify(html, &tape)?;
    let _ = (tree::decode(html), tape.check(html), tree::attributes(html).count());
    // In something, so that there is an element to mark, and something after it that must not be touched.
    let html = format!("<main><section>{html}</section><i>after</i></main>");
    let tape = Tape::read(&html, tree::PAGE, &NoChildren);
    tape::verify(&html, &tape)?;
    browser::compare(&html, &tape, 0, &NoChildren).map_err(|difference| Finding(format!("{difference:?} in {html:?}")))
}

/// Pages that become others: after each patch the client shows what a fresh load would.
///
/// The first byte says of which kind they are.
///
/// # Errors
/// What the client could not follow, or shows instead.
pub fn diff(bytes: &[u8]) -> Result<(), Finding> {
    let Some((kind, bytes)) = bytes.split_first() else { return Ok(()) };
    let bytes = bytes.get(..LONGEST).unwrap_or(bytes);
    match kind % 4 {
        0 => {
            let (one, other) = bytes.split_at(bytes.len() / 2);
            let [one, other] = [one, other].map(|bytes| Page::new(&mut Choices::new(bytes)).html());
            Live::new(one)?.update(other).map(drop)
        }
        1 => {
            let mut choices = Choices::new(bytes);
            let mut page = Page::new(&mut choices.take(150));
            let mut live = Live::new(page.html())?;
            while !choices.is_empty() {
                let mut choices = choices.take(12);
                let resync = choices.below(6);
                if choices.below(3) == 2 {
                    live.sleep();
                }
                page.edit(&mut choices);
                let html = page.html();
                // Copies of copies: there is a limit for that, and it was met.
                if html.values().map(String::len).sum::<usize>() > MOST_HTML {
                    return Ok(());
                }
                live.update(html)?;
                if resync == 5 {
                    let component = choices.of(&live.components());
                    live.resync(component)?;
                }
            }
            Ok(())
        }
        2 => {
            let Some(text) = text(bytes) else { return Ok(()) };
            // A tag that nobody uses, so that mutations keep it.
            let pages: Vec<Html> = text.split("|||").take(8).map(single).collect();
            follow(pages)
        }
        _ => {
            let mut choices = Choices::new(bytes);
            let mut pages = Vec::new();
            while !choices.is_empty() && pages.len() < 8 {
                pages.push(single(&arbitrary::wild(&mut choices.take(40))));
            }
            follow(pages)
        }
    }
}

/// Any bytes as frames: none panics, and what can be read is written as the same bytes.
///
/// # Errors
/// Which frame was written differently.
pub fn protocol(bytes: &[u8]) -> Result<(), Finding> {
    if let Ok(message) = ClientMessage::decode(bytes) {
        let again = message.encode();
        if again != bytes {
            return Err(Finding(format!("{message:?} was read from {bytes:?} and written as {again:?}")));
        }
    }
    let message = ServerMessage::decode(bytes);
    if let Ok(message) = &message {
        let again = message.encode();
        // Deflated, a frame has no one form: then what it was written as says the same.
        if again != bytes && (bytes.first() != Some(&5) || ServerMessage::decode(&again).as_ref() != Ok(message)) {
            return Err(Finding(format!("{message:?} was read from {bytes:?} and written as {again:?}")));
        }
    }
    match deflate(bytes).map(|deflated| ServerMessage::decode(&deflated)) {
        Some(inflated) if bytes.first() != Some(&5) && inflated != message => {
            Err(Finding(format!("{bytes:?} was read as {message:?}, and deflated as {inflated:?}")))
        }
        _ => Ok(()),
    }
}

/// Any operations on any page: each is applied or refused, and the trees hang together afterwards.
///
/// # Errors
/// What does not hold.
pub fn patch(bytes: &[u8]) -> Result<(), Finding> {
    let Some((kind, bytes)) = bytes.split_first() else { return Ok(()) };
    let bytes = bytes.get(..LONGEST).unwrap_or(bytes);
    let mut choices = Choices::new(bytes);
    let page = Page::new(&mut choices.take(60)).html();
    let page = super::stage::Stage::new(page).map_err(|failure| failure.to_string())?.page();
    let mut dom = Dom::parse_page(&page.html, &page.opaque);
    dom.verify()?;
    let operations = if kind % 4 == 0 {
        let bytes = choices.rest();
        // What could be read before the first malformed one.
        let mut reader = Reader::new(bytes);
        std::iter::from_fn(|| Operation::decode(&mut reader).ok()).collect()
    } else {
        operations(&mut choices)
    };
    // One by one, so that the first that is refused is not the last that is tried.
    let mut component = Operation::Component { id: 0 };
    let mut way = Vec::new();
    for operation in operations {
        match operation {
            Operation::Component { .. } => (component, way) = (operation, Vec::new()),
            Operation::Child { .. } | Operation::Up => way.push(operation),
            _ => {
                let patch: Vec<_> = [component.clone()].into_iter().chain(way.iter().cloned()).chain([operation]).collect();
                if dom.apply(&patch).is_err() {
                    way.clear();
                }
                dom.verify().map_err(|wrong| format!("{wrong} after {patch:?} on {}", page.html))?;
                let _ = (dom.to_html(), dom.clone() == dom);
            }
        }
    }
    Ok(())
}

/// Operations that have a chance to be right.
fn operations(choices: &mut Choices<'_>) -> Vec<Operation> {
    let mut operations = Vec::new();
    while !choices.is_empty() && operations.len() < 100 {
        let small = u32::try_from(choices.below(4)).unwrap_or(0);
        let other = u32::try_from(choices.below(4)).unwrap_or(0);
        let opaque = if other == 3 { vec![small] } else { Vec::new() };
        operations.push(match choices.below(17) {
            0..=3 => Operation::Child { index: small },
            4 => Operation::Up,
            5 => Operation::Text { text: choices.of(&["", "a", "<"]).to_owned() },
            6 => Operation::Append { text: "b".to_owned() },
            7 => Operation::Set { name: choices.of(&["class", "lf-c", "lf-ignore", ""]).to_owned(), value: small.to_string() },
            8 => Operation::Unset { name: choices.of(&["class", "lf-c", "lf-ignore", ""]).to_owned() },
            9 | 10 => Operation::Insert { index: small, html: fragment(choices), opaque },
            11 => Operation::Remove { index: small, count: other },
            12 => Operation::Move { from: small, to: other },
            13 => Operation::Replace { index: small, html: fragment(choices), opaque },
            14 => Operation::Component { id: if other == 3 { choices.of(&[HTML, BODY, HEAD]) } else { small } },
            15 => {
                Operation::Splice {
                    start: small, count: other, length: u32::try_from(choices.below(8)).unwrap_or(0), text: "é".to_owned()
                }
            }
            _ => Operation::Resync { html: fragment(choices), opaque },
        });
    }
    operations
}

fn fragment(choices: &mut Choices<'_>) -> String {
    let id = choices.below(5);
    let html = arbitrary::wild(&mut choices.take(6));
    match choices.below(4) {
        0 => format!("<b lf-c=\"{id}\">{html}</b>"),
        1 => format!("<lf-component lf-c=\"{id}\">{html}</lf-component>"),
        _ => html,
    }
}

fn follow(pages: Vec<Html>) -> Result<(), Finding> {
    let mut pages = pages.into_iter();
    let Some(first) = pages.next() else { return Ok(()) };
    let mut live = Live::new(first)?;
    pages.try_for_each(|page| live.update(page).map(drop))
}

/// A page of one component. What is in an ignored element is the client's, and doesn't follow.
fn single(html: &str) -> Html {
    BTreeMap::from([(0, html.replace("lf-ignore", "lf-other"))])
}

fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes.get(..LONGEST).unwrap_or(bytes)).ok()
}
