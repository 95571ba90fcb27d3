//! Tabs, questions, a dialog and a menu: what answers without waiting for the server, and is on it all the same.
//!
//! `cargo run -p livefloe-examples --bin desk`, then open <http://127.0.0.1:8000>.

use livefloe::{
    Actions, App, Component, Cx, Expression, Invalid, Markup, When, html,
    widget::{On, accordion, button, card, dialog, menu, page_header, row, tabs, text, text_area},
};
use serde::{Deserialize, Serialize};

const MAX_LIKES: u32 = 3;

#[tokio::main]
async fn main() -> livefloe::Result<()> {
    App::new().page("/", Desk::default).serve("127.0.0.1:8000").await
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Desk {
    view: String,
    count: u8,
    likes: u32,
    question: Option<String>,
    is_asking: bool,
}

impl Default for Desk {
    fn default() -> Self {
        Self { view: "note".to_owned(), count: 0, likes: 0, question: None, is_asking: false }
    }
}

impl Component for Desk {
    fn render(&self, cx: &Cx<Self>) -> Markup {
        let view = cx.binding("view", &self.view, |desk| &mut desk.view);
        let count = cx.binding("count", &self.count, |desk| &mut desk.count);
        let likes = cx.binding("likes", &self.likes, |desk| &mut desk.likes);
        let question = cx.binding("question", &self.question, |desk| &mut desk.question);
        let asking = cx.binding("asking", &self.is_asking, |desk| &mut desk.is_asking);
        let numbers = html! {
            p lf-when=(When::new().text(Expression::from("Count: ").join(&count))) { "Count: " (self.count) }
            (row(html! {
                button class="lf-button" lf-click=(cx.act(count.set((&count - 1).at_least(0)))) lf-when=(When::new().disabled(count.is(0))) { "Less" }
                (button("More").on_click(cx.act(count.increment(1))))
                (button("Like").on_click(On::handler(cx.on(Self::like)).pending(likes.increment(1))))
                span lf-when=(When::new().text(Expression::from("Likes: ").join(&likes))) { "Likes: " (self.likes) }
            }))
        };
        html! {
            (page_header("Desk").subtitle("What opens here opens at once, and the server knows."))
            (tabs("Views", &view, |actions| cx.act(actions))
                .tab("note", "Note", text_area("Note", "note").id("note"))
                .tab("numbers", "Numbers", numbers))
            (accordion(&question, |actions| cx.act(actions))
                .item("who", "Who sees this?", text("You do, and the server, which keeps it over a reload."))
                .item("why", "Why so fast?", text("The page knows by itself what a click does.")))
            (card(row(html! {
                (button("Clear").danger().on_click(cx.act(asking.set(true))))
                (menu("desk-menu", "Go to")
                    .item("The note", cx.act(view.set("note").on("#note").focus()))
                    .item("The numbers", cx.act(view.set("numbers")))
                    .separator()
                    .item("Copy the count", cx.act(Actions::new().copy(&count))))
                span { "Now at: " (self.view) }
            })))
            (dialog("Really?", &asking, cx.act(asking.set(false)), html! {
                (text("Count and likes begin anew."))
                (button("Clear all").primary().on_click(On::handler(cx.on(Self::clear)).pending(asking.set(false))))
            }))
        }
    }

    fn title(&self) -> Option<String> {
        Some("Desk".to_owned())
    }
}

impl Desk {
    fn like(&mut self) -> Result<(), Invalid> {
        self.likes += 1;
        if self.likes > MAX_LIKES { Err(Invalid::field("", "Three are enough")) } else { Ok(()) }
    }

    fn clear(&mut self) {
        self.count = 0;
        self.likes = 0;
        self.is_asking = false;
    }
}
