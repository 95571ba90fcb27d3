//! Finds what a person would mean, and says what there is where it is not found, or more than once.

use std::collections::HashSet;

use super::{
    Node, TestError,
    outline::{self, line},
    query::{Query, Sought, Target, Words},
    reader::{Reader, around, squeezed},
    role::Role,
};
use crate::tree::dom::NodeId;

/// What is to be done with what is looked for: which elements a plain name may mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Click,
    Enter,
    Check,
    Select,
    /// Any control, or anything in a form.
    Submit,
    /// Any control.
    Read,
}

/// As many are listed in an error.
const MOST_LISTED: usize = 12;

/// All that fit, in document order.
pub(super) fn all<'a>(reader: &Reader<'a>, query: &Query) -> Result<Vec<Node<'a>>, TestError> {
    let inside = match query.inside {
        Some(id) => there(reader, id)?,
        None => reader.root(),
    };
    let mut found: Vec<_> = reader.elements(inside).filter(|node| fits(reader, query, *node)).collect();
    // A text is also that of everything around it: the innermost is meant.
    if query.text.is_some() && query.role.is_none() {
        found = innermost(found);
    }
    Ok(found)
}

/// The one that fits.
pub(super) fn one<'a>(reader: &Reader<'a>, query: &Query) -> Result<Node<'a>, TestError> {
    let found = all(reader, query)?;
    match found.as_slice() {
        [only] => Ok(*only),
        [] => Err(none(reader, query)),
        _ => Err(several(reader, query.to_string(), &found)),
    }
}

/// What an action is about.
pub(super) fn target<'a>(reader: &Reader<'a>, target: &Target, purpose: Purpose) -> Result<Node<'a>, TestError> {
    match &target.0 {
        Sought::Query(query) => one(reader, query),
        Sought::Found(id) => there(reader, *id),
        Sought::Called { name, inside } => {
            let inside = inside.map_or(Ok(reader.root()), |id| there(reader, id))?;
            called(reader, name, inside, purpose)
        }
    }
}

/// The node, if it is still on the page.
pub(super) fn there<'a>(reader: &Reader<'a>, id: NodeId) -> Result<Node<'a>, TestError> {
    reader.node(id).ok_or_else(|| TestError::Gone { page: outline::shown(reader) })
}

/// The form around a node.
pub(super) fn form(node: Node<'_>) -> Option<Node<'_>> {
    around(node).find(|node| node.name() == "form")
}

/// The nearest element, from this one outwards, that has an attribute.
pub(super) fn closest<'a>(node: Node<'a>, attribute: &str) -> Option<Node<'a>> {
    around(node).find(|node| node.attribute(attribute).is_some())
}

/// Whether it holds a value.
pub(super) fn is_control(node: &Node<'_>) -> bool {
    matches!(node.name(), "input" | "textarea" | "select") || node.name().contains('-') && node.attribute("name").is_some()
}

/// An error that nothing fits.
pub(super) fn none(reader: &Reader<'_>, query: &Query) -> TestError {
    let inside = query.inside.and_then(|id| reader.node(id));
    let mut page = String::new();
    let hidden = reader.dom.elements().find(|node| !reader.is_visible(*node) && fits(reader, query, *node));
    if hidden.is_some() {
        page.push_str("there is one, but it is hidden; ");
    }
    let kind = query.role.map(Query::role).or_else(|| query.label.as_ref().map(|_| Query::any().labelled(Words::part(""))));
    let all_of_kind = kind.map(|kind| Query { inside: query.inside, ..kind });
    let there: Vec<_> = all_of_kind.and_then(|kind| all(reader, &kind).ok()).unwrap_or_default();
    if there.is_empty() {
        page.push_str(&inside.map_or_else(|| outline::shown(reader), |inside| outline::shown_in(reader, inside)));
    } else {
        let what = query.role.map_or("field", Role::as_str);
        page = format!("{page}every {what} there is:\n{}", listed(reader, &there));
    }
    TestError::NotFound { expected: query.to_string(), page }
}

