//! What every form control shares: its label, help, error and events, and the frame around it.
//!
//! The label wraps the control, so that it needs no id and two forms on one page never collide. Only help and
//! error texts have ids, because `aria-describedby` needs them.

use std::{
    borrow::Cow,
    fmt::{self, Display, Formatter, Write as _},
};

use maud::Render;

use super::{
    On, Value,
    tag::{Tag, close, text_element},
};

/// The shared part of a form control.
#[derive(Clone, Debug, Default)]
pub(super) struct Field<'a> {
    /// What the control is called, visible unless `is_label_hidden`, always there for screen readers.
    pub(super) label: Value<'a>,
    pub(super) is_label_hidden: bool,
    /// The name in the payload.
    pub(super) name: Cow<'a, str>,
    /// The id of the control; also the start of the ids of its help and error.
    pub(super) id: Value<'a>,
    pub(super) help: Value<'a>,
    pub(super) error: Value<'a>,
    pub(super) is_required: bool,
    pub(super) is_disabled: bool,
    pub(super) on_input: On,
    pub(super) on_change: On,
    pub(super) debounce_ms: Option<u32>,
    pub(super) throttle_ms: Option<u32>,
}

impl<'a> Field<'a> {
    pub(super) fn new(label: impl Into<Value<'a>>, name: impl Into<Value<'a>>) -> Self {
        Self { label: label.into(), name: name.into().into_text(), ..Self::default() }
    }

    /// The frame of a control that stands below its label.
    pub(super) fn frame(&self, buffer: &mut String, class: &'static str, control: impl FnOnce(&mut String)) {
        Tag::open(buffer, "div").attribute("class", class).end();
        buffer.push_str("<label>");
        self.label(buffer);
        control(buffer);
        buffer.push_str("</label>");
        self.notes(buffer);
        close(buffer, "div");
    }

    /// The text of the label.
    pub(super) fn label(&self, buffer: &mut String) {
        text_element(buffer, "span", self.label_class(), &self.label);
    }

    pub(super) fn label_class(&self) -> &'static str {
        if self.is_label_hidden { "lf-label lf-hidden" } else { "lf-label" }
    }

    /// Error and help, in the order in which they are read.
    pub(super) fn notes(&self, buffer: &mut String) {
        for (part, class, text) in [(ERROR, "lf-field-error", &self.error), (HELP, "lf-help", &self.help)] {
            if !text.is_empty() {
                let tag = Tag::open(buffer, "p").attribute("class", class).attribute("id", self.part_id(part));
                text.render_to(tag.end());
                close(buffer, "p");
            }
        }
    }

    /// The attributes of a control that come first.
    pub(super) fn identity<'b>(&self, tag: Tag<'b>) -> Tag<'b> {
        tag.optional("id", &self.id).attribute("name", &self.name)
    }

    /// The attributes of a control that come last.
    pub(super) fn state<'b>(&self, tag: Tag<'b>) -> Tag<'b> {
        let tag = self.description(tag.flag("required", self.is_required));
        self.events(tag.flag("disabled", self.is_disabled))
    }

    /// Points to the error and the help, for screen readers.
    pub(super) fn description<'b>(&self, tag: Tag<'b>) -> Tag<'b> {
        let has_error = !self.error.is_empty();
        let tag = tag.maybe("aria-invalid", has_error.then_some("true"));
        let (error, help) = (self.part_id(ERROR), self.part_id(HELP));
        match (has_error, !self.help.is_empty()) {
            (true, true) => tag.attribute("aria-describedby", format_args!("{error} {help}")),
            (true, false) => tag.attribute("aria-describedby", error),
            (false, true) => tag.attribute("aria-describedby", help),
            (false, false) => tag,
        }
    }

    /// The handlers, and how often the client calls them.
    pub(super) fn events<'b>(&self, tag: Tag<'b>) -> Tag<'b> {
        tag.handlers(&[("lf-input", &self.on_input), ("lf-change", &self.on_change)])
            .maybe("lf-debounce", self.debounce_ms)
            .maybe("lf-throttle", self.throttle_ms)
    }

    /// An id for a part of the control, such as its label: from its own id, or else from its name.
    pub(super) fn part_id(&self, suffix: &'static str) -> PartId<'_> {
        PartId { field: self, suffix }
    }
}

const ERROR: &str = "-error";
const HELP: &str = "-help";

/// The id of a part. An id has no white space in it, a name may.
pub(super) struct PartId<'f> {
    field: &'f Field<'f>,
    suffix: &'static str,
}

impl Display for PartId<'_> {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        let Self { field, suffix } = self;
        let id;
        let base = if field.id.is_empty() {
            formatter.write_str("lf-")?;
            &*field.name
        } else {
            id = field.id.to_string();
            &*id
        };
        for character in base.chars() {
            formatter.write_char(if character.is_whitespace() { '-' } else { character })?;
        }
        formatter.write_str(suffix)
    }
}

impl Render for PartId<'_> {
    fn render_to(&self, buffer: &mut String) {
        format_args!("{self}").render_to(buffer);
    }
}
