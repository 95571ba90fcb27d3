//! Widgets that let someone act or enter something.

use livefloe::widget::{self, ButtonVariant, Camera, SketchKind, TextKind};
use maud::Render;
use pyo3::{
    prelude::*,
    types::{PyDict, PyTuple},
};

use super::control::{Options, apply};
use crate::{
    convert::{Scalar, Shown, one_of},
    error::RenderError,
    frame,
    handler::{Expects, On, Registration, register},
};

/// A button.
///
/// Args:
///     content: Its text.
///     on_click: The function to call: plain, async, or a generator, each of whose `yield`s shows what changed so far. Or an action of
///         `lf.action`, which needs no round trip, or a list of actions and a function.
///     args: What the function gets; it stays on the server.
///     pending: An action that shows until the function is done, and is undone then: what the state says by then shows.
///     variant: How much it stands out: `secondary`, `primary`, `danger` or `ghost`.
///     submit: Whether it submits the form around it.
///     name: The name of its value in a form's payload.
///     value: The value that a form is sent with when this button submitted it.
///     accessible_name: What screen readers call it, where the text alone says too little.
///     disabled: Whether it is greyed out and does nothing.
///     autofocus: Whether it has the focus when it appears.
///     key: What tells it from its neighbours in a list that changes.
///
/// Raises:
///     HandlerError: `on_click` can't be called.
#[pyfunction]
#[pyo3(
    signature = (content, on_click = None, *, args = None, pending = None, variant = "secondary", submit = false, name = Scalar::Nothing,
        value = Scalar::Nothing, accessible_name = Shown::Nothing, disabled = false, autofocus = false, key = None),
    text_signature = "(content, on_click=None, *, args=(), pending=None, variant=\"secondary\", submit=False, name=None, value=None, accessible_name=None, disabled=False, autofocus=False, key=None)"
)]
#[expect(clippy::too_many_arguments, reason = "keyword arguments of a Python function")]
pub(crate) fn button(
    py: Python<'_>,
    content: Shown,
    on_click: Option<Bound<'_, PyAny>>,
    args: Option<Bound<'_, PyTuple>>,
    pending: Option<Bound<'_, PyAny>>,
    variant: &str,
    submit: bool,
    name: Scalar,
    value: Scalar,
    accessible_name: Shown,
    disabled: bool,
    autofocus: bool,
    key: Option<Bound<'_, PyAny>>,
) -> PyResult<()> {
    let variants = [
        ("secondary", ButtonVariant::Secondary),
        ("primary", ButtonVariant::Primary),
        ("danger", ButtonVariant::Danger),
        ("ghost", ButtonVariant::Ghost),
    ];
    let handler = match &on_click {
        None => widget::On::default(),
        Some(function) => {
            let site = frame::identify(py, "button", key.as_ref(), false)?;
            let registration = Registration {
                on: On::Click,
                function: Some(function),
                args: args.as_ref(),
                expects: Expects::Nothing,
                bound: None,
                pending: pending.as_ref(),
            };
            register(py, "button", site, &registration)?
        }
    };
    let key: Scalar = key.as_ref().map(pyo3::types::PyAnyMethods::extract).transpose()?.unwrap_or_default();
    let widget = widget::button(content.value())
        .on_click(handler)
        .variant(one_of("variant", variant, &variants)?)
        .name(name.value())
        .value(value.value())
        .accessible_name(accessible_name.value())
        .disabled(disabled)
        .autofocus(autofocus)
        .key(key.value());
    let widget = if submit { widget.submit() } else { widget };
    frame::write("button", |buffer| widget.render_to(buffer))
}

