//! [`Gated`]: a page whose handler runs until the test lets it go on.

use livefloe::{Component, Cx, Markup, html};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::within;

/// A count, and two buttons: `add` adds one at once, `pass` when the gate is open.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Gated {
    count: u32,
    /// None after a restart: nothing holds a handler then.
    #[serde(skip)]
    gate: Option<Gate>,
}

/// Where handlers wait. Clones are the same gate.
#[derive(Debug, Clone, Default)]
pub struct Gate(watch::Sender<State>);

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum State {
    #[default]
    Closed,
    /// Closed, and a handler is there.
    Awaited,
    Open,
}

impl Gated {
    /// A page whose handlers wait at this gate.
    #[must_use]
    pub fn new(gate: &Gate) -> Self {
        Self { count: 0, gate: Some(gate.clone()) }
    }

    async fn pass(&mut self) {
        if let Some(gate) = &self.gate {
            gate.pass().await;
        }
        self.count += 1;
    }
}

impl Component for Gated {
    fn render(&self, cx: &Cx<Self>) -> Markup {
        html! {
            p id="count" { (self.count) }
            button id="pass" lf-click=(cx.on(Self::pass)) { "pass" }
            button id="add" lf-click=(cx.on(|gated: &mut Self| gated.count += 1)) { "add" }
        }
    }
}

impl Gate {
    /// Lets all handlers go on, those to come as well.
    pub fn open(&self) {
        self.0.send_replace(State::Open);
    }

    /// Waits until a handler is there.
    pub async fn is_awaited(&self) {
        let _ = within("a handler at the gate", self.0.subscribe().wait_for(|state| *state == State::Awaited)).await;
    }

    /// Waits here until it is open.
    pub async fn pass(&self) {
        self.0.send_if_modified(|state| {
            let is_first = *state == State::Closed;
            if is_first {
                *state = State::Awaited;
            }
            is_first
        });
        // The sender is here, so this ends with the gate open.
        let _ = self.0.subscribe().wait_for(|state| *state == State::Open).await;
    }
}
