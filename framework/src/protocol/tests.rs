//! The golden frames, and what holds for every frame.

use proptest::{collection::vec, prelude::*};
use serde_json::Value;

use super::{
    ClientMessage, DecodeError, ServerMessage,
    describe::{client_from_json, client_to_json, server_from_json, server_to_json},
    encode_patch_header,
    wire::{LARGEST_NUMBER, Reader, put_number, put_string},
};
use crate::patch::tests::any_operation;

const FRAMES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/protocol/frames.json");

struct Golden {
    name: String,
    from_client: bool,
    frame: Vec<u8>,
    /// `None` when the frame is malformed.
    message: Option<Value>,
}

fn golden() -> Vec<Golden> {
    let frames: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(FRAMES).unwrap()).unwrap();
    assert!(!frames.is_empty());
    let golden = |frame: Value| {
        let message = frame.get("message").cloned();
        assert_eq!(message.is_none(), frame["error"] == true, "{frame}: a frame has a message or is malformed");
        let from = frame["from"].as_str().unwrap();
        assert!(["client", "server"].contains(&from), "{frame}");
        Golden {
            name: frame["name"].as_str().unwrap().to_owned(),
            from_client: from == "client",
            frame: unhex(frame["hex"].as_str().unwrap()),
            message,
        }
    };
    frames.into_iter().map(golden).collect()
}

