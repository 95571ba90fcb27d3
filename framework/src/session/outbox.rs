//! [`Outbox`]: the patches that the client has not acknowledged.

use std::collections::VecDeque;

/// With nothing left to keep, more memory than this is given back.
const KEPT_BYTES: usize = 1_024;

/// Numbers patches and keeps them until they are acknowledged, for a client that comes back.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    seq: u64,
    acked: u64,
    /// The frames one after the other, in memory that is used again and again: most patches are small and soon acknowledged.
    frames: Vec<u8>,
    /// Where in it the first frame that is not acknowledged begins, and the lengths of all from there on.
    start: usize,
    lengths: VecDeque<usize>,
}

impl Outbox {
    /// With these patches after `acked`, the last of which is `seq`.
    pub(crate) fn restored(seq: u64, acked: u64, patches: impl IntoIterator<Item = impl AsRef<[u8]>>) -> Self {
        let mut outbox = Self { seq: acked, acked, ..Self::default() };
        for patch in patches {
            outbox.push(patch.as_ref());
        }
        debug_assert_eq!(outbox.seq, seq, "each patch has the next number");
        outbox.seq = seq;
        outbox
    }

    /// The newest patch.
    pub(crate) fn seq(&self) -> u64 {
        self.seq
    }

    /// The newest patch that the client has shown.
    pub(crate) fn acked(&self) -> u64 {
        self.acked
    }

    /// The bytes of patches that are not acknowledged.
    pub(crate) fn n_bytes(&self) -> usize {
        self.frames.len() - self.start
    }

    /// Whether a further patch has room within these bounds.
    pub(crate) fn has_room(&self, max_patches: usize, max_bytes: usize) -> bool {
        self.lengths.len() < max_patches && self.n_bytes() < max_bytes
    }

    /// Keeps the next patch, which was encoded with the number `seq() + 1`.
    pub(crate) fn push(&mut self, frame: &[u8]) {
        self.seq += 1;
        self.frames.extend_from_slice(frame);
        self.lengths.push_back(frame.len());
    }

    /// Forgets up to patch `acked`. `false` for a patch that was never made.
    pub(crate) fn ack(&mut self, acked: u64) -> bool {
        if acked > self.seq {
            return false;
        }
        while self.acked < acked {
            self.acked += 1;
            self.start += self.lengths.pop_front().unwrap_or_default();
        }
        if self.lengths.is_empty() {
            self.frames.clear();
            self.start = 0;
            self.frames.shrink_to(KEPT_BYTES);
        } else if self.start > self.frames.len() / 2 {
            // Half of it at least goes, so each byte is moved once on average.
            self.frames.drain(..self.start);
            self.start = 0;
        }
        true
    }

    /// Goes on counting behind a patch that the client has shown and nobody knows any more, as if all up to it were acknowledged: a number is never
    /// that of two patches.
    pub(crate) fn skip_to(&mut self, seq: u64) {
        self.ack(self.seq);
        (self.seq, self.acked) = (self.seq.max(seq), self.acked.max(seq));
    }

    /// Whether every patch is acknowledged.
    pub(crate) fn is_empty(&self) -> bool {
        self.lengths.is_empty()
    }

    /// Gives back memory that is not needed now.
    pub(crate) fn shrink(&mut self) {
        self.frames.shrink_to_fit();
        self.lengths.shrink_to_fit();
    }

    /// The patches after `applied`, oldest first; `None` when some of them are gone.
    pub(crate) fn after(&self, applied: u64) -> Option<impl Iterator<Item = &[u8]>> {
        if applied < self.acked || applied > self.seq {
            return None;
        }
        let mut rest = self.frames.get(self.start..)?;
        let frames = self.lengths.iter().map_while(move |length| {
            let (frame, after) = rest.split_at_checked(*length)?;
            rest = after;
            Some(frame)
        });
        Some(frames.skip(usize::try_from(applied - self.acked).ok()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outbox(n_patches: u8) -> Outbox {
        let mut outbox = Outbox::default();
        for patch in 1..=n_patches {
            outbox.push(&[patch]);
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
    fn patches_of_any_length_come_back_as_they_were() {
        let frame = |patch: u64| vec![u8::try_from(patch % 251).unwrap(); usize::try_from(patch * 37 % 400).unwrap()];
        let mut outbox = Outbox::default();
        for patch in 1..=200 {
            outbox.push(&frame(patch));
            outbox.ack(patch.saturating_sub(patch % 23));
            let (acked, kept) = (outbox.acked(), outbox.after(outbox.acked()).unwrap());
            assert!(kept.zip(acked + 1..=patch).all(|(kept, number)| kept == frame(number)), "after {patch}");
        }
        outbox.ack(200);
        assert!(outbox.frames.capacity() <= KEPT_BYTES, "memory for what was acknowledged is given back");
    }

    #[test]
    fn acknowledged_bytes_make_room() {
        let mut outbox = outbox(3);
        assert!(!outbox.has_room(3, 100));
        assert!(!outbox.has_room(100, 3));
        outbox.ack(1);
        assert!(outbox.has_room(3, 3));
    }

    #[test]
    fn a_number_is_not_used_again() {
        let mut outbox = outbox(2);
        outbox.skip_to(7);
        assert_eq!((outbox.seq(), outbox.acked(), outbox.n_bytes()), (7, 7, 0));
        outbox.push(&[8]);
        assert_eq!(outbox.after(7).map(|frames| frames.map(<[u8]>::to_vec).collect()), Some(vec![vec![8]]));
        assert!(outbox.after(2).is_none());
        outbox.skip_to(3);
        assert_eq!((outbox.seq(), outbox.acked()), (8, 8));
    }
}
