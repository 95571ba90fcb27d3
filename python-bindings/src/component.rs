//! [`Component`]: a function that renders a part of a page, called like any other.

use pyo3::{
    intern,
    prelude::*,
    types::{PyDict, PyString, PyTuple},
};

use crate::{call::Call, pass};

/// A component. Calling it while rendering places it there; it runs when it is new, when its arguments are others than
/// before, and when something that it read has changed.
#[pyclass(frozen, dict, weakref, module = "livefloe._native")]
pub(crate) struct Component {
    /// The function that was decorated.
    #[pyo3(get)]
    function: Py<PyAny>,
    /// Whether the function has a parameter named `key` itself.
    takes_key: bool,
}

#[pymethods]
impl Component {
    #[new]
    fn new(function: Py<PyAny>, takes_key: bool) -> Self {
        Self { function, takes_key }
    }

    #[pyo3(signature = (*args, **kwargs))]
    fn __call__(slf: &Bound<'_, Self>, args: Bound<'_, PyTuple>, kwargs: Option<Bound<'_, PyDict>>) -> PyResult<()> {
        let py = slf.py();
        let component = slf.get();
        let name = intern!(py, "key");
        let key = kwargs.as_ref().map(|kwargs| kwargs.get_item(name)).transpose()?.flatten();
        if let (Some(_), Some(kwargs), false) = (&key, &kwargs, component.takes_key) {
            kwargs.del_item(name)?;
        }
        let kwargs = kwargs.filter(|kwargs| !kwargs.is_empty());
        let call = Call { function: component.function.clone_ref(py), args: args.unbind(), kwargs: kwargs.map(Bound::unbind) };
        pass::place(py, call, key.filter(|key| !key.is_none()).as_ref())
    }

    /// A component in a class takes the instance as any function does.
    fn __get__<'py>(
        slf: &Bound<'py, Self>,
        instance: &Bound<'py, PyAny>,
        _owner: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        if instance.is_none() {
            return Ok(slf.clone().into_any());
        }
        slf.py().import("functools")?.getattr("partial")?.call1((slf, instance))
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let name = self.function.bind(py).getattr(intern!(py, "__qualname__"))?;
        Ok(format!("<component {}>", name.cast::<PyString>()?.to_str()?))
    }
}
