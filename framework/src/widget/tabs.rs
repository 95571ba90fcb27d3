//! Panels of which one is shown.

use std::fmt;

use maud::{Markup, PreEscaped, Render};

use super::{
    Value,
    tag::{Tag, close},
};
use crate::{Act, Actions, Binding, Expression, When};

/// Panels of which one is shown, see [`tabs`].
#[must_use = "a widget does nothing until it is rendered"]
pub struct Tabs<'a, V> {
    label: Value<'a>,
    selected: &'a Binding<V>,
    act: Box<dyn Fn(Actions) -> Act + 'a>,
    panels: Vec<Tab<'a>>,
    key: Value<'a>,
}

struct Tab<'a> {
    title: Value<'a>,
    is_selected: Expression,
    act: Act,
    content: Markup,
}

impl<V> fmt::Debug for Tabs<'_, V> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Tabs").field("label", &self.label).field("tabs", &self.panels.len()).finish_non_exhaustive()
    }
}

/// Panels of which the one is shown whose value a binding has. Changing them takes no round trip; the server is told. All panels stay on the page, so that what
/// was typed, drawn or scrolled to in one is there when it is shown again.
///
/// `label` is what screen readers call it; `act` is how a tab gets its action. By keyboard, the arrow keys, Home and End go from tab to tab.
///
/// ```
/// use livefloe::{Component, Cx, Markup, html, widget::{tabs, text, text_area}};
/// # #[derive(serde::Serialize, serde::Deserialize)] struct Page { view: String }
/// impl Component for Page {
///     fn render(&self, cx: &Cx<Self>) -> Markup {
///         let view = cx.binding("view", &self.view, |page| &mut page.view);
///         html! {
///             (tabs("Views", &view, |actions| cx.act(actions))
///                 .tab("chart", "Chart", text("…"))
///                 .tab("notes", "Notes", text_area("Notes", "notes")))
///         }
///     }
/// }
/// ```
pub fn tabs<'a, V>(label: impl Into<Value<'a>>, selected: &'a Binding<V>, act: impl Fn(Actions) -> Act + 'a) -> Tabs<'a, V> {
    Tabs { label: label.into(), selected, act: Box::new(act), panels: Vec::new(), key: Value::nothing() }
}

impl<'a, V> Tabs<'a, V> {
    /// A panel with its tab. It is shown while the binding has this value.
    pub fn tab(self, value: impl Into<Expression>, title: impl Into<Value<'a>>, content: impl Render) -> Self {
        let content = content.render();
        self.push(value.into(), title.into(), Actions::new(), content)
    }

    /// A panel whose content is made only once it has been shown, and then stays: `shown` binds whether it has been.
    pub fn lazy_tab<C: Render>(
        self,
        value: impl Into<Expression>,
        title: impl Into<Value<'a>>,
        shown: &Binding<bool>,
        content: impl FnOnce() -> C,
    ) -> Self {
        let value = value.into();
        let was_shown = self.selected.is(&value).or(shown).now().is_ok_and(|shown| shown == true);
        let content = if was_shown { content().render() } else { PreEscaped(String::new()) };
        self.push(value, title.into(), shown.set(true), content)
    }

    fn push(mut self, value: Expression, title: Value<'a>, also: Actions, content: Markup) -> Self {
        let is_selected = self.selected.is(&value);
        let act = (self.act)(self.selected.set(value).and(also));
        self.panels.push(Tab { title, is_selected, act, content });
        self
    }

    /// What tells this item from its neighbours in a list that changes.
    pub fn key(mut self, key: impl Into<Value<'a>>) -> Self {
        self.key = key.into();
        self
    }
}

impl<V> Render for Tabs<'_, V> {
    fn render_to(&self, buffer: &mut String) {
        let id = |index| format!("lf-{}-{index}", self.selected.id());
        let tag = Tag::open(buffer, "div").attribute("class", "lf-tabs").optional("lf-key", &self.key);
        tag.attribute("lf-values", self.selected).end();
        Tag::open(buffer, "div").attribute("class", "lf-tab-list").attribute("role", "tablist").attribute("aria-label", &self.label).end();
        for (index, tab) in self.panels.iter().enumerate() {
            let others = self.panels.iter().skip(1).map(|tab| tab.is_selected.clone());
            let is_stop = match others.reduce(|any, other| any.or(other)) {
                // With none selected there is still one to come to by keyboard.
                Some(any) if index == 0 => any.then(-1, 0),
                _ => tab.is_selected.then(0, -1),
            };
            let when = When::new().attribute("aria-selected", &tab.is_selected).attribute("tabindex", is_stop);
            let tag = Tag::open(buffer, "button")
                .attribute("type", "button")
                .attribute("class", "lf-tab")
                .attribute("role", "tab")
                .attribute("id", id(index))
                .attribute("aria-controls", id(index) + "-panel")
                .attribute("lf-click", &tab.act)
                .attribute("lf-when", when);
            tab.title.render_to(tag.end());
            close(buffer, "button");
        }
        close(buffer, "div");
        for (index, tab) in self.panels.iter().enumerate() {
            Tag::open(buffer, "div")
                .attribute("class", "lf-tab-panel")
                .attribute("role", "tabpanel")
                .attribute("id", id(index) + "-panel")
                .attribute("aria-labelledby", id(index))
                .attribute("tabindex", 0)
                .attribute("lf-when", When::new().shown(&tab.is_selected))
                .end()
                .push_str(&tab.content.0);
            close(buffer, "div");
        }
        close(buffer, "div");
    }
}
