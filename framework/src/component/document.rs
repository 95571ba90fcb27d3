//! [`Document`]: what a page says of the document around it.

use std::borrow::Cow;

use maud::Markup;

/// What a page gives the document around it, besides its title: attributes of `<html>` and `<body>`, and elements of `<head>`.
/// When it changes, the client gets what differs.
///
/// ```
/// use livefloe::{Component, Cx, Document, Markup, html};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize)]
/// struct Article { language: String, summary: String, dark: bool }
///
/// impl Component for Article {
///     fn render(&self, _cx: &Cx<Self>) -> Markup {
///         html! { p { (self.summary) } }
///     }
///
///     fn document(&self) -> Document {
///         Document::new()
///             .html("lang", &self.language)
///             .body("class", if self.dark { "dark" } else { "light" })
///             .head(html! { meta name="description" content=(self.summary); })
///     }
/// }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Document {
    pub(crate) html: Attributes,
    pub(crate) body: Attributes,
    pub(crate) head: String,
}

/// Attributes by name, each once.
pub(crate) type Attributes = Vec<(Cow<'static, str>, String)>;

impl Document {
    /// One that says nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets an attribute of `<html>`. Without one, `lang` is `en`. A name that HTML has no attribute of, or an event handler
    /// (`onload`), which the page's security policy refuses, is left out with a warning.
    #[must_use]
    pub fn html(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<String>) -> Self {
        set(&mut self.html, name.into(), value.into());
        self
    }

    /// Sets an attribute of `<body>`; see [`html`](Self::html).
    #[must_use]
    pub fn body(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<String>) -> Self {
        set(&mut self.body, name.into(), value.into());
        self
    }

    /// The elements for `<head>`: `meta`, `link`, `style`… The title has [`Component::title`](crate::Component::title). Text
    /// and comments between them are left out, and each element gets the attribute `lf-head`, by which the client knows it.
    #[must_use]
    pub fn head(mut self, elements: Markup) -> Self {
        self.head = crate::tree::head(&elements.into_string());
        self
    }
}

fn set(attributes: &mut Attributes, name: Cow<'static, str>, value: String) {
    let is_name = name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | ':' | '.'))
        && !name.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("on"));
    if !is_name {
        tracing::warn!(%name, "no attribute of a document: left out");
        return;
    }
    match attributes.iter_mut().find(|(other, _)| other.eq_ignore_ascii_case(&name)) {
        Some((_, before)) => *before = value,
        None => attributes.push((name, value)),
    }
}

#[cfg(test)]
mod tests {
    use maud::PreEscaped;

    use super::Document;

    #[test]
    fn an_attribute_is_there_once_and_never_a_handler() {
        let document = Document::new().html("lang", "pl").html("LANG", "de").body("onload", "x()").body("a b", "").body("", "");
        assert_eq!(document.html, [("lang".into(), "de".to_owned())]);
        assert_eq!(document.body, []);
    }

    #[test]
    fn elements_of_the_head_are_marked_and_all_else_is_left_out() {
        let cases = [
            ("<meta name=\"a\">", "<meta lf-head name=\"a\">"),
            (" <link rel=x> and <!-- c --><style>a<b</style>", "<link lf-head rel=x><style lf-head>a<b</style>"),
            ("", ""),
            ("<meta lf-head>", "<meta lf-head lf-head>"),
        ];
        for (given, expected) in cases {
            assert_eq!(Document::new().head(PreEscaped(given.to_owned())).head, expected);
        }
    }
}
