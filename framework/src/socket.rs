//! The WebSocket: upgrade, join, and the [`Transport`] that a session then polls.

use std::{
    pin::Pin,
    sync::{Arc, atomic::Ordering},
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    extract::{
        State, WebSocketUpgrade,
        ws::{CloseFrame, Message, WebSocket},
    },
    http::{Extensions, HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures_util::{Sink, Stream, StreamExt as _};
use tokio::sync::OwnedSemaphorePermit;

use crate::{
    app::{Shared, is_same_origin},
    metric::{Count, Counted},
    protocol::{ClientMessage, PROTOCOL_VERSION, SUBPROTOCOL, close},
    session::{self, Gone, Incoming, Join, Peer, Token, Transport},
};

/// How long a socket may take to send its first frame.
const JOIN_TIME: Duration = Duration::from_secs(10);
/// How long saying goodbye may take.
pub(crate) const CLOSE_TIME: Duration = Duration::from_secs(5);

/// Takes a socket that a page opens.
pub(crate) async fn upgrade(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    extensions: Extensions,
    upgrade: WebSocketUpgrade,
) -> Response {
    let place = match enter(&shared, &headers) {
        Ok(place) => place,
        Err(refusal) => return *refusal,
    };
    let peer = shared.peer(&headers, &extensions);
    let limits = &shared.limits;
    upgrade
        .protocols([SUBPROTOCOL])
        .read_buffer_size(limits.read_buffer_bytes)
        .write_buffer_size(0)
        // More than may be unacknowledged never waits here; a client that doesn't read is noticed before that.
        .max_write_buffer_size(limits.max_unacked_bytes.max(limits.max_html_bytes).saturating_mul(2))
        .max_message_size(limits.max_frame_bytes)
        .max_frame_size(limits.max_frame_bytes)
        .on_upgrade(move |socket| async move {
            let counted = Counted::new(&shared.metrics, Count::Sockets);
            join(Arc::clone(&shared), Socket { inner: socket, shared, peer, counted }).await;
            drop(place);
        })
}

/// A place for a connection that has to join, whatever carries it; or what to answer instead.
pub(crate) fn enter(shared: &Shared, headers: &HeaderMap) -> Result<OwnedSemaphorePermit, Box<Response>> {
    if let Some(refusal) = other_origin(shared, headers) {
        return Err(Box::new(refusal));
    }
    Arc::clone(&shared.joining).try_acquire_owned().map_err(|_| {
        shared.metrics.one(Count::LimitedJoining);
        tracing::warn!(limit = shared.limits.max_unjoined, "no place for another socket that has not joined yet");
        Box::new((StatusCode::SERVICE_UNAVAILABLE, "too many sockets are joining\n").into_response())
    })
}

/// What to answer to a page of another origin.
pub(crate) fn other_origin(shared: &Shared, headers: &HeaderMap) -> Option<Response> {
    if is_same_origin(headers) {
        return None;
    }
    shared.metrics.one(Count::OtherOrigins);
    tracing::warn!(origin = ?headers.get("origin"), "a page of another origin tried to open a socket");
    Some((StatusCode::FORBIDDEN, "only pages of this origin may open a socket\n").into_response())
}

/// Waits for the first frame, which says which session the socket belongs to, and hands the socket over.
pub(crate) async fn join(shared: Arc<Shared>, mut socket: impl Transport + 'static) {
    let first = tokio::time::timeout(JOIN_TIME, std::future::poll_fn(|context| socket.poll_receive(context))).await;
    let socket = Box::new(socket);
    let frame = match first {
        Ok(Incoming::Frame(frame)) => frame,
        Ok(Incoming::Closed) => return,
        Ok(Incoming::TooLarge) => return socket.close(close::TOO_LARGE, "frame too large"),
        Ok(Incoming::Malformed) => return socket.close(close::MALFORMED, "expected a binary frame"),
        Err(_) => return socket.close(close::SILENT, "expected a join"),
    };
    attach(&shared, socket, &frame).await;
}

/// Hands a connection to the session that its first frame names.
pub(crate) async fn attach(shared: &Arc<Shared>, transport: Box<dyn Transport>, first: &[u8]) {
    let (version, token, applied, page) = match ClientMessage::decode(first) {
        Ok(ClientMessage::Join { version, token, applied, page }) => (version, token, applied, page),
        Ok(_) => return transport.close(close::MALFORMED, "expected a join"),
        Err(error) => {
            tracing::warn!(%error, "malformed first frame");
            return transport.close(close::MALFORMED, "malformed frame");
        }
    };
    if version != PROTOCOL_VERSION {
        return transport.close(close::VERSION, "another version of the protocol is spoken here");
    }
    // Who has another's token has nothing.
    let who = transport.peer().who;
    let made = |token: String| Token::parse(&token).filter(|token| shared.keys.made(token, who));
    let page = made(page);
    match (made(token), page) {
        (Some(token), page) => attach_to(Arc::clone(shared), transport, token, applied, page).await,
        (None, Some(page)) => attach_to(Arc::clone(shared), transport, page, applied, None).await,
        (None, None) => transport.close(close::NO_SESSION, "no such session"),
    }
}

/// Hands a connection to the session of the token; where there is none, to that of its own page.
pub(crate) async fn attach_to(shared: Arc<Shared>, transport: Box<dyn Transport>, token: Token, applied: u64, page: Option<Token>) {
    let (mut token, mut page) = (token, page);
    let who = transport.peer().who;
    loop {
        match session::find(&shared, &token, who, page.is_none().then_some(applied)).await {
            // A session that ends at this moment drops the transport, which closes the socket; the client then asks again.
            Ok(Some(session)) => {
                session.send(session::Message::Join(Join { transport, turn: token.turn, applied, page })).await;
                return;
            }
            // It comes again, and maybe to another server.
            Err(session::Unavailable) => return transport.close(close::GOING_AWAY, "the session can't be had at present"),
            Ok(None) => match page.take() {
                Some(own) => token = own,
                None => return transport.close(close::NO_SESSION, "no such session"),
            },
        }
    }
}

/// A WebSocket as a session sees it.
struct Socket {
    inner: WebSocket,
    shared: Arc<Shared>,
    peer: Peer,
    counted: Counted,
}

impl Transport for Socket {
    fn poll_receive(&mut self, context: &mut Context<'_>) -> Poll<Incoming> {
        loop {
            return Poll::Ready(match std::task::ready!(Pin::new(&mut self.inner).poll_next(context)) {
                Some(Ok(Message::Binary(frame))) => Incoming::Frame(frame),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => continue,
                Some(Ok(Message::Text(_))) => Incoming::Malformed,
                Some(Ok(Message::Close(_))) => {
                    // The answer, which the transport has made but not sent.
                    let _ = Pin::new(&mut self.inner).poll_flush(context);
                    Incoming::Closed
                }
                None => Incoming::Closed,
                Some(Err(error)) => from_error(error),
            });
        }
    }

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Gone>> {
        Pin::new(&mut self.inner).poll_ready(context).map_err(|_| Gone)
    }

    fn send(&mut self, frame: Bytes) -> Result<(), Gone> {
        Pin::new(&mut self.inner).start_send(Message::Binary(frame)).map_err(|_| Gone)
    }

    fn poll_flush(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Gone>> {
        Pin::new(&mut self.inner).poll_flush(context).map_err(|_| Gone)
    }

    fn close(self: Box<Self>, code: u16, reason: &'static str) {
        let Self { inner: mut socket, shared, counted, .. } = *self;
        shared.n_goodbyes.fetch_add(1, Ordering::Relaxed);
        tokio::spawn(async move {
            let goodbye = async {
                socket.send(Message::Close(Some(CloseFrame { code, reason: reason.into() }))).await?;
                // Reading on lets the client get the reason before the connection goes.
                while let Some(Ok(_)) = socket.next().await {}
                if code == close::TOO_LARGE {
                    // The rest of the frame can't be read any more, and closing on it would reset the connection before
                    // the client has the reason; it would then send the same frame again, for ever.
                    std::future::pending::<()>().await;
                }
                Ok::<(), axum::Error>(())
            };
            let _ = tokio::time::timeout(CLOSE_TIME, goodbye).await;
            shared.n_goodbyes.fetch_sub(1, Ordering::Relaxed);
            drop(counted);
        });
    }

    fn peer(&self) -> Peer {
        self.peer
    }
}

fn from_error(error: axum::Error) -> Incoming {
    use tokio_tungstenite::tungstenite::{Error, error::CapacityError};
    match error.into_inner().downcast::<Error>().map(|error| *error) {
        Ok(Error::Capacity(CapacityError::MessageTooLong { .. })) => Incoming::TooLarge,
        Ok(Error::Protocol(_) | Error::Utf8(_)) => Incoming::Malformed,
        _ => Incoming::Closed,
    }
}
