//! What handlers ask for besides changes: going to another page, and work that goes on beside the session.

use livefloe::instance::{Effect, Instance, Job, Turn as InstanceTurn};
use pyo3::{exceptions::PyValueError, prelude::*, sync::PyOnceLock, types::PyTuple};

use crate::{
    awaiting,
    error::{RenderError, failure},
    executor::{self, Admission},
    instance::PyInstance,
    run,
    session::{self, Session},
    turn,
};

/// Takes the person to another page of this site, when the handler has succeeded.
///
/// Args:
///     path: A path that starts with one `/`.
///
/// Raises:
///     ValueError: It is another site's, or no path.
///     RenderError: It was not called by a handler.
#[pyfunction]
pub(crate) fn navigate(py: Python<'_>, path: &str) -> PyResult<()> {
    let is_local = path.starts_with('/')
        && !path[1..].starts_with(['/', '\\'])
        && !path.contains(|character: char| character.is_control() || character == '\\');
    if !is_local {
        return Err(PyValueError::new_err(format!("path expected a path of this site such as /thanks, got {path:?}")));
    }
    effect(py, "navigate", Effect::Navigate(path.to_owned()))
}

/// Runs work beside the session, which goes on meanwhile. State that the work changes shows at once.
///
/// The work starts when the handler has succeeded, and ends with the component whose handler started it (a plain function can't
/// be stopped; what it returns is dropped then).
///
/// Args:
///     work: A function, plain or async, or a coroutine. A plain function runs on a thread of its own.
///     *args: What the function gets.
///     then: A handler that gets what the work returned.
///
/// Raises:
///     RenderError: It was not called by a handler.
#[pyfunction]
#[pyo3(signature = (work, *args, then = None))]
pub(crate) fn spawn(py: Python<'_>, work: Py<PyAny>, args: Bound<'_, PyTuple>, then: Option<Py<PyAny>>) -> PyResult<()> {
    static SPAWN: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let Some(world) = session::world(py)? else { return Err(outside("spawn")) };
    let session = Py::new(py, Session::new(&world))?;
    let args = args.unbind();
    let future = Box::pin(async move {
        // Started here and not before: the effects of a handler that failed don't happen.
        let started = executor::run(Admission::Rest, move |py| -> PyResult<awaiting::Awaiting> {
            let context = py.import("contextvars")?.getattr("Context")?.call0()?.unbind();
            let awaitable = SPAWN.import(py, "livefloe._loop", "spawned")?.call1((session, work, args))?.unbind();
            awaiting::start(py, &context, &awaitable)
        });
        let started = started.await.unwrap_or_else(|failure| Err(RenderError::new_err(failure.to_string())));
        let outcome = match started {
            Ok(mut awaiting) => awaiting.result().await,
            Err(error) => Some(Err(error)),
        };
        let job: Job = Box::new(move |instance| finish(instance, outcome, then));
        job
    });
    effect(py, "spawn", Effect::Spawn(future))
}

fn finish(instance: Box<dyn Instance>, outcome: Option<PyResult<Py<PyAny>>>, then: Option<Py<PyAny>>) -> InstanceTurn {
    let Ok(instance) = instance.into_any().downcast::<PyInstance>() else {
        unreachable!("a task belongs to the component that started it")
    };
    InstanceTurn::Pending(Box::pin(async move {
        match (outcome, then) {
            (Some(Ok(value)), Some(then)) => run::call(instance, then, value).await,
            (Some(Err(error)), _) => match executor::run(Admission::Rest, move |py| failure(py, &error)).await {
                Ok(failure) | Err(failure) => instance.refuse(failure),
            },
            _ => instance.unchanged(),
        }
    }))
}

fn effect(py: Python<'_>, what: &str, effect: Effect) -> PyResult<()> {
    match turn::current(py)? {
        Some(turn) => {
            turn.effect(effect);
            Ok(())
        }
        None => Err(outside(what)),
    }
}

fn outside(what: &str) -> PyErr {
    RenderError::new_err(format!("lf.{what} is for handlers: rendering must not do anything, since it may run at any time"))
}
