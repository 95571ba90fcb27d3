//! Runs handlers: starts them on a thread for Python, waits for what is asynchronous, and ends their turns.

use std::{sync::Arc, time::Duration};

use livefloe::{
    Failure,
    instance::{Finished, Instance, Job, Turn as InstanceTurn},
};
use pyo3::{prelude::*, sync::PyOnceLock, types::PyList};

use crate::{
    awaiting::{self, Awaiting},
    error::failure,
    executor::{self, Admission},
    handler::Handler,
    instance::PyInstance,
    pass,
    session::Session,
    turn::{Ended, Turn},
    world::World,
};

/// How long a handler that took too long may take to clean up after itself.
const CANCEL_TIME: Duration = Duration::from_secs(2);

/// A handler's place in its session, from start to end.
struct Running {
    world: Arc<World>,
    turn: Arc<Turn>,
    session: Py<Session>,
    /// The context in which all of its code runs.
    context: Py<PyAny>,
}

/// How far a piece of a handler came.
enum Step {
    /// To its end, or to a `yield`: then the rest is there.
    Ended(Ended, Option<Rest>),
    /// It awaits something. With a generator, that is its next value.
    Awaiting(Running, Awaiting, Option<Generator>),
}

/// A generator that is not at its end. Closed when nobody resumes it: its component or its session is gone.
struct Generator {
    /// Taken when it is resumed.
    object: Option<Py<PyAny>>,
    is_async: bool,
}

/// The rest of a generator, and where it runs.
struct Rest {
    generator: Generator,
    session: Py<Session>,
    context: Py<PyAny>,
}

/// Runs the handler of an event.
pub(crate) async fn event(instance: Box<PyInstance>, handler: Arc<Handler>, payload: String) -> Finished {
    let world = Arc::clone(&instance.world);
    let start = move |py: Python<'_>| -> Step {
        let running = Running::new(py, world);
        let called = running.map(|running| {
            let called = begin(py, &running, &handler, &payload);
            (running, called)
        });
        match called {
            Ok((running, called)) => running.go_on(py, called.map_err(|error| failure(py, &error))),
            Err(error) => Step::failed(failure(py, &error)),
        }
    };
    match executor::run(Admission::New, start).await {
        Ok(step) => follow(instance, step).await,
        Err(failure) => instance.refuse(failure),
    }
}

/// Runs a function on a value as a turn.
pub(crate) async fn call(instance: Box<PyInstance>, function: Py<PyAny>, value: Py<PyAny>) -> Finished {
    let world = Arc::clone(&instance.world);
    let start = move |py: Python<'_>| match Running::new(py, world) {
        Ok(running) => {
            let called = enter(py).and_then(|enter| running.context.call_method1(py, "run", (enter, &running.session, function, value)));
            running.go_on(py, called.map_err(|error| failure(py, &error)))
        }
        Err(error) => Step::failed(failure(py, &error)),
    };
    match executor::run(Admission::Rest, start).await {
        Ok(step) => follow(instance, step).await,
        Err(failure) => instance.refuse(failure),
    }
}

/// Renders what others have changed. Each component for itself: one that fails keeps none from showing what is new.
pub(crate) async fn refresh(instance: Box<PyInstance>) -> Finished {
    let world = Arc::clone(&instance.world);
    let rendered = executor::run(Admission::Rest, move |py| {
        let mut ended = Ended { result: Ok(Vec::new()), dirty: Vec::new(), journal: None };
        for node in world.take_dirty() {
            if !world.is_dirty(node) {
                continue; // it has run since, with one of the others
            }
            match pass::render(py, &world, &[node]) {
                Ok(components) => ended.dirty.extend(components),
                Err(error) => ended.result = Err(failure(py, &error)),
            }
        }
        ended
    });
    match rendered.await {
        Ok(Ended { result: Err(failure), dirty, .. }) => {
            tracing::error!(%failure, "a component could not show what has changed");
            instance.finish(Ended { result: Ok(Vec::new()), dirty, journal: None })
        }
        Ok(ended) => instance.finish(ended),
        Err(failure) => instance.refuse(failure),
    }
}

