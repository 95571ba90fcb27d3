//! [`Computed`]: the descriptor of a value that a state computes from its fields.

use std::sync::OnceLock;

use pyo3::{exceptions::PyAttributeError, prelude::*, types::PyType};

use crate::{call, derived::Derived, reader, source::Input, state::StateCore};

/// What `livefloe.computed` makes of a method: on an instance the value, on the class itself.
#[pyclass(frozen, generic, module = "livefloe._native")]
pub(crate) struct Computed {
    /// The method.
    #[pyo3(get, name = "__wrapped__")]
    function: Py<PyAny>,
    /// `Chat.bucket`.
    name: OnceLock<String>,
}

#[pymethods]
impl Computed {
    #[new]
    fn new(function: Py<PyAny>) -> Self {
        Self { function, name: OnceLock::new() }
    }

    fn __set_name__(&self, owner: &Bound<'_, PyType>, name: &str) -> PyResult<()> {
        let _ = self.name.set(format!("{}.{name}", owner.name()?));
        Ok(())
    }

    fn __get__<'py>(
        slf: &Bound<'py, Self>,
        instance: &Bound<'py, PyAny>,
        _owner: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = slf.py();
        let Ok(state) = instance.cast::<StateCore>() else { return Ok(slf.clone().into_any()) };
        let derived = state.get().derived(slf.as_ptr() as usize, || {
            let name = slf.get().name();
            Derived::new(name, slf.get().function.clone_ref(py), instance, None)
        })?;
        let is_news = derived.source.is_news();
        if is_news {
            reader::watch(&derived.source);
        }
        let value = derived.value(py);
        if is_news {
            // Also of what failed: who shows that wants to know when it doesn't any more.
            reader::depend(Input::new(&derived.source, derived.source.version()));
        }
        let value = value?.into_bound(py);
        // A state's own list stays the same one however it changes.
        call::observe(&value, 0)?;
        Ok(value)
    }

    fn __set__(&self, _instance: &Bound<'_, PyAny>, _value: &Bound<'_, PyAny>) -> PyResult<()> {
        Err(PyAttributeError::new_err(format!("`{}` is computed: change what it is computed from", self.name())))
    }

    fn __repr__(&self) -> String {
        format!("<computed {}>", self.name())
    }
}

impl Computed {
    fn name(&self) -> String {
        self.name.get().cloned().unwrap_or_else(|| "a computed value".to_owned())
    }
}
