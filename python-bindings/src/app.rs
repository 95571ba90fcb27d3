//! [`AppCore`]: the pages of a Python app, put together into a server.

use std::{
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use livefloe::{App, Failure, Link, Mount, Problem, Problems, User, Visit, instance::Instance};
use pyo3::{
    prelude::*,
    sync::PyOnceLock,
    types::{PyDict, PyList, PyType},
};
use tokio::{
    runtime::{Builder, Runtime},
    sync::oneshot,
    task::JoinHandle,
};

use crate::{
    api,
    asgi::PyEmbedded,
    call::Call,
    error::{ServerError, exception, failure},
    executor::{self, Admission},
    instance::{PAGE_NAME, PyInstance},
    lint, pass,
    settings::Settings,
    state::States,
    user::Users,
    world::{PAGE, World},
};

/// How often a running server looks whether a signal has come, such as that of Ctrl-C.
const SIGNAL_TIME: Duration = Duration::from_millis(50);

/// How much longer a server may take to stop than it gives what is under way.
const STOP_TIME: Duration = Duration::from_secs(10);

type BoxFuture<T> = std::pin::Pin<Box<dyn Future<Output = T> + Send>>;

/// The core of `livefloe.App`.
#[pyclass(frozen, module = "livefloe._native")]
pub(crate) struct AppCore {
    title: String,
    settings: Settings,
    pages: Mutex<Vec<(String, Arc<Py<PyAny>>)>>,
    apis: Mutex<Vec<(String, Arc<Py<PyAny>>)>>,
    states: Arc<States>,
    users: Arc<Users>,
    /// Modules of the app's own: name and source.
    scripts: Mutex<Vec<(String, Vec<u8>)>>,
    /// Where the Rust examples are mounted.
    #[cfg(feature = "examples")]
    examples: Mutex<Vec<String>>,
}

#[pymethods]
impl AppCore {
    #[new]
    fn new(title: String, settings: &Bound<'_, PyDict>) -> PyResult<Self> {
        Ok(Self {
            title,
            settings: Settings::read(settings)?,
            pages: Mutex::default(),
            apis: Mutex::default(),
            states: Arc::default(),
            users: Arc::default(),
            scripts: Mutex::default(),
            #[cfg(feature = "examples")]
            examples: Mutex::default(),
        })
    }

    /// Adds the Rust examples below a path, where they are built in.
    #[cfg(feature = "examples")]
    fn mount_rust_examples(&self, prefix: String) {
        self.examples.lock().unwrap_or_else(PoisonError::into_inner).push(prefix);
    }

    /// Says that they are not.
    #[cfg(not(feature = "examples"))]
    #[expect(clippy::unused_self, reason = "the same method as with the examples")]
    fn mount_rust_examples(&self, prefix: &str) -> PyResult<()> {
        let message = format!("there is nothing for {prefix}: build the Rust examples in, with `maturin develop --features examples`");
        Err(crate::error::AppError::new_err(message))
    }

    /// Adds a script of the app's own.
    fn script(&self, name: String, source: Vec<u8>) {
        self.scripts.lock().unwrap_or_else(PoisonError::into_inner).push((name, source));
    }

    /// Adds a page, or has one rendered by another function.
    fn page(&self, path: String, function: Py<PyAny>) {
        let mut pages = self.lock();
        let before = pages.iter().position(|(other, _)| *other == path).map(|index| pages.swap_remove(index));
        pages.push((path, Arc::new(function)));
        drop(pages);
        drop(before); // may run Python: no lock is held
    }

    /// Adds a path that an async function answers.
    fn api(&self, path: String, function: Py<PyAny>) {
        self.apis.lock().unwrap_or_else(PoisonError::into_inner).push((path, Arc::new(function)));
    }

    /// The app's instance of a state whose scope is the app.
    fn state(&self, class: &Bound<'_, PyType>) -> PyResult<Py<PyAny>> {
        self.states.get(class, |_| Ok(()))
    }

    /// The same for a notebook, which has each version of an app go on where the last one was: on the same socket, with the same memory of sessions.
    #[cfg(unix)]
    #[expect(unsafe_code, reason = "the number of a socket is all that Python has of it")]
    fn start_framed(&self, py: Python<'_>, socket: i32, dev: bool, memory: &PyMemory, secret: &str) -> PyResult<PyServer> {
        use std::os::fd::FromRawFd as _;
        if socket < 0 {
            return Err(ServerError::new_err(format!("expected a socket that listens, got {socket}")));
        }
        // SAFETY: whoever calls has let go of it (`socket.dup().detach()`), so nobody else closes it.
        let listener = unsafe { std::net::TcpListener::from_raw_fd(socket) };
        let problems = Problems::default();
        let mut app = self.build(dev).problems(problems.clone()).framed_by_secret(secret);
        if self.settings.keeps_nowhere(false) {
            app = app.store(memory.0.clone());
        }
        let runtime = runtime()?;
        let server = py.detach(|| {
            let _context = runtime.enter();
            app.bind_to(listener, false)
        });
        Ok(self.run(runtime, server.map_err(|error| exception(&error))?, dev, problems))
    }

    /// Whether the app can be put together.
    fn check(&self) -> PyResult<()> {
        self.build(false).without_store().into_router().map(drop).map_err(|error| exception(&error))
    }

    /// A user's instance of a state whose scope is the user; `None` if they have no session.
    fn user_state(&self, class: &Bound<'_, PyType>, user: &str) -> PyResult<Option<Py<PyAny>>> {
        self.users.find(User::named(user)).map(|found| found.states.get(class, |_| Ok(()))).transpose()
    }

    /// The app for a server of Python's.
    fn embed(&self, py: Python<'_>, dev: bool) -> PyResult<PyEmbedded> {
        let app = self.build(dev);
        // A store that is opened may be waited for.
        py.detach(|| PyEmbedded::new(app))
    }

    /// Serves in the background, from now on until the server is stopped.
    fn start(&self, py: Python<'_>, host: &str, port: u16, dev: bool) -> PyResult<PyServer> {
        let app = self.build(dev);
        let address = if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") };
        let runtime = runtime()?;
        let server = py.detach(|| runtime.block_on(app.bind(&address))).map_err(|error| exception(&error))?;
        Ok(self.run(runtime, server, dev, Problems::default()))
    }

    /// The same on a socket that listens already, which this takes over, for an app that is being written. `store`: where its sessions are kept if the app keeps them nowhere.
    #[cfg(unix)]
    #[expect(unsafe_code, reason = "the number of a socket is all that one process can give another")]
    fn start_on(&self, py: Python<'_>, socket: i32, has_port: bool, dev: bool, store: &str) -> PyResult<PyServer> {
        use std::os::fd::FromRawFd as _;
        if socket < 0 {
            return Err(ServerError::new_err(format!("expected a socket that listens, got {socket}")));
        }
        // SAFETY: whoever calls has let go of it (`socket.detach()`), so nobody else closes it.
        let listener = unsafe { std::net::TcpListener::from_raw_fd(socket) };
        let problems = Problems::default();
        let mut app = self.build(dev).problems(problems.clone());
        if self.settings.keeps_nowhere(has_port) {
            app = app.store_at(store);
        }
        let runtime = runtime()?;
        let server = py.detach(|| {
            let _context = runtime.enter();
            app.bind_to(listener, has_port)
        });
        Ok(self.run(runtime, server.map_err(|error| exception(&error))?, dev, problems))
    }
}

impl AppCore {
    fn run(&self, runtime: &Runtime, server: livefloe::Server, dev: bool, problems: Problems) -> PyServer {
        let address = server.address();
        let (stop, stopped) = oneshot::channel::<()>();
        let stop_time = self.settings.limits(dev).grace_time.saturating_add(STOP_TIME);
        let task = runtime.spawn(server.run_until(async {
            let _ = stopped.await;
        }));
        PyServer {
            problems,
            host: address.ip().to_string(),
            port: address.port(),
            stop_time,
            running: Mutex::new(Some((stop, task))),
            is_interrupted: AtomicBool::new(false),
        }
    }

    pub(crate) fn build(&self, dev: bool) -> App {
        if dev {
            lint::turn_on();
        }
        let mut app = self.settings.apply(App::new().title(&self.title).dev(dev), dev);
        for (path, function) in &*self.lock() {
            let page = PythonPage { function: Arc::clone(function), states: Arc::clone(&self.states), users: Arc::clone(&self.users) };
            app = app.mount(path, Arc::new(page));
        }
        for (name, source) in &*self.scripts.lock().unwrap_or_else(PoisonError::into_inner) {
            app = app.script(name, source.clone());
        }
        for (path, function) in &*self.apis.lock().unwrap_or_else(PoisonError::into_inner) {
            app = app.route(path, api::route(Arc::clone(function)));
        }
        #[cfg(feature = "examples")]
        for prefix in &*self.examples.lock().unwrap_or_else(PoisonError::into_inner) {
            app = livefloe_examples::pages(app, prefix);
        }
        app
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<(String, Arc<Py<PyAny>>)>> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where a notebook keeps the sessions of an app, from one version to the next.
#[pyclass(frozen, name = "Memory", module = "livefloe._native")]
pub(crate) struct PyMemory(livefloe::store::Memory);

#[pymethods]
impl PyMemory {
    #[new]
    fn new() -> Self {
        Self(livefloe::store::Memory::default())
    }
}

type Running = (oneshot::Sender<()>, JoinHandle<livefloe::Result<()>>);

/// A server that runs in the background.
#[pyclass(frozen, name = "Server", module = "livefloe._native")]
pub(crate) struct PyServer {
    /// The address that it listens on.
    #[pyo3(get)]
    host: String,
    /// The port that it listens on.
    #[pyo3(get)]
    port: u16,
    problems: Problems,
    stop_time: Duration,
    running: Mutex<Option<Running>>,
    /// A signal has asked it to stop.
    is_interrupted: AtomicBool,
}

#[pymethods]
impl PyServer {
    /// Shows over each open page what is wrong with the app's newest version; nothing takes that away.
    #[pyo3(signature = (message, at, detail))]
    fn tell(&self, message: Option<String>, at: Option<String>, detail: String) {
        self.problems.set(message.map(|message| Problem { message, at, detail }));
    }

    /// Ends `wait`. For handlers of signals.
    fn interrupt(&self) {
        self.is_interrupted.store(true, Ordering::Relaxed);
    }

    /// Waits until the server ends, is interrupted, or a signal's handler raises, as that of Ctrl-C does by default.
    fn wait(&self, py: Python<'_>) -> PyResult<()> {
        let runtime = runtime()?;
        loop {
            py.detach(|| runtime.block_on(async { tokio::time::sleep(SIGNAL_TIME).await }));
            py.check_signals()?;
            if self.is_interrupted.swap(false, Ordering::Relaxed) {
                return Ok(());
            }
            if self.lock().as_ref().is_none_or(|(_, task)| task.is_finished()) {
                return self.stop(py);
            }
        }
    }

    /// Stops listening, lets handlers under way end, and ends every session. A second call does nothing; a signal whose handler raises stops at once.
    fn stop(&self, py: Python<'_>) -> PyResult<()> {
        let Some((stop, mut task)) = self.lock().take() else { return Ok(()) };
        let _ = stop.send(());
        let runtime = runtime()?;
        // One without end is as good as a hundred years.
        let end = Instant::now() + self.stop_time.min(Duration::from_hours(24 * 36_525));
        loop {
            let stopped = py.detach(|| runtime.block_on(async { tokio::time::timeout(SIGNAL_TIME, &mut task).await }));
            match stopped {
                Ok(Ok(result)) => return result.map_err(|error| exception(&error)),
                Ok(Err(error)) => return Err(ServerError::new_err(format!("the server ended: {error}"))),
                Err(_) => {}
            }
            if let Err(raised) = py.check_signals() {
                task.abort();
                return Err(raised);
            }
            if Instant::now() >= end {
                task.abort();
                return Err(ServerError::new_err(format!("the server did not stop within {} s", self.stop_time.as_secs())));
            }
        }
    }
}

impl PyServer {
    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The runtime of everything asynchronous in Rust, one for the process.
pub(crate) fn runtime() -> PyResult<&'static Runtime> {
    static RUNTIME: OnceLock<std::io::Result<Runtime>> = OnceLock::new();
    let made = RUNTIME.get_or_init(|| Builder::new_multi_thread().thread_name("livefloe").enable_all().build());
    made.as_ref().map_err(|error| ServerError::new_err(format!("the system has no threads left: {error}")))
}

/// A page that a Python function renders.
struct PythonPage {
    /// Shared, since cloning a reference of Python's needs its lock.
    function: Arc<Py<PyAny>>,
    states: Arc<States>,
    users: Arc<Users>,
}

impl Mount for PythonPage {
    fn mount(&self, visit: Visit, link: Link) -> BoxFuture<Result<Box<dyn Instance>, Failure>> {
        let states = Arc::clone(&self.states);
        let query = visit.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
        let user_states = self.users.enter(link.user());
        let world = link.session_state(|| World::new(link.clone(), states, user_states, query));
        let function = Arc::clone(&self.function);
        Box::pin(async move {
            if let Some(saved) = visit.saved(PAGE_NAME) {
                world.saved.restore(saved)?;
            }
            let rendering = Arc::clone(&world);
            let identity = link.identity();
            let rendered = executor::run(Admission::New, move |py| {
                let rendered = call(py, function.clone_ref(py), &visit).and_then(|call| pass::render_page(py, &rendering, identity, call));
                rendered.map_err(|error| failure(py, &error))
            });
            match rendered.await.and_then(|rendered| rendered) {
                Ok(()) => Ok(PyInstance::mount(world, PAGE, link)),
                Err(failure) => {
                    world.close();
                    Err(failure)
                }
            }
        })
    }
}

/// The page's function with its parameters from the path and the query.
fn call(py: Python<'_>, function: Py<PyAny>, visit: &Visit) -> PyResult<Call> {
    static ARGUMENTS: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let parameters = PyDict::new(py);
    for (name, value) in visit.parameters() {
        parameters.set_item(name, value)?;
    }
    let query = PyList::new(py, visit.query_pairs())?;
    let kwargs = ARGUMENTS.import(py, "livefloe._handler", "page_arguments")?.call1((&function, parameters, query))?;
    let args = pyo3::types::PyTuple::empty(py).unbind();
    Ok(Call { function, args, kwargs: Some(kwargs.cast_into::<PyDict>()?.unbind()) })
}
