//! A chat of 200 messages, to the last of which a model's tokens are added: one with each event.

use livefloe::{Component, Cx, Markup, html};
use serde::{Deserialize, Serialize};

const N_MESSAGES: usize = 200;
/// As long as an answer gets before the next one begins in its place.
const N_TOKENS: usize = 100;
const TOKEN: &str = " frost";

#[derive(Serialize, Deserialize)]
pub(super) struct Chat {
    messages: Vec<Message>,
    n_tokens: usize,
}

#[derive(Serialize, Deserialize)]
struct Message {
    author: String,
    text: String,
}

impl Component for Chat {
    fn render(&self, cx: &Cx<Self>) -> Markup {
        html! {
            ol {
                @for message in &self.messages {
                    li { b { (message.author) } p { (message.text) } }
                }
            }
            button id="act" lf-click=(cx.on(Self::token)) { "more" }
        }
    }
}

impl Chat {
    pub(super) fn new() -> Self {
        let message = |number: usize| Message {
            author: if number.is_multiple_of(2) { "you" } else { "model" }.to_owned(),
            text: format!("Message number {number}: how thick does the ice have to be before one may walk on the lake?"),
        };
        Self { messages: (0..N_MESSAGES).map(message).collect(), n_tokens: 0 }
    }

    fn token(&mut self) {
        let Some(last) = self.messages.last_mut() else { return };
        if self.n_tokens.is_multiple_of(N_TOKENS) {
            last.text.clear();
        }
        last.text.push_str(TOKEN);
        self.n_tokens += 1;
    }
}
