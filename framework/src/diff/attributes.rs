//! Compares the attributes of two start tags.

use super::{Context, Unreadable};
use crate::tree;

/// Attributes that say what an element shows at first, so that one in which they change shows something else than a new one: of
/// a menu the first option is chosen and of a list none, and a dialog that is open stays modal or not.
const AT_FIRST: [(&str, &str); 4] = [("select", "multiple"), ("select", "size"), ("dialog", "lf-modal"), ("input", "type")];

/// Inputs whose `value` is not what a person enters, or that are never empty: of one that becomes or was such a one, a browser
/// would keep what is no value of the other kind.
const OWN_VALUE: [&str; 10] = ["checkbox", "radio", "hidden", "button", "submit", "reset", "image", "file", "range", "color"];

/// Shows a dialog, and so comes after what says how.
const SHOWS: &str = "open";

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
    let name = context.new.node(new).map(|node| tree::name(context.new.html, node)).unwrap_or_default();
    let is_shown = |attributes: &[(&str, &str)]| value(attributes, SHOWS).is_some();
    let has_own_value = |attributes: &[(&str, &str)]| {
        value(attributes, "type").is_some_and(|kind| OWN_VALUE.iter().any(|own| own.eq_ignore_ascii_case(kind)))
    };
    let is_late = |(element, attribute): &(&str, &str)| {
        element.eq_ignore_ascii_case(name)
            && value(&before, attribute) != value(&now, attribute)
            && match *element {
                "dialog" => is_shown(&before) && is_shown(&now),
                "input" => has_own_value(&before) || has_own_value(&now),
                _ => true,
            }
    };
    if AT_FIRST.iter().any(is_late) {
        return Err(Unreadable);
    }
    for (name, _) in before.iter().filter(|(name, _)| value(&now, name).is_none()) {
        context.writer.unset(name);
    }
    for is_last in [false, true] {
        let changed = now.iter().filter(|(name, raw)| name.eq_ignore_ascii_case(SHOWS) == is_last && value(&before, name) != Some(raw));
        for (name, raw) in changed {
            context.writer.set(name, &tree::decode(raw).ok_or(Unreadable)?);
        }
    }
    Ok(())
}

fn value<'a>(attributes: &[(&str, &'a str)], name: &str) -> Option<&'a str> {
    attributes.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| *value)
}
