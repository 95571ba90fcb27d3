//! [`ServerMessage`]: what the server sends.

use super::{
    DecodeError,
    deflate::{DEFLATED, inflate},
    wire::{Reader, put_number, put_string},
};
use crate::patch::Operation;

const JOINED: u8 = 1;
const PATCH: u8 = 2;
const ACK: u8 = 3;
const HEARTBEAT: u8 = 4;

/// What the server sends.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(any(test, feature = "testing"), derive(serde::Serialize, serde::Deserialize), serde(tag = "kind", rename_all = "lowercase"))]
pub enum ServerMessage {
    /// The connection belongs to the session now.
    Joined {
        /// The protocol version that both speak.
        version: u64,
        /// The last event that was settled.
        ack: u64,
        /// The patch that the page is taken to show: `applied`, or the newest one where all of the page follows.
        seq: u64,
        /// Replaces the client's token.
        token: String,
        /// How often the server is heard at the least.
        heartbeat_ms: u64,
    },
    /// What the client has to change.
    Patch {
        /// Counts 1, 2, 3….
        seq: u64,
        /// The last event that was settled.
        ack: u64,
        /// What to do, in order.
        #[cfg_attr(any(test, feature = "testing"), serde(rename = "ops"))]
        operations: Vec<Operation>,
    },
    /// Events up to here are settled, and changed nothing that shows.
    Ack {
        /// The last event that was settled.
        ack: u64,
    },
    /// The server is there.
    Heartbeat,
}

impl ServerMessage {
    /// Reads a frame.
    ///
    /// # Errors
    /// When it is malformed.
    #[allow(dead_code, reason = "the client's half; tests and load generators have use for it")]
    pub fn decode(frame: &[u8]) -> Result<Self, DecodeError> {
        match frame.split_first() {
            Some((&DEFLATED, deflated)) => Self::decode_plain(&inflate(deflated)?),
            _ => Self::decode_plain(frame),
        }
    }

    fn decode_plain(frame: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(frame);
        let message = match reader.byte("a frame kind")? {
            JOINED => Self::Joined {
                version: reader.number("a version")?,
                ack: reader.number("ack")?,
                seq: reader.number("the number of the patch")?,
                token: reader.string("a token")?,
                heartbeat_ms: reader.number("heartbeat_ms")?,
            },
            PATCH => Self::Patch {
                seq: reader.number("the number of the patch")?,
                ack: reader.number("ack")?,
                operations: Operation::decode_all(&mut reader)?,
            },
            ACK => Self::Ack { ack: reader.number("ack")? },
            HEARTBEAT => Self::Heartbeat,
            got => {
                return Err(DecodeError::Byte { offset: 0, expected: "a frame kind of 1 to 5", got });
            }
        };
        reader.end()?;
        Ok(message)
    }

    /// Writes a frame.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut frame = Vec::new();
        match self {
            Self::Joined { version, ack, seq, token, heartbeat_ms } => {
                frame.push(JOINED);
                put_number(*version, &mut frame);
                put_number(*ack, &mut frame);
                put_number(*seq, &mut frame);
                put_string(token, &mut frame);
                put_number(*heartbeat_ms, &mut frame);
            }
            Self::Patch { seq, ack, operations } => {
                encode_patch_header(*seq, *ack, &mut frame);
                for operation in operations {
                    operation.encode(&mut frame);
                }
            }
            Self::Ack { ack } => {
                frame.push(ACK);
                put_number(*ack, &mut frame);
            }
            Self::Heartbeat => frame.push(HEARTBEAT),
        }
        frame
    }
}

/// Appends what comes before the operations of a patch, which a [`PatchWriter`](crate::patch::PatchWriter) then appends.
pub fn encode_patch_header(seq: u64, ack: u64, into: &mut Vec<u8>) {
    into.push(PATCH);
    put_number(seq, into);
    put_number(ack, into);
}
