//! What is shown at times: `lf.panel`, `lf.expander`, `lf.dialog`.

use livefloe::{Act, Expression, When, widget};
use maud::Render;
use pyo3::{prelude::*, types::PyBool};

use super::container::Container;
use crate::{
    action, cell,
    convert::{Scalar, Shown, unexpected},
    frame,
    handler::{self, Expects},
};

/// The two halves of a widget.
macro_rules! halves {
    ($what:literal, $widget:expr) => {{
        let widget = $widget;
        let (mut open, mut close) = (String::new(), String::new());
        widget.open(&mut open);
        widget.close(&mut close);
        Container::new($what, open, close)
    }};
}

/// What is shown while something is true: `with lf.panel(visible=details):`. An action on that shows and hides it without a round trip.
///
/// What is in it runs in any case, since it has to be on the page to be shown at once. Where that is too much, ask: `with
/// lf.panel(visible=details) as is_shown:` and `if is_shown:` run it only while it is visible; then it comes with the answer.
///
/// Args:
///     visible: A cell, a field such as `Chat.is_open`, an expression of `lf.expr`, or simply a truth.
///     key: What tells it from its neighbours in a list that changes.
#[pyfunction]
#[pyo3(signature = (*, visible, key = Scalar::Nothing), text_signature = "(*, visible, key=None)")]
pub(crate) fn panel(visible: &Bound<'_, PyAny>, key: Scalar) -> PyResult<Container> {
    let visible = action::expression(visible)?;
    let is_shown = is_true(&visible)?;
    let mut open = "<div class=\"lf-panel\"".to_owned();
    if !matches!(key, Scalar::Nothing) {
        open.push_str(" lf-key=\"");
        key.value().render_to(&mut open);
        open.push('"');
    }
    open.push_str(" lf-when=\"");
    When::new().shown(visible).render_to(&mut open);
    open.push_str("\">");
    Ok(Container::new("panel", open, "</div>".to_owned())?.shown(is_shown))
}

/// What is folded away behind its title: `with lf.expander("Details"):`. Unfolding takes no round trip, and what is in it stays on the page.
///
/// Args:
///     title: What it is called.
///     open: A cell or a field such as `Chat.is_open`, to know of it or to set it. Or whether it is open at first: then it remembers by itself.
///     key: What tells it from its neighbours in a list that changes.
///
/// Returns:
///     With `as`, whether it is open.
#[pyfunction]
#[pyo3(signature = (title, *, open = None, key = None), text_signature = "(title, *, open=False, key=None)")]
pub(crate) fn expander(py: Python<'_>, title: Shown, open: Option<Bound<'_, PyAny>>, key: Option<Bound<'_, PyAny>>) -> PyResult<Container> {
    let site = frame::identify(py, "expander", key.as_ref(), false)?;
    let open = match open {
        Some(open) if !open.is_instance_of::<PyBool>() => open,
        first => {
            let first = first.unwrap_or_else(|| PyBool::new(py, false).to_owned().into_any());
            cell::at(py, site.slot(), &first, true)?.into_bound(py).into_any()
        }
    };
    let binding = action::binding(&open)?;
    let is_open = is_true(&binding)?;
    let toggle = python_action(py, "toggle", (&open,))?;
    let id = act_of(py, "expander", site, &toggle)?;
    let key: Scalar = key.as_ref().map(pyo3::types::PyAnyMethods::extract).transpose()?.unwrap_or_default();
    let act = Act::new(id, action::actions(&toggle)?);
    Ok(halves!("expander", widget::expander(title.value(), &binding, act, "").key(key.value()))?.shown(is_open))
}

/// A dialog in front of the page: `with lf.dialog("Really?", open=asking):`.
///
/// The rest of the page can't be used while it is open; Esc and its cross close it, and the focus goes back. Opening and
/// closing takes no round trip: `lf.button("Delete", on_click=lf.action.set(asking, True))`.
///
/// Args:
///     title: What it is called.
///     open: The cell, or the field such as `Chat.is_asking`, that says whether it is open.
///     key: What tells it from its neighbours in a list that changes.
///
/// Returns:
///     With `as`, whether it is open.
#[pyfunction]
#[pyo3(signature = (title, *, open, key = None), text_signature = "(title, *, open, key=None)")]
pub(crate) fn dialog(py: Python<'_>, title: Shown, open: &Bound<'_, PyAny>, key: Option<Bound<'_, PyAny>>) -> PyResult<Container> {
    if open.is_instance_of::<PyBool>() {
        return Err(unexpected("lf.dialog(open=…)", "a cell, or a field such as Chat.is_asking, which closing can set", open));
    }
    let site = frame::identify(py, "dialog", key.as_ref(), false)?;
    let binding = action::binding(open)?;
    let is_open = is_true(&binding)?;
    let close = python_action(py, "set", (open, false))?;
    let id = act_of(py, "dialog", site, &close)?;
    let key: Scalar = key.as_ref().map(pyo3::types::PyAnyMethods::extract).transpose()?.unwrap_or_default();
    let act = Act::new(id, action::actions(&close)?);
    let binding = binding.cast();
    Ok(halves!("dialog", widget::dialog(title.value(), &binding, act, "").key(key.value()))?.shown(is_open))
}

/// Whether an expression is true now.
pub(super) fn is_true(expression: &Expression) -> PyResult<bool> {
    let truth = expression.then(true, false).now();
    truth.map(|truth| truth == true).map_err(|error| pyo3::exceptions::PyValueError::new_err(error.to_string()))
}

/// An action of `action.py`.
pub(super) fn python_action<'py>(py: Python<'py>, name: &str, args: impl pyo3::call::PyCallArgs<'py>) -> PyResult<Bound<'py, PyAny>> {
    py.import("livefloe.action")?.getattr(name)?.call1(args)
}

/// What runs an action on the server.
pub(super) fn act_of(
    py: Python<'_>,
    what: &str,
    identity: livefloe::Identity,
    given: &Bound<'_, PyAny>,
) -> PyResult<Option<livefloe::HandlerId>> {
    let (function, _) = action::resolve(given)?;
    handler::enter(py, what, identity.number(9), function.as_ref(), None, Expects::Nothing, None)
}
