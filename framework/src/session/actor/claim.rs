//! A page that was loaded again and wants to go on with its session, while the session still has a socket: has only the end of that not got
//! through, or is the page a duplicate of one that is open? Who has the socket is asked, and whether anything is heard in time decides.

use std::time::Duration;

use tokio::time::Instant;

use super::Actor;
use crate::{
    protocol::ServerMessage,
    session::{Join, Message, Token, handover::Give},
    store::Answer,
};

/// How long the socket that is there may take to say something.
const PAGE_TIME: Duration = Duration::from_secs(1);
/// The same where another node asks, which waits for half a second.
const NODE_TIME: Duration = Duration::from_millis(400);

/// Who wants to go on with the session, and how long the socket that it has may take to be heard.
pub(super) struct Claim {
    claimant: Claimant,
    pub(super) until: Instant,
}

pub(super) enum Claimant {
    /// A page here, with the token of the session that it came with.
    Page(Join, Token),
    /// A page at another node.
    Node(Give),
}

impl Actor {
    pub(super) fn claim(&mut self, claimant: Claimant) {
        let Some(connection) = &mut self.connection else { return self.hand_to(claimant) };
        connection.send(ServerMessage::Heartbeat.encode());
        let time = if matches!(claimant, Claimant::Page(..)) { PAGE_TIME } else { NODE_TIME };
        if let Some(before) = self.claim.replace(Claim { claimant, until: Instant::now() + time }) {
            self.turn_away(before.claimant);
        }
        self.set_timer();
    }

    /// Whoever waits for the session gets it, if its socket is gone; if that lives, they don't.
    pub(super) fn settle_claim(&mut self, is_gone: bool) {
        match self.claim.take() {
            Some(claim) if is_gone => self.hand_to(claim.claimant),
            Some(claim) => self.turn_away(claim.claimant),
            None => {}
        }
    }

    fn hand_to(&mut self, claimant: Claimant) {
        match claimant {
            Claimant::Page(join, page) => {
                // Nobody needs the session that the page came with.
                if let Some(session) = self.shared.registry.find(&page.id).filter(|session| page.id != self.id && !session.has_joined()) {
                    session.try_send(Message::Close);
                }
                self.admit(join, true);
            }
            Claimant::Node(give) => self.give_away(give),
        }
    }

    fn turn_away(&self, claimant: Claimant) {
        match claimant {
            Claimant::Page(join, _) => self.refuse_join(join, "the session is open in another page"),
            Claimant::Node(give) => {
                let _ = give.answer.send(Answer::Refused);
            }
        }
    }
}
