//! Patches: what the client has to change, as a walk over the logical trees of components.
//!
//! `tests/protocol/README.md` in the repository says what each operation means. [`PatchWriter`] is how the server writes
//! them, with as few cursor moves as it can; [`Operation`] is one of them as a value.

mod bytes;
mod operation;
mod writer;

#[cfg(test)]
pub(crate) mod tests;

/// Components of the document around the page. The cursor on `HTML` or `BODY` stands on that element, for its attributes only;
/// on `HEAD` it stands on a root whose children are the elements of the head with the attribute `lf-head`.
pub const HTML: u32 = u32::MAX;
/// See [`HTML`].
pub const BODY: u32 = u32::MAX - 1;
/// See [`HTML`].
pub const HEAD: u32 = u32::MAX - 2;

pub use operation::Operation;
#[allow(unused_imports, reason = "whoever keeps a checkpoint in a struct has to name it")]
pub use writer::Checkpoint;
pub use writer::PatchWriter;
