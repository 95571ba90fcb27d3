//! [`Who`]: which user somebody is, as far as the app knows; and [`Peer`]: what is known of the other end of a connection.

use crate::app::Group;

/// Which user somebody is, as a hash of what the app calls them. Of those whom it doesn't know all are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) struct Who([u8; 16]);

impl Who {
    /// Somebody whom the app calls this.
    pub(crate) fn named(name: &str) -> Self {
        let mut hash = [0; 16];
        hash.copy_from_slice(&blake3::derive_key("livefloe user 1", name.as_bytes())[..16]);
        Self(hash)
    }

    pub(crate) fn bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// Whether the app knows them.
    pub(crate) fn is_known(self) -> bool {
        self != Self::default()
    }
}

/// A user whom the app knows, see [`App::identify`](crate::App::identify): tells them from all others, and says no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct User(Who);

impl User {
    /// The one whom the app calls this.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self(Who::named(name))
    }

    /// Who somebody is, if the app knows them.
    pub(crate) fn known(who: Who) -> Option<Self> {
        who.is_known().then_some(Self(who))
    }
}

/// What is known of the other end of a connection.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Peer {
    /// What its address counts under, where it does.
    pub(crate) group: Option<Group>,
    pub(crate) who: Who,
}
