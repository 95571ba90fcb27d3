//! [`Backlog`]: how much is unacknowledged in all sessions together.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::{Metrics, metric::Count};

/// Counted in blocks of this size, and rounded down: what a session has below that is free. So nearly all sessions share nothing here, and one
/// that has nothing unacknowledged always has room for a patch, however much others have.
pub(crate) const BLOCK_BYTES: usize = 4_096;

/// How much is unacknowledged in all sessions together.
#[derive(Debug, Default)]
pub(crate) struct Backlog {
    blocks: AtomicUsize,
}

/// The part of one session.
#[derive(Debug, Default)]
pub(crate) struct Share {
    blocks: usize,
}

impl Share {
    /// The session has this many bytes unacknowledged now.
    pub(crate) fn set(&mut self, n_bytes: usize, backlog: &Backlog, metrics: &Metrics) {
        let blocks = n_bytes / BLOCK_BYTES;
        if blocks > self.blocks {
            backlog.blocks.fetch_add(blocks - self.blocks, Ordering::Relaxed);
            metrics.add(Count::UnackedBlocks, blocks - self.blocks);
        } else if blocks < self.blocks {
            backlog.blocks.fetch_sub(self.blocks - blocks, Ordering::Relaxed);
            metrics.less(Count::UnackedBlocks, self.blocks - blocks);
        }
        self.blocks = blocks;
    }

    /// Whether the session may make a further patch.
    pub(crate) fn has_room(&self, backlog: &Backlog, max_bytes: usize) -> bool {
        self.blocks == 0 || backlog.blocks.load(Ordering::Relaxed) < max_bytes / BLOCK_BYTES
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_little_has_room_when_others_have_taken_all() {
        let (backlog, metrics) = (Backlog::default(), Metrics::default());
        let (mut much, mut little) = (Share::default(), Share::default());
        much.set(3 * BLOCK_BYTES + 7, &backlog, &metrics);
        little.set(BLOCK_BYTES - 1, &backlog, &metrics);
        assert!(!much.has_room(&backlog, 3 * BLOCK_BYTES) && little.has_room(&backlog, 3 * BLOCK_BYTES));
        assert!(much.has_room(&backlog, 4 * BLOCK_BYTES));
        assert_eq!(metrics.figures().unacked_bytes, 3 * BLOCK_BYTES as u64);
        much.set(BLOCK_BYTES, &backlog, &metrics);
        assert!(much.has_room(&backlog, 3 * BLOCK_BYTES));
        much.set(0, &backlog, &metrics);
        assert_eq!((backlog.blocks.load(Ordering::Relaxed), metrics.figures().unacked_bytes), (0, 0));
    }
}
