//! Widgets that hold others: `with lf.row():`.

use std::sync::atomic::{AtomicBool, Ordering};

use livefloe::widget::{self, AlertKind};
use pyo3::{
    prelude::*,
    types::{PyTuple, PyType},
};

use crate::{
    convert::{Scalar, Shown, align, one_of},
    error::RenderError,
    frame,
    handler::{Expects, On, Registration, register},
};

/// A widget that holds what is called within its `with` block.
#[pyclass(frozen, module = "livefloe._native")]
pub(crate) struct Container {
    what: &'static str,
    open: String,
    close: String,
    is_opened: AtomicBool,
    /// What `with … as` gives: whether what is in it is shown, where it may not be.
    is_shown: Option<bool>,
}

impl Container {
    /// Notes that it was made, so that a forgotten `with` is found.
    pub(crate) fn new(what: &'static str, open: String, close: String) -> PyResult<Self> {
        frame::use_frame(what, |frame| frame.unopened.push(what))?;
        Ok(Self { what, open, close, is_opened: AtomicBool::new(false), is_shown: None })
    }
}

impl Container {
    /// Says with `with … as` whether what is in it is shown.
    pub(crate) fn shown(self, is_shown: bool) -> Self {
        Self { is_shown: Some(is_shown), ..self }
    }
}

#[pymethods]
impl Container {
    fn __enter__(&self) -> PyResult<Option<bool>> {
        if self.is_opened.swap(true, Ordering::Relaxed) {
            return Err(RenderError::new_err(format!("this lf.{} was opened before; make one for each `with`", self.what)));
        }
        frame::use_frame(self.what, |frame| {
            let made = frame.unopened.iter().rposition(|what| *what == self.what);
            made.map(|index| frame.unopened.swap_remove(index));
            frame.output.html.push_str(&self.open);
            self.is_shown
        })
    }

    fn __exit__(
        &self,
        _kind: Option<&Bound<'_, PyType>>,
        _error: Option<&Bound<'_, PyAny>>,
        _traceback: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<bool> {
        // After an error too: whoever catches it goes on with HTML that is whole.
        frame::write(self.what, |buffer| buffer.push_str(&self.close))?;
        Ok(false)
    }
}

/// The two halves of a container.
macro_rules! halves {
    ($what:literal, $widget:expr) => {{
        let widget = $widget;
        let (mut open, mut close) = (String::new(), String::new());
        widget.open(&mut open);
        widget.close(&mut close);
        Container::new($what, open, close)
    }};
}

/// Puts widgets beside each other: `with lf.row():`.
///
/// Args:
///     align: How those of different height stand: `start`, `center`, `end` or `stretch`. By default it depends on them.
///     key: What tells it from its neighbours in a list that changes.
#[pyfunction]
#[pyo3(signature = (*, align = None, key = Scalar::Nothing), text_signature = "(*, align=None, key=None)")]
pub(crate) fn row(align: Option<&str>, key: Scalar) -> PyResult<Container> {
    halves!("row", widget::row("").align(self::align(align)?).key(key.value()))
}

/// Puts widgets below each other: `with lf.column():`. Inside a row, columns share the width.
///
/// Args:
///     align: How wide they are and where they stand: `start`, `center`, `end` or `stretch`.
///     key: What tells it from its neighbours in a list that changes.
#[pyfunction]
#[pyo3(signature = (*, align = "stretch", key = Scalar::Nothing), text_signature = "(*, align=\"stretch\", key=None)")]
pub(crate) fn column(align: &str, key: Scalar) -> PyResult<Container> {
    let widget = widget::column("").key(key.value());
    if let Some(align) = self::align(Some(align))? { halves!("column", widget.align(align)) } else { halves!("column", widget) }
}

/// Puts widgets into as many columns of the same width as there is room for: `with lf.grid():`.
///
/// Args:
///     key: What tells it from its neighbours in a list that changes.
#[pyfunction]
#[pyo3(signature = (*, key = Scalar::Nothing), text_signature = "(*, key=None)")]
pub(crate) fn grid(key: Scalar) -> PyResult<Container> {
    halves!("grid", widget::grid("").key(key.value()))
}

/// Puts widgets on a surface: `with lf.card("Result"):`.
///
/// Args:
///     title: A heading above them.
///     link: Makes the title a link, and the whole card its target.
///     key: What tells it from its neighbours in a list that changes.
#[pyfunction]
#[pyo3(
    signature = (title = Shown::Nothing, *, link = None, key = Scalar::Nothing),
    text_signature = "(title=None, *, link=None, key=None)"
)]
pub(crate) fn card(title: Shown, link: Option<&str>, key: Scalar) -> PyResult<Container> {
    let widget = widget::card("").title(title.value()).key(key.value());
    let link = link.map(frame::href);
    if let Some(link) = link { halves!("card", widget.link(link)) } else { halves!("card", widget) }
}

