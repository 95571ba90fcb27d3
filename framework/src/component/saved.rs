//! [`Saved`]: a state as bytes, to go back to when a turn fails.

use std::cell::Cell;

use serde::{Serialize, de::DeserializeOwned};

/// A buffer larger than this is not kept for the next turn.
const MAX_SPARE_BYTES: usize = 1024 * 1024;

thread_local! {
    /// The memory of the last state that was saved on this thread. Most turns end before another one begins, so one buffer
    /// does for all sessions: nothing is allocated for a turn, and no session holds one while it waits.
    static SPARE: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// A state before a turn.
pub(super) struct Saved(Vec<u8>);

impl Saved {
    /// Saves a state. `MessagePack`, with names: it keeps types that describe themselves (untagged enums, flattened fields).
    pub(super) fn of<S: Serialize>(state: &S) -> Result<Self, rmp_serde::encode::Error> {
        let mut saved = Self(SPARE.try_with(Cell::take).unwrap_or_default());
        saved.0.clear();
        rmp_serde::encode::write_named(&mut saved.0, state)?;
        Ok(saved)
    }

    /// The state as it was.
    pub(super) fn read<S: DeserializeOwned>(&self) -> Result<S, rmp_serde::decode::Error> {
        rmp_serde::from_slice(&self.0)
    }
}

impl Drop for Saved {
    fn drop(&mut self) {
        let mine = std::mem::take(&mut self.0);
        if mine.capacity() > MAX_SPARE_BYTES {
            return;
        }
        // A thread that ends has no spare memory any more, and needs none.
        let _ = SPARE.try_with(|spare| {
            // Async turns may overlap; the larger buffer is the one worth keeping.
            let other = spare.take();
            spare.set(if mine.capacity() > other.capacity() { mine } else { other });
        });
    }
}
