//! A button.

use maud::Render;

use super::{
    On, Value,
    tag::{Tag, close},
};

/// How much a button stands out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ButtonVariant {
    /// One of several actions.
    #[default]
    Secondary,
    /// The one action that the page is about.
    Primary,
    /// An action that cannot be taken back.
    Danger,
    /// An action beside others that matter more: drawn without a border.
    Ghost,
}

impl ButtonVariant {
    fn class(self) -> &'static str {
        match self {
            Self::Secondary => "lf-button",
            Self::Primary => "lf-button lf-button-primary",
            Self::Danger => "lf-button lf-button-danger",
            Self::Ghost => "lf-button lf-button-ghost",
        }
    }
}

/// A button, see [`button`].
#[derive(Clone, Debug)]
#[must_use = "a widget does nothing until it is rendered"]
pub struct Button<'a> {
    text: Value<'a>,
    variant: ButtonVariant,
    is_submit: bool,
    name: Value<'a>,
    value: Value<'a>,
    accessible_name: Value<'a>,
    is_disabled: bool,
    autofocus: bool,
    on_click: On,
    key: Value<'a>,
}

/// A button with this text. It submits no form unless [`Button::submit`] says so.
///
/// ```
/// use livefloe::{HandlerId, Markup, html, widget::{button, row}};
///
/// fn toolbar(save: HandlerId, delete: HandlerId) -> Markup {
///     html! {
///         (row(html! {
///             (button("Save").on_click(save).primary())
///             (button("Delete").on_click(delete).danger())
///         }))
///     }
/// }
/// ```
pub fn button<'a>(text: impl Into<Value<'a>>) -> Button<'a> {
    Button {
        text: text.into(),
        variant: ButtonVariant::default(),
        is_submit: false,
        name: Value::nothing(),
        value: Value::nothing(),
        accessible_name: Value::nothing(),
        is_disabled: false,
        autofocus: false,
        on_click: On::default(),
        key: Value::nothing(),
    }
}

impl<'a> Button<'a> {
    /// The handler to call.
    pub fn on_click(mut self, handler: impl Into<On>) -> Self {
        self.on_click = handler.into();
        self
    }

    /// How much it stands out. [`ButtonVariant::Secondary`] by default.
    pub fn variant(mut self, variant: ButtonVariant) -> Self {
        self.variant = variant;
        self
    }

    /// The one action that the page is about.
    pub fn primary(self) -> Self {
        self.variant(ButtonVariant::Primary)
    }

    /// One of several actions, as by default.
    pub fn secondary(self) -> Self {
        self.variant(ButtonVariant::Secondary)
    }

    /// An action that cannot be taken back.
    pub fn danger(self) -> Self {
        self.variant(ButtonVariant::Danger)
    }

    /// An action beside others that matter more.
    pub fn ghost(self) -> Self {
        self.variant(ButtonVariant::Ghost)
    }

    /// Makes it submit the form around it.
    pub fn submit(mut self) -> Self {
        self.is_submit = true;
        self
    }

    /// The name of its value in the payload. `value` by default.
    pub fn name(mut self, name: impl Into<Value<'a>>) -> Self {
        self.name = name.into();
        self
    }

    /// The value that is sent with the click. None by default: bind an argument to the handler instead, where the
    /// client must not be able to change it.
    pub fn value(mut self, value: impl Into<Value<'a>>) -> Self {
        self.value = value.into();
        self
    }

    /// What screen readers call it, where the text alone says too little: "Remove Ada" for "×".
    pub fn accessible_name(mut self, name: impl Into<Value<'a>>) -> Self {
        self.accessible_name = name.into();
        self
    }

    /// Whether it is greyed out and does nothing. Not by default.
    pub fn disabled(mut self, is_disabled: bool) -> Self {
        self.is_disabled = is_disabled;
        self
    }

    /// Whether it has the focus when it appears. Not by default.
    pub fn autofocus(mut self, autofocus: bool) -> Self {
        self.autofocus = autofocus;
        self
    }

    /// What tells this item from its neighbours in a list that changes.
    pub fn key(mut self, key: impl Into<Value<'a>>) -> Self {
        self.key = key.into();
        self
    }
}

impl Render for Button<'_> {
    fn render_to(&self, buffer: &mut String) {
        let tag = Tag::open(buffer, "button")
            .attribute("type", if self.is_submit { "submit" } else { "button" })
            .attribute("class", self.variant.class())
            .optional("name", &self.name)
            .optional("value", &self.value)
            .optional("aria-label", &self.accessible_name)
            .flag("disabled", self.is_disabled)
            .flag("autofocus", self.autofocus)
            .handlers(&[("lf-click", &self.on_click)])
            .optional("lf-key", &self.key);
        self.text.render_to(tag.end());
        close(buffer, "button");
    }
}
