//! [`Slots`]: values that are tracked: the fields of a state, or the one value of a cell.

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use pyo3::{
    prelude::*,
    sync::PyOnceLock,
    types::{PyBool, PyFloat, PyInt, PyString},
};

use crate::{
    reader,
    source::{PySource, Source},
    turn,
    world::publish,
};

/// Values that are tracked.
pub(crate) struct Slots {
    slots: Mutex<Vec<Slot>>,
    /// First values are being filled in, which is no change.
    is_new: AtomicBool,
}

struct Slot {
    /// `None` until it has been given one.
    value: Option<Py<PyAny>>,
    source: Arc<Source>,
}

impl Slots {
    /// So many, empty. Until [`finish`](Self::finish) what is written changes nothing.
    pub(crate) fn new(n: usize) -> Arc<Self> {
        let slots = (0..n).map(|_| Slot { value: None, source: Arc::default() }).collect();
        Arc::new(Self { slots: Mutex::new(slots), is_new: AtomicBool::new(true) })
    }

    /// The first values are in place.
    pub(crate) fn finish(&self) {
        self.is_new.store(false, Ordering::Relaxed);
    }

    /// A value, if there is one. Whatever renders or computes depends on it from now on.
    #[inline]
    pub(crate) fn read<'py>(&self, py: Python<'py>, index: usize) -> Option<Bound<'py, PyAny>> {
        let slots = self.lock();
        let slot = &slots[index];
        slot.source.read();
        slot.value.as_ref().map(|value| value.bind(py).clone())
    }

    /// A value, if there is one, for a reader to whom it matters which one it is, and not what is inside of it.
    pub(crate) fn read_shallow<'py>(&self, py: Python<'py>, index: usize) -> Option<Bound<'py, PyAny>> {
        let slots = self.lock();
        let slot = &slots[index];
        slot.source.read_shallow();
        slot.value.as_ref().map(|value| value.bind(py).clone())
    }

    /// A value, if there is one, for those who don't depend on it.
    pub(crate) fn peek(&self, py: Python<'_>, index: usize) -> Option<Py<PyAny>> {
        self.lock()[index].value.as_ref().map(|value| value.clone_ref(py))
    }

    /// Writes a value: in the running turn, or, outside of one, for everybody to see at once. `name` is for messages.
    pub(crate) fn write(self: &Arc<Self>, index: usize, value: &Bound<'_, PyAny>, name: impl Fn() -> PyResult<String>) -> PyResult<()> {
        let py = value.py();
        let source = self.source(index);
        let is_plain = is_plain(value);
        let is_new = self.is_new.load(Ordering::Relaxed);
        if !is_new {
            if reader::serial() != 0 {
                reader::refuse_to_write(&name()?)?;
            }
            if is_plain && self.holds(index, value)? {
                return Ok(());
            }
        }
        let value = if is_plain { value.clone() } else { wrap(value, &source)? };
        if is_new {
            drop(self.replace(index, Some(value.unbind())));
            return Ok(());
        }
        let turn = turn::current(py)?;
        let before = self.replace(index, Some(value.unbind()));
        source.change();
        match turn {
            Some(turn) if turn.touch(&source) => turn.keep(self, index, before, source),
            Some(_) => {}
            None => publish(&[source]),
        }
        Ok(())
    }

    /// Something in the value has changed that can't be noticed.
    pub(crate) fn touch(&self, py: Python<'_>, index: usize, name: impl Fn() -> PyResult<String>) -> PyResult<()> {
        reader::refuse_to_write(&name()?)?;
        let source = self.source(index);
        source.change();
        match turn::current(py)? {
            Some(turn) => drop(turn.touch(&source)),
            None => publish(&[source]),
        }
        Ok(())
    }

    pub(crate) fn source(&self, index: usize) -> Arc<Source> {
        Arc::clone(&self.lock()[index].source)
    }

    /// Puts a value in place and gives the one before, to be dropped where no lock is held: dropping it may run Python.
    pub(crate) fn replace(&self, index: usize, value: Option<Py<PyAny>>) -> Option<Py<PyAny>> {
        std::mem::replace(&mut self.lock()[index].value, value)
    }

    /// Whether the value is equal to the present one, both being plain and of one type.
    fn holds(&self, index: usize, value: &Bound<'_, PyAny>) -> PyResult<bool> {
        let py = value.py();
        match self.peek(py, index) {
            Some(present) if present.is(value) => Ok(true),
            Some(present) if present.bind(py).get_type().is(value.get_type()) => present.bind(py).eq(value),
            _ => Ok(false),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Slot>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Values that nothing can change in place: no need to look inside.
fn is_plain(value: &Bound<'_, PyAny>) -> bool {
    value.is_none()
        || value.is_exact_instance_of::<PyString>()
        || value.is_exact_instance_of::<PyInt>()
        || value.is_exact_instance_of::<PyFloat>()
        || value.is_exact_instance_of::<PyBool>()
}

/// The value with its lists, dicts, sets and data classes tracked.
fn wrap<'py>(value: &Bound<'py, PyAny>, source: &Arc<Source>) -> PyResult<Bound<'py, PyAny>> {
    static WRAP: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let py = value.py();
    WRAP.import(py, "livefloe._tracked", "wrap")?.call1((value, PySource(Arc::clone(source))))
}
