//! [`Kept`]: a page with a state that its store keeps: a number, a list whose items are components, and fields.

use livefloe::{Child, Component, Cx, Markup, html};
use serde::{Deserialize, Serialize};

#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Kept {
    count: u32,
    items: Vec<u32>,
}

impl Component for Kept {
    fn render(&self, cx: &Cx<Self>) -> Markup {
        html! {
            p id="count" { (self.count) }
            button id="add" lf-click=(cx.on(Self::add)) { "Add" }
            label { "Note " input id="note" name="note"; }
            details id="more" { summary { "More" } p { "…" } }
            ul { @for item in &self.items { (cx.child::<Item>(item, *item)) } }
        }
    }
}

impl Kept {
    fn add(&mut self) {
        self.count += 1;
        self.items.push(self.count);
    }
}

#[derive(Serialize, Deserialize)]
struct Item {
    number: u32,
    stars: u32,
}

impl Component for Item {
    fn render(&self, cx: &Cx<Self>) -> Markup {
        html! { li { button id={ "star" (self.number) } lf-click=(cx.on(Self::star)) { (self.number) ": " (self.stars) } } }
    }
}

impl Item {
    fn star(&mut self) {
        self.stars += 1;
    }
}

impl Child for Item {
    type Properties = u32;

    fn new(number: &u32) -> Self {
        Self { number: *number, stars: 0 }
    }

    fn update(&mut self, number: &u32) {
        self.number = *number;
    }
}
