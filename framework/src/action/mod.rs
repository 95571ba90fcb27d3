//! What the client does by itself, as data: [`Actions`] are lists of steps; those on a [`Binding`] the server runs as well.

mod binding;
mod expression;
mod source;
mod when;

use std::borrow::Cow;

use maud::Render;
use serde::Serialize;
use serde_json::{Value, json};

pub use self::{
    binding::Binding,
    expression::{Expression, ExpressionError},
    when::When,
};
pub(crate) use self::{
    binding::{Field, Place, PlaceError},
    expression::scalar,
    source::Source,
};
use crate::HandlerId;

/// Steps that the client takes by itself, at once.
///
/// - With [`Cx::act`](crate::Cx::act) they are what a click or another event does. Steps on a [`Binding`] are shown at once and run by the server, on its own
///   values: when it refuses, the state before shows again. The others are about this page alone, and nobody else hears of them.
/// - As the attribute `lf-optimistic` beside a handler they show what its event is expected to change; when the event is settled they are undone, and what
///   the server has said by then shows: the same, or, after a refusal, the state before.
/// - As the attribute `lf-act` they happen without the server: on a click, on a control's change, on a form's submit.
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
///
/// # What steps without a binding leave behind
/// A class, an attribute or a text that such a step sets lies over what the server says, for as long as the element is on this page: a patch changes what lies beneath,
/// also when it brings the component as a whole again. A reload shows the server's. What the server has to know of belongs to a binding.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Actions {
    /// As the client reads them: lists of a name, the target (empty for the element itself) and values.
    steps: Vec<Value>,
    /// The bindings that they mention.
    sources: Vec<Source>,
    target: Cow<'static, str>,
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

    /// All of another list, after these.
    #[must_use]
    pub fn and(mut self, others: Self) -> Self {
        self.steps.extend(others.steps);
        self.mention(others.sources);
        self
    }

    /// Sets a binding to an expression.
    #[must_use]
    pub fn assign<V>(mut self, binding: &Binding<V>, value: impl Into<Expression>) -> Self {
        let value = value.into();
        self.steps.push(json!(["let", binding.source().id().as_str(), value.json()]));
        self.mention(value.sources);
        self.mention(vec![binding.source().clone()]);
        self
    }

    /// Sets an attribute.
    #[must_use]
    pub fn set(self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.step("set", [name.into().into(), value.into().into()])
    }

    /// Removes an attribute.
    #[must_use]
    pub fn unset(self, name: impl Into<String>) -> Self {
        self.step("set", [name.into().into(), Value::Null])
    }

    /// Sets an attribute without a value, such as `hidden`, or removes it where it is there.
    #[must_use]
    pub fn flip(self, name: impl Into<String>) -> Self {
        self.step("flip", [name.into().into()])
    }

    /// Adds a class.
    #[must_use]
    pub fn add_class(self, class: impl Into<String>) -> Self {
        self.step("class", [class.into().into(), true.into()])
    }

    /// Removes a class.
    #[must_use]
    pub fn remove_class(self, class: impl Into<String>) -> Self {
        self.step("class", [class.into().into(), false.into()])
    }

    /// Adds a class, or removes it where it is there.
    #[must_use]
    pub fn toggle_class(self, class: impl Into<String>) -> Self {
        self.step("class", [class.into().into()])
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

    /// Shows the element where it is hidden, and hides it where it is not.
    #[must_use]
    pub fn toggle(self) -> Self {
        self.flip("hidden")
    }

    /// Greys a control out.
    #[must_use]
    pub fn disable(self) -> Self {
        self.set("disabled", "")
    }

    /// Lets a control be used.
    #[must_use]
    pub fn enable(self) -> Self {
        self.unset("disabled")
    }

    /// Changes the element's first text. An element without any stays as it is.
    #[must_use]
    pub fn text(self, text: impl Into<String>) -> Self {
        self.step("text", [text.into().into()])
    }

    /// Gives the element the focus.
    #[must_use]
    pub fn focus(self) -> Self {
        self.step("focus", [])
    }

    /// Scrolls as far as it takes to see the element, smoothly unless the visitor wants less motion.
    #[must_use]
    pub fn scroll(self) -> Self {
        self.step("scroll", [])
    }

    /// Opens a dialog (as a modal one with `lf-modal`), a popover or details.
    #[must_use]
    pub fn open(self) -> Self {
        self.step("open", [])
    }

    /// Closes a dialog, a popover or details.
    #[must_use]
    pub fn close(self) -> Self {
        self.step("close", [])
    }

    /// Copies a text to the clipboard. The element that was used has the attribute `lf-copied` for two seconds.
    #[must_use]
    pub fn copy(mut self, text: impl Into<Expression>) -> Self {
        let text = text.into();
        self.mention(text.sources.clone());
        self.step("copy", [text.json().clone()])
    }

    /// Copies what the element shows: the value of a control, or else its text.
    #[must_use]
    pub fn copy_shown(self) -> Self {
        self.step("copy", [])
    }

    /// Dispatches a `CustomEvent` at the element, which bubbles: for custom elements and for scripts of your own.
    ///
    /// # Panics
    /// When the detail can't be written as JSON.
    #[must_use]
    pub fn dispatch(self, kind: impl Into<String>, detail: impl Serialize) -> Self {
        match serde_json::to_value(detail) {
            Ok(detail) => self.step("dispatch", [kind.into().into(), detail]),
            Err(error) => panic!("the detail of an event can't be written as JSON: {error}"),
        }
    }

    /// Takes the person to another page of this site: a path that starts with one `/`.
    ///
    /// # Panics
    /// For anything else.
    #[must_use]
    pub fn navigate(mut self, path: impl Into<String>) -> Self {
        let path = path.into();
        assert!(crate::component::is_local_path(&path), "expected a path of this site such as /thanks, got `{path}`");
        self.steps.push(json!(["go", path]));
        self
    }

    /// The steps that the server runs too, as JSON: lists of `let`, the binding's name and an expression.
    pub(crate) fn replayed(&self) -> Vec<&Value> {
        self.steps.iter().filter(|step| step[0] == "let").collect()
    }

    /// The bindings that they set.
    pub(crate) fn assigned(&self) -> impl Iterator<Item = &str> {
        self.steps.iter().filter(|step| step[0] == "let").filter_map(|step| step[1].as_str())
    }

    fn step<const N: usize>(mut self, name: &str, values: [Value; N]) -> Self {
        let mut step = vec![Value::from(name), Value::from(&*self.target)];
        step.extend(values);
        self.steps.push(step.into());
        self
    }

    fn mention(&mut self, sources: Vec<Source>) {
        for source in sources {
            if !self.sources.contains(&source) {
                self.sources.push(source);
            }
        }
    }

    /// The values of bindings that nobody has said before, and the steps.
    fn all(&self) -> impl Iterator<Item = Value> {
        let unsaid = self.sources.iter().filter(|source| source.is_to_say());
        unsaid.map(|source| json!(["is", source.id().as_str(), source.value()])).chain(self.steps.iter().cloned())
    }
}

