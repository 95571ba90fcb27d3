//! [`Embedded`]: an app inside of another server, which hands requests and sockets over: no port, no connection of its own.
//!
//! The server around it owns connections: how many there are, how long a request's head may take, and that a slow reader is given up. Everything
//! else holds as on a server of the app's own: hosts, origins, users, places of those who join, sizes of frames and rates.

use std::{
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
};

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, OriginalUri, Request},
    http::{StatusCode, Uri, request::Parts, uri::PathAndQuery},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use hyper::{body::Body as _, service::Service as _};
use hyper_util::service::TowerToHyperService;

use super::{App, Shared, host, prefix, serve::stop_sessions};
use crate::{
    Result,
    metric::{Count, Counted},
    protocol::{SUBPROTOCOL, close},
    session::{Gone, Incoming, Peer, Transport},
    socket::{CLOSE_TIME, enter, join},
    stream::pipe::{Reader, Writer, pipe},
};

/// An app inside of another server.
///
/// ```
/// # use livefloe::{App, Ingress};
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> livefloe::Result<()> {
/// use axum::{body::Body, http::Request};
///
/// let app = App::new().embed()?;
/// let request = Request::get("/nothing").header("host", "localhost").body(Body::empty()).expect("a request");
/// let answer = app.answer(request, Ingress::default()).await;
/// assert_eq!(answer.status(), 404);
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Embedded {
    router: TowerToHyperService<Router>,
    shared: Arc<Shared>,
}

/// What the server around an app knows of a request besides what is in it.
#[derive(Debug, Clone, Default)]
#[expect(clippy::exhaustive_structs, reason = "whoever serves has to say all of it")]
pub struct Ingress {
    /// Where the app is in the paths of the server: empty, or one such as `/live`. The request's own path is without it.
    pub mounted_at: String,
    /// Whom the connection is with.
    pub peer: Option<SocketAddr>,
    /// Whether it was accepted on a loopback address: then only loopback names are answered to, unless the app names others.
    pub on_loopback: bool,
}

impl App {
    /// The app for a server that isn't Livefloe's, nor axum's, such as one of Python's ASGI. Like a router, it has no store unless one is named.
    ///
    /// # Errors
    /// When a path is wrong or has two pages.
    pub fn embed(self) -> Result<Embedded> {
        let (router, shared) = self.build(0)?;
        Ok(Embedded { router: TowerToHyperService::new(prefix::wrap(router, &shared)), shared })
    }
}

impl Embedded {
    /// Answers a request. Its body is read as far as the app's limits go, and no faster than it is used.
    pub fn answer(&self, mut request: Request, ingress: Ingress) -> impl Future<Output = Response> + Send + use<> {
        let (router, uri) = (self.router.clone(), request.uri().clone());
        ingress.mark(&uri, request.extensions_mut());
        async move {
            // It can't fail: the error is one that has no value.
            router.call(request).await.unwrap_or_else(|never| match never {})
        }
    }

    /// Takes a socket, if `parts` are a request for one. Must be called in the context of a Tokio runtime, on which its session goes on.
    ///
    /// # Errors
    /// What is answered instead: to another path, host or origin, or when too many have not joined yet.
    pub fn open(&self, mut parts: Parts, ingress: Ingress) -> Result<Frames, Box<Response>> {
        let shared = &self.shared;
        let uri = parts.uri.clone();
        ingress.mark(&uri, &mut parts.extensions);
        let mut path = prefix::own(shared, uri.path()).split('/');
        if (path.next(), path.next(), path.next().is_some(), path.next(), path.next())
            != (Some(""), Some("livefloe"), true, Some("socket"), None)
        {
            return Err(Box::new(StatusCode::NOT_FOUND.into_response()));
        }
        if !shared.hosts.answer(&parts.headers, &parts.extensions, &parts.uri) {
            return Err(Box::new(host::misdirected()));
        }
        let place = enter(shared, &parts.headers)?;
        let peer = shared.peer(&parts.headers, &parts.extensions);
        let offered = parts.headers.get_all("sec-websocket-protocol").iter().filter_map(|line| line.to_str().ok());
        let is_spoken = offered.flat_map(|line| line.split(',')).any(|protocol| protocol.trim() == SUBPROTOCOL);
        let ((up, inbound), (outbound, down)) = (pipe(), pipe());
        let said = Arc::new(Said::default());
        let counted = Counted::new(&shared.metrics, Count::Sockets);
        let handed = Handed { inbound, outbound, said: Arc::clone(&said), shared: Arc::clone(shared), peer, counted };
        let shared = Arc::clone(shared);
        tokio::spawn(async move {
            join(shared, handed).await;
            drop(place);
        });
        Ok(Frames { up: Some(up), down, said, subprotocol: is_spoken.then_some(SUBPROTOCOL) })
    }

    /// Ends every session: handlers under way have [`Limits::grace_time`](crate::Limits::grace_time), sessions are written to their store, and clients are told to come back.
    pub async fn stop(&self) {
        stop_sessions(&self.shared).await;
    }
}

impl std::fmt::Debug for Embedded {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Embedded").finish_non_exhaustive()
    }
}

