//! Where a component stands: whether a browser then builds the tree that its own HTML and its parent's suggest.

use std::borrow::Cow;

use super::{Kind, MAX_DEPTH, Open, Owner, Place, Tokenizer};
use crate::tree::{
    Node, Resolved,
    demands::{Demands, Facts, Fit, name_bit},
    element::{self, Namespace, Traits},
    expand,
};

/// Whether the first of these nodes is the row of a table, or a component that is one.
pub(crate) fn begins_with_row(html: &str, nodes: &[Node], owner: Owner<'_>) -> bool {
    let Some(first) = nodes.first() else { return false };
    let is_row = |name: &str| name.eq_ignore_ascii_case("tr");
    match first.kind {
        Kind::Component => expand::slot(html, first)
            .and_then(|slot| owner.resolve.resolve(owner.id, slot))
            .and_then(|child| child.fit().name)
            .is_some_and(is_row),
        _ => is_row(element::name(html, first)),
    }
}

impl Tokenizer<'_> {
    /// Applies the demands of a component at `start` to what is open around it.
    pub(super) fn place(&mut self, start: usize, child: Resolved<'_>) -> Option<()> {
        let Fit { name: own, is_hidden, demands } = child.fit();
        if demands.facts.has(Facts::UNBOUNDED) {
            return None;
        }
        self.check_namespace(demands.facts)?;
        let name = own.map_or(Cow::Borrowed("lf-component"), super::lower);
        let (traits, namespace) = (self.namespace().traits(&name), self.namespace());
        if traits.has(Traits::PART) || self.last_has(Traits::STRUCTURE) {
            self.check_table(traits, start, || is_hidden)?;
        }
        // A row may have got a `tbody` around it.
        self.check_depth(demands.depth as usize + usize::from(own.is_none()))?;
        self.check_select(&name, Traits::of(&name))?;
        if own.is_some() {
            return self.surround(&demands);
        }
        // It has an element around it, which is not in its own HTML.
        self.open.push(Open { name: Cow::Borrowed("lf-component"), traits, node: usize::MAX, kind: Kind::Opaque, namespace, inner: start });
        let result = self.surround(&demands);
        self.open.pop();
        self.outermost_marked = self.outermost_marked.filter(|marked| *marked < self.open.len());
        result
    }

    fn surround(&mut self, demands: &Demands) -> Option<()> {
        self.demands.closed |= demands.closed;
        loop {
            let before = self.outermost_marked;
            self.apply(demands)?;
            // What is marked changes what the rules find.
            if self.outermost_marked == before {
                return Some(());
            }
        }
    }

    fn apply(&mut self, demands: &Demands) -> Option<()> {
        self.check_open(demands.rules)?;
        if demands.facts.has(Facts::HEADING) {
            self.check_paragraph(true)?;
        }
        if demands.facts.has(Facts::CLOSES_RUBY) {
            self.close_ruby()?;
        }
        let select = self.select();
        for fact in [Facts::ENDS_SELECT, Facts::TABLE_IN_SELECT, Facts::HIDES_IN_SELECT, Facts::OTHER_IN_SELECT] {
            if demands.facts.has(fact) {
                self.check_select_fact(select, fact)?;
            }
        }
        let is_hit = |open: &Open<'_>| demands.closed & name_bit(&open.name, open.traits) != 0;
        self.open.iter().position(is_hit).map_or(Some(()), |outermost| self.closed(outermost))
    }

    /// Whether there is room for so many elements in one another.
    pub(super) fn check_depth(&mut self, n: usize) -> Option<()> {
        let depth = self.open.len() + n;
        self.demands.depth = self.demands.depth.max(u32::try_from(depth).ok()?);
        (depth <= MAX_DEPTH).then_some(())
    }

    /// Notes what a tag is in SVG around the component.
    pub(super) fn note_namespace(&mut self, html_traits: Traits) {
        let fact = if html_traits.has(Traits::BREAKS_OUT | Traits::RAW | Traits::ESCAPABLE) {
            Facts::BREAKS_OUT
        } else if html_traits.has(Traits::VOID) {
            Facts::VOID
        } else {
            return;
        };
        self.note(fact);
    }

    /// Notes something about a tag, unless what is around the component makes no difference to it.
    fn note(&mut self, fact: Facts) {
        let is_needed = matches!(self.owner.place, Place::Html | Place::Wrapper) && !self.demands.facts.has(fact);
        if is_needed && self.open.iter().all(|open| open.namespace == Namespace::Html) {
            self.demands.facts.add(fact);
        }
    }

    /// A component of HTML in SVG, or of SVG in HTML.
    fn check_namespace(&mut self, facts: Facts) -> Option<()> {
        if self.namespace() == Namespace::Html {
            if facts.has(Facts::SVG) {
                return None;
            }
            for fact in [Facts::BREAKS_OUT, Facts::VOID] {
                if facts.has(fact) {
                    self.note(fact);
                }
            }
            return Some(());
        }
        if facts.has(Facts::BREAKS_OUT) {
            return None;
        }
        match self.open.len().checked_sub(1) {
            // What follows then lies in it, up to the next end tag.
            Some(last) if facts.has(Facts::VOID) => self.mark(last),
            None if facts.has(Facts::VOID) => {
                self.demands.facts.add(Facts::VOID);
                Some(())
            }
            _ => Some(()),
        }
    }
}
