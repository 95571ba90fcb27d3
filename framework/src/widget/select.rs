//! One of several values, in a list that opens.

use maud::Render;

use super::{
    Choice, Value,
    field::Field,
    field_methods::field_methods,
    tag::{Tag, close},
};

/// A list that opens, see [`select`].
#[derive(Clone, Debug)]
#[must_use = "a widget does nothing until it is rendered"]
pub struct Select<'a> {
    field: Field<'a>,
    choices: Vec<Choice<'a>>,
    selected: Value<'a>,
    placeholder: Value<'a>,
}

/// A list of choices, with a label and its name in the payload.
///
/// ```
/// use livefloe::{Markup, html, widget::select};
///
/// fn model(chosen: Option<&str>) -> Markup {
///     html! {
///         (select("Model", "model").placeholder("Choose…").options([("s", "Small"), ("l", "Large")]).selected(chosen))
///     }
/// }
/// ```
pub fn select<'a>(label: impl Into<Value<'a>>, name: impl Into<Value<'a>>) -> Select<'a> {
    Select { field: Field::new(label, name), choices: Vec::new(), selected: Value::nothing(), placeholder: Value::nothing() }
}

impl<'a> Select<'a> {
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

    /// The value that is chosen. None by default: the placeholder, or else the first.
    pub fn selected(mut self, value: impl Into<Value<'a>>) -> Self {
        self.selected = value.into();
        self
    }

    /// A first choice with an empty value, such as "Choose…". None by default.
    pub fn placeholder(mut self, placeholder: impl Into<Value<'a>>) -> Self {
        self.placeholder = placeholder.into();
        self
    }

    field_methods!();
}

impl Render for Select<'_> {
    fn render_to(&self, buffer: &mut String) {
        self.field.frame(buffer, "lf-field", |buffer| {
            let tag = self.field.identity(Tag::open(buffer, "select"));
            self.field.state(tag).end();
            if !self.placeholder.is_empty() {
                let tag = Tag::open(buffer, "option").attribute("value", "");
                self.placeholder.render_to(tag.end());
                close(buffer, "option");
            }
            for Choice { value, label } in &self.choices {
                let is_selected = !value.is_nothing() && value.is_written_like(&self.selected);
                let tag = Tag::open(buffer, "option").attribute("value", value).flag("selected", is_selected);
                label.render_to(tag.end());
                close(buffer, "option");
            }
            close(buffer, "select");
        });
    }
}
