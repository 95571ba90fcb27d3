use proptest::{collection::vec, prelude::*};

use super::*;

const MAX: usize = 70_000;

/// A frame as a client sends it.
fn masked(first: u8, payload: &[u8], mask: [u8; 4]) -> Vec<u8> {
    let mut frame = Vec::new();
    put(0, payload, &mut frame);
    let payload_start = frame.len() - payload.len();
    frame[0] = first;
    frame[1] |= 0x80;
    frame.splice(payload_start..payload_start, mask);
    frame[payload_start + 4..].iter_mut().zip(mask.into_iter().cycle()).for_each(|(byte, mask)| *byte ^= mask);
    frame
}

/// All messages in a stream that comes in pieces of these lengths, the last one again and again.
fn read(stream: &[u8], pieces: &[usize], max: usize) -> Result<Vec<Message>, Fault> {
    let (mut messages, mut found, mut rest) = (Messages::default(), Vec::new(), stream);
    let mut pieces = pieces.iter().copied().chain(std::iter::repeat(pieces.last().copied().unwrap_or(usize::MAX)));
    loop {
        while let Some(message) = messages.next(max)? {
            found.push(message);
        }
        if rest.is_empty() {
            return Ok(found);
        }
        let (piece, after) = rest.split_at(pieces.next().unwrap_or(1).clamp(1, rest.len()));
        rest = after;
        found.extend(messages.take(&mut piece.to_vec(), max)?);
    }
}

fn binary(payload: &[u8]) -> Message {
    Message::Binary(Bytes::copy_from_slice(payload))
}

#[test]
fn frames_of_every_length_are_read_in_whatever_pieces_they_come() {
    for n_bytes in [0, 1, 3, 4, 5, 125, 126, 127, 1_000, 65_535, 65_536, MAX] {
        let payload: Vec<u8> = (0..n_bytes).map(|at| u8::try_from(at % 251).unwrap()).collect();
        let frame = masked(0x82, &payload, [1, 2, 3, 255]);
        for piece in [1, 2, 7, 1_000, usize::MAX].into_iter().filter(|piece| n_bytes < 2_000 || *piece > 2) {
            assert_eq!(read(&frame, &[piece], MAX), Ok(vec![binary(&payload)]), "{n_bytes} bytes by {piece}");
        }
    }
}

#[test]
fn fragments_make_one_message_and_control_frames_come_between_them() {
    let mask = [9, 8, 7, 6];
    let stream = [
        masked(0x02, b"one ", mask),
        masked(0x89, b"are you there", mask),
        masked(0x00, b"two ", mask),
        masked(0x8a, b"", mask),
        masked(0x80, b"three", mask),
        masked(0x01, b"text", mask),
        masked(0x80, b"", mask),
        masked(0x88, &[0x0f, 0xa0], mask),
    ]
    .concat();
    let ping = Message::Ping(Bytes::from_static(b"are you there"));
    let close = Message::Close(Bytes::from_static(&[0x0f, 0xa0]));
    let expected = vec![ping, Message::Pong, binary(b"one two three"), Message::Text, close];
    for piece in 1..40 {
        assert_eq!(read(&stream, &[piece], MAX).as_ref(), Ok(&expected), "by {piece}");
    }
}

#[test]
fn what_a_client_may_not_send_is_a_fault() {
    let mask = [1, 2, 3, 4];
    let cases = [
        ("not masked", vec![0x82, 1, b'x'], Fault::Malformed),
        ("a reserved bit", masked(0xc2, b"x", mask), Fault::Malformed),
        ("an unknown kind", masked(0x83, b"x", mask), Fault::Malformed),
        ("an unknown control", masked(0x8b, b"x", mask), Fault::Malformed),
        ("a control in pieces", masked(0x09, b"x", mask), Fault::Malformed),
        ("a long control", masked(0x89, &[0; 126], mask), Fault::Malformed),
        ("a continuation of nothing", masked(0x80, b"x", mask), Fault::Malformed),
        ("a message in another", [masked(0x02, b"x", mask), masked(0x82, b"y", mask)].concat(), Fault::Malformed),
        ("too much", masked(0x82, &[0; 101], mask), Fault::TooLarge),
        ("too much in pieces", [masked(0x02, &[0; 60], mask), masked(0x80, &[0; 41], mask)].concat(), Fault::TooLarge),
        ("a length beyond all memory", [&[0x82, 0xff][..], &[0xff; 8], &mask].concat(), Fault::TooLarge),
    ];
    for (what, stream, fault) in cases {
        for piece in [1, 3, usize::MAX] {
            assert_eq!(read(&stream, &[piece], 100), Err(fault), "{what} by {piece}");
        }
    }
    let most = [masked(0x02, &[0; 60], mask), masked(0x80, &[0; 40], mask)].concat();
    assert_eq!(read(&most, &[5], 100), Ok(vec![binary(&[0; 100])]));
}

#[test]
fn a_length_that_is_announced_takes_no_memory_before_it_comes() {
    let mut messages = Messages::default();
    assert_eq!(messages.take(&mut [0x82, 0xff, 0, 0, 0, 0, 0, 1, 0, 0, 1, 2, 3, 4, 5], MAX), Ok(None));
    assert!(messages.input.capacity() < 100);
}

#[test]
fn memory_for_a_large_message_is_given_back() {
    let (mut messages, payload) = (Messages::default(), vec![7; 60_000]);
    let frame = masked(0x82, &payload, [1, 2, 3, 4]);
    let (first, second) = frame.split_at(30_000);
    assert_eq!(messages.take(&mut first.to_vec(), MAX), Ok(None));
    assert_eq!(messages.take(&mut second.to_vec(), MAX), Ok(Some(binary(&payload))));
    assert!(messages.input.capacity() <= KEPT_BYTES);
}

#[test]
fn a_server_s_frames_say_how_long_they_are() {
    for (n_bytes, header) in
        [(0, &[0x82, 0][..]), (125, &[0x82, 125]), (126, &[0x82, 126, 0, 126]), (65_536, &[0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0])]
    {
        let mut frame = Vec::new();
        put_binary(&vec![5; n_bytes], &mut frame);
        assert_eq!(frame, [header, &vec![5; n_bytes]].concat());
    }
    let mut frame = Vec::new();
    put_close(&4_400_u16.to_be_bytes(), &"ą".repeat(100), &mut frame);
    assert_eq!(frame[..4], [0x88, 2 + 122, 0x11, 0x30]);
    assert_eq!(std::str::from_utf8(&frame[4..]), Ok(&*"ą".repeat(61)));
}

proptest! {
    #[test]
    fn no_bytes_whatever_panic_or_pile_up(stream in vec(any::<u8>(), 0..400), pieces in vec(1_usize..50, 1..10)) {
        let _ = read(&stream, &pieces, 100);
    }

    #[test]
    fn messages_come_as_they_were_sent(
        sent in vec((vec(vec(any::<u8>(), 0..200), 1..4), any::<[u8; 4]>()), 0..8),
        pieces in vec(1_usize..300, 1..20),
    ) {
        let mut stream = Vec::new();
        for (fragments, mask) in &sent {
            for (index, fragment) in fragments.iter().enumerate() {
                let last = if index + 1 == fragments.len() { 0x80 } else { 0 };
                let kind = if index == 0 { opcode::BINARY } else { opcode::CONTINUATION };
                stream.extend(masked(last | kind, fragment, *mask));
            }
        }
        let expected = sent.iter().map(|(fragments, _)| binary(&fragments.concat())).collect();
        prop_assert_eq!(read(&stream, &pieces, MAX), Ok(expected));
    }
}
