//! Writes patches: what the client has to change to show what was rendered.

use std::time::{Duration, Instant};

use super::{Components, HEAD, Mounted, PAGE};
use crate::{
    diff,
    patch::PatchWriter,
    tree::{self, Fit, Kind, Tape},
};

/// HTML below this is compared within a fraction of any deadline, so that none is needed and the clock isn't asked.
const SMALL_BYTES: usize = 4_096;

/// What the components written so far leave to those around them.
#[derive(Default)]
struct Left {
    /// Components that stand in an opaque element of another's tree, and have changed: the other one, and the slot in it.
    inside_opaque: Vec<(u32, u64)>,
    /// Components in which another fits its place differently than before, so that a browser may build another tree.
    unfit: Vec<u32>,
}

impl Components {
    /// Writes what the client has to change to show what was rendered. Searching for the smallest patch takes `diff_time` at most.
    pub(crate) fn write_patch(&mut self, writer: &mut PatchWriter<'_>, diff_time: Duration) {
        let (mut deadline, mut left) = (None, Left::default());
        #[cfg(debug_assertions)]
        let has_changed = !self.changed.is_empty();
        // Children first: a parent that inserts or replaces HTML inserts its children as they are now, and their own
        // changes must then have been made already.
        while let Some(component) = self.changed.pop_last() {
            let n_bytes = |mounted: &Mounted| mounted.shown.html().len().max(mounted.next_html.as_ref().map_or(0, String::len));
            let is_small = self.mounted.get(&component).is_none_or(|mounted| n_bytes(mounted) <= SMALL_BYTES);
            if !is_small && deadline.is_none() {
                deadline = Some(Instant::now() + diff_time);
            }
            self.write_one(component, writer, deadline, &mut left);
        }
        if let Some(document) = &mut self.document {
            document.write(writer, diff_time);
        }
        #[cfg(debug_assertions)]
        if has_changed {
            self.inspect();
        }
    }

    /// Writes the whole content of a component, for a client whose own tree went wrong.
    pub(crate) fn write_resync(&mut self, component: u32, writer: &mut PatchWriter<'_>) {
        if component == HEAD {
            return self.document.get_or_insert_default().write_head(writer);
        }
        // In an opaque element it is no part of any tree, and comes with what is around it.
        let component = self.opaque_around(component).map_or(component, |(around, _)| around);
        let Some(mounted) = self.mounted.get(&component) else { return };
        let (shown, mut html, mut opaque) = (&mounted.shown, String::new(), Vec::new());
        let parent = self.mounted.get(&mounted.parent).filter(|_| component != PAGE && !tree::is_wrapped(shown.html(), shown.tape()));
        match parent.map(|parent| &parent.shown) {
            // The component's one element carries its id: what its place in the parent shows.
            Some(parent) => {
                tree::expand_slot(parent.html(), parent.tape(), mounted.parent, mounted.slot, self, &mut html, &mut opaque);
            }
            None => tree::expand_all(shown.html(), shown.tape(), component, self, &mut html, &mut opaque),
        }
        writer.component(component);
        writer.resync(&html, &opaque);
    }

    /// Writes all of the document around the page, if the page says anything of it, for a client that shows another one.
    pub(crate) fn write_document(&self, writer: &mut PatchWriter<'_>) {
        if let Some(document) = &self.document {
            document.write_all(writer);
        }
    }

    /// Makes what was rendered what is shown, for components that the client gets as HTML.
    pub(super) fn settle_new(&mut self) {
        self.changed.clear();
        if let Some(document) = &mut self.document {
            document.settle();
        }
        let mut ids: Vec<_> = self.mounted.keys().copied().collect();
        // Children first, since reading a parent takes what is in it.
        ids.sort_unstable_by(|one, other| other.cmp(one));
        for id in ids {
            let Some(html) = self.mounted.get_mut(&id).and_then(|mounted| mounted.next_html.take()) else { continue };
            let tape = Tape::read(&html, id, self);
            self.show(id, html, tape);
        }
    }

