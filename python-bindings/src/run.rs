//! Runs handlers: starts them on a thread for Python, waits for what is asynchronous, and ends their turns.

use std::{future::Future, sync::Arc, time::Duration};

use livefloe::{
    Failure, Upload,
    instance::{Effect, Finished, Instance, Job, Turn as InstanceTurn},
};
use pyo3::{prelude::*, sync::PyOnceLock, types::PyList};

use crate::{
    awaiting::{self, Awaiting},
    error::failure,
    executor::{self, Admission},
    handler::Handler,
    instance::PyInstance,
    lint,
    manner::{Concurrency, Manner},
    pass,
    session::Session,
    stop::{Stop, StopOnDrop},
    turn::{Ended, Turn},
    upload,
    world::World,
};

/// How long a handler that took too long may take to clean up after itself.
const CANCEL_TIME: Duration = Duration::from_secs(2);

/// A handler's place in its session, from start to end.
struct Running {
    world: Arc<World>,
    turn: Arc<Turn>,
    place: Place,
}

/// What stays the same through all turns of a run.
struct Place {
    session: Py<Session>,
    /// The context in which all of its code runs.
    context: Py<PyAny>,
    manner: Manner,
    stop: Arc<Stop>,
}

/// What an event brings.
pub(crate) struct Sent {
    pub(crate) payload: String,
    pub(crate) uploads: Vec<Upload>,
}

/// How far a piece of a handler came.
enum Step {
    /// To its end, or to a `yield`: then the rest is there.
    Ended(Ended, Option<Rest>),
    /// The same of one that runs beside the session, whose turn is to end in the session's own time.
    Returned(Running, Result<(), Failure>, Option<Generator>),
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
    place: Place,
}

/// Runs the handler of an event as a turn of the session.
pub(crate) async fn event(instance: Box<PyInstance>, handler: Arc<Handler>, sent: Sent, stop: Arc<Stop>) -> Finished {
    let limits = Limits::of(&instance, handler.manner);
    let reached = start(&instance.world, handler, sent, Arc::clone(&stop), &limits).await;
    follow(instance, reached, &limits, &stop).await
}

/// Runs the handler of an event beside the session. Its turns begin at any time, and end in the session's own.
pub(crate) fn beside(instance: &PyInstance, handler: Arc<Handler>, sent: Sent) -> Effect {
    let (world, limits) = (Arc::clone(&instance.world), Limits::of(instance, handler.manner));
    Effect::Spawn(Box::pin(async move {
        let stop = Arc::<Stop>::default();
        let reached = start(&world, handler, sent, Arc::clone(&stop), &limits).await;
        run_beside(reached, limits, stop).await
    }))
}

/// Runs a function on a value as a turn.
pub(crate) async fn call(instance: Box<PyInstance>, function: Py<PyAny>, value: Py<PyAny>) -> Finished {
    let world = Arc::clone(&instance.world);
    let limits = Limits::of(&instance, Manner::default());
    let stop = Arc::<Stop>::default();
    let place = Arc::clone(&stop);
    let reached = executor::run(Admission::Rest, move |py| {
        Running::start(py, world, Manner::default(), place, |running| {
            let Place { session, context, .. } = &running.place;
            enter(py).and_then(|enter| context.call_method1(py, "run", (enter, session, function, value)))
        })
    });
    let reached = limits.watch(reached, &stop).await;
    follow(instance, reached, &limits, &stop).await
}

async fn start(world: &Arc<World>, handler: Arc<Handler>, sent: Sent, stop: Arc<Stop>, limits: &Limits) -> Result<Step, Failure> {
    let (world, place) = (Arc::clone(world), Arc::clone(&stop));
    let started = executor::run(Admission::New, move |py| {
        Running::start(py, world, handler.manner, place, |running| begin(py, running, &handler, &sent))
    });
    limits.watch(started, &stop).await
}

