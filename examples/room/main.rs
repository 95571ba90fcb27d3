//! Rooms to talk in: state that visitors share, messages between their sessions, and who is here.
//!
//! `cargo run -p livefloe-examples --bin room`, then open <http://127.0.0.1:8000/room/harbour> in two windows.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, PoisonError},
};

use livefloe::{
    App, Component, Cx, Invalid, Markup, Topic, Visit, html,
    widget::{button, card, form, nav, page_header, row, text, text_field},
};
use serde::{Deserialize, Serialize};

/// The rooms that there are. Were any name a room, a visitor could make as many as fit into memory.
const ROOMS: [&str; 3] = ["harbour", "lighthouse", "pier"];
/// Older messages go: a room takes a bounded amount of memory.
const MAX_MESSAGES: usize = 20;
const MAX_LENGTH: u32 = 200;

#[tokio::main]
async fn main() -> livefloe::Result<()> {
    App::new().state(Rooms::default()).page("/room/{name}", Room::open).serve("127.0.0.1:8000").await
}

/// What was said in all rooms: the app's state, shared by all sessions.
#[derive(Default)]
pub(crate) struct Rooms(Mutex<HashMap<String, VecDeque<Message>>>);

#[derive(Clone)]
struct Message {
    number: u64,
    author: String,
    text: String,
}

impl Rooms {
    fn add(&self, room: &str, author: &str, text: &str) {
        let mut rooms = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let messages = rooms.entry(room.to_owned()).or_default();
        let number = messages.back().map_or(1, |last| last.number + 1);
        messages.push_back(Message { number, author: author.to_owned(), text: text.to_owned() });
        if messages.len() > MAX_MESSAGES {
            messages.pop_front();
        }
    }

    fn messages(&self, room: &str) -> VecDeque<Message> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(room).cloned().unwrap_or_default()
    }
}

/// One visitor in a room.
#[derive(Serialize, Deserialize)]
pub(crate) struct Room {
    room: String,
    /// Empty until the visitor has said it.
    name: String,
}

/// What either form sends.
#[derive(Deserialize)]
struct Words {
    #[serde(alias = "name")]
    message: String,
}

impl Component for Room {
    fn render(&self, cx: &Cx<Self>) -> Markup {
        // News only say that there are some, and after any handler the component renders again. What was said is in the
        // app's state, where none of it gets lost.
        cx.subscribe(&self.news(), |_: &mut Self, (): ()| {});
        let present = if self.name.is_empty() { cx.members(&self.members()) } else { cx.presence(&self.members(), self.name.clone()) };
        html! {
            (ROOMS.iter().fold(nav("Rooms").current(&*self.room), |nav, room| nav.link(*room, *room)))
            (page_header(format!("The {}", self.room)).subtitle("Open it in a second window, and talk to yourself."))
            (card(html! {
                div role="log" aria-label="Messages" {
                    @for message in cx.state::<Rooms>().messages(&self.room) {
                        p lf-key=(message.number) { strong { (message.author) } ": " (message.text) }
                    }
                }
                @if self.name.is_empty() {
                    (form(row(html! {
                        (text_field("Your name", "name").autocomplete("nickname").max_length(30))
                        (button("Come in").submit().primary())
                    })).on_submit(cx.form(Self::enter)).key("introduction"))
                } @else {
                    (form(row(html! {
                        (text_field("Message", "message").hide_label().placeholder("Say something").autocomplete("off").max_length(MAX_LENGTH).autofocus(true))
                        (button("Send").submit().primary())
                    })).on_submit(cx.form(Self::say)).reset_after_submit().key("composer"))
                }
            }))
            (text(format!("Here: {}", if present.is_empty() { "nobody yet".to_owned() } else { present.join(", ") })).muted())
        }
    }
}

impl Room {
    /// The page's state for a visit of `/room/{name}`.
    pub(crate) fn open(visit: &Visit) -> Result<Self, Invalid> {
        let room = visit.parameter("name");
        if !ROOMS.contains(&room) {
            return Err(Invalid::field("name", format!("there is no room called `{room}`")));
        }
        Ok(Self { room: room.to_owned(), name: String::new() })
    }

    fn news(&self) -> Topic<()> {
        Topic::named(format!("room/{}/news", self.room))
    }

    fn members(&self) -> Topic<String> {
        Topic::named(format!("room/{}/members", self.room))
    }

    fn enter(&mut self, Words { message: name }: Words, cx: &Cx<Self>) -> Result<(), Invalid> {
        let name = name.trim();
        if name.is_empty() || name.chars().count() > 30 {
            return Err(Invalid::field("name", "Say who you are, in up to 30 letters."));
        }
        if cx.bus().members(&self.members()).iter().any(|present| present == name) {
            return Err(Invalid::field("name", format!("{name} is here already.")));
        }
        name.clone_into(&mut self.name);
        Ok(())
    }

    fn say(&mut self, Words { message }: Words, cx: &Cx<Self>) -> Result<(), Invalid> {
        let message = message.trim();
        if self.name.is_empty() || message.is_empty() || message.chars().count() > MAX_LENGTH as usize {
            return Err(Invalid::field("message", "Say something, in up to 200 letters."));
        }
        cx.state::<Rooms>().add(&self.room, &self.name, message);
        cx.broadcast(&self.news(), ());
        Ok(())
    }
}
