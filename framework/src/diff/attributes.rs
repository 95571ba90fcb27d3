//! Compares the attributes of two start tags.

use super::{Context, Unreadable};
use crate::tree;

/// Writes the attributes that differ, with the cursor on the element.
pub(super) fn diff(context: &mut Context<'_, '_>, old: u32, new: u32) -> Result<(), Unreadable> {
    let (old_tag, new_tag) = (context.old.tag(old), context.new.tag(new));
    if old_tag == new_tag {
        return Ok(());
    }
    let before: Vec<_> = tree::attributes(old_tag).collect();
    let now: Vec<_> = tree::attributes(new_tag).collect();
    let value = |of: &[(&str, &str)], name: &str| {
        of.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| (*value).to_owned())
    };
    for (name, _) in before.iter().filter(|(name, _)| value(&now, name).is_none()) {
        context.writer.unset(name);
    }
    for (name, raw) in now.iter().filter(|(name, raw)| value(&before, name).as_deref() != Some(raw)) {
        context.writer.set(name, &tree::decode(raw).ok_or(Unreadable)?);
    }
    Ok(())
}
