//! A session's states as bytes, for a store: the fields of its own states by class and name.

use std::{
    collections::{BTreeMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use livefloe::{Failure, instance::Finished};
use pyo3::{
    prelude::*,
    sync::PyOnceLock,
    types::{PyFloat, PyInt},
};
use serde_bytes::ByteBuf;

use crate::{
    cell::MAX_CELLS,
    executor::{self, Admission},
    instance::PyInstance,
    state::{Field, StateCore},
    value,
    world::World,
};

/// Fields by name, written by [`value::write`].
type Fields = BTreeMap<String, ByteBuf>;

/// What stands in the place of a class for cells, whose names are their identities. Never change it.
const CELLS: &str = "livefloe.cell";

/// The name of a cell.
pub(crate) fn cell_name(identity: u64) -> String {
    format!("{identity:016x}")
}

/// What a session has for its store, and what it has from it.
#[derive(Default)]
pub(crate) struct Saved {
    /// Written a moment ago, to be taken by the session.
    ready: Mutex<Option<Result<Vec<u8>, Failure>>>,
    /// From before a restart: states that nobody has asked for yet, by class.
    earlier: Mutex<BTreeMap<String, Fields>>,
}

impl Saved {
    pub(crate) fn is_ready(&self) -> bool {
        lock(&self.ready).is_some()
    }

    /// What was written since the last turn.
    pub(crate) fn take(&self) -> Result<Vec<u8>, Failure> {
        lock(&self.ready).take().unwrap_or_else(|| Err(Failure::from_error("the state has not been written".into())))
    }

    /// A turn begins, which may change what was written.
    pub(crate) fn forget(&self) {
        drop(lock(&self.ready).take());
    }

    /// Takes what a store had.
    pub(crate) fn restore(&self, bytes: &[u8]) -> Result<(), Failure> {
        *lock(&self.earlier) =
            rmp_serde::from_slice(bytes).map_err(|error| Failure::from_error(format!("the saved states don't fit: {error}").into()))?;
        Ok(())
    }

    /// Gives a state that was made just now the values that it had. What doesn't fit its class any more keeps its default.
    pub(crate) fn fill(&self, state: &Bound<'_, PyAny>) -> PyResult<()> {
        static ACCEPTS: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        let py = state.py();
        let class = state.get_type();
        let name = name_of(&class)?;
        let Some(fields) = lock(&self.earlier).remove(&name) else { return Ok(()) };
        let accepts = ACCEPTS.import(py, "livefloe._saved", "accepts")?;
        for (field, bytes) in fields {
            let filled = value::read(py, &bytes).and_then(|value| {
                if accepts.call1((&class, &field, &value))?.is_truthy()? { state.setattr(field.as_str(), value) } else { Ok(()) }
            });
            if let Err(error) = filled {
                tracing::warn!("{name}.{field} has its default again, since what was saved doesn't fit: {error}");
            }
        }
        Ok(())
    }
}

impl Saved {
    /// What a cell had, if a store knows and it fits.
    pub(crate) fn take_cell<'py>(&self, py: Python<'py>, identity: u64, default: &Bound<'py, PyAny>) -> Option<Bound<'py, PyAny>> {
        let bytes = lock(&self.earlier).get_mut(CELLS)?.remove(&cell_name(identity))?;
        let value = value::read(py, &bytes).ok()?;
        let is_number = |value: &Bound<'_, PyAny>| value.is_exact_instance_of::<PyInt>() || value.is_exact_instance_of::<PyFloat>();
        let fits =
            default.is_none() || value.is_none() || value.get_type().is(default.get_type()) || is_number(&value) && is_number(default);
        fits.then_some(value)
    }
}

/// A job: writes the states of a session, to be saved.
pub(crate) async fn write(instance: Box<PyInstance>) -> Finished {
    let world = Arc::clone(&instance.world);
    let limit = instance.link.limits().max_value_bytes;
    let written = executor::run(Admission::Rest, move |py| {
        let mut classes = lock(&world.saved.earlier).clone();
        for (class, state) in world.states.all(py) {
            let class = class.bind(py);
            let written = name_of(class).and_then(|name| Ok((name.clone(), write_state(class, state.bind(py), &name, limit)?)));
            match written {
                Ok((name, fields)) => drop(classes.insert(name, fields)),
                Err(error) => return Err(Failure::from_error(error.to_string().into())),
            }
        }
        write_cells(py, &world, limit, &mut classes);
        rmp_serde::to_vec(&classes).map_err(|error| Failure::from_error(error.into()))
    });
    let written = written.await.and_then(|written| written);
    *lock(&instance.world.saved.ready) = Some(written);
    instance.unchanged()
}

fn write_cells(py: Python<'_>, world: &World, limit: usize, classes: &mut BTreeMap<String, Fields>) {
    let mut cells = Fields::new();
    for (name, cell) in world.cells.all(py) {
        let Some(present) = cell.get().saved(py) else { continue };
        let mut bytes = Vec::new();
        match value::write(present.bind(py), &mut bytes) {
            Ok(()) if bytes.len() <= limit => drop(cells.insert(name, ByteBuf::from(bytes))),
            Ok(()) => warn_once("lf", "cell", &format!("it has {} bytes, and Limits::max_value_bytes allows {limit}", bytes.len())),
            Err(error) => warn_once("lf", "cell", &error.value(py).to_string()),
        }
    }
    // Those that nobody has asked for yet since a restart: maybe their components come back.
    let earlier = classes.remove(CELLS).unwrap_or_default();
    if cells.len() + earlier.len() <= MAX_CELLS {
        cells.extend(earlier);
    }
    if !cells.is_empty() {
        classes.insert(CELLS.to_owned(), cells);
    }
}

fn write_state(class: &Bound<'_, PyAny>, state: &Bound<'_, PyAny>, name: &str, limit: usize) -> PyResult<Fields> {
    let mut fields = Fields::new();
    let core = state.cast::<StateCore>()?.get();
    for field in class.getattr("__livefloe_saved__")?.try_iter()? {
        let field = field?.cast_into::<Field>()?;
        let field = field.get();
        let Some(present) = core.value(state.py(), field) else { continue };
        let mut bytes = Vec::new();
        let written = value::write(present.bind(state.py()), &mut bytes);
        match written {
            Ok(()) if bytes.len() <= limit => drop(fields.insert(field.name.clone(), ByteBuf::from(bytes))),
            Ok(()) => warn_once(name, &field.name, &format!("it has {} bytes, and Limits::max_value_bytes allows {limit}", bytes.len())),
            Err(error) => warn_once(name, &field.name, &error.value(state.py()).to_string()),
        }
    }
    Ok(fields)
}

/// Says that a field can't be saved: once, since it can't be saved at any later time either.
fn warn_once(class: &str, field: &str, why: &str) {
    static SAID: Mutex<Option<HashSet<String>>> = Mutex::new(None);
    if lock(&SAID).get_or_insert_default().insert(format!("{class}.{field}")) {
        tracing::warn!(
            "{class}.{field} is not kept over a restart, where it has its default again: {why}; if it needn't be, say `lf.field(…, save=False)`"
        );
    }
}

/// `module.Class`.
fn name_of(class: &Bound<'_, PyAny>) -> PyResult<String> {
    let (module, name): (String, String) = (class.getattr("__module__")?.extract()?, class.getattr("__qualname__")?.extract()?);
    Ok(format!("{module}.{name}"))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
