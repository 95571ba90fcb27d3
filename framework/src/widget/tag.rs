//! Writes a start tag into a buffer: maud's escaping without a `String` per widget.
//!
//! `html!` always makes its own buffer, and a page of widgets would copy each of them once. The order of the
//! calls is the order of the attributes, so it is the same at every render and costs the diff nothing.

use maud::Render;

use super::{On, Value};
use crate::{Act, Actions};

/// A start tag that is still open: `<name attribute="value"`.
pub(super) struct Tag<'b>(&'b mut String);

impl<'b> Tag<'b> {
    pub(super) fn open(buffer: &'b mut String, name: &'static str) -> Self {
        buffer.push('<');
        buffer.push_str(name);
        Self(buffer)
    }

    /// A start tag whose name is written already.
    pub(super) fn more(buffer: &'b mut String) -> Self {
        Self(buffer)
    }

    /// An attribute that is always there.
    pub(super) fn attribute(self, name: &'static str, value: impl Render) -> Self {
        self.0.push(' ');
        self.0.push_str(name);
        self.0.push_str("=\"");
        value.render_to(self.0);
        self.0.push('"');
        self
    }

    /// An attribute that is left out when there is no value.
    pub(super) fn optional(self, name: &'static str, value: &Value<'_>) -> Self {
        if value.is_nothing() { self } else { self.attribute(name, value) }
    }

    /// An attribute that is left out when there is none.
    pub(super) fn maybe(self, name: &'static str, value: Option<impl Render>) -> Self {
        match value {
            Some(value) => self.attribute(name, value),
            None => self,
        }
    }

    /// A boolean attribute, written without a value.
    pub(super) fn flag(self, name: &'static str, is_set: bool) -> Self {
        if is_set {
            self.0.push(' ');
            self.0.push_str(name);
        }
        self
    }

    /// What the client calls and does on events, by their attributes.
    pub(super) fn handlers(mut self, on: &[(&'static str, &On)]) -> Self {
        for (name, on) in on {
            match (on.id(), on.act()) {
                // An action that the server has nothing to do with: the empty handler says on which event.
                (None, Some(_)) => self = self.attribute(name, ""),
                (handler, _) => self = self.maybe(name, handler),
            }
        }
        let acts = || on.iter().filter_map(|(_, on)| on.act());
        self = self.maybe("lf-act", acts().next().map(|_| Act::all(acts())));
        let expected = on.iter().filter_map(|(_, on)| on.expected()).cloned().reduce(Actions::and);
        self.maybe("lf-optimistic", expected)
    }

    /// Ends the start tag and gives the buffer back for what is inside.
    pub(super) fn end(self) -> &'b mut String {
        self.0.push('>');
        self.0
    }
}

/// A whole element with escaped text in it.
pub(super) fn text_element(buffer: &mut String, name: &'static str, class: &'static str, text: impl Render) {
    text.render_to(Tag::open(buffer, name).attribute("class", class).end());
    close(buffer, name);
}

/// The end tag of an element.
pub(super) fn close(buffer: &mut String, name: &str) {
    buffer.push_str("</");
    buffer.push_str(name);
    buffer.push('>');
}
