//! Links between the pages of an app.

use std::borrow::Cow;

use maud::Render;

use super::{
    Value, link,
    tag::{Tag, close},
};

/// Links between pages, see [`nav`].
#[derive(Clone, Debug)]
#[must_use = "a widget does nothing until it is rendered"]
pub struct Nav<'a> {
    label: Value<'a>,
    links: Vec<(Value<'a>, Cow<'a, str>)>,
    current: Cow<'a, str>,
}

/// Links between the pages of an app. The label tells screen readers which of the page's navigations it is.
///
/// ```
/// use livefloe::{Markup, html, widget::nav};
///
/// fn pages(path: &str) -> Markup {
///     html! { (nav("Pages").link("Home", "/").link("Digits", "/digits").current(path)) }
/// }
/// ```
pub fn nav<'a>(label: impl Into<Value<'a>>) -> Nav<'a> {
    Nav { label: label.into(), links: Vec::new(), current: Cow::Borrowed("") }
}

impl<'a> Nav<'a> {
    /// Adds a link: its text, and an http(s), mailto, tel or relative address.
    pub fn link(mut self, text: impl Into<Value<'a>>, address: impl Into<Cow<'a, str>>) -> Self {
        self.links.push((text.into(), address.into()));
        self
    }

    /// The address of the page that is shown. None by default.
    pub fn current(mut self, address: impl Into<Cow<'a, str>>) -> Self {
        self.current = address.into();
        self
    }
}

impl Render for Nav<'_> {
    fn render_to(&self, buffer: &mut String) {
        Tag::open(buffer, "nav").attribute("class", "lf-nav").attribute("aria-label", &self.label).end().push_str("<ul>");
        for (text, address) in &self.links {
            buffer.push_str("<li>");
            link(text.clone(), &**address).current(*address == self.current).render_to(buffer);
            buffer.push_str("</li>");
        }
        buffer.push_str("</ul>");
        close(buffer, "nav");
    }
}
