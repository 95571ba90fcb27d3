//! A page as lines that people read: roles, names and states, indented. For snapshots and for what errors say. It has nothing in it that
//! changes by itself: no ids, no handlers, no classes.
//!
//! The lines are those of ARIA snapshots in browser tests (<https://playwright.dev/docs/aria-snapshots>).

use std::fmt::Write as _;

use super::{
    Node,
    find::is_control,
    reader::{Reader, is_inline, squeezed},
    role::Role,
};

/// As many lines and characters are shown of a page in an error.
const MOST_LINES: usize = 40;
const MOST_IN_A_LINE: usize = 120;

/// All that is in an element, or the element itself if it is none that holds the page.
pub(super) fn of<'a>(reader: &Reader<'a>, node: Node<'a>, with_itself: bool) -> String {
    let mut lines = Vec::new();
    if with_itself {
        write(reader, node, 0, &mut lines);
    } else {
        write_children(reader, node, 0, &mut lines);
    }
    lines.join("\n")
}

/// The page, shortened.
pub(super) fn shown(reader: &Reader<'_>) -> String {
    shown_in(reader, reader.root())
}

/// An element's content, shortened.
pub(super) fn shown_in<'a>(reader: &Reader<'a>, node: Node<'a>) -> String {
    let what = if node == reader.root() { "the page" } else { "what it was looked for in" };
    let mut lines = Vec::new();
    write_children(reader, node, 1, &mut lines);
    if lines.is_empty() {
        return format!("{what} is empty");
    }
    let n_more = lines.len().saturating_sub(MOST_LINES);
    lines.truncate(MOST_LINES);
    let mut lines: Vec<_> = lines.iter().map(|line| super::page::shortened(line, MOST_IN_A_LINE)).collect();
    if n_more > 0 {
        lines.push(format!("  … and {n_more} more lines"));
    }
    format!("{what} shows:\n{}", lines.join("\n"))
}

/// One element in a line: `button "Save" [disabled]`.
pub(super) fn line<'a>(reader: &Reader<'a>, node: Node<'a>) -> String {
    let Some(role) = Role::of(node) else {
        let text = super::page::shortened(&reader.text(node), 60);
        let id = node.attribute("id").map(|id| format!(" id={id}")).unwrap_or_default();
        return format!("<{}{id}> {text:?}", node.name());
    };
    let (name, text) = (reader.name(node), reader.text(node));
    let mut line = head(reader, node, role, &name);
    if name.is_empty() && !text.is_empty() {
        let _ = write!(line, ": {}", super::page::shortened(&text, 60));
    }
    line
}

/// Role, name and states.
fn head<'a>(reader: &Reader<'a>, node: Node<'a>, role: Role, name: &str) -> String {
    let mut line = role.to_string();
    if !name.is_empty() {
        let _ = write!(line, " {name:?}");
    }
    for state in states(reader, node, role) {
        let _ = write!(line, " [{state}]");
    }
    line
}

fn states<'a>(reader: &Reader<'a>, node: Node<'a>, role: Role) -> Vec<String> {
    let mut states = Vec::new();
    let is = |attribute: &str| node.attribute(attribute).is_some_and(|value| value != "false");
    if role == Role::Heading {
        let level = node.name().strip_prefix('h').or_else(|| node.attribute("aria-level")).unwrap_or("2");
        states.push(format!("level={level}"));
    }
    if reader.is_checked(node) == Some(true) {
        states.push("checked".to_owned());
    }
    if reader.is_disabled(node) {
        states.push("disabled".to_owned());
    }
    for (attribute, state) in [
        ("aria-expanded", "expanded"),
        ("aria-selected", "selected"),
        ("aria-pressed", "pressed"),
        ("aria-invalid", "invalid"),
        ("aria-busy", "busy"),
    ] {
        if is(attribute) {
            states.push(state.to_owned());
        }
    }
    if node.attribute("required").is_some() && !super::field::is_switch(node) {
        states.push("required".to_owned());
    }
    if let Some(current) = node.attribute("aria-current").filter(|current| *current != "false") {
        states.push(if current == "true" { "current".to_owned() } else { format!("current={current}") });
    }
    let value = match role {
        Role::Combobox | Role::Listbox => chosen(reader, node),
        Role::Button | Role::Option | Role::ListItem => None,
        _ => reader.value(node),
    };
    if let Some(value) = value.filter(|value| !value.is_empty()) {
        states.push(format!("value={value:?}"));
    }
    if let Some(address) = node.attribute("href").filter(|_| role == Role::Link) {
        states.push(format!("url={address}"));
    }
    states
}

/// The choice that people see.
fn chosen<'a>(reader: &Reader<'a>, node: Node<'a>) -> Option<String> {
    let value = reader.value(node)?;
    let option = node.descendants().filter(|option| option.name() == "option").find(|option| option_value(*option) == value);
    Some(option.map_or(value, |option| reader.name(option)))
}

/// What an option sends.
pub(super) fn option_value(option: Node<'_>) -> String {
    option.attribute("value").map_or_else(|| squeezed(&option.text()), str::to_owned)
}

