//! The stream: what carries frames where no WebSocket gets through. Those to the client are events of one answer that doesn't end, those from it are posted
//! in numbered batches. What a session sees of it is a [`Transport`] like any other.

mod batch;
mod name;
pub(crate) mod pipe;
mod transport;

use std::{sync::Arc, time::Duration};

use axum::{
    body::Body,
    extract::State,
    http::{Extensions, HeaderMap, HeaderName, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::{Bytes, BytesMut};
use dashmap::DashMap;
use futures_util::StreamExt as _;
use tokio::sync::{Mutex, mpsc};

use crate::{
    app::Shared,
    handler::BoxFuture,
    metric::Count,
    protocol::close,
    session::random_id,
    socket::{attach, enter},
    store::{Answer, NodeId, StreamId},
};
use batch::Batch;
use name::Name;
use transport::Streamed;

/// Names the stream that a batch belongs to. A page of another origin can't send it without asking first, and nobody would answer.
const STREAM: HeaderName = HeaderName::from_static("livefloe-stream");
/// The batch's number in it: 1, 2, 3…
const BATCH: HeaderName = HeaderName::from_static("livefloe-batch");
/// What joins and batches are; no form can send it.
const CONTENT_TYPE: &str = "application/octet-stream";
/// How long another node may take to hand a batch to the stream that it has.
const PASS_TIME: Duration = Duration::from_secs(2);

/// The open streams of an app.
#[derive(Default)]
pub(crate) struct Streams {
    open: DashMap<[u8; 16], Arc<Inlet>>,
}

/// The way into a stream.
struct Inlet {
    /// One batch waits at most while the session works on the one before.
    batches: mpsc::Sender<Batches>,
    /// The number of the last batch. Held while one waits for room, so that those behind it wait too.
    last: Mutex<u64>,
}

/// What was posted.
enum Batches {
    Batch(Batch),
    /// More than may be.
    TooLarge,
}

/// Opens a stream: its join is the request's body.
pub(crate) async fn open(State(shared): State<Arc<Shared>>, headers: HeaderMap, extensions: Extensions, body: Body) -> Response {
    let place = match enter(&shared, &headers) {
        Ok(place) => place,
        Err(refusal) => return *refusal,
    };
    if !is_ours(&headers) {
        return (StatusCode::UNSUPPORTED_MEDIA_TYPE, "expected a join\n").into_response();
    }
    let (first, is_whole) = match read(body, shared.limits.max_frame_bytes, shared.limits.header_time).await {
        Ok(first) => (first, true),
        // Said on the stream, where the client looks for it.
        Err(Unread::TooLarge) => (Bytes::new(), false),
        Err(unread) => return unread.into_response(),
    };
    let peer = shared.peer(&headers, &extensions);
    let Ok(id) = random_id() else { return StatusCode::SERVICE_UNAVAILABLE.into_response() };
    let name = Name::new(&shared.keys, node(&shared), id);
    let (transport, reader) = Streamed::open(&shared, name, peer);
    tokio::spawn(async move {
        if is_whole {
            attach(&shared, Box::new(transport), &first).await;
        } else {
            shared.metrics.one(Count::LimitedFrame);
            crate::session::Transport::close(Box::new(transport), close::TOO_LARGE, "frame too large");
        }
        drop(place);
    });
    let headers = [
        (header::CONTENT_TYPE, "text/event-stream"),
        // Frames that a proxy keeps until there are more of them, or packs, come late.
        (header::CACHE_CONTROL, "no-store, no-transform"),
        (HeaderName::from_static("x-accel-buffering"), "no"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, Body::new(reader)).into_response()
}

/// Takes a batch of frames for a stream, here or at another node.
pub(crate) async fn post(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Body) -> Response {
    if let Some(refusal) = crate::socket::other_origin(&shared, &headers) {
        return refusal;
    }
    let text = |name: &HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let (Some(name), Some(Ok(number)), true) = (text(&STREAM), text(&BATCH).map(str::parse), is_ours(&headers)) else {
        return (StatusCode::BAD_REQUEST, "expected a batch of a stream\n").into_response();
    };
    let Some(name) = Name::parse(&shared.keys, name) else { return no_stream() };
    let batch = match read(body, Batch::most(shared.limits.max_frame_bytes), shared.limits.header_time).await {
        Ok(batch) if batch.is_empty() => return (StatusCode::BAD_REQUEST, "expected frames\n").into_response(),
        Ok(batch) => Some(batch),
        Err(Unread::TooLarge) => None,
        Err(unread) => return unread.into_response(),
    };
    let is_too_large = batch.is_none();
    let answer = match &shared.store {
        Some((store, _)) if name.node != node(&shared) => {
            store.pass(NodeId(name.node), StreamId(name.id), passed(number, batch.as_deref()), PASS_TIME).await
        }
        _ => Ok(shared.streams.take(name.id, number, batch).await),
    };
    match answer {
        Ok(Answer::Given) if is_too_large => Unread::TooLarge.into_response(),
        Ok(Answer::Given) => StatusCode::NO_CONTENT.into_response(),
        Ok(Answer::Refused) => (StatusCode::CONFLICT, "a batch is missing\n").into_response(),
        Ok(Answer::Absent) => no_stream(),
        Err(error) => {
            tracing::debug!(%error, "a batch was not handed on");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

fn no_stream() -> Response {
    (StatusCode::NOT_FOUND, "no such stream\n").into_response()
}

/// This node's name, among those that share its sessions.
fn node(shared: &Shared) -> [u8; 16] {
    shared.store.as_ref().and_then(|(store, _)| store.node()).map_or([0; 16], |node| node.0)
}

fn is_ours(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_TYPE).is_some_and(|value| value == CONTENT_TYPE)
}

impl Streams {
    /// Takes a batch that another node was sent.
    pub(crate) fn take_passed(self: &Arc<Self>, stream: StreamId, passed: &[u8]) -> BoxFuture<'static, Answer> {
        let (streams, passed) = (Arc::clone(self), Bytes::copy_from_slice(passed));
        Box::pin(async move {
            let Some((number, batch)) = passed.split_first_chunk() else { return Answer::Refused };
            let batch = (!batch.is_empty()).then(|| passed.slice_ref(batch));
            streams.take(stream.0, u64::from_be_bytes(*number), batch).await
        })
    }

    /// Hands a batch to a stream that is open here.
    async fn take(&self, id: [u8; 16], number: u64, batch: Option<Bytes>) -> Answer {
        let Some(inlet) = self.open.get(&id).map(|inlet| Arc::clone(&inlet)) else { return Answer::Absent };
        let mut last = inlet.last.lock().await;
        if number <= *last {
            return Answer::Given; // sent again, and here already
        }
        if number != *last + 1 {
            return Answer::Refused;
        }
        let Ok(room) = inlet.batches.reserve().await else { return Answer::Absent };
        // Both or neither: whoever posts may go at any await.
        *last = number;
        room.send(batch.map_or(Batches::TooLarge, |batch| Batches::Batch(Batch::new(batch))));
        Answer::Given
    }
}

/// A batch on its way to another node; none is one that was too large.
fn passed(number: u64, batch: Option<&[u8]>) -> Vec<u8> {
    [&number.to_be_bytes(), batch.unwrap_or_default()].concat()
}

/// Why a body is none.
pub(crate) enum Unread {
    TooLarge,
    CutShort,
    Slow,
}

impl IntoResponse for Unread {
    fn into_response(self) -> Response {
        match self {
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "too large\n"),
            Self::CutShort => (StatusCode::BAD_REQUEST, "cut short\n"),
            Self::Slow => (StatusCode::REQUEST_TIMEOUT, "too slow\n"),
        }
        .into_response()
    }
}

/// The whole body, within this time. What is too large is read and dropped: whoever sends it hears of that only at its end.
pub(crate) async fn read(body: Body, at_most: usize, within: Duration) -> Result<Bytes, Unread> {
    let mut chunks = body.into_data_stream();
    let mut bytes = BytesMut::new();
    let mut is_too_large = false;
    let reading = async {
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk.map_err(|_| Unread::CutShort)?;
            is_too_large |= bytes.len() + chunk.len() > at_most;
            if !is_too_large {
                bytes.extend_from_slice(&chunk);
            }
        }
        Ok(())
    };
    let read = tokio::time::timeout(within, reading).await;
    match read {
        _ if is_too_large => Err(Unread::TooLarge),
        Ok(read) => read.map(|()| bytes.freeze()),
        Err(_) => Err(Unread::Slow),
    }
}
