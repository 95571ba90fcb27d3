//! A picture.

use std::borrow::Cow;

use maud::Render;

use super::{
    Value,
    tag::{Tag, close, text_element},
    url::{EMPTY_IMAGE, is_image_address},
};

/// A picture, see [`image`].
#[derive(Clone, Debug)]
#[must_use = "a widget does nothing until it is rendered"]
pub struct Image<'a> {
    source: Cow<'a, str>,
    description: Value<'a>,
    width: Option<u32>,
    height: Option<u32>,
    is_pixelated: bool,
    caption: Value<'a>,
    key: Value<'a>,
}

/// A picture from an http(s) or relative address, a `data:image/…` or a `blob:` one. From any other address
/// nothing is loaded, and its description is shown.
///
/// The description is for those who do not see the picture; it is empty for mere decoration.
///
/// ```
/// use livefloe::{Render, widget::image};
///
/// let html = image("/cat.png", "A cat on ice").width(320).caption("Figure 1").render().into_string();
/// assert_eq!(
///     html,
///     r#"<figure class="lf-image"><img src="/cat.png" alt="A cat on ice" width="320"><figcaption class="lf-caption">Figure 1</figcaption></figure>"#,
/// );
/// ```
pub fn image<'a>(source: impl Into<Cow<'a, str>>, description: impl Into<Value<'a>>) -> Image<'a> {
    Image {
        source: source.into(),
        description: description.into(),
        width: None,
        height: None,
        is_pixelated: false,
        caption: Value::nothing(),
        key: Value::nothing(),
    }
}

impl<'a> Image<'a> {
    /// The width in CSS pixels, never more than there is room for. The picture's own by default.
    pub fn width(mut self, width: impl Into<Option<u32>>) -> Self {
        self.width = width.into();
        self
    }

    /// The height in CSS pixels, less where the width was reduced. The picture's own by default.
    pub fn height(mut self, height: impl Into<Option<u32>>) -> Self {
        self.height = height.into();
        self
    }

    /// Shows the pixels of a small picture as sharp squares. Smoothed by default.
    pub fn pixelated(mut self) -> Self {
        self.is_pixelated = true;
        self
    }

    /// A text below the picture. None by default.
    pub fn caption(mut self, caption: impl Into<Value<'a>>) -> Self {
        self.caption = caption.into();
        self
    }

    /// What tells this item from its neighbours in a list that changes.
    pub fn key(mut self, key: impl Into<Value<'a>>) -> Self {
        self.key = key.into();
        self
    }
}

impl Render for Image<'_> {
    fn render_to(&self, buffer: &mut String) {
        let source = if is_image_address(&self.source) { &self.source } else { EMPTY_IMAGE };
        let class = if self.is_pixelated { "lf-image lf-pixelated" } else { "lf-image" };
        Tag::open(buffer, "figure").attribute("class", class).optional("lf-key", &self.key).end();
        Tag::open(buffer, "img")
            .attribute("src", source)
            .attribute("alt", &self.description)
            .maybe("width", self.width)
            .maybe("height", self.height)
            .end();
        if !self.caption.is_empty() {
            text_element(buffer, "figcaption", "lf-caption", &self.caption);
        }
        close(buffer, "figure");
    }
}
