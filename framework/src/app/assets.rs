//! The client's script and the stylesheet, built into the binary.

use std::sync::OnceLock;

use axum::{
    extract::Path,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::compress::{accepts_gzip, gzip};
use crate::handler::Identity;

/// Where the assets are, under the app's own path. The version is part of it, so that they can be cached for ever.
pub(super) const ROUTE: &str = "/livefloe/{version}/{file}";
/// Where the socket is: beside the script, which finds it there.
pub(super) const SOCKET_ROUTE: &str = "/livefloe/{version}/socket";
/// What is there where no socket gets through: a stream of frames to the client, and where it posts its own.
pub(super) const STREAM_ROUTE: &str = "/livefloe/{version}/stream";
/// Where files are sent to.
pub(super) const UPLOAD_ROUTE: &str = "/livefloe/{version}/upload";
pub(super) const FRAMES_ROUTE: &str = "/livefloe/{version}/frames";
/// Where pages of an app that is being written hear of it.
pub(super) const PROBLEMS_ROUTE: &str = "/livefloe/{version}/problems";

struct Asset {
    name: &'static str,
    content_type: &'static str,
    body: &'static [u8],
}

const ASSETS: &[Asset] = &[
    Asset { name: "livefloe.js", content_type: "text/javascript; charset=utf-8", body: include_bytes!("../../assets/livefloe.js") },
    Asset { name: "notice.js", content_type: "text/javascript; charset=utf-8", body: include_bytes!("../../assets/notice.js") },
    Asset { name: "stream.js", content_type: "text/javascript; charset=utf-8", body: include_bytes!("../../assets/stream.js") },
    Asset { name: "bare.js", content_type: "text/javascript; charset=utf-8", body: include_bytes!("../../assets/bare.js") },
    Asset { name: "act.js", content_type: "text/javascript; charset=utf-8", body: include_bytes!("../../assets/act.js") },
    Asset { name: "address.js", content_type: "text/javascript; charset=utf-8", body: include_bytes!("../../assets/address.js") },
    Asset { name: "kept.js", content_type: "text/javascript; charset=utf-8", body: include_bytes!("../../assets/kept.js") },
    Asset { name: "chat.js", content_type: "text/javascript; charset=utf-8", body: include_bytes!("../../assets/chat.js") },
    Asset { name: "roving.js", content_type: "text/javascript; charset=utf-8", body: include_bytes!("../../assets/roving.js") },
    Asset { name: "sketchpad.js", content_type: "text/javascript; charset=utf-8", body: include_bytes!("../../assets/sketchpad.js") },
    Asset { name: "problems.js", content_type: "text/javascript; charset=utf-8", body: include_bytes!("../../assets/problems.js") },
    Asset { name: "upload.js", content_type: "text/javascript; charset=utf-8", body: include_bytes!("../../assets/upload.js") },
    Asset { name: "framed.js", content_type: "text/javascript; charset=utf-8", body: include_bytes!("../../assets/framed.js") },
    Asset { name: "livefloe.css", content_type: "text/css; charset=utf-8", body: include_bytes!("../../assets/livefloe.css") },
];

/// Names the content of all assets together.
pub(super) fn version() -> &'static str {
    static VERSION: OnceLock<String> = OnceLock::new();
    VERSION.get_or_init(|| ASSETS.iter().fold(Identity::ROOT, |version, asset| version.bytes(asset.body)).handler().to_string())
}

pub(super) async fn serve(Path((asked, file)): Path<(String, String)>, request: HeaderMap) -> Response {
    let Some((index, asset)) = ASSETS.iter().enumerate().find(|(_, asset)| asset.name == file) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    // A page of another version of the app still gets the script, but nobody keeps it under that name.
    let caching = if asked == version() { "public, max-age=31536000, immutable" } else { "no-store" };
    let headers = [
        (header::CONTENT_TYPE, asset.content_type),
        (header::CACHE_CONTROL, caching),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::VARY, "accept-encoding"),
    ];
    match compressed().get(index).filter(|_| accepts_gzip(&request)) {
        Some(body) => (headers, [(header::CONTENT_ENCODING, "gzip")], body.as_slice()).into_response(),
        None => (headers, asset.body).into_response(),
    }
}

/// The assets as they travel, made when the first is asked for. They hold nothing of any visitor, so compressing them gives nothing away.
fn compressed() -> &'static [Vec<u8>] {
    static COMPRESSED: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    COMPRESSED.get_or_init(|| ASSETS.iter().map(|asset| gzip(asset.body, flate2::Compression::best())).collect())
}
