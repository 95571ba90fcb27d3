//! Any other element, with its name and attributes checked: `with lf.element("ul"):`.

use livefloe::When;
use maud::Render;
use pyo3::{
    prelude::*,
    types::{PyDict, PyString},
};

use super::container::Container;
use crate::action;
use crate::convert::{Scalar, unexpected};

/// Elements that hold others or text, and that neither run nor load anything.
const ELEMENTS: [&str; 51] = [
    "abbr",
    "address",
    "article",
    "aside",
    "b",
    "bdi",
    "bdo",
    "blockquote",
    "cite",
    "code",
    "dd",
    "del",
    "details",
    "dfn",
    "div",
    "dl",
    "dt",
    "em",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hgroup",
    "i",
    "ins",
    "kbd",
    "legend",
    "lf-chat",
    "li",
    "main",
    "mark",
    "menu",
    "ol",
    "p",
    "pre",
    "s",
    "section",
    "small",
    "span",
    "strong",
    "sub",
    "summary",
    "sup",
    "ul",
];

/// Attributes besides `aria-…` and `data-…`. None of them runs, loads, or styles.
const ATTRIBUTES: [&str; 12] =
    ["class", "dir", "hidden", "id", "lang", "open", "reversed", "role", "start", "tabindex", "title", "translate"];

/// An element of HTML that no widget stands for: `with lf.element("ul", class_="done"):`.
///
/// Args:
///     name: A sectioning, grouping or text element such as `ul`, `li`, `section`, `details`, `strong`.
///     key: What tells it from its neighbours in a list that changes.
///     **attributes: Its attributes; `class_` for `class`, `aria_label` for `aria-label`. `True` writes the name alone,
///         `False` and `None` leave it out. A cell, a field of a state's class or an expression of `lf.expr` is followed without a round trip. There is no
///         `style` and no `on…`.
///
/// Raises:
///     ValueError: The element or an attribute is not among those that are safe.
#[pyfunction]
#[pyo3(signature = (name, *, key = Scalar::Nothing, **attributes), text_signature = "(name, *, key=None, **attributes)")]
pub(crate) fn element(name: &str, key: Scalar, attributes: Option<Bound<'_, PyDict>>) -> PyResult<Container> {
    if !ELEMENTS.contains(&name) {
        return Err(unexpected("element", &format!("one of {}", ELEMENTS.join(", ")), &name));
    }
    let mut open = format!("<{name}");
    let mut when = None;
    for (attribute, value) in attributes.iter().flat_map(pyo3::types::PyDictMethods::iter) {
        let attribute = attribute.cast::<PyString>()?.to_str()?;
        if action::is_followed(&value)? {
            let attribute = attribute_name(attribute)?.0;
            when = Some(when.unwrap_or_else(When::new).attribute(attribute, action::expression(&value)?));
        } else {
            write_attribute(&mut open, attribute, &value)?;
        }
    }
    if let Some(when) = when {
        open.push_str(" lf-when=\"");
        when.render_to(&mut open);
        open.push('"');
    }
    if !matches!(key, Scalar::Nothing) {
        write_value(&mut open, "lf-key", &key);
    }
    open.push('>');
    Container::new("element", open, format!("</{name}>"))
}

/// An attribute's name in HTML, and whether it is one of those that anybody makes up.
fn attribute_name(given: &str) -> PyResult<(String, bool)> {
    let name = given.trim_end_matches('_').replace('_', "-");
    let is_custom = ["aria-", "data-"].iter().any(|prefix| {
        name.strip_prefix(prefix).is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'))
    });
    if !is_custom && !ATTRIBUTES.contains(&name.as_str()) {
        return Err(unexpected("attribute", &format!("{}, aria_… or data_…", ATTRIBUTES.join(", ")), &given));
    }
    Ok((name, is_custom))
}

fn write_attribute(open: &mut String, given: &str, value: &Bound<'_, PyAny>) -> PyResult<()> {
    let (name, is_custom) = attribute_name(given)?;
    match value.extract()? {
        Scalar::Nothing | Scalar::Truth(false) if !is_custom => {}
        Scalar::Nothing => {}
        Scalar::Truth(true) if !is_custom => {
            open.push(' ');
            open.push_str(&name);
        }
        value => write_value(open, &name, &value),
    }
    Ok(())
}

fn write_value(open: &mut String, name: &str, value: &Scalar) {
    open.push(' ');
    open.push_str(name);
    open.push_str("=\"");
    value.value().render_to(open);
    open.push('"');
}
