//! **Livefloe**: stateful apps rendered on the server.
//!
//! Each visitor's session holds a tree of components on the server. Events from the browser run Rust functions that change
//! its state; the server renders again, and sends what differs over a WebSocket to a client of a few kilobytes.
//!
//! ```no_run
//! use livefloe::{App, Component, Cx, Markup, html};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Default, Serialize, Deserialize)]
//! struct Counter { count: i64 }
//!
//! impl Component for Counter {
//!     fn render(&self, cx: &Cx<Self>) -> Markup {
//!         html! {
//!             p { "Count: " (self.count) }
//!             button lf-click=(cx.on(Self::increment)) { "+1" }
//!         }
//!     }
//! }
//!
//! impl Counter {
//!     fn increment(&mut self) { self.count += 1 }
//! }
//!
//! #[tokio::main]
//! async fn main() -> livefloe::Result<()> {
//!     App::new().page("/", Counter::default).serve("127.0.0.1:8000").await
//! }
//! ```
//!
//! # The way of an event
//! | step | module | what it does |
//! |---|---|---|
//! | socket | `socket`, `protocol` | takes frames, enforces limits |
//! | session | `session` | one task a visitor; owns the components, runs one turn at a time |
//! | handler | `handler` | found in the table that rendering filled |
//! | state, render | `component`, `widget` | the app's own code |
//! | tree | `tree` | the HTML as the browser's tree |
//! | diff | `diff` | what differs, matched by key and by `similar` |
//! | patch | `patch` | numbered operations, kept until the client has shown them |
//!
//! (`protocol`, `tree`, `diff` and `patch` are public for benches, fuzzing and bindings, and hidden since they may change.)
//!
//! Beside it: `app` (pages, serving), `bus` (between sessions), `model` (inference), `testing` (drive a page without a browser).

#![forbid(unsafe_code)]

mod app;
mod socket;
mod stream;
#[doc(hidden)]
pub mod protocol;
mod session;
pub mod store;
mod handler;
mod component;
mod action;
pub mod widget;
#[doc(hidden)]
pub mod tree;
#[doc(hidden)]
pub mod diff;
#[doc(hidden)]
pub mod patch;
mod upload;
mod media;
mod bus;
pub mod model;
mod guard;
mod spare;
mod config;
mod metric;
mod error;
#[cfg(feature = "testing")]
pub mod testing;

pub use action::{Act, Actions, Binding, Expression, ExpressionError, When};
pub use app::{App, BodyWriter, Embedded, Frames, Ingress, MakePage, Mount, Problem, Problems, Server, Visit};
pub use bus::{Bus, Change, Topic};
pub use component::{Child, Component, Cx, Document, Link, instance};
pub use config::Limits;
pub use error::{Error, Failure, Result};
pub use handler::{
    AsyncCall, Asynchronous, AsynchronousCx, BoxFuture, FieldError, Handler, HandlerId, Identity, Invalid, Outcome, Synchronous,
    SynchronousCx, Table,
};
pub use maud::{Markup, PreEscaped, Render, html};
pub use metric::{Figures, Latency, Limited, Metrics, Refusals};
pub use session::User;
pub use upload::{Upload, Uploads};
