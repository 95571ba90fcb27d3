//! [`Outbox`]: the patches that the client has not acknowledged.

use std::collections::VecDeque;

use bytes::Bytes;

/// Numbers patches and keeps them until they are acknowledged, for a client that comes back.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    seq: u64,
    acked: u64,
    frames: VecDeque<Bytes>,
    bytes: usize,
}

impl Outbox {
    /// The newest patch.
    pub(crate) fn seq(&self) -> u64 {
        self.seq
    }

    /// The newest patch that the client has shown.
    pub(crate) fn acked(&self) -> u64 {
        self.acked
    }

    /// Whether a further patch has room within these bounds.
    pub(crate) fn has_room(&self, max_patches: usize, max_bytes: usize) -> bool {
        self.frames.len() < max_patches && self.bytes < max_bytes
    }

    /// Keeps the next patch, which was encoded with the number `seq() + 1`.
    pub(crate) fn push(&mut self, frame: Bytes) {
        self.seq += 1;
        self.bytes += frame.len();
        self.frames.push_back(frame);
    }

    /// Forgets up to patch `acked`. `false` for a patch that was never made.
    pub(crate) fn ack(&mut self, acked: u64) -> bool {
        if acked > self.seq {
            return false;
        }
        while self.acked < acked {
            self.acked += 1;
            if let Some(frame) = self.frames.pop_front() {
                self.bytes -= frame.len();
            }
        }
        true
    }

    /// The patches after `applied`, oldest first; `None` when some of them are gone.
    pub(crate) fn after(&self, applied: u64) -> Option<impl Iterator<Item = &Bytes>> {
        if applied < self.acked || applied > self.seq {
            return None;
        }
        Some(self.frames.iter().skip(usize::try_from(applied - self.acked).ok()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outbox(n_patches: u8) -> Outbox {
        let mut outbox = Outbox::default();
        for patch in 1..=n_patches {
            outbox.push(Bytes::copy_from_slice(&[patch]));
        }
        outbox
    }

    #[test]
    fn a_client_that_comes_back_gets_what_it_missed() {
        let mut outbox = outbox(5);
        assert!(outbox.ack(2));
        let missed: Vec<_> = outbox.after(3).unwrap().map(|frame| frame[0]).collect();
        assert_eq!(missed, [4, 5]);
        assert!(outbox.after(5).unwrap().next().is_none());
    }

    #[test]
    fn a_client_that_is_too_far_behind_or_ahead_gets_none() {
        let mut outbox = outbox(5);
        outbox.ack(4);
        assert!(outbox.after(3).is_none());
        assert!(outbox.after(6).is_none());
    }

    #[test]
    fn an_ack_for_a_patch_that_was_never_made_is_refused() {
        let mut outbox = outbox(2);
        assert!(!outbox.ack(3));
        assert!(outbox.ack(2));
        assert!(outbox.ack(1), "an old ack is no news and no fault");
        assert_eq!(outbox.acked(), 2);
    }

    #[test]
    fn acknowledged_bytes_make_room() {
        let mut outbox = outbox(3);
        assert!(!outbox.has_room(3, 100));
        assert!(!outbox.has_room(100, 3));
        outbox.ack(1);
        assert!(outbox.has_room(3, 3));
    }
}
