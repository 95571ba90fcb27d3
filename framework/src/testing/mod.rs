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
mod element;
mod field;
mod find;
#[doc(hidden)]
pub mod fuzz;
#[doc(hidden)]
pub mod live;
mod outline;
mod page;
mod query;
mod reader;
mod role;
mod site;
#[doc(hidden)]
pub mod stage;
#[cfg(test)]
mod tests;
mod transport;
mod watch;

pub use crate::{
    patch::Operation,
    tree::dom::{Dom, Node, NodeId},
};
pub use element::Element;
pub use page::{Page, Patch};
pub use query::{Query, Target, Words};
pub use role::{Role, UnknownRole};
pub use site::Site;

/// Why an action on a page did not work.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TestError {
    /// Nothing on the page fits.
    #[error("expected {expected}, found none; {page}")]
    NotFound {
        /// What was looked for.
        expected: String,
        /// What there is, a line each.
        page: String,
    },
    /// More than one thing on the page fits.
    #[error(
        "expected one {expected}, found {n_found}:\n{candidates}\nsay more about it, look inside one of what they are in, or take one of all"
    )]
    Ambiguous {
        /// What was looked for.
        expected: String,
        /// How many there are.
        n_found: usize,
        /// The first of them, a line each.
        candidates: String,
    },
    /// What was found before is no longer on the page.
    #[error("this element is no longer on the page, find it again; {page}")]
    Gone {
        /// What there is, a line each.
        page: String,
    },
    /// A person could not do that, or nothing would happen.
    #[error("{reason}")]
    Impossible {
        /// Why.
        reason: String,
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
    /// Nothing of the kind happened in time.
    #[error("waited {seconds} s for {expected}, in vain; {page}")]
    TimedOut {
        /// What was waited for.
        expected: String,
        /// How long.
        seconds: f64,
        /// What the page shows, a line each.
        page: String,
    },
    /// The patch does not fit the page: a defect of the framework.
    #[error(transparent)]
    Drift(#[from] crate::tree::dom::Drift),
    /// The server sent what is no frame: a defect of the framework.
    #[error(transparent)]
    Protocol(#[from] crate::protocol::DecodeError),
}
