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

/// Matches what has no key. The positions in `old_rest` and `new_rest` rise.
fn match_rest(context: &Context<'_, '_>, old: &[u32], new: &[u32], old_rest: &[usize], new_rest: &[usize], matched: &mut [Option<usize>]) {
    if old_rest.is_empty() || new_rest.is_empty() {
        return;
    }
    // Equal sources get equal numbers, so that `similar` compares numbers.
    let mut numbers: FxHashMap<&str, u32> = FxHashMap::default();
    let mut number = |source| {
        let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
        *numbers.entry(source).or_insert(next)
    };
    let before: Vec<u32> = old_rest.iter().map(|position| number(context.old.source(old[*position]))).collect();
    let n_before = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
    let mut number = |source| {
        let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
        *numbers.entry(source).or_insert(next)
    };
    let now: Vec<u32> = new_rest.iter().map(|position| number(context.new.source(new[*position]))).collect();
    let mut take = |old_range: std::ops::Range<usize>, new_range: std::ops::Range<usize>| {
        for (before, now) in old_rest[old_range].iter().zip(&new_rest[new_range]) {
            if compatible(context, old[*before], new[*now]) {
                matched[*now] = Some(*before);
            }
        }
    };
    let n_in_place = before.iter().zip(&now).filter(|(before, now)| before == now).count();
    let changed_in_place = before.len() == now.len() && 2 * n_in_place >= now.len();
    if changed_in_place || now.iter().all(|number| *number >= n_before) {
        return take(0..before.len(), 0..now.len());
    }
    for operation in similar::capture_diff_slices_deadline(Algorithm::Myers, &before, &now, context.deadline) {
        match operation {
            DiffOp::Equal { old_index, new_index, len } => take(old_index..old_index + len, new_index..new_index + len),
            DiffOp::Replace { old_index, old_len, new_index, new_len } => {
                take(old_index..old_index + old_len, new_index..new_index + new_len);
            }
            DiffOp::Delete { .. } | DiffOp::Insert { .. } => {}
        }
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