/// How long a run may take.
struct Limits {
    /// To wait for what is asynchronous.
    time: Duration,
    /// Whether that is the handler's own limit, which holds for plain functions as well.
    is_own: bool,
}

impl Limits {
    fn of(instance: &PyInstance, manner: Manner) -> Self {
        Self { time: manner.timeout.unwrap_or(instance.link.limits().handler_time), is_own: manner.timeout.is_some() }
    }

    /// Waits for a piece of Python code, which nothing can stop. It can ask whether it should end: when it has taken too long, and when
    /// nobody waits for it any more.
    async fn watch(&self, work: impl Future<Output = Result<Step, Failure>>, stop: &Arc<Stop>) -> Result<Step, Failure> {
        let guard = StopOnDrop::new(stop);
        tokio::pin!(work);
        let done = if let Ok(done) = tokio::time::timeout(self.time, &mut work).await {
            done
        } else {
            stop.set_late(self.time, self.is_own);
            tracing::warn!(
                "a handler has been running for {:?}, and a plain function can't be stopped: let it look at lf.cancelled(), or make it async",
                self.time
            );
            work.await
        };
        guard.keep();
        done
    }

    /// Waits for something asynchronous. An error says why it was not waited for any longer.
    async fn wait(&self, awaiting: &mut Awaiting, stop: &Arc<Stop>) -> Result<Option<PyResult<Py<PyAny>>>, Failure> {
        let guard = StopOnDrop::new(stop);
        let failure = tokio::select! {
            biased;
            outcome = awaiting.result() => {
                guard.keep();
                return Ok(outcome);
            }
            () = tokio::time::sleep(self.time) => Failure::Timeout { limit: self.time },
            () = stop.wait() => Failure::Stale,
        };
        awaiting.cancel();
        // Until it has cleaned up, it belongs to this turn.
        drop(tokio::time::timeout(CANCEL_TIME, awaiting.result()).await);
        guard.keep();
        Err(failure)
    }
}

/// Renders what others have changed. Each component for itself: one that fails keeps none from showing what is new.
pub(crate) async fn refresh(instance: Box<PyInstance>) -> Finished {
    let world = Arc::clone(&instance.world);
    let rendered = executor::run(Admission::Rest, move |py| {
        let mut ended = Ended { result: Ok(Vec::new()), dirty: Vec::new(), journal: None, is_overtaken: false };
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
            instance.finish(Ended { result: Ok(Vec::new()), dirty, journal: None, is_overtaken: false })
        }
        Ok(ended) => instance.finish(ended),
        Err(failure) => instance.refuse(failure),
    }
}

/// Waits for what a handler awaits, and ends the turn.
async fn follow(instance: Box<PyInstance>, reached: Result<Step, Failure>, limits: &Limits, stop: &Arc<Stop>) -> Finished {
    let mut reached = match reached {
        Ok(reached) => reached,
        Err(failure) => return instance.refuse(failure),
    };
    loop {
        let next = match reached {
            Step::Ended(ended, rest) => return finish(instance, ended, rest),
            Step::Returned(running, outcome, generator) => {
                executor::run(Admission::Rest, move |py| running.finish(py, outcome, generator)).await
            }
            Step::Awaiting(running, awaiting, generator) => go_on(running, awaiting, generator, limits, stop).await,
        };
        reached = match next {
            Ok(reached) => reached,
            Err(failure) => return instance.refuse(failure),
        };
    }
}

fn finish(instance: Box<PyInstance>, mut ended: Ended, rest: Option<Rest>) -> Finished {
    let is_overtaken = ended.is_overtaken;
    if is_overtaken && ended.result.is_err() {
        // It is as if it had not been: a later one is on its way.
        ended.result = Ok(Vec::new());
    }
    let mut finished = instance.finish(ended);
    if let Some(rest) = rest {
        if rest.place.manner.concurrency == Concurrency::Parallel {
            if let Ok(effects) = &mut finished.result {
                effects.push(rest.beside());
            }
        } else {
            finished.overtake = (rest.place.manner.concurrency == Concurrency::Latest).then(|| rest.place.stop.overtake());
            finished.then = Some(rest.into_job());
        }
    }
    finished
}

