//! WebSocket frames (RFC 6455, section 5): bytes to messages and back, as a server sees them. Pure.
//!
//! Our own, and no library's, since it is half of what an event costs: a library that reads for itself keeps a buffer in every
//! connection, clears it before each read, and can't give it back when the connection is idle. Here bytes that came are
//! looked at where they are, and a connection holds none between frames.

use bytes::Bytes;

/// With nothing left to read, more memory than this is given back.
const KEPT_BYTES: usize = 256;

/// The most that a control frame may carry.
const MAX_CONTROL_BYTES: usize = 125;

/// What came.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Message {
    Binary(Bytes),
    /// Text, which we have no use for; not even looked at.
    Text,
    /// To be answered with a pong that carries the same.
    Ping(Bytes),
    Pong,
    /// The code that the other side closes with, in its two bytes; or nothing.
    Close(Bytes),
}

/// Why the stream can't be read any further.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    TooLarge,
    Malformed,
}

/// The kinds of frames.
mod opcode {
    pub(super) const CONTINUATION: u8 = 0;
    pub(super) const TEXT: u8 = 1;
    pub(super) const BINARY: u8 = 2;
    pub(super) const CLOSE: u8 = 8;
    pub(super) const PING: u8 = 9;
    pub(super) const PONG: u8 = 10;
}

/// What stands before a frame's payload.
struct Header {
    is_last: bool,
    opcode: u8,
    mask: [u8; 4],
    n_bytes: usize,
}

/// Puts messages together from bytes as they come, in pieces of any size.
#[derive(Debug, Default)]
pub(super) struct Messages {
    /// What came behind the last whole frame, from `start` on.
    input: Vec<u8>,
    start: usize,
    /// The fragments of a message whose last one has not come, and whether it is binary.
    fragments: Option<(Vec<u8>, bool)>,
}

impl Messages {
    /// The next message in what came before.
    pub(super) fn next(&mut self, max_bytes: usize) -> Result<Option<Message>, Fault> {
        if self.start == self.input.len() {
            return Ok(None);
        }
        let mut input = std::mem::take(&mut self.input);
        let taken = input.get_mut(self.start..).map_or(Ok((0, None)), |rest| self.messages(rest, max_bytes));
        self.input = input;
        let (n_bytes, message) = taken?;
        self.start += n_bytes;
        if self.start == self.input.len() {
            self.start = 0;
            self.input.clear();
            self.input.shrink_to(KEPT_BYTES);
        }
        Ok(message)
    }

    /// Takes bytes that came, once [`Self::next`] has none; gives the first message that is whole now.
    pub(super) fn take(&mut self, bytes: &mut [u8], max_bytes: usize) -> Result<Option<Message>, Fault> {
        if self.input.is_empty() {
            // Nearly always: a whole frame at once, and nothing else.
            let (n_bytes, message) = self.messages(bytes, max_bytes)?;
            self.input.extend_from_slice(bytes.get(n_bytes..).unwrap_or_default());
            return Ok(message);
        }
        self.input.drain(..self.start);
        self.start = 0;
        self.input.extend_from_slice(bytes);
        self.next(max_bytes)
    }

    /// Gives back memory that is not needed now.
    pub(super) fn shrink(&mut self) {
        self.input.shrink_to_fit();
    }

    /// The first message in these bytes, and how many of them are done with.
    fn messages(&mut self, bytes: &mut [u8], max_bytes: usize) -> Result<(usize, Option<Message>), Fault> {
        let mut n_done = 0;
        while let Some(rest) = bytes.get_mut(n_done..).filter(|rest| !rest.is_empty()) {
            let Some((header, n_bytes)) = Header::read(rest)? else { break };
            header.check(self.fragments.as_ref().map_or(0, |(fragments, _)| fragments.len()), max_bytes)?;
            let Some(payload) = rest.get_mut(n_bytes..n_bytes + header.n_bytes) else { break };
            unmask(payload, header.mask);
            n_done += n_bytes + header.n_bytes;
            if let Some(message) = self.message(&header, payload)? {
                return Ok((n_done, Some(message)));
            }
        }
        Ok((n_done, None))
    }

