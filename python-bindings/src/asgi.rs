//! An app inside of a server of Python's (ASGI): requests and sockets that its event loop hands over, and how the loop hears that something is ready.
//!
//! No thread of the runtime waits for the interpreter here. The loop's own thread polls what the runtime makes, and a [`Signal`] that a poll leaves behind
//! writes one byte into a pipe that the loop watches.

use std::{
    future::Future as _,
    io::{Read as _, Write as _},
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

use axum::{
    body::{Body, Bytes, HttpBody as _},
    http::{HeaderName, HeaderValue, Request, Response, request::Parts},
};
use livefloe::{BodyWriter, Embedded, Frames, Ingress};
use pyo3::{
    exceptions::PyValueError,
    prelude::*,
    pybacked::PyBackedBytes,
    types::{PyBytes, PyList},
};
use tokio::task::JoinHandle;

use crate::{app::runtime, error::exception};

/// What an event loop listens to: which of its exchanges can go on.
#[pyclass(frozen, module = "livefloe._native")]
pub(crate) struct Bridge(Arc<Ready>);

struct Ready {
    state: Mutex<State>,
    changed: Condvar,
    keys: AtomicU64,
    #[cfg(unix)]
    ends: (std::os::unix::net::UnixStream, std::os::unix::net::UnixStream),
}

#[derive(Default)]
struct State {
    /// Those that can go on, and have not been drained.
    keys: Vec<u64>,
    is_closed: bool,
}

impl Ready {
    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing behind this lock can leave a half-made change.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, key: u64) {
        let mut state = self.lock();
        state.keys.push(key);
        let is_first = state.keys.len() == 1;
        drop(state);
        if is_first {
            self.tell();
        }
    }

    fn tell(&self) {
        // A pipe that is full says what there is to say.
        #[cfg(unix)]
        let _ = (&self.ends.0).write(&[0]);
        self.changed.notify_one();
    }
}

#[pymethods]
impl Bridge {
    #[new]
    fn new() -> PyResult<Self> {
        #[cfg(unix)]
        let ends = std::os::unix::net::UnixStream::pair()?;
        #[cfg(unix)]
        for end in [&ends.0, &ends.1] {
            end.set_nonblocking(true)?;
        }
        Ok(Self(Arc::new(Ready {
            state: Mutex::default(),
            changed: Condvar::new(),
            keys: AtomicU64::new(0),
            #[cfg(unix)]
            ends,
        })))
    }

    /// What becomes readable when something can go on; -1 where the system has no such thing.
    #[cfg_attr(not(unix), expect(clippy::unused_self, reason = "the same method as on Unix"))]
    fn fileno(&self) -> i32 {
        #[cfg(unix)]
        return std::os::fd::AsRawFd::as_raw_fd(&self.0.ends.1);
        #[cfg(not(unix))]
        return -1;
    }

    /// The exchanges that can go on.
    fn drain(&self) -> Vec<u64> {
        #[cfg(unix)]
        {
            // As many bytes as there were first ones.
            let mut told = [0; 64];
            while matches!((&self.0.ends.1).read(&mut told), Ok(n) if n == told.len()) {}
        }
        std::mem::take(&mut self.0.lock().keys)
    }

    /// Waits until something can go on, for loops that can watch no pipe. `false` when nothing will any more.
    fn wait(&self, py: Python<'_>) -> bool {
        py.detach(|| {
            let waits = |state: &mut State| state.keys.is_empty() && !state.is_closed;
            let state = self.0.changed.wait_while(self.0.lock(), waits).unwrap_or_else(PoisonError::into_inner);
            !state.is_closed
        })
    }

    /// Ends `wait`.
    fn close(&self) {
        self.0.lock().is_closed = true;
        self.0.changed.notify_all();
    }
}

/// Says that what was polled can be polled again.
struct Signal {
    ready: Arc<Ready>,
    key: u64,
    is_told: AtomicBool,
}

impl Signal {
    fn new(bridge: &Bridge) -> Arc<Self> {
        let key = bridge.0.keys.fetch_add(1, Ordering::Relaxed);
        Arc::new(Self { ready: Arc::clone(&bridge.0), key, is_told: AtomicBool::new(false) })
    }

    /// Polls; `None` when the loop will hear of it.
    fn poll<T>(self: &Arc<Self>, poll: impl FnOnce(&mut Context<'_>) -> Poll<T>) -> Option<T> {
        self.is_told.store(false, Ordering::Release);
        let waker = Waker::from(Arc::clone(self));
        match poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(value) => Some(value),
            Poll::Pending => None,
        }
    }
}

