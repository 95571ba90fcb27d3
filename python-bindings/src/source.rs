//! [`Source`]: something that components read and turns change: a field of a state, or a list inside of it.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use pyo3::prelude::*;

use crate::{error::StateError, frame, turn, world::World};

/// A mounted component, as the sources that it read know it.
pub(crate) struct Mark {
    /// Its session; gone when that has ended.
    pub(crate) world: Weak<World>,
    /// Its node in that session.
    pub(crate) node: u64,
    /// Something that it read has changed and it has not run since.
    pub(crate) is_dirty: AtomicBool,
}

/// Something that components read and turns change.
#[derive(Default)]
pub(crate) struct Source {
    /// Who read it while rendering, by the address of the mark.
    observers: Mutex<HashMap<usize, Arc<Mark>>>,
    /// What this is part of: a list's field, a message's list. Whoever read those has read this.
    parents: Mutex<Vec<Weak<Self>>>,
    /// The last rendering that read it, so that reading it again in the same one costs a comparison.
    rendering: AtomicU64,
    /// The last turn that changed it.
    turn: AtomicU64,
}

impl Source {
    /// Notes that the component being rendered, if any, has read this.
    #[inline]
    pub(crate) fn read(self: &Arc<Self>) {
        let rendering = frame::serial();
        if rendering != 0 && self.rendering.swap(rendering, Ordering::Relaxed) != rendering {
            frame::observe(self);
        }
    }

    pub(crate) fn add_observer(&self, mark: &Arc<Mark>) {
        lock(&self.observers).insert(Arc::as_ptr(mark) as usize, Arc::clone(mark));
    }

    pub(crate) fn remove_observer(&self, mark: &Arc<Mark>) {
        lock(&self.observers).remove(&(Arc::as_ptr(mark) as usize));
    }

    pub(crate) fn n_observers(&self) -> usize {
        lock(&self.observers).len()
    }

    pub(crate) fn add_parent(&self, parent: &Arc<Self>) {
        let mut parents = lock(&self.parents);
        let mut is_known = false;
        parents.retain(|known| {
            is_known |= known.as_ptr() == Arc::as_ptr(parent);
            known.strong_count() > 0
        });
        if !is_known {
            parents.push(Arc::downgrade(parent));
        }
    }

    /// Whether this is the first change in that turn.
    pub(crate) fn is_first_change(&self, turn: u64) -> bool {
        self.turn.swap(turn, Ordering::Relaxed) != turn
    }

    /// The last turn that changed it; 0 for none.
    pub(crate) fn last_turn(&self) -> u64 {
        self.turn.load(Ordering::Relaxed)
    }
}

/// Everybody who read one of these sources, or what it is part of.
pub(crate) fn observers(sources: &[Arc<Source>]) -> Vec<Arc<Mark>> {
    let mut marks = HashMap::new();
    let mut seen = Vec::new();
    let mut rest: Vec<_> = sources.to_vec();
    while let Some(source) = rest.pop() {
        if seen.contains(&Arc::as_ptr(&source)) {
            continue;
        }
        seen.push(Arc::as_ptr(&source));
        marks.extend(lock(&source.observers).iter().map(|(address, mark)| (*address, Arc::clone(mark))));
        rest.extend(lock(&source.parents).iter().filter_map(Weak::upgrade));
    }
    marks.into_values().collect()
}

/// The source of a tracked list, dict, set or data class, for Python.
#[pyclass(frozen, name = "Source", module = "livefloe._native")]
pub(crate) struct PySource(pub(crate) Arc<Source>);

#[pymethods]
impl PySource {
    #[new]
    fn new() -> Self {
        Self(Arc::default())
    }

    /// Says what this is part of.
    fn adopt(&self, parent: &Self) {
        if !Arc::ptr_eq(&self.0, &parent.0) {
            self.0.add_parent(&parent.0);
        }
    }

    /// Before a change. 0: outside of a turn; 1: the first change in this turn, give `on_undo` the way back; 2: a later one.
    fn begin(&self, py: Python<'_>, what: &str) -> PyResult<u8> {
        refuse_while_rendering(what)?;
        let Some(turn) = turn::current(py)? else { return Ok(0) };
        Ok(if turn.touch(&self.0) { 1 } else { 2 })
    }

    /// Keeps what takes the changes of this turn back.
    fn on_undo(&self, py: Python<'_>, undo: Py<PyAny>) -> PyResult<()> {
        if let Some(turn) = turn::current(py)? {
            turn.on_undo(&self.0, undo);
        }
        Ok(())
    }

    /// After a change outside of a turn: whoever shows it renders again.
    fn publish(&self) {
        crate::world::publish(&[Arc::clone(&self.0)]);
    }

    /// Notes that the component being rendered has read this.
    fn read(&self) {
        self.0.read();
    }

    /// How many components would render again.
    fn n_observers(&self) -> usize {
        self.0.n_observers()
    }

    /// A copy of what it belongs to has a source of its own.
    fn __reduce__(slf: &Bound<'_, Self>) -> (Py<PyAny>, ()) {
        (slf.get_type().into_any().unbind(), ())
    }
}

/// Rendering has to be a pure function: it may run at any time.
pub(crate) fn refuse_while_rendering(what: &str) -> PyResult<()> {
    match frame::rendering() {
        None => Ok(()),
        Some(component) => Err(StateError::new_err(format!(
            "{what} was changed while `{component}` was rendering; rendering only shows state: change it in a handler"
        ))),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