/// Waits for what a handler awaits, and ends the turn.
async fn follow(instance: Box<PyInstance>, mut step: Step) -> Finished {
    let limit = instance.link.limits().handler_time;
    loop {
        match step {
            Step::Ended(ended, rest) => {
                let mut finished = instance.finish(ended);
                finished.then = rest.map(Rest::into_job);
                return finished;
            }
            Step::Awaiting(running, mut awaiting, generator) => {
                let (outcome, is_late) = if let Ok(outcome) = tokio::time::timeout(limit, awaiting.result()).await {
                    (outcome, false)
                } else {
                    awaiting.cancel();
                    let outcome = tokio::time::timeout(CANCEL_TIME, awaiting.result()).await;
                    (outcome.unwrap_or(None), true)
                };
                let go_on = executor::run(Admission::Rest, move |py| {
                    let outcome = match outcome {
                        _ if is_late => Err(Failure::Timeout { limit }),
                        None => Err(Failure::from_error("the loop for asynchronous code has ended".into())),
                        Some(Err(error)) => Err(failure(py, &error)),
                        Some(Ok(value)) => Ok(value),
                    };
                    running.awaited(py, outcome, generator)
                });
                step = match go_on.await {
                    Ok(step) => step,
                    Err(failure) => return instance.refuse(failure),
                };
            }
        }
    }
}

impl Running {
    fn new(py: Python<'_>, world: Arc<World>) -> PyResult<Self> {
        static CONTEXT: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        let context = CONTEXT.import(py, "contextvars", "Context")?.call0()?.unbind();
        let session = Py::new(py, Session::new(&world))?;
        let turn = Turn::new();
        session.get().set_turn(Some(Arc::clone(&turn)));
        world.saved.forget();
        Ok(Self { world, turn, session, context })
    }

    /// The handler, or a piece of it, has returned.
    fn go_on(self, py: Python<'_>, returned: Result<Py<PyAny>, Failure>) -> Step {
        let returned = match returned {
            Ok(returned) if !returned.is_none(py) => returned,
            Ok(_) => return self.end(py, Ok(()), None),
            Err(failure) => return self.end(py, Err(failure), None),
        };
        let started = match kind_of(returned.bind(py)) {
            Ok(Kind::Value) => return self.end(py, Ok(()), None),
            Ok(Kind::Generator) => return self.resume(py, returned),
            Ok(Kind::AsyncGenerator) => {
                awaiting::next(py, &self.context, &returned).map(|awaiting| (awaiting, Some(Generator::new(returned, true))))
            }
            Ok(Kind::Awaitable) => awaiting::start(py, &self.context, &returned).map(|awaiting| (awaiting, None)),
            Err(error) => Err(error),
        };
        match started {
            Ok((awaiting, generator)) => Step::Awaiting(self, awaiting, generator),
            Err(error) => self.end(py, Err(failure(py, &error)), None),
        }
    }

    /// Runs a generator up to its next `yield`.
    fn resume(self, py: Python<'_>, generator: Py<PyAny>) -> Step {
        static ADVANCE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        let advanced = ADVANCE
            .import(py, "livefloe._handler", "advance")
            .and_then(|advance| self.context.bind(py).call_method1("run", (advance, &generator)))
            .and_then(|has_more| has_more.extract::<bool>());
        match advanced {
            Ok(true) => self.end(py, Ok(()), Some(Generator::new(generator, false))),
            Ok(false) => self.end(py, Ok(()), None),
            Err(error) => self.end(py, Err(failure(py, &error)), None),
        }
    }