impl Wake for Signal {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.is_told.swap(true, Ordering::AcqRel) {
            self.ready.add(self.key);
        }
    }
}

/// An app that a server of Python's serves.
#[pyclass(frozen, name = "Embedded", module = "livefloe._native")]
pub(crate) struct PyEmbedded(Embedded);

/// What ASGI says of a request: method; the app's own path with the query, as it stands in a request; headers; who asks; where the app is mounted; and whether the
/// server listens on a loopback address.
#[derive(FromPyObject)]
struct Scope(String, String, Vec<(PyBackedBytes, PyBackedBytes)>, Option<String>, String, bool);

impl Scope {
    fn read(self) -> PyResult<(Parts, Ingress)> {
        let Self(method, target, headers, peer, mounted_at, on_loopback) = self;
        let invalid = |what: String| PyValueError::new_err(what);
        let request = Request::builder().method(method.as_str()).uri(&target).body(());
        let (mut parts, ()) = request.map_err(|error| invalid(error.to_string()))?.into_parts();
        for (name, value) in &headers {
            let name = HeaderName::from_bytes(name).map_err(|error| invalid(error.to_string()))?;
            let value = HeaderValue::from_bytes(value).map_err(|error| invalid(error.to_string()))?;
            parts.headers.append(name, value);
        }
        // A server on a Unix socket knows no address.
        let peer: Option<SocketAddr> = peer.and_then(|peer| peer.parse().ok());
        Ok((parts, Ingress { mounted_at, peer, on_loopback }))
    }
}

impl PyEmbedded {
    pub(crate) fn new(app: livefloe::App) -> PyResult<Self> {
        // A store may begin work of its own.
        let _context = runtime()?.enter();
        app.embed().map(Self).map_err(|error| exception(&error))
    }
}

#[pymethods]
impl PyEmbedded {
    /// Begins to answer a request.
    fn http(&self, bridge: &Bridge, scope: Scope, has_body: bool) -> PyResult<HttpExchange> {
        let (parts, ingress) = scope.read()?;
        let (writer, body) = if has_body {
            let (writer, body) = BodyWriter::new();
            (Some(writer), body)
        } else {
            (None, Body::empty())
        };
        let answering = runtime()?.spawn(self.0.answer(Request::from_parts(parts, body), ingress));
        let state = Exchange { writer, answering: Some(answering), body: None };
        Ok(HttpExchange { up: Signal::new(bridge), down: Signal::new(bridge), state: Mutex::new(state) })
    }

    /// Takes a socket; or gives status, headers and text of what is answered instead.
    fn socket(&self, py: Python<'_>, bridge: &Bridge, scope: Scope) -> PyResult<(Option<SocketExchange>, Option<Head>)> {
        let (parts, ingress) = scope.read()?;
        let _context = runtime()?.enter();
        match self.0.open(parts, ingress) {
            Ok(frames) => {
                let frames = Mutex::new(Some(frames));
                Ok((Some(SocketExchange { up: Signal::new(bridge), down: Signal::new(bridge), frames }), None))
            }
            Err(response) => Ok((None, Some(head(py, &response)?))),
        }
    }

    /// Ends every session. Waits until they have, on another thread than the loop's.
    fn stop(&self, py: Python<'_>) -> PyResult<()> {
        let runtime = runtime()?;
        py.detach(|| runtime.block_on(self.0.stop()));
        Ok(())
    }
}

type Head = (u16, Py<PyList>);

fn head<B>(py: Python<'_>, response: &Response<B>) -> PyResult<Head> {
    let headers =
        response.headers().iter().map(|(name, value)| (PyBytes::new(py, name.as_str().as_bytes()), PyBytes::new(py, value.as_bytes())));
    Ok((response.status().as_u16(), PyList::new(py, headers.collect::<Vec<_>>())?.unbind()))
}

/// A request and its answer.
#[pyclass(frozen, module = "livefloe._native")]
pub(crate) struct HttpExchange {
    up: Arc<Signal>,
    down: Arc<Signal>,
    state: Mutex<Exchange>,
}

struct Exchange {
    writer: Option<BodyWriter>,
    answering: Option<JoinHandle<Response<Body>>>,
    body: Option<Body>,
}

#[pymethods]
impl HttpExchange {
    /// What the loop waits for when there was no room.
    #[getter]
    fn up(&self) -> u64 {
        self.up.key
    }