/// A line of text that can be edited.
///
/// Args:
///     label: What it is called.
///     value: The present text.
///     kind: `text`, `email`, `password`, `search`, `url` or `date`.
///     placeholder: An example, shown while it is empty.
///     autocomplete: What the browser may fill in, in HTML's words: `email`, `off`…
///     autofocus: Whether it has the focus when it appears.
///     max_length: The most UTF-16 units that the browser lets in.
///     **options: What all controls take: `bind`, `name`, `on_input`, `on_change`, `args`, `help`, `error`, `required`, `disabled`,
///         `hide_label`, `debounce_ms`, `throttle_ms`, `id`, `key`.
///
/// Raises:
///     HandlerError: A handler can't be called.
#[pyfunction]
#[pyo3(
    signature = (label, value = Scalar::Nothing, *, kind = "text", placeholder = Shown::Nothing, autocomplete = Scalar::Nothing,
        autofocus = false, max_length = None, **options),
    text_signature = "(label, value=None, *, kind=\"text\", placeholder=None, autocomplete=None, autofocus=False, max_length=None, **options)"
)]
#[expect(clippy::too_many_arguments, reason = "keyword arguments of a Python function")]
pub(crate) fn text_field(
    py: Python<'_>,
    label: Shown,
    value: Scalar,
    kind: &str,
    placeholder: Shown,
    autocomplete: Scalar,
    autofocus: bool,
    max_length: Option<u32>,
    options: Option<Bound<'_, PyDict>>,
) -> PyResult<()> {
    const WHAT: &str = "text_field";
    let kinds = [
        ("text", TextKind::Text),
        ("email", TextKind::Email),
        ("password", TextKind::Password),
        ("search", TextKind::Search),
        ("url", TextKind::Url),
        ("date", TextKind::Date),
    ];
    let mut options = Options::read(WHAT, options.as_ref())?;
    let handlers = options.handlers(py, WHAT, Expects::Text, On::Input)?;
    let (name, value) = (options.name(&label), options.value(value)?);
    let widget = widget::text_field(label.value(), name)
        .kind(one_of("kind", kind, &kinds)?)
        .value(value.value())
        .placeholder(placeholder.value())
        .autocomplete(autocomplete.value())
        .autofocus(autofocus)
        .max_length(max_length);
    let widget = apply!(widget, options, handlers);
    frame::write(WHAT, |buffer| widget.render_to(buffer))
}

/// Several lines of text that can be edited.
///
/// Args:
///     label: What it is called.
///     value: The present text.
///     rows: Its height in lines of text.
///     placeholder: An example, shown while it is empty.
///     autofocus: Whether it has the focus when it appears.
///     max_length: The most UTF-16 units that the browser lets in.
///     **options: What all controls take, see `text_field`.
///
/// Raises:
///     HandlerError: A handler can't be called.
#[pyfunction]
#[pyo3(
    signature = (label, value = Scalar::Nothing, *, rows = 4, placeholder = Shown::Nothing, autofocus = false, max_length = None, **options),
    text_signature = "(label, value=None, *, rows=4, placeholder=None, autofocus=False, max_length=None, **options)"
)]
#[expect(clippy::too_many_arguments, reason = "keyword arguments of a Python function")]
pub(crate) fn text_area(
    py: Python<'_>,
    label: Shown,
    value: Scalar,
    rows: u32,
    placeholder: Shown,
    autofocus: bool,
    max_length: Option<u32>,
    options: Option<Bound<'_, PyDict>>,
) -> PyResult<()> {
    const WHAT: &str = "text_area";
    let mut options = Options::read(WHAT, options.as_ref())?;
    let handlers = options.handlers(py, WHAT, Expects::Text, On::Input)?;
    let (name, value) = (options.name(&label), options.value(value)?);
    let widget = widget::text_area(label.value(), name)
        .value(value.value())
        .rows(rows)
        .placeholder(placeholder.value())
        .autofocus(autofocus)
        .max_length(max_length);
    let widget = apply!(widget, options, handlers);
    frame::write(WHAT, |buffer| widget.render_to(buffer))
}

/// A number that can be typed.
///
/// Args:
///     label: What it is called.
///     value: The present number.
///     min: The smallest number.
///     max: The largest number.
///     step: The distance between two numbers, or `"any"`; 1 if not given.
///     placeholder: An example, shown while it is empty.
///     **options: What all controls take, see `text_field`.
///
/// Raises:
///     HandlerError: A handler can't be called.
#[pyfunction]
#[pyo3(
    signature = (label, value = Scalar::Nothing, *, min = Scalar::Nothing, max = Scalar::Nothing, step = Scalar::Nothing,
        placeholder = Shown::Nothing, **options),
    text_signature = "(label, value=None, *, min=None, max=None, step=None, placeholder=None, **options)"
)]
#[expect(clippy::too_many_arguments, reason = "keyword arguments of a Python function")]
pub(crate) fn number(
    py: Python<'_>,
    label: Shown,
    value: Scalar,
    min: Scalar,
    max: Scalar,
    step: Scalar,
    placeholder: Shown,
    options: Option<Bound<'_, PyDict>>,
) -> PyResult<()> {
    const WHAT: &str = "number";
    let mut options = Options::read(WHAT, options.as_ref())?;
    let handlers = options.handlers(py, WHAT, Expects::Number, On::Input)?;
    let (name, value) = (options.name(&label), options.value(value)?);
    let widget = widget::number(label.value(), name)
        .min(min.value())
        .max(max.value())
        .step(step.value())
        .value(value.value())
        .placeholder(placeholder.value());
    let widget = apply!(widget, options, handlers);
    frame::write(WHAT, |buffer| widget.render_to(buffer))
}

