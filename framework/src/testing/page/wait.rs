//! Waiting, for conditions and until nothing is under way. Nothing here sleeps.

use std::{sync::Arc, time::Duration};

use tokio::sync::oneshot;

use super::{super::TestError, Page};
use crate::session::{Message, Quiet, Token};

impl Page {
    /// Waits until the page shows this text: for what tasks and other visitors bring.
    ///
    /// # Errors
    /// When it doesn't come within the [patience](Self::set_patience).
    pub async fn until_sees(&mut self, text: &str) -> Result<(), TestError> {
        self.until(&format!("{text:?}"), |page| page.sees(text)).await
    }

    /// Waits for a condition, which is looked at again with everything that comes to the page; `expected` says which, for the error.
    ///
    /// # Errors
    /// When it doesn't come true within the [patience](Self::set_patience).
    pub async fn until(&mut self, expected: &str, condition: impl Fn(&Self) -> bool) -> Result<(), TestError> {
        let patience = self.patience;
        let waiting = async {
            while !condition(self) {
                self.receive().await?;
            }
            Ok(())
        };
        match tokio::time::timeout(patience, waiting).await {
            Ok(result) => result,
            Err(_) => Err(self.timed_out(expected)),
        }
    }

    /// Waits for the next thing that comes to the page, at most this long. `false` when nothing came.
    ///
    /// # Errors
    /// When the connection is gone.
    pub async fn next(&mut self, at_most: Duration) -> Result<bool, TestError> {
        tokio::time::timeout(at_most, self.receive()).await.map_or(Ok(false), |received| received.map(|()| true))
    }

    /// Waits until nothing of the session is under way: no handler or step of a generator runs or waits, no task that one has spawned, no message of another
    /// session; and until the page shows all of it.
    ///
    /// # Errors
    /// When something is still under way after the [patience](Self::set_patience); the error says what.
    pub async fn settled(&mut self) -> Result<(), TestError> {
        let (answer, quiet) = oneshot::channel();
        self.ask(Message::Quiet { at_once: false, answer }).await?;
        let patience = self.patience;
        let waiting = async {
            tokio::pin!(quiet);
            let seq = loop {
                // What the session can't send before it knows what the page shows is under way, too.
                self.answer().await?;
                tokio::select! {
                    biased;
                    quiet = &mut quiet => break quiet.map(|quiet| quiet.seq).unwrap_or_default(),
                    received = self.receive() => received?,
                }
            };
            while self.applied < seq {
                self.receive().await?;
            }
            Ok(())
        };
        if let Ok(result) = tokio::time::timeout(patience, waiting).await {
            return result;
        }
        let (answer, quiet) = oneshot::channel();
        self.ask(Message::Quiet { at_once: true, answer }).await?;
        let under_way = match tokio::time::timeout(patience, quiet).await {
            Ok(Ok(Quiet { under_way, .. })) if !under_way.is_empty() => under_way.join(" and "),
            _ => "something".to_owned(),
        };
        Err(self.timed_out(&format!("everything to be settled, but {under_way} is under way")))
    }

    async fn ask(&self, message: Message) -> Result<(), TestError> {
        let ended = || TestError::Closed { code: 1006, reason: "the session has ended".to_owned() };
        let shared = Arc::clone(&self.site.shared);
        let session = Token::parse(&self.token).and_then(|token| shared.registry.find(&token.id)).ok_or_else(ended)?;
        if session.send(message).await { Ok(()) } else { Err(ended()) }
    }
}
