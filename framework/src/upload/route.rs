//! Where clients send files to.
//!
//! One request a file: `POST` with the ticket of its control, what the client calls the upload (a random number of its own), its size, its name, and the offset from which
//! on this request brings it. The answer is the name that an event redeems. A request without an offset asks how much has come: before a large file, so that what can't be
//! taken is refused before any of it travels, and after a connection was lost. Sending the same again is harmless.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, HeaderName, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use futures_util::StreamExt as _;
use percent_encoding::percent_decode_str;
use tokio::sync::OwnedSemaphorePermit;

use super::{
    Upload,
    offer::Offer,
    receive::{Part, Unfinished},
    spool::{Begun, Claim, Refused, Spool},
};
use crate::{app::Shared, metric::Count, socket::other_origin};

/// The control's ticket. A page of another origin can't send it without asking first, and nobody would answer.
const TICKET: HeaderName = HeaderName::from_static("livefloe-upload");
/// What the client calls it: 16 bytes in base64.
const NONCE: HeaderName = HeaderName::from_static("livefloe-nonce");
const SIZE: HeaderName = HeaderName::from_static("livefloe-size");
const OFFSET: HeaderName = HeaderName::from_static("livefloe-offset");
/// Percent-encoded, for what no header can have in it.
const NAME: HeaderName = HeaderName::from_static("livefloe-name");
const KIND: HeaderName = HeaderName::from_static("livefloe-type");
/// What files are sent as; no form can send it.
const CONTENT_TYPE: &str = "application/octet-stream";

/// As much of what is refused is read, so that a sender who listens only at the end hears why.
const DRAINED_BYTES: usize = 1024 * 1024;
const DRAIN_TIME: std::time::Duration = std::time::Duration::from_secs(2);

/// What a request says, besides what it brings.
struct Asked {
    offer: Offer,
    claim: Claim,
    offset: Option<u64>,
}

impl Asked {
    fn read(shared: &Shared, headers: &HeaderMap) -> Option<Self> {
        let text = |name: &HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
        if text(&header::CONTENT_TYPE) != Some(CONTENT_TYPE) {
            return None;
        }
        let mut nonce = [0; 16];
        let length = URL_SAFE_NO_PAD.decode_slice(text(&NONCE)?, &mut nonce).ok()?;
        if length != nonce.len() {
            return None;
        }
        let decoded = |name| percent_decode_str(text(name).unwrap_or_default()).decode_utf8_lossy().into_owned();
        let claim = Claim { nonce, name: decoded(&NAME), content_type: decoded(&KIND), size: text(&SIZE)?.parse().ok()? };
        let offset = match text(&OFFSET) {
            Some(offset) => Some(offset.parse().ok()?),
            None => None,
        };
        Some(Self { offer: Offer::read(&shared.keys, text(&TICKET)?)?, claim, offset })
    }
}

/// Takes a file, or the rest of one.
pub(crate) async fn post(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Body) -> Response {
    if let Some(refusal) = other_origin(&shared, &headers) {
        return refusal;
    }
    let Some(asked) = Asked::read(&shared, &headers) else {
        return refuse(StatusCode::BAD_REQUEST, "expected a file for a control of this page", body).await;
    };
    if shared.registry.find(&asked.offer.session).is_none() {
        // Where sessions are kept, it may be about to come back.
        return match &shared.store {
            Some(_) => refuse(StatusCode::SERVICE_UNAVAILABLE, "the page is not connected at present", body).await,
            None => refuse(StatusCode::GONE, "this page is over: please load it again", body).await,
        };
    }
    // A task of its own: what is being written has to end well even if nobody waits for the answer any more.
    let receiving = tokio::spawn(take(shared, asked, body));
    receiving.await.unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}

