//! Where a browser would build another tree than the tags suggest.
//!
//! Each rule marks an element that surely holds all of the difference; `None` where no element of the window does.

use std::borrow::Cow;

use super::{Kind, Open, Place, Tokenizer};
use crate::tree::{
    attribute::attribute,
    demands::{Facts, name_bit},
    element::{self, Namespace, Traits},
};

impl Tokenizer<'_> {
    /// What follows from an HTML start tag for what is open around it.
    pub(super) fn check(&mut self, traits: Traits, tag: &str) -> Option<()> {
        if traits.has(Traits::PART) || self.last_has(Traits::STRUCTURE) {
            let start = tag.as_ptr() as usize - self.source.as_ptr() as usize;
            let result = self.check_table(traits, start, || is_hidden_input(tag));
            if !self.as_written {
                result?;
            }
        }
        if self.as_written { Some(()) } else { self.check_open(traits) }
    }

    /// What follows for the elements around. Of a component's demands, what follows from all of them.
    pub(super) fn check_open(&mut self, traits: Traits) -> Option<()> {
        if traits.has(Traits::DOCUMENT) {
            return None;
        }
        // In a table, also in what was moved out of it, another table ends it.
        self.close_found(traits, Traits::TABLE, Traits::TABLE, Traits::CELL | Traits::CAPTION)?;
        if traits.has(Traits::CLOSES_PARAGRAPH) {
            self.check_paragraph(traits.has(Traits::HEADING))?;
        }
        if traits.has(Traits::RUBY_PART) {
            self.check_ruby()?;
        }
        self.close_found(traits, Traits::ITEM, Traits::ITEM, Traits::ENDS_LIST)?;
        self.close_found(traits, Traits::DEFINITION, Traits::DEFINITION, Traits::ENDS_LIST)?;
        self.close_found(traits, Traits::BUTTON, Traits::BUTTON, Traits::ENDS_SCOPE)?;
        self.close_current(traits, Traits::HEADING, Traits::HEADING)?;
        self.close_current(traits, Traits::OPTION | Traits::OPTION_GROUP, Traits::OPTION)?;
        // These leave what formats open, and close the rest of what is in them.
        self.close_found(traits, Traits::ANCHOR, Traits::ANCHOR, Traits::MARKER)?;
        self.close_found(traits, Traits::NO_BREAK, Traits::NO_BREAK, Traits::ENDS_SCOPE)?;
        // The tag of a form in another is ignored, and its end tag is the other's.
        if !traits.has(Traits::FORM) {
            return Some(());
        }
        self.find(Traits::FORM, Traits::FORM, Traits::NONE).map_or(Some(()), |form| self.mark(form.checked_sub(1)?))
    }

    fn close_found(&mut self, traits: Traits, rule: Traits, wanted: Traits, stop: Traits) -> Option<()> {
        if !traits.has(rule) {
            return Some(());
        }
        self.find(rule, wanted, stop).map_or(Some(()), |found| self.closed(found))
    }

    fn close_current(&mut self, traits: Traits, rule: Traits, wanted: Traits) -> Option<()> {
        if !traits.has(rule) {
            return Some(());
        }
        if self.open.is_empty() {
            self.demands.rules |= rule;
        }
        self.current(wanted).map_or(Some(()), |found| self.closed(found))
    }

    pub(super) fn check_paragraph(&mut self, is_heading: bool) -> Option<()> {
        let is_noted = self.demands.rules.has(Traits::CLOSES_PARAGRAPH) && (!is_heading || self.demands.facts.has(Facts::HEADING));
        // Most often none is open, and it is known that one around the component would be closed.
        if self.n_paragraphs == 0 && is_noted {
            return Some(());
        }
        let stop = Traits::ENDS_SCOPE | Traits::BUTTON;
        if is_heading && !self.ends_within(Traits::PARAGRAPH | stop) {
            self.demands.facts.add(Facts::HEADING);
        }
        let Some(paragraph) = self.find(Traits::CLOSES_PARAGRAPH, Traits::PARAGRAPH, stop) else { return Some(()) };
        self.closed(paragraph)?;
        // A heading then closes the one that the paragraph stood in.
        match paragraph.checked_sub(1) {
            Some(around) if is_heading && self.open.get(around)?.traits.has(Traits::HEADING) => self.closed(around),
            _ => Some(()),
        }
    }

    fn check_ruby(&mut self) -> Option<()> {
        if self.current(Traits::ENDS_IMPLIED).is_some() {
            return self.close_ruby();
        }
        if self.open.is_empty() {
            self.demands.rules |= Traits::RUBY_PART;
        }
        Some(())
    }

    /// A part of a ruby text closes what it stands in.
    pub(super) fn close_ruby(&mut self) -> Option<()> {
        if !self.ends_within(Traits::RUBY | Traits::ENDS_SCOPE) {
            self.demands.facts.add(Facts::CLOSES_RUBY);
        }
        self.find(Traits::NONE, Traits::RUBY, Traits::ENDS_SCOPE).map_or(Some(()), |ruby| self.closed(ruby + 1))
    }

    /// What follows from a start tag, or from a component at `start` of which it is the first, for a table around it.
    pub(super) fn check_table(&mut self, traits: Traits, start: usize, is_hidden: impl Fn() -> bool) -> Option<()> {
        let ends_group = traits.has(Traits::PART) && !traits.has(Traits::ROW | Traits::CELL);
        if ends_group && self.open.last().is_some_and(|open| open.kind == Kind::Implied) {
            self.close(start, start)?;
        }
        // At the top level only its parent knows what it stands in.
        let Some(parent) = self.open.last().map(|open| open.traits) else {
            if traits.has(Traits::PART) {
                self.demands.facts.add(Facts::PART);
            }
            return Some(());
        };
        if !traits.has(Traits::PART) {
            let may_stand_there = traits.has(Traits::METADATA) || traits.has(Traits::ENDS_SELECT) && is_hidden();
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
        match self.find(Traits::NONE, Traits::TABLE, Traits::NONE) {
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
        if self.n_selects == 0 && self.owner.place == Place::Page {
            return Some(());
        }
        let select = self.select();
        let is_known = select.is_some() || !self.open.is_empty();
        let fits = if traits.has(Traits::OPTION) {
            !is_known || self.last_has(Traits::SELECT | Traits::OPTION_GROUP)
        } else {
            traits.has(Traits::OPTION_GROUP | Traits::RULE) && (!is_known || self.last_has(Traits::SELECT))
        };
        if fits {
            return Some(());
        }
        // Where the tag is ignored, what we take for text is markup.
        let hides_markup = traits.has(Traits::RAW | Traits::ESCAPABLE) && name != "script";
        let fact = if traits.has(Traits::ENDS_SELECT) {
            Facts::ENDS_SELECT
        } else if traits.has(Traits::PART | Traits::TABLE) {
            Facts::TABLE_IN_SELECT
        } else if hides_markup {
            Facts::HIDES_IN_SELECT
        } else {
            Facts::OTHER_IN_SELECT
        };
        self.check_select_fact(select, fact)
    }

    /// The `select` that is open. One around the component has nothing against what is in one of its own.
    pub(super) fn select(&mut self) -> Option<usize> {
        if self.n_selects > 0 { self.find(Traits::NONE, Traits::SELECT, Traits::NONE) } else { None }
    }

    /// What follows in a `select`; without one, it is noted for one around the component.
    pub(super) fn check_select_fact(&mut self, select: Option<usize>, fact: Facts) -> Option<()> {
        let Some(select) = select else {
            self.demands.facts.add(fact);
            return Some(());
        };
        if fact.has(Facts::ENDS_SELECT) {
            self.closed(select)?;
        }
        if fact.has(Facts::TABLE_IN_SELECT) {
            match self.open.iter().position(|open| open.traits.has(Traits::TABLE)) {
                Some(table) => self.closed(table.min(select))?,
                None => self.mark(select)?,
            }
        }
        if fact.has(Facts::HIDES_IN_SELECT) {
            return None;
        }
        if fact.has(Facts::OTHER_IN_SELECT) { self.mark(select) } else { Some(()) }
    }

    /// Content that a browser moves out of a table, to before it.
    pub(super) fn foster(&mut self) -> Option<()> {
        let table = self.find(Traits::NONE, Traits::TABLE, Traits::NONE)?;
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
        let mut outermost = index;
        // Each element that is hit takes with it what is in it, whose end tags then hit others in their turn.
        loop {
            let closed = self.open.get(outermost..)?;
            let is_hit = |outer: &Open<'_>| {
                closed
                    .iter()
                    .any(|inner| inner.name == outer.name || (inner.traits.has(Traits::HEADING) && outer.traits.has(Traits::HEADING)))
            };
            match self.open.get(..outermost)?.iter().position(is_hit) {
                Some(further) => outermost = further,
                None => break,
            }
        }
        for inner in self.open.get(outermost..)? {
            self.demands.closed |= name_bit(&inner.name, inner.traits);
        }
        self.mark(outermost.checked_sub(1)?)
    }

    /// Marks an open element opaque; one that has no tag can't be replaced, so its parent then.
    pub(super) fn mark(&mut self, index: usize) -> Option<()> {
        if self.as_written {
            return Some(());
        }
        // What is outside of the window can't be marked; a wrapper needn't be, it is all of what can't be read.
        if index < self.n_ancestors && (index > 0 || self.owner.place != Place::Wrapper) {
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
    pub(super) fn current(&self, wanted: Traits) -> Option<usize> {
        let last = self.open.len().checked_sub(1)?;
        let first = self.outermost_marked.unwrap_or(last);
        let found = self.open.get(first..)?.iter().position(|open| open.traits.has(wanted))?;
        Some(first + found)
    }

    /// Looks from the innermost open element outwards, until `stop`. In a marked element the browser may have closed
    /// what we take to be open: there nothing stops the search, and the outermost that is found counts.
    ///
    /// A search that goes beyond all of them would go on around the component, which is noted as `rule`.
    pub(super) fn find(&mut self, rule: Traits, wanted: Traits, stop: Traits) -> Option<usize> {
        let certain = self.outermost_marked.map_or(self.open.len(), |marked| marked + 1);
        let inside = self.open.get(certain..)?.iter().position(|open| open.traits.has(wanted)).map(|found| certain + found);
        let outside = self.open.get(..certain)?.iter().rposition(|open| open.traits.has(wanted | stop));
        if outside.is_none() {
            self.demands.rules |= rule;
        }
        outside.filter(|index| self.open.get(*index).is_some_and(|open| open.traits.has(wanted))).or(inside)
    }

    /// Whether a search that ends at these ends within the component.
    fn ends_within(&self, ends: Traits) -> bool {
        let certain = self.outermost_marked.map_or(self.open.len(), |marked| marked + 1);
        self.open.get(..certain).unwrap_or_default().iter().any(|open| open.traits.has(ends))
    }
}

/// Whether a start tag is that of an `input` that doesn't show.
pub(in crate::tree) fn is_hidden_input(tag: &str) -> bool {
    element::tag_name(tag).eq_ignore_ascii_case("input") && attribute(tag, "type").is_some_and(|kind| kind.eq_ignore_ascii_case("hidden"))
}
