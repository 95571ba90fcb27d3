//! [`ResourceField`] and [`Resource`]: a value that is loaded from others, which takes its time: meanwhile the last one stays.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};

use livefloe::instance::UnderWay;
use pyo3::{
    exceptions::PyAttributeError,
    prelude::*,
    sync::PyOnceLock,
    types::{PyTuple, PyType},
};

use crate::{
    derived::Derived,
    executor::{self, Admission},
    reader,
    session::{self, Session},
    source::Input,
    state::StateCore,
    world::publish,
};

/// How the value of a [`Derived`] is loaded.
#[derive(Default)]
pub(crate) struct Run(Mutex<Loading>);

#[derive(Default)]
struct Loading {
    /// Counts the runs: what an earlier one brings is too late.
    number: u64,
    is_running: bool,
    /// Whether the present run has read what it depends on.
    has_read: bool,
    /// What the last run that succeeded brought.
    value: Option<Py<PyAny>>,
    is_ready: bool,
    /// Why the last run failed, if it did.
    error: Option<Py<PyAny>>,
    /// Ends the present run, from any thread.
    cancel: Option<Py<PyAny>>,
    /// Says that the session which asked has the present run under way.
    under_way: Option<UnderWay>,
}

impl Run {
    /// Loads if that has not happened yet, and again if what it was loaded from is another now.
    pub(crate) fn refresh(&self, py: Python<'_>, derived: &Derived) {
        let (number, has_read) = {
            let loading = self.lock();
            (loading.number, loading.has_read)
        };
        if number > 0 {
            if !derived.is_suspect() {
                return;
            }
            derived.trust();
            if has_read && !derived.have_inputs_changed(py) {
                return;
            }
        }
        self.start(py, derived);
    }

    /// Loads, whatever was before.
    fn start(&self, py: Python<'_>, derived: &Derived) {
        derived.trust();
        let link = session::world(py).ok().flatten().and_then(|world| world.link());
        let (number, before) = {
            let mut loading = self.lock();
            loading.number += 1;
            loading.is_running = true;
            loading.has_read = false;
            loading.under_way = link.map(|link| link.under_way());
            (loading.number, loading.cancel.take())
        };
        cancel(py, before);
        derived.source.change();
        let cancel = reader::outside(|| begin(py, derived, number));
        let mut loading = self.lock();
        if loading.number != number {
            return;
        }
        match cancel {
            Ok(cancel) if loading.is_running => loading.cancel = Some(cancel),
            Ok(_) => {}
            Err(error) => {
                loading.is_running = false;
                loading.under_way = None;
                loading.error = Some(error.into_value(py).into_any());
            }
        }
    }

    /// A run has ended.
    fn end(&self, derived: &Derived, number: u64, outcome: Result<Py<PyAny>, Py<PyAny>>) {
        let (before, under_way) = {
            let mut loading = self.lock();
            if loading.number != number || !loading.is_running {
                return;
            }
            loading.is_running = false;
            let under_way = loading.under_way.take();
            let before = match outcome {
                Ok(value) => {
                    loading.is_ready = true;
                    (loading.value.replace(value), loading.error.take(), loading.cancel.take())
                }
                Err(error) => (None, loading.error.replace(error), loading.cancel.take()),
            };
            (before, under_way)
        };
        drop(before); // may run Python: no lock is held
        derived.source.change();
        publish(&[Arc::clone(&derived.source)]);
        drop(under_way); // not before the session knows
    }

    pub(crate) fn close(&self, py: Python<'_>) {
        let before = std::mem::take(&mut *self.lock());
        // So that a run which ends later finds another number.
        self.lock().number = before.number + 1;
        cancel(py, before.cancel);
        drop((before.value, before.error));
    }

