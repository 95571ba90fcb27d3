//! Several lines of text that can be edited.

use std::borrow::Cow;

use maud::Render;

use super::{
    Value,
    field::Field,
    field_methods::field_methods,
    tag::{Tag, close},
};

/// Several lines of text, see [`text_area`].
#[derive(Clone, Debug)]
#[must_use = "a widget does nothing until it is rendered"]
pub struct TextArea<'a> {
    field: Field<'a>,
    value: Cow<'a, str>,
    placeholder: Value<'a>,
    rows: u32,
    autofocus: bool,
    max_length: Option<u32>,
}

/// Several lines of text to edit, with a label and its name in the payload.
///
/// ```
/// use livefloe::{Markup, html, widget::text_area};
///
/// fn prompt(value: &str) -> Markup {
///     html! { (text_area("Prompt", "prompt").value(value).rows(6).help("Shift and Enter for a new line")) }
/// }
/// ```
pub fn text_area<'a>(label: impl Into<Value<'a>>, name: impl Into<Value<'a>>) -> TextArea<'a> {
    TextArea {
        field: Field::new(label, name),
        value: Cow::Borrowed(""),
        placeholder: Value::nothing(),
        rows: 4,
        autofocus: false,
        max_length: None,
    }
}

impl<'a> TextArea<'a> {
    /// The present text. Empty by default.
    pub fn value(mut self, value: impl Into<Value<'a>>) -> Self {
        self.value = value.into().into_text();
        self
    }

    /// An example, shown while the field is empty. It does not replace the label.
    pub fn placeholder(mut self, placeholder: impl Into<Value<'a>>) -> Self {
        self.placeholder = placeholder.into();
        self
    }

    /// Its height in lines of text, at least 1. 4 by default.
    pub fn rows(mut self, rows: u32) -> Self {
        self.rows = rows.max(1);
        self
    }

    /// Whether it has the focus when it appears. Not by default.
    pub fn autofocus(mut self, autofocus: bool) -> Self {
        self.autofocus = autofocus;
        self
    }

    /// The most UTF-16 units that the browser lets in. No bound by default; check on the server as well.
    pub fn max_length(mut self, max_length: impl Into<Option<u32>>) -> Self {
        self.max_length = max_length.into();
        self
    }

    field_methods!();
}

impl Render for TextArea<'_> {
    fn render_to(&self, buffer: &mut String) {
        self.field.frame(buffer, "lf-field", |buffer| {
            let tag = self
                .field
                .identity(Tag::open(buffer, "textarea"))
                .attribute("rows", self.rows)
                .optional("placeholder", &self.placeholder)
                .maybe("maxlength", self.max_length)
                .flag("autofocus", self.autofocus);
            let buffer = self.field.state(tag).end();
            // A browser drops one newline at the start, so a text that begins with one needs another.
            if self.value.starts_with(['\n', '\r']) {
                buffer.push('\n');
            }
            self.value.render_to(buffer);
            close(buffer, "textarea");
        });
    }
}

#[cfg(test)]
mod tests {
    use super::text_area;
    use maud::Render;

    #[test]
    fn newline_at_the_start_survives_the_browser() {
        for (value, expected) in [("a\n", ">a\n</"), ("\na", ">\n\na</"), ("\r\na", ">\n\r\na</"), ("", "></")] {
            let html = text_area("Text", "text").value(value).render().into_string();
            assert!(html.contains(&format!("{expected}textarea>")), "{html}");
        }
    }
}
