//! A paragraph of plain text.

use maud::Render;

use super::{
    Value,
    tag::{Tag, close},
};

/// A paragraph, see [`text`].
#[derive(Clone, Debug)]
#[must_use = "a widget does nothing until it is rendered"]
pub struct Text<'a> {
    content: Value<'a>,
    is_muted: bool,
    key: Value<'a>,
}

/// A paragraph of plain text. Line breaks in the text are kept.
///
/// ```
/// use livefloe::{Render, widget::text};
///
/// let html = text("1 < 2").muted().render().into_string();
/// assert_eq!(html, r#"<p class="lf-text lf-muted">1 &lt; 2</p>"#);
/// ```
pub fn text<'a>(content: impl Into<Value<'a>>) -> Text<'a> {
    Text { content: content.into(), is_muted: false, key: Value::nothing() }
}

impl<'a> Text<'a> {
    /// Draws the text in a quieter colour, for hints and states.
    pub fn muted(mut self) -> Self {
        self.is_muted = true;
        self
    }

    /// What tells this item from its neighbours in a list that changes.
    pub fn key(mut self, key: impl Into<Value<'a>>) -> Self {
        self.key = key.into();
        self
    }
}

impl Render for Text<'_> {
    fn render_to(&self, buffer: &mut String) {
        let class = if self.is_muted { "lf-text lf-muted" } else { "lf-text" };
        let tag = Tag::open(buffer, "p").attribute("class", class).optional("lf-key", &self.key);
        self.content.render_to(tag.end());
        close(buffer, "p");
    }
}
