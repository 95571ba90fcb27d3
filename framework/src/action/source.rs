//! [`Source`]: a binding as markup mentions it.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use serde_json::Value;

use crate::HandlerId;

/// A binding, its value at this rendering, and whether the markup says that value already: the first that mentions it does, so that a change
/// is one attribute, however many depend on it.
#[derive(Clone)]
pub(crate) struct Source(Arc<Inner>);

struct Inner {
    id: HandlerId,
    value: Value,
    is_said: AtomicBool,
}

impl Source {
    pub(crate) fn new(id: HandlerId, value: Value) -> Self {
        Self(Arc::new(Inner { id, value, is_said: AtomicBool::new(false) }))
    }

    pub(crate) fn id(&self) -> HandlerId {
        self.0.id
    }

    pub(crate) fn value(&self) -> &Value {
        &self.0.value
    }

    /// Whether who asks is the first, and so the one that has to say the value.
    pub(crate) fn is_to_say(&self) -> bool {
        !self.0.is_said.swap(true, Ordering::Relaxed)
    }
}

impl PartialEq for Source {
    fn eq(&self, other: &Self) -> bool {
        self.id() == other.id() && self.value() == other.value()
    }
}

impl Eq for Source {}

impl fmt::Debug for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}={}", self.id(), self.value())
    }
}
