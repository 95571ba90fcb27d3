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
        let are_kwargs_same = match (self.any_kwargs(py), other.any_kwargs(py)) {
            (None, None) => true,
            (Some(one), Some(other)) => is_same(one.as_any(), other.as_any(), 0),
            _ => false,
        };
        self.function.is(&other.function) && are_kwargs_same && is_same(self.args.bind(py).as_any(), other.args.bind(py).as_any(), 0)
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

/// Whether one value is as good as another. What can change, as a tracked list or a data class can, is only itself: another one that is equal
/// now need not be so later, and whoever shows this one would not hear of it.
fn is_same(one: &Bound<'_, PyAny>, other: &Bound<'_, PyAny>, depth: u32) -> bool {
    if one.is(other) {
        return true;
    }
    if depth <= MAX_DEPTH {
        if let (Ok(one), Ok(other)) = (one.cast_exact::<PyTuple>(), other.cast_exact::<PyTuple>()) {
            return one.len() == other.len() && one.iter().zip(other).all(|(one, other)| is_same(&one, &other, depth + 1));
        }
        if let (Ok(one), Ok(other)) = (one.cast_exact::<PyList>(), other.cast_exact::<PyList>()) {
            return one.len() == other.len() && one.iter().zip(other).all(|(one, other)| is_same(&one, &other, depth + 1));
        }
        if let (Ok(one), Ok(other)) = (one.cast_exact::<PyDict>(), other.cast_exact::<PyDict>()) {
            let is_there = |key: &Bound<'_, PyAny>, value: &Bound<'_, PyAny>| {
                other.get_item(key).ok().flatten().is_some_and(|other| is_same(value, &other, depth + 1))
            };
            return one.len() == other.len() && one.iter().all(|(key, value)| is_there(&key, &value));
        }
    }
    // What has no hash can change.
    one.hash().is_ok() && one.eq(other).unwrap_or(false)
}

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
