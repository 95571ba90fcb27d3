//! Drives a page without a browser: open it, click, type, submit, look at what it shows and at the patches that came.
//!
//! The page runs in its real session, over the real protocol; only the socket is memory, and the browser's tree is
//! [`Dom`]. Nothing sleeps: each action returns when its event is settled.
//!
//! ```
//! use livefloe::{App, Component, Cx, Markup, html, testing::Site};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Default, Serialize, Deserialize)]
//! struct Counter { count: i64 }
//! impl Component for Counter {
//!     fn render(&self, cx: &Cx<Self>) -> Markup {
//!         html! { p { "Count: " (self.count) } button lf-click=(cx.on(Self::increment)) { "+1" } }
//!     }
//! }
//! impl Counter { fn increment(&mut self) { self.count += 1 } }
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let site = Site::new(App::new().page("/", Counter::default))?;
//! let mut page = site.open("/").await?;
//! page.click("+1").await?;
//! assert!(page.sees("Count: 1"));
//! assert!(page.patches()[0].bytes <= 24);
//! # Ok(()) }
//! ```

#[doc(hidden)]
pub mod arbitrary;
mod field;
mod find;
#[doc(hidden)]
pub mod fuzz;
#[doc(hidden)]
pub mod live;
mod page;
mod site;
#[doc(hidden)]
pub mod stage;
#[cfg(test)]
mod tests;
mod transport;

pub use crate::{
    patch::Operation,
    tree::dom::{Dom, Node},
};
pub use page::{Page, Patch};
pub use site::Site;

/// Why an action on a page did not work.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TestError {
    /// Nothing on the page fits.
    #[error("expected {expected}, found none; the page shows: {page}")]
    NotFound {
        /// What was looked for.
        expected: String,
        /// The page's text, shortened.
        page: String,
    },
    /// The server refused the event.
    #[error("the event was refused (code {code}): {message} {fields:?}")]
    Refused {
        /// The protocol's refusal code.
        code: u8,
        /// What the person is told.
        message: String,
        /// Messages at fields: name and text.
        fields: Vec<(String, String)>,
    },
    /// The page answered with another status than 200.
    #[error("expected the page to open, got status {status}: {body}")]
    Status {
        /// The status.
        status: u16,
        /// The body, shortened.
        body: String,
    },
    /// The server ended the connection.
    #[error("the connection was closed with code {code}: {reason}")]
    Closed {
        /// The close code.
        code: u16,
        /// The reason.
        reason: String,
    },
    /// Nothing of the kind happened within five seconds.
    #[error("waited for {expected} in vain; the page shows: {page}")]
    TimedOut {
        /// What was waited for.
        expected: String,
        /// The page's text, shortened.
        page: String,
    },
    /// The patch does not fit the page: a defect of the framework.
    #[error(transparent)]
    Drift(#[from] crate::tree::dom::Drift),
    /// The server sent what is no frame: a defect of the framework.
    #[error(transparent)]
    Protocol(#[from] crate::protocol::DecodeError),
}
