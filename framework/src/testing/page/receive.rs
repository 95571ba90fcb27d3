//! What comes from the server, and answers to it.

use bytes::Bytes;

use super::{
    super::{Operation, TestError, transport::FromServer, watch::Watch},
    Page, Patch, Refusal,
};
use crate::protocol::{ClientMessage, ServerMessage};

/// The server hears of so many patches, or bytes of them, at once: soon enough that it never waits for it.
const MOST_UNANSWERED: (usize, usize) = (16, 64 * 1024);

impl Page {
    pub(super) async fn send(&mut self, message: &ClientMessage) -> Result<(), TestError> {
        let closed = || TestError::Closed { code: 1006, reason: "not connected".to_owned() };
        let connection = self.connection.as_ref().ok_or_else(closed)?;
        connection.sender.send(Bytes::from(message.encode())).await.map_err(|_| closed())
    }

    /// Takes the next frame. Nothing is lost when it is dropped before.
    pub(super) async fn receive(&mut self) -> Result<(), TestError> {
        let Some(connection) = &mut self.connection else {
            return Err(TestError::Closed { code: 1006, reason: "not connected".to_owned() });
        };
        let frame = match connection.receiver.recv().await {
            Some(FromServer::Frame(frame)) => frame,
            Some(FromServer::Closed(code, reason)) => return Err(TestError::Closed { code, reason: reason.to_owned() }),
            None => return Err(TestError::Closed { code: 1006, reason: "the connection is gone".to_owned() }),
        };
        match ServerMessage::decode(&frame)? {
            ServerMessage::Joined { ack, token, .. } => {
                self.settled = ack;
                self.token = token;
            }
            ServerMessage::Patch { seq, ack, operations } => {
                self.apply(seq, ack, operations, frame.len())?;
                let (n_patches, n_bytes) = self.unanswered;
                self.unanswered = (n_patches + 1, n_bytes + frame.len());
                if self.unanswered.0 >= MOST_UNANSWERED.0 || self.unanswered.1 >= MOST_UNANSWERED.1 {
                    self.answer().await?;
                }
            }
            ServerMessage::Ack { ack } => self.settled = ack,
            ServerMessage::Heartbeat => self.answer().await?,
        }
        Ok(())
    }

    /// Says what the page shows.
    pub(super) async fn answer(&mut self) -> Result<(), TestError> {
        self.unanswered = (0, 0);
        self.send(&ClientMessage::Ack { seen: self.applied, failed: Vec::new() }).await
    }

    fn apply(&mut self, seq: u64, ack: u64, operations: Vec<Operation>, bytes: usize) -> Result<(), TestError> {
        if seq <= self.applied {
            return Ok(());
        }
        let mut watch = Watch::new(&self.entered);
        for other in self.dom.apply_watched(&operations, &mut watch)? {
            watch.other(&other);
            match other {
                Operation::Title { text } => self.title = text,
                Operation::Navigate { path } => self.navigated = Some(path),
                Operation::Refused { event, code, message, fields } => self.refusals.push(Refusal { event, code, message, fields }),
                _ => {}
            }
        }
        let Watch { words, touched, told, .. } = watch;
        for control in told {
            self.entered.remove(&control);
        }
        self.applied = seq;
        self.settled = self.settled.max(ack);
        self.patches.push(Patch { seq, operations, words, touched, bytes });
        Ok(())
    }
}