/// A number that is chosen by dragging.
///
/// Args:
///     label: What it is called.
///     min: The number at the left end.
///     max: The number at the right end.
///     value: The present number.
///     step: The distance between two numbers, or `"any"`; 1 if not given, a hundredth of the range if an end is a `float`.
///     unit: What the number counts, shown after it.
///     **options: What all controls take, see `text_field`.
///
/// Raises:
///     HandlerError: A handler can't be called.
#[pyfunction]
#[pyo3(
    signature = (label, min = Scalar::Integer(0), max = Scalar::Integer(100), value = Scalar::Nothing, *, step = Scalar::Nothing,
        unit = Shown::Nothing, **options),
    text_signature = "(label, min=0, max=100, value=None, *, step=None, unit=None, **options)"
)]
#[expect(clippy::too_many_arguments, reason = "keyword arguments of a Python function")]
pub(crate) fn slider(
    py: Python<'_>,
    label: Shown,
    min: Scalar,
    max: Scalar,
    value: Scalar,
    step: Scalar,
    unit: Shown,
    options: Option<Bound<'_, PyDict>>,
) -> PyResult<()> {
    const WHAT: &str = "slider";
    let mut options = Options::read(WHAT, options.as_ref())?;
    let handlers = options.handlers(py, WHAT, Expects::Number, On::Input)?;
    let (name, value) = (options.name(&label), options.value(value)?);
    let step = match (&step, &min, &max, &value) {
        // Whole steps would jump over everything that such a value can be.
        (Scalar::Nothing, ..) if [&min, &max, &value].iter().any(|end| matches!(end, Scalar::Float(_))) => {
            Scalar::Float(range(&min, &max) / 100.0)
        }
        _ => step,
    };
    let widget =
        widget::slider(label.value(), name).min(min.value()).max(max.value()).step(step.value()).value(value.value()).unit(unit.value());
    let widget = apply!(widget, options, handlers);
    frame::write(WHAT, |buffer| widget.render_to(buffer))
}

fn range(min: &Scalar, max: &Scalar) -> f64 {
    let number = |end: &Scalar| match end {
        #[expect(clippy::cast_precision_loss, reason = "the ends of a slider are far below 2^52")]
        Scalar::Integer(number) => *number as f64,
        Scalar::Float(number) => *number,
        _ => 0.0,
    };
    number(max) - number(min)
}

/// A box to tick.
///
/// Args:
///     label: What it is called.
///     value: Whether it is ticked.
///     **options: What all controls take, see `text_field`.
///
/// Raises:
///     HandlerError: A handler can't be called.
#[pyfunction]
#[pyo3(signature = (label, value = false, **options))]
pub(crate) fn checkbox(py: Python<'_>, label: Shown, value: bool, options: Option<Bound<'_, PyDict>>) -> PyResult<()> {
    const WHAT: &str = "checkbox";
    let mut options = Options::read(WHAT, options.as_ref())?;
    let handlers = options.handlers(py, WHAT, Expects::Truth, On::Change)?;
    let name = options.name(&label);
    let is_checked = options.bound_value()?.map_or(Ok(value), |value| value.is_truthy())?;
    let widget = apply!(widget::checkbox(label.value(), name).checked(is_checked), options, handlers);
    frame::write(WHAT, |buffer| widget.render_to(buffer))
}

