//! What a page says of the document around it, and how that follows the state.

use livefloe::{App, Component, Cx, Document, Markup, html, testing::Site};
use serde::{Deserialize, Serialize};

#[derive(Default, Serialize, Deserialize)]
struct Article {
    language: String,
    tags: Vec<String>,
    is_dark: bool,
}

impl Component for Article {
    fn render(&self, cx: &Cx<Self>) -> Markup {
        html! {
            button lf-click=(cx.on(Self::translate)) { "translate" }
            button lf-click=(cx.on(Self::darken)) { "darken" }
            button lf-click=(cx.on(Self::reset)) { "reset" }
        }
    }

    fn document(&self) -> Document {
        let mut document = Document::new().head(html! {
            @for tag in &self.tags { meta name="tag" content=(tag); }
            @if self.is_dark { link rel="stylesheet" href="/dark.css"; }
        });
        if !self.language.is_empty() {
            document = document.html("lang", &self.language);
        }
        if self.is_dark { document.body("class", "dark \"ink\"") } else { document }
    }
}

impl Article {
    fn translate(&mut self) {
        "pl".clone_into(&mut self.language);
        self.tags = vec!["a & b".to_owned(), "c".to_owned()];
    }
    fn darken(&mut self) {
        self.is_dark = true;
        self.tags.truncate(1);
    }
    fn reset(&mut self) {
        *self = Self::default();
    }
}

#[tokio::test]
async fn language_class_and_head_follow_the_state() {
    let site = Site::new(App::new().page("/", Article::default)).unwrap();
    let mut page = site.open("/").await.unwrap();
    assert_eq!(page.document_attribute("html", "lang"), Some("en"));
    assert_eq!((page.document_attribute("body", "class"), page.head()), (None, String::new()));

    page.click("translate").await.unwrap();
    assert_eq!(page.document_attribute("html", "lang"), Some("pl"));
    let head = r#"<meta lf-head="" name="tag" content="a &amp; b"><meta lf-head="" name="tag" content="c">"#;
    assert_eq!(page.head(), head);

    page.click("darken").await.unwrap();
    assert_eq!(page.document_attribute("body", "class"), Some("dark \"ink\""));
    assert!(page.head().ends_with(r#"<link lf-head="" rel="stylesheet" href="/dark.css">"#), "{}", page.head());

    page.click("reset").await.unwrap();
    assert_eq!(page.document_attribute("html", "lang"), Some("en"));
    assert_eq!((page.document_attribute("body", "class"), page.head()), (None, String::new()));
}

#[tokio::test]
async fn a_page_that_opens_with_all_of_it_shows_all_of_it() {
    let article = || Article { language: "de".to_owned(), tags: vec!["x".to_owned()], is_dark: true };
    let site = Site::new(App::new().page("/", article)).unwrap();
    let mut page = site.open("/").await.unwrap();
    assert_eq!(page.document_attribute("html", "lang"), Some("de"));
    assert_eq!(page.document_attribute("body", "class"), Some("dark \"ink\""));
    assert!(page.head().contains("dark.css"), "{}", page.head());
    page.click("reset").await.unwrap();
    assert_eq!(page.head(), "");
}