fn write<'a>(reader: &Reader<'a>, node: Node<'a>, depth: usize, lines: &mut Vec<String>) {
    if !reader.is_visible(node) || node.attribute("aria-hidden") == Some("true") {
        return;
    }
    let role = Role::of(node).filter(|role| !matches!(role, Role::RowGroup | Role::Caption));
    let Some(role) = role else {
        match node.name() {
            // The name of what they are in.
            "caption" | "legend" | "figcaption" => {}
            // That of the field, which says it.
            "label" if node.attribute("for").is_some() || node.find(is_labelled).is_some() => {
                let mut inside = Vec::new();
                write_children(reader, node, depth, &mut inside);
                lines.extend(inside.into_iter().filter(|line| !is_words(line)));
            }
            _ => write_children(reader, node, depth, lines),
        }
        return;
    };
    let name = reader.name(node);
    // The choices of a list that is not open are not on the screen, and its value is said.
    let mut inside = Vec::new();
    if !is_control(&node) {
        write_children(reader, node, depth + 1, &mut inside);
    }
    let is_text_alone = inside.iter().all(|line| is_words(line));
    // A row is called what is in its cells, which follow.
    let follows = !is_text_alone && matches!(role, Role::Row | Role::Cell | Role::GridCell | Role::ColumnHeader | Role::RowHeader);
    let mut line = format!("{}- {}", "  ".repeat(depth), head(reader, node, role, if follows { "" } else { &name }));
    let text = if is_control(&node) { String::new() } else { reader.text(node) };
    if is_text_alone {
        inside.clear();
        if !text.is_empty() && text != name {
            let _ = write!(line, ": {text}");
        }
    } else {
        line.push(':');
    }
    lines.push(line);
    lines.append(&mut inside);
}

/// Texts that stand beside each other are one line.
fn write_children<'a>(reader: &Reader<'a>, node: Node<'a>, depth: usize, lines: &mut Vec<String>) {
    let mut text = String::new();
    for child in node.children() {
        if child.is_text() {
            text.push_str(&child.text());
        } else if child.is_element() && is_text(child) {
            text.push_str(&reader.raw_text(child));
        } else if child.is_element() {
            let mut inside = Vec::new();
            write(reader, child, depth, &mut inside);
            if !inside.is_empty() {
                flush(&mut text, depth, lines);
                lines.append(&mut inside);
            }
        }
    }
    flush(&mut text, depth, lines);
}

fn flush(text: &mut String, depth: usize, lines: &mut Vec<String>) {
    let words = squeezed(&std::mem::take(text));
    if !words.is_empty() {
        lines.push(format!("{}- text: {words}", "  ".repeat(depth)));
    }
}

/// Whether a label is about it.
fn is_labelled(node: Node<'_>) -> bool {
    is_control(&node) || matches!(node.name(), "progress" | "meter" | "output")
}

/// A line that is only text.
fn is_words(line: &str) -> bool {
    line.trim_start().starts_with("- text: ")
}

/// Whether it is a part of a text: inline, with nothing in it that has a role, or that labels a field.
fn is_text(node: Node<'_>) -> bool {
    is_inline(node)
        && (Role::of(node).is_none() || Role::of(node) == Some(Role::Code))
        && node.descendants().all(|inside| !inside.is_element() || is_text(inside))
}

#[cfg(test)]
mod tests {
    use super::of;
    use crate::testing::{Dom, field::Entered, reader::Reader};

    #[test]
    fn a_page_is_written_as_people_read_it() {
        let html = "<h1>To do</h1><p>Two <b>things</b>: <code>a</code></p>\
            <form lf-submit=\"abcdefgh\"><div><label><span>New</span><input name=\"n\" value=\"milk\"></label></div><button disabled>Add</button></form>\
            <ul><li>milk <button aria-label=\"Remove milk\">×</button></li><li>tea</li></ul>\
            <label><input type=\"checkbox\" checked> All</label><p hidden>never</p><div><span>a</span><span>b</span></div>\
            <label>Size <select><option value=\"s\">Small</option><option value=\"l\" selected>Large</option></select></label>\
            <table><caption>Fruit</caption><thead><tr><th>Name</th></tr></thead><tbody><tr><td>fig</td></tr></tbody></table>\
            <a href=\"/x\">More</a>text<div role=\"status\"></div>";
        let expected = r#"
- heading "To do" [level=1]
- paragraph: Two things: a
- form:
  - textbox "New" [value="milk"]
  - button "Add" [disabled]
- list:
  - listitem:
    - text: milk
    - button "Remove milk": ×
  - listitem: tea
- checkbox "All" [checked]
- text: ab
- combobox "Size" [value="Large"]
- table "Fruit":
  - row:
    - columnheader "Name"
  - row:
    - cell "fig"
- link "More" [url=/x]
- text: text
- status"#;
        let (dom, entered) = (Dom::parse_page(html, &[]), Entered::new());
        assert_eq!(of(&Reader::new(&dom, &entered), dom.page(), false), expected.trim_start());
    }
}
