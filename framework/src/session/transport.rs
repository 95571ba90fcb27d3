//! [`Transport`]: a connection that carries frames, whatever it is made of.

use std::task::{Context, Poll};

use bytes::Bytes;

use super::Peer;

/// What arrives on a connection.
#[derive(Debug)]
pub(crate) enum Incoming {
    /// A frame.
    Frame(Bytes),
    /// A frame that was larger than allowed.
    TooLarge,
    /// Something that is no frame of ours: text, or a broken stream.
    Malformed,
    /// The connection ended.
    Closed,
}

/// A connection that carries frames. The session's actor polls it; nothing here waits.
pub(crate) trait Transport: Send {
    /// The next thing that arrives.
    fn poll_receive(&mut self, context: &mut Context<'_>) -> Poll<Incoming>;

    /// Whether a frame can be handed over. An error means that the connection is gone.
    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Gone>>;

    /// Hands a frame over, after `poll_ready` said so.
    fn send(&mut self, frame: Bytes) -> Result<(), Gone>;

    /// Moves what was handed over towards the client.
    fn poll_flush(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Gone>>;

    /// Says why and ends the connection; best effort.
    fn close(self: Box<Self>, code: u16, reason: &'static str);

    /// What is known of the other end.
    fn peer(&self) -> Peer {
        Peer::default()
    }
}

/// The connection is gone.
#[derive(Debug)]
pub(crate) struct Gone;
