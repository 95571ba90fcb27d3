//! A custom element of the app's own.

use std::borrow::Cow;

use maud::Render;
use serde::Serialize;

use super::{
    On, Value,
    tag::{Tag, close},
};

/// A custom element of the app's own, see [`custom`].
#[derive(Clone, Debug)]
#[must_use = "a widget does nothing until it is rendered"]
pub struct Custom<'a> {
    element: Cow<'a, str>,
    name: Value<'a>,
    id: Value<'a>,
    props: Option<String>,
    on_input: On,
    on_change: On,
    debounce_ms: Option<u32>,
    key: Value<'a>,
}

/// A custom element that a script of the app's own ([`App::script`](crate::App::script)) defines. What it is given goes down as JSON in its attribute `props`, which it observes; what
/// happens in it comes up as `input` and `change`, events that bubble, with its property `value` as text. What it makes inside of itself is its own: no patch goes there.
///
/// ```
/// use livefloe::{HandlerId, Markup, html, widget::custom};
///
/// fn chart(points: &[f64], choose: HandlerId) -> Markup {
///     html! { (custom("my-chart").name("point").props(points).on_change(choose)) }
/// }
/// ```
///
/// # Panics
/// When the name is none of a custom element: small letters and digits with a dash in it, and not one of Livefloe's (`lf-…`).
pub fn custom<'a>(element: impl Into<Cow<'a, str>>) -> Custom<'a> {
    let element = element.into();
    assert!(is_name(&element), "expected the name of a custom element such as my-chart, got `{element}`");
    Custom {
        element,
        name: Value::nothing(),
        id: Value::nothing(),
        props: None,
        on_input: On::default(),
        on_change: On::default(),
        debounce_ms: None,
        key: Value::nothing(),
    }
}

/// Whether it can be the name of a custom element of an app.
#[doc(hidden)]
#[must_use]
pub fn is_name(name: &str) -> bool {
    /// Names with a dash that are not custom elements.
    const TAKEN: [&str; 8] = [
        "annotation-xml",
        "color-profile",
        "font-face",
        "font-face-src",
        "font-face-uri",
        "font-face-format",
        "font-face-name",
        "missing-glyph",
    ];
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.contains('-')
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && !name.starts_with("lf-")
        && !TAKEN.contains(&name)
}

impl<'a> Custom<'a> {
    /// What it is given, as its attribute `props`: anything that JSON can say. None by default.
    ///
    /// # Panics
    /// When JSON can't say it.
    pub fn props(mut self, props: impl Serialize) -> Self {
        self.props =
            Some(serde_json::to_string(&props).unwrap_or_else(|error| panic!("the props of <{}> are no JSON: {error}", self.element)));
        self
    }

    /// The name of its value in the payload. `value` by default.
    pub fn name(mut self, name: impl Into<Value<'a>>) -> Self {
        self.name = name.into();
        self
    }

    /// Its id. None by default.
    pub fn id(mut self, id: impl Into<Value<'a>>) -> Self {
        self.id = id.into();
        self
    }

    /// The handler for its value while it changes: its event `input`.
    pub fn on_input(mut self, handler: impl Into<On>) -> Self {
        self.on_input = handler.into();
        self
    }

    /// The handler for its value once it has changed: its event `change`.
    pub fn on_change(mut self, handler: impl Into<On>) -> Self {
        self.on_change = handler.into();
        self
    }

    /// How long the client waits, in milliseconds, for `input` to rest before it sends. 0 by default.
    pub fn debounce_ms(mut self, debounce_ms: impl Into<Option<u32>>) -> Self {
        self.debounce_ms = debounce_ms.into();
        self
    }

    /// What tells this item from its neighbours in a list that changes.
    pub fn key(mut self, key: impl Into<Value<'a>>) -> Self {
        self.key = key.into();
        self
    }
}

impl Render for Custom<'_> {
    fn render_to(&self, buffer: &mut String) {
        buffer.push('<');
        buffer.push_str(&self.element);
        Tag::more(buffer)
            .optional("id", &self.id)
            .optional("name", &self.name)
            .maybe("props", self.props.as_deref())
            .handlers(&[("lf-input", &self.on_input), ("lf-change", &self.on_change)])
            .maybe("lf-debounce", self.debounce_ms)
            .optional("lf-key", &self.key)
            .flag("lf-ignore", true)
            .end();
        close(buffer, &self.element);
    }
}

#[cfg(test)]
mod tests {
    use super::{is_name, *};
    use crate::handler::HandlerId;

    #[test]
    fn only_names_of_custom_elements_pass() {
        assert!(is_name("my-chart") && is_name("a-1"));
        for name in ["", "chart", "My-chart", "lf-sketchpad", "1-a", "a-b c", "a-\"", "font-face", "a-é"] {
            assert!(!is_name(name), "{name}");
        }
    }

    #[test]
    fn props_go_down_as_json() {
        let save = HandlerId::from_wire(*b"AAAAAAAA").unwrap();
        let html = custom("my-chart").id("c").name("point").props([0.5, 1.0]).on_change(save).key(1).render().0;
        assert_eq!(html, r#"<my-chart id="c" name="point" props="[0.5,1.0]" lf-change="AAAAAAAA" lf-key="1" lf-ignore></my-chart>"#);
        let html = custom("my-chart").props("<\"&").render().0;
        assert_eq!(html, r#"<my-chart props="&quot;&lt;\&quot;&amp;&quot;" lf-ignore></my-chart>"#);
    }
}
