//! [`Live`]: a [`Stage`] and the client that follows it.

use super::{
    Dom, Operation,
    stage::{Html, Stage},
};
use crate::protocol::wire::Reader;

/// What should hold and does not, with the story that led to it.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
#[expect(clippy::exhaustive_structs, reason = "just the words")]
pub struct Finding(pub String);

impl From<String> for Finding {
    fn from(words: String) -> Self {
        Self(words)
    }
}

/// A stage and the client that follows it.
#[derive(Debug)]
pub struct Live {
    stage: Stage,
    client: Dom,
    /// The HTML of the last page that was compared with what the client shows.
    shown: String,
}

impl Live {
    /// Loads a page.
    ///
    /// # Errors
    /// When it can't be rendered, or the client's tree is another one than the session's.
    pub fn new(html: Html) -> Result<Self, Finding> {
        let stage = Stage::new(html).map_err(|failure| failure.to_string())?;
        let page = stage.page();
        let mut live = Self { client: Dom::parse_page(&page.html, &page.opaque), stage, shown: page.html };
        live.verify(&[])?;
        Ok(live)
    }

    /// Shows this instead, by a patch; gives its operations as they travel.
    ///
    /// # Errors
    /// When the client could not follow, or then shows another page than a fresh load would.
    pub fn update(&mut self, html: Html) -> Result<Vec<u8>, Finding> {
        let frame = self.stage.update(html).map_err(|failure| failure.to_string())?;
        self.stage.wake().map_err(|failure| failure.to_string())?;
        self.apply(&frame)?;
        Ok(frame)
    }

    /// Lets the session sleep until the next change.
    pub fn sleep(&mut self) {
        self.stage.sleep();
    }

    /// Sends a component again, as to a client that has reported it.
    ///
    /// # Errors
    /// As for [`update`](Self::update).
    pub fn resync(&mut self, component: u32) -> Result<(), Finding> {
        let frame = self.stage.resync(component);
        self.apply(&frame)
    }

    /// The components that the client shows.
    #[must_use]
    pub fn components(&self) -> Vec<u32> {
        self.client.components()
    }

    fn apply(&mut self, frame: &[u8]) -> Result<(), Finding> {
        let operations = Operation::decode_all(&mut Reader::new(frame)).map_err(|error| Finding(format!("{error}: {frame:?}")))?;
        if let Err(drift) = self.client.apply(&operations) {
            return Err(self.finding(&drift.to_string(), &operations));
        }
        self.verify(&operations)
    }

    fn verify(&mut self, operations: &[Operation]) -> Result<(), Finding> {
        let page = self.stage.page();
        let fresh = Dom::parse_page(&page.html, &page.opaque);
        if self.client != fresh {
            return Err(self.finding(&format!("expected {fresh:?}\n     got {:?}", self.client), operations));
        }
        if self.client.components() != fresh.components() {
            let message = format!("expected the components {:?}, got {:?}", fresh.components(), self.client.components());
            return Err(self.finding(&message, operations));
        }
        for (id, count, hash) in &page.checks {
            let check = self.client.check(*id);
            if check != Some((*count, *hash)) {
                let message = format!("component {id} has the check {count}.{hash:08x}; the client's is {check:08x?} in {}", page.html);
                return Err(self.finding(&message, operations));
            }
        }
        self.client.verify().and_then(|()| self.stage.verify()).map_err(|wrong| self.finding(&wrong, operations))?;
        self.shown = page.html;
        Ok(())
    }

    fn finding(&self, what: &str, operations: &[Operation]) -> Finding {
        Finding(format!("{what}\nbefore: {}\noperations: {operations:#?}", self.shown))
    }
}
