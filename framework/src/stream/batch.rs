//! [`Batch`]: the frames that a client sends in one request.

use bytes::Bytes;

use crate::{protocol::wire::Reader, session::Incoming};

/// Bytes that a batch of several frames has at most; a longer one has one frame.
pub(super) const BATCH_BYTES: usize = 16 * 1024;
/// What stands before a frame, at most.
const LENGTH_BYTES: usize = 8;

/// Frames, each behind its length as a varint. Read one by one, when the session asks for the next.
#[derive(Debug, Default)]
pub(super) struct Batch {
    rest: Bytes,
}

impl Batch {
    pub(super) fn new(bytes: Bytes) -> Self {
        Self { rest: bytes }
    }

    /// The bytes that a batch may have, where a frame may have this many.
    pub(super) fn most(max_frame_bytes: usize) -> usize {
        BATCH_BYTES.max(max_frame_bytes.saturating_add(LENGTH_BYTES))
    }

    /// The next frame. Behind something that is none there is nothing more.
    pub(super) fn next(&mut self, max_frame_bytes: usize) -> Option<Incoming> {
        let bytes = std::mem::take(&mut self.rest);
        if bytes.is_empty() {
            return None;
        }
        let mut reader = Reader::new(&bytes);
        let Ok(length) = reader.number("the length of a frame") else { return Some(Incoming::Malformed) };
        let start = reader.offset();
        let Some(end) = usize::try_from(length).ok().filter(|&length| length <= max_frame_bytes).map(|length| start + length) else {
            return Some(Incoming::TooLarge);
        };
        if end > bytes.len() {
            return Some(Incoming::Malformed);
        }
        self.rest = bytes.slice(end..);
        Some(Incoming::Frame(bytes.slice(start..end)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_read_one_by_one_up_to_what_is_none() {
        let cases: &[(&[u8], &str)] = &[
            (b"", ""),
            (b"\x01a\x02bc", "a bc"),
            (b"\x00\x01a", " a"),
            (b"\x01a\x02b", "a malformed"),
            (b"\x01a\x80", "a malformed"),
            (b"\x01a\x81\x00", "a malformed"),
            (b"\x01a\x09bcdefghij\x01k", "a large"),
            (b"\xff\xff\xff\xff\xff\xff\xff\x0fa", "large"),
            (b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "malformed"),
        ];
        for (bytes, expected) in cases {
            let mut batch = Batch::new(Bytes::from_static(bytes));
            let frames = std::iter::from_fn(|| batch.next(8)).map(|incoming| match incoming {
                Incoming::Frame(frame) => String::from_utf8(frame.to_vec()).unwrap(),
                Incoming::TooLarge => "large".to_owned(),
                _ => "malformed".to_owned(),
            });
            assert_eq!(frames.collect::<Vec<_>>().join(" "), *expected, "{bytes:?}");
        }
    }
}
