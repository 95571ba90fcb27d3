//! What is looked at in development only: changes that can't be noticed, handlers that capture a loop's variable, loops without keys. What is
//! found is a warning in the log, once for each place.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use pyo3::{intern, prelude::*, sync::PyOnceLock};

use crate::{reader, site, world::World};

/// An app of this process is served for development.
static IS_ON: AtomicBool = AtomicBool::new(false);

/// Components that one place in the source has placed without a key: how many, and where the place is.
pub(crate) type Keyless = HashMap<u64, (u64, String)>;

pub(crate) fn turn_on() {
    IS_ON.store(true, Ordering::Relaxed);
}

#[inline]
pub(crate) fn is_on() -> bool {
    IS_ON.load(Ordering::Relaxed)
}

/// A handler is registered by the run of a component that is under way.
pub(crate) fn closure(function: &Bound<'_, PyAny>) {
    call(function.py(), "closure", |lint| lint.call1((function, reader::serial())));
}

/// The session has rendered what a turn has changed.
pub(crate) fn unnoticed(py: Python<'_>, world: &World, origin: Option<&Py<PyAny>>) {
    let mut states = world.states.all(py);
    states.extend(world.app_states.all(py));
    let states: Vec<_> = states.into_iter().map(|(_, state)| state).collect();
    call(py, "unnoticed", |lint| lint.call1((states, origin)));
}

/// The line of Python that runs.
pub(crate) fn line(py: Python<'_>) -> String {
    let read = || -> PyResult<String> {
        let frame = site::running(py)?;
        let file: String = frame.getattr(intern!(py, "f_code"))?.getattr(intern!(py, "co_filename"))?.extract()?;
        Ok(format!("{file}:{}", frame.getattr(intern!(py, "f_lineno"))?.extract::<usize>()?))
    };
    read().unwrap_or_default()
}

/// A component has run: compares what it placed without keys with the run before.
pub(crate) fn keyless(py: Python<'_>, world: &Arc<World>, node: u64, now: Keyless) {
    let before = world.set_keyless(node, now.clone());
    let Some(before) = before else { return };
    for (place, (_, line)) in now.iter().chain(&before) {
        let count = |all: &Keyless| all.get(place).map_or(0, |(n, _)| *n);
        let (n_before, n_now) = (count(&before), count(&now));
        if n_before != n_now && n_before.max(n_now) > 1 {
            call(py, "keyless", |lint| lint.call1((line, n_before, n_now)));
        }
    }
}

/// Runs one of Python's halves. What goes wrong there is no reason for anything to fail.
fn call<'py>(py: Python<'py>, name: &str, body: impl FnOnce(&Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>>) {
    static MODULE: PyOnceLock<Py<PyModule>> = PyOnceLock::new();
    let module = MODULE.get_or_try_init(py, || py.import("livefloe._lint").map(Bound::unbind));
    let called = module.and_then(|module| module.bind(py).getattr(name)).and_then(|lint| body(&lint));
    if let Err(error) = called {
        error.write_unraisable(py, None);
    }
}
