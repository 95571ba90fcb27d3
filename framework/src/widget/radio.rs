//! One of a few values, all in view.

use maud::Render;

use super::{
    Choice, Value,
    field::Field,
    field_methods::field_methods,
    tag::{Tag, close, text_element},
};

/// A group of radio buttons, see [`radio`].
#[derive(Clone, Debug)]
#[must_use = "a widget does nothing until it is rendered"]
pub struct Radio<'a> {
    field: Field<'a>,
    choices: Vec<Choice<'a>>,
    selected: Value<'a>,
    is_inline: bool,
}

/// A group of radio buttons, with a label for all of them and their name in the payload.
///
/// ```
/// use livefloe::{Markup, html, widget::radio};
///
/// fn size(chosen: &str) -> Markup {
///     html! { (radio("Size", "size").options(["small", "large"]).selected(chosen).inline()) }
/// }
/// ```
pub fn radio<'a>(label: impl Into<Value<'a>>, name: impl Into<Value<'a>>) -> Radio<'a> {
    Radio { field: Field::new(label, name), choices: Vec::new(), selected: Value::nothing(), is_inline: false }
}

impl<'a> Radio<'a> {
    /// Adds a choice: the value that is sent and the label that is shown.
    pub fn option(mut self, value: impl Into<Value<'a>>, label: impl Into<Value<'a>>) -> Self {
        self.choices.push(Choice::from((value, label)));
        self
    }

    /// Adds choices: values, or pairs of value and label.
    pub fn options<C: Into<Choice<'a>>>(mut self, choices: impl IntoIterator<Item = C>) -> Self {
        self.choices.extend(choices.into_iter().map(Into::into));
        self
    }

    /// The value that is chosen. None by default.
    pub fn selected(mut self, value: impl Into<Value<'a>>) -> Self {
        self.selected = value.into();
        self
    }

    /// Puts the choices beside each other. Below each other by default.
    pub fn inline(mut self) -> Self {
        self.is_inline = true;
        self
    }

    field_methods!();
}

impl Render for Radio<'_> {
    fn render_to(&self, buffer: &mut String) {
        let class = if self.is_inline { "lf-field lf-radio lf-inline" } else { "lf-field lf-radio" };
        // The role allows `aria-invalid` and `aria-required`, which a plain group does not.
        let tag = Tag::open(buffer, "fieldset")
            .optional("id", &self.field.id)
            .attribute("class", class)
            .attribute("role", "radiogroup")
            .maybe("aria-required", self.field.is_required.then_some("true"));
        self.field.description(tag).flag("disabled", self.field.is_disabled).end();
        text_element(buffer, "legend", self.field.label_class(), &self.field.label);
        for Choice { value, label } in &self.choices {
            buffer.push_str("<label>");
            let is_checked = !value.is_nothing() && value.is_written_like(&self.selected);
            let tag = Tag::open(buffer, "input")
                .attribute("type", "radio")
                .attribute("name", &self.field.name)
                .attribute("value", value)
                .flag("checked", is_checked)
                .flag("required", self.field.is_required);
            self.field.events(tag).end();
            buffer.push_str("<span>");
            label.render_to(buffer);
            buffer.push_str("</span></label>");
        }
        self.field.notes(buffer);
        close(buffer, "fieldset");
    }
}
