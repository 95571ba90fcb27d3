//! Sessions that move between the processes (nodes) which share a store: what one asks another for, and how that is answered.

use tokio::sync::oneshot;

use super::{Message, Token};
use crate::{
    app::Shared,
    handler::BoxFuture,
    store::{Answer, Node, SessionId, StreamId},
};

/// Another node asks for a session, for a socket that wants to join it there.
pub(crate) struct Give {
    pub(crate) terms: Terms,
    /// Dropped when there is nothing to say: the session could not be saved.
    pub(crate) answer: oneshot::Sender<Answer>,
}

/// What the socket said. The session asks itself whether it would have let it join: else whoever has an old token could send it from node to node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Terms {
    /// Of the token, which the node that asks has found to be ours.
    pub(crate) turn: u64,
    /// The patch that its page shows; none of this session's, where the page was loaded again.
    pub(crate) applied: Option<u64>,
}

impl Terms {
    pub(crate) fn new(token: &Token, applied: Option<u64>) -> Self {
        Self { turn: token.turn, applied }
    }

    pub(crate) fn encode(self) -> Vec<u8> {
        self.turn.to_be_bytes().into_iter().chain(self.applied.into_iter().flat_map(u64::to_be_bytes)).collect()
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (turn, rest) = bytes.split_first_chunk()?;
        let applied = if rest.is_empty() { None } else { Some(u64::from_be_bytes(rest.try_into().ok()?)) };
        Some(Self { turn: u64::from_be_bytes(*turn), applied })
    }
}

impl Node for Shared {
    fn give(&self, session: SessionId, terms: Vec<u8>) -> BoxFuture<'static, Answer> {
        let found = self.registry.find(&session.0).zip(Terms::decode(&terms));
        Box::pin(async move {
            let Some((session, terms)) = found else { return Answer::Absent };
            let (answer, answered) = oneshot::channel();
            session.send(Message::Give(Give { terms, answer })).await;
            // One that ended meanwhile has saved what it could.
            answered.await.unwrap_or(Answer::Absent)
        })
    }

    fn take(&self, stream: StreamId, batch: &[u8]) -> BoxFuture<'static, Answer> {
        self.streams.take_passed(stream, batch)
    }

    fn hear(&self, topic: &str, message: &[u8]) {
        self.bus.hear(topic, message);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_are_read_as_they_were_written_and_nothing_else_is() {
        for applied in [None, Some(0), Some(u64::MAX)] {
            let terms = Terms { turn: 3, applied };
            let bytes = terms.encode();
            assert_eq!(Terms::decode(&bytes), Some(terms));
            assert_eq!(Terms::decode(&bytes[1..]), None);
            assert_eq!(Terms::decode(&[&bytes[..], &[0]].concat()), None);
        }
    }
}
