//! A heading.

use maud::Render;

use super::{
    Value,
    tag::{Tag, close},
};

/// A heading, see [`heading`].
#[derive(Clone, Debug)]
#[must_use = "a widget does nothing until it is rendered"]
pub struct Heading<'a> {
    text: Value<'a>,
    level: u8,
    id: Value<'a>,
}

/// A heading of level 2, unless [`Heading::level`] says otherwise.
///
/// ```
/// use livefloe::{Render, widget::heading};
///
/// assert_eq!(heading("Digits").level(1).render().into_string(), "<h1>Digits</h1>");
/// ```
pub fn heading<'a>(text: impl Into<Value<'a>>) -> Heading<'a> {
    Heading { text: text.into(), level: 2, id: Value::nothing() }
}

impl<'a> Heading<'a> {
    /// The rank from 1, the page, to 6; numbers outside are brought inside. 2 by default.
    pub fn level(mut self, level: u8) -> Self {
        self.level = level;
        self
    }

    /// The id, which makes the heading a target of links. None by default.
    pub fn id(mut self, id: impl Into<Value<'a>>) -> Self {
        self.id = id.into();
        self
    }
}

impl Render for Heading<'_> {
    fn render_to(&self, buffer: &mut String) {
        const NAMES: [&str; 6] = ["h1", "h2", "h3", "h4", "h5", "h6"];
        let name = NAMES[usize::from(self.level.clamp(1, 6)) - 1];
        let tag = Tag::open(buffer, name).optional("id", &self.id);
        self.text.render_to(tag.end());
        close(buffer, name);
    }
}
