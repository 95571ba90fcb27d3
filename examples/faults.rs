//! Handlers that fail in every way there is: what the browser tests look at, and nothing to learn from.

use std::time::Duration;

use livefloe::{
    Component, Cx, Markup, html,
    widget::{button, form, number, page_header, row},
};
use serde::{Deserialize, Serialize};

#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Faults {
    count: u32,
    is_broken: bool,
}

#[derive(Deserialize)]
struct Amount {
    amount: u32,
}

impl Component for Faults {
    fn render(&self, cx: &Cx<Self>) -> Markup {
        assert!(!self.is_broken, "the ice broke while rendering");
        html! {
            (page_header("Faults").subtitle("Whatever fails here is undone, and the page lives on."))
            p { "Count: " output { (self.count) } }
            (row(html! {
                (button("Count").on_click(cx.on(Self::count)).primary())
                (button("Panic").on_click(cx.on(Self::panic)))
                (button("Error").on_click(cx.on(Self::error)))
                (button("Break the page").on_click(cx.on(Self::break_page)))
                (button("Fail later").on_click(cx.on(Self::fail_later)))
                (button("Take a while").on_click(cx.on(Self::take_a_while)))
            }))
            (form(row(html! {
                (number("Amount", "amount").min(0))
                (button("Add").submit())
            })).on_submit(cx.form(Self::add)))
        }
    }

    fn title(&self) -> Option<String> {
        Some("Faults".to_owned())
    }
}

impl Faults {
    fn count(&mut self) {
        self.count += 1;
    }

    fn panic(&mut self) {
        self.count += 100;
        panic!("the ice broke");
    }

    fn error(&mut self) -> Result<(), &'static str> {
        self.count += 100;
        Err("the ice is too thin")
    }

    fn break_page(&mut self) {
        self.count += 100;
        self.is_broken = true;
    }

    fn fail_later(&mut self, cx: &Cx<Self>) {
        self.count += 1;
        cx.spawn(async {}, Self::late);
    }

    fn late(&mut self, (): ()) -> Result<(), &'static str> {
        self.count += 100;
        Err("the ice melted")
    }

    async fn take_a_while(&mut self) {
        tokio::time::sleep(Duration::from_millis(700)).await;
        self.count += 10;
    }

    fn add(&mut self, Amount { amount }: Amount) {
        self.count += amount;
    }
}
