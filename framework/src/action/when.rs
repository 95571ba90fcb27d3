//! [`When`]: attributes that depend on bindings.

use std::borrow::Cow;

use maud::Render;
use serde_json::Value;

use super::{Expression, binding::write_values, expression::words};

/// Attributes of an element that depend on bindings, as the value of its attribute `lf-when`: it says what they are now, and to the client how to show what an
/// action makes of them before the server has answered.
///
/// ```
/// use livefloe::{Component, Cx, Markup, When, html};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Default, Serialize, Deserialize)]
/// struct Help { is_open: bool }
///
/// impl Component for Help {
///     fn render(&self, cx: &Cx<Self>) -> Markup {
///         let open = cx.binding("open", &self.is_open, |help| &mut help.is_open);
///         html! {
///             button lf-click=(cx.act(open.toggle())) lf-when=(When::new().attribute("aria-expanded", &open)) { "Help" }
///             p lf-when=(When::new().shown(&open)) { "Shown and hidden without waiting for the server." }
///         }
///     }
/// }
/// ```
///
/// # Panics
/// When an expression has no value, rendering does: the component then shows what it showed before, and the page says why.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[must_use = "it does nothing until it is rendered"]
pub struct When {
    parts: Vec<(Cow<'static, str>, Expression)>,
}

impl When {
    /// No attributes.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether the element is there to see; the attribute `hidden`.
    pub fn shown(self, when: impl Into<Expression>) -> Self {
        self.hidden(!when.into())
    }

    /// Whether the element is hidden.
    pub fn hidden(self, when: impl Into<Expression>) -> Self {
        self.attribute("hidden", when)
    }

    /// Whether a control is greyed out.
    pub fn disabled(self, when: impl Into<Expression>) -> Self {
        self.attribute("disabled", when)
    }

    /// Whether a dialog, a popover or details are open.
    pub fn open(self, when: impl Into<Expression>) -> Self {
        self.attribute("open", when)
    }

    /// Whether the element has a class. What it has now is for the markup to say, since only that knows its other classes:
    /// `class=[self.is_open.then_some("open")]`.
    pub fn class(self, class: &str, when: impl Into<Expression>) -> Self {
        self.attribute(format!("class:{class}"), when)
    }

    /// The element's first text. What it is now is for the markup to say.
    pub fn text(self, text: impl Into<Expression>) -> Self {
        self.attribute("text", text)
    }

    /// Any other attribute. Of `aria-…` and `data-…` truths are written as `true` and `false`; of others, true is there without a value, and false and nothing
    /// are not there. What a person enters (`value`, `checked`) isn't overwritten by an action: it comes with the answer.
    pub fn attribute(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Expression>) -> Self {
        self.parts.push((name.into(), value.into()));
        self
    }

    /// The attributes that are written as well, with what they are now.
    fn written(&self) -> impl Iterator<Item = (&str, String)> {
        self.parts.iter().filter(|(name, _)| name != "text" && !name.starts_with("class:")).filter_map(|(name, expression)| {
            let value = now(name, expression);
            let is_word = name.starts_with("aria-") || name.starts_with("data-");
            match value {
                Value::Null | Value::Bool(false) if !is_word => None,
                Value::Null => None,
                Value::Bool(true) if !is_word => Some((name.as_ref(), String::new())),
                value => Some((name.as_ref(), words(&value))),
            }
        })
    }

    /// What an expression is now, as text.
    pub(crate) fn words(expression: &Expression) -> String {
        words(&now("text", expression))
    }
}

fn now(name: &str, expression: &Expression) -> Value {
    match expression.now() {
        Ok(value) => value,
        Err(error) => panic!("`{name}` in lf-when has no value: {error}"),
    }
}

/// As the value of `lf-when`. The attributes that it says follow: it ends its own and begins others.
impl Render for When {
    fn render_to(&self, buffer: &mut String) {
        let expressions = self.parts.iter().map(|(name, expression)| (name.to_string(), expression.json().clone())).collect();
        Value::Object(expressions).to_string().as_str().render_to(buffer);
        let unsaid: Vec<_> =
            self.parts.iter().flat_map(|(_, expression)| &expression.sources).filter(|source| source.is_to_say()).collect();
        if !unsaid.is_empty() {
            buffer.push_str("\" lf-values=\"");
            write_values(unsaid, buffer);
        }
        for (name, value) in self.written() {
            buffer.push_str("\" ");
            name.render_to(buffer);
            buffer.push_str("=\"");
            value.render_to(buffer);
        }
    }
}
