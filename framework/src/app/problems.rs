//! [`Problems`]: what keeps the newest version of an app that somebody is writing from being shown; told to every open page, beside its session.

use std::sync::Arc;

use axum::{
    extract::{
        State, WebSocketUpgrade,
        ws::{Message, WebSocket},
    },
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use tokio::sync::watch;

use super::Shared;
use crate::{Failure, socket::other_origin};

/// More pages than somebody who writes an app has open.
const MAX_LISTENERS: usize = 256;
/// What such a socket may say: nothing.
const MAX_HEARD_BYTES: usize = 1_024;

/// What is wrong with an app that is being written.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "whoever finds one has to say all of it")]
pub struct Problem {
    /// In one line.
    pub message: String,
    /// File, line, and what is there, as far as that is known.
    pub at: Option<String>,
    /// The lines around it, or how it came there; as it is to be read, with its line breaks.
    pub detail: String,
}

/// Where an app that is being written tells its pages what is wrong with it: see [`App::problems`](super::App::problems). Clones are the same.
#[derive(Debug, Clone)]
pub struct Problems(Arc<watch::Sender<Option<Problem>>>);

impl Default for Problems {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(None)))
    }
}

impl Problem {
    fn to_json(&self) -> serde_json::Value {
        serde_json::json!({ "message": self.message, "at": self.at, "detail": self.detail })
    }
}

impl Problems {
    /// Shows a problem over each open page, or takes away what is shown.
    pub fn set(&self, problem: Option<Problem>) {
        self.0.send_replace(problem);
    }

    /// A page whose session this version can't show.
    pub(crate) fn found(&self, failure: &Failure) {
        let (message, at) = match failure {
            Failure::Failed { error, at } => (error.to_string(), at.clone()),
            Failure::Panicked { message, at } => (format!("panic: {message}"), at.clone()),
            other => (other.to_string(), None),
        };
        self.set(Some(Problem { message, at, detail: String::new() }));
    }
}

/// Tells a page what is wrong, now and whenever that changes. When it ends, there is another version.
pub(super) async fn listen(State(shared): State<Arc<Shared>>, headers: HeaderMap, upgrade: WebSocketUpgrade) -> Response {
    if let Some(refusal) = other_origin(&shared, &headers) {
        return refusal;
    }
    let Some(Problems(problems)) = &shared.problems else { return axum::http::StatusCode::NOT_FOUND.into_response() };
    if problems.receiver_count() >= MAX_LISTENERS {
        return axum::http::StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let receiver = problems.subscribe();
    upgrade.max_message_size(MAX_HEARD_BYTES).on_upgrade(move |socket| tell(socket, receiver))
}

async fn tell(mut socket: WebSocket, mut problems: watch::Receiver<Option<Problem>>) {
    loop {
        let said = problems.borrow_and_update().as_ref().map_or(serde_json::Value::Null, Problem::to_json).to_string();
        if socket.send(Message::text(said)).await.is_err() {
            return;
        }
        loop {
            tokio::select! {
                changed = problems.changed() => match changed {
                    Ok(()) => break,
                    Err(_) => return,
                },
                heard = socket.recv() => match heard {
                    Some(Ok(_)) => {}
                    _ => return,
                },
            }
        }
    }
}
