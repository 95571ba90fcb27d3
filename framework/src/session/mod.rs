//! Sessions: one visitor's page, from its first rendering until it has been left alone for long enough.
//!
//! A session is one task, the [`actor`], which owns the component tree and the socket. Everything else only sends it
//! [`Message`]s through its [`Mailbox`].

mod actor;
mod backlog;
mod components;
mod connection;
mod document;
mod handover;
mod keys;
mod mailbox;
mod marks;
mod outbox;
mod registry;
mod restore;
mod shown;
mod snapshot;
mod token;
mod transport;
mod under_way;
mod who;

pub(crate) use actor::{Actor, Posted};
pub(crate) use backlog::{BLOCK_BYTES, Backlog};
pub(crate) use components::{Components, PAGE, Page};
pub(crate) use document::DEFAULT_LANGUAGE;
pub(crate) use keys::Keys;
pub(crate) use mailbox::Mailbox;
pub(crate) use mailbox::{Join, Message, Post};
pub(crate) use registry::Registry;
pub(crate) use restore::{Unavailable, find};
pub(crate) use snapshot::{Place, Snapshot};
pub(crate) use token::{Token, random_id};
pub(crate) use transport::{Gone, Incoming, Transport};
#[cfg(any(test, feature = "testing"))]
pub(crate) use under_way::Quiet;
pub use under_way::UnderWay;
pub use who::User;
pub(crate) use who::{Peer, Who};
