//! [`UnderWay`]: what a session has going on beside its turns; and who waits until there is nothing more.

use std::fmt;

use super::Mailbox;

/// Something of a session that is under way until this is dropped, such as a task. Tests wait for it.
pub struct UnderWay(Mailbox);

impl UnderWay {
    pub(super) fn new(mailbox: &Mailbox) -> Self {
        mailbox.begins();
        Self(mailbox.clone())
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.ends();
    }
}

impl fmt::Debug for UnderWay {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "UnderWay({:?})", self.0)
    }
}

/// How a session is.
#[cfg(any(test, feature = "testing"))]
#[derive(Debug, Default)]
pub(crate) struct Quiet {
    /// The newest patch.
    pub(crate) seq: u64,
    /// What is under way, in words.
    pub(crate) under_way: Vec<String>,
}
