//! Giving a session to another node: saving all of it, and letting go.

use tokio::time::Instant;

use super::{Actor, claim::Claimant};
use crate::{protocol::close, session::handover::Give, store::Answer};

impl Actor {
    /// Another node asks for the session. From here on nothing begins that the snapshot would miss; a turn under way ends first.
    pub(super) fn give(&mut self, give: Give) {
        let terms = give.terms;
        if self.is_behind(terms.turn, terms.applied) {
            self.is_taken_over();
            let _ = give.answer.send(Answer::Absent);
            return;
        }
        // The token of the present socket's own join, which has not been heard since: is that gone, or was the question made before it came, by a connection
        // that its client has given up since? (One that waited in a store that hung, say.)
        let is_unconfirmed = self.admits_previous && terms.turn + 1 == self.turn;
        if (terms.applied.is_none() || is_unconfirmed) && self.refusal(terms.turn, terms.applied).is_none() {
            return self.claim(Claimant::Node(give));
        }
        self.give_away(give);
    }

    pub(super) fn give_away(&mut self, give: Give) {
        let Give { terms, answer } = give;
        let is_refused = self.refusal(terms.turn, terms.applied).is_some();
        let Some(keeper) = self.keeper.as_mut().filter(|_| !is_refused) else {
            let _ = answer.send(Answer::Refused);
            return;
        };
        keeper.is_due(Instant::now());
        tracing::debug!(session = self.mailbox.number(), "goes to another node");
        self.disconnect(close::TAKEN_OVER, "another server takes this session over");
        self.giving.push(answer);
    }

    /// Whether the session is on its way to another node.
    pub(super) fn is_given(&self) -> bool {
        !self.giving.is_empty()
    }

    /// Ends the session here once it is saved.
    pub(super) fn let_go(&mut self) {
        if self.is_given() && self.is_kept() {
            self.ended = true;
        }
    }

    /// It could not be saved, so it stays. Those who asked hear why, if that is for them; otherwise the store's fence decides who has it.
    pub(super) fn keep_after_all(&mut self, why: Option<Answer>) {
        for asking in self.giving.drain(..) {
            if let Some(answer) = why {
                let _ = asking.send(answer);
            }
        }
    }

    /// Tells the nodes that asked, when nothing is left of the session here.
    pub(super) fn answer(mut self: Box<Self>) {
        let giving = std::mem::take(&mut self.giving);
        drop(self);
        for asking in giving {
            let _ = asking.send(Answer::Given);
        }
    }
}
