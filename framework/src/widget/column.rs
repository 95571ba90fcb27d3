//! Children below each other.

use maud::Render;

use super::{
    Align, Value,
    tag::{Tag, close},
};

/// Children below each other, see [`column`](fn@column).
#[derive(Clone, Debug)]
#[must_use = "a widget does nothing until it is rendered"]
pub struct Column<'a, C> {
    content: C,
    align: Align,
    key: Value<'a>,
}

/// Puts its content in a column. Inside a row, columns share the width.
///
/// ```
/// use livefloe::{html, widget::{column, heading, row, text}};
///
/// let markup = html! {
///     (row(html! {
///         (column(html! { (heading("Input")) (text("…")) }))
///         (column(html! { (heading("Output")) (text("…")) }))
///     }))
/// };
/// # let _ = markup;
/// ```
pub fn column<'a, C>(content: C) -> Column<'a, C> {
    Column { content, align: Align::Stretch, key: Value::nothing() }
}

impl<'a, C> Column<'a, C> {
    /// How wide the children are and where they stand. [`Align::Stretch`] by default.
    pub fn align(mut self, align: Align) -> Self {
        self.align = align;
        self
    }

    /// What tells this item from its neighbours in a list that changes.
    pub fn key(mut self, key: impl Into<Value<'a>>) -> Self {
        self.key = key.into();
        self
    }

    /// Writes what comes before the content.
    pub fn open(&self, buffer: &mut String) {
        let class = match self.align {
            Align::Stretch => "lf-column",
            Align::Start => "lf-column lf-align-start",
            Align::Center => "lf-column lf-align-center",
            Align::End => "lf-column lf-align-end",
        };
        Tag::open(buffer, "div").attribute("class", class).optional("lf-key", &self.key).end();
    }

    /// Writes what comes after the content.
    pub fn close(&self, buffer: &mut String) {
        close(buffer, "div");
    }
}

impl<C: Render> Render for Column<'_, C> {
    fn render_to(&self, buffer: &mut String) {
        self.open(buffer);
        self.content.render_to(buffer);
        self.close(buffer);
    }
}
