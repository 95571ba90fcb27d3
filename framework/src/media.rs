//! Bytes that a page shows or gives away: pictures, sounds, files to save. They are served under addresses that only the server makes.
//!
//! An address holds the session and a hash of what it leads to, signed: nothing in it is a path, and nobody makes one up. What it leads to stays in memory while
//! the session lives, within bounds: of the bytes of a session the ones go first that were rendered longest ago. It is sent so that a browser never takes it for a page of the app.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{
    extract::{Path, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use dashmap::DashMap;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::{Limits, app::Shared, session::Keys};

/// What stands in front of an address's name, under the app's own path.
pub(crate) const ROUTE: &str = "/livefloe/media/{name}";

/// Says that whatever it is, it may do nothing: neither run, nor load, nor submit.
const SANDBOX: &str = "sandbox; default-src 'none'; style-src 'unsafe-inline'";
const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

type Session = [u8; 16];
type Hash = [u8; 16];

/// What the sessions of an app show.
#[derive(Default)]
pub(crate) struct Shelf {
    sessions: DashMap<Session, Arc<Mutex<Shown>>>,
    n_sessions: AtomicUsize,
    n_bytes: AtomicUsize,
}

/// What a session shows, what was rendered last at the end.
#[derive(Default)]
struct Shown {
    items: VecDeque<Item>,
    n_bytes: usize,
}

#[derive(Clone)]
struct Item {
    hash: Hash,
    bytes: Bytes,
    content_type: String,
    /// What it is called when it is saved; what has one is only saved.
    name: Option<String>,
}

impl Shelf {
    /// Puts something up, and gives the name of its address.
    pub(crate) fn put(
        &self,
        keys: &Keys,
        limits: &Limits,
        session: Session,
        bytes: Bytes,
        content_type: &str,
        name: Option<&str>,
    ) -> String {
        let mut hasher = blake3::Hasher::new();
        for part in [content_type, name.unwrap_or_default()] {
            hasher.update(&(part.len() as u64).to_be_bytes()).update(part.as_bytes());
        }
        let mut hash = Hash::default();
        hash.copy_from_slice(&hasher.update(&bytes).finalize().as_bytes()[..16]);
        let shown = Arc::clone(&self.sessions.entry(session).or_insert_with(|| {
            self.n_sessions.fetch_add(1, Ordering::Relaxed);
            Arc::default()
        }));
        let mut shown = lock(&shown);
        if let Some(at) = shown.items.iter().position(|item| item.hash == hash) {
            if let Some(item) = shown.items.remove(at) {
                shown.items.push_back(item);
            }
        } else {
            let n_bytes = bytes.len();
            while shown.n_bytes + n_bytes > limits.max_media_bytes_per_session
                || self.n_bytes.load(Ordering::Relaxed) + n_bytes > limits.max_total_media_bytes
            {
                let Some(oldest) = shown.items.pop_front() else { break };
                self.drops(&mut shown, oldest.bytes.len());
            }
            if n_bytes <= limits.max_media_bytes_per_session
                && self.n_bytes.load(Ordering::Relaxed) + n_bytes <= limits.max_total_media_bytes
            {
                self.n_bytes.fetch_add(n_bytes, Ordering::Relaxed);
                shown.n_bytes += n_bytes;
                shown.items.push_back(Item { hash, bytes, content_type: content_type.to_owned(), name: name.map(str::to_owned) });
            } else {
                tracing::warn!(n_bytes, "no room for what a page shows (Limits::max_media_bytes_per_session, max_total_media_bytes)");
            }
        }
        let signed = [session, hash].concat();
        URL_SAFE_NO_PAD.encode([&signed[..], &keys.media(&signed)].concat())
    }

    fn drops(&self, shown: &mut Shown, n_bytes: usize) {
        shown.n_bytes -= n_bytes;
        self.n_bytes.fetch_sub(n_bytes, Ordering::Relaxed);
    }

    fn find(&self, keys: &Keys, name: &str) -> Option<Item> {
        let mut bytes = [0; 48];
        let length = URL_SAFE_NO_PAD.decode_slice(name, &mut bytes).ok()?;
        let (signed, mac) = bytes.split_last_chunk::<16>()?;
        if length != bytes.len() || !keys.made_media(signed, mac) {
            return None;
        }
        let (session, hash) = signed.split_first_chunk::<16>()?;
        let shown = Arc::clone(&*self.sessions.get(session)?);
        let shown = lock(&shown);
        shown.items.iter().find(|item| item.hash == *hash).cloned()
    }

    /// The session has ended.
    pub(crate) fn end(&self, session: &Session) {
        if self.n_sessions.load(Ordering::Relaxed) > 0
            && let Some((_, shown)) = self.sessions.remove(session)
        {
            self.n_sessions.fetch_sub(1, Ordering::Relaxed);
            self.n_bytes.fetch_sub(lock(&shown).n_bytes, Ordering::Relaxed);
        }
    }
}

fn lock(shown: &Mutex<Shown>) -> std::sync::MutexGuard<'_, Shown> {
    shown.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether a browser may show it by itself, without anything in it being run.
fn is_harmless(content_type: &str) -> bool {
    let pictures = ["png", "jpeg", "gif", "webp", "avif", "bmp"];
    match content_type.split_once('/') {
        Some(("image", kind)) => pictures.contains(&kind),
        Some(("audio" | "video", kind)) => kind.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-+".contains(&byte)),
        _ => false,
    }
}

/// Serves what a page shows.
pub(crate) async fn get(State(shared): State<Arc<Shared>>, Path(name): Path<String>, request: HeaderMap) -> Response {
    // Of another session, of none, or made up: all the same.
    let Some(item) = shared.shelf.find(&shared.keys, &name) else { return StatusCode::NOT_FOUND.into_response() };
    let Item { hash, bytes, content_type, name } = item;
    let tag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(hash));
    let disposition = match &name {
        Some(name) => format!("attachment; filename*=UTF-8''{}", utf8_percent_encode(name, NON_ALPHANUMERIC)),
        None if is_harmless(&content_type) => "inline".to_owned(),
        None => "attachment".to_owned(),
    };
    let text = |name| request.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let range = match text(header::IF_RANGE) {
        Some(wanted) if wanted != tag => None,
        _ => text(header::RANGE).and_then(|range| read_range(range, bytes.len())),
    };
    let mut response = match range {
        _ if text(header::IF_NONE_MATCH).is_some_and(|tags| tags.split(',').any(|other| other.trim() == tag)) => {
            StatusCode::NOT_MODIFIED.into_response()
        }
        None => bytes.into_response(),
        Some(Ok((start, end))) => {
            let of = format!("bytes {start}-{end}/{}", bytes.len());
            (StatusCode::PARTIAL_CONTENT, [(header::CONTENT_RANGE, of)], bytes.slice(start..=end)).into_response()
        }
        Some(Err(Outside)) => {
            (StatusCode::RANGE_NOT_SATISFIABLE, [(header::CONTENT_RANGE, format!("bytes */{}", bytes.len()))]).into_response()
        }
    };
    let kind = HeaderValue::from_str(&content_type).unwrap_or(HeaderValue::from_static("application/octet-stream"));
    let fixed = [
        (header::CONTENT_TYPE, kind),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(SANDBOX)),
        (CROSS_ORIGIN_RESOURCE_POLICY, HeaderValue::from_static("same-origin")),
        (header::ACCEPT_RANGES, HeaderValue::from_static("bytes")),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        // One visitor's, and never something else under this address.
        (header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=31536000, immutable")),
    ];
    let headers = response.headers_mut();
    for (name, value) in fixed {
        headers.insert(name, value);
    }
    for (name, value) in [(header::ETAG, tag), (header::CONTENT_DISPOSITION, disposition)] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    }
    response
}

