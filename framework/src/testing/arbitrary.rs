//! Pages made from bytes: as templates write HTML, and as nobody should. For property tests, fuzzing, and comparisons with a browser.
//!
//! The same bytes always give the same page, and fewer or smaller bytes a simpler one, so that whatever shrinks bytes shrinks pages.

mod edit;
mod make;
#[cfg(test)]
mod strategy;
mod wild;

use std::{collections::BTreeMap, fmt::Write as _};

#[cfg(test)]
pub(crate) use strategy::{cases, choices};

use crate::tree;
use make::{Make, Place};

/// Bytes that decide what is made; 0, as after the end, decides for the simplest.
#[derive(Debug)]
pub struct Choices<'a>(&'a [u8]);

impl<'a> Choices<'a> {
    /// Begins at the first byte.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// A number below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        usize::from(*first) % n.max(1)
    }

    /// One of these.
    ///
    /// # Panics
    /// When there are none.
    pub fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    /// Whether every byte was used.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The next bytes, at most this many, for something else to decide by.
    #[must_use]
    pub fn take(&mut self, most: usize) -> Self {
        let (taken, rest) = self.0.split_at(most.min(self.0.len()));
        self.0 = rest;
        Self(taken)
    }

    /// All bytes that are left.
    pub fn rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.0)
    }
}

/// A part of a template's output.
#[derive(Debug, Clone, PartialEq)]
enum Piece {
    /// Text, a comment, or any other HTML, as written.
    Raw(String),
    Element {
        name: &'static str,
        attributes: Vec<(&'static str, String)>,
        children: Vec<Self>,
    },
    /// A child component, by its name, which is its slot too.
    Child(u32),
}

/// What each component of a page renders. Component 0 is the page; each other one is placed once.
#[derive(Debug, Clone, PartialEq)]
pub struct Page(BTreeMap<u32, Vec<Piece>>);

impl Page {
    /// A page with up to a few components.
    #[must_use]
    pub fn new(choices: &mut Choices<'_>) -> Self {
        let mut page = BTreeMap::new();
        component(choices, 0, Place::Page, &mut page);
        Self(page)
    }

    /// The HTML of each component, with placeholders for those in it.
    #[must_use]
    pub fn html(&self) -> BTreeMap<u32, String> {
        self.0.iter().map(|(name, pieces)| (*name, to_html(pieces))).collect()
    }
}

/// Tags that are nested well, but by chance: what browsers take apart.
#[must_use]
pub fn wild(choices: &mut Choices<'_>) -> String {
    wild::html(choices)
}

fn component(choices: &mut Choices<'_>, name: u32, place: Place, page: &mut BTreeMap<u32, Vec<Piece>>) {
    let mut make = Make::new(choices, name, 0);
    let pieces = make.component(place);
    let children = make.placed;
    page.insert(name, pieces);
    for (child, place) in children {
        component(choices, child, place, page);
    }
}

fn to_html(pieces: &[Piece]) -> String {
    let mut html = String::new();
    for piece in pieces {
        write(piece, &mut html);
    }
    html
}

/// These have neither content nor an end tag.
const VOID: &[&str] = &["br", "input", "hr", "img", "col", "wbr"];
/// These are written as one tag while nothing is in them, in SVG.
const SELF_CLOSING: &[&str] = &["path", "circle", "use", "stop", "rect"];

fn write(piece: &Piece, html: &mut String) {
    match piece {
        Piece::Raw(raw) => html.push_str(raw),
        Piece::Child(name) => tree::write_placeholder(u64::from(*name), html),
        Piece::Element { name, attributes, children } => {
            // Writing to a string can't fail.
            let _ = write!(html, "<{name}");
            for (name, value) in attributes {
                let _ = write!(html, " {name}=\"{value}\"");
            }
            if SELF_CLOSING.contains(name) && children.is_empty() {
                html.push_str("/>");
                return;
            }
            html.push('>');
            if !VOID.contains(name) {
                for child in children {
                    write(child, html);
                }
                let _ = write!(html, "</{name}>");
            }
        }
    }
}
