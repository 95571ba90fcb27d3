//! Finds what a person would mean: by `#id`, by the words on it, by its label.

use super::Node;

/// What can be clicked that is called this.
pub(super) fn clickable<'a>(page: Node<'a>, name: &str) -> Option<Node<'a>> {
    let fits = |node: &Node<'a>| {
        matches!(node.name(), "button" | "a" | "summary" | "input" | "label" | "option")
            || node.attribute("lf-click").is_some()
            || node.attribute("role") == Some("button")
    };
    named(page, name, fits)
}

/// The control that is called this.
pub(super) fn control<'a>(page: Node<'a>, name: &str) -> Option<Node<'a>> {
    let labelled = page.descendants().filter(|node| node.name() == "label").find(|label| {
        let own = label.children().filter(|child| child.is_text() || !is_control(child)).map(Node::text).collect::<String>();
        squeezed(&own) == name || squeezed(&label.text()) == name
    });
    labelled
        .and_then(|label| match label.attribute("for") {
            Some(id) => page.find(|node| node.attribute("id") == Some(id)),
            None => label.find(|node| is_control(&node)),
        })
        .or_else(|| named(page, name, is_control))
        .or_else(|| page.find(|node| is_control(&node) && node.attribute("name") == Some(name)))
        .or_else(|| page.find(|node| is_control(&node) && node.attribute("placeholder") == Some(name)))
}

/// The nearest element, from this one outwards, that has an attribute.
pub(super) fn closest<'a>(node: Node<'a>, attribute: &str) -> Option<Node<'a>> {
    let mut next = Some(node);
    while let Some(node) = next {
        if node.attribute(attribute).is_some() {
            return Some(node);
        }
        next = node.parent();
    }
    None
}

/// The form around a node.
pub(super) fn form(node: Node<'_>) -> Option<Node<'_>> {
    let mut next = Some(node);
    while let Some(node) = next {
        if node.name() == "form" {
            return Some(node);
        }
        next = node.parent();
    }
    None
}

/// Whether it holds a value.
pub(super) fn is_control(node: &Node<'_>) -> bool {
    matches!(node.name(), "input" | "textarea" | "select") || node.name().starts_with("lf-") && node.attribute("name").is_some()
}

/// Text as it is read: without the spaces of the source.
pub(super) fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn named<'a>(page: Node<'a>, name: &str, fits: impl Fn(&Node<'a>) -> bool) -> Option<Node<'a>> {
    if let Some(id) = name.strip_prefix('#') {
        return page.find(|node| node.attribute("id") == Some(id));
    }
    page.find(|node| fits(&node) && (squeezed(&node.text()) == name || node.attribute("aria-label") == Some(name)))
        .or_else(|| page.find(|node| fits(&node) && node.attribute("value") == Some(name)))
}
