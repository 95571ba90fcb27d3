//! How far something has come.

use maud::Render;

use super::{
    Value,
    tag::{Tag, close, text_element},
};

/// A progress bar, see [`progress`].
#[derive(Clone, Debug)]
#[must_use = "a widget does nothing until it is rendered"]
pub struct Progress<'a> {
    label: Value<'a>,
    value: Value<'a>,
    max: Value<'a>,
    note: Value<'a>,
}

/// A progress bar with a label. Without a value it says only that something is going on.
///
/// ```
/// use livefloe::{Markup, html, widget::progress};
///
/// fn training(epoch: u32) -> Markup {
///     html! { (progress("Training").value(epoch).max(20).note(format!("{epoch} of 20 epochs"))) }
/// }
/// ```
pub fn progress<'a>(label: impl Into<Value<'a>>) -> Progress<'a> {
    Progress { label: label.into(), value: Value::nothing(), max: Value::from(1), note: Value::nothing() }
}

impl<'a> Progress<'a> {
    /// How far it has come, from 0 to the maximum. Unknown by default.
    pub fn value(mut self, value: impl Into<Value<'a>>) -> Self {
        self.value = value.into();
        self
    }

    /// How far it will go. 1 by default.
    pub fn max(mut self, max: impl Into<Value<'a>>) -> Self {
        self.max = max.into();
        self
    }

    /// A few words at the right: a percentage, the time left, the place in a queue. None by default.
    pub fn note(mut self, note: impl Into<Value<'a>>) -> Self {
        self.note = note.into();
        self
    }
}

impl Render for Progress<'_> {
    fn render_to(&self, buffer: &mut String) {
        buffer.push_str("<div class=\"lf-field lf-progress\"><label>");
        text_element(buffer, "span", "lf-label", &self.label);
        Tag::open(buffer, "progress").optional("max", &self.max).optional("value", &self.value).end();
        buffer.push_str("</progress></label>");
        if !self.note.is_empty() {
            text_element(buffer, "span", "lf-note", &self.note);
        }
        close(buffer, "div");
    }
}
