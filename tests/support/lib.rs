//! What tests of Livefloe from outside need: a server in the same process, and a browser that is none.
//!
//! Everything here fails by panicking with what it waited for and what it saw instead, and nothing waits longer than
//! [`DEADLINE`]. No test sleeps: it awaits a condition.

#![allow(clippy::missing_panics_doc, reason = "a test helper fails by panicking")]

mod browser;
mod chance;
mod counter;
mod dom;
mod gated;
mod http;
#[cfg(unix)]
mod redis;
mod server;
mod stream;
mod upload;
mod wait;

pub use browser::{Action, Joined, Refusal, TestBrowser, Way};
pub use chance::Chance;
pub use counter::Counter;
pub use dom::Dom;
pub use gated::{Gate, Gated};
pub use http::{Page, connect_from, post, post_bytes, request, resolve, try_request};
#[cfg(unix)]
pub use redis::RedisServer;
pub use server::{FragileServer, TestServer};
pub use stream::{StreamLine, pack};
pub use upload::Sending;
pub use wait::{DEADLINE, eventually, within};

/// The bits of the protocol that tests write by hand.
pub use livefloe::protocol::{ClientMessage, PROTOCOL_VERSION, SUBPROTOCOL, ServerMessage, close};
