//! Decides which old and new siblings are the same one: by key, else by what `similar` finds in common, else by place.

use std::collections::HashMap;

use rustc_hash::{FxBuildHasher, FxHashMap};
use similar::{Algorithm, DiffOp};

use super::{Context, Side};
use crate::tree::{self, Kind};

/// What an author calls a sibling: the element's name and key, or the slot of a component.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Key<'a> {
    Named(&'a str, &'a str),
    Slot(u64),
}

/// For each new sibling the position (in `old`) of the old one that it was.
pub(super) fn matched(context: &Context<'_, '_>, old: &[u32], new: &[u32]) -> Vec<Option<usize>> {
    let mut matched = vec![None; new.len()];
    if old.is_empty() || new.is_empty() {
        return matched;
    }
    let (old_keys, new_keys) = (keys(&context.old, old), keys(&context.new, new));
    let (mut old_rest, mut new_rest): (Vec<usize>, Vec<usize>) = (Vec::new(), Vec::new());
    if old_keys.is_empty() && new_keys.is_empty() {
        old_rest.extend(0..old.len());
        new_rest.extend(0..new.len());
    } else {
        let by_key: FxHashMap<Key<'_>, usize> = old_keys.iter().map(|(position, key)| (*key, *position)).collect();
        for (position, key) in &new_keys {
            if let (Some(slot), Some(before)) = (matched.get_mut(*position), by_key.get(key)) {
                *slot = Some(*before);
            }
        }
        let (mut old_keyed, mut new_keyed) = (vec![false; old.len()], vec![false; new.len()]);
        // Keys carry positions in these lists, and so do all positions below.
        for (position, _) in &old_keys {
            old_keyed[*position] = true;
        }
        for (position, _) in &new_keys {
            new_keyed[*position] = true;
        }
        old_rest.extend((0..old.len()).filter(|position| !old_keyed[*position]));
        new_rest.extend((0..new.len()).filter(|position| !new_keyed[*position]));
    }
    match_rest(context, old, new, &old_rest, &new_rest, &mut matched);
    matched
}

/// The siblings that have a key, unless another has the same.
fn keys<'a>(side: &Side<'a>, siblings: &[u32]) -> Vec<(usize, Key<'a>)> {
    let mut keys: Vec<_> = siblings.iter().enumerate().filter_map(|(position, node)| Some((position, key(side, *node)?))).collect();
    let mut count: HashMap<Key<'_>, usize, FxBuildHasher> = HashMap::with_capacity_and_hasher(keys.len(), FxBuildHasher);
    for (_, key) in &keys {
        *count.entry(*key).or_default() += 1;
    }
    if count.len() < keys.len() {
        keys.retain(|(_, key)| count.get(key) == Some(&1));
    }
    keys
}

fn key<'a>(side: &Side<'a>, index: u32) -> Option<Key<'a>> {
    let node = side.node(index)?;
    match node.kind {
        Kind::Component => tree::slot(side.html, node).map(Key::Slot),
        Kind::Element | Kind::Opaque | Kind::Marked => {
            let tag = side.tag(index);
            let key = tree::attribute(tag, "lf-key").or_else(|| tree::attribute(tag, "id"))?;
            Some(Key::Named(tree::name(side.html, node), key))
        }
        _ => None,
    }
}

/// How alike two siblings are taken to be, the strictest first. What is between two that are the same is matched by start tag,
/// and between those by name: a message that comes in front of a form is then no reason to make the form anew.
#[derive(Clone, Copy)]
enum Likeness {
    Source,
    Tag,
    Name,
}

/// Matches what has no key. The positions in `old_rest` and `new_rest` rise.
fn match_rest(context: &Context<'_, '_>, old: &[u32], new: &[u32], old_rest: &[usize], new_rest: &[usize], matched: &mut [Option<usize>]) {
    Rest { context, old, new, matched }.matched(Likeness::Source, old_rest, new_rest);
}

