//! The operations of js-framework-benchmark (<https://github.com/krausest/js-framework-benchmark>), with its markup: at `/`
//! rows in a plain loop, at `/keyed` the same with keys.

use livefloe::{App, Component, Cx, Markup, html};
use serde::{Deserialize, Serialize};

const N_ROWS: usize = 1_000;

pub(super) fn app() -> App {
    App::new().page("/", || Rows::new(false)).page("/keyed", || Rows::new(true))
}

#[derive(Serialize, Deserialize)]
struct Rows {
    all: Vec<Row>,
    selected: Option<u32>,
    next_id: u32,
    is_keyed: bool,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Row {
    pub(crate) id: u32,
    pub(crate) label: String,
}

impl Component for Rows {
    fn render(&self, cx: &Cx<Self>) -> Markup {
        html! {
            button id="create" lf-click=(cx.on(Self::create)) { "Create 1,000 rows" }
            button id="append" lf-click=(cx.on(Self::append)) { "Append 1,000 rows" }
            button id="update" lf-click=(cx.on(Self::update)) { "Update every 10th row" }
            button id="clear" lf-click=(cx.on(Self::clear)) { "Clear" }
            button id="swap" lf-click=(cx.on(Self::swap)) { "Swap rows" }
            table class="table table-hover table-striped test-data" {
                tbody {
                    @for one in &self.all {
                        (row(one, self.is_keyed, self.selected == Some(one.id), cx.with(one.id, Self::select), cx.with(one.id, Self::remove)))
                    }
                }
            }
        }
    }
}

/// One row. With what its handlers are called, so that what a row weighs can be told without a page.
pub(crate) fn row(row: &Row, is_keyed: bool, is_selected: bool, select: impl maud::Render, remove: impl maud::Render) -> Markup {
    html! {
        tr lf-key=[is_keyed.then_some(row.id)] class=[is_selected.then_some("danger")] {
            td class="col-md-1" { (row.id) }
            td class="col-md-4" { a lf-click=(select) { (row.label) } }
            td class="col-md-1" { a lf-click=(remove) { span class="glyphicon glyphicon-remove" aria-hidden="true" {} } }
            td class="col-md-6" {}
        }
    }
}

impl Row {
    /// The row that is made with this number: its label is as random as the benchmark's, and the same in each run.
    pub(crate) fn new(id: u32) -> Self {
        const ADJECTIVES: [&str; 25] = [
            "pretty",
            "large",
            "big",
            "small",
            "tall",
            "short",
            "long",
            "handsome",
            "plain",
            "quaint",
            "clean",
            "elegant",
            "easy",
            "angry",
            "crazy",
            "helpful",
            "mushy",
            "odd",
            "unsightly",
            "adorable",
            "important",
            "inexpensive",
            "cheap",
            "expensive",
            "fancy",
        ];
        const COLOURS: [&str; 11] = ["red", "yellow", "blue", "green", "pink", "brown", "purple", "brown", "white", "black", "orange"];
        const NOUNS: [&str; 13] =
            ["table", "chair", "house", "bbq", "desk", "car", "pony", "cookie", "sandwich", "burger", "pizza", "mouse", "keyboard"];
        // SplitMix64: <https://prng.di.unimi.it/splitmix64.c>.
        let mut bits = u64::from(id).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let mut pick = |words: &[&'static str]| {
            let (index, n_words) = (bits >> 8, words.len() as u64);
            bits = bits.rotate_right(19);
            words[usize::try_from(index % n_words).unwrap_or_default()]
        };
        let label = [pick(&ADJECTIVES), pick(&COLOURS), pick(&NOUNS)].join(" ");
        Self { id, label }
    }
}

impl Rows {
    fn new(is_keyed: bool) -> Self {
        Self { all: Vec::new(), selected: None, next_id: 1, is_keyed }
    }

    fn create(&mut self) {
        self.all.clear();
        self.selected = None;
        self.append();
    }

    fn append(&mut self) {
        for _ in 0..N_ROWS {
            self.all.push(Row::new(self.next_id));
            self.next_id += 1;
        }
    }

    fn update(&mut self) {
        for row in self.all.iter_mut().step_by(10) {
            row.label.push_str(" !!!");
        }
    }

    fn clear(&mut self) {
        self.all.clear();
        self.selected = None;
    }

    fn swap(&mut self) {
        if self.all.len() > 998 {
            self.all.swap(1, 998);
        }
    }

    fn select(&mut self, id: u32) {
        self.selected = Some(id);
    }

    fn remove(&mut self, id: u32) {
        self.all.retain(|row| row.id != id);
    }
}