/// An error that more than one fit.
fn several<'a>(reader: &Reader<'a>, expected: String, found: &[Node<'a>]) -> TestError {
    TestError::Ambiguous { expected, n_found: found.len(), candidates: listed(reader, found) }
}

fn listed<'a>(reader: &Reader<'a>, nodes: &[Node<'a>]) -> String {
    let mut lines: Vec<_> = nodes
        .iter()
        .take(MOST_LISTED)
        .enumerate()
        .map(|(index, node)| format!("  {}. {}{}", index + 1, line(reader, *node), place(reader, *node)))
        .collect();
    if nodes.len() > MOST_LISTED {
        lines.push(format!("  … and {} more", nodes.len() - MOST_LISTED));
    }
    lines.join("\n")
}

/// Where it is, for telling it from its like: the nearest row, item, form or the like around it, by its text.
fn place<'a>(reader: &Reader<'a>, node: Node<'a>) -> String {
    let is_place = |role: Role| {
        matches!(
            role,
            Role::Row
                | Role::ListItem
                | Role::Form
                | Role::Dialog
                | Role::Navigation
                | Role::Group
                | Role::RadioGroup
                | Role::Table
                | Role::List
                | Role::Region
                | Role::Article
        )
    };
    around(node)
        .skip(1)
        .find_map(|around| Role::of(around).filter(|role| is_place(*role)).map(|role| (around, role)))
        .map(|(around, role)| {
            // What tells a row or an item from the next is what is in it.
            let is_told_by_text = matches!(role, Role::Row | Role::ListItem | Role::Article);
            let name = if is_told_by_text { reader.text(around) } else { reader.name(around) };
            let name = if name.is_empty() { name } else { format!(" \"{}\"", super::page::shortened(&name, 60)) };
            format!(", in {role}{name}")
        })
        .unwrap_or_default()
}

fn fits<'a>(reader: &Reader<'a>, query: &Query, node: Node<'a>) -> bool {
    let Query { role, name, label, text, has, id, test_id, inside: _ } = query;
    role.is_none_or(|role| Role::of(node) == Some(role) && !is_silent(node))
        && id.as_ref().is_none_or(|id| node.attribute("id") == Some(id))
        && test_id.as_ref().is_none_or(|id| node.attribute("data-testid") == Some(id))
        && label.as_ref().is_none_or(|label| is_field(node) && label.fit(&reader.name(node)))
        && name.as_ref().is_none_or(|name| name.fit(&reader.name(node)))
        && text.as_ref().is_none_or(|text| text.fit(&reader.text_inside(node)))
        && has.as_ref().is_none_or(|has| has.fit(&reader.text_inside(node)))
}

/// Whether screen readers don't hear of it.
fn is_silent(node: Node<'_>) -> bool {
    around(node).any(|around| around.attribute("aria-hidden") == Some("true"))
}

/// Whether it is something to fill in.
fn is_field(node: Node<'_>) -> bool {
    let is_button = Role::of(node) == Some(Role::Button);
    is_control(&node) && !is_button
        || matches!(Role::of(node), Some(Role::RadioGroup | Role::Switch | Role::Checkbox | Role::Textbox | Role::Slider | Role::Listbox))
        || node.name() == "fieldset"
}