    /// What was awaited is there. For an asynchronous generator that says whether it goes on.
    fn awaited(self, py: Python<'_>, outcome: Result<Py<PyAny>, Failure>, generator: Option<Generator>) -> Step {
        let has_more = outcome.map(|value| value.is_truthy(py).unwrap_or(false));
        match (has_more, generator) {
            (Ok(true), Some(generator)) => self.end(py, Ok(()), Some(generator)),
            (outcome, generator) => {
                // It is at its end, or was left by the exception.
                generator.map(Generator::take);
                self.end(py, outcome.map(drop), None)
            }
        }
    }

    fn end(self, py: Python<'_>, outcome: Result<(), Failure>, generator: Option<Generator>) -> Step {
        let Self { world, turn, session, context } = self;
        session.get().set_turn(None);
        let ended = turn.end(py, &world, outcome);
        // A generator whose changes could not be shown does not go on.
        let rest = generator.map(|generator| Rest { generator, session, context });
        let rest = rest.filter(|_| ended.result.is_ok());
        Step::Ended(ended, rest)
    }
}

impl Step {
    fn failed(failure: Failure) -> Self {
        Self::Ended(Ended { result: Err(failure), dirty: Vec::new(), journal: None }, None)
    }
}

impl Rest {
    fn into_job(self) -> Job {
        Box::new(move |instance: Box<dyn Instance>| match instance.into_any().downcast::<PyInstance>() {
            Ok(instance) => InstanceTurn::Pending(Box::pin(self.run(instance))),
            Err(_) => unreachable!("a generator belongs to the component that started it"),
        })
    }

    async fn run(self, instance: Box<PyInstance>) -> Finished {
        let world = Arc::clone(&instance.world);
        let resumed = executor::run(Admission::Rest, move |py| {
            let Self { generator, session, context } = self;
            let is_async = generator.is_async;
            let Some(generator) = generator.take() else { return Step::failed(Failure::Stale) };
            let turn = Turn::new();
            session.get().set_turn(Some(Arc::clone(&turn)));
            let running = Running { world, turn, session, context };
            if is_async { running.go_on(py, Ok(generator)) } else { running.resume(py, generator) }
        });
        match resumed.await {
            Ok(step) => follow(instance, step).await,
            Err(failure) => instance.refuse(failure),
        }
    }
}

impl Generator {
    fn new(object: Py<PyAny>, is_async: bool) -> Self {
        Self { object: Some(object), is_async }
    }

    fn take(mut self) -> Option<Py<PyAny>> {
        self.object.take()
    }
}

impl Drop for Generator {
    fn drop(&mut self) {
        let Some(object) = self.object.take() else { return };
        let is_async = self.is_async;
        let closing = executor::submit(Admission::Rest, move |py| {
            if let Err(error) = awaiting::close(py, &object, is_async) {
                error.write_unraisable(py, Some(object.bind(py)));
            }
        });
        if let Err(failure) = closing {
            tracing::warn!(%failure, "a generator could not be closed");
        }
    }
}

enum Kind {
    Value,
    Generator,
    AsyncGenerator,
    Awaitable,
}

fn kind_of(returned: &Bound<'_, PyAny>) -> PyResult<Kind> {
    static KIND: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let py = returned.py();
    Ok(match KIND.import(py, "livefloe._handler", "kind_of")?.call1((returned,))?.extract::<u8>()? {
        1 => Kind::Generator,
        2 => Kind::AsyncGenerator,
        3 => Kind::Awaitable,
        _ => Kind::Value,
    })
}

/// Calls a handler with what the event brought, in its context.
fn begin(py: Python<'_>, running: &Running, handler: &Handler, payload: &str) -> PyResult<Py<PyAny>> {
    static BEGIN: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let begin = BEGIN.import(py, "livefloe._handler", "begin")?;
    let pairs = PyList::new(py, form_urlencoded::parse(payload.as_bytes()))?;
    let expects = handler.expects as u8;
    running.context.call_method1(py, "run", (begin, &running.session, expects, &handler.function, &handler.args, &handler.bound, pairs))
}

/// The Python function that enters a session and calls.
fn enter(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    static ENTER: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    ENTER.import(py, "livefloe._handler", "enter").cloned()
}
