//! Patches: what the client has to change, as a walk over the logical trees of components.
//!
//! `tests/protocol/README.md` in the repository says what each operation means. [`PatchWriter`] is how the server writes
//! them, with as few cursor moves as it can; [`Operation`] is one of them as a value.

mod bytes;
mod operation;
mod writer;

#[cfg(test)]
pub(crate) mod tests;

pub use operation::Operation;
#[allow(unused_imports, reason = "whoever keeps a checkpoint in a struct has to name it")]
pub use writer::Checkpoint;
pub use writer::PatchWriter;
