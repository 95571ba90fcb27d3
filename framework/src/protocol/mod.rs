//! The wire protocol: frames as bytes and as messages.
//!
//! `tests/protocol/README.md` in the repository is the contract, and `frames.json` beside it holds frames that every
//! implementation reads. Everything here is a pure function of its input: no clock, no socket, and no input panics.

mod client_message;
mod deflate;
#[cfg(any(test, feature = "testing"))]
pub mod describe;
mod error;
mod server_message;
pub mod wire;

#[cfg(test)]
mod tests;

pub use client_message::ClientMessage;
pub use deflate::deflate;
pub use error::DecodeError;
pub use server_message::{ServerMessage, encode_patch_header};

/// The version that `join` and `joined` carry.
pub const PROTOCOL_VERSION: u64 = 3;

/// The subprotocol that client and server agree on in the WebSocket handshake.
pub const SUBPROTOCOL: &str = "livefloe.3";

/// Why the server closed a connection, as WebSocket close codes.
pub mod close {
    /// The server is going away; the client reconnects.
    pub const GOING_AWAY: u16 = 1001;
    /// A frame was larger than the server takes.
    pub const TOO_LARGE: u16 = 1009;
    /// A frame was malformed, or the first one was not a join.
    pub const MALFORMED: u16 = 4400;
    /// No such session: it ended, or the token is not its own. The client does not reconnect by itself.
    pub const NO_SESSION: u16 = 4404;
    /// The client stopped answering.
    pub const SILENT: u16 = 4408;
    /// Another socket took the session over. The client does not reconnect by itself.
    pub const TAKEN_OVER: u16 = 4409;
    /// The protocol version is not spoken here. The client does not reconnect by itself.
    pub const VERSION: u16 = 4426;
    /// The client sent too many events.
    pub const TOO_FAST: u16 = 4429;
}
