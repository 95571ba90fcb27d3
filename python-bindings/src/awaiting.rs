//! [`Awaiting`]: something asynchronous that runs on the shared event loop of Python, awaited from Rust.

use std::sync::{Mutex, PoisonError};

use pyo3::{exceptions::PyRuntimeError, prelude::*, sync::PyOnceLock};
use tokio::sync::oneshot;

use crate::executor::{self, Admission};

type Outcome = PyResult<Py<PyAny>>;

/// Something asynchronous that runs on Python's event loop. Cancelled when it is dropped before it is done.
pub(crate) struct Awaiting {
    receiver: oneshot::Receiver<Outcome>,
    /// Cancels it, from any thread; taken when it is done.
    cancel: Option<Py<PyAny>>,
}

/// What the loop calls when it is done.
#[pyclass(frozen, module = "livefloe._native")]
pub(crate) struct Done(Mutex<Option<oneshot::Sender<Outcome>>>);

#[pymethods]
impl Done {
    /// Gives the result, or the exception in its place.
    fn __call__(&self, result: Py<PyAny>, exception: Option<Bound<'_, PyAny>>) {
        let sender = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(sender) = sender {
            // Nobody waits any more when the session has ended.
            let _ = sender.send(exception.map_or(Ok(result), |exception| Err(PyErr::from_value(exception))));
        }
    }
}

impl Awaiting {
    /// Waits until it is done. `None` when the loop has ended.
    pub(crate) async fn result(&mut self) -> Option<Outcome> {
        let outcome = (&mut self.receiver).await.ok();
        self.cancel = None;
        outcome
    }

    /// Asks it to end.
    pub(crate) fn cancel(&mut self) {
        let Some(cancel) = self.cancel.take() else { return };
        let cancelling = executor::submit(Admission::Rest, move |py| {
            if let Err(error) = cancel.call0(py) {
                error.write_unraisable(py, None);
            }
        });
        if let Err(failure) = cancelling {
            tracing::warn!(%failure, "asynchronous code could not be cancelled");
        }
    }
}

impl Drop for Awaiting {
    fn drop(&mut self) {
        self.cancel();
    }
}

/// Runs an awaitable on the loop, in this context.
pub(crate) fn start(py: Python<'_>, context: &Py<PyAny>, awaitable: &Py<PyAny>) -> PyResult<Awaiting> {
    static START: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    run(py, START.import(py, "livefloe._loop", "start")?, context, awaitable)
}

/// Runs an asynchronous generator up to its next `yield`; the result says whether there was one.
pub(crate) fn next(py: Python<'_>, context: &Py<PyAny>, generator: &Py<PyAny>) -> PyResult<Awaiting> {
    static ADVANCE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let awaitable = ADVANCE.import(py, "livefloe._loop", "advance")?.call1((generator,))?;
    start(py, context, &awaitable.unbind())
}

/// Closes a generator that will not be resumed.
pub(crate) fn close(py: Python<'_>, generator: &Py<PyAny>, is_async: bool) -> PyResult<()> {
    static CLOSE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    if is_async {
        CLOSE.import(py, "livefloe._loop", "close")?.call1((generator,))?;
    } else {
        generator.call_method0(py, "close")?;
    }
    Ok(())
}

fn run(py: Python<'_>, start: &Bound<'_, PyAny>, context: &Py<PyAny>, awaitable: &Py<PyAny>) -> PyResult<Awaiting> {
    let (sender, receiver) = oneshot::channel();
    let done = Py::new(py, Done(Mutex::new(Some(sender))))?;
    let cancel = start.call1((context, awaitable, done))?;
    if cancel.is_none() {
        return Err(PyRuntimeError::new_err("the event loop for asynchronous handlers is closed"));
    }
    Ok(Awaiting { receiver, cancel: Some(cancel.unbind()) })
}