    fn write_one(&mut self, component: u32, writer: &mut PatchWriter<'_>, deadline: Option<Instant>, left: &mut Left) {
        let around = self.opaque_around(component);
        let Some(mounted) = self.mounted.get_mut(&component) else { return };
        let next = mounted.next_html.take();
        let (parent, slot) = (mounted.parent, mounted.slot);
        let (before, tape) = mounted.shown.take();
        if tape.is_unparsed() {
            // New: its parent's patch brings it.
            let html = next.unwrap_or(before);
            let tape = Tape::read(&html, component, self);
            return self.show(component, html, tape);
        }
        let fit = Fit::of(&before, &tape);
        let (html, tape, is_replaced) = if self.unlike.contains(component) {
            // It is sent as a whole.
            let html = next.unwrap_or_else(|| before.clone());
            let tape = Tape::read(&html, component, self);
            (html, tape, false)
        } else if let Some((owner, slot)) = around {
            left.inside_opaque.push((owner, slot));
            self.changed.insert(owner);
            let html = next.unwrap_or_else(|| before.clone());
            let tape = Tape::read(&html, component, self);
            (html, tape, false)
        } else if let Some(tape) = self.as_shown(component, &before, tape, left) {
            let slots: Vec<u64> = left.inside_opaque.extract_if(.., |(owner, _)| *owner == component).map(|(_, slot)| slot).collect();
            // One that is broken is sent whole if it changed itself.
            if !tape.is_broken() || next.as_ref().is_none_or(|html| *html == before) {
                diff::replace_opaque(&before, &tape, component, &slots, writer, self);
            }
            let Some(html) = next else {
                if component != PAGE && fit != Fit::of(&before, &tape) {
                    left.unfit.push(parent);
                    self.changed.insert(parent);
                }
                return self.show(component, before, tape);
            };
            let checkpoint = writer.checkpoint();
            writer.component(component);
            let tape = diff::diff(&before, tape, &html, component, deadline, writer, self);
            // The element that carries a component's id can't become another one in place.
            let is_replaced = component != PAGE && (fit.name != tree::own_element(&html, &tape) || tape.is_broken());
            if is_replaced {
                writer.rollback(checkpoint);
            }
            (html, tape, is_replaced)
        } else {
            // The client looks into other parts of it than before. That is rare, and all that may follow is done with the page.
            self.unlike.insert(PAGE);
            let html = next.unwrap_or_else(|| before.clone());
            let tape = Tape::read(&html, component, self);
            (html, tape, false)
        };
        if component != PAGE && fit != Fit::of(&html, &tape) {
            left.unfit.push(parent);
            self.changed.insert(parent);
        }
        self.show(component, html, tape);
        if is_replaced {
            self.replace_in_parent(parent, slot, writer);
        }
    }

    /// The tape of what the client shows, or `None` when that is read differently now because of what is in it.
    fn as_shown(&self, component: u32, html: &str, tape: Tape, left: &mut Left) -> Option<Tape> {
        let n_before = left.unfit.len();
        left.unfit.retain(|unfit| *unfit != component);
        if left.unfit.len() == n_before {
            return Some(tape);
        }
        let again = Tape::read(html, component, self);
        (again.nodes() == tape.nodes() && again.is_broken() == tape.is_broken()).then_some(again)
    }

    /// Takes what the client shows from now on.
    pub(super) fn show(&mut self, component: u32, html: String, tape: Tape) {
        let Some(mounted) = self.mounted.get_mut(&component) else { return };
        mounted.shown.set(html, tape);
        if !mounted.children.is_empty() {
            self.find_unlisted(component);
        }
    }

    /// Notes which of a component's children stand in its tree: those that don't stand in opaque elements.
    fn find_unlisted(&mut self, component: u32) {
        let Some(mounted) = self.mounted.get_mut(&component) else { return };
        let shown = &mounted.shown;
        let places = shown.tape().nodes().iter().filter(|node| node.kind == Kind::Component);
        // Most often all of them do.
        if places.clone().count() == mounted.children.len() && !mounted.has_unlisted {
            return;
        }
        let listed: rustc_hash::FxHashSet<u64> = places.filter_map(|node| tree::slot(shown.html(), node)).collect();
        mounted.has_unlisted = mounted.children.keys().any(|slot| !listed.contains(slot));
        let children: Vec<(u64, u32)> = mounted.children.iter().map(|(slot, child)| (*slot, *child)).collect();
        for (slot, child) in children {
            if let Some(child) = self.mounted.get_mut(&child) {
                child.is_unlisted = !listed.contains(&slot);
            }
        }
    }

    /// Of a component that the client has no tree of: the one around it that it has, and the slot in that one, which stands
    /// in an opaque element.
    pub(super) fn opaque_around(&self, component: u32) -> Option<(u32, u64)> {
        let (mut around, mut next) = (None, component);
        while next != PAGE {
            let mounted = self.mounted.get(&next)?;
            if mounted.is_unlisted {
                around = Some((mounted.parent, mounted.slot));
            }
            next = mounted.parent;
        }
        around
    }

    fn replace_in_parent(&self, parent: u32, slot: u64, writer: &mut PatchWriter<'_>) {
        if let Some(mounted) = self.mounted.get(&parent) {
            writer.component(parent);
            diff::replace_component(mounted.shown.html(), mounted.shown.tape(), parent, slot, writer, self);
        }
    }
}
