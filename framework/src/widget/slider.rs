//! A number that is chosen by dragging.

use maud::Render;

use super::{
    Value,
    field::Field,
    field_methods::field_methods,
    tag::{Tag, close},
};

/// A slider, see [`slider`].
#[derive(Clone, Debug)]
#[must_use = "a widget does nothing until it is rendered"]
pub struct Slider<'a> {
    field: Field<'a>,
    value: Value<'a>,
    min: Value<'a>,
    max: Value<'a>,
    step: Value<'a>,
    unit: Value<'a>,
}

/// A slider, with a label and its name in the payload. It shows its value, which the server renders: give it an
/// [`on_input`](Slider::on_input) handler that keeps the value.
///
/// ```
/// use livefloe::{Markup, html, widget::slider};
///
/// fn temperature(value: f64) -> Markup {
///     html! { (slider("Temperature", "temperature").min(0).max(2).step(0.1).value(value)) }
/// }
/// ```
pub fn slider<'a>(label: impl Into<Value<'a>>, name: impl Into<Value<'a>>) -> Slider<'a> {
    Slider {
        field: Field::new(label, name),
        value: Value::nothing(),
        min: Value::from(0),
        max: Value::from(100),
        step: Value::nothing(),
        unit: Value::nothing(),
    }
}

impl<'a> Slider<'a> {
    /// The present number. The middle by default, as browsers do, and then not shown.
    pub fn value(mut self, value: impl Into<Value<'a>>) -> Self {
        self.value = value.into();
        self
    }

    /// The number at the left end. 0 by default.
    pub fn min(mut self, min: impl Into<Value<'a>>) -> Self {
        self.min = min.into();
        self
    }

    /// The number at the right end. 100 by default.
    pub fn max(mut self, max: impl Into<Value<'a>>) -> Self {
        self.max = max.into();
        self
    }

    /// The distance between two numbers, or `"any"`. 1 by default: whole numbers.
    pub fn step(mut self, step: impl Into<Value<'a>>) -> Self {
        self.step = step.into();
        self
    }

    /// What the number counts, shown after it: `"%"`, `"ms"`. None by default.
    pub fn unit(mut self, unit: impl Into<Value<'a>>) -> Self {
        self.unit = unit.into();
        self
    }

    field_methods!();

    fn output(&self, buffer: &mut String) {
        // Quiet for screen readers: they hear the value from the slider itself.
        let tag = Tag::open(buffer, "output").attribute("aria-live", "off");
        let buffer = tag.end();
        self.value.render_to(buffer);
        if !self.value.is_empty() && !self.unit.is_empty() {
            buffer.push('\u{a0}');
            self.unit.render_to(buffer);
        }
        close(buffer, "output");
    }
}

impl Render for Slider<'_> {
    fn render_to(&self, buffer: &mut String) {
        Tag::open(buffer, "div").attribute("class", "lf-field lf-slider").end();
        buffer.push_str("<label>");
        self.field.label(buffer);
        let tag = Tag::open(buffer, "input").attribute("type", "range");
        let tag = self
            .field
            .identity(tag)
            // Bounds before the value: a browser clamps what it gets to the bounds that it knows.
            .optional("min", &self.min)
            .optional("max", &self.max)
            .optional("step", &self.step)
            .optional("value", &self.value);
        self.field.state(tag).end();
        buffer.push_str("</label>");
        self.output(buffer);
        self.field.notes(buffer);
        close(buffer, "div");
    }
}
