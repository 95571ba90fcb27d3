//! A line of text that can be edited.

use maud::Render;

use super::{Value, field::Field, field_methods::field_methods, tag::Tag};

/// What kind of text a field is for: it chooses the keyboard of a phone and what the browser checks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum TextKind {
    /// Any text.
    #[default]
    Text,
    /// An e-mail address.
    Email,
    /// A password, which is not shown.
    Password,
    /// A search, with a way to clear it.
    Search,
    /// An absolute address on the web.
    Url,
    /// A day, as `2026-01-31`.
    Date,
}

impl TextKind {
    fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Email => "email",
            Self::Password => "password",
            Self::Search => "search",
            Self::Url => "url",
            Self::Date => "date",
        }
    }
}

/// A line of text, see [`text_field`].
#[derive(Clone, Debug)]
#[must_use = "a widget does nothing until it is rendered"]
pub struct TextField<'a> {
    field: Field<'a>,
    kind: TextKind,
    value: Value<'a>,
    placeholder: Value<'a>,
    autocomplete: Value<'a>,
    autofocus: bool,
    max_length: Option<u32>,
}

/// A line of text to edit, with a label and its name in the payload.
///
/// ```
/// use livefloe::{Render, widget::{TextKind, text_field}};
///
/// let html = text_field("E-mail", "email").kind(TextKind::Email).value("ada@").error("Not complete").render();
/// assert!(html.into_string().contains(r#"aria-invalid="true" aria-describedby="lf-email-error""#));
/// ```
pub fn text_field<'a>(label: impl Into<Value<'a>>, name: impl Into<Value<'a>>) -> TextField<'a> {
    TextField {
        field: Field::new(label, name),
        kind: TextKind::default(),
        value: Value::nothing(),
        placeholder: Value::nothing(),
        autocomplete: Value::nothing(),
        autofocus: false,
        max_length: None,
    }
}

impl<'a> TextField<'a> {
    /// The kind of text. [`TextKind::Text`] by default.
    pub fn kind(mut self, kind: TextKind) -> Self {
        self.kind = kind;
        self
    }

    /// The present text. Empty by default.
    pub fn value(mut self, value: impl Into<Value<'a>>) -> Self {
        self.value = value.into();
        self
    }

    /// An example, shown while the field is empty. It does not replace the label.
    pub fn placeholder(mut self, placeholder: impl Into<Value<'a>>) -> Self {
        self.placeholder = placeholder.into();
        self
    }

    /// What the browser may fill in, in HTML's words: `email`, `current-password`, `off`…
    pub fn autocomplete(mut self, autocomplete: impl Into<Value<'a>>) -> Self {
        self.autocomplete = autocomplete.into();
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

impl Render for TextField<'_> {
    fn render_to(&self, buffer: &mut String) {
        self.field.frame(buffer, "lf-field", |buffer| {
            let tag = Tag::open(buffer, "input").attribute("type", self.kind.name());
            let tag = self
                .field
                .identity(tag)
                .optional("value", &self.value)
                .optional("placeholder", &self.placeholder)
                .optional("autocomplete", &self.autocomplete)
                .maybe("maxlength", self.max_length)
                .flag("autofocus", self.autofocus);
            self.field.state(tag).end();
        });
    }
}
