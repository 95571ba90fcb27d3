//! The page that leads to the examples.

use livefloe::{
    Component, Cx, Markup, html,
    widget::{card, grid, heading, page_header, text},
};
use serde::{Deserialize, Serialize};

/// One example in one language.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Entry {
    /// What it is called.
    pub title: String,
    /// What it shows, in one line.
    pub description: String,
    /// Its path.
    pub address: String,
    /// What it is written in.
    pub language: String,
}

/// The page: a card for each example, by language.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Index {
    entries: Vec<Entry>,
}

impl Index {
    /// A page with these examples; those of one language stand together.
    #[must_use]
    pub fn new(entries: Vec<Entry>) -> Self {
        Self { entries }
    }
}

impl Component for Index {
    fn render(&self, _: &Cx<Self>) -> Markup {
        html! {
            (page_header("Livefloe examples").subtitle("Small apps, each in one file. Their state lives on the server."))
            @for group in self.entries.chunk_by(|one, other| one.language == other.language) {
                (heading(&*group[0].language))
                (grid(html! {
                    @for entry in group { (card(text(&*entry.description)).title(&*entry.title).link(&*entry.address)) }
                }))
            }
        }
    }
}
