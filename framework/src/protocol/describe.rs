//! Messages as JSON, in the form of `tests/protocol/frames.json`.

use serde_json::Value;

use super::{ClientMessage, ServerMessage};

/// The message as JSON.
#[must_use]
pub fn client_to_json(message: &ClientMessage) -> Value {
    // Only maps with other keys than strings fail, and there are none.
    serde_json::to_value(message).unwrap_or_default()
}

/// The message as JSON.
#[must_use]
pub fn server_to_json(message: &ServerMessage) -> Value {
    serde_json::to_value(message).unwrap_or_default()
}

/// The message that the JSON describes.
///
/// # Errors
/// When it describes none.
pub fn client_from_json(value: &Value) -> serde_json::Result<ClientMessage> {
    serde::Deserialize::deserialize(value)
}

/// The message that the JSON describes.
///
/// # Errors
/// When it describes none.
pub fn server_from_json(value: &Value) -> serde_json::Result<ServerMessage> {
    serde::Deserialize::deserialize(value)
}

/// A handler is text in JSON.
pub(super) mod handler {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    #[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
    pub(in super::super) fn serialize<S: Serializer>(handler: &[u8; 8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&String::from_utf8_lossy(handler))
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[u8; 8], D::Error> {
        let text = String::deserialize(deserializer)?;
        text.as_bytes().try_into().map_err(|_| D::Error::invalid_length(text.len(), &"a handler of 8 characters"))
    }
}
