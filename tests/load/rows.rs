//! The table of js-framework-benchmark (<https://github.com/krausest/js-framework-benchmark>), as an author writes it: a plain loop,
//! and the same with a key for each row. Rows can be selected and removed by a click on them.

use livefloe::{App, Component, Cx, Markup, html};
use serde::{Deserialize, Serialize};

const ADJECTIVES: &str = "pretty large big small tall short long handsome plain quaint clean elegant easy angry crazy helpful mushy odd \
    unsightly adorable important inexpensive cheap expensive fancy";
const COLOURS: &str = "red yellow blue green pink brown purple brown white black orange";
const NOUNS: &str = "table chair house bbq desk car pony cookie sandwich burger pizza mouse keyboard";

/// `/` is the plain loop, `/keyed` the one with keys.
pub(crate) fn app() -> App {
    App::new().page("/", || Rows::new(false)).page("/keyed", || Rows::new(true))
}

#[derive(Serialize, Deserialize)]
#[expect(clippy::struct_field_names, reason = "rows are what it has")]
struct Rows {
    rows: Vec<Row>,
    selected: Option<u32>,
    next_id: u32,
    seed: u32,
    is_keyed: bool,
}

#[derive(Serialize, Deserialize)]
struct Row {
    id: u32,
    label: String,
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
                    @for row in &self.rows {
                        tr lf-key=[self.is_keyed.then_some(row.id)] class=[(self.selected == Some(row.id)).then_some("danger")] {
                            td class="col-md-1" { (row.id) }
                            td class="col-md-4" { a lf-click=(cx.with(row.id, Self::select)) { (row.label) } }
                            td class="col-md-1" {
                                a lf-click=(cx.with(row.id, Self::remove)) { span class="glyphicon glyphicon-remove" aria-hidden="true" {} }
                            }
                            td class="col-md-6" {}
                        }
                    }
                }
            }
        }
    }
}

impl Rows {
    fn new(is_keyed: bool) -> Self {
        Self { rows: Vec::new(), selected: None, next_id: 1, seed: 42, is_keyed }
    }

    /// One word of many, the same ones in each run.
    fn word(&mut self, words: &'static str) -> &'static str {
        self.seed = self.seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let n = words.split(' ').count();
        words.split(' ').nth((self.seed >> 16) as usize % n).unwrap_or_default()
    }

    fn create(&mut self) {
        self.clear();
        self.append();
    }

    fn append(&mut self) {
        for _ in 0..1_000 {
            let label = [ADJECTIVES, COLOURS, NOUNS].map(|words| self.word(words)).join(" ");
            self.rows.push(Row { id: self.next_id, label });
            self.next_id += 1;
        }
    }

    fn update(&mut self) {
        self.rows.iter_mut().step_by(10).for_each(|row| row.label.push_str(" !!!"));
    }

    fn clear(&mut self) {
        self.rows.clear();
        self.selected = None;
    }

    fn swap(&mut self) {
        if self.rows.len() > 998 {
            self.rows.swap(1, 998);
        }
    }

    fn select(&mut self, id: u32) {
        self.selected = Some(id);
    }

    fn remove(&mut self, id: u32) {
        self.rows.retain(|row| row.id != id);
    }
}
