//! Components: state that lives on the server, and a function that renders it.

mod cx;
mod document;
pub mod instance;
mod link;
mod saved;
mod typed;

use maud::Markup;
use serde::{Serialize, de::DeserializeOwned};

pub use cx::Cx;
pub(crate) use cx::is_local_path;
pub(crate) use document::Attributes;
pub use document::Document;
pub use link::Link;
pub(crate) use typed::Typed;

/// A piece of a page: state on the server, rendered to HTML, changed by the handlers that the rendering names.
///
/// The state is saved through serde: before each handler, so that a failure changes nothing, and by stores. What can't
/// be saved (a connection, a model) belongs to the app: [`App::state`](crate::App::state) and [`Cx::state`].
///
/// ```
/// use livefloe::{App, Component, Cx, Markup, html};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Default, Serialize, Deserialize)]
/// struct Counter { count: i64 }
///
/// impl Component for Counter {
///     fn render(&self, cx: &Cx<Self>) -> Markup {
///         html! {
///             p { "Count: " (self.count) }
///             button lf-click=(cx.on(Self::increment)) { "+1" }
///         }
///     }
/// }
///
/// impl Counter {
///     fn increment(&mut self) { self.count += 1 }
/// }
///
/// let app = App::new().page("/", Counter::default);
/// ```
pub trait Component: Serialize + DeserializeOwned + Send + Sized + 'static {
    /// Renders the state. A pure function: it changes nothing, asks no clock, and may run at any time. (An idle session drops
    /// what was rendered and renders it again; where that gives something else, the client gets all of it and the log says so.
    /// What others change, such as [`Cx::state`] and [`Cx::members`], may be looked at.)
    fn render(&self, cx: &Cx<Self>) -> Markup;

    /// The document's title while this component is the page. Default: the app's title.
    fn title(&self) -> Option<String> {
        None
    }

    /// What else this component says of the document while it is the page: its language, the body's class, elements of the
    /// head. A pure function, as [`render`](Self::render). Default: nothing.
    fn document(&self) -> Document {
        Document::new()
    }

    /// Goes back to the state from before a handler that failed, or from before the process ended. The default puts `before` in place, which
    /// resets fields that serde skips; override it to carry those over.
    fn undo(&mut self, before: Self) {
        *self = before;
    }
}

/// A component that a parent places with [`Cx::child`] and passes properties to.
///
/// ```
/// use livefloe::{Child, Component, Cx, Markup, html};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize)]
/// struct Stars { label: String, count: u32 }
///
/// impl Component for Stars {
///     fn render(&self, cx: &Cx<Self>) -> Markup {
///         html! { button lf-click=(cx.on(Self::add)) { (self.label) ": " (self.count) } }
///     }
/// }
/// impl Stars { fn add(&mut self) { self.count += 1 } }
///
/// impl Child for Stars {
///     type Properties = String;
///     fn new(label: &String) -> Self { Self { label: label.clone(), count: 0 } }
///     fn update(&mut self, label: &String) { self.label.clone_from(label) }
/// }
///
/// # #[derive(Serialize, Deserialize)] struct Page { titles: Vec<String> }
/// impl Component for Page {
///     fn render(&self, cx: &Cx<Self>) -> Markup {
///         html! { @for title in &self.titles { (cx.child::<Stars>(title, title.clone())) } }
///     }
/// }
/// ```
pub trait Child: Component {
    /// What the parent passes down. When it changes, [`update`](Self::update) runs and the child renders again.
    type Properties: PartialEq + Send + 'static;

    /// The state of a new child.
    fn new(properties: &Self::Properties) -> Self;

    /// Takes changed properties; the rest of the state stays.
    fn update(&mut self, properties: &Self::Properties);
}