    fn message(&mut self, header: &Header, payload: &[u8]) -> Result<Option<Message>, Fault> {
        let whole = |payload: &[u8], is_binary| if is_binary { Message::Binary(Bytes::copy_from_slice(payload)) } else { Message::Text };
        let message = match (header.opcode, &mut self.fragments) {
            (opcode::CLOSE, _) => Message::Close(Bytes::copy_from_slice(payload)),
            (opcode::PING, _) => Message::Ping(Bytes::copy_from_slice(payload)),
            (opcode::PONG, _) => Message::Pong,
            (opcode::TEXT | opcode::BINARY, None) => {
                let is_binary = header.opcode == opcode::BINARY;
                if !header.is_last {
                    self.fragments = Some((payload.to_vec(), is_binary));
                    return Ok(None);
                }
                whole(payload, is_binary)
            }
            (opcode::CONTINUATION, Some((fragments, is_binary))) => {
                fragments.extend_from_slice(payload);
                if !header.is_last {
                    return Ok(None);
                }
                let message = whole(fragments, *is_binary);
                self.fragments = None;
                message
            }
            // A continuation of nothing, a message in the middle of another, or a kind that nobody has defined.
            _ => return Err(Fault::Malformed),
        };
        Ok(Some(message))
    }
}

impl Header {
    /// The header that these bytes begin with, and its length; `None` while it is not whole.
    fn read(bytes: &[u8]) -> Result<Option<(Self, usize)>, Fault> {
        let &[first, second, ref rest @ ..] = bytes else { return Ok(None) };
        // Nothing was agreed on that would use the reserved bits, and what a client sends is masked.
        if first & 0x70 != 0 || second & 0x80 == 0 {
            return Err(Fault::Malformed);
        }
        let (n_bytes, rest) = match second & 0x7f {
            126 => match rest {
                [a, b, rest @ ..] => (u64::from(u16::from_be_bytes([*a, *b])), rest),
                _ => return Ok(None),
            },
            127 => match rest.split_first_chunk::<8>() {
                Some((length, rest)) => (u64::from_be_bytes(*length), rest),
                None => return Ok(None),
            },
            short => (u64::from(short), rest),
        };
        let Some((mask, payload)) = rest.split_first_chunk::<4>() else { return Ok(None) };
        let n_bytes = usize::try_from(n_bytes).map_err(|_| Fault::TooLarge)?;
        let header = Self { is_last: first & 0x80 != 0, opcode: first & 0x0f, mask: *mask, n_bytes };
        Ok(Some((header, bytes.len() - payload.len())))
    }

    /// Whether the frame may follow what came of a message so far.
    fn check(&self, n_before: usize, max_bytes: usize) -> Result<(), Fault> {
        let is_control = self.opcode >= opcode::CLOSE;
        if is_control && (!self.is_last || self.n_bytes > MAX_CONTROL_BYTES) {
            return Err(Fault::Malformed);
        }
        if !is_control && self.n_bytes > max_bytes.saturating_sub(n_before) {
            return Err(Fault::TooLarge);
        }
        Ok(())
    }
}

fn unmask(payload: &mut [u8], mask: [u8; 4]) {
    let (words, rest) = payload.as_chunks_mut::<4>();
    for word in words {
        *word = (u32::from_ne_bytes(*word) ^ u32::from_ne_bytes(mask)).to_ne_bytes();
    }
    for (byte, mask) in rest.iter_mut().zip(mask) {
        *byte ^= mask;
    }
}

/// Appends a binary message in one frame.
pub(super) fn put_binary(payload: &[u8], into: &mut Vec<u8>) {
    put(opcode::BINARY, payload, into);
}

/// Appends the answer to a ping.
pub(super) fn put_pong(payload: &[u8], into: &mut Vec<u8>) {
    put(opcode::PONG, payload, into);
}

/// Appends the last frame of a connection. A reason that is too long for it is cut.
pub(super) fn put_close(code: &[u8], reason: &str, into: &mut Vec<u8>) {
    let length = (0..=reason.len().min(MAX_CONTROL_BYTES - 2)).rev().find(|length| reason.is_char_boundary(*length));
    let reason = reason.get(..length.unwrap_or_default()).unwrap_or_default();
    put(opcode::CLOSE, &[code, reason.as_bytes()].concat(), into);
}

fn put(opcode: u8, payload: &[u8], into: &mut Vec<u8>) {
    into.push(0x80 | opcode);
    match (u8::try_from(payload.len()), u16::try_from(payload.len())) {
        (Ok(length @ ..126), _) => into.push(length),
        (_, Ok(length)) => {
            into.push(126);
            into.extend_from_slice(&length.to_be_bytes());
        }
        _ => {
            into.push(127);
            into.extend_from_slice(&(payload.len() as u64).to_be_bytes());
        }
    }
    into.extend_from_slice(payload);
}

#[cfg(test)]
mod tests;