/// Takes a file back that nobody will ask for. What a handler has had stays with it.
pub(crate) async fn delete(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Response {
    if let Some(refusal) = other_origin(&shared, &headers) {
        return refusal;
    }
    let Some(Asked { offer, claim, .. }) = Asked::read(&shared, &headers) else {
        return said(StatusCode::BAD_REQUEST, "expected a file of a control of this page");
    };
    shared.spool.forget(&offer.session, &claim.nonce);
    StatusCode::NO_CONTENT.into_response()
}

async fn take(shared: Arc<Shared>, Asked { offer, claim, offset }: Asked, body: Body) -> Response {
    let (session, nonce) = (offer.session, claim.nonce);
    let beginning = {
        let shared = Arc::clone(&shared);
        tokio::task::spawn_blocking(move || shared.spool.begin(&shared, offer, claim)).await
    };
    let begun = match beginning {
        Ok(Ok(begun)) => begun,
        Ok(Err(refused)) => {
            shared.metrics.one(Count::UploadsRefused);
            return refusal(refused, body).await;
        }
        Err(_) => return StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    };
    Spool::tend(&shared);
    // It may have ended while room was made for it.
    if shared.registry.find(&session).is_none() {
        shared.spool.end(&session);
        return refuse(StatusCode::GONE, "this page is over: please load it again", body).await;
    }
    let (part, sending) = match begun {
        Begun::Whole(upload) => {
            drain(body).await;
            return whole(&upload);
        }
        Begun::Part(part, sending) => (part, sending),
    };
    let Some(mut progress) = part.take_over().await else {
        return refuse(StatusCode::SERVICE_UNAVAILABLE, "this file is being sent already", body).await;
    };
    let received = progress.received;
    match offset {
        None => return so_far(StatusCode::ACCEPTED, received),
        Some(offset) if offset != received => {
            drain(body).await;
            return so_far(StatusCode::CONFLICT, received);
        }
        Some(_) => {}
    }
    let places = (Arc::clone(&sending).try_acquire_owned(), Arc::clone(&shared.spool.receiving).try_acquire_owned());
    let (Ok(_own), Ok(_place)): (Result<OwnedSemaphorePermit, _>, Result<OwnedSemaphorePermit, _>) = places else {
        shared.metrics.one(Count::LimitedUploading);
        return refuse(StatusCode::SERVICE_UNAVAILABLE, "too many files are being sent", body).await;
    };
    let mut chunks = body.into_data_stream();
    let came = part.receive(&mut progress, &mut chunks, shared.limits.upload_time).await;
    let n_bytes = progress.received - received;
    shared.metrics.add(Count::UploadBytes, usize::try_from(n_bytes).unwrap_or(usize::MAX));
    let received = progress.received;
    drop(progress);
    answer(&shared, (&session, &nonce), &part, received, came)
}

fn answer(shared: &Shared, (session, nonce): (&[u8; 16], &[u8; 16]), part: &Part, received: u64, came: Result<(), Unfinished>) -> Response {
    match came {
        Ok(()) => match shared.spool.is_whole(session, nonce) {
            Some(upload) => {
                shared.metrics.one(Count::Uploads);
                whole(&upload)
            }
            None => said(StatusCode::GONE, "this page is over: please load it again"),
        },
        Err(Unfinished::Cut) => {
            shared.metrics.one(Count::UploadsCut);
            so_far(StatusCode::REQUEST_TIMEOUT, received)
        }
        Err(Unfinished::TooMuch) => {
            shared.spool.forget(session, nonce);
            shared.metrics.one(Count::UploadsRefused);
            said(StatusCode::BAD_REQUEST, "the file is larger than was said")
        }
        Err(Unfinished::Unwritten(error)) => {
            shared.spool.forget(session, nonce);
            shared.metrics.one(Count::UploadsRefused);
            tracing::error!(size = part.size, %error, "an upload could not be written");
            said(StatusCode::INSUFFICIENT_STORAGE, NO_ROOM)
        }
    }
}

const NO_ROOM: &str = "the server has no room for this file at present";

async fn refusal(refused: Refused, body: Body) -> Response {
    match refused {
        Refused::TooLarge(words) => refuse(StatusCode::PAYLOAD_TOO_LARGE, &words, body).await,
        Refused::WrongKind(words) => refuse(StatusCode::UNSUPPORTED_MEDIA_TYPE, &words, body).await,
        Refused::TooMany(words) => refuse(StatusCode::TOO_MANY_REQUESTS, words, body).await,
        Refused::NoRoom => refuse(StatusCode::INSUFFICIENT_STORAGE, NO_ROOM, body).await,
        Refused::Conflict => refuse(StatusCode::UNPROCESSABLE_ENTITY, "this is not the file that was begun", body).await,
        Refused::System(error) => {
            tracing::error!(%error, "an upload could not be begun");
            refuse(StatusCode::INSUFFICIENT_STORAGE, NO_ROOM, body).await
        }
    }
}

async fn refuse(status: StatusCode, words: &str, body: Body) -> Response {
    drain(body).await;
    said(status, words)
}

fn said(status: StatusCode, words: &str) -> Response {
    (status, no_store(), words.to_owned()).into_response()
}

fn whole(upload: &Upload) -> Response {
    said(StatusCode::OK, &upload.reference())
}

fn so_far(status: StatusCode, received: u64) -> Response {
    (status, no_store(), [(OFFSET, received)], "").into_response()
}

fn no_store() -> [(HeaderName, &'static str); 2] {
    [(header::CACHE_CONTROL, "no-store"), (header::X_CONTENT_TYPE_OPTIONS, "nosniff")]
}

async fn drain(body: Body) {
    let mut chunks = body.into_data_stream();
    let mut n_bytes = 0;
    let draining = async {
        while let Some(Ok(chunk)) = chunks.next().await {
            n_bytes += chunk.len();
            if n_bytes > DRAINED_BYTES {
                break;
            }
        }
    };
    let _ = tokio::time::timeout(DRAIN_TIME, draining).await;
}