    /// What the loop waits for when there was nothing to send.
    #[getter]
    fn down(&self) -> u64 {
        self.down.key
    }

    /// Takes a part of the body.
    fn feed(&self, part: &[u8]) {
        if let Some(writer) = &self.lock().writer {
            writer.push(Bytes::copy_from_slice(part));
        }
    }

    /// Whether there is room for another.
    fn has_room(&self) -> bool {
        let state = self.lock();
        let Some(writer) = &state.writer else { return true };
        self.up.poll(|context| writer.poll_room(context)).is_some()
    }

    /// The body has come to its end.
    fn finish(&self) {
        self.lock().writer = None;
    }

    /// Status and headers of the answer, when there are any.
    fn start(&self, py: Python<'_>) -> PyResult<Option<Head>> {
        let mut state = self.lock();
        let Some(answering) = &mut state.answering else { return Ok(None) };
        let Some(answer) = self.down.poll(|context| Pin::new(answering).poll(context)) else { return Ok(None) };
        state.answering = None;
        match answer {
            Ok(answer) => {
                let head = head(py, &answer)?;
                state.body = Some(answer.into_body());
                Ok(Some(head))
            }
            Err(error) => Err(crate::error::ServerError::new_err(format!("the request was not answered: {error}"))),
        }
    }

    /// The next part of the answer, and whether there is more; nothing when that is not known yet.
    fn body<'py>(&self, py: Python<'py>) -> Option<(Bound<'py, PyBytes>, bool)> {
        let mut state = self.lock();
        loop {
            let Some(body) = &mut state.body else { return Some((PyBytes::new(py, b""), false)) };
            // One that breaks off ends as well: what has been sent can't be taken back.
            let frame = self.down.poll(|context| Pin::new(&mut *body).poll_frame(context))?.and_then(Result::ok);
            let Some(frame) = frame else {
                state.body = None;
                continue;
            };
            // No answer of ours has trailers.
            let Ok(part) = frame.into_data() else { continue };
            let more = !body.is_end_stream();
            return Some((PyBytes::new(py, &part), more));
        }
    }

    /// Nobody waits for the answer any more.
    fn close(&self) {
        let mut state = self.lock();
        if let Some(answering) = state.answering.take() {
            answering.abort();
        }
        (state.writer, state.body) = (None, None);
    }
}

impl HttpExchange {
    fn lock(&self) -> MutexGuard<'_, Exchange> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A socket.
#[pyclass(frozen, module = "livefloe._native")]
pub(crate) struct SocketExchange {
    up: Arc<Signal>,
    down: Arc<Signal>,
    frames: Mutex<Option<Frames>>,
}

#[derive(IntoPyObject)]
enum Next<'py> {
    Frame(Bound<'py, PyBytes>),
    Close((u16, &'static str)),
}

#[pymethods]
impl SocketExchange {
    /// What the loop waits for when there was no room.
    #[getter]
    fn up(&self) -> u64 {
        self.up.key
    }

    /// What the loop waits for when there was nothing to send.
    #[getter]
    fn down(&self) -> u64 {
        self.down.key
    }

    /// The protocol that it is accepted with.
    #[getter]
    fn subprotocol(&self) -> Option<&'static str> {
        self.lock().as_ref().and_then(Frames::subprotocol)
    }

    /// Takes a frame; nothing for what is none. Says whether there is room for another.
    fn push(&self, frame: Option<&[u8]>) -> bool {
        match (&mut *self.lock(), frame) {
            (Some(frames), Some(frame)) => frames.push(Bytes::copy_from_slice(frame)),
            (Some(frames), None) => frames.push_malformed(),
            (None, _) => {}
        }
        self.has_room()
    }

    /// Whether there is room for another frame.
    fn has_room(&self) -> bool {
        self.lock().as_ref().is_none_or(|frames| self.up.poll(|context| frames.poll_room(context)).is_some())
    }

    /// The next frame, or code and reason to close with; nothing when there is none yet.
    fn next<'py>(&self, py: Python<'py>) -> Option<Next<'py>> {
        let mut frames = self.lock();
        let frames = frames.as_mut()?;
        Some(match self.down.poll(|context| frames.poll_next(context))? {
            Ok(frame) => Next::Frame(PyBytes::new(py, &frame)),
            Err(said) => Next::Close(said),
        })
    }

    /// The socket is gone.
    fn close(&self) {
        drop(self.lock().take());
    }
}

impl SocketExchange {
    fn lock(&self) -> MutexGuard<'_, Option<Frames>> {
        self.frames.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
