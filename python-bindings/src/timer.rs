//! Handlers that run by themselves while their component is on the page.

use std::time::Duration;

use livefloe::instance::Timer;
use pyo3::{exceptions::PyValueError, prelude::*, types::PyTuple};

use crate::{
    error::HandlerError,
    frame,
    handler::{self, Expects, On},
};

/// Runs a handler every so often, for as long as the component that says so is on the page and somebody looks at it.
///
/// The first time is after one period. A run that is due while the last one is still under way is left out.
///
/// Args:
///     seconds: How often; less than 0.05 counts as that.
///     handler: The function to call: plain, async or a generator.
///     *args: What the function gets.
///     key: What tells it from those of the other items of a loop.
///
/// Raises:
///     RenderError: It was not called while rendering.
///     HandlerError: The handler can't be called.
///     ValueError: The time is none.
#[pyfunction]
#[pyo3(signature = (seconds, handler, *args, key = None))]
pub(crate) fn every(
    py: Python<'_>,
    seconds: f64,
    handler: &Bound<'_, PyAny>,
    args: &Bound<'_, PyTuple>,
    key: Option<&Bound<'_, PyAny>>,
) -> PyResult<()> {
    enter(py, "every", seconds, handler, args, key, true)
}

/// Runs a handler once, so long after the component that says so came onto the page, if it is still there and somebody looks at it.
///
/// Args:
///     seconds: After how long.
///     handler: The function to call: plain, async or a generator.
///     *args: What the function gets.
///     key: What tells it from those of the other items of a loop.
///
/// Raises:
///     RenderError: It was not called while rendering.
///     HandlerError: The handler can't be called.
///     ValueError: The time is none.
#[pyfunction]
#[pyo3(signature = (seconds, handler, *args, key = None))]
pub(crate) fn after(
    py: Python<'_>,
    seconds: f64,
    handler: &Bound<'_, PyAny>,
    args: &Bound<'_, PyTuple>,
    key: Option<&Bound<'_, PyAny>>,
) -> PyResult<()> {
    enter(py, "after", seconds, handler, args, key, false)
}

fn enter(
    py: Python<'_>,
    what: &'static str,
    seconds: f64,
    function: &Bound<'_, PyAny>,
    args: &Bound<'_, PyTuple>,
    key: Option<&Bound<'_, PyAny>>,
    repeats: bool,
) -> PyResult<()> {
    let period = Duration::try_from_secs_f64(seconds)
        .map_err(|_| PyValueError::new_err(format!("lf.{what}() expected a time in seconds that is not negative, got {seconds}")))?;
    let site = frame::identify(py, what, key, false)?;
    if !function.is_callable() {
        let kind = function.get_type().name()?;
        return Err(HandlerError::new_err(format!(
            "lf.{what}(…) expected a function, got {kind}; give the function itself, not what it returns"
        )));
    }
    let identity = site.number(On::Timer as u64);
    let Some(handler) = handler::enter(py, what, identity, Some(function), Some(args), Expects::Nothing, None)? else { return Ok(()) };
    frame::use_frame(what, |frame| frame.output.timers.push(Timer { handler, period, repeats }))
}
