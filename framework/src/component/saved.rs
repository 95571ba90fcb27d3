//! [`Saved`]: a state as bytes, to go back to when a turn fails.

use std::cell::Cell;

use serde::{Serialize, de::DeserializeOwned};

use crate::spare::Spare;

thread_local! {
    static STATE: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// A state before a turn.
pub(super) struct Saved(Spare);

impl Saved {
    /// Saves a state. `MessagePack`, with names: it keeps types that describe themselves (untagged enums, flattened fields).
    pub(super) fn of<S: Serialize>(state: &S) -> Result<Self, rmp_serde::encode::Error> {
        let mut saved = Spare::take(&STATE);
        rmp_serde::encode::write_named(&mut *saved, state)?;
        Ok(Self(saved))
    }

    /// The state as it was.
    pub(super) fn read<S: DeserializeOwned>(&self) -> Result<S, rmp_serde::decode::Error> {
        rmp_serde::from_slice(&self.0)
    }
}