/// As the value of `lf-act` or `lf-optimistic`.
impl Render for Actions {
    fn render_to(&self, buffer: &mut String) {
        self.all().collect::<Value>().to_string().as_str().render_to(buffer);
    }
}

/// What an event does, from [`Cx::act`](crate::Cx::act): the value of `lf-click` and the like, or of a widget's `on_click`. One to an element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    handler: Option<HandlerId>,
    actions: Actions,
}

impl Act {
    /// `handler`: what runs the steps on bindings. Public for bindings to other languages.
    #[doc(hidden)]
    #[must_use]
    pub fn new(handler: Option<HandlerId>, actions: Actions) -> Self {
        Self { handler, actions }
    }

    /// The handler that runs it on the server, if there is something to run there.
    #[must_use]
    pub fn handler(&self) -> Option<HandlerId> {
        self.handler
    }

    /// The value of the `lf-act` of an element with these: the steps of each come after its handler.
    pub(crate) fn all<'a>(acts: impl Iterator<Item = &'a Self>) -> String {
        let name = |act: &Self| Value::from(act.handler.map_or_else(String::new, |handler| handler.to_string()));
        acts.flat_map(|act| std::iter::once(name(act)).chain(act.actions.all())).collect::<Value>().to_string()
    }
}

/// As the value of `lf-click` and the like. Its steps follow: it ends its own attribute and begins `lf-act`.
impl Render for Act {
    fn render_to(&self, buffer: &mut String) {
        if let Some(handler) = self.handler {
            handler.render_to(buffer);
        }
        buffer.push_str("\" lf-act=\"");
        Self::all(std::iter::once(self)).as_str().render_to(buffer);
    }
}

/// Runs steps on bindings as they were written by [`Actions::replayed`].
pub(crate) fn replay<S: 'static>(
    steps: &[u8],
    state: &mut S,
    place: impl Fn(&str) -> Option<&'static dyn Place<S>>,
) -> Result<(), ReplayError> {
    let steps: Vec<(String, String, Value)> = serde_json::from_slice(steps).map_err(ReplayError::Steps)?;
    for (_, name, expression) in &steps {
        let mut unreadable = None;
        let value = expression::evaluate(expression, &mut |id| match place(id)?.read(state) {
            Ok(value) => Some(value),
            Err(error) => {
                unreadable = Some(error);
                None
            }
        });
        if let Some(error) = unreadable {
            return Err(error.into());
        }
        let place = place(name).ok_or_else(|| ExpressionError::Unknown { got: name.clone() })?;
        place.write(state, value?)?;
    }
    Ok(())
}

/// An action can't be done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReplayError {
    #[error(transparent)]
    Expression(#[from] ExpressionError),
    #[error(transparent)]
    Place(#[from] PlaceError),
    #[error("the steps of an action can't be read")]
    Steps(#[source] serde_json::Error),
}

#[cfg(test)]
mod tests;
