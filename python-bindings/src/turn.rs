//! [`Turn`]: one run of an app's code in a session. It keeps what the code changed, to show it together, or to take it back.

use std::{
    collections::HashSet,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use livefloe::{Failure, instance::Effect};
use pyo3::prelude::*;

use crate::{
    error::failure,
    executor::{self, Admission},
    lint, pass, session,
    slots::Slots,
    source::{Source, observers},
    world::{World, refresh},
};

/// A turn under way.
pub(crate) struct Turn {
    serial: u64,
    inner: Mutex<Inner>,
    /// In development: the handler whose turn it is.
    origin: OnceLock<Py<PyAny>>,
}

#[derive(Default)]
struct Inner {
    journal: Journal,
    effects: Vec<Effect>,
    after: Vec<Py<PyAny>>,
}

/// What a turn changed, and how to take it back.
#[derive(Default)]
pub(crate) struct Journal {
    serial: u64,
    changes: Vec<Change>,
    sources: Vec<Arc<Source>>,
    /// To be called when all of it shows.
    after: Vec<Py<PyAny>>,
}

enum Change {
    /// A field or a cell had another value.
    Value { slots: Arc<Slots>, index: usize, before: Option<Py<PyAny>>, source: Arc<Source> },
    /// A list, dict, set or data class: calling this puts its content back.
    Content { undo: Py<PyAny>, source: Arc<Source> },
}

/// How a turn ended.
pub(crate) struct Ended {
    pub(crate) result: Result<Vec<Effect>, Failure>,
    /// Components that have something new to show.
    pub(crate) dirty: Vec<u32>,
    /// To take the turn back, should the session fail to show it.
    pub(crate) journal: Option<Journal>,
    /// A later event of the handler has taken its place.
    pub(crate) is_overtaken: bool,
}

/// The turn of the running Python code, if it runs in one.
pub(crate) fn current(py: Python<'_>) -> PyResult<Option<Arc<Turn>>> {
    Ok(session::current(py)?.and_then(|session| session.get().turn()))
}

impl Turn {
    pub(crate) fn new() -> Arc<Self> {
        static SERIALS: AtomicU64 = AtomicU64::new(1);
        let serial = SERIALS.fetch_add(1, Ordering::Relaxed);
        let journal = Journal { serial, ..Journal::default() };
        Arc::new(Self { serial, inner: Mutex::new(Inner { journal, ..Inner::default() }), origin: OnceLock::new() })
    }

    /// In development: says whose turn it is.
    pub(crate) fn set_origin(&self, handler: Py<PyAny>) {
        // The first is the one.
        let _ = self.origin.set(handler);
    }

    /// Notes a change, to be shown at the end of the turn. Whether it is the first of this source.
    pub(crate) fn touch(&self, source: &Arc<Source>) -> bool {
        let is_first = source.is_first_change(self.serial);
        if is_first {
            self.lock().journal.sources.push(Arc::clone(source));
        }
        is_first
    }

    /// Keeps the value that a field or a cell had.
    pub(crate) fn keep(&self, slots: &Arc<Slots>, index: usize, before: Option<Py<PyAny>>, source: Arc<Source>) {
        self.lock().journal.changes.push(Change::Value { slots: Arc::clone(slots), index, before, source });
    }

    /// Keeps what puts the content of a list and the like back.
    pub(crate) fn on_undo(&self, source: &Arc<Source>, undo: Py<PyAny>) {
        self.lock().journal.changes.push(Change::Content { undo, source: Arc::clone(source) });
    }

    /// Has this called when the turn has succeeded and shows.
    pub(crate) fn after(&self, function: Py<PyAny>) {
        self.lock().after.push(function);
    }

    pub(crate) fn effect(&self, effect: Effect) {
        self.lock().effects.push(effect);
    }

    /// Ends the turn: renders what it changed, or takes it back if it failed.
    pub(crate) fn end(&self, py: Python<'_>, world: &Arc<World>, outcome: Result<(), Failure>) -> Ended {
        let Inner { mut journal, effects, after } = std::mem::take(&mut *self.lock());
        journal.after = after;
        let (own, others) = journal.observers(world);
        let outcome = outcome.and_then(|()| pass::render(py, world, &world.by_depth(own)).map_err(|error| failure(py, &error)));
        let ended = match outcome {
            Ok(dirty) => Ended { result: Ok(effects), dirty, journal: Some(journal), is_overtaken: false },
            Err(failure) => {
                journal.undo(py);
                Ended { result: Err(failure), dirty: Vec::new(), journal: None, is_overtaken: false }
            }
        };
        if lint::is_on() {
            lint::unnoticed(py, world, self.origin.get());
        }
        // Those of shared state, in their own turns. After a failure too: they may have rendered meanwhile.
        refresh(others);
        ended
    }

    /// Ends the turn of a block, in its session's time. What it raised is its caller's to handle; why it could not be shown is told.
    pub(crate) fn end_block(&self, py: Python<'_>, world: &Arc<World>, raised: bool) -> (Ended, Result<(), Failure>) {
        let outcome = if raised { Err(Failure::Stale) } else { Ok(()) };
        let mut ended = self.end(py, world, outcome);
        let (result, shown) = match ended.result {
            Ok(effects) => (effects, Ok(())),
            Err(failure) => (Vec::new(), if raised { Ok(()) } else { Err(failure) }),
        };
        ended.result = Ok(result);
        (ended, shown)
    }

    /// Ends the turn of a block that is of no session: everybody renders what it changed.
    pub(crate) fn end_apart(&self, py: Python<'_>, raised: bool) {
        let Inner { mut journal, after, .. } = std::mem::take(&mut *self.lock());
        if raised {
            journal.undo(py);
        } else {
            journal.after = after;
        }
        refresh(observers(&journal.sources));
        journal.keep();
    }

    /// Ends the turn of a block within another: it becomes part of that, or is taken back.
    pub(crate) fn end_inside(&self, py: Python<'_>, outer: &Self, raised: bool) {
        let Inner { journal, effects, after } = std::mem::take(&mut *self.lock());
        if raised {
            journal.undo(py);
        }
        let mut inner = outer.lock();
        let known: HashSet<_> = inner.journal.sources.iter().map(Arc::as_ptr).collect();
        for source in journal.sources {
            // From here on it counts as changed by the outer one, if that is to take it back.
            let is_known = known.contains(&Arc::as_ptr(&source));
            source.pass_on(self.serial, if is_known || !raised { outer.serial } else { 0 });
            if !is_known {
                // After an undoing as well: others may have rendered meanwhile.
                inner.journal.sources.push(source);
            }
        }
        if !raised {
            inner.journal.changes.extend(journal.changes);
            inner.effects.extend(effects);
            inner.after.extend(after);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Calls a function when the running turn has succeeded and shows; at once where none runs.
#[pyfunction]
pub(crate) fn after_turn(py: Python<'_>, function: Py<PyAny>) -> PyResult<()> {
    match current(py)? {
        Some(turn) => turn.after(function),
        None => drop(function.call0(py)?),
    }
    Ok(())
}

impl Journal {
    /// The turn has succeeded, and shows.
    pub(crate) fn keep(mut self) {
        let after = std::mem::take(&mut self.after);
        if after.is_empty() {
            return;
        }
        let calling = executor::submit(Admission::Rest, move |py| {
            for function in after {
                if let Err(error) = function.call0(py) {
                    error.write_unraisable(py, Some(function.bind(py)));
                }
            }
        });
        if let Err(failure) = calling {
            tracing::warn!(%failure, "what was to follow a turn was not done");
        }
    }

    /// Takes everything back, the last change first.
    pub(crate) fn undo(&self, py: Python<'_>) {
        for change in self.changes.iter().rev() {
            let (Change::Value { source, .. } | Change::Content { source, .. }) = change;
            // Another session has changed shared state since: putting the old content back would take that away.
            if source.last_turn() != self.serial {
                tracing::warn!("shared state was changed by two turns at once, one of which failed: its change stays");
                continue;
            }
            match change {
                Change::Value { slots, index, before, .. } => {
                    drop(slots.replace(*index, before.as_ref().map(|before| before.clone_ref(py))));
                }
                Change::Content { undo, .. } => {
                    if let Err(error) = undo.call0(py) {
                        error.write_unraisable(py, Some(undo.bind(py)));
                    }
                }
            }
            source.change();
        }
    }

    /// Has all sessions but this one render what was taken back.
    pub(crate) fn tell_others(&self, world: &Arc<World>) {
        refresh(self.observers(world).1);
    }

    /// The nodes of this session that show what was changed, and the marks of those in others.
    fn observers(&self, world: &Arc<World>) -> (Vec<u64>, Vec<Arc<crate::source::Mark>>) {
        if self.sources.is_empty() {
            return (Vec::new(), Vec::new());
        }
        let (own, others): (Vec<_>, Vec<_>) =
            observers(&self.sources).into_iter().partition(|mark| std::ptr::eq(mark.world.as_ptr(), Arc::as_ptr(world)));
        (own.into_iter().map(|mark| mark.node).collect(), others)
    }
}
