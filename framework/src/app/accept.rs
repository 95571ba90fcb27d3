//! Connections: how many there may be, which of them go when there is no place for another, and when a slow one is given up.
//!
//! A place belongs to a connection from when it is accepted until its last byte, as a socket or not. When all are taken, the connection that
//! has waited longest for a request makes room: whoever opens many and says nothing only ever displaces his own kind.

use std::{
    convert::Infallible,
    future::Future,
    net::SocketAddr,
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use hyper::{
    Request,
    body::{Frame, Incoming, SizeHint},
    service::Service,
};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Notify, OwnedSemaphorePermit, Semaphore},
};

use super::{Group, Seat, Seats, Shared, prefix, timed::Timed};
use crate::metric::{Count, Counted};

/// Places for connections that find all others taken: they are told so, and asked how the server is.
const SPARE: usize = 64;
/// How long a connection without a place waits for one that says nothing to go. A probe's answer is that much later at most.
const WAIT_TIME: Duration = Duration::from_millis(200);
/// How long one may take altogether that has got no place.
const SPARE_TIME: Duration = Duration::from_secs(3);
/// How long one that was let in a moment before the server stops may take to ask for something.
const FIRST_TIME: Duration = Duration::from_millis(50);
/// A new connection that has asked for nothing for this long may be closed to make room. Browsers open some ahead of need, and bear that.
const SILENT_TIME: Duration = Duration::from_secs(2);

/// Lets connections in.
pub(super) struct Doors {
    router: Router,
    shared: Arc<Shared>,
    places: Arc<Semaphore>,
    spare: Arc<Semaphore>,
    seats: Arc<Seats<Group>>,
    /// A permit for each connection that should go; those that wait for a request wait here too, the first of them first.
    leave: Semaphore,
    /// Closed when the server stops: a connection that is kept must not bring further requests to an app that is gone.
    stopping: Semaphore,
}

/// What a connection holds for as long as it is open.
pub(super) struct Place {
    _permit: OwnedSemaphorePermit,
    _seat: Option<Seat>,
    _counted: Counted,
}

impl Doors {
    pub(super) fn new(router: Router, shared: Arc<Shared>) -> Arc<Self> {
        let places = Arc::new(Semaphore::new(shared.limits.max_connections.clamp(1, Semaphore::MAX_PERMITS)));
        let (spare, seats) = (Arc::new(Semaphore::new(SPARE)), Arc::default());
        let (leave, stopping) = (Semaphore::new(0), Semaphore::new(0));
        Arc::new(Self { router, shared, places, spare, seats, leave, stopping })
    }

    /// Lets each connection end with the answer that is on its way.
    pub(super) fn stop(&self) {
        self.stopping.close();
    }

