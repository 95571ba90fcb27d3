//! Joining: which socket gets the session, what it is told, and what it is taken to show.

use std::sync::Arc;

use super::{Actor, claim::Claimant};
use crate::{
    protocol::{PROTOCOL_VERSION, ServerMessage, close},
    session::{Join, Peer, connection::Connection},
    socket::attach_to,
};

/// No page shows so many patches. Up to here there is room for more of them than anybody sends.
const MAX_APPLIED: u64 = 1 << 52;

impl Actor {
    pub(super) fn join(&mut self, join: Join) {
        if self.ends_by.is_some() {
            return join.transport.close(close::GOING_AWAY, "the session ends here");
        }
        let shown = join.page.is_none().then_some(join.applied);
        if self.is_behind(join.turn, shown) {
            self.is_taken_over();
            join.transport.close(close::GOING_AWAY, "another server has this session");
            return;
        }
        if let Some(reason) = self.refusal(join.turn, shown) {
            return self.refuse_join(join, reason);
        }
        if self.is_given() {
            join.transport.close(close::GOING_AWAY, "the session goes to another server");
            return;
        }
        if let Some(page) = join.page {
            return self.claim(Claimant::Page(join, page));
        }
        let is_ahead = self.is_ahead(join.applied);
        if is_ahead {
            // Else a patch of ours would be taken for one that the page shows already, when this connection breaks and it comes again.
            self.outbox.skip_to(join.applied);
        }
        self.admit(join, is_ahead);
        self.settle_claim(false);
    }

    /// Takes the socket. `is_whole`: it shows something that we know nothing of, so all of the page goes to it.
    pub(super) fn admit(&mut self, join: Join, is_whole: bool) {
        let Join { transport, turn, applied, .. } = join;
        let shown = if is_whole { self.outbox.seq() } else { applied };
        // A page that is new here goes on counting behind all that came from the one before it, settled or not.
        let ack = if is_whole { self.received } else { self.tellable().settled };
        if is_whole {
            self.notices.whole = true;
            self.shows_from = shown + 1;
        }
        if let Some(before) = self.connection.take() {
            before.close(close::TAKEN_OVER, "another socket took this session over");
        }
        if self.mailbox.set_joined() {
            self.shared.registry.settled();
        }
        // The client may have missed the newest token, but it has the one that it just showed.
        self.turn = turn.max(self.turn.saturating_sub(1)) + 1;
        self.admits_previous = true;
        // One that was made again here: it has places enough to come back to, and counts where it is now.
        let Peer { group, who } = transport.peer();
        if let (None, Some(group)) = (&self.seats.address, group) {
            self.seats.address = self.shared.seats.take(group, usize::MAX);
        }
        if self.seats.user.is_none() && who.is_known() {
            self.seats.user = self.shared.user_seats.take(who, usize::MAX);
        }
        let mut connection = Connection::new(transport, &self.shared.limits);
        connection.send(
            ServerMessage::Joined {
                version: PROTOCOL_VERSION,
                ack,
                seq: shown,
                token: self.shared.keys.token(self.id, self.turn, who).to_string(),
                heartbeat_ms: u64::try_from(self.shared.limits.heartbeat.as_millis()).unwrap_or(u64::MAX),
            }
            .encode(),
        );
        // What a page missed is in its patches, refusals too. It is told that all is settled once it has them.
        self.told = if is_whole { ack } else { 0 };
        // Events that came and were not settled before the socket went are still in the queue: the client sends them
        // again, and they are skipped as received.
        self.sent = shown;
        self.connection = Some(connection);
        self.count_stage();
        self.acknowledge(self.sent);
        self.release();
        self.components.set_connected(true);
        self.due_after(self.shared.limits.heartbeat);
        tracing::debug!(session = self.mailbox.number(), applied, "joined");
        self.push();
    }

    /// Whether another node has the session by now. A token of a later turn says so, which is signed; until somebody has joined, the snapshot that this
    /// session was made of may have missed that turn. So does a page that shows patches which were never made here: both nodes may have counted
    /// to the same turn. (Whoever makes that up has the token, and ends no session but their own.)
    pub(super) fn is_behind(&self, turn: u64, applied: Option<u64>) -> bool {
        let is_later = turn > self.turn && (!self.may_skip || self.mailbox.has_joined());
        let is_unknown = !self.may_skip && applied.is_some_and(|applied| (self.outbox.seq() + 1..MAX_APPLIED).contains(&applied));
        self.keeper.is_some() && (is_later || is_unknown && turn == self.turn)
    }

    /// Whether a page shows patches that were made after the snapshot which this session is made of.
    fn is_ahead(&self, applied: u64) -> bool {
        self.may_skip && (self.outbox.seq() + 1..MAX_APPLIED).contains(&applied)
    }

    /// Why a socket may not join that has the token of this turn, and whose page shows this patch, or none of this session.
    pub(super) fn refusal(&self, turn: u64, applied: Option<u64>) -> Option<&'static str> {
        if turn < self.turn && !(self.admits_previous && turn + 1 == self.turn) || turn > self.turn && !self.may_skip {
            return Some("the token is not this session's");
        }
        let applied = applied?;
        let is_ahead = self.is_ahead(applied);
        // A page that lacks patches which were acknowledged is not the one that acknowledged them: a copy, or made up.
        (!is_ahead && self.outbox.after(applied).is_none()).then_some("the page is older than the session")
    }

    /// A page that came with a session of its own goes on with that.
    pub(super) fn refuse_join(&self, join: Join, reason: &'static str) {
        match join.page {
            Some(page) => drop(tokio::spawn(attach_to(Arc::clone(&self.shared), join.transport, page, 0, None))),
            None => join.transport.close(close::NO_SESSION, reason),
        }
    }
}
