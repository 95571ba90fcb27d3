//! A number and a button.

use livefloe::{Component, Cx, Markup, html};
use serde::{Deserialize, Serialize};

#[derive(Default, Serialize, Deserialize)]
pub(super) struct Counter {
    count: i64,
}

impl Component for Counter {
    fn render(&self, cx: &Cx<Self>) -> Markup {
        html! {
            p { "Count: " (self.count) }
            button id="act" lf-click=(cx.on(Self::increment)) { "+1" }
        }
    }
}

impl Counter {
    fn increment(&mut self) {
        self.count += 1;
    }
}
