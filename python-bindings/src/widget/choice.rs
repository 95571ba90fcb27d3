//! Widgets that offer a choice.

use livefloe::widget::{self, Choice};
use maud::Render;
use pyo3::{
    prelude::*,
    types::{PyDict, PyTuple},
};

use super::control::{Options, apply};
use crate::{
    convert::{Scalar, Shown},
    frame,
    handler::{Expects, On},
};

/// One of several values, in a list that opens.
///
/// Args:
///     label: What it is called.
///     options: The values; or labels by value; or pairs of value and label.
///     value: The value that is chosen.
///     placeholder: A first choice with an empty value, such as "Choose…".
///     **keywords: What all controls take, see `text_field`.
///
/// Raises:
///     HandlerError: A handler can't be called.
#[pyfunction]
#[pyo3(
    signature = (label, options, value = Scalar::Nothing, *, placeholder = Shown::Nothing, **keywords),
    text_signature = "(label, options, value=None, *, placeholder=None, **keywords)"
)]
pub(crate) fn select(
    py: Python<'_>,
    label: Shown,
    options: Bound<'_, PyAny>,
    value: Scalar,
    placeholder: Shown,
    keywords: Option<Bound<'_, PyDict>>,
) -> PyResult<()> {
    const WHAT: &str = "select";
    let choices = choices(&options)?;
    let mut options = Options::read(WHAT, keywords.as_ref())?;
    let handlers = options.handlers(py, WHAT, Expects::Text, On::Change)?;
    let (name, value) = (options.name(&label), options.value(value)?);
    let widget =
        widget::select(label.value(), name).options(choices.iter().map(choice)).selected(value.value()).placeholder(placeholder.value());
    let widget = apply!(widget, options, handlers);
    frame::write(WHAT, |buffer| widget.render_to(buffer))
}

/// One of a few values, all in view.
///
/// Args:
///     label: What the choice is called.
///     options: The values; or labels by value; or pairs of value and label.
///     value: The value that is chosen.
///     inline: Whether they stand beside each other.
///     **keywords: What all controls take, see `text_field`.
///
/// Raises:
///     HandlerError: A handler can't be called.
#[pyfunction]
#[pyo3(
    signature = (label, options, value = Scalar::Nothing, *, inline = false, **keywords),
    text_signature = "(label, options, value=None, *, inline=False, **keywords)"
)]
pub(crate) fn radio(
    py: Python<'_>,
    label: Shown,
    options: Bound<'_, PyAny>,
    value: Scalar,
    inline: bool,
    keywords: Option<Bound<'_, PyDict>>,
) -> PyResult<()> {
    const WHAT: &str = "radio";
    let choices = choices(&options)?;
    let mut options = Options::read(WHAT, keywords.as_ref())?;
    let handlers = options.handlers(py, WHAT, Expects::Text, On::Change)?;
    let (name, value) = (options.name(&label), options.value(value)?);
    let widget = widget::radio(label.value(), name).options(choices.iter().map(choice)).selected(value.value());
    let widget = if inline { widget.inline() } else { widget };
    let widget = apply!(widget, options, handlers);
    frame::write(WHAT, |buffer| widget.render_to(buffer))
}

type Given = (Scalar, Option<Scalar>);

fn choice((value, label): &Given) -> Choice<'_> {
    match label {
        Some(label) => Choice::from((value.value(), label.value())),
        None => Choice::from(value.value()),
    }
}

fn choices(options: &Bound<'_, PyAny>) -> PyResult<Vec<Given>> {
    if let Ok(options) = options.cast::<PyDict>() {
        return options.iter().map(|(value, label)| Ok((value.extract()?, Some(label.extract()?)))).collect();
    }
    let choice = |option: Bound<'_, PyAny>| match option.cast::<PyTuple>() {
        Ok(pair) => pair.extract::<(Scalar, Scalar)>().map(|(value, label)| (value, Some(label))),
        Err(_) => Ok((option.extract()?, None)),
    };
    options.try_iter()?.map(|option| choice(option?)).collect()
}
