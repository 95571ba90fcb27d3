//! Controls that are sent together.

use maud::Render;

use super::{
    On, Value,
    tag::{Tag, close},
};

/// Controls that are sent together, see [`form`].
#[derive(Clone, Debug)]
#[must_use = "a widget does nothing until it is rendered"]
pub struct Form<'a, C> {
    content: C,
    on_submit: On,
    on_input: On,
    on_change: On,
    debounce_ms: Option<u32>,
    is_reset_after_submit: bool,
    key: Value<'a>,
}

/// Controls that are sent together, by a button that [submits](super::Button::submit) or the Enter key.
///
/// It posts: were it submitted before the client is there, a `GET` would put what was typed into the address.
///
/// ```
/// use livefloe::{HandlerId, Markup, html, widget::{button, form, row, text_field}};
///
/// fn send(send: HandlerId) -> Markup {
///     html! {
///         (form(row(html! {
///             (text_field("Message", "message").hide_label().autocomplete("off").required(true))
///             (button("Send").submit().primary())
///         })).on_submit(send).reset_after_submit())
///     }
/// }
/// ```
pub fn form<'a, C>(content: C) -> Form<'a, C> {
    Form {
        content,
        on_submit: On::default(),
        on_input: On::default(),
        on_change: On::default(),
        debounce_ms: None,
        is_reset_after_submit: false,
        key: Value::nothing(),
    }
}

impl<'a, C> Form<'a, C> {
    /// The handler that gets all the values when the form is submitted.
    pub fn on_submit(mut self, handler: impl Into<On>) -> Self {
        self.on_submit = handler.into();
        self
    }

    /// The handler that gets all the values at every change while it is made.
    pub fn on_input(mut self, handler: impl Into<On>) -> Self {
        self.on_input = handler.into();
        self
    }

    /// The handler that gets all the values when one control's change is finished.
    pub fn on_change(mut self, handler: impl Into<On>) -> Self {
        self.on_change = handler.into();
        self
    }

    /// How long the client waits, in milliseconds, for the input to rest before it sends. 0 by default.
    pub fn debounce_ms(mut self, debounce_ms: impl Into<Option<u32>>) -> Self {
        self.debounce_ms = debounce_ms.into();
        self
    }

    /// Empties the controls once the values are sent.
    pub fn reset_after_submit(mut self) -> Self {
        self.is_reset_after_submit = true;
        self
    }

    /// What tells this item from its neighbours in a list that changes.
    pub fn key(mut self, key: impl Into<Value<'a>>) -> Self {
        self.key = key.into();
        self
    }

    /// Writes what comes before the content.
    pub fn open(&self, buffer: &mut String) {
        Tag::open(buffer, "form")
            .attribute("class", "lf-form")
            .attribute("method", "post")
            .handlers(&[("lf-submit", &self.on_submit), ("lf-input", &self.on_input), ("lf-change", &self.on_change)])
            .maybe("lf-debounce", self.debounce_ms)
            .flag("lf-reset", self.is_reset_after_submit)
            .optional("lf-key", &self.key)
            .end();
    }

    /// Writes what comes after the content.
    pub fn close(&self, buffer: &mut String) {
        close(buffer, "form");
    }
}

impl<C: Render> Render for Form<'_, C> {
    fn render_to(&self, buffer: &mut String) {
        self.open(buffer);
        self.content.render_to(buffer);
        self.close(buffer);
    }
}
