//! The threads that run Python: long-lived, attached to the interpreter only while they work, so that no Tokio worker
//! ever waits for the interpreter's lock.

use std::{
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError},
    thread,
    time::Duration,
};

use livefloe::Failure;
use pyo3::prelude::*;
use tokio::sync::oneshot;

/// Turns that may wait for a thread. Past it events are refused as busy, so that a pile of work can't grow without bound.
const MAX_WAITING: usize = 1_024;

/// How long the end of the program waits for handlers that run.
const CLOSE_TIME: Duration = Duration::from_secs(1);

type Work = Box<dyn FnOnce(Python<'_>) + Send>;

/// Whether there has to be room for a piece of work.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Admission {
    /// New work: refused as busy when too much waits.
    New,
    /// The rest of something that was admitted before; there is at most one such piece a session.
    Rest,
}

struct Pool {
    state: Mutex<State>,
    ready: Condvar,
    max_threads: usize,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Work>,
    n_threads: usize,
    n_idle: usize,
    /// The interpreter is going down: no thread may enter it any more.
    is_closed: bool,
}

/// Runs `work` on a thread for Python, and gives its result.
pub(crate) async fn run<T: Send + 'static>(
    admission: Admission,
    work: impl FnOnce(Python<'_>) -> T + Send + 'static,
) -> Result<T, Failure> {
    let (sender, receiver) = oneshot::channel();
    submit(admission, move |py| {
        // Nobody waits any more when the session has ended.
        let _ = sender.send(work(py));
    })?;
    receiver.await.map_err(|_| Failure::from_error("a thread for Python ended before its work was done".into()))
}

/// Runs `work` on a thread for Python.
pub(crate) fn submit(admission: Admission, work: impl FnOnce(Python<'_>) + Send + 'static) -> Result<(), Failure> {
    let pool = pool();
    let mut state = pool.lock();
    if state.is_closed {
        return Err(Failure::Busy { reason: "the program is ending" });
    }
    if admission == Admission::New && state.waiting.len() >= MAX_WAITING {
        return Err(Failure::Busy { reason: "every Python thread is busy and too many events wait" });
    }
    state.waiting.push_back(Box::new(work));
    if state.n_idle >= state.waiting.len() || state.n_threads == pool.max_threads {
        drop(state);
        pool.ready.notify_one();
        return Ok(());
    }
    state.n_threads += 1;
    let number = state.n_threads;
    drop(state);
    let spawned = thread::Builder::new().name(format!("livefloe-python-{number}")).spawn(|| serve(pool));
    if let Err(error) = spawned {
        let mut state = pool.lock();
        state.n_threads -= 1;
        if state.n_threads == 0 {
            state.waiting.clear();
            return Err(Failure::from_error(error.into()));
        }
    }
    Ok(())
}

/// Ends all work with Python, and waits a moment for what runs.
///
/// Called when the interpreter goes down: a thread that entered it afterwards would abort the process.
#[pyfunction]
pub(crate) fn close(py: Python<'_>) {
    py.detach(|| {
        let pool = pool();
        let mut state = pool.lock();
        state.is_closed = true;
        let waiting = std::mem::take(&mut state.waiting);
        drop(state);
        drop(waiting); // those who wait for it are told, and may want the pool
        pool.ready.notify_all();
        let state = pool.lock();
        let is_busy = |state: &mut State| state.n_idle < state.n_threads;
        drop(pool.ready.wait_timeout_while(state, CLOSE_TIME, is_busy));
    });
}

fn pool() -> &'static Pool {
    static POOL: OnceLock<Pool> = OnceLock::new();
    POOL.get_or_init(|| {
        let n_cores = thread::available_parallelism().map_or(1, usize::from);
        Pool { state: Mutex::default(), ready: Condvar::new(), max_threads: (n_cores + 4).min(32) }
    })
}

fn serve(pool: &'static Pool) {
    // Attached once for the thread's whole life: making and dropping Python's own thread state costs more than a turn.
    Python::try_attach(|py| {
        loop {
            let work = py.detach(|| pool.next());
            if catch_unwind(AssertUnwindSafe(|| work(py))).is_err() {
                tracing::error!("a panic in the bindings; the event that it belongs to fails");
            }
        }
    });
}

impl Pool {
    fn next(&self) -> Work {
        let mut state = self.lock();
        loop {
            if state.is_closed {
                // For ever: returning to an interpreter that is gone would abort the process.
                state.n_idle += 1;
                self.ready.notify_all();
                drop(state);
                loop {
                    thread::park();
                }
            }
            if let Some(work) = state.waiting.pop_front() {
                return work;
            }
            state.n_idle += 1;
            state = self.ready.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.n_idle -= 1;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
