//! [`Users`]: states that all sessions of one user share, for as long as one of them lives.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};

use livefloe::User;

use crate::state::States;

/// The users of an app who have sessions.
#[derive(Default)]
pub(crate) struct Users(Mutex<HashMap<User, Weak<UserStates>>>);

/// The states of one user; those of a visitor whom the app doesn't know are their session's alone.
pub(crate) struct UserStates {
    pub(crate) states: States,
    /// Where they are entered.
    entry: Option<(User, Weak<Users>)>,
}

impl Users {
    /// The states of a user, whose session holds them from now on.
    pub(crate) fn enter(self: &Arc<Self>, user: Option<User>) -> Arc<UserStates> {
        let fresh = |entry| Arc::new(UserStates { states: States::default(), entry });
        let Some(user) = user else { return fresh(None) };
        let mut users = self.lock();
        if let Some(present) = users.get(&user).and_then(Weak::upgrade) {
            return present;
        }
        let made = fresh(Some((user, Arc::downgrade(self))));
        users.insert(user, Arc::downgrade(&made));
        made
    }

    /// The states of a user who has a session.
    pub(crate) fn find(&self, user: User) -> Option<Arc<UserStates>> {
        self.lock().get(&user).and_then(Weak::upgrade)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<User, Weak<UserStates>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for UserStates {
    fn drop(&mut self) {
        if let Some((user, users)) = self.entry.take()
            && let Some(users) = users.upgrade()
        {
            let mut users = users.lock();
            // They may have come back meanwhile.
            if users.get(&user).is_some_and(|present| present.strong_count() == 0) {
                users.remove(&user);
            }
        }
        self.states.clear();
    }
}