/// A message, with more than text in it: `with lf.alert_box("error"):`. For text alone there is `lf.alert`.
///
/// Args:
///     kind: `info`, `success`, `warning` or `error`.
///     title: The message in a few words.
///     key: What tells it from its neighbours in a list that changes.
#[pyfunction]
#[pyo3(
    signature = (kind = "info", *, title = Shown::Nothing, key = Scalar::Nothing),
    text_signature = "(kind=\"info\", *, title=None, key=None)"
)]
pub(crate) fn alert_box(kind: &str, title: Shown, key: Scalar) -> PyResult<Container> {
    halves!("alert_box", widget::alert("").kind(alert_kind(kind)?).title(title.value()).key(key.value()))
}

/// A message about what happened. A screen reader reads an error out at once, any other after its sentence.
///
/// Args:
///     content: The message.
///     kind: `info`, `success`, `warning` or `error`.
///     title: The message in a few words.
///     key: What tells it from its neighbours in a list that changes.
#[pyfunction]
#[pyo3(
    signature = (content, kind = "info", *, title = Shown::Nothing, key = Scalar::Nothing),
    text_signature = "(content, kind=\"info\", *, title=None, key=None)"
)]
pub(crate) fn alert(content: Shown, kind: &str, title: Shown, key: Scalar) -> PyResult<()> {
    let widget = widget::alert(content.text()).kind(alert_kind(kind)?).title(title.value()).key(key.value());
    frame::write("alert", |buffer| maud::Render::render_to(&widget, buffer))
}

fn alert_kind(kind: &str) -> PyResult<AlertKind> {
    let kinds = [("info", AlertKind::Info), ("success", AlertKind::Success), ("warning", AlertKind::Warning), ("error", AlertKind::Error)];
    one_of("kind", kind, &kinds)
}

/// Controls that are sent together: `with lf.form(on_submit=save):`, with a button that says `submit=True`.
///
/// The handler gets the values by its parameters' names, as what their annotations say. Values that don't fit are refused with a
/// message at each field, and nothing that was typed is lost.
///
/// Args:
///     on_submit: Gets all the values when the form is submitted.
///     on_input: Gets all the values at every change while it is made.
///     on_change: Gets all the values when one control's change is finished.
///     args: What the handlers get before the values; it stays on the server.
///     pending: An action that shows while it is being submitted, and is undone then.
///     debounce_ms: How long the client waits, in milliseconds, for the input to rest before it sends.
///     reset: Whether the controls are emptied once the values are sent.
///     key: What tells it from its neighbours in a list that changes.
///
/// Raises:
///     HandlerError: A handler can't be called.
#[pyfunction]
#[pyo3(
    signature = (*, on_submit = None, on_input = None, on_change = None, args = None, pending = None, debounce_ms = None, reset = false, key = None),
    text_signature = "(*, on_submit=None, on_input=None, on_change=None, args=(), pending=None, debounce_ms=None, reset=False, key=None)"
)]
#[expect(clippy::too_many_arguments, reason = "keyword arguments of a Python function")]
pub(crate) fn form(
    py: Python<'_>,
    on_submit: Option<Bound<'_, PyAny>>,
    on_input: Option<Bound<'_, PyAny>>,
    on_change: Option<Bound<'_, PyAny>>,
    args: Option<Bound<'_, PyTuple>>,
    pending: Option<Bound<'_, PyAny>>,
    debounce_ms: Option<u32>,
    reset: bool,
    key: Option<Bound<'_, PyAny>>,
) -> PyResult<Container> {
    let site = frame::identify(py, "form", key.as_ref(), false)?;
    let handler = |on, function: &Option<Bound<'_, PyAny>>| {
        let pending = pending.as_ref().filter(|_| matches!(on, On::Submit));
        let registration =
            Registration { on, function: function.as_ref(), args: args.as_ref(), expects: Expects::Form, bound: None, pending };
        register(py, "form", site, &registration)
    };
    let key: Scalar = key.as_ref().map(pyo3::types::PyAnyMethods::extract).transpose()?.unwrap_or_default();
    let widget = widget::form("")
        .on_submit(handler(On::Submit, &on_submit)?)
        .on_input(handler(On::Input, &on_input)?)
        .on_change(handler(On::Change, &on_change)?)
        .debounce_ms(debounce_ms)
        .key(key.value());
    if reset { halves!("form", widget.reset_after_submit()) } else { halves!("form", widget) }
}
