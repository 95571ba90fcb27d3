//! [`Registry`]: the live sessions of an app.

use std::{
    collections::VecDeque,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};

use dashmap::DashMap;

use super::{Mailbox, Message};

/// Finds a session by its id, and bounds how many there are.
#[derive(Default)]
pub(crate) struct Registry {
    sessions: DashMap<[u8; 16], Mailbox>,
    /// Sessions that wait for their socket, oldest first; those that joined since are skipped.
    unjoined: Mutex<VecDeque<([u8; 16], u64)>>,
    n_unjoined: AtomicUsize,
    numbers: AtomicU64,
}

impl Registry {
    /// A number for a new session, unique in this process.
    pub(crate) fn number(&self) -> u64 {
        self.numbers.fetch_add(1, Ordering::Relaxed)
    }

    /// How many sessions live.
    pub(crate) fn len(&self) -> usize {
        self.sessions.len()
    }

    /// Adds a session whose socket has not joined yet. When too many wait, the oldest of them ends.
    pub(crate) fn insert(&self, id: [u8; 16], mailbox: Mailbox, max_unjoined: usize) {
        let number = mailbox.number();
        self.sessions.insert(id, mailbox);
        let mut unjoined = self.unjoined.lock().unwrap_or_else(PoisonError::into_inner);
        unjoined.push_back((id, number));
        let waiting = self.n_unjoined.fetch_add(1, Ordering::Relaxed) + 1;
        // Sessions that joined or ended leave their entry behind; drop those when they are many, which keeps this O(1) on average.
        if unjoined.len() > 2 * max_unjoined.max(16) {
            unjoined
                .retain(|(id, number)| self.sessions.get(id).is_some_and(|session| session.number() == *number && !session.has_joined()));
        }
        if waiting > max_unjoined {
            while let Some((id, _)) = unjoined.pop_front() {
                let oldest = self.sessions.get(&id).filter(|session| !session.has_joined()).map(|session| session.clone());
                if let Some(session) = oldest {
                    session.try_send(Message::Close);
                    break;
                }
            }
        }
    }

    /// The session's socket has joined for the first time, or the session ended before it did.
    pub(crate) fn settled(&self) {
        self.n_unjoined.fetch_sub(1, Ordering::Relaxed);
    }

    /// The session with this id.
    pub(crate) fn find(&self, id: &[u8; 16]) -> Option<Mailbox> {
        self.sessions.get(id).map(|session| session.clone())
    }

    /// A session has ended.
    pub(crate) fn remove(&self, id: &[u8; 16]) {
        self.sessions.remove(id);
    }

    /// Asks every session to end.
    pub(crate) fn close_all(&self) {
        for session in &self.sessions {
            session.try_send(Message::Close);
        }
    }
}
