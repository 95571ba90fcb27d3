//! Handlers: the functions that a session's events run.
//!
//! A handler enters its component's [`Table`] while the component renders, and what crosses the wire is only its
//! [`HandlerId`]. A client can therefore run what its own session has rendered and nothing else, with the argument that
//! the server bound to it.

mod call;
mod id;
mod input;
mod table;

pub use call::{AsyncCall, Asynchronous, AsynchronousCx, BoxFuture, Handler, Outcome, Synchronous, SynchronousCx};
pub use id::{HandlerId, Identity};
pub use input::{FieldError, Invalid};
pub use table::Table;

pub(crate) use input::{decode_argument, decode_form, decode_value, encode_argument};
