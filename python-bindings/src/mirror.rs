//! [`Mirrors`]: fields that the page's address or the visitor's browser has as well. What shows them there is a component of its own, which
//! the bindings place at the end of the page when it first uses a state with such fields: other pages have nothing of it, and a change
//! is a patch of that component alone.

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use livefloe::widget::{self, Value};
use maud::Render;
use pyo3::{
    intern,
    prelude::*,
    sync::PyOnceLock,
    types::{PyTuple, PyType},
};

use crate::{
    call::Call,
    frame,
    handler::{Expects, On, Registration, register},
    session,
    source::Mark,
    turn,
    world::{World, refresh},
};

/// The slot of the component that shows them, within the page. No call site gives it.
const SLOT: u64 = 0x6d69_7272_6f72;

/// The mirrored fields of a session.
#[derive(Default)]
pub(crate) struct Mirrors {
    /// The query that the page was opened with.
    query: Box<[(String, String)]>,
    /// The states that have such fields.
    states: Mutex<Vec<Py<PyAny>>>,
    /// There is one that is not shown yet.
    is_wanted: AtomicBool,
}

impl Mirrors {
    pub(crate) fn new(query: Box<[(String, String)]>) -> Self {
        Self { query, ..Self::default() }
    }

    /// Gives the fields of a state that was made just now what the address says. Whether it has any that are mirrored.
    pub(crate) fn fill(&self, state: &Bound<'_, PyAny>) -> PyResult<bool> {
        static FILL: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        let py = state.py();
        if !has_mirrored(&state.get_type())? {
            return Ok(false);
        }
        let others: Vec<_> = self.lock().iter().map(|state| state.clone_ref(py)).collect();
        FILL.import(py, "livefloe._mirrored", "fill")?.call1((state, self.query.to_vec(), others))?;
        Ok(true)
    }

    /// Has the page show the fields of a state.
    pub(crate) fn enter(&self, py: Python<'_>, world: &World, state: &Py<PyAny>) -> PyResult<()> {
        self.lock().push(state.clone_ref(py));
        self.is_wanted.store(true, Ordering::Release);
        if frame::world().is_none() && turn::current(py)?.is_none() {
            // Nothing is going to be rendered that could show it on the way.
            refresh(world.page_mark().into_iter().collect::<Vec<Arc<Mark>>>());
        }
        Ok(())
    }

    /// Whether there is one that is not shown yet.
    pub(crate) fn is_wanted(&self) -> bool {
        self.is_wanted.load(Ordering::Acquire)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    pub(crate) fn clear(&self) {
        let states = std::mem::take(&mut *self.lock());
        drop(states);
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Py<PyAny>>> {
        self.states.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn has_mirrored(class: &Bound<'_, PyType>) -> PyResult<bool> {
    class.getattr(intern!(class.py(), "__livefloe_mirrored__"))?.is_truthy()
}

/// The component that shows them, and its slot in the page.
pub(crate) fn component(py: Python<'_>) -> PyResult<(Call, u64)> {
    static SHOW: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let function = SHOW.import(py, "livefloe._mirrored", "mirrored_fields")?.clone().unbind();
    Ok((Call { function, args: PyTuple::empty(py).unbind(), kwargs: None }, SLOT))
}

/// The states of the calling session that have mirrored fields.
#[pyfunction]
pub(crate) fn mirrored(py: Python<'_>) -> PyResult<Vec<Py<PyAny>>> {
    let Some(world) = session::world(py)? else { return Ok(Vec::new()) };
    let mirrors = &world.mirrors;
    if frame::world().is_some() {
        // First of all, so that one that comes meanwhile is not missed.
        mirrors.is_wanted.store(false, Ordering::Release);
    }
    Ok(mirrors.lock().iter().map(|state| state.clone_ref(py)).collect())
}

/// Shows parameters in the page's address, each with its values.
#[pyfunction]
pub(crate) fn mirror_address(
    py: Python<'_>,
    parameters: Vec<(String, Vec<String>)>,
    push: bool,
    handler: &Bound<'_, PyAny>,
    args: &Bound<'_, PyTuple>,
) -> PyResult<()> {
    let site = frame::identify(py, "field", Some(args.as_any()), false)?;
    let registration =
        Registration { on: On::Change, function: Some(handler), args: Some(args), expects: Expects::Text, bound: None, pending: None };
    let id = register(py, "field", site, &registration)?;
    let mut address = widget::address().push(push).on_change(id);
    for (name, values) in &parameters {
        if values.is_empty() {
            address = address.parameter(name, Value::nothing());
        }
        for value in values {
            address = address.parameter(name, value);
        }
    }
    frame::write("field", |html| address.render_to(html))
}

/// Shows a value that the browser keeps.
#[pyfunction]
pub(crate) fn mirror_kept(py: Python<'_>, name: &str, value: &str, handler: &Bound<'_, PyAny>, args: &Bound<'_, PyTuple>) -> PyResult<()> {
    let site = frame::identify(py, "field", Some(&args.repr()?.into_any()), false)?;
    let registration =
        Registration { on: On::Change, function: Some(handler), args: Some(args), expects: Expects::Text, bound: None, pending: None };
    let id = register(py, "field", site, &registration)?;
    frame::write("field", |html| widget::kept(name, value).on_change(id).render_to(html))
}
