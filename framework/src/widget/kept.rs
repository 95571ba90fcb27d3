//! A value that a browser keeps.

use maud::Render;

use super::{
    On, Value,
    tag::{Tag, close},
};

/// A value that a browser keeps, see [`kept`].
#[derive(Clone, Debug)]
#[must_use = "a widget does nothing until it is rendered"]
pub struct Kept<'a> {
    name: Value<'a>,
    value: Value<'a>,
    on_change: On,
}

/// Keeps a value in the visitor's browser (its local storage), over visits and in all of its tabs: a theme, a draft, what was dismissed. Shows nothing.
///
/// What the server changes is kept. When the page opens and something else is kept, or another tab has kept something, [`on_change`](Kept::on_change) is
/// called with that; with empty text, when nothing is kept any more. Up to 16,000 characters; more are not kept. Anybody who uses the browser can read and
/// change it, so it says nothing about who they are.
///
/// ```
/// use livefloe::{Component, Cx, Markup, html, widget::kept};
/// # #[derive(serde::Serialize, serde::Deserialize)] struct Page { theme: String }
/// impl Component for Page {
///     fn render(&self, cx: &Cx<Self>) -> Markup {
///         html! { (kept("theme", &self.theme).on_change(cx.value(Self::take))) }
///     }
/// }
/// impl Page {
///     fn take(&mut self, theme: String) { if matches!(&*theme, "light" | "dark") { self.theme = theme } }
/// }
/// ```
pub fn kept<'a>(name: impl Into<Value<'a>>, value: impl Into<Value<'a>>) -> Kept<'a> {
    Kept { name: name.into(), value: value.into(), on_change: On::default() }
}

impl Kept<'_> {
    /// The handler for what the browser has kept: `cx.value(…)` of a `String`.
    pub fn on_change(mut self, handler: impl Into<On>) -> Self {
        self.on_change = handler.into();
        self
    }
}

impl Render for Kept<'_> {
    fn render_to(&self, buffer: &mut String) {
        let tag = Tag::open(buffer, "lf-kept")
            .attribute("name", &self.name)
            .optional("value", &self.value)
            .handlers(&[("lf-change", &self.on_change)])
            .flag("hidden", true);
        tag.end();
        close(buffer, "lf-kept");
    }
}
