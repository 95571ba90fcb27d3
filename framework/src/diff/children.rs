//! Compares two lists of siblings.

use super::{
    Context, Unreadable, attributes, matching, moves,
    text::{self, Splice},
};
use crate::tree::{self, Kind};

/// Writes what turns the old siblings into the new ones, with the cursor on their parent. `before` are the children that come
/// before them.
pub(super) fn diff(context: &mut Context<'_, '_>, before: usize, old: &[u32], new: &[u32]) {
    // One text changed, or what is in one element: by far the most common, and nothing to search for.
    if let Some(()) = only_pair(context, before, old, new) {
        return;
    }
    let same = |one: u32, other: u32| {
        context.old.node(one).map(|node| node.kind) == context.new.node(other).map(|node| node.kind)
            && context.old.source(one) == context.new.source(other)
    };
    let head = old.iter().zip(new).take_while(|(one, other)| same(**one, **other)).count();
    let (old, new) = (&old[head..], &new[head..]);
    let tail = old.iter().rev().zip(new.iter().rev()).take_while(|(one, other)| same(**one, **other)).count();
    let (old, new) = (&old[..old.len() - tail], &new[..new.len() - tail]);
    if old.is_empty() && new.is_empty() {
        return;
    }
    let head = before + head;
    if let Some(()) = only_pair(context, head, old, new) {
        return;
    }
    let matched = matching::matched(context, old, new);
    moves::write(context, head, old.len(), &matched, new);
    for (index, (new, matched)) in new.iter().zip(&matched).enumerate() {
        if let Some(old) = matched.and_then(|matched| old.get(matched)) {
            pair(context, *old, *new, u32::try_from(head + index).unwrap_or(u32::MAX));
        }
    }
}

/// Compares the only node on either side, if the one is plainly the other.
fn only_pair(context: &mut Context<'_, '_>, before: usize, old: &[u32], new: &[u32]) -> Option<()> {
    let (&[old], &[new]) = (old, new) else { return None };
    is_plainly_the_same(context, old, new).then(|| pair(context, old, new, u32::try_from(before).unwrap_or(u32::MAX)))
}

/// Whether two nodes would be matched whatever is around them: text, and elements with the same start tag, key included.
fn is_plainly_the_same(context: &Context<'_, '_>, old: u32, new: u32) -> bool {
    let (Some(before), Some(now)) = (context.old.node(old), context.new.node(new)) else { return false };
    before.kind == now.kind
        && match now.kind {
            Kind::Text => true,
            Kind::Element => context.old.tag(old) == context.new.tag(new),
            _ => false,
        }
}

/// Writes what differs between two nodes that are taken for the same one, at `index` among its siblings.
fn pair(context: &mut Context<'_, '_>, old: u32, new: u32, index: u32) {
    if context.old.source(old) == context.new.source(new) {
        return;
    }
    let (Some(before), Some(kind)) = (context.old.node(old).map(|node| node.kind), context.new.node(new).map(|node| node.kind)) else {
        return;
    };
    let checkpoint = context.writer.checkpoint();
    let result = match kind {
        // One key, but what was opaque is so no more, or the other way round.
        _ if before != kind => Err(Unreadable),
        Kind::Component => Ok(()),
        Kind::Text => text(context, old, new, index),
        Kind::Comment => comment(context, new, index),
        Kind::Element | Kind::Implied => element(context, old, new, index),
        // What its content became is its owner's business: only its own attributes follow the server.
        Kind::Opaque if is_ignored(context, old, new) => {
            context.writer.descend(index);
            let result = attributes::diff(context, old, new);
            context.writer.ascend();
            result
        }
        Kind::Opaque | Kind::Marked => Err(Unreadable),
    };
    if let Err(Unreadable) = result {
        context.writer.rollback(checkpoint);
        let (html, opaque) = context.html(new, new);
        context.writer.replace(index, &html, &opaque);
    }
}

fn text(context: &mut Context<'_, '_>, old: u32, new: u32, index: u32) -> Result<(), Unreadable> {
    let now = tree::decode(context.new.data(new)).ok_or(Unreadable)?;
    let before = tree::decode(context.old.data(old));
    context.writer.descend(index);
    let before = before.as_deref();
    if let Some(added) = before.and_then(|before| now.strip_prefix(before)) {
        context.writer.append(added);
    } else if let Some(Splice { start, count, length, text }) = before.and_then(|before| text::splice(before, &now)) {
        context.writer.splice(start, count, length, text);
    } else {
        context.writer.text(&now);
    }
    context.writer.ascend();
    Ok(())
}

fn comment(context: &mut Context<'_, '_>, new: u32, index: u32) -> Result<(), Unreadable> {
    let now = context.new.data(new);
    if now.contains('\r') {
        return Err(Unreadable);
    }
    context.writer.descend(index);
    context.writer.text(now);
    context.writer.ascend();
    Ok(())
}

fn element(context: &mut Context<'_, '_>, old: u32, new: u32, index: u32) -> Result<(), Unreadable> {
    context.writer.descend(index);
    let result = attributes::diff(context, old, new);
    if result.is_ok() {
        let (old_children, new_children) = (context.old.children(old), context.new.children(new));
        diff(context, 0, &old_children, &new_children);
    }
    context.writer.ascend();
    result
}

fn is_ignored(context: &Context<'_, '_>, old: u32, new: u32) -> bool {
    let ignored = |tag| tree::attribute(tag, "lf-ignore").is_some();
    ignored(context.old.tag(old)) && ignored(context.new.tag(new))
}
