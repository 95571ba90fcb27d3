//! The client's script and the stylesheet, built into the binary.

use std::sync::OnceLock;

use axum::{
    extract::Path,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};

use crate::handler::Identity;

/// Where the assets are, under the app's own path. The version is part of it, so that they can be cached for ever.
pub(super) const ROUTE: &str = "/livefloe/{version}/{file}";
/// Where the socket is: beside the script, which finds it there.
pub(super) const SOCKET_ROUTE: &str = "/livefloe/{version}/socket";

struct Asset {
    name: &'static str,
    content_type: &'static str,
    body: &'static [u8],
}

const ASSETS: &[Asset] = &[
    Asset { name: "livefloe.js", content_type: "text/javascript; charset=utf-8", body: include_bytes!("../../assets/livefloe.js") },
    Asset { name: "sketchpad.js", content_type: "text/javascript; charset=utf-8", body: include_bytes!("../../assets/sketchpad.js") },
    Asset { name: "livefloe.css", content_type: "text/css; charset=utf-8", body: include_bytes!("../../assets/livefloe.css") },
];

/// Names the content of all assets together.
pub(super) fn version() -> &'static str {
    static VERSION: OnceLock<String> = OnceLock::new();
    VERSION.get_or_init(|| ASSETS.iter().fold(Identity::ROOT, |version, asset| version.bytes(asset.body)).handler().to_string())
}

pub(super) async fn serve(Path((asked, file)): Path<(String, String)>) -> Response {
    let Some(asset) = ASSETS.iter().find(|asset| asset.name == file) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    // A page of another version of the app still gets the script, but nobody keeps it under that name.
    let caching = if asked == version() { "public, max-age=31536000, immutable" } else { "no-store" };
    let headers = [
        (header::CONTENT_TYPE, asset.content_type),
        (header::CACHE_CONTROL, caching),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, asset.body).into_response()
}