fn unhex(hex: &str) -> Vec<u8> {
    assert!(hex.len().is_multiple_of(2), "{hex}");
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

#[test]
fn golden_frames_decode_to_their_messages() {
    for Golden { name, from_client, frame, message } in golden() {
        let Some(message) = message else { continue };
        if from_client {
            let decoded = ClientMessage::decode(&frame).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(client_to_json(&decoded), message, "{name}");
            assert_eq!(client_from_json(&message).unwrap(), decoded, "{name}");
        } else {
            let decoded = ServerMessage::decode(&frame).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(server_to_json(&decoded), message, "{name}");
            assert_eq!(server_from_json(&message).unwrap(), decoded, "{name}");
        }
    }
}

#[test]
fn golden_messages_encode_to_their_frames() {
    for Golden { name, from_client, frame, message } in golden() {
        let Some(message) = message else { continue };
        // There is more than one way to deflate; that ours is right has tests beside it.
        if frame.first() == Some(&5) {
            continue;
        }
        let encoded = if from_client { client_from_json(&message).unwrap().encode() } else { server_from_json(&message).unwrap().encode() };
        assert_eq!(encoded, frame, "{name}");
    }
}

#[test]
fn malformed_golden_frames_are_errors() {
    for Golden { name, from_client, frame, message } in golden() {
        if message.is_some() {
            continue;
        }
        let decoded = if from_client { ClientMessage::decode(&frame).map(drop) } else { ServerMessage::decode(&frame).map(drop) };
        let error = decoded.expect_err(&name).to_string();
        assert!(error.contains("byte ") && error.contains("expected ") && error.contains("got "), "{name}: {error}");
    }
}

#[test]
fn errors_say_what_was_expected_and_what_came_where() {
    let cases: [(&[u8], &str); 9] = [
        (&[], "byte 0: expected a frame kind, got the end of the frame"),
        (&[9], "byte 0: expected a frame kind of 1 to 3, got 0x09"),
        (&[1, 1, 3, b'a'], "byte 3: expected a token of 3 bytes, got 1 before the end of the frame"),
        (&[1, 1, 2, b'a', 0xff, 0], "byte 4: expected a token in UTF-8, got an invalid sequence"),
        (&[3, 0x85, 0], "byte 1: expected seen in its shortest form, got 5 padded to 2 bytes"),
        (
            &[3, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1],
            "byte 1: expected seen in at most 8 bytes, got a number that goes on after them",
        ),
        (&[3, 1, 0, 7, 7], "byte 3: expected the end of the frame, got 2 more bytes"),
        (&[2, 1, 0, 0, b'A', b'A', b'A', b'+', b'A', b'A', b'A', b'A'], "byte 7: expected a handler character of `A-Za-z0-9_-`, got 0x2b"),
        (&[3, 0, 1, 0x80, 0x80, 0x80, 0x80, 0x10], "byte 3: expected failed components of at most 4294967295, got 4294967296"),
    ];
    for (frame, expected) in cases {
        assert_eq!(ClientMessage::decode(frame).unwrap_err().to_string(), expected, "{frame:?}");
    }
}

#[test]
fn a_claimed_length_reserves_no_memory() {
    for frame in [[3, 0].as_slice(), &[1, 1]] {
        let mut frame = frame.to_vec();
        put_number(LARGEST_NUMBER, &mut frame);
        assert!(matches!(ClientMessage::decode(&frame), Err(DecodeError::End { .. } | DecodeError::Cut { .. })));
    }
}

#[test]
fn numbers_take_as_many_bytes_as_they_need() {
    for (number, length) in [(0, 1), (127, 1), (128, 2), (16_383, 2), (16_384, 3), ((1 << 49) - 1, 7), (1 << 49, 8), (LARGEST_NUMBER, 8)] {
        let mut bytes = Vec::new();
        put_number(number, &mut bytes);
        assert_eq!(bytes.len(), length, "{number}");
    }
}

#[test]
fn a_number_too_large_is_written_as_the_largest() {
    let frame = ServerMessage::Ack { ack: u64::MAX }.encode();
    assert_eq!(ServerMessage::decode(&frame), Ok(ServerMessage::Ack { ack: LARGEST_NUMBER }));
}

#[test]
fn a_header_alone_is_a_patch_without_operations() {
    let mut frame = Vec::new();
    encode_patch_header(300, 7, &mut frame);
    assert_eq!(ServerMessage::decode(&frame), Ok(ServerMessage::Patch { seq: 300, ack: 7, operations: Vec::new() }));
}

#[test]
fn json_that_describes_no_message_is_an_error() {
    for json in [r#"{"kind":"shout"}"#, r#"{"kind":"join"}"#, "[]", "null"] {
        let value: Value = serde_json::from_str(json).unwrap();
        assert!(client_from_json(&value).is_err(), "{json}");
        assert!(server_from_json(&value).is_err(), "{json}");
    }
    let event = r#"{"kind":"event","seq":1,"seen":0,"component":0,"handler":"short","payload":""}"#;
    assert!(client_from_json(&serde_json::from_str(event).unwrap()).is_err());
}

/// Every magnitude is as likely as every other, so that each length comes up.
fn any_number() -> impl Strategy<Value = u64> {
    (any::<u64>(), 11..64_u32).prop_map(|(number, shift)| number >> shift)
}

fn any_handler() -> impl Strategy<Value = [u8; 8]> {
    "[A-Za-z0-9_-]{8}".prop_map(|text| text.as_bytes().try_into().unwrap())
}

fn any_client_message() -> impl Strategy<Value = ClientMessage> {
    prop_oneof![
        (any_number(), any::<String>(), any_number(), any::<String>()).prop_map(|(version, token, applied, page)| ClientMessage::Join {
            version,
            token,
            applied,
            page
        }),
        (any_number(), any_number(), any_number(), any_handler(), any::<String>())
            .prop_map(|(seq, seen, component, handler, payload)| ClientMessage::Event { seq, seen, component, handler, payload }),
        (any_number(), vec(any::<u32>(), 0..20)).prop_map(|(seen, failed)| ClientMessage::Ack { seen, failed }),
    ]
}

fn any_server_message() -> impl Strategy<Value = ServerMessage> {
    prop_oneof![
        (any_number(), any_number(), any_number(), any::<String>(), any_number())
            .prop_map(|(version, ack, seq, token, heartbeat_ms)| ServerMessage::Joined { version, ack, seq, token, heartbeat_ms }),
        (any_number(), any_number(), vec(any_operation(), 0..20)).prop_map(|(seq, ack, operations)| ServerMessage::Patch {
            seq,
            ack,
            operations
        }),
        any_number().prop_map(|ack| ServerMessage::Ack { ack }),
        Just(ServerMessage::Heartbeat),
    ]
}

/// Bytes that look like a frame for a while: random ones alone end at their second field.
fn nearly_a_frame() -> impl Strategy<Value = Vec<u8>> {
    let frame =
        prop_oneof![any_client_message().prop_map(|message| message.encode()), any_server_message().prop_map(|message| message.encode())];
    (frame, vec((any::<prop::sample::Index>(), any::<u8>()), 0..4), any::<prop::sample::Index>()).prop_map(|(mut frame, changes, end)| {
        for (at, byte) in changes {
            let at = at.index(frame.len());
            frame[at] = byte;
        }
        if end.index(2) == 0 {
            frame.truncate(end.index(frame.len() + 1));
        }
        frame
    })
}

/// Whatever decodes is the one way to write that message.
fn decodes_or_not(frame: &[u8]) {
    if let Ok(message) = ClientMessage::decode(frame) {
        assert_eq!(message.encode(), frame);
    }
    if let Ok(message) = ServerMessage::decode(frame) {
        assert_eq!(message.encode(), frame);
    }
}

proptest! {
    #[test]
    fn client_messages_survive_the_wire_and_json(message in any_client_message()) {
        prop_assert_eq!(ClientMessage::decode(&message.encode()), Ok(message.clone()));
        prop_assert_eq!(client_from_json(&client_to_json(&message)).unwrap(), message);
    }

    #[test]
    fn server_messages_survive_the_wire_and_json(message in any_server_message()) {
        prop_assert_eq!(ServerMessage::decode(&message.encode()), Ok(message.clone()));
        prop_assert_eq!(server_from_json(&server_to_json(&message)).unwrap(), message);
    }

    #[test]
    fn no_bytes_panic(frame in vec(any::<u8>(), 0..200)) {
        decodes_or_not(&frame);
    }

    #[test]
    fn no_bytes_that_begin_as_a_frame_panic(frame in nearly_a_frame()) {
        decodes_or_not(&frame);
    }

    #[test]
    fn a_client_frame_cut_short_is_an_error(message in any_client_message(), end in any::<prop::sample::Index>()) {
        let frame = message.encode();
        let cut = &frame[..end.index(frame.len())];
        // The payload of an event is whatever is left: only there a shorter frame is a frame too.
        if let Ok(decoded) = ClientMessage::decode(cut) {
            let is_event = matches!(decoded, ClientMessage::Event { .. });
            prop_assert!(is_event);
        }
    }

    #[test]
    fn fields_are_read_as_they_were_written(number in any_number(), text in any::<String>(), index in any::<u32>()) {
        let mut bytes = Vec::new();
        put_number(number, &mut bytes);
        put_string(&text, &mut bytes);
        put_number(u64::from(index), &mut bytes);
        let mut reader = Reader::new(&bytes);
        prop_assert_eq!(reader.number("a number"), Ok(number));
        prop_assert_eq!(reader.string("text"), Ok(text));
        prop_assert_eq!(reader.index("an index"), Ok(index));
        prop_assert_eq!(reader.offset(), bytes.len());
        prop_assert_eq!(reader.end(), Ok(()));
    }
}