/// Waits for what a handler awaits, and goes on with it.
async fn go_on(
    running: Running,
    mut awaiting: Awaiting,
    generator: Option<Generator>,
    limits: &Limits,
    stop: &Arc<Stop>,
) -> Result<Step, Failure> {
    let outcome = limits.wait(&mut awaiting, stop).await;
    let going_on = executor::run(Admission::Rest, move |py| {
        let outcome = match outcome {
            Err(failure) => Err(failure),
            Ok(None) => Err(Failure::from_error("the loop for asynchronous code has ended".into())),
            Ok(Some(Err(error))) => Err(failure(py, &error)),
            Ok(Some(Ok(value))) => Ok(value),
        };
        running.awaited(py, outcome, generator)
    });
    going_on.await
}

/// Runs up to the end of the turn, which is then the session's.
async fn run_beside(reached: Result<Step, Failure>, limits: Limits, stop: Arc<Stop>) -> Job {
    let mut reached = reached;
    loop {
        reached = match reached {
            Ok(Step::Awaiting(running, awaiting, generator)) => go_on(running, awaiting, generator, &limits, &stop).await,
            reached => {
                return Box::new(move |instance: Box<dyn Instance>| match instance.into_any().downcast::<PyInstance>() {
                    Ok(instance) => {
                        InstanceTurn::Pending(Box::pin(async move {
                            // Nothing that was written for a store is what there is any more.
                            instance.world.saved.forget();
                            follow(instance, reached, &limits, &stop).await
                        }))
                    }
                    Err(_) => unreachable!("a run belongs to the component whose handler it is"),
                });
            }
        };
    }
}

impl Running {
    /// Calls a handler, and looks at what it returned.
    fn start(py: Python<'_>, world: Arc<World>, manner: Manner, stop: Arc<Stop>, call: impl FnOnce(&Self) -> PyResult<Py<PyAny>>) -> Step {
        match Self::new(py, world, manner, stop) {
            Ok(running) => {
                let called = call(&running);
                running.go_on(py, called.map_err(|error| failure(py, &error)))
            }
            Err(error) => Step::failed(failure(py, &error)),
        }
    }

    fn new(py: Python<'_>, world: Arc<World>, manner: Manner, stop: Arc<Stop>) -> PyResult<Self> {
        static CONTEXT: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        let context = CONTEXT.import(py, "contextvars", "Context")?.call0()?.unbind();
        let session = Py::new(py, Session::stoppable(&world, Arc::clone(&stop)))?;
        let turn = Turn::new();
        session.get().set_turn(Some(Arc::clone(&turn)));
        world.saved.forget();
        Ok(Self { world, turn, place: Place { session, context, manner, stop } })
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
                awaiting::next(py, &self.place.context, &returned).map(|awaiting| (awaiting, Some(Generator::new(returned, true))))
            }
            Ok(Kind::Awaitable) => awaiting::start(py, &self.place.context, &returned).map(|awaiting| (awaiting, None)),
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
            .and_then(|advance| self.place.context.bind(py).call_method1("run", (advance, &generator)))
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
        if self.place.manner.concurrency == Concurrency::Parallel {
            return Step::Returned(self, outcome, generator);
        }
        self.finish(py, outcome, generator)
    }

    fn finish(self, py: Python<'_>, outcome: Result<(), Failure>, generator: Option<Generator>) -> Step {
        let Self { world, turn, place } = self;
        place.session.get().set_turn(None);
        // A plain function may have heard too late, or not at all, that it was to end.
        let outcome = place.stop.outcome(outcome);
        let mut ended = turn.end(py, &world, outcome);
        ended.is_overtaken = place.stop.is_overtaken();
        // A generator whose changes could not be shown does not go on.
        let rest = generator.map(|generator| Rest { generator, place });
        let rest = rest.filter(|_| ended.result.is_ok());
        Step::Ended(ended, rest)
    }
}

