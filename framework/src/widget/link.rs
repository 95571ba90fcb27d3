//! A link to another page or site.

use std::borrow::Cow;

use maud::Render;

use super::{
    Value,
    tag::{Tag, close},
    url::{EMPTY_LINK, is_link_address},
};

/// A link, see [`link`].
#[derive(Clone, Debug)]
#[must_use = "a widget does nothing until it is rendered"]
pub struct Link<'a> {
    text: Value<'a>,
    address: Cow<'a, str>,
    is_button: bool,
    is_current: bool,
}

/// A link to an http(s), mailto, tel or relative address. Any other address becomes `#`.
///
/// ```
/// use livefloe::{Render, widget::link};
///
/// assert_eq!(link("Home", "/").render().into_string(), r#"<a href="/">Home</a>"#);
/// assert_eq!(link("No", "javascript:alert(1)").render().into_string(), r##"<a href="#">No</a>"##);
/// ```
pub fn link<'a>(text: impl Into<Value<'a>>, address: impl Into<Cow<'a, str>>) -> Link<'a> {
    Link { text: text.into(), address: address.into(), is_button: false, is_current: false }
}

impl Link<'_> {
    /// Draws the link as a button.
    pub fn button(mut self) -> Self {
        self.is_button = true;
        self
    }

    /// Whether it leads to the page that is shown. Not by default.
    pub fn current(mut self, is_current: bool) -> Self {
        self.is_current = is_current;
        self
    }
}

impl Render for Link<'_> {
    fn render_to(&self, buffer: &mut String) {
        let address = if is_link_address(&self.address) { &self.address } else { EMPTY_LINK };
        let tag = Tag::open(buffer, "a")
            .maybe("class", self.is_button.then_some("lf-button"))
            .attribute("href", address)
            .maybe("aria-current", self.is_current.then_some("page"));
        self.text.render_to(tag.end());
        close(buffer, "a");
    }
}