struct Rest<'a, 'b, 'c> {
    context: &'a Context<'b, 'c>,
    old: &'a [u32],
    new: &'a [u32],
    matched: &'a mut [Option<usize>],
}

impl Rest<'_, '_, '_> {
    fn matched(&mut self, likeness: Likeness, old_rest: &[usize], new_rest: &[usize]) {
        if old_rest.is_empty() || new_rest.is_empty() {
            return;
        }
        // What is alike gets equal numbers, so that `similar` compares numbers.
        let mut numbers: FxHashMap<&str, u32> = FxHashMap::default();
        let mut number = |label| {
            let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
            *numbers.entry(label).or_insert(next)
        };
        let (old, new, context) = (self.old, self.new, self.context);
        let before: Vec<u32> = old_rest.iter().map(|position| number(label(&context.old, old[*position], likeness))).collect();
        let n_before = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
        let mut number = |label| {
            let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
            *numbers.entry(label).or_insert(next)
        };
        let now: Vec<u32> = new_rest.iter().map(|position| number(label(&context.new, new[*position], likeness))).collect();
        let n_in_place = before.iter().zip(&now).filter(|(before, now)| before == now).count();
        // As many as before, each of the same kind: that they change is likelier than that they go and others come.
        let fits = |(before, now): (&usize, &usize)| compatible(context, old[*before], new[*now]);
        let fits_in_place = || !matches!(likeness, Likeness::Source) && old_rest.iter().zip(new_rest).all(fits);
        if before.len() == now.len() && (2 * n_in_place >= now.len() || fits_in_place()) {
            return self.take(old_rest, new_rest);
        }
        if now.iter().all(|number| *number >= n_before) {
            return self.less(likeness, old_rest, new_rest);
        }
        for operation in similar::capture_diff_slices_deadline(Algorithm::Myers, &before, &now, context.deadline) {
            match operation {
                DiffOp::Equal { old_index, new_index, len } => {
                    self.take(&old_rest[old_index..old_index + len], &new_rest[new_index..new_index + len]);
                }
                DiffOp::Replace { old_index, old_len, new_index, new_len } => {
                    self.less(likeness, &old_rest[old_index..old_index + old_len], &new_rest[new_index..new_index + new_len]);
                }
                DiffOp::Delete { .. } | DiffOp::Insert { .. } => {}
            }
        }
    }

    /// Tries what is less alike.
    fn less(&mut self, likeness: Likeness, old_rest: &[usize], new_rest: &[usize]) {
        match likeness {
            Likeness::Source => self.matched(Likeness::Tag, old_rest, new_rest),
            Likeness::Tag => self.matched(Likeness::Name, old_rest, new_rest),
            Likeness::Name => {}
        }
    }

    fn take(&mut self, old_rest: &[usize], new_rest: &[usize]) {
        for (before, now) in old_rest.iter().zip(new_rest) {
            if compatible(self.context, self.old[*before], self.new[*now]) {
                self.matched[*now] = Some(*before);
            }
        }
    }
}

/// What has to be equal.
fn label<'a>(side: &Side<'a>, index: u32, likeness: Likeness) -> &'a str {
    let Some(node) = side.node(index) else { return "" };
    match (likeness, node.kind) {
        (Likeness::Source, _) | (_, Kind::Component) => side.source(index),
        // No element is called so.
        (_, Kind::Text) => "#text",
        (_, Kind::Comment) => "#comment",
        (Likeness::Tag, _) => side.tag(index),
        (Likeness::Name, _) => tree::name(side.html, node),
    }
}

/// Whether an old node can become a new one.
fn compatible(context: &Context<'_, '_>, old: u32, new: u32) -> bool {
    let (Some(before), Some(now)) = (context.old.node(old), context.new.node(new)) else { return false };
    before.kind == now.kind
        && match now.kind {
            Kind::Text | Kind::Comment => true,
            Kind::Component => context.old.source(old) == context.new.source(new),
            _ => tree::name(context.old.html, before) == tree::name(context.new.html, now),
        }
}
