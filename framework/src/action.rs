//! [`Actions`]: what the client does by itself, as data.

use std::borrow::Cow;

use maud::Render;
use serde::Serialize;

/// Steps that the client takes by itself, at once. As the attribute `lf-optimistic` beside a handler they show what its event is
/// expected to change; when the event is settled they are undone, and what the server has said by then shows: the
/// same, or, after a refusal, the state before.
///
/// Steps are about the element itself; after [`on`](Self::on), about another one of the same component.
///
/// ```
/// use livefloe::{Actions, Component, Cx, Markup, html};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Default, Serialize, Deserialize)]
/// struct Post { is_liked: bool, likes: u32 }
///
/// impl Component for Post {
///     fn render(&self, cx: &Cx<Self>) -> Markup {
///         let expected = Actions::new().add_class("liked").set("aria-pressed", "true").on("#likes").text((self.likes + 1).to_string());
///         html! {
///             button class=[self.is_liked.then_some("liked")] lf-click=(cx.on(Self::like)) lf-optimistic=(expected) { "♥" }
///             span id="likes" { (self.likes) }
///         }
///     }
/// }
///
/// impl Post {
///     fn like(&mut self) {
///         self.is_liked = true;
///         self.likes += 1;
///     }
/// }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Actions {
    steps: Vec<Step>,
    target: Cow<'static, str>,
}

/// A step as the client reads it: a list of its name, the target (empty for the element itself) and values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
enum Step {
    Set(&'static str, Cow<'static, str>, String, Option<String>),
    Class(&'static str, Cow<'static, str>, String, bool),
    Text(&'static str, Cow<'static, str>, String),
}

impl Actions {
    /// No steps.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets the steps that follow be about the first element of the same component that this CSS selector fits. Where there is
    /// none when it happens, they are left out.
    #[must_use]
    pub fn on(mut self, selector: impl Into<Cow<'static, str>>) -> Self {
        self.target = selector.into();
        self
    }

    /// Sets an attribute.
    #[must_use]
    pub fn set(self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.step(|target| Step::Set("set", target, name.into(), Some(value.into())))
    }

    /// Removes an attribute.
    #[must_use]
    pub fn unset(self, name: impl Into<String>) -> Self {
        self.step(|target| Step::Set("set", target, name.into(), None))
    }

    /// Adds a class.
    #[must_use]
    pub fn add_class(self, class: impl Into<String>) -> Self {
        self.step(|target| Step::Class("class", target, class.into(), true))
    }

    /// Removes a class.
    #[must_use]
    pub fn remove_class(self, class: impl Into<String>) -> Self {
        self.step(|target| Step::Class("class", target, class.into(), false))
    }

    /// Shows the element, by taking its attribute `hidden` away.
    #[must_use]
    pub fn show(self) -> Self {
        self.unset("hidden")
    }

    /// Hides the element with the attribute `hidden`.
    #[must_use]
    pub fn hide(self) -> Self {
        self.set("hidden", "")
    }

    /// Changes the element's first text. An element without any stays as it is.
    #[must_use]
    pub fn text(self, text: impl Into<String>) -> Self {
        self.step(|target| Step::Text("text", target, text.into()))
    }

    fn step(mut self, make: impl FnOnce(Cow<'static, str>) -> Step) -> Self {
        self.steps.push(make(self.target.clone()));
        self
    }
}

/// As the value of an attribute.
impl Render for Actions {
    fn render_to(&self, buffer: &mut String) {
        // Strings, flags and lists of them: nothing that JSON could not say.
        serde_json::to_string(&self.steps).unwrap_or_default().render_to(buffer);
    }
}

#[cfg(test)]
mod tests {
    use maud::html;

    use super::Actions;

    #[test]
    fn steps_are_written_for_the_client() {
        let actions = Actions::new().add_class("a\"b").hide().on("#x > i").unset("title").remove_class("c").text("<1>");
        let markup = html! { b lf-optimistic=(actions) {} }.into_string().replace("&quot;", "'");
        let expected = "<b lf-optimistic=\"[['class','','a\\'b',true],['set','','hidden',''],['set','#x &gt; i','title',null],\
             ['class','#x &gt; i','c',false],['text','#x &gt; i','&lt;1&gt;']]\"></b>";
        assert_eq!(markup, expected);
        assert_eq!(html! { (Actions::new()) }.into_string(), "[]");
    }
}
