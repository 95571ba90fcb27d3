//! The WebSocket: upgrade, join, and the [`Transport`] that a session then polls.

mod frame;
mod handshake;
mod stream;

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{Request, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use stream::Socket;

use crate::{
    app::{Shared, is_same_origin},
    protocol::{ClientMessage, PROTOCOL_VERSION, close},
    session::{self, Incoming, Join, Token, Transport},
};

/// How long a socket may take to send its first frame.
const JOIN_TIME: Duration = Duration::from_secs(10);
/// How long saying goodbye may take.
pub(crate) const CLOSE_TIME: Duration = Duration::from_secs(5);

/// Takes a socket that a page opens.
pub(crate) async fn upgrade(State(shared): State<Arc<Shared>>, mut request: Request) -> Response {
    let headers = request.headers();
    if !is_same_origin(headers) {
        tracing::warn!(origin = ?headers.get("origin"), "a page of another origin tried to open a socket");
        return (StatusCode::FORBIDDEN, "only pages of this origin may open a socket\n").into_response();
    }
    let Ok(place) = Arc::clone(&shared.joining).try_acquire_owned() else {
        tracing::warn!(limit = shared.limits.max_unjoined, "no place for another socket that has not joined yet");
        return (StatusCode::SERVICE_UNAVAILABLE, "too many sockets are joining\n").into_response();
    };
    let answer = handshake::answer(headers);
    if answer.status() != StatusCode::SWITCHING_PROTOCOLS {
        return answer;
    }
    let upgraded = hyper::upgrade::on(&mut request);
    tokio::spawn(async move {
        // A connection that goes before it was one, or a server that has no way to give it away: nobody is left to tell.
        if let Ok(upgraded) = upgraded.await {
            join(Arc::clone(&shared), Socket::new(upgraded, shared)).await;
        }
        drop(place);
    });
    answer
}

/// Waits for the first frame, which says which session the socket belongs to, and hands the socket over.
async fn join(shared: Arc<Shared>, mut socket: Socket) {
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
pub(crate) async fn attach(shared: &Shared, transport: Box<dyn Transport>, first: &[u8]) {
    let (version, token, applied) = match ClientMessage::decode(first) {
        Ok(ClientMessage::Join { version, token, applied }) => (version, token, applied),
        Ok(_) => return transport.close(close::MALFORMED, "expected a join"),
        Err(error) => {
            tracing::warn!(%error, "malformed first frame");
            return transport.close(close::MALFORMED, "malformed frame");
        }
    };
    if version != PROTOCOL_VERSION {
        return transport.close(close::VERSION, "another version of the protocol is spoken here");
    }
    let Some((token, session)) = Token::parse(&token).and_then(|token| Some((token, shared.registry.find(&token.id)?))) else {
        return transport.close(close::NO_SESSION, "no such session");
    };
    // A session that ends at this moment drops the transport, which closes the socket; the client then asks again.
    session.send(session::Message::Join(Join { transport, secret: token.secret, applied })).await;
}
