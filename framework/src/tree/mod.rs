//! The logical tree: rendered HTML as the tree that a browser builds of it.
//!
//! A [`Tape`] is that tree in document order, as byte ranges of the HTML that it was read from; a flat array, so that a diff can
//! skip over what did not change. Where a browser would build another tree than the tags suggest, the smallest safe
//! element around it is *opaque*: known by its source only, and replaced as a whole.

mod attribute;
#[cfg(any(test, feature = "testing", debug_assertions))]
pub mod browser;
#[cfg(any(test, feature = "testing"))]
pub mod dom;
mod demands;
mod element;
mod entity;
mod expand;
mod head;
mod repeated;
mod tape;
mod tokenize;

pub use attribute::attributes;
pub use demands::FitAsleep;
pub use entity::decode;
pub use expand::{Resolve, Resolved, expand, expand_all, expand_slot, is_wrapped, own_element, write_placeholder};
pub use tape::{Kind, Node, Tape};

pub(crate) use attribute::attribute;
pub(crate) use demands::{Demands, Fit};
#[cfg(any(test, feature = "testing"))]
pub(crate) use element::is_void;
pub(crate) use element::{holds_text, name, tag_name};
#[cfg(any(test, feature = "testing"))]
pub(crate) use expand::NoChildren;
pub(crate) use expand::PAGE;
pub(crate) use expand::{has_placeholder, slot};
pub(crate) use head::head;
pub(crate) use repeated::repeated_id;
pub(crate) use tape::{State, is_part_misplaced};
#[cfg(debug_assertions)]
pub(crate) use tokenize::first_unbalanced;
pub(crate) use tokenize::{Owner, Window, begins_with_row, tokenize};