    /// Accepts connections for ever.
    pub(super) async fn open(self: Arc<Self>, listener: &TcpListener) {
        loop {
            match listener.accept().await {
                Ok((stream, peer)) => self.enter(stream, peer),
                Err(error) => {
                    // Out of file descriptors, most likely: the next one would fail as well, so let some go first.
                    tracing::warn!(%error, "a connection could not be accepted");
                    self.make_room();
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        }
    }

    fn enter(self: &Arc<Self>, stream: TcpStream, peer: SocketAddr) {
        let Shared { limits, metrics, proxies, .. } = &*self.shared;
        let group = proxies.group_of_peer(peer.ip());
        let seat = group.and_then(|group| self.seats.take(group, limits.max_connections_per_address));
        if group.is_some() && seat.is_none() {
            metrics.one(Count::LimitedConnectionsOfAddress);
            tracing::debug!(%peer, limit = limits.max_connections_per_address, "too many connections from one address");
            return;
        }
        let counted = Counted::new(metrics, Count::Connections);
        let doors = Arc::clone(self);
        if let Ok(permit) = Arc::clone(&self.places).try_acquire_owned() {
            let place = Place { _permit: permit, _seat: seat, _counted: counted };
            tokio::spawn(async move { doors.serve(stream, peer, place).await });
            return;
        }
        self.make_room();
        // Without even a spare place it is closed here.
        let Ok(spare) = Arc::clone(&self.spare).try_acquire_owned() else {
            metrics.one(Count::LimitedConnections);
            return;
        };
        tokio::spawn(async move {
            match tokio::time::timeout(WAIT_TIME, Arc::clone(&doors.places).acquire_owned()).await {
                Ok(Ok(permit)) => {
                    drop(spare);
                    doors.serve(stream, peer, Place { _permit: permit, _seat: seat, _counted: counted }).await;
                }
                _ => doors.turn_away(stream, peer, Place { _permit: spare, _seat: seat, _counted: counted }).await,
            }
        });
    }

    /// Asks the connection to go that has waited longest for a request.
    fn make_room(&self) {
        // One at a time: where nobody waits, the next who would goes instead.
        if self.leave.available_permits() == 0 {
            self.leave.add_permits(1);
        }
    }

    async fn serve(self: Arc<Self>, stream: TcpStream, peer: SocketAddr, place: Place) {
        // Patches are small and wanted at once.
        let _ = stream.set_nodelay(true);
        let limits = &self.shared.limits;
        let stream = TokioIo::new(Timed::new(stream, limits.send_time, place));
        let phase = Arc::new(Phase::default());
        let service = Requests { router: TowerToHyperService::new(self.router.clone()), peer, phase: Arc::clone(&phase) };
        let mut builder = hyper::server::conn::http1::Builder::new();
        builder.timer(TokioTimer::new()).header_read_timeout(limits.header_time).max_buf_size(64 * 1024);
        let mut serving = pin!(builder.serve_connection(stream, service).with_upgrades());
        let served = loop {
            tokio::select! {
                served = serving.as_mut() => break served,
                () = phase.changed.notified() => {}
                _ = self.stopping.acquire() => {
                    if phase.now() == Phase::NEW {
                        // Its first request may be on its way, and closing it without an answer would look like a failure.
                        tokio::select! {
                            _ = serving.as_mut() => return,
                            () = phase.changed.notified() => {}
                            () = tokio::time::sleep(FIRST_TIME) => {}
                        }
                    }
                    serving.as_mut().graceful_shutdown();
                    let _ = tokio::time::timeout(limits.grace_time.saturating_add(SILENT_TIME), serving).await;
                    return;
                }
                () = self.asked_to_leave(&phase) => {
                    if phase.now() == Phase::IDLE {
                        // The end of an answer may still be on its way; the beginning of another request has to come again.
                        serving.as_mut().graceful_shutdown();
                        let _ = tokio::time::timeout(SILENT_TIME, serving).await;
                    }
                    return;
                }
            }
        };
        if let Err(error) = served {
            tracing::debug!(%error, "a connection ended early");
        }
    }

    /// Done when this connection has no request and should make room.
    async fn asked_to_leave(&self, phase: &Phase) {
        match phase.now() {
            Phase::BUSY => return std::future::pending().await,
            Phase::NEW => tokio::time::sleep(SILENT_TIME).await,
            _ => {}
        }
        if let Ok(permit) = self.leave.acquire().await {
            permit.forget();
        }
    }

    /// Answers one request without a place: how the server is, or that there is none.
    async fn turn_away(self: Arc<Self>, stream: TcpStream, peer: SocketAddr, place: Place) {
        let stream = TokioIo::new(Timed::new(stream, SPARE_TIME, place));
        let service = Refusals { router: TowerToHyperService::new(self.router.clone()), doors: &self, peer };
        let mut builder = hyper::server::conn::http1::Builder::new();
        builder.timer(TokioTimer::new()).header_read_timeout(SPARE_TIME).max_buf_size(16 * 1024).keep_alive(false);
        let _ = tokio::time::timeout(SPARE_TIME, builder.serve_connection(stream, service)).await;
    }
}

/// Whether a connection has a request.
#[derive(Default)]
struct Phase {
    phase: AtomicU8,
    changed: Notify,
}

impl Phase {
    const NEW: u8 = 0;
    const BUSY: u8 = 1;
    const IDLE: u8 = 2;

    fn now(&self) -> u8 {
        self.phase.load(Ordering::Relaxed)
    }

    fn becomes(&self, phase: u8) {
        self.phase.store(phase, Ordering::Relaxed);
        self.changed.notify_one();
    }
}

/// A request under way, until hyper has taken all of its answer. However it ends, its connection waits for the next one then.
struct Busy(Arc<Phase>);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.becomes(Phase::IDLE);
    }
}

type Answer = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

/// The requests of a connection.
struct Requests {
    router: TowerToHyperService<Router>,
    peer: SocketAddr,
    phase: Arc<Phase>,
}

impl Service<Request<Incoming>> for Requests {
    type Response = Response;
    type Error = Infallible;
    type Future = Answer;

    fn call(&self, mut request: Request<Incoming>) -> Answer {
        self.phase.becomes(Phase::BUSY);
        let busy = Busy(Arc::clone(&self.phase));
        request.extensions_mut().insert(ConnectInfo(self.peer));
        let answer = self.router.call(request);
        Box::pin(async move { Ok(answer.await?.map(|body| Body::new(Answering { body, _busy: busy }))) })
    }
}

/// The body of an answer.
struct Answering {
    body: Body,
    _busy: Busy,
}

impl hyper::body::Body for Answering {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// The request of a connection that has no place.
struct Refusals<'a> {
    router: TowerToHyperService<Router>,
    doors: &'a Doors,
    peer: SocketAddr,
}

impl Service<Request<Incoming>> for Refusals<'_> {
    type Response = Response;
    type Error = Infallible;
    type Future = Answer;

    fn call(&self, mut request: Request<Incoming>) -> Answer {
        let Shared { probes, metrics, limits, .. } = &*self.doors.shared;
        if probes.answer(prefix::own(&self.doors.shared, request.uri().path())) {
            request.extensions_mut().insert(ConnectInfo(self.peer));
            return Box::pin(self.router.call(request));
        }
        metrics.one(Count::LimitedConnections);
        tracing::debug!(peer = %self.peer, limit = limits.max_connections, "no place for another connection");
        let answer =
            (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "5")], "Every place is taken. Please try again in a moment.\n");
        Box::pin(std::future::ready(Ok(answer.into_response())))
    }
}