/// A range that lies behind the end.
#[derive(Debug, PartialEq, Eq)]
struct Outside;

/// The first and the last byte of a range. What is no single range is as if it weren't there (RFC 9110, 14.2).
fn read_range(text: &str, length: usize) -> Option<Result<(usize, usize), Outside>> {
    let (start, end) = text.strip_prefix("bytes=")?.split_once('-')?;
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(start) || !is_number(end) || start.is_empty() && end.is_empty() {
        return None;
    }
    // What is too large for a number lies outside.
    let number = |text: &str| text.parse().unwrap_or(usize::MAX);
    let (first, last) = if start.is_empty() {
        (length.saturating_sub(number(end)), usize::MAX)
    } else {
        (number(start), if end.is_empty() { usize::MAX } else { number(end) })
    };
    if last < first {
        return None;
    }
    Some(if first < length { Ok((first, last.min(length - 1))) } else { Err(Outside) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_one_of_the_bytes_that_there_are_or_none() {
        let cases = [
            ("bytes=0-3", Some(Ok((0, 3)))),
            ("bytes=3-", Some(Ok((3, 9)))),
            ("bytes=-3", Some(Ok((7, 9)))),
            ("bytes=-300", Some(Ok((0, 9)))),
            ("bytes=9-99999999999999999999999", Some(Ok((9, 9)))),
            ("bytes=10-", Some(Err(Outside))),
            ("bytes=99999999999999999999999-", Some(Err(Outside))),
            ("bytes=-0", Some(Err(Outside))),
            ("bytes=3-2", None),
            ("bytes=-", None),
            ("bytes=0-1,3-4", None),
            ("bytes=a-b", None),
            ("bytes=-1-2", None),
            ("lines=0-3", None),
            ("bytes=+1-2", None),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(read_range(text, 10), expected, "{text}");
        }
        assert_eq!(read_range("bytes=0-", 0), Some(Err(Outside)));
    }

    #[test]
    fn the_newest_stay_and_an_end_leaves_nothing() {
        let (shelf, keys) = (Shelf::default(), Keys::new(&[1; 32]));
        let limits = Limits { max_media_bytes_per_session: 10, max_total_media_bytes: 15, ..Limits::default() };
        let put =
            |session: u8, bytes: &'static [u8]| shelf.put(&keys, &limits, [session; 16], Bytes::from_static(bytes), "image/png", None);
        let has = |name: &str| shelf.find(&keys, name).is_some();
        let (one, two) = (put(1, b"12345"), put(1, b"67890"));
        assert_eq!(put(1, b"12345"), one, "the same again is the same");
        let three = put(1, b"abc");
        assert!(has(&one) && !has(&two) && has(&three), "the one rendered longest ago went");
        let (large, other) = (put(2, b"12345678901"), put(2, b"1234567"));
        assert!(!has(&large) && has(&other));
        assert!(shelf.n_bytes.load(Ordering::Relaxed) <= 15);
        assert_ne!(put(2, b"12345"), one, "each session has its own");
        shelf.end(&[1; 16]);
        shelf.end(&[2; 16]);
        assert!(!has(&one) && shelf.n_bytes.load(Ordering::Relaxed) == 0);
        assert!(!has("") && !has("..") && !has(&"A".repeat(64)));
    }
}
