//! The top of a page.

use maud::Render;

use super::{
    Value,
    tag::{close, text_element},
};

/// The top of a page, see [`page_header`].
#[derive(Clone, Debug)]
#[must_use = "a widget does nothing until it is rendered"]
pub struct PageHeader<'a> {
    title: Value<'a>,
    subtitle: Value<'a>,
}

/// The title of a page, as its heading of level 1.
///
/// ```
/// use livefloe::{html, widget::page_header};
///
/// let markup = html! { (page_header("Digits").subtitle("Draw one, and a small network says which it is.")) };
/// # let _ = markup;
/// ```
pub fn page_header<'a>(title: impl Into<Value<'a>>) -> PageHeader<'a> {
    PageHeader { title: title.into(), subtitle: Value::nothing() }
}

impl<'a> PageHeader<'a> {
    /// A sentence below the title. None by default.
    pub fn subtitle(mut self, subtitle: impl Into<Value<'a>>) -> Self {
        self.subtitle = subtitle.into();
        self
    }
}

impl Render for PageHeader<'_> {
    fn render_to(&self, buffer: &mut String) {
        buffer.push_str("<header class=\"lf-page-header\"><h1>");
        self.title.render_to(buffer);
        buffer.push_str("</h1>");
        if !self.subtitle.is_empty() {
            text_element(buffer, "p", "lf-subtitle", &self.subtitle);
        }
        close(buffer, "header");
    }
}
