//! Patches: what the client has to change, as a walk over the logical trees of components.
//!
//! `tests/protocol/README.md` in the repository says what each operation means. [`PatchWriter`] is how the server writes
//! them, with as few cursor moves as it can; [`Operation`] is one of them as a value.

mod bytes;
mod operation;
mod writer;

#[cfg(test)]
mod tests;

pub use operation::Operation;
pub use writer::{Checkpoint, PatchWriter};
