//! A block of code or other preformatted text.

use maud::Render;

use super::{Value, tag::Tag};

/// A block of code, see [`code`].
#[derive(Clone, Debug)]
#[must_use = "a widget does nothing until it is rendered"]
pub struct Code<'a> {
    text: Value<'a>,
    language: Value<'a>,
}

/// Preformatted text in a fixed-width font: code, JSON, a log.
///
/// ```
/// use livefloe::{Render, widget::code};
///
/// let html = code("a < b").language("python").render().into_string();
/// assert_eq!(html, r#"<pre class="lf-code"><code class="language-python">a &lt; b</code></pre>"#);
/// ```
pub fn code<'a>(text: impl Into<Value<'a>>) -> Code<'a> {
    Code { text: text.into(), language: Value::nothing() }
}

impl<'a> Code<'a> {
    /// The language, as a class for a highlighter. None by default.
    pub fn language(mut self, language: impl Into<Value<'a>>) -> Self {
        self.language = language.into();
        self
    }
}

impl Render for Code<'_> {
    fn render_to(&self, buffer: &mut String) {
        Tag::open(buffer, "pre").attribute("class", "lf-code").end();
        // The inner element also keeps a browser from dropping a newline at the start of `pre`.
        let tag = Tag::open(buffer, "code");
        let tag = if self.language.is_empty() { tag } else { tag.attribute("class", format_args!("language-{}", self.language)) };
        self.text.render_to(tag.end());
        buffer.push_str("</code></pre>");
    }
}
