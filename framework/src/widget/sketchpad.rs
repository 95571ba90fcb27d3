//! A surface to draw on.

use maud::Render;

use super::{
    On, Value,
    field::Field,
    tag::{Tag, close},
};

/// What a sketchpad sends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SketchKind {
    /// The ink of every cell: a [`Picture`](super::Picture).
    #[default]
    Picture,
    /// The way of the pen: [`Strokes`](super::Strokes).
    Strokes,
}

/// A surface to draw on, see [`sketchpad`].
#[derive(Clone, Debug)]
#[must_use = "a widget does nothing until it is rendered"]
pub struct Sketchpad<'a> {
    field: Field<'a>,
    columns: u16,
    rows: u16,
    kind: SketchKind,
    pen: Value<'a>,
    clear: Value<'a>,
    cleared: Value<'a>,
}

/// A surface to draw on, with a label and its name in the payload, which is read as a
/// [`Picture`](super::Picture), [`Strokes`](super::Strokes) or [`Sketch`](super::Sketch).
///
/// The drawing belongs to the browser: no patch touches it.
///
/// ```
/// use livefloe::{HandlerId, Markup, html, widget::sketchpad};
///
/// fn digit(draw: HandlerId) -> Markup {
///     html! { (sketchpad("Draw a digit", "drawing").size(28, 28).pen(2).on_input(draw).debounce_ms(150)) }
/// }
/// ```
pub fn sketchpad<'a>(label: impl Into<Value<'a>>, name: impl Into<Value<'a>>) -> Sketchpad<'a> {
    Sketchpad {
        field: Field::new(label, name),
        columns: 28,
        rows: 28,
        kind: SketchKind::default(),
        pen: Value::nothing(),
        clear: Value::from("Clear"),
        cleared: Value::nothing(),
    }
}

impl<'a> Sketchpad<'a> {
    /// The number of cells across and down, 1 to 256 each. 28 by 28 by default.
    pub fn size(mut self, columns: u16, rows: u16) -> Self {
        self.columns = columns.clamp(1, super::sketch::MAX_SIDE);
        self.rows = rows.clamp(1, super::sketch::MAX_SIDE);
        self
    }

    /// What is sent. [`SketchKind::Picture`] by default.
    pub fn sends(mut self, kind: SketchKind) -> Self {
        self.kind = kind;
        self
    }

    /// The width of the pen in cells. By default a fourteenth of the longer side: 2 of 28.
    pub fn pen(mut self, pen: impl Into<Value<'a>>) -> Self {
        self.pen = pen.into();
        self
    }

    /// The text of the button that clears the surface. "Clear" by default; `None` for no button.
    pub fn clear(mut self, clear: impl Into<Value<'a>>) -> Self {
        self.clear = clear.into();
        self
    }

    /// The drawing is cleared whenever this value is another than before: count up to clear it. None by default.
    pub fn cleared(mut self, cleared: impl Into<Value<'a>>) -> Self {
        self.cleared = cleared.into();
        self
    }

    /// The id of the surface, needed only for two sketchpads with one name on a page. None by default.
    pub fn id(mut self, id: impl Into<Value<'a>>) -> Self {
        self.field.id = id.into();
        self
    }

    /// A sentence below the surface.
    pub fn help(mut self, help: impl Into<Value<'a>>) -> Self {
        self.field.help = help.into();
        self
    }

    /// What is wrong with the drawing; `None` or empty text when nothing is.
    pub fn error(mut self, error: impl Into<Value<'a>>) -> Self {
        self.field.error = error.into();
        self
    }

    /// Keeps the label for screen readers only. Shown by default.
    pub fn hide_label(mut self) -> Self {
        self.field.is_label_hidden = true;
        self
    }

    /// The handler for the drawing, while it grows.
    pub fn on_input(mut self, handler: impl Into<On>) -> Self {
        self.field.on_input = handler.into();
        self
    }

    /// How long the client waits, in milliseconds, for the pen to rest before it sends. 0 by default.
    pub fn debounce_ms(mut self, debounce_ms: impl Into<Option<u32>>) -> Self {
        self.field.debounce_ms = debounce_ms.into();
        self
    }

    /// The least time in milliseconds between two events while the pen moves. 0 by default.
    pub fn throttle_ms(mut self, throttle_ms: impl Into<Option<u32>>) -> Self {
        self.field.throttle_ms = throttle_ms.into();
        self
    }
}

impl Render for Sketchpad<'_> {
    fn render_to(&self, buffer: &mut String) {
        Tag::open(buffer, "div").attribute("class", "lf-field").end();
        let label_id = self.field.part_id("-label");
        let tag = Tag::open(buffer, "span").attribute("class", self.field.label_class()).attribute("id", &label_id);
        self.field.label.render_to(tag.end());
        close(buffer, "span");
        let tag = self
            .field
            .identity(Tag::open(buffer, "lf-sketchpad"))
            .attribute("columns", self.columns)
            .attribute("rows", self.rows)
            .attribute(
                "sends",
                match self.kind {
                    SketchKind::Picture => "picture",
                    SketchKind::Strokes => "strokes",
                },
            )
            .optional("pen", &self.pen)
            .optional("clear", &self.clear)
            .optional("lf-clear", &self.cleared)
            .attribute("role", "group")
            .attribute("aria-labelledby", &label_id);
        let tag = self.field.description(tag);
        self.field.events(tag).flag("lf-ignore", true).end();
        close(buffer, "lf-sketchpad");
        self.field.notes(buffer);
        close(buffer, "div");
    }
}
