//! [`Cell`]: a value of a component's own. Which one it is from one rendering to the next follows from the place of the call.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use pyo3::{prelude::*, types::PyType};

use crate::{error::StateError, frame, saved, slots::Slots, world::World};

/// The most cells of one session. Those of components that are not on the page go first, and those that were last there the longest ago.
pub(crate) const MAX_CELLS: usize = 4096;

/// A value of a component's own, tracked like a field of a state.
#[pyclass(frozen, generic, weakref, module = "livefloe")]
pub(crate) struct Cell {
    slots: Arc<Slots>,
    /// Which one it is.
    pub(crate) identity: u64,
    /// The type of its first value.
    #[pyo3(get, name = "__livefloe_kind__")]
    kind: Py<PyType>,
    /// Whether it outlives the process.
    is_saved: bool,
}

#[pymethods]
impl Cell {
    /// The present value. A component that reads it runs again when it has changed.
    #[getter(value)]
    pub(crate) fn get<'py>(&self, py: Python<'py>) -> Bound<'py, PyAny> {
        self.slots.read(py, 0).unwrap_or_else(|| py.None().into_bound(py))
    }

    #[setter(value)]
    fn assign(&self, value: &Bound<'_, PyAny>) -> PyResult<()> {
        self.set(value)
    }

    /// Gives it another value: as a function, for use in a lambda.
    ///
    /// Args:
    ///     value: The value.
    fn set(&self, value: &Bound<'_, PyAny>) -> PyResult<()> {
        self.slots.write(0, value, || Ok("a cell".to_owned()))
    }

    /// Gives it the value that a function makes of the present one.
    ///
    /// Args:
    ///     change: The function.
    fn update(&self, change: &Bound<'_, PyAny>) -> PyResult<()> {
        self.set(&change.call1((self.get(change.py()),))?)
    }

    /// Says that the value was changed in a way that can't be noticed, such as an array's elements.
    fn touch(&self, py: Python<'_>) -> PyResult<()> {
        self.slots.touch(py, 0, || Ok("a cell".to_owned()))
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let value = self.slots.peek(py, 0).unwrap_or_else(|| py.None());
        Ok(format!("<livefloe.Cell {}>", value.bind(py).repr()?))
    }
}

impl Cell {
    /// The value, for a store; `None` if it is not to be kept.
    pub(crate) fn saved(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        self.slots.peek(py, 0).filter(|_| self.is_saved)
    }
}

/// The cells of a session by their identity, of components that are on the page, and of those that were.
#[derive(Default)]
pub(crate) struct Cells(Mutex<Table>);

#[derive(Default)]
struct Table {
    cells: HashMap<u64, Kept>,
    /// Counts what was placed.
    clock: u64,
}

struct Kept {
    cell: Py<Cell>,
    /// Where it was last placed, in which rendering, and when.
    node: u64,
    pass: u64,
    time: u64,
}

/// A value of a component's own: kept from one rendering to the next, and while the component is not on the page.
///
/// Which cell it is follows from the place of the call, so that it may stand in a condition; in a loop give `key=` what tells the items
/// apart.
///
/// Args:
///     default: The first value; lists, dicts and the like are copied.
///     key: What tells it from those of the other items of a loop.
///     save: Whether it is kept when the session is saved, and is there again after a restart of the server.
///
/// Returns:
///     The cell: read and change its `value`, or give it to a control as `bind=`.
///
/// Raises:
///     RenderError: It was not called while rendering.
///     StateError: The session has too many.
#[pyfunction]
#[pyo3(signature = (default, *, key = None, save = true), text_signature = "(default, *, key=None, save=True)")]
pub(crate) fn cell(py: Python<'_>, default: &Bound<'_, PyAny>, key: Option<&Bound<'_, PyAny>>, save: bool) -> PyResult<Py<Cell>> {
    at(py, frame::identify(py, "cell", key, true)?.slot(), default, save)
}

/// The cell with this identity, in the component that is being rendered.
pub(crate) fn at(py: Python<'_>, identity: u64, default: &Bound<'_, PyAny>, save: bool) -> PyResult<Py<Cell>> {
    let node = frame::use_frame("cell", |frame| frame.node)?;
    let (world, pass) = frame::use_pass(|pass| (Arc::clone(&pass.world), pass.serial))?;
    if let Some(known) = world.cells.find(py, identity, node, pass) {
        return Ok(known);
    }
    let slots = Slots::new(1);
    // Its own copy: the default may be one list for all visitors.
    let copied = py.import("livefloe.state")?.getattr("copied")?.call1((default,))?;
    let earlier = world.saved.take_cell(py, identity, default);
    slots.write(0, earlier.as_ref().unwrap_or(&copied), || Ok(String::new()))?;
    slots.finish();
    let made = Py::new(py, Cell { slots, identity, kind: default.get_type().unbind(), is_saved: save })?;
    world.cells.enter(&world, identity, node, pass, made.clone_ref(py))?;
    Ok(made)
}

impl Cells {
    fn find(&self, py: Python<'_>, identity: u64, node: u64, pass: u64) -> Option<Py<Cell>> {
        let mut table = self.lock();
        table.clock += 1;
        let time = table.clock;
        let kept = table.cells.get_mut(&identity)?;
        (kept.node, kept.pass, kept.time) = (node, pass, time);
        Some(kept.cell.clone_ref(py))
    }

    fn enter(&self, world: &World, identity: u64, node: u64, pass: u64, cell: Py<Cell>) -> PyResult<()> {
        let gone = if self.lock().cells.len() >= MAX_CELLS { self.forget(world, pass) } else { Vec::new() };
        let mut table = self.lock();
        if table.cells.len() >= MAX_CELLS {
            return Err(StateError::new_err(format!(
                "a session has at most {MAX_CELLS} cells on its page; keep a list in a State instead of a cell for each of its items"
            )));
        }
        table.clock += 1;
        let time = table.clock;
        table.cells.insert(identity, Kept { cell, node, pass, time });
        drop(table);
        drop(gone); // may run Python: no lock is held
        Ok(())
    }

    /// Makes room: a quarter, of what is neither on the page nor placed on it right now.
    fn forget(&self, world: &World, pass: u64) -> Vec<Kept> {
        let mut table = self.lock();
        let nodes = world.nodes();
        let is_absent = |kept: &Kept| kept.pass != pass && !nodes.contains_key(&kept.node);
        let absent = table.cells.iter().filter(|(_, kept)| is_absent(kept)).map(|(identity, kept)| (kept.time, *identity));
        let mut absent: Vec<_> = absent.collect();
        drop(nodes);
        absent.sort_unstable();
        absent.truncate(MAX_CELLS / 4);
        absent.iter().filter_map(|(_, identity)| table.cells.remove(identity)).collect()
    }

    /// All of them, by name.
    pub(crate) fn all(&self, py: Python<'_>) -> Vec<(String, Py<Cell>)> {
        self.lock().cells.iter().map(|(identity, kept)| (saved::cell_name(*identity), kept.cell.clone_ref(py))).collect()
    }

    pub(crate) fn clear(&self) {
        let cells = std::mem::take(&mut self.lock().cells);
        drop(cells);
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
