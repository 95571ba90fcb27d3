//! A dialog.

use maud::Render;

use super::{
    Value,
    tag::{Tag, close},
};
use crate::{Act, Binding, When};

/// A dialog, see [`dialog`].
#[derive(Debug)]
#[must_use = "a widget does nothing until it is rendered"]
pub struct Dialog<'a, C> {
    title: Value<'a>,
    is_open: &'a Binding<bool>,
    close: Act,
    content: C,
    key: Value<'a>,
}

/// A dialog in front of the page, native and modal: the rest can't be used while it is open, Esc closes it, and the focus goes back to where it came from. Opening and
/// closing takes no round trip; the server is told. A form in it with `method="dialog"` closes it, too. What is in it stays on the page.
///
/// `close` is the action that closes it; any other button opens it with [`Binding::set`].
///
/// ```
/// use livefloe::{Component, Cx, Markup, html, widget::{button, dialog, text}};
/// # #[derive(serde::Serialize, serde::Deserialize)] struct Page { is_asking: bool }
/// impl Component for Page {
///     fn render(&self, cx: &Cx<Self>) -> Markup {
///         let asking = cx.binding("asking", &self.is_asking, |page| &mut page.is_asking);
///         html! {
///             (button("Delete").on_click(cx.act(asking.set(true))))
///             (dialog("Really?", &asking, cx.act(asking.set(false)), text("This can't be undone.")))
///         }
///     }
/// }
/// ```
pub fn dialog<'a, C>(title: impl Into<Value<'a>>, is_open: &'a Binding<bool>, close: Act, content: C) -> Dialog<'a, C> {
    Dialog { title: title.into(), is_open, close, content, key: Value::nothing() }
}

impl<'a, C> Dialog<'a, C> {
    /// What tells this item from its neighbours in a list that changes.
    pub fn key(mut self, key: impl Into<Value<'a>>) -> Self {
        self.key = key.into();
        self
    }

    /// Writes what comes before the content.
    pub fn open(&self, buffer: &mut String) {
        let id = format!("lf-{}-title", self.is_open.id());
        Tag::open(buffer, "dialog")
            .attribute("class", "lf-dialog")
            .optional("lf-key", &self.key)
            .flag("lf-modal", true)
            .attribute("aria-labelledby", &id)
            .attribute("lf-close", &self.close)
            .attribute("lf-when", When::new().open(self.is_open))
            .end();
        Tag::open(buffer, "header").attribute("class", "lf-dialog-header").end();
        let tag = Tag::open(buffer, "h2").attribute("class", "lf-dialog-title").attribute("id", &id);
        self.title.render_to(tag.end());
        close(buffer, "h2");
        Tag::open(buffer, "button")
            .attribute("type", "button")
            .attribute("class", "lf-dialog-close")
            .attribute("aria-label", "Close")
            .attribute("lf-click", &self.close)
            .end()
            .push('×');
        close(buffer, "button");
        close(buffer, "header");
        Tag::open(buffer, "div").attribute("class", "lf-dialog-content").end();
    }

    /// Writes what comes after the content.
    pub fn close(&self, buffer: &mut String) {
        close(buffer, "div");
        close(buffer, "dialog");
    }
}

impl<C: Render> Render for Dialog<'_, C> {
    fn render_to(&self, buffer: &mut String) {
        self.open(buffer);
        self.content.render_to(buffer);
        self.close(buffer);
    }
}
