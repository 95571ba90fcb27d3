//! Parameters of the page's address.

use std::borrow::Cow;

use form_urlencoded::Serializer;
use maud::Render;

use super::{
    On, Value,
    tag::{Tag, close},
};

/// Parameters of the page's address, see [`address`].
#[derive(Clone, Debug)]
#[must_use = "a widget does nothing until it is rendered"]
pub struct Address<'a> {
    name: Cow<'a, str>,
    /// In the order in which they were given; nothing for one that the address is not to have now.
    parameters: Vec<(Cow<'a, str>, Value<'a>)>,
    is_pushed: bool,
    on_change: On,
}

/// Keeps parameters of the page's address (`?t=0.7&q=ice`) at what the server says, so that the address can be sent to others and opens the same.
/// Parameters that are not named here stay as they are. Shows nothing.
///
/// Going back or forward calls [`on_change`](Address::on_change) with a query string of those of its own that the address then has, as the value `query`.
/// Addresses of more than 2,000 characters are not written.
///
/// ```
/// use livefloe::{Component, Cx, Invalid, Markup, html, widget::address};
/// # #[derive(serde::Serialize, serde::Deserialize)] struct Search { words: String, page: u32 }
/// impl Component for Search {
///     fn render(&self, cx: &Cx<Self>) -> Markup {
///         let page = (self.page > 1).then_some(self.page);
///         html! { (address().parameter("q", &self.words).parameter("page", page).on_change(cx.value(Self::go))) }
///     }
/// }
/// impl Search {
///     fn go(&mut self, query: String) { /* what the address says by now */ }
/// }
/// ```
pub fn address<'a>() -> Address<'a> {
    Address { name: "query".into(), parameters: Vec::new(), is_pushed: false, on_change: On::default() }
}

impl<'a> Address<'a> {
    /// A parameter that follows this value; its name has no white space in it. `None`: one that the address doesn't have at the moment, such as one
    /// with its usual value.
    pub fn parameter(mut self, name: impl Into<Cow<'a, str>>, value: impl Into<Value<'a>>) -> Self {
        self.parameters.push((name.into(), value.into()));
        self
    }

    /// The name of the query in the payload. `query` by default.
    pub fn name(mut self, name: impl Into<Cow<'a, str>>) -> Self {
        self.name = name.into();
        self
    }

    /// Whether a change is a step of its own in the history, to go back from. Not by default: then it takes the place of the last.
    pub fn push(mut self, is_pushed: bool) -> Self {
        self.is_pushed = is_pushed;
        self
    }

    /// The handler for what the address says after going back or forward: `cx.value(…)` of a `String`.
    pub fn on_change(mut self, handler: impl Into<On>) -> Self {
        self.on_change = handler.into();
        self
    }
}

impl Render for Address<'_> {
    fn render_to(&self, buffer: &mut String) {
        let given = self.parameters.iter().filter(|(_, value)| !value.is_nothing()).map(|(name, value)| (name, value.to_string()));
        let query = Serializer::new(String::new()).extend_pairs(given).finish();
        let names: Vec<&str> = self.parameters.iter().map(|(name, _)| name.as_ref()).collect();
        let tag = Tag::open(buffer, "lf-address")
            .attribute("name", &self.name)
            .attribute("names", names.join(" "))
            .attribute("query", query)
            .flag("push", self.is_pushed)
            .handlers(&[("lf-change", &self.on_change)])
            .flag("hidden", true);
        tag.end();
        close(buffer, "lf-address");
    }
}
