//! [`Call`]: a component function with its arguments.

use pyo3::{
    intern,
    prelude::*,
    types::{PyDict, PyList, PyString, PyTuple},
};

use crate::source::PySource;

/// A component function with its arguments.
pub(crate) struct Call {
    pub(crate) function: Py<PyAny>,
    pub(crate) args: Py<PyTuple>,
    pub(crate) kwargs: Option<Py<PyDict>>,
}

impl Call {
    pub(crate) fn clone_ref(&self, py: Python<'_>) -> Self {
        Self {
            function: self.function.clone_ref(py),
            args: self.args.clone_ref(py),
            kwargs: self.kwargs.as_ref().map(|kwargs| kwargs.clone_ref(py)),
        }
    }

    pub(crate) fn run(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        self.function.call(py, self.args.bind(py), self.kwargs.as_ref().map(|kwargs| kwargs.bind(py)))
    }

    /// What the function is called.
    pub(crate) fn name(&self, py: Python<'_>) -> String {
        let name = self.function.bind(py).getattr(intern!(py, "__name__")).and_then(|name| name.extract());
        name.unwrap_or_else(|_| "component".to_owned())
    }

    /// The same with its class and module, by which it is known in every process.
    pub(crate) fn qualified_name(&self, py: Python<'_>) -> PyResult<String> {
        let function = self.function.bind(py);
        let part = |name: &Bound<'_, PyString>| -> PyResult<String> {
            Ok(function.getattr_opt(name)?.and_then(|part| part.extract().ok()).unwrap_or_default())
        };
        Ok(format!("{}.{}", part(intern!(py, "__module__"))?, part(intern!(py, "__qualname__"))?))
    }

    /// Whether another call would give the same: one function, equal arguments. What can't be compared is not equal.
    pub(crate) fn is_same(&self, py: Python<'_>, other: &Self) -> bool {
        let are_kwargs_equal = match (self.any_kwargs(py), other.any_kwargs(py)) {
            (None, None) => true,
            (Some(one), Some(other)) => one.eq(other).unwrap_or(false),
            _ => false,
        };
        self.function.is(&other.function) && are_kwargs_equal && self.args.bind(py).eq(other.args.bind(py)).unwrap_or(false)
    }

    /// A list or data class that is handed down is equal to itself however it changes: whoever gets one has read it.
    pub(crate) fn observe_arguments(&self, py: Python<'_>) -> PyResult<()> {
        for argument in self.args.bind(py) {
            observe(&argument, 0)?;
        }
        if let Some(kwargs) = self.any_kwargs(py) {
            for argument in kwargs.values() {
                observe(&argument, 0)?;
            }
        }
        Ok(())
    }

    fn any_kwargs<'py>(&self, py: Python<'py>) -> Option<&Bound<'py, PyDict>> {
        self.kwargs.as_ref().map(|kwargs| kwargs.bind(py)).filter(|kwargs| !kwargs.is_empty())
    }
}

/// How deep tracked values are looked for in plain tuples, lists and dicts.
const MAX_DEPTH: u32 = 3;

/// Reads the tracked values in this one.
pub(crate) fn observe(value: &Bound<'_, PyAny>, depth: u32) -> PyResult<()> {
    let py = value.py();
    if value.is_none() || value.is_instance_of::<PyString>() || depth > MAX_DEPTH {
        return Ok(());
    }
    if let Some(source) = value.getattr_opt(intern!(py, "__livefloe_source__")).ok().flatten() {
        if let Ok(source) = source.cast::<PySource>() {
            source.get().0.read();
        }
        return Ok(());
    }
    if let Ok(items) = value.cast_exact::<PyTuple>() {
        items.iter().try_for_each(|item| observe(&item, depth + 1))?;
    } else if let Ok(items) = value.cast_exact::<PyList>() {
        items.iter().try_for_each(|item| observe(&item, depth + 1))?;
    } else if let Ok(items) = value.cast_exact::<PyDict>() {
        items.iter().try_for_each(|(_, item)| observe(&item, depth + 1))?;
    }
    Ok(())
}
