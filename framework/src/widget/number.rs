//! A number that can be typed.

use maud::Render;

use super::{Value, field::Field, field_methods::field_methods, tag::Tag};

/// A number, see [`number`].
#[derive(Clone, Debug)]
#[must_use = "a widget does nothing until it is rendered"]
pub struct Number<'a> {
    field: Field<'a>,
    value: Value<'a>,
    min: Value<'a>,
    max: Value<'a>,
    step: Value<'a>,
    placeholder: Value<'a>,
}

/// A number to type, with a label and its name in the payload.
///
/// Bounds help the person, they do not protect the server: check there as well.
///
/// ```
/// use livefloe::{Markup, html, widget::number};
///
/// fn steps(value: u32) -> Markup {
///     html! { (number("Steps", "steps").value(value).min(1).max(100)) }
/// }
/// ```
pub fn number<'a>(label: impl Into<Value<'a>>, name: impl Into<Value<'a>>) -> Number<'a> {
    Number {
        field: Field::new(label, name),
        value: Value::nothing(),
        min: Value::nothing(),
        max: Value::nothing(),
        step: Value::nothing(),
        placeholder: Value::nothing(),
    }
}

impl<'a> Number<'a> {
    /// The present number. Empty by default.
    pub fn value(mut self, value: impl Into<Value<'a>>) -> Self {
        self.value = value.into();
        self
    }

    /// The smallest number. No bound by default.
    pub fn min(mut self, min: impl Into<Value<'a>>) -> Self {
        self.min = min.into();
        self
    }

    /// The largest number. No bound by default.
    pub fn max(mut self, max: impl Into<Value<'a>>) -> Self {
        self.max = max.into();
        self
    }

    /// The distance between two numbers, or `"any"`. 1 by default: whole numbers.
    pub fn step(mut self, step: impl Into<Value<'a>>) -> Self {
        self.step = step.into();
        self
    }

    /// An example, shown while the field is empty. It does not replace the label.
    pub fn placeholder(mut self, placeholder: impl Into<Value<'a>>) -> Self {
        self.placeholder = placeholder.into();
        self
    }

    field_methods!();
}

impl Render for Number<'_> {
    fn render_to(&self, buffer: &mut String) {
        self.field.frame(buffer, "lf-field", |buffer| {
            let tag = Tag::open(buffer, "input").attribute("type", "number");
            let tag = self
                .field
                .identity(tag)
                // Bounds before the value: a browser clamps what it gets to the bounds that it knows.
                .optional("min", &self.min)
                .optional("max", &self.max)
                .optional("step", &self.step)
                .optional("value", &self.value)
                .optional("placeholder", &self.placeholder);
            self.field.state(tag).end();
        });
    }
}
