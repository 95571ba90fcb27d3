//! [`Story`]: a page that becomes others.

use std::{collections::BTreeMap, fmt::Write as _};

use livefloe::testing::{
    arbitrary::{self, Choices, Page},
    stage::{Html, Stage, StagePage},
};
use serde::Serialize;

/// Longer stories say nothing that two do not.
const MOST_PAGES: usize = 16;

/// A page that becomes others.
#[derive(Debug, Serialize)]
pub(crate) struct Story {
    /// What it was made from.
    bytes: Vec<u8>,
    kind: &'static str,
    page: Shown,
    steps: Vec<Step>,
}

/// A page as a browser gets it.
#[derive(Debug, Serialize)]
struct Shown {
    html: String,
    opaque: String,
    checks: String,
}

/// A patch.
#[derive(Debug, Serialize)]
struct Step {
    /// Which control somebody uses before it comes, and how; 0 for none.
    used: usize,
    /// Whether it is what a client gets that has reported a component.
    is_asked: bool,
    operations: Vec<u8>,
    /// What a fresh load shows afterwards.
    page: Shown,
}

/// A patch as it is told.
struct Heard {
    used: usize,
    is_asked: bool,
    operations: Vec<u8>,
}

/// What becomes of a page.
struct Change {
    /// Whether the session has slept since the one before.
    has_slept: bool,
    html: Html,
    /// A component that is sent again afterwards, among those that are there.
    again: Option<usize>,
    used: usize,
}

/// The bytes of a story by its number.
pub(crate) fn bytes(seed: u32, number: u32) -> Vec<u8> {
    let mut state = u64::from(seed) << 32 | u64::from(number);
    // splitmix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014)
    let mut next = move || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    };
    next();
    let n_bytes = 60 + next() % 300;
    (0..n_bytes).map(|_| next().to_le_bytes()[0]).collect()
}

impl Story {
    /// # Errors
    /// When a page can't be rendered.
    pub(crate) fn new(bytes: &[u8]) -> Result<Self, String> {
        let mut page = None;
        let mut steps = Vec::new();
        let kind = tell(bytes, |stage, step| {
            let shown = Shown::new(&stage.page());
            match step {
                Some(Heard { used, is_asked, operations }) => steps.push(Step { used, is_asked, operations, page: shown }),
                None => page = Some(shown),
            }
            true
        })?;
        Ok(Self { bytes: bytes.to_vec(), kind, page: page.ok_or("a story has a first page")?, steps })
    }
}

/// The operations that a client gets which has reported this component after step `until`.
///
/// # Errors
/// When the story has no such step.
pub(crate) fn resync(bytes: &[u8], until: usize, component: u32) -> Result<Vec<u8>, String> {
    let (mut at, mut operations) = (0, None);
    tell(bytes, |stage, _| {
        if at == until {
            operations = Some(stage.resync(component));
        }
        at += 1;
        operations.is_none()
    })?;
    operations.ok_or_else(|| format!("expected a step {until}, got {at}"))
}

/// Tells a story to someone who hears each patch, and the use before it, with the stage as it is then; and before that the first
/// page. Goes on while `hear` wants more.
fn tell(bytes: &[u8], mut hear: impl FnMut(&mut Stage, Option<Heard>) -> bool) -> Result<&'static str, String> {
    let (kind, first, changes) = plot(bytes);
    let mut stage = Stage::new(without_mirrors(first)).map_err(|failure| failure.to_string())?;
    if !hear(&mut stage, None) {
        return Ok(kind);
    }
    for Change { has_slept, html, again, used } in changes {
        if has_slept {
            stage.sleep();
        }
        let operations = stage.update(without_mirrors(html)).map_err(|failure| failure.to_string())?;
        stage.wake().map_err(|failure| failure.to_string())?;
        if !hear(&mut stage, Some(Heard { used, is_asked: false, operations })) {
            break;
        }
        let components = stage.page().checks;
        let again = again.and_then(|again| components.get(again % components.len().max(1)));
        if let Some((component, ..)) = again {
            let operations = stage.resync(*component);
            if !hear(&mut stage, Some(Heard { used: 0, is_asked: true, operations })) {
                break;
            }
        }
    }
    Ok(kind)
}

/// What a story is about: its kind, the page at first, and what becomes of it.
fn plot(bytes: &[u8]) -> (&'static str, Html, Vec<Change>) {
    let mut choices = Choices::new(bytes);
    let mut changes = Vec::new();
    match choices.below(8) {
        // As apps do it: a page of which a part changes.
        0..=2 => {
            let mut page = Page::new(&mut choices.take(150));
            let first = page.html();
            while !choices.is_empty() && changes.len() < MOST_PAGES {
                let mut choices = choices.take(12);
                changes.push(Change::new(&mut choices, |choices| {
                    page.edit(choices);
                    page.html()
                }));
            }
            ("edited", first, changes)
        }
        3..=6 => {
            let first = Page::new(&mut choices.take(90)).html();
            while !choices.is_empty() && changes.len() < MOST_PAGES {
                changes.push(Change::new(&mut choices.take(90), |choices| Page::new(choices).html()));
            }
            ("unrelated", first, changes)
        }
        // Tags that no template has so: what browsers take apart.
        _ => {
            let first = wild(&mut choices.take(40));
            while !choices.is_empty() && changes.len() < MOST_PAGES {
                changes.push(Change::new(&mut choices.take(40), wild));
            }
            ("wild", first, changes)
        }
    }
}

/// A page of one component. What is in an ignored element is the client's, and doesn't follow.
fn wild(choices: &mut Choices<'_>) -> Html {
    BTreeMap::from([(0, arbitrary::wild(choices).replace("lf-ignore", "lf-other"))])
}

/// What is in a `selectedcontent` is a copy of an option, which a browser makes when it likes: other tests look at those.
fn without_mirrors(html: Html) -> Html {
    html.into_iter().map(|(name, html)| (name, html.replace("selectedcontent", "selected-content"))).collect()
}

impl Change {
    fn new(choices: &mut Choices<'_>, html: impl FnOnce(&mut Choices<'_>) -> Html) -> Self {
        let again = (choices.below(8) == 7).then(|| choices.below(256));
        let has_slept = choices.below(4) == 3;
        let used = if choices.below(4) == 3 { choices.below(256) } else { 0 };
        Self { has_slept, html: html(choices), again, used }
    }
}

impl Shown {
    fn new(page: &StagePage) -> Self {
        let opaque = page.opaque.iter().map(u32::to_string).collect::<Vec<_>>().join(",");
        let mut checks = String::new();
        for (component, count, hash) in &page.checks {
            // Writing to a string can't fail.
            let _ = write!(checks, " {component}.{count}.{hash:08x}");
        }
        Self { html: page.html.clone(), opaque, checks }
    }
}
