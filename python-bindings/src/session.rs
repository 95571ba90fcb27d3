//! [`Session`]: which session, and which turn of it, some Python code belongs to. It is held in a context variable, so that it
//! goes where the code goes: into tasks, and into `asyncio.to_thread`.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use livefloe::instance::UnderWay;
use pyo3::{prelude::*, sync::PyOnceLock};

use crate::{error::NoSessionError, frame, stop::Stop, turn::Turn, world::World};

/// A session, as Python code in it finds it.
#[pyclass(frozen, module = "livefloe")]
pub(crate) struct Session {
    world: Weak<World>,
    /// The turn that runs; `None` between the turns of a generator, and in a task of its own.
    turn: Mutex<Option<Arc<Turn>>>,
    /// Whether the code is to end early.
    stop: Arc<Stop>,
}

impl Session {
    pub(crate) fn new(world: &Arc<World>) -> Self {
        Self::stoppable(world, Arc::default())
    }

    pub(crate) fn stoppable(world: &Arc<World>, stop: Arc<Stop>) -> Self {
        Self { world: Arc::downgrade(world), turn: Mutex::new(None), stop }
    }

    /// The same session for code that runs in a turn of its own; of `world`, where the code is of none.
    pub(crate) fn in_turn(around: Option<&Self>, world: Option<&Weak<World>>, turn: Arc<Turn>) -> Self {
        let stop = around.map(|around| Arc::clone(&around.stop)).unwrap_or_default();
        let own = around.map(|around| Weak::clone(&around.world)).filter(|own| own.strong_count() > 0);
        let world = own.or_else(|| world.cloned()).unwrap_or_default();
        Self { world, turn: Mutex::new(Some(turn)), stop }
    }

    /// `None` when it has ended.
    pub(crate) fn world(&self) -> Option<Arc<World>> {
        self.world.upgrade()
    }

    pub(crate) fn set_turn(&self, turn: Option<Arc<Turn>>) {
        *self.turn.lock().unwrap_or_else(PoisonError::into_inner) = turn;
    }

    pub(crate) fn turn(&self) -> Option<Arc<Turn>> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[pymethods]
impl Session {
    /// Of code that belongs to no session, and can be told to end all the same.
    #[new]
    fn outside() -> Self {
        Self { world: Weak::new(), turn: Mutex::new(None), stop: Arc::default() }
    }

    /// The same session for code that runs apart from its turns, and is told to end by itself.
    fn apart(&self) -> Self {
        Self { world: Weak::clone(&self.world), turn: Mutex::new(None), stop: Arc::default() }
    }

    /// Tells its code to end.
    fn stop(&self) {
        self.stop.set();
    }

    /// Something that says, for as long as it is there, that work of the session is under way.
    fn under_way(&self) -> Option<Guard> {
        self.world.upgrade().and_then(|world| world.link()).map(|link| Guard { _work: link.under_way() })
    }

    /// A number that names the session in this process; `None` when it has ended.
    #[getter]
    fn number(&self) -> Option<u64> {
        self.world.upgrade().and_then(|world| world.link()).map(|link| link.session())
    }

    /// Tells the code that runs with this session at hand that it is to end, see `lf.cancelled`.
    fn cancel(&self) {
        self.stop.set();
    }
}

/// Work of a session that is under way.
#[pyclass(frozen, module = "livefloe._native")]
pub(crate) struct Guard {
    _work: UnderWay,
}

/// The calling session, to be handed to code that doesn't run in it: a thread, a callback. `Chat.of(session)` is its instance there.
///
/// Returns:
///     The session. It keeps nothing alive.
///
/// Raises:
///     NoSessionError: No session is running here.
#[pyfunction]
pub(crate) fn session(py: Python<'_>) -> PyResult<Session> {
    match world(py)? {
        Some(world) => Ok(Session::new(&world)),
        None => {
            Err(NoSessionError::new_err("lf.session() was called where no session is running: call it in a page, a component or a handler"))
        }
    }
}

/// Whether what runs is to end: a later event took its place, it took too long, the component or the session is gone.
///
/// For plain functions that take their time, which nothing can stop from outside: look at it now and then, and return. (Asynchronous ones
/// and generators are stopped where they wait.)
#[pyfunction]
pub(crate) fn cancelled(py: Python<'_>) -> PyResult<bool> {
    Ok(current(py)?.is_some_and(|session| session.get().stop.is_set()))
}

/// The session of the running Python code, if it has one.
pub(crate) fn current(py: Python<'_>) -> PyResult<Option<Bound<'_, Session>>> {
    static GET: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let get = GET.get_or_try_init(py, || variable(py)?.getattr("get").map(Bound::unbind))?;
    Ok(get.bind(py).call1((py.None(),))?.cast_into::<Session>().ok())
}

/// The session that is rendered or whose code runs.
pub(crate) fn world(py: Python<'_>) -> PyResult<Option<Arc<World>>> {
    match frame::world() {
        Some(world) => Ok(Some(world)),
        None => Ok(current(py)?.and_then(|session| session.get().world.upgrade())),
    }
}

/// The context variable.
pub(crate) fn variable(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    static VARIABLE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    VARIABLE.import(py, "livefloe._context", "current").cloned()
}