impl Ingress {
    /// Leaves what it says where the app looks for it.
    fn mark(self, uri: &Uri, extensions: &mut axum::http::Extensions) {
        if let Some(peer) = self.peer {
            extensions.insert(ConnectInfo(peer));
        }
        if self.on_loopback {
            extensions.insert(host::OnLoopback);
        }
        let mounted_at = prefix::normal(&self.mounted_at).unwrap_or_default();
        let asked = uri.path_and_query().map_or("/", PathAndQuery::as_str);
        if let Ok(asked) = format!("{mounted_at}{asked}").parse() {
            extensions.insert(OriginalUri(asked));
        }
    }
}

/// What writes the body of a request while it is read.
#[derive(Debug)]
pub struct BodyWriter(Writer);

impl BodyWriter {
    /// A body, and what writes it. The body ends when that is dropped.
    pub fn new() -> (Self, Body) {
        let (writer, reader) = pipe();
        (Self(writer), Body::new(reader))
    }

    /// Whether there is room for another part, or nobody who reads it.
    pub fn poll_room(&self, context: &Context<'_>) -> Poll<()> {
        self.0.poll_ready(context).map(|_| ())
    }

    /// Puts a part behind those before.
    pub fn push(&self, part: Bytes) {
        // Who doesn't read to the end answers all the same.
        let _ = self.0.send(part);
    }
}

/// How a socket ended, as far as somebody said.
#[derive(Debug, Default)]
struct Said {
    code: OnceLock<(u16, &'static str)>,
    /// The client has sent what is no frame.
    is_malformed: AtomicBool,
}

/// The server's end of a socket: frames that the client has sent go in, frames for it come out. Dropped when the socket is gone.
#[derive(Debug)]
pub struct Frames {
    up: Option<Writer>,
    down: Reader,
    said: Arc<Said>,
    subprotocol: Option<&'static str>,
}

impl Frames {
    /// The protocol that the socket is accepted with.
    #[must_use]
    pub fn subprotocol(&self) -> Option<&'static str> {
        self.subprotocol
    }

    /// Whether there is room for another frame of the client: no more is read from it before.
    pub fn poll_room(&self, context: &Context<'_>) -> Poll<()> {
        self.up.as_ref().map_or(Poll::Ready(()), |up| up.poll_ready(context).map(|_| ()))
    }

    /// Takes a frame of the client.
    pub fn push(&self, frame: Bytes) {
        if let Some(up) = &self.up {
            // A session that has let go of the socket says why at the other end.
            let _ = up.send(frame);
        }
    }

    /// The client has sent something else than a binary frame.
    pub fn push_malformed(&mut self) {
        self.said.is_malformed.store(true, Ordering::Release);
        self.up = None;
    }

    /// The next frame for the client, or at the end the code and reason to close with.
    pub fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Result<Bytes, (u16, &'static str)>> {
        let frame = std::task::ready!(Pin::new(&mut self.down).poll_frame(context));
        Poll::Ready(match frame.and_then(std::result::Result::ok).and_then(|frame| frame.into_data().ok()) {
            Some(frame) => Ok(frame),
            None => Err(*self.said.code.get_or_init(|| (close::GOING_AWAY, "the session let go"))),
        })
    }
}

/// The session's end.
struct Handed {
    inbound: Reader,
    outbound: Writer,
    said: Arc<Said>,
    shared: Arc<Shared>,
    peer: Peer,
    counted: Counted,
}

impl Transport for Handed {
    fn poll_receive(&mut self, context: &mut Context<'_>) -> Poll<Incoming> {
        let frame = std::task::ready!(Pin::new(&mut self.inbound).poll_frame(context));
        Poll::Ready(match frame.and_then(std::result::Result::ok).and_then(|frame| frame.into_data().ok()) {
            Some(frame) if frame.len() > self.shared.limits.max_frame_bytes => Incoming::TooLarge,
            Some(frame) => Incoming::Frame(frame),
            None if self.said.is_malformed.load(Ordering::Acquire) => Incoming::Malformed,
            None => Incoming::Closed,
        })
    }

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Gone>> {
        self.outbound.poll_ready(context)
    }

    fn send(&mut self, frame: Bytes) -> Result<(), Gone> {
        self.outbound.send(frame)
    }

    fn poll_flush(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Gone>> {
        self.outbound.poll_flush(context)
    }

    fn close(self: Box<Self>, code: u16, reason: &'static str) {
        let Self { outbound, said, shared, counted, .. } = *self;
        let _ = said.code.set((code, reason));
        shared.n_goodbyes.fetch_add(1, Ordering::Relaxed);
        tokio::spawn(async move {
            let _ = tokio::time::timeout(CLOSE_TIME, outbound.end()).await;
            shared.n_goodbyes.fetch_sub(1, Ordering::Relaxed);
            drop(counted);
        });
    }

    fn peer(&self) -> Peer {
        self.peer
    }
}
