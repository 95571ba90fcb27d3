//! The handshake that makes a connection a WebSocket (RFC 6455, section 4.2), for a server.

use axum::{
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use sha1::{Digest, Sha1};

use crate::protocol::SUBPROTOCOL;

/// What the key of a request is mixed with, so that nobody answers a handshake by accident.
const GUID: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const VERSION: &str = "13";

/// The answer to a request: status 101 when the connection is a WebSocket from now on; else why not.
pub(super) fn answer(request: &HeaderMap) -> Response {
    let key = match key(request) {
        Ok(key) => key,
        // The header says which version would do.
        Err((status, why)) => return (status, [(header::SEC_WEBSOCKET_VERSION, VERSION)], why).into_response(),
    };
    let accept = STANDARD.encode(Sha1::new().chain_update(key).chain_update(GUID).finalize());
    let upgrade = [(header::CONNECTION, "upgrade"), (header::UPGRADE, "websocket"), (header::SEC_WEBSOCKET_ACCEPT, &accept)];
    let mut response = (StatusCode::SWITCHING_PROTOCOLS, upgrade).into_response();
    if has_token(request, &header::SEC_WEBSOCKET_PROTOCOL, SUBPROTOCOL) {
        response.headers_mut().insert(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(SUBPROTOCOL));
    }
    response
}

/// The key of a request that is all right.
fn key(request: &HeaderMap) -> Result<&[u8], (StatusCode, &'static str)> {
    if !has_token(request, &header::CONNECTION, "upgrade") || !has_token(request, &header::UPGRADE, "websocket") {
        return Err((StatusCode::BAD_REQUEST, "expected an upgrade to a WebSocket\n"));
    }
    if request.get(header::SEC_WEBSOCKET_VERSION).is_none_or(|version| version != VERSION) {
        return Err((StatusCode::UPGRADE_REQUIRED, "expected another version of WebSocket\n"));
    }
    let key = request.get(header::SEC_WEBSOCKET_KEY).map(HeaderValue::as_bytes);
    let is_key = |key: &&[u8]| STANDARD.decode(key).is_ok_and(|bytes| bytes.len() == 16);
    key.filter(is_key).ok_or((StatusCode::BAD_REQUEST, "expected the key of a handshake\n"))
}

/// Whether a header that lists words has this one among them.
fn has_token(request: &HeaderMap, name: &HeaderName, token: &str) -> bool {
    let values = request.get_all(name).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|word| word.trim().eq_ignore_ascii_case(token))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(headers: &[(&'static str, &'static str)]) -> HeaderMap {
        headers.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap())).collect()
    }

    const WHOLE: [(&str, &str); 5] = [
        ("connection", "keep-alive, Upgrade"),
        ("upgrade", "WebSocket"),
        ("sec-websocket-version", "13"),
        // The example of the RFC.
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ("sec-websocket-protocol", SUBPROTOCOL),
    ];

    #[test]
    fn the_key_is_answered_as_the_standard_says() {
        let answer = answer(&request(&WHOLE));
        assert_eq!(answer.status(), 101);
        assert_eq!(answer.headers()["sec-websocket-accept"], "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        assert_eq!(answer.headers()["sec-websocket-protocol"], SUBPROTOCOL);
    }

    #[test]
    fn what_is_no_handshake_is_refused() {
        let cases = [
            ("connection", "keep-alive", 400),
            ("upgrade", "h2c", 400),
            ("sec-websocket-version", "8", 426),
            ("sec-websocket-key", "c2hvcnQ=", 400),
            ("sec-websocket-key", "not base64 at all", 400),
        ];
        for (name, value, status) in cases {
            let mut headers = request(&WHOLE);
            headers.insert(name, value.parse().unwrap());
            assert_eq!(answer(&headers).status(), status, "{name}: {value}");
            headers.remove(name);
            assert_eq!(answer(&headers).status(), status, "no {name}");
        }
        let mut headers = request(&WHOLE);
        headers.insert("sec-websocket-protocol", "other.1".parse().unwrap());
        assert!(!answer(&headers).headers().contains_key("sec-websocket-protocol"), "not agreed on");
    }
}