/// A surface to draw on. Its handler gets a `livefloe.Picture`, or `livefloe.Strokes` if `sends` says so.
///
/// Args:
///     label: What it is called.
///     size: Cells across and down, 1 to 256 each.
///     sends: `picture`, the ink of every cell, or `strokes`, the way of the pen.
///     pen: The width of the pen in cells.
///     clear: The text of the button that clears it; `None` for no button.
///     cleared: The drawing is cleared whenever this value is another than before.
///     **options: What all controls take, see `text_field`; of those not `bind`, `required`, `disabled`, `throttle_ms`.
///
/// Raises:
///     HandlerError: A handler can't be called.
#[pyfunction]
#[pyo3(
    signature = (label, *, size = (28, 28), sends = "picture", pen = Scalar::Nothing, clear = None, cleared = Scalar::Nothing, **options),
    text_signature = "(label, *, size=(28, 28), sends=\"picture\", pen=None, clear=\"Clear\", cleared=None, **options)"
)]
#[expect(clippy::too_many_arguments, reason = "keyword arguments of a Python function")]
pub(crate) fn sketchpad(
    py: Python<'_>,
    label: Shown,
    size: (u16, u16),
    sends: &str,
    pen: Scalar,
    clear: Option<Scalar>,
    cleared: Scalar,
    options: Option<Bound<'_, PyDict>>,
) -> PyResult<()> {
    const WHAT: &str = "sketchpad";
    let mut options = Options::read(WHAT, options.as_ref())?;
    let kinds = [("picture", (SketchKind::Picture, Expects::Picture)), ("strokes", (SketchKind::Strokes, Expects::Strokes))];
    let (kind, expects) = one_of("sends", sends, &kinds)?;
    let handlers = options.handlers(py, WHAT, expects, On::Input)?;
    let clear = clear.unwrap_or_default();
    let widget = widget::sketchpad(label.value(), options.name(&label))
        .size(size.0, size.1)
        .sends(kind)
        .pen(pen.value())
        .cleared(cleared.value())
        .id(options.id.value())
        .help(options.help.value())
        .error(options.error.value())
        .on_input(handlers.on_input)
        .debounce_ms(options.debounce_ms);
    let widget = widget.clear(clear.value());
    let widget = if options.hide_label { widget.hide_label() } else { widget };
    frame::write(WHAT, |buffer| widget.render_to(buffer))
}

/// Asks for a file: chosen in a dialog, dropped on it, or pasted, and sent at once. Handlers get a `livefloe.Upload`.
///
/// Args:
///     label: What it is called.
///     accept: Which files it takes, in HTML's words: `image/*`, `.csv`, with commas between them. Browsers and server go by what a file
///         is called.
///     multiple: Whether it takes several, or how many. Its handler gets a list then.
///     max_bytes: Bytes that a file may have; what the app's limits allow by default, and at most.
///     camera: Lets a phone take a picture: `user`, of the person, or `environment`.
///     cleared: It is emptied whenever this value is another than before.
///     **options: What all controls take, see `text_field`; of those not `on_input`, `debounce_ms`, `throttle_ms`.
///
/// Raises:
///     HandlerError: A handler can't be called.
#[pyfunction]
#[pyo3(
    signature = (label, *, accept = Scalar::Nothing, multiple = Multiple::Whether(false), max_bytes = None, camera = None, cleared = Scalar::Nothing, **options),
    text_signature = "(label, *, accept=None, multiple=False, max_bytes=None, camera=None, cleared=None, **options)"
)]
#[expect(clippy::too_many_arguments, reason = "keyword arguments of a Python function")]
pub(crate) fn file_field(
    py: Python<'_>,
    label: Shown,
    accept: Scalar,
    multiple: Multiple,
    max_bytes: Option<u64>,
    camera: Option<&str>,
    cleared: Scalar,
    options: Option<Bound<'_, PyDict>>,
) -> PyResult<()> {
    const WHAT: &str = "file_field";
    const SEVERAL: u32 = 100;
    let cameras = [("user", Camera::User), ("environment", Camera::Environment)];
    let max_files = match multiple {
        Multiple::Whether(false) => 1,
        Multiple::Whether(true) => SEVERAL,
        Multiple::Files(number) => number,
    };
    let mut options = Options::read(WHAT, options.as_ref())?;
    let expects = if max_files == 1 { Expects::File } else { Expects::Files };
    let handlers = options.handlers(py, WHAT, expects, On::Change)?;
    let name = options.name(&label);
    let uploads = frame::uploads().ok_or_else(|| RenderError::new_err("lf.file_field was called outside of a page's rendering"))?;
    let widget = widget::file_field(label.value(), name, uploads)
        .accept(accept.value())
        .max_files(max_files)
        .max_bytes(max_bytes)
        .camera(camera.map(|camera| one_of("camera", camera, &cameras)).transpose()?)
        .cleared(cleared.value())
        .id(options.id.value())
        .help(options.help.value())
        .error(options.error.value())
        .required(options.required)
        .disabled(options.disabled)
        .on_change(handlers.on_change);
    let widget = if options.hide_label { widget.hide_label() } else { widget };
    frame::write(WHAT, |buffer| widget.render_to(buffer))
}

/// Whether a control takes several files, or how many.
#[derive(FromPyObject)]
pub(crate) enum Multiple {
    Whether(bool),
    Files(u32),
}
