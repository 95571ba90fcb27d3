//! A control for files.

use maud::Render;

use super::{
    On, Value,
    field::Field,
    tag::{Tag, close},
};
use crate::Uploads;

/// More files than anybody chooses at once, and few enough for one event to name them.
const MAX_FILES: u32 = 1_000;

/// Which camera of a phone takes the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Camera {
    /// The one that looks at the person.
    User,
    /// The one that looks away from them.
    Environment,
}

/// A control for files, see [`file_field`].
#[derive(Clone, Debug)]
#[must_use = "a widget does nothing until it is rendered"]
pub struct FileField<'a> {
    field: Field<'a>,
    uploads: Uploads,
    accept: Value<'a>,
    max_files: u32,
    max_bytes: Option<u64>,
    camera: Option<Camera>,
    cleared: Value<'a>,
}

/// Asks for a file: chosen in a dialog, dropped on it, or pasted. What is chosen is sent at once, with its progress shown; the form's handler, or the control's own, then
/// gets an [`Upload`](crate::Upload) under its name. `uploads` is [`Cx::uploads`](crate::Cx::uploads) of the component that handles it.
///
/// ```
/// use livefloe::{Component, Cx, HandlerId, Markup, html, widget::file_field};
///
/// fn photo<C: Component>(cx: &Cx<C>, changed: HandlerId) -> Markup {
///     html! { (file_field("Photo", "photo", cx.uploads()).accept("image/*").max_bytes(10_000_000).on_change(changed)) }
/// }
/// ```
pub fn file_field<'a>(label: impl Into<Value<'a>>, name: impl Into<Value<'a>>, uploads: Uploads) -> FileField<'a> {
    FileField {
        field: Field::new(label, name),
        uploads,
        accept: Value::nothing(),
        max_files: 1,
        max_bytes: None,
        camera: None,
        cleared: Value::nothing(),
    }
}

impl<'a> FileField<'a> {
    /// Which files it takes, in HTML's words: `image/*`, `application/pdf`, `.csv`, with commas between them. All by default. The browser goes by what a file is called, and so
    /// does the server: what is in it is for its reader to find out.
    pub fn accept(mut self, accept: impl Into<Value<'a>>) -> Self {
        self.accept = accept.into();
        self
    }

    /// How many files it takes, at most 1,000. One by default, and each that is chosen then takes the place of the one before.
    pub fn max_files(mut self, max_files: u32) -> Self {
        self.max_files = max_files.clamp(1, MAX_FILES);
        self
    }

    /// Bytes that a file may have. [`Limits::max_upload_bytes`](crate::Limits) by default, and at most.
    pub fn max_bytes(mut self, max_bytes: impl Into<Option<u64>>) -> Self {
        self.max_bytes = max_bytes.into();
        self
    }

    /// Lets a phone take a picture or a recording for it. Not by default.
    pub fn camera(mut self, camera: impl Into<Option<Camera>>) -> Self {
        self.camera = camera.into();
        self
    }

    /// A value that empties the control whenever it changes, such as the number of messages sent.
    pub fn cleared(mut self, cleared: impl Into<Value<'a>>) -> Self {
        self.cleared = cleared.into();
        self
    }

    /// The id of the control, needed only when two controls with the same name on one page both have help or an error. None by default.
    pub fn id(mut self, id: impl Into<Value<'a>>) -> Self {
        self.field.id = id.into();
        self
    }

    /// A sentence below the control that says what to choose.
    pub fn help(mut self, help: impl Into<Value<'a>>) -> Self {
        self.field.help = help.into();
        self
    }

    /// What is wrong with the present files; `None` or empty text when nothing is.
    pub fn error(mut self, error: impl Into<Value<'a>>) -> Self {
        self.field.error = error.into();
        self
    }

    /// Keeps the label for screen readers only. Shown by default.
    pub fn hide_label(mut self) -> Self {
        self.field.is_label_hidden = true;
        self
    }

    /// Whether the browser refuses to submit without a file. Not by default.
    pub fn required(mut self, is_required: bool) -> Self {
        self.field.is_required = is_required;
        self
    }

    /// Whether the control is greyed out and takes nothing. Not by default.
    pub fn disabled(mut self, is_disabled: bool) -> Self {
        self.field.is_disabled = is_disabled;
        self
    }

    /// The handler for when all that was chosen has been sent, or was taken away again: of an `Option<Upload>`, or of a `Vec<Upload>` where there may be several.
    pub fn on_change(mut self, handler: impl Into<On>) -> Self {
        self.field.on_change = handler.into();
        self
    }
}

impl Render for FileField<'_> {
    fn render_to(&self, buffer: &mut String) {
        Tag::open(buffer, "div").attribute("class", "lf-field").end();
        let label_id = self.field.part_id("-label");
        let tag = Tag::open(buffer, "span").attribute("class", self.field.label_class()).attribute("id", &label_id);
        self.field.label.render_to(tag.end());
        close(buffer, "span");
        let accept = self.accept.to_string();
        let (ticket, max_bytes) = self.uploads.ticket(&self.field.name, self.max_files, self.max_bytes, &accept);
        let camera = self.camera.map(|camera| match camera {
            Camera::User => "user",
            Camera::Environment => "environment",
        });
        let tag = self
            .field
            .identity(Tag::open(buffer, "lf-upload"))
            .optional("accept", &self.accept)
            .maybe("capture", camera)
            .attribute("max-bytes", max_bytes)
            .attribute("max-files", self.max_files)
            .optional("lf-clear", &self.cleared)
            .attribute("ticket", ticket)
            .attribute("role", "group")
            .attribute("aria-labelledby", &label_id);
        self.field.state(tag).flag("lf-ignore", true).end();
        close(buffer, "lf-upload");
        self.field.notes(buffer);
        close(buffer, "div");
    }
}
