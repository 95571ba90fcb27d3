//! Children in columns of the same width.

use maud::Render;

use super::{
    Value,
    tag::{Tag, close},
};

/// Children in columns of the same width, see [`grid`].
#[derive(Clone, Debug)]
#[must_use = "a widget does nothing until it is rendered"]
pub struct Grid<'a, C> {
    content: C,
    key: Value<'a>,
}

/// Puts its content in as many columns of the same width as there is room for.
///
/// ```
/// use livefloe::{html, widget::{card, grid, text}};
///
/// let markup = html! {
///     (grid(html! {
///         @for name in ["counter", "digits", "chat"] {
///             (card(html! { (text("An example")) }).title(name).key(name))
///         }
///     }))
/// };
/// # let _ = markup;
/// ```
pub fn grid<'a, C>(content: C) -> Grid<'a, C> {
    Grid { content, key: Value::nothing() }
}

impl<'a, C> Grid<'a, C> {
    /// What tells this item from its neighbours in a list that changes.
    pub fn key(mut self, key: impl Into<Value<'a>>) -> Self {
        self.key = key.into();
        self
    }

    /// Writes what comes before the content.
    pub fn open(&self, buffer: &mut String) {
        Tag::open(buffer, "div").attribute("class", "lf-grid").optional("lf-key", &self.key).end();
    }

    /// Writes what comes after the content.
    pub fn close(&self, buffer: &mut String) {
        close(buffer, "div");
    }
}

impl<C: Render> Render for Grid<'_, C> {
    fn render_to(&self, buffer: &mut String) {
        self.open(buffer);
        self.content.render_to(buffer);
        self.close(buffer);
    }
}
