//! Content that is folded away behind its title.

use std::fmt;

use maud::{Markup, Render};

use super::{
    Value,
    tag::{Tag, close},
};
use crate::{Act, Actions, Binding, Expression, When};

/// Content behind its title, see [`expander`].
#[derive(Debug)]
#[must_use = "a widget does nothing until it is rendered"]
pub struct Expander<'a, C> {
    title: Value<'a>,
    is_open: Expression,
    act: Act,
    content: C,
    key: Value<'a>,
}

/// Content that is folded away behind its title, and unfolded by it: native `details`. Unfolding takes no round trip; the server is told. What is in it stays on
/// the page.
///
/// ```
/// use livefloe::{Component, Cx, Markup, html, widget::{expander, text}};
/// # #[derive(serde::Serialize, serde::Deserialize)] struct Page { is_open: bool }
/// impl Component for Page {
///     fn render(&self, cx: &Cx<Self>) -> Markup {
///         let open = cx.binding("open", &self.is_open, |page| &mut page.is_open);
///         html! { (expander("Details", &open, cx.act(open.toggle()), text("…"))) }
///     }
/// }
/// ```
pub fn expander<'a, C>(title: impl Into<Value<'a>>, is_open: impl Into<Expression>, act: Act, content: C) -> Expander<'a, C> {
    Expander { title: title.into(), is_open: is_open.into(), act, content, key: Value::nothing() }
}

impl<'a, C> Expander<'a, C> {
    /// What tells this item from its neighbours in a list that changes.
    pub fn key(mut self, key: impl Into<Value<'a>>) -> Self {
        self.key = key.into();
        self
    }

    /// Writes what comes before the content.
    pub fn open(&self, buffer: &mut String) {
        Tag::open(buffer, "details")
            .attribute("class", "lf-expander")
            .optional("lf-key", &self.key)
            .attribute("lf-when", When::new().open(&self.is_open))
            .end();
        let tag = Tag::open(buffer, "summary").attribute("class", "lf-expander-title").attribute("lf-click", &self.act);
        self.title.render_to(tag.end());
        close(buffer, "summary");
        Tag::open(buffer, "div").attribute("class", "lf-expander-content").end();
    }

    /// Writes what comes after the content.
    pub fn close(&self, buffer: &mut String) {
        close(buffer, "div");
        close(buffer, "details");
    }
}

impl<C: Render> Render for Expander<'_, C> {
    fn render_to(&self, buffer: &mut String) {
        self.open(buffer);
        self.content.render_to(buffer);
        self.close(buffer);
    }
}

/// Expanders of which one at most is open, see [`accordion`].
#[must_use = "a widget does nothing until it is rendered"]
pub struct Accordion<'a, V> {
    opened: &'a Binding<Option<V>>,
    act: Box<dyn Fn(Actions) -> Act + 'a>,
    items: Vec<Expander<'a, Markup>>,
}

impl<V> fmt::Debug for Accordion<'_, V> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Accordion").field("items", &self.items).finish_non_exhaustive()
    }
}

/// Expanders of which at most the one is open whose value a binding has; opening one closes the other.
///
/// ```
/// use livefloe::{Component, Cx, Markup, html, widget::{accordion, text}};
/// # #[derive(serde::Serialize, serde::Deserialize)] struct Page { question: Option<u32> }
/// impl Component for Page {
///     fn render(&self, cx: &Cx<Self>) -> Markup {
///         let question = cx.binding("question", &self.question, |page| &mut page.question);
///         html! {
///             (accordion(&question, |actions| cx.act(actions))
///                 .item(1, "Who?", text("…"))
///                 .item(2, "Why?", text("…")))
///         }
///     }
/// }
/// ```
pub fn accordion<'a, V>(opened: &'a Binding<Option<V>>, act: impl Fn(Actions) -> Act + 'a) -> Accordion<'a, V> {
    Accordion { opened, act: Box::new(act), items: Vec::new() }
}

impl<'a, V> Accordion<'a, V> {
    /// Content with its title. It is open while the binding has this value.
    pub fn item(mut self, value: impl Into<Expression>, title: impl Into<Value<'a>>, content: impl Render) -> Self {
        let value = value.into();
        let is_open = self.opened.is(&value);
        let act = (self.act)(self.opened.set(is_open.then(Expression::value(()), value)));
        self.items.push(expander(title, is_open, act, content.render()));
        self
    }
}

impl<V> Render for Accordion<'_, V> {
    fn render_to(&self, buffer: &mut String) {
        Tag::open(buffer, "div").attribute("class", "lf-accordion").attribute("lf-values", self.opened).end();
        for item in &self.items {
            item.render_to(buffer);
        }
        close(buffer, "div");
    }
}
