//! Custom elements of the app's own: `lf.custom`.

use livefloe::widget;
use maud::Render;
use pyo3::{
    prelude::*,
    types::{PyDict, PyTuple},
};

use crate::{
    convert::{Scalar, unexpected},
    frame,
    handler::{Expects, On, Registration, register},
};

/// A custom element that a script of yours defines (`app.script`): what it is given goes down as JSON, what happens in it comes up as an event.
///
/// Args:
///     element: Its name, with a dash in it: `my-chart`.
///     props: What it is given, as its attribute `props`: anything that JSON can say.
///     name: The name of its value in the payload.
///     on_input: Gets its `value`, a text, while it changes.
///     on_change: Gets its `value` once it has changed.
///     args: What the handlers get before the value; it stays on the server.
///     debounce_ms: How long the client waits, in milliseconds, for `input` to rest before it sends.
///     id: Its id, for actions and scripts.
///     key: What tells it from its neighbours in a list that changes.
///
/// Raises:
///     ValueError: The name is none of a custom element, or JSON can't say the props.
#[pyfunction]
#[pyo3(
    signature = (element, *, props = None, name = None, on_input = None, on_change = None, args = None, debounce_ms = None, id = Scalar::Nothing, key = None),
    text_signature = "(element, *, props=None, name=None, on_input=None, on_change=None, args=(), debounce_ms=None, id=None, key=None)"
)]
#[expect(clippy::too_many_arguments, reason = "keyword arguments of a Python function")]
pub(crate) fn custom(
    py: Python<'_>,
    element: String,
    props: Option<Bound<'_, PyAny>>,
    name: Option<String>,
    on_input: Option<Bound<'_, PyAny>>,
    on_change: Option<Bound<'_, PyAny>>,
    args: Option<Bound<'_, PyTuple>>,
    debounce_ms: Option<u32>,
    id: Scalar,
    key: Option<Bound<'_, PyAny>>,
) -> PyResult<()> {
    if !widget::is_name(&element) {
        return Err(unexpected("lf.custom", "the name of a custom element such as my-chart, and none of Livefloe's", &element));
    }
    let site = frame::identify(py, "custom", key.as_ref(), false)?;
    let handler = |on, function: Option<&Bound<'_, PyAny>>| {
        let registration = Registration { on, function, args: args.as_ref(), expects: Expects::Text, bound: None, pending: None };
        register(py, "custom", site, &registration)
    };
    let (on_input, on_change) = (handler(On::Input, on_input.as_ref())?, handler(On::Change, on_change.as_ref())?);
    let key: Scalar = key.as_ref().map(pyo3::types::PyAnyMethods::extract).transpose()?.unwrap_or_default();
    let mut made = widget::custom(element).id(id.value()).on_input(on_input).on_change(on_change).debounce_ms(debounce_ms).key(key.value());
    if let Some(name) = name {
        made = made.name(name);
    }
    if let Some(props) = props {
        let keywords = PyDict::new(py);
        // Of tracked lists and dicts, what is in them; `NaN` is no JSON.
        keywords.set_item("allow_nan", false)?;
        let json: String = py.import("json")?.call_method("dumps", (props,), Some(&keywords))?.extract()?;
        let json: serde_json::Value = serde_json::from_str(&json).map_err(|error| unexpected("props", "what JSON can say", &error))?;
        made = made.props(json);
    }
    frame::write("custom", |buffer| made.render_to(buffer))
}
