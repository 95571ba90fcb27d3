//! What controls hold, and forms as they are sent.

use std::collections::HashMap;

use form_urlencoded::Serializer;

use super::{Node, find, outline::option_value, reader::around};
use crate::tree::dom::NodeId;

/// What the person entered, by control; controls that are not in it hold what the server rendered.
pub(super) type Entered = HashMap<NodeId, String>;

/// A control for files.
pub(super) const UPLOAD: &str = "lf-upload";

/// Whether a box or a radio is on.
const ON: &str = "\u{1}on";
const OFF: &str = "\u{1}off";

/// What `entered` holds for a box that is on or off.
pub(super) fn switch(on: bool) -> String {
    if on { ON } else { OFF }.to_owned()
}

pub(super) fn is_switch(control: Node<'_>) -> bool {
    control.name() == "input" && matches!(control.attribute("type"), Some("checkbox" | "radio"))
}

/// Name and value of a control as its own event sends them.
pub(super) fn value(control: Node<'_>, entered: &Entered) -> (String, String) {
    let name = control.attribute("name").filter(|name| !name.is_empty()).unwrap_or("value").to_owned();
    if control.attribute("type") == Some("checkbox") {
        let on = is_on(control, entered);
        let value = control.attribute("value").filter(|_| on).map_or_else(|| on.to_string(), str::to_owned);
        return (name, value);
    }
    (name, text(control, entered))
}

/// The whole form, as `application/x-www-form-urlencoded`.
pub(super) fn serialize(form: Node<'_>, submitter: Option<Node<'_>>, entered: &Entered) -> String {
    let mut pairs = Serializer::new(String::new());
    for control in form.descendants().filter(find::is_control) {
        let Some(name) = control.attribute("name").filter(|name| !name.is_empty()) else { continue };
        let kind = control.attribute("type").unwrap_or_default();
        if control.attribute("disabled").is_some() || matches!(kind, "submit" | "button" | "reset" | "file" | "image") {
            continue;
        }
        if is_switch(control) {
            if is_on(control, entered) {
                pairs.append_pair(name, control.attribute("value").unwrap_or("true"));
            }
            continue;
        }
        // A browser sends nothing for a control without files.
        if control.name() == UPLOAD && !entered.contains_key(&control.id()) {
            continue;
        }
        pairs.append_pair(name, &text(control, entered));
    }
    if let Some((name, value)) =
        submitter.and_then(|button| Some((button.attribute("name")?, button.attribute("value").unwrap_or_default())))
    {
        pairs.append_pair(name, value);
    }
    pairs.finish()
}

/// The other radio buttons of a group, which one that is switched on switches off.
pub(super) fn others(radio: Node<'_>) -> Vec<NodeId> {
    let form = find::form(radio);
    let Some(page) = around(radio).last() else { return Vec::new() };
    let is_other = |other: &Node<'_>| {
        *other != radio
            && other.attribute("type") == Some("radio")
            && other.attribute("name") == radio.attribute("name")
            && find::form(*other) == form
    };
    page.descendants().filter(is_other).map(Node::id).collect()
}

/// What a control shows.
pub(super) fn text(control: Node<'_>, entered: &Entered) -> String {
    if let Some(entered) = entered.get(&control.id()) {
        return entered.clone();
    }
    match control.name() {
        "textarea" => control.text(),
        "select" => {
            let options = || control.descendants().filter(|node| node.name() == "option");
            let chosen = options().find(|option| option.attribute("selected").is_some()).or_else(|| options().next());
            chosen.map(option_value).unwrap_or_default()
        }
        _ => control.attribute("value").unwrap_or_default().to_owned(),
    }
}

/// Whether a box or a radio button is on.
pub(super) fn is_on(control: Node<'_>, entered: &Entered) -> bool {
    entered.get(&control.id()).map_or_else(|| control.attribute("checked").is_some(), |state| state == ON)
}
