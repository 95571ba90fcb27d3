//! [`Counter`]: the smallest app that does something.

use livefloe::{Component, Cx, Markup, html};
use serde::{Deserialize, Serialize};

/// A number (`#count`) and a button (`#add`) that adds one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Counter {
    /// The number.
    pub count: i64,
}

impl Component for Counter {
    fn render(&self, cx: &Cx<Self>) -> Markup {
        html! {
            h1 { "Counter" }
            p id="count" { (self.count) }
            button id="add" lf-click=(cx.on(Self::add)) { "+1" }
        }
    }
}

impl Counter {
    fn add(&mut self) {
        self.count += 1;
    }
}
