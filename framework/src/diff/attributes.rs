//! Compares the attributes of two start tags.

use super::{Context, Unreadable};
use crate::tree;

/// Writes the attributes that differ, with the cursor on the element.
pub(super) fn diff(context: &mut Context<'_, '_>, old: u32, new: u32) -> Result<(), Unreadable> {
    let (old_tag, new_tag) = (context.old.tag(old), context.new.tag(new));
    if old_tag == new_tag {
        return Ok(());
    }
    // Which component an element belongs to is the client's business.
    let all = |tag| tree::attributes(tag).filter(|(name, _)| !name.eq_ignore_ascii_case("lf-c")).collect::<Vec<(&str, &str)>>();
    let (before, now) = (all(old_tag), all(new_tag));
    // A browser changes such names, and only it knows into what.
    if before.iter().chain(&now).any(|(name, _)| name.contains('\0')) {
        return Err(Unreadable);
    }
    for (name, _) in before.iter().filter(|(name, _)| value(&now, name).is_none()) {
        context.writer.unset(name);
    }
    for (name, raw) in now.iter().filter(|(name, raw)| value(&before, name) != Some(raw)) {
        context.writer.set(name, &tree::decode(raw).ok_or(Unreadable)?);
    }
    Ok(())
}

fn value<'a>(attributes: &[(&str, &'a str)], name: &str) -> Option<&'a str> {
    attributes.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| *value)
}
