//! Whether anything of the session is under way, for those who wait until nothing is.

use super::Actor;
use crate::session::Quiet;

impl Actor {
    /// Answers those who wait until nothing is under way, if nothing is.
    pub(super) fn tell_quiet(&mut self) {
        if self.awaiting_quiet.is_empty() {
            return;
        }
        // Before it is looked: what ends from now on wakes the session.
        self.mailbox.set_awaited(true);
        let quiet = self.quiet();
        if !quiet.under_way.is_empty() {
            return;
        }
        self.mailbox.set_awaited(false);
        for answer in std::mem::take(&mut self.awaiting_quiet) {
            // Who asked may have given up.
            let _ = answer.send(Quiet { seq: quiet.seq, under_way: Vec::new() });
        }
    }

    /// What is under way.
    pub(super) fn quiet(&self) -> Quiet {
        let mut under_way = Vec::new();
        let mut note = |n: usize, what: &str| {
            if n > 0 {
                under_way.push(if n == 1 { format!("a {what}") } else { format!("{n} {what}s") });
            }
        };
        note(usize::from(self.is_running()), "handler");
        note(self.queue.len() + self.receiver.len(), "turn that waits");
        note(self.mailbox.n_under_way(), "task");
        let is_sent = self.connection.is_none() || self.sent == self.outbox.seq();
        let is_shown = is_sent && !self.components.is_dirty() && !self.components.is_changed() && self.notices.is_empty();
        note(usize::from(!is_shown), "patch");
        Quiet { seq: self.outbox.seq(), under_way }
    }
}
