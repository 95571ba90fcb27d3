//! Children beside each other.

use maud::Render;

use super::{
    Align, Value,
    tag::{Tag, close},
};

/// Children beside each other, see [`row`].
#[derive(Clone, Debug)]
#[must_use = "a widget does nothing until it is rendered"]
pub struct Row<'a, C> {
    content: C,
    align: Option<Align>,
    key: Value<'a>,
}

/// Puts its content in a row, which breaks into lines where there is too little room.
///
/// Fields, cards and columns share the width; buttons and text take what they need.
///
/// ```
/// use livefloe::{html, widget::{button, row}};
///
/// let markup = html! { (row(html! { (button("Back")) (button("Next").primary()) })) };
///
/// // The halves, for content that is written as it comes:
/// let mut buffer = String::new();
/// let row = row("").key(1);
/// row.open(&mut buffer);
/// buffer.push_str("…");
/// row.close(&mut buffer);
/// assert_eq!(buffer, r#"<div class="lf-row" lf-key="1">…</div>"#);
/// # let _ = markup;
/// ```
pub fn row<'a, C>(content: C) -> Row<'a, C> {
    Row { content, align: None, key: Value::nothing() }
}

impl<'a, C> Row<'a, C> {
    /// How children of different height stand beside each other. By default it depends on them: fields at the
    /// bottom, cards and columns stretched, anything else in the middle.
    pub fn align(mut self, align: impl Into<Option<Align>>) -> Self {
        self.align = align.into();
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
            None => "lf-row",
            Some(Align::Start) => "lf-row lf-align-start",
            Some(Align::Center) => "lf-row lf-align-center",
            Some(Align::End) => "lf-row lf-align-end",
            Some(Align::Stretch) => "lf-row lf-align-stretch",
        };
        Tag::open(buffer, "div").attribute("class", class).optional("lf-key", &self.key).end();
    }

    /// Writes what comes after the content.
    pub fn close(&self, buffer: &mut String) {
        close(buffer, "div");
    }
}

impl<C: Render> Render for Row<'_, C> {
    fn render_to(&self, buffer: &mut String) {
        self.open(buffer);
        self.content.render_to(buffer);
        self.close(buffer);
    }
}
