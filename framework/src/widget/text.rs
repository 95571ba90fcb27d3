//! A paragraph of plain text.

use maud::Render;

use super::{
    Value,
    tag::{Tag, close},
};
use crate::{Expression, When};

/// A paragraph, see [`text`].
#[derive(Clone, Debug)]
#[must_use = "a widget does nothing until it is rendered"]
pub struct Text<'a> {
    content: Value<'a>,
    is_muted: bool,
    key: Value<'a>,
    follows: Option<Expression>,
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
    Text { content: content.into(), is_muted: false, key: Value::nothing(), follows: None }
}

impl<'a> Text<'a> {
    /// Draws the text in a quieter colour, for hints and states.
    pub fn muted(mut self) -> Self {
        self.is_muted = true;
        self
    }

    /// An expression that it follows without waiting for the server: what it shows now is that, too.
    pub fn follows(mut self, expression: impl Into<Expression>) -> Self {
        self.follows = Some(expression.into());
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
        let tag = tag.maybe("lf-when", self.follows.as_ref().map(|expression| When::new().text(expression)));
        match &self.follows {
            Some(expression) => When::words(expression).as_str().render_to(tag.end()),
            None => self.content.render_to(tag.end()),
        }
        close(buffer, "p");
    }
}
