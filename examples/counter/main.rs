//! A counter, and what it counts by: state, handlers, and children that keep a state of their own.
//!
//! `cargo run -p livefloe-examples --bin counter`, then open <http://127.0.0.1:8000>.

use livefloe::{
    App, Child, Component, Cx, Markup, html,
    widget::{button, card, grid, heading, page_header, row, slider},
};
use serde::{Deserialize, Serialize};

#[tokio::main]
async fn main() -> livefloe::Result<()> {
    App::new().page("/", Counter::default).serve("127.0.0.1:8000").await
}

/// The page: a number, and how much one click changes it.
#[derive(Serialize, Deserialize)]
pub(crate) struct Counter {
    count: i64,
    step: i64,
}

impl Default for Counter {
    fn default() -> Self {
        Self { count: 0, step: 1 }
    }
}

impl Component for Counter {
    fn render(&self, cx: &Cx<Self>) -> Markup {
        html! {
            (page_header("Counter").subtitle("State lives on the server; a click runs a Rust function."))
            (card(html! {
                (heading(format!("Count: {}", self.count)))
                (slider("Step", "step").min(1).max(10).value(self.step).on_input(cx.value(Self::set_step)))
                (row(html! {
                    (button(format!("−{}", self.step)).on_click(cx.on(Self::subtract)))
                    (button(format!("+{}", self.step)).on_click(cx.on(Self::add)).primary())
                    (button("Reset").on_click(cx.on(Self::reset)).ghost())
                }))
            }))
            (heading("Children"))
            p { "Each counts for itself, and takes the step from the page." }
            (grid(html! {
                @for name in ["Apples", "Pears"] {
                    (cx.child::<Tally>(name, (name.to_owned(), self.step)))
                }
            }))
        }
    }

    fn title(&self) -> Option<String> {
        Some(format!("Counter: {}", self.count))
    }
}

impl Counter {
    fn add(&mut self) {
        self.count += self.step;
    }

    fn subtract(&mut self) {
        self.count -= self.step;
    }

    fn reset(&mut self) {
        self.count = 0;
    }

    fn set_step(&mut self, step: i64) {
        // A slider is a text field to whoever writes the request by hand.
        self.step = step.clamp(1, 10);
    }
}

/// A child: its name and step come from the page, its count is its own.
#[derive(Serialize, Deserialize)]
struct Tally {
    name: String,
    step: i64,
    count: i64,
}

impl Component for Tally {
    fn render(&self, cx: &Cx<Self>) -> Markup {
        html! {
            (card(button(format!("Add {}", self.step)).on_click(cx.on(Self::add))).title(format!("{}: {}", self.name, self.count)))
        }
    }
}

impl Child for Tally {
    type Properties = (String, i64);

    fn new((name, step): &Self::Properties) -> Self {
        Self { name: name.clone(), step: *step, count: 0 }
    }

    fn update(&mut self, (name, step): &Self::Properties) {
        self.name.clone_from(name);
        self.step = *step;
    }
}

impl Tally {
    fn add(&mut self) {
        self.count += self.step;
    }
}
