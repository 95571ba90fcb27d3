//! [`Block`]: a `with state.turn():` of Python code that is in no turn, such as a task's: what it changes shows together, or not at all.
//! A block on a session's own state has the session to itself: it is a job of the session, which waits until the block has ended.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        mpsc::{Receiver, Sender, channel},
    },
    time::Duration,
};

use livefloe::{
    Failure,
    instance::{Finished, Instance, Job, Turn as InstanceTurn},
};
use pyo3::prelude::*;
use tokio::sync::oneshot;

use crate::{
    error::{NoSessionError, StateError},
    executor::{self, Admission},
    instance::PyInstance,
    session::{self, Session},
    state::StateCore,
    turn::{self, Turn},
    world::World,
};

/// A block of changes that belong together.
#[pyclass(frozen, module = "livefloe._native")]
pub(crate) struct Block {
    turn: Arc<Turn>,
    /// The turn that the block is part of, where one is under way.
    outer: Option<Arc<Turn>>,
    /// The session that the state is of.
    world: Option<Weak<World>>,
    hold: Mutex<Option<Hold>>,
}

/// How a block lets go of its session.
struct Hold {
    /// Whether it raised.
    release: oneshot::Sender<bool>,
    done: Receiver<Result<(), Failure>>,
}

#[pymethods]
impl Block {
    #[new]
    fn new(state: &Bound<'_, StateCore>) -> PyResult<Self> {
        let outer = turn::current(state.py())?;
        Ok(Self { turn: Turn::new(), outer, world: state.get().world.get().cloned(), hold: Mutex::default() })
    }

    /// Whether it is part of a turn that is under way.
    #[getter]
    fn is_inside(&self) -> bool {
        self.outer.is_some()
    }

    /// The session in which its code runs.
    fn session(&self, py: Python<'_>) -> PyResult<Session> {
        let around = session::current(py)?;
        Ok(Session::in_turn(around.as_ref().map(Bound::get), self.world.as_ref(), Arc::clone(&self.turn)))
    }

    /// Waits until the session does nothing else.
    fn begin(&self, py: Python<'_>) -> PyResult<()> {
        let Some(world) = self.world.as_ref().filter(|_| self.outer.is_none()) else { return Ok(()) };
        let ended = || NoSessionError::new_err("a turn of a session was begun when the session had ended");
        let link = world.upgrade().and_then(|world| world.link()).ok_or_else(ended)?;
        let limit = link.limits().handler_time;
        let (release, released) = oneshot::channel();
        let (enter, entered) = channel();
        let (end, done) = channel();
        *self.lock() = Some(Hold { release, done });
        let turn = Arc::clone(&self.turn);
        let job: Job = Box::new(move |instance: Box<dyn Instance>| match instance.into_any().downcast::<PyInstance>() {
            Ok(instance) => InstanceTurn::Pending(Box::pin(hold(instance, turn, enter, released, end, limit))),
            Err(_) => unreachable!("the page of a session of the bindings is a Python component"),
        });
        let is_sent = link.send(job);
        drop(link);
        if is_sent && py.detach(move || entered.recv_timeout(limit)).is_ok() {
            return Ok(());
        }
        self.abandon();
        Err(StateError::new_err(format!("a turn could not begin, since its session was busy for {limit:?} or is ending")))
    }

    /// Nobody waits for it any more.
    fn abandon(&self) {
        drop(self.lock().take());
    }

    /// Shows what it changed, or takes it back.
    fn end(&self, py: Python<'_>, raised: bool) -> PyResult<()> {
        if let Some(outer) = &self.outer {
            self.turn.end_inside(py, outer, raised);
            return Ok(());
        }
        let hold = self.lock().take();
        if let Some(Hold { release, done }) = hold
            && release.send(raised).is_ok()
            && let Ok(shown) = py.detach(move || done.recv())
        {
            let failed = |failure| StateError::new_err(format!("what a turn changed could not be shown, and is undone: {failure}"));
            return shown.map_err(failed);
        }
        // Of no session, or of one that has waited too long or is gone.
        self.turn.end_apart(py, raised);
        Ok(())
    }
}

impl Block {
    fn lock(&self) -> MutexGuard<'_, Option<Hold>> {
        self.hold.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The session's part: waits for the block, and shows what it changed.
async fn hold(
    instance: Box<PyInstance>,
    turn: Arc<Turn>,
    enter: Sender<()>,
    released: oneshot::Receiver<bool>,
    end: Sender<Result<(), Failure>>,
    limit: Duration,
) -> Finished {
    // Nothing that was written for a store is what there is any more.
    instance.world.saved.forget();
    if enter.send(()).is_err() {
        return instance.unchanged();
    }
    let raised = match tokio::time::timeout(limit, released).await {
        Ok(Ok(raised)) => raised,
        Ok(Err(_)) => return instance.unchanged(),
        Err(_) => {
            tracing::warn!("a `with state.turn():` has kept its session waiting for {limit:?}; the session goes on without it");
            return instance.unchanged();
        }
    };
    let world = Arc::clone(&instance.world);
    match executor::run(Admission::Rest, move |py| turn.end_block(py, &world, raised)).await {
        Ok((ended, shown)) => {
            let finished = instance.finish(ended);
            // Who has gone meanwhile doesn't want to know.
            let _ = end.send(shown);
            finished
        }
        Err(_) => instance.unchanged(),
    }
}
