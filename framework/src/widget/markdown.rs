//! Markdown from anywhere, a language model included, as safe HTML.
//!
//! Raw HTML in it is shown as text, and what the Markdown writer made goes through a sanitiser with a short list
//! of elements all the same: two independent barriers.

use std::{borrow::Cow, collections::HashSet, sync::LazyLock};

use maud::Render;
use pulldown_cmark::{Event, Options, Parser, Tag as Part, TagEnd, html};

use super::tag::{Tag, close};

/// Markdown, see [`markdown`].
#[derive(Clone, Debug)]
#[must_use = "a widget does nothing until it is rendered"]
pub struct Markdown<'a> {
    source: Cow<'a, str>,
    has_images: bool,
}

/// Renders Markdown: `CommonMark` with tables, strikethrough and task lists.
///
/// Raw HTML is shown as text. Links lead to http(s), mailto, tel or relative addresses and get
/// `rel="noopener noreferrer"`.
///
/// ```
/// use livefloe::{Render, widget::markdown};
///
/// let html = markdown("*Hi* <script>").render().into_string();
/// assert_eq!(html, "<div class=\"lf-markdown\"><p><em>Hi</em> &lt;script&gt;</p>\n</div>");
/// ```
pub fn markdown<'a>(source: impl Into<Cow<'a, str>>) -> Markdown<'a> {
    Markdown { source: source.into(), has_images: false }
}

impl Markdown<'_> {
    /// Loads the images that the text names. By default only their descriptions are shown, because an image
    /// address in generated text can carry what a conversation holds to another server.
    pub fn images(mut self, has_images: bool) -> Self {
        self.has_images = has_images;
        self
    }
}

impl Render for Markdown<'_> {
    fn render_to(&self, buffer: &mut String) {
        let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
        let events = Parser::new_ext(&self.source, options).filter_map(|event| match event {
            Event::Html(text) | Event::InlineHtml(text) => Some(Event::Text(text)),
            // A form control here would be one without a label that does nothing.
            Event::TaskListMarker(true) => Some(Event::Text("☑ ".into())),
            Event::TaskListMarker(false) => Some(Event::Text("☐ ".into())),
            Event::Start(Part::Image { .. }) | Event::End(TagEnd::Image) if !self.has_images => None,
            event => Some(event),
        });
        let mut written = String::with_capacity(self.source.len() * 3 / 2);
        html::push_html(&mut written, events);

        Tag::open(buffer, "div").attribute("class", "lf-markdown").end().push_str(&SANITISER.clean(&written).to_string());
        close(buffer, "div");
    }
}

/// Only what the Markdown writer can make. `style` is not in it: column alignment would be blocked by the
/// content security policy anyway.
static SANITISER: LazyLock<ammonia::Builder<'static>> = LazyLock::new(|| {
    let tags: HashSet<_> = [
        "a",
        "blockquote",
        "br",
        "code",
        "del",
        "em",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "img",
        "li",
        "ol",
        "p",
        "pre",
        "strong",
        "table",
        "tbody",
        "td",
        "th",
        "thead",
        "tr",
        "ul",
    ]
    .into();
    let mut builder = ammonia::Builder::empty();
    builder
        .tags(tags)
        .add_tag_attributes("a", ["href", "title"])
        .add_tag_attributes("img", ["src", "alt", "title"])
        .add_tag_attributes("ol", ["start"])
        .add_tag_attributes("code", ["class"])
        .url_schemes(["http", "https", "mailto", "tel"].into())
        .link_rel(Some("noopener noreferrer"))
        .attribute_filter(|element, attribute, value| {
            let is_foreign_class = element == "code" && attribute == "class" && !value.starts_with("language-");
            (!is_foreign_class).then_some(Cow::Borrowed(value))
        });
    builder
});

#[cfg(test)]
mod tests {
    use super::markdown;
    use maud::Render;

    fn html(source: &str) -> String {
        let html = markdown(source).images(true).render().into_string();
        html["<div class=\"lf-markdown\">".len()..html.len() - "</div>".len()].trim().to_owned()
    }

    #[test]
    fn markdown_becomes_plain_elements() {
        let cases = [
            ("a **b** ~~c~~", "<p>a <strong>b</strong> <del>c</del></p>"),
            ("- [x] done", "<ul>\n<li>☑ done</li>\n</ul>"),
            ("```rust\n\nfn\n```", "<pre><code class=\"language-rust\">\nfn\n</code></pre>"),
            ("[a](/b \"c\")", "<p><a href=\"/b\" title=\"c\" rel=\"noopener noreferrer\">a</a></p>"),
            ("![a](b.png)", "<p><img src=\"b.png\" alt=\"a\"></p>"),
            ("|a|\n|-:|\n|1|", "<table><thead><tr><th>a</th></tr></thead><tbody>\n<tr><td>1</td></tr>\n</tbody></table>"),
        ];
        for (source, expected) in cases {
            assert_eq!(html(source), expected, "{source:?}");
        }
    }

    #[test]
    fn nothing_that_runs_or_frames_gets_through() {
        for source in [
            "<script>alert(1)</script>",
            "a <img src=x onerror=alert(1)> b",
            "[a](javascript:alert(1))",
            "[a](&#x6a;avascript:alert(1))",
            "[a](java&Tab;script:alert(1))",
            "[a](vbscript:x) [b](data:text/html,x)",
            "![a](javascript:alert(1)) ![b](data:image/svg+xml,x)",
            "<math><annotation-xml encoding=text/html><svg onload=alert(1)>",
            "<div style=\"x\" lf-click=\"AAAAAAAA\">",
            "```\" onclick=x\n```",
            "<!-- --><style>*{}</style>",
        ] {
            let html = html(source);
            for tag in html.split('<').skip(1) {
                let tag = &tag[..tag.find('>').unwrap()];
                let expected =
                    ["p", "/p", "pre", "/pre", "code", "/code", "/a", "a rel=\"noopener noreferrer\"", "img alt=\"a\"", "img alt=\"b\""];
                let is_harmless = tag.starts_with("a href=\"java%09script:") || tag.starts_with("code class=\"language-");
                assert!(is_harmless || expected.contains(&tag), "{source:?} gave {html}");
            }
        }
    }

    #[test]
    fn images_are_described_and_not_loaded_by_default() {
        let html = markdown("![a cat](http://host/?secret)").render().into_string();
        assert_eq!(html, "<div class=\"lf-markdown\"><p>a cat</p>\n</div>");
    }
}
