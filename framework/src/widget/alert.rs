//! A message about what happened.

use maud::Render;

use super::{
    Value,
    tag::{Tag, close, text_element},
};

/// What kind of message it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AlertKind {
    /// Something to know.
    #[default]
    Info,
    /// Something worked.
    Success,
    /// Something may go wrong.
    Warning,
    /// Something failed.
    Error,
}

/// A message, see [`alert`].
#[derive(Clone, Debug)]
#[must_use = "a widget does nothing until it is rendered"]
pub struct Alert<'a, C> {
    content: C,
    kind: AlertKind,
    title: Value<'a>,
    key: Value<'a>,
}

/// A message. A screen reader reads an error out at once, any other when it has finished its sentence.
///
/// ```
/// use livefloe::{Render, widget::alert};
///
/// let html = alert("The model is loaded.").success().render().into_string();
/// assert_eq!(html, r#"<div class="lf-alert lf-alert-success" role="status">The model is loaded.</div>"#);
/// ```
pub fn alert<'a, C>(content: C) -> Alert<'a, C> {
    Alert { content, kind: AlertKind::default(), title: Value::nothing(), key: Value::nothing() }
}

impl<'a, C> Alert<'a, C> {
    /// The kind of message. [`AlertKind::Info`] by default.
    pub fn kind(mut self, kind: AlertKind) -> Self {
        self.kind = kind;
        self
    }

    /// Something to know, as by default.
    pub fn info(self) -> Self {
        self.kind(AlertKind::Info)
    }

    /// Something worked.
    pub fn success(self) -> Self {
        self.kind(AlertKind::Success)
    }

    /// Something may go wrong.
    pub fn warning(self) -> Self {
        self.kind(AlertKind::Warning)
    }

    /// Something failed.
    pub fn error(self) -> Self {
        self.kind(AlertKind::Error)
    }

    /// The message in a few words, above the content. None by default.
    pub fn title(mut self, title: impl Into<Value<'a>>) -> Self {
        self.title = title.into();
        self
    }

    /// What tells this item from its neighbours in a list that changes.
    pub fn key(mut self, key: impl Into<Value<'a>>) -> Self {
        self.key = key.into();
        self
    }

    /// Writes what comes before the content.
    pub fn open(&self, buffer: &mut String) {
        let (class, role) = match self.kind {
            AlertKind::Info => ("lf-alert lf-alert-info", "status"),
            AlertKind::Success => ("lf-alert lf-alert-success", "status"),
            AlertKind::Warning => ("lf-alert lf-alert-warning", "status"),
            AlertKind::Error => ("lf-alert lf-alert-error", "alert"),
        };
        Tag::open(buffer, "div").attribute("class", class).attribute("role", role).optional("lf-key", &self.key).end();
        if !self.title.is_empty() {
            text_element(buffer, "p", "lf-alert-title", &self.title);
        }
    }

    /// Writes what comes after the content.
    pub fn close(&self, buffer: &mut String) {
        close(buffer, "div");
    }
}

impl<C: Render> Render for Alert<'_, C> {
    fn render_to(&self, buffer: &mut String) {
        self.open(buffer);
        self.content.render_to(buffer);
        self.close(buffer);
    }
}
