//! [`ClientMessage`]: what the client sends.

use super::{
    DecodeError,
    wire::{Reader, put_indexes, put_number, put_string},
};

const JOIN: u8 = 1;
const EVENT: u8 = 2;
const ACK: u8 = 3;

/// What the client sends.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(any(test, feature = "testing"), derive(serde::Serialize, serde::Deserialize), serde(tag = "kind", rename_all = "lowercase"))]
pub enum ClientMessage {
    /// The first frame of every connection.
    Join {
        /// The protocol version that the client speaks.
        version: u64,
        /// The newest token that it was given.
        token: String,
        /// The last patch that it applied; 0 is the page as it was loaded.
        applied: u64,
        /// The token of the page, where that shows another session than the one of `token`: it was loaded again, and would go on with what
        /// it showed before. Empty otherwise.
        page: String,
    },
    /// A person did something.
    Event {
        /// Counts 1, 2, 3… for the life of the session.
        seq: u64,
        /// The last patch applied when the person acted.
        seen: u64,
        /// The component that rendered the handler.
        component: u64,
        /// The handler: eight characters of `A-Za-z0-9_-`.
        #[cfg_attr(any(test, feature = "testing"), serde(with = "super::describe::handler"))]
        handler: [u8; 8],
        /// Empty or `application/x-www-form-urlencoded` text.
        payload: String,
    },
    /// Patches were applied.
    Ack {
        /// The last patch applied.
        seen: u64,
        /// The components whose look-up or check failed.
        failed: Vec<u32>,
    },
}

impl ClientMessage {
    /// Reads a frame.
    ///
    /// # Errors
    /// When it is malformed.
    pub fn decode(frame: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(frame);
        let message = match reader.byte("a frame kind")? {
            JOIN => Self::Join {
                version: reader.number("a version")?,
                token: reader.string("a token")?,
                applied: reader.number("applied")?,
                page: reader.string("the token of the page")?,
            },
            EVENT => Self::Event {
                seq: reader.number("the number of the event")?,
                seen: reader.number("seen")?,
                component: reader.number("a component")?,
                handler: handler(&mut reader)?,
                payload: reader.rest("a payload")?,
            },
            ACK => Self::Ack { seen: reader.number("seen")?, failed: reader.indexes("failed components")? },
            got => {
                return Err(DecodeError::Byte { offset: 0, expected: "a frame kind of 1 to 3", got });
            }
        };
        reader.end()?;
        Ok(message)
    }

    /// Writes a frame. The characters of a handler are written as they are.
    #[allow(dead_code, reason = "the client's half; tests and load generators have use for it")]
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut frame = Vec::new();
        match self {
            Self::Join { version, token, applied, page } => {
                frame.push(JOIN);
                put_number(*version, &mut frame);
                put_string(token, &mut frame);
                put_number(*applied, &mut frame);
                put_string(page, &mut frame);
            }
            Self::Event { seq, seen, component, handler, payload } => {
                frame.push(EVENT);
                put_number(*seq, &mut frame);
                put_number(*seen, &mut frame);
                put_number(*component, &mut frame);
                frame.extend_from_slice(handler);
                frame.extend_from_slice(payload.as_bytes());
            }
            Self::Ack { seen, failed } => {
                frame.push(ACK);
                put_number(*seen, &mut frame);
                put_indexes(failed, &mut frame);
            }
        }
        frame
    }
}

fn handler(reader: &mut Reader<'_>) -> Result<[u8; 8], DecodeError> {
    let start = reader.offset();
    let handler: [u8; 8] = reader.bytes("a handler of 8 characters")?;
    match (start..).zip(handler).find(|(_, byte)| !matches!(byte, b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-')) {
        Some((offset, got)) => Err(DecodeError::Byte { offset, expected: "a handler character of `A-Za-z0-9_-`", got }),
        None => Ok(handler),
    }
}
