//! Scripts of the app's own: modules that every page loads after Livefloe's, from the app's own origin.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;

use super::{
    Shared,
    compress::{accepts_gzip, gzip},
};
use crate::handler::Identity;

/// Where they are. The hash of what one says is part of its address, so that it can be cached for ever.
pub(super) const ROUTE: &str = "/livefloe/{version}/own/{file}";

/// A script of the app's own.
#[derive(Debug, Clone)]
pub(crate) struct Script {
    name: String,
    version: String,
    source: Bytes,
    compressed: Bytes,
}

impl Script {
    /// # Errors
    /// What is wrong with its name.
    pub(super) fn new(name: &str, source: Bytes) -> Result<Self, &'static str> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        if name.strip_suffix(".js").is_none_or(str::is_empty) || name.len() > 100 || name.starts_with('.') || !name.bytes().all(is_plain) {
            return Err("expected a name such as chart.js, of letters, digits, dots, - and _");
        }
        let version = Identity::ROOT.bytes(&source).handler().to_string();
        let compressed = gzip(&source, flate2::Compression::best()).into();
        Ok(Self { name: name.to_owned(), version, source, compressed })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Its address below `/livefloe/`.
    pub(super) fn address(&self) -> String {
        format!("{}/own/{}", self.version, self.name)
    }
}

pub(super) async fn serve(State(shared): State<Arc<Shared>>, Path((asked, file)): Path<(String, String)>, request: HeaderMap) -> Response {
    let Some(script) = shared.scripts.iter().find(|script| script.name == file) else { return StatusCode::NOT_FOUND.into_response() };
    // A page of another version of the app gets the script of this one, but nobody keeps it under that name.
    let caching = if asked == script.version { "public, max-age=31536000, immutable" } else { "no-store" };
    let headers = [
        (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (header::CACHE_CONTROL, caching),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::VARY, "accept-encoding"),
    ];
    if accepts_gzip(&request) {
        (headers, [(header::CONTENT_ENCODING, "gzip")], script.compressed.clone()).into_response()
    } else {
        (headers, script.source.clone()).into_response()
    }
}
