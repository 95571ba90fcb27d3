//! [`Manner`]: how a handler runs, as `livefloe.handler` says; and [`HandlerFunction`], the function with it.

use std::time::Duration;

use pyo3::{
    intern,
    prelude::*,
    types::{PyDict, PyTuple},
};

/// What happens to an event of a handler while an earlier one's run is under way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Concurrency {
    /// It waits.
    #[default]
    Queue,
    /// It takes the place of the earlier one.
    Latest,
    /// It is left out.
    Drop,
    /// It runs beside it, and beside everything else.
    Parallel,
}

/// How a handler runs.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Manner {
    pub(crate) concurrency: Concurrency,
    /// How long it may wait for what is asynchronous; as `Limits::handler_time` says if it is `None`.
    pub(crate) timeout: Option<Duration>,
    pub(crate) debounce_ms: Option<u32>,
    pub(crate) throttle_ms: Option<u32>,
}

/// A function, or a method, that says how it runs as a handler. Called from Python it is the function.
#[pyclass(frozen, dict, weakref, module = "livefloe._native")]
pub(crate) struct HandlerFunction {
    /// The function that was decorated.
    #[pyo3(get)]
    pub(crate) function: Py<PyAny>,
    pub(crate) manner: Manner,
}

#[pymethods]
impl HandlerFunction {
    #[new]
    #[pyo3(signature = (function, concurrency, timeout_s, debounce_ms, throttle_ms))]
    fn new(function: Py<PyAny>, concurrency: u8, timeout_s: Option<f64>, debounce_ms: Option<u32>, throttle_ms: Option<u32>) -> Self {
        let concurrency = match concurrency {
            1 => Concurrency::Latest,
            2 => Concurrency::Drop,
            3 => Concurrency::Parallel,
            _ => Concurrency::Queue,
        };
        let timeout = timeout_s.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        Self { function, manner: Manner { concurrency, timeout, debounce_ms, throttle_ms } }
    }

    #[pyo3(signature = (*args, **kwargs))]
    fn __call__<'py>(&self, args: &Bound<'py, PyTuple>, kwargs: Option<&Bound<'py, PyDict>>) -> PyResult<Bound<'py, PyAny>> {
        self.function.bind(args.py()).call(args, kwargs)
    }

    /// Another function that runs in the same manner.
    fn around(&self, function: Py<PyAny>) -> Self {
        Self { function, manner: self.manner }
    }

    /// A method's handler takes the instance as any method does.
    fn __get__<'py>(
        slf: &Bound<'py, Self>,
        instance: &Bound<'py, PyAny>,
        owner: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        if instance.is_none() {
            return Ok(slf.clone().into_any());
        }
        let py = slf.py();
        let function = slf.get().function.bind(py).call_method1(intern!(py, "__get__"), (instance, owner))?.unbind();
        Ok(Bound::new(py, Self { function, manner: slf.get().manner })?.into_any())
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        Ok(format!("<handler {}>", self.function.bind(py).repr()?))
    }
}