fn called<'a>(reader: &Reader<'a>, name: &str, inside: Node<'a>, purpose: Purpose) -> Result<Node<'a>, TestError> {
    if let Some(id) = name.strip_prefix('#') {
        return one(reader, &Query { inside: (inside != reader.root()).then(|| inside.id()), ..Query::id(id) });
    }
    let elements: Vec<_> = reader.elements(inside).collect();
    let words = squeezed(name);
    let is_named = |node: &Node<'a>| reader.name(*node) == words || squeezed(&reader.name(*node)) == words;
    let among = |fits: &dyn Fn(&Node<'a>) -> bool| innermost(elements.iter().copied().filter(|node| fits(node)).collect());
    let has = |attribute: &str, node: &Node<'a>| node.attribute(attribute) == Some(name);
    let suits = |node: &Node<'a>| suits(*node, purpose);
    let clicks = purpose == Purpose::Click || purpose == Purpose::Submit;
    let is_clickable = |node: &Node<'a>| node.attribute("lf-click").is_some() || Role::of(*node).is_some_and(Role::is_clicked);
    // The first that finds something decides.
    let ways: [&dyn Fn(&Node<'a>) -> bool; 5] = [
        &|node| suits(node) && is_named(node),
        &|node| clicks && is_clickable(node) && (reader.text(*node) == words || has("value", node)),
        // A text in something that listens: a click on it rises.
        &|node| clicks && closest(*node, "lf-click").is_some() && reader.text(*node) == words,
        &|node| purpose != Purpose::Click && suits(node) && has("name", node),
        &|node| purpose != Purpose::Click && suits(node) && has("placeholder", node),
    ];
    match ways.into_iter().map(among).find(|found| !found.is_empty()).as_deref() {
        Some([only]) => Ok(*only),
        Some(found) => Err(several(reader, purpose.sought(name), found)),
        None => Err(no_such(reader, name, inside, purpose)),
    }
}

fn no_such<'a>(reader: &Reader<'a>, name: &str, inside: Node<'a>, purpose: Purpose) -> TestError {
    let words = squeezed(name);
    let like = reader.elements(inside).find(|node| (is_field(*node) || is_control(node)) && reader.name(*node) == words);
    let hidden = reader.dom.elements().find(|node| !reader.is_visible(*node) && suits(*node, purpose) && reader.name(*node) == words);
    let there: Vec<_> = reader.elements(inside).filter(|node| suits(*node, purpose)).collect();
    let page = match (like, hidden) {
        (Some(like), _) => format!("there is a {}", line(reader, like)),
        (None, Some(hidden)) => format!("there is a {}, but it is hidden", line(reader, hidden)),
        (None, None) if there.is_empty() => outline::shown_in(reader, inside),
        (None, None) => format!("there is:\n{}", listed(reader, &there)),
    };
    TestError::NotFound { expected: purpose.sought(name), page }
}

fn suits(node: Node<'_>, purpose: Purpose) -> bool {
    let role = Role::of(node);
    let is_switched = matches!(role, Some(Role::Checkbox | Role::Radio | Role::Switch));
    let is_button = role == Some(Role::Button);
    match purpose {
        Purpose::Click => role.is_some_and(Role::is_clicked) || node.attribute("lf-click").is_some(),
        Purpose::Enter => is_control(&node) && !is_switched && !is_button,
        Purpose::Check => is_switched,
        Purpose::Select => node.name() == "select" || is_radio_group(node),
        Purpose::Submit => is_control(&node) || is_button || role == Some(Role::Form),
        Purpose::Read => is_control(&node) && !is_button || is_radio_group(node),
    }
}

/// Whether it has radio buttons of its own: a choice.
pub(super) fn is_radio_group(node: Node<'_>) -> bool {
    (node.name() == "fieldset" || Role::of(node) == Some(Role::RadioGroup)) && radios(node).next().is_some()
}

pub(super) fn radios(group: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    group.descendants().filter(|node| node.name() == "input" && Role::of(*node) == Some(Role::Radio))
}

/// Without those that others of them are in.
fn innermost(nodes: Vec<Node<'_>>) -> Vec<Node<'_>> {
    let outer: HashSet<NodeId> = nodes.iter().flat_map(|node| around(*node).skip(1)).map(Node::id).collect();
    nodes.into_iter().filter(|node| !outer.contains(&node.id())).collect()
}

impl Purpose {
    fn sought(self, name: &str) -> String {
        match self {
            Self::Click => format!("thing to click called \"{name}\""),
            Self::Enter => format!("field to fill in called \"{name}\""),
            Self::Check => format!("checkbox or radio button called \"{name}\""),
            Self::Select => format!("choice (a combobox, listbox or radiogroup) called \"{name}\""),
            Self::Submit => format!("field or button called \"{name}\""),
            Self::Read => format!("field called \"{name}\""),
        }
    }
}
