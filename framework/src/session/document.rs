//! [`DocumentParts`]: what the document around the page shows of it, and how that changes.

use std::time::{Duration, Instant};

use crate::{
    Document,
    component::Attributes,
    diff,
    patch::{BODY, HEAD, HTML, PatchWriter},
    tree::{Resolve, Resolved, Tape},
};

/// The document around the page: as the client shows it, and as it was rendered since.
pub(super) struct DocumentParts {
    shown: Document,
    head: Tape,
    next: Option<Document>,
}

impl Default for DocumentParts {
    fn default() -> Self {
        Self { shown: Document::new(), head: Tape::parse(""), next: None }
    }
}

impl DocumentParts {
    pub(super) fn shown(&self) -> &Document {
        &self.shown
    }

    /// Takes what was rendered.
    pub(super) fn set(&mut self, document: Document) {
        self.next = (document != self.shown).then_some(document);
    }

    /// Makes what was rendered what is shown, for a page that goes out as HTML.
    pub(super) fn settle(&mut self) {
        if let Some(document) = self.next.take() {
            self.head = Tape::parse(&document.head);
            self.shown = document;
        }
    }

    /// Writes what the client has to change. Searching for the smallest patch takes `diff_time` at most.
    pub(super) fn write(&mut self, writer: &mut PatchWriter<'_>, diff_time: Duration) {
        let Some(next) = self.next.take() else { return };
        write_attributes(HTML, &self.shown.html, &next.html, writer);
        write_attributes(BODY, &self.shown.body, &next.body, writer);
        if self.shown.head != next.head {
            writer.component(HEAD);
            let (tape, deadline) = (std::mem::take(&mut self.head), Some(Instant::now() + diff_time));
            self.head = diff::diff(&self.shown.head, tape, &next.head, HEAD, deadline, writer, &NoComponents);
        }
        self.shown = next;
    }

    /// Writes all of it, for a client that shows another page. What only that one has of attributes stays: whose they are is not known.
    pub(super) fn write_all(&self, writer: &mut PatchWriter<'_>) {
        let none = Document::new();
        write_attributes(HTML, &none.html, &self.shown.html, writer);
        write_attributes(BODY, &none.body, &self.shown.body, writer);
        self.write_head(writer);
    }

    /// Writes all of the head, for a client that has lost track of it. Attributes have nothing to lose track of.
    pub(super) fn write_head(&self, writer: &mut PatchWriter<'_>) {
        writer.component(HEAD);
        writer.resync(&self.shown.head, &[]);
    }
}

fn write_attributes(component: u32, before: &Attributes, now: &Attributes, writer: &mut PatchWriter<'_>) {
    let find = |all: &Attributes, name: &str| all.iter().find(|(other, _)| other == name).map(|(_, value)| value.clone());
    writer.component(component);
    for (name, _) in before.iter().filter(|(name, _)| find(now, name).is_none()) {
        // What the document has without the page's doing comes back.
        match name.as_ref() {
            "lang" if component == HTML => writer.set(name, DEFAULT_LANGUAGE),
            _ => writer.unset(name),
        }
    }
    for (name, value) in now.iter().filter(|(name, value)| find(before, name).as_ref() != Some(value)) {
        writer.set(name, value);
    }
}

/// The language of a page that doesn't say.
pub(crate) const DEFAULT_LANGUAGE: &str = "en";

/// No component is in a head.
struct NoComponents;

impl Resolve for NoComponents {
    fn resolve(&self, _parent: u32, _slot: u64) -> Option<Resolved<'_>> {
        None
    }
}
