//! Errors, both ways: Python exceptions as failures of an event, and Rust's errors as exceptions of `livefloe.errors`.

use std::fmt;

use livefloe::{Error, Failure, FieldError, Invalid as InvalidInput};
use pyo3::{import_exception, prelude::*, sync::PyOnceLock};

import_exception!(livefloe.errors, AppError);
import_exception!(livefloe.errors, AddressError);
import_exception!(livefloe.errors, PageError);
import_exception!(livefloe.errors, ServerError);
import_exception!(livefloe.errors, NoSessionError);
import_exception!(livefloe.errors, RenderError);
import_exception!(livefloe.errors, HandlerError);
import_exception!(livefloe.errors, StateError);
import_exception!(livefloe.errors, Invalid);

/// A Python exception that came out of an app's code.
#[derive(Debug)]
struct Raised(String);

impl fmt::Display for Raised {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for Raised {}

/// The failure that an exception is. One that is a defect of the app is logged with its traceback.
pub(crate) fn failure(py: Python<'_>, error: &PyErr) -> Failure {
    if error.is_instance_of::<Invalid>(py)
        && let Ok(fields) =
            error.value(py).getattr("fields").and_then(|fields| fields.call_method0("items")?.try_iter()?.collect::<PyResult<Vec<_>>>())
    {
        let fields = fields.iter().filter_map(|pair| pair.extract().ok());
        return Failure::Invalid(InvalidInput { fields: fields.map(|(field, message)| FieldError { field, message }).collect() });
    }
    let described = describe(py, error);
    let (text, at) = described.unwrap_or_else(|_| (error.to_string(), None));
    Failure::Failed { error: Box::new(Raised(text)), at }
}

/// The exception in one line, and the user's line that it came from. Also logs it.
fn describe(py: Python<'_>, error: &PyErr) -> PyResult<(String, Option<String>)> {
    static REPORT: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    REPORT.import(py, "livefloe._report", "report")?.call1((error.clone_ref(py).into_value(py),))?.extract()
}

/// What building or serving ended with, as an exception.
pub(crate) fn exception(error: &Error) -> PyErr {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        let words = inner.to_string();
        // Some say themselves what caused them.
        if text.contains(&words) {
            break;
        }
        text = format!("{text}: {words}");
        source = inner.source();
    }
    match error {
        Error::Address { .. } | Error::Bind { .. } => AddressError::new_err(text),
        Error::PageExists { .. } | Error::Path { .. } => PageError::new_err(text),
        _ => ServerError::new_err(text),
    }
}
