//! The client's script and the stylesheet, built into the binary.

use std::{io::Write as _, sync::OnceLock};

use axum::{
    extract::Path,
    http::{HeaderMap, StatusCode, header},
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
    Asset { name: "notice.js", content_type: "text/javascript; charset=utf-8", body: include_bytes!("../../assets/notice.js") },
    Asset { name: "sketchpad.js", content_type: "text/javascript; charset=utf-8", body: include_bytes!("../../assets/sketchpad.js") },
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
    COMPRESSED.get_or_init(|| {
        ASSETS
            .iter()
            .map(|asset| {
                let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
                encoder.write_all(asset.body).and_then(|()| encoder.finish()).expect("writing to memory does not fail")
            })
            .collect()
    })
}

fn accepts_gzip(request: &HeaderMap) -> bool {
    let accepted = request.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    accepted.flat_map(|value| value.split(',')).any(|coding| {
        let (name, parameters) = coding.split_once(';').unwrap_or((coding, ""));
        matches!(name.trim(), "gzip" | "*")
            && !matches!(parameters.trim().replace(' ', "").as_str(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_sent_to_those_who_take_it() {
        let cases = [
            ("gzip", true),
            ("br, gzip;q=0.5", true),
            ("*", true),
            ("gzip;q=0", false),
            ("gzip; q=0.0", false),
            ("br", false),
            ("", false),
        ];
        for (accepted, expected) in cases {
            let mut request = HeaderMap::new();
            request.insert(header::ACCEPT_ENCODING, accepted.parse().unwrap());
            assert_eq!(accepts_gzip(&request), expected, "{accepted}");
        }
    }
}
