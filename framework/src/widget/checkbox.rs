//! A box to tick.

use maud::Render;

use super::{
    Value,
    field::Field,
    field_methods::field_methods,
    tag::{Tag, close},
};

/// A box to tick, see [`checkbox`].
#[derive(Clone, Debug)]
#[must_use = "a widget does nothing until it is rendered"]
pub struct Checkbox<'a> {
    field: Field<'a>,
    is_checked: bool,
    value: Value<'a>,
}

/// A box to tick, with a label and its name in the payload: `true` or `false` when it changes by itself, and
/// within a form `true` or absent.
///
/// ```
/// use livefloe::{Markup, html, widget::checkbox};
///
/// fn stream(is_on: bool) -> Markup {
///     html! { (checkbox("Stream the answer", "stream").checked(is_on)) }
/// }
/// ```
pub fn checkbox<'a>(label: impl Into<Value<'a>>, name: impl Into<Value<'a>>) -> Checkbox<'a> {
    Checkbox { field: Field::new(label, name), is_checked: false, value: Value::nothing() }
}

impl<'a> Checkbox<'a> {
    /// Whether it is ticked. Not by default.
    pub fn checked(mut self, is_checked: bool) -> Self {
        self.is_checked = is_checked;
        self
    }

    /// What is sent in place of `true` when it is ticked; nothing is sent when it is not. None by default.
    pub fn value(mut self, value: impl Into<Value<'a>>) -> Self {
        self.value = value.into();
        self
    }

    field_methods!();
}

impl Render for Checkbox<'_> {
    fn render_to(&self, buffer: &mut String) {
        Tag::open(buffer, "div").attribute("class", "lf-field lf-check").end();
        buffer.push_str("<label>");
        let tag = Tag::open(buffer, "input").attribute("type", "checkbox");
        let tag = self.field.identity(tag).optional("value", &self.value).flag("checked", self.is_checked);
        self.field.state(tag).end();
        self.field.label(buffer);
        buffer.push_str("</label>");
        self.field.notes(buffer);
        close(buffer, "div");
    }
}
