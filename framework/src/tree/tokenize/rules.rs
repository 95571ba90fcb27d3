//! Where a browser would build another tree than the tags suggest.
//!
//! Each rule marks an element that surely holds all of the difference; `None` where no element of the window does.

use std::borrow::Cow;

use super::{Kind, Open, Tokenizer};
use crate::tree::{
    attribute::attribute,
    element::{Namespace, Traits},
};

impl Tokenizer<'_> {
    /// What follows from an HTML start tag for what is open around it.
    pub(super) fn check(&mut self, traits: Traits, tag: &str) -> Option<()> {
        if traits.has(Traits::PART) || self.last_has(Traits::STRUCTURE) {
            let result = self.check_table(traits, tag);
            if !self.as_written {
                result?;
            }
        }
        if self.as_written { Some(()) } else { self.check_open(traits) }
    }

    fn check_open(&mut self, traits: Traits) -> Option<()> {
        if traits.has(Traits::DOCUMENT) {
            return None;
        }
        // In a table, also in what was moved out of it, another table ends it.
        if traits.has(Traits::TABLE)
            && let Some(table) = self.find(Traits::TABLE, Traits::CELL | Traits::CAPTION)
        {
            self.closed(table)?;
        }
        if traits.has(Traits::CLOSES_PARAGRAPH) && self.n_paragraphs > 0 {
            self.check_paragraph(traits)?;
        }
        if traits.has(Traits::RUBY_PART) {
            self.check_ruby()?;
        }
        let closed = if traits.has(Traits::ITEM) {
            self.find(Traits::ITEM, Traits::ENDS_LIST)
        } else if traits.has(Traits::DEFINITION) {
            self.find(Traits::DEFINITION, Traits::ENDS_LIST)
        } else if traits.has(Traits::BUTTON) {
            self.find(Traits::BUTTON, Traits::ENDS_SCOPE)
        } else if traits.has(Traits::HEADING) {
            self.current(Traits::HEADING)
        } else if traits.has(Traits::OPTION | Traits::OPTION_GROUP) {
            self.current(Traits::OPTION)
        } else {
            None
        };
        if let Some(closed) = closed {
            self.closed(closed)?;
        }
        // These leave what is in them open.
        let changed = if traits.has(Traits::ANCHOR) {
            self.find(Traits::ANCHOR, Traits::MARKER)
        } else if traits.has(Traits::NO_BREAK) {
            self.find(Traits::NO_BREAK, Traits::ENDS_SCOPE)
        } else if traits.has(Traits::FORM) {
            self.find(Traits::FORM, Traits::NONE)
        } else {
            None
        };
        changed.map_or(Some(()), |changed| self.mark(changed.checked_sub(1)?))
    }

    fn check_paragraph(&mut self, traits: Traits) -> Option<()> {
        let Some(paragraph) = self.find(Traits::PARAGRAPH, Traits::ENDS_SCOPE | Traits::BUTTON) else { return Some(()) };
        self.closed(paragraph)?;
        // A heading then closes the one that the paragraph stood in.
        match paragraph.checked_sub(1) {
            Some(around) if traits.has(Traits::HEADING) && self.open.get(around)?.traits.has(Traits::HEADING) => self.closed(around),
            _ => Some(()),
        }
    }

    fn check_ruby(&mut self) -> Option<()> {
        match self.find(Traits::RUBY, Traits::ENDS_SCOPE) {
            Some(ruby) if self.current(Traits::ENDS_IMPLIED).is_some() => self.closed(ruby + 1),
            _ => Some(()),
        }
    }

    fn check_table(&mut self, traits: Traits, tag: &str) -> Option<()> {
        let start = tag.as_ptr() as usize - self.source.as_ptr() as usize;
        let ends_group = traits.has(Traits::PART) && !traits.has(Traits::ROW | Traits::CELL);
        if ends_group && self.open.last().is_some_and(|open| open.kind == Kind::Implied) {
            self.close(start, start)?;
        }
        // At the top level the element around is not known: it is taken to fit.
        let Some(parent) = self.open.last().map(|open| open.traits) else { return Some(()) };
        if !traits.has(Traits::PART) {
            let is_hidden = || attribute(tag, "type").is_some_and(|kind| kind.eq_ignore_ascii_case("hidden"));
            let may_stand_there = traits.has(Traits::METADATA) || traits.has(Traits::ENDS_SELECT) && tag_is_input(tag) && is_hidden();
            let stands_there = may_stand_there && !parent.has(Traits::COLUMN_GROUP);
            if !stands_there {
                self.foster()?;
            }
            return Some(());
        }
        if traits.has(Traits::ROW) && parent.has(Traits::TABLE) {
            let (name, traits, namespace) = (Cow::Borrowed("tbody"), Traits::of("tbody"), Namespace::Html);
            self.open(Open { name, traits, node: 0, kind: Kind::Implied, namespace, inner: start }, start)?;
            return Some(());
        }
        let fits = if traits.has(Traits::CELL) {
            parent.has(Traits::ROW)
        } else if traits.has(Traits::ROW) {
            parent.has(Traits::ROW_GROUP)
        } else if traits.has(Traits::COLUMN) {
            parent.has(Traits::COLUMN_GROUP)
        } else {
            parent.has(Traits::TABLE)
        };
        if fits {
            return Some(());
        }
        match self.find(Traits::TABLE, Traits::NONE) {
            // The browser adds or closes parts of the table.
            Some(table) if parent.has(Traits::STRUCTURE) => self.mark(table),
            // It closes the cell, and what follows may go to before the table.
            Some(table) => self.closed(table),
            // Templates may hold parts of a table by themselves.
            None if self.open.last().is_some_and(|open| open.name == "template") => Some(()),
            // It ignores the tag, and the content joins the parent's, where other rules then hold.
            None => None,
        }
    }

    /// What a `select` holds differs between versions of browsers, except for options.
    pub(super) fn check_select(&mut self, name: &str, traits: Traits) -> Option<()> {
        let Some(select) = self.find(Traits::SELECT, Traits::NONE) else { return Some(()) };
        let fits = if traits.has(Traits::OPTION) {
            self.last_has(Traits::SELECT | Traits::OPTION_GROUP)
        } else {
            traits.has(Traits::OPTION_GROUP | Traits::RULE) && self.last_has(Traits::SELECT)
        };
        if fits {
            return Some(());
        }
        if traits.has(Traits::ENDS_SELECT) {
            return self.closed(select);
        }
        if traits.has(Traits::PART | Traits::TABLE)
            && let Some(table) = self.open.iter().position(|open| open.traits.has(Traits::TABLE))
        {
            return self.closed(table.min(select));
        }
        // Where the tag is ignored, what we take for text is markup.
        let hides_markup = traits.has(Traits::RAW | Traits::ESCAPABLE) && name != "script";
        if hides_markup { None } else { self.mark(select) }
    }

    /// Content that a browser moves out of a table, to before it.
    pub(super) fn foster(&mut self) -> Option<()> {
        let table = self.find(Traits::TABLE, Traits::NONE)?;
        self.mark(table.checked_sub(1)?)
    }

    /// A browser closes an open element here, with all in it. Their end tags come later all the same, and then close
    /// elements of the same name further out, whose own end tags then do the same.
    pub(super) fn closed(&mut self, index: usize) -> Option<()> {
        let closed = self.open.get(index..)?;
        // Closed by others, these leave a mark behind that lets formatting live on, far beyond what is around them.
        if !self.as_written && closed.iter().any(|open| matches!(&*open.name, "applet" | "marquee" | "object")) {
            return None;
        }
        let is_hit = |outer: &Open<'_>| {
            closed.iter().any(|inner| inner.name == outer.name || (inner.traits.has(Traits::HEADING) && outer.traits.has(Traits::HEADING)))
        };
        let outermost = self.open.iter().position(is_hit).unwrap_or(index).min(index);
        self.mark(outermost.checked_sub(1)?)
    }

    /// Marks an open element opaque; one that has no tag can't be replaced, so its parent then.
    pub(super) fn mark(&mut self, index: usize) -> Option<()> {
        if self.as_written {
            return Some(());
        }
        if index < self.n_ancestors {
            return None;
        }
        let open = self.open.get_mut(index)?;
        match open.kind {
            Kind::Implied => return self.mark(index.checked_sub(1)?),
            Kind::Element => open.kind = Kind::Marked,
            _ => {}
        }
        self.outermost_marked = Some(self.outermost_marked.map_or(index, |marked| marked.min(index)));
        Some(())
    }

    pub(super) fn last_has(&self, traits: Traits) -> bool {
        self.open.last().is_some_and(|open| open.traits.has(traits))
    }

    /// The innermost open element, if it is one of these. In a marked element it may be any that we take to be open.
    fn current(&self, wanted: Traits) -> Option<usize> {
        let last = self.open.len().checked_sub(1)?;
        let first = self.outermost_marked.unwrap_or(last);
        let found = self.open.get(first..)?.iter().position(|open| open.traits.has(wanted))?;
        Some(first + found)
    }

    /// Looks from the innermost open element outwards, until `stop`. In a marked element the browser may have closed
    /// what we take to be open: there nothing stops the search, and the outermost that is found counts.
    fn find(&self, wanted: Traits, stop: Traits) -> Option<usize> {
        let certain = self.outermost_marked.map_or(self.open.len(), |marked| marked + 1);
        let inside = self.open.get(certain..)?.iter().position(|open| open.traits.has(wanted)).map(|found| certain + found);
        let outside = self.open.get(..certain)?.iter().rposition(|open| open.traits.has(wanted | stop));
        outside.filter(|index| self.open.get(*index).is_some_and(|open| open.traits.has(wanted))).or(inside)
    }
}

fn tag_is_input(tag: &str) -> bool {
    crate::tree::element::tag_name(tag).eq_ignore_ascii_case("input")
}
