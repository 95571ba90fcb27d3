//! Many rows of three cells in a plain loop: no keys, no components, nothing that helps.

use livefloe::{Component, Cx, Markup, html};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
pub(super) struct Table {
    rows: Vec<Row>,
    n_changes: usize,
}

#[derive(Serialize, Deserialize)]
struct Row {
    id: u32,
    name: String,
    amount: u32,
}

impl Component for Table {
    fn render(&self, cx: &Cx<Self>) -> Markup {
        html! {
            button id="act" lf-click=(cx.on(Self::change)) { "change" }
            table {
                tbody {
                    @for row in &self.rows {
                        tr { td { (row.id) } td { (row.name) } td { (row.amount) } }
                    }
                }
            }
        }
    }
}

impl Table {
    pub(super) fn new(n_rows: u32) -> Self {
        let row = |id| Row { id, name: format!("row number {id}"), amount: id * 7 };
        Self { rows: (1..=n_rows).map(row).collect(), n_changes: 0 }
    }

    /// Another cell each time, all over the table.
    fn change(&mut self) {
        self.n_changes += 1;
        let index = self.n_changes * 617 % self.rows.len();
        self.rows[index].amount += 1;
    }
}