    fn lock(&self) -> MutexGuard<'_, Loading> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Starts a run. Gives what ends it.
fn begin(py: Python<'_>, derived: &Derived, number: u64) -> PyResult<Py<PyAny>> {
    static START: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let session = session::world(py)?.map(|world| Py::new(py, Session::new(&world))).transpose()?;
    let weak = derived.shared().as_ref().map_or_else(Weak::new, Arc::downgrade);
    let tracked = Py::new(py, Tracked { derived: Weak::clone(&weak), number })?;
    let loaded = Py::new(py, Loaded { derived: weak, number })?;
    let start = START.import(py, "livefloe._resource", "start")?;
    start.call1((session, &derived.function, derived.owner(py)?, tracked, loaded)).map(Bound::unbind)
}

fn cancel(py: Python<'_>, cancel: Option<Py<PyAny>>) {
    let Some(cancel) = cancel else { return };
    if let Err(error) = cancel.call0(py) {
        error.write_unraisable(py, Some(cancel.bind(py)));
    }
}

/// Runs the part of a resource whose reads are what it depends on.
#[pyclass(frozen, module = "livefloe._native")]
pub(crate) struct Tracked {
    derived: Weak<Derived>,
    number: u64,
}

#[pymethods]
impl Tracked {
    #[pyo3(signature = (function, *args))]
    fn __call__<'py>(&self, function: &Bound<'py, PyAny>, args: &Bound<'py, PyTuple>) -> PyResult<Bound<'py, PyAny>> {
        let Some(derived) = self.derived.upgrade() else { return function.call1(args) };
        let (result, inputs) = reader::within(derived.watcher(), derived.name.clone(), || function.call1(args));
        let is_present = derived.run.as_ref().is_some_and(|run| {
            let mut loading = run.lock();
            let is_present = loading.number == self.number;
            loading.has_read |= is_present;
            is_present
        });
        if is_present {
            derived.set_inputs(inputs.into());
        }
        result
    }
}

/// What is called when a run has ended.
#[pyclass(frozen, module = "livefloe._native")]
pub(crate) struct Loaded {
    derived: Weak<Derived>,
    number: u64,
}

#[pymethods]
impl Loaded {
    /// Takes the value, or the exception in its place.
    fn __call__(&self, value: Py<PyAny>, exception: Option<Py<PyAny>>) {
        if let Some(derived) = self.derived.upgrade()
            && let Some(run) = &derived.run
        {
            run.end(&derived, self.number, exception.map_or(Ok(value), Err));
        }
    }
}

/// What `livefloe.resource` makes of a method: on an instance a [`Resource`], on the class itself.
#[pyclass(frozen, generic, module = "livefloe._native")]
pub(crate) struct ResourceField {
    /// The method.
    #[pyo3(get, name = "__wrapped__")]
    function: Py<PyAny>,
    /// `Chat.report`.
    name: OnceLock<String>,
}

#[pymethods]
impl ResourceField {
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
            Derived::new(slf.get().name(), slf.get().function.clone_ref(py), instance, Some(Run::default()))
        })?;
        Ok(Bound::new(py, Resource(derived))?.into_any())
    }

    fn __set__(&self, _instance: &Bound<'_, PyAny>, _value: &Bound<'_, PyAny>) -> PyResult<()> {
        Err(PyAttributeError::new_err(format!("`{}` is loaded: change what it is loaded from, or call its `reload()`", self.name())))
    }

    fn __repr__(&self) -> String {
        format!("<resource {}>", self.name())
    }
}

impl ResourceField {
    fn name(&self) -> String {
        self.name.get().cloned().unwrap_or_else(|| "a resource".to_owned())
    }
}

/// A value that is loaded in the background from other values, and again whenever those change.
#[pyclass(frozen, generic, module = "livefloe")]
pub(crate) struct Resource(Arc<Derived>);

#[pymethods]
impl Resource {
    /// What the last run that succeeded brought, also while a newer one is under way; `None` before that.
    #[getter]
    fn value(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        self.look(py, |loading| loading.value.as_ref().map(|value| value.clone_ref(py)))
    }

    /// Whether there is a value.
    #[getter]
    fn ready(&self, py: Python<'_>) -> bool {
        self.look(py, |loading| loading.is_ready)
    }

    /// Whether a run is under way.
    #[getter]
    fn loading(&self, py: Python<'_>) -> bool {
        self.look(py, |loading| loading.is_running)
    }

    /// The exception that the last run ended with; `None` if it succeeded.
    #[getter]
    fn error(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        self.look(py, |loading| loading.error.as_ref().map(|error| error.clone_ref(py)))
    }

    /// Loads again, though nothing that it depends on has changed.
    ///
    /// Raises:
    ///     StateError: Something is being rendered.
    fn reload(&self, py: Python<'_>) -> PyResult<()> {
        reader::refuse_to_write(&self.0.name)?;
        if let Some(run) = &self.0.run {
            run.start(py, &self.0);
        }
        publish(&[Arc::clone(&self.0.source)]);
        Ok(())
    }

    fn __repr__(&self) -> String {
        let (is_ready, is_loading) = self.0.run.as_ref().map_or((false, false), |run| {
            let loading = run.lock();
            (loading.is_ready, loading.is_running)
        });
        format!("<livefloe.Resource {} ready={is_ready} loading={is_loading}>", self.0.name)
    }
}

impl Resource {
    fn look<T: Default>(&self, py: Python<'_>, body: impl FnOnce(&Loading) -> T) -> T {
        let Some(run) = &self.0.run else { return T::default() };
        let is_news = self.0.source.is_news();
        if is_news {
            reader::watch(&self.0.source);
        }
        run.refresh(py, &self.0);
        if is_news {
            reader::depend(Input::new(&self.0.source, self.0.source.version()));
        }
        body(&run.lock())
    }
}

/// The last one who knew of a run is gone: so is the run.
impl Drop for Run {
    fn drop(&mut self) {
        let Some(ends) = self.lock().cancel.take() else { return };
        // On a thread for Python, since nobody knows on which one this happens.
        let _ = executor::submit(Admission::Rest, move |py| cancel(py, Some(ends)));
    }
}
