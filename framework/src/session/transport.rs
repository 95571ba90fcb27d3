//! [`Transport`]: a connection that carries frames, whatever it is made of.

use std::task::{Context, Poll};

use bytes::Bytes;

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

    /// Sends a frame: writes what the connection takes at once, and keeps the rest. An error means that the connection is gone.
    fn send(&mut self, frame: &[u8], context: &mut Context<'_>) -> Result<(), Gone>;

    /// Writes what was kept; ready when nothing is.
    fn poll_flush(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Gone>>;

    /// Gives back memory that is not needed now.
    fn shrink(&mut self) {}

    /// Says why and ends the connection; best effort.
    fn close(self: Box<Self>, code: u16, reason: &'static str);
}

/// The connection is gone.
#[derive(Debug)]
pub(crate) struct Gone;
