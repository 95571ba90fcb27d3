//! Things that belong together, on a surface of their own.

use std::borrow::Cow;

use maud::Render;

use super::{
    Value,
    tag::{Tag, close},
    url::is_link_address,
};

/// A surface, see [`card`].
#[derive(Clone, Debug)]
#[must_use = "a widget does nothing until it is rendered"]
pub struct Card<'a, C> {
    content: C,
    title: Value<'a>,
    address: Option<Cow<'a, str>>,
    key: Value<'a>,
}

/// Puts its content on a surface, with or without a title.
///
/// ```
/// use livefloe::{html, widget::{card, text}};
///
/// let markup = html! { (card(text("99.4 % right")).title("Digits").link("/digits")) };
/// # let _ = markup;
/// ```
pub fn card<'a, C>(content: C) -> Card<'a, C> {
    Card { content, title: Value::nothing(), address: None, key: Value::nothing() }
}

impl<'a, C> Card<'a, C> {
    /// A heading above the content. None by default.
    pub fn title(mut self, title: impl Into<Value<'a>>) -> Self {
        self.title = title.into();
        self
    }

    /// Makes the title a link, and the whole card its target. An address that is not http(s), mailto, tel or
    /// relative is left out.
    pub fn link(mut self, address: impl Into<Cow<'a, str>>) -> Self {
        self.address = Some(address.into()).filter(|address| is_link_address(address));
        self
    }

    /// What tells this item from its neighbours in a list that changes.
    pub fn key(mut self, key: impl Into<Value<'a>>) -> Self {
        self.key = key.into();
        self
    }

    /// Writes what comes before the content.
    pub fn open(&self, buffer: &mut String) {
        Tag::open(buffer, "section").attribute("class", "lf-card").optional("lf-key", &self.key).end();
        if self.title.is_empty() {
            return;
        }
        Tag::open(buffer, "h2").attribute("class", "lf-card-title").end();
        match &self.address {
            None => self.title.render_to(buffer),
            Some(address) => {
                let tag = Tag::open(buffer, "a").attribute("href", address);
                self.title.render_to(tag.end());
                close(buffer, "a");
            }
        }
        close(buffer, "h2");
    }

    /// Writes what comes after the content.
    pub fn close(&self, buffer: &mut String) {
        close(buffer, "section");
    }
}

impl<C: Render> Render for Card<'_, C> {
    fn render_to(&self, buffer: &mut String) {
        self.open(buffer);
        self.content.render_to(buffer);
        self.close(buffer);
    }
}