impl Step {
    fn failed(failure: Failure) -> Self {
        Self::Ended(Ended { result: Err(failure), dirty: Vec::new(), journal: None, is_overtaken: false }, None)
    }
}

impl Rest {
    fn into_job(self) -> Job {
        Box::new(move |instance: Box<dyn Instance>| match instance.into_any().downcast::<PyInstance>() {
            Ok(instance) => {
                // It was overtaken while it waited for its turn: the generator is closed.
                if self.place.stop.is_set() {
                    return InstanceTurn::Done(instance.unchanged());
                }
                let (manner, stop) = (self.place.manner, Arc::clone(&self.place.stop));
                let overtake = (manner.concurrency == Concurrency::Latest).then(|| stop.overtake());
                let future = Box::pin(self.run(instance, stop));
                match overtake {
                    Some(overtake) => InstanceTurn::Overtakable(future, overtake),
                    None => InstanceTurn::Pending(future),
                }
            }
            Err(_) => unreachable!("a generator belongs to the component that started it"),
        })
    }

    async fn run(self, instance: Box<PyInstance>, stop: Arc<Stop>) -> Finished {
        let limits = Limits::of(&instance, self.place.manner);
        let reached = self.resume(Arc::clone(&instance.world), &limits, &stop).await;
        follow(instance, reached, &limits, &stop).await
    }

    /// The next turn of one that runs beside the session.
    fn beside(self) -> Effect {
        let (world, stop) = (self.place.session.get().world(), Arc::clone(&self.place.stop));
        let limits = Limits { time: self.place.manner.timeout.unwrap_or(Duration::MAX), is_own: self.place.manner.timeout.is_some() };
        Effect::Spawn(Box::pin(async move {
            let reached = match world {
                Some(world) => self.resume(world, &limits, &stop).await,
                None => Err(Failure::Stale),
            };
            run_beside(reached, limits, stop).await
        }))
    }

    /// Runs the generator up to its next `yield`, or to where it awaits.
    async fn resume(self, world: Arc<World>, limits: &Limits, stop: &Arc<Stop>) -> Result<Step, Failure> {
        let resumed = executor::run(Admission::Rest, move |py| {
            let Self { generator, place } = self;
            let is_async = generator.is_async;
            let Some(generator) = generator.take() else { return Step::failed(Failure::Stale) };
            let turn = Turn::new();
            place.session.get().set_turn(Some(Arc::clone(&turn)));
            let running = Running { world, turn, place };
            if is_async { running.go_on(py, Ok(generator)) } else { running.resume(py, generator) }
        });
        limits.watch(resumed, stop).await
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
fn begin(py: Python<'_>, running: &Running, handler: &Handler, sent: &Sent) -> PyResult<Py<PyAny>> {
    static BEGIN: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let begin = BEGIN.import(py, "livefloe._handler", "begin")?;
    if let Some(function) = handler.function.as_ref().filter(|_| lint::is_on()) {
        running.turn.set_origin(function.clone_ref(py));
    }
    let pairs = form_urlencoded::parse(sent.payload.as_bytes());
    let pairs = if sent.uploads.is_empty() {
        PyList::new(py, pairs)?
    } else {
        let pairs = pairs.map(|(name, value)| upload::pair(py, &name, &value, &sent.uploads));
        PyList::new(py, pairs.collect::<PyResult<Vec<_>>>()?)?
    };
    let expects = handler.expects as u8;
    running.place.context.call_method1(
        py,
        "run",
        (begin, &running.place.session, expects, &handler.function, &handler.args, &handler.bound, pairs),
    )
}

/// The Python function that enters a session and calls.
fn enter(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    static ENTER: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    ENTER.import(py, "livefloe._handler", "enter").cloned()
}
