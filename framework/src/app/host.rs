//! Which host names the app answers to, and which origins may open a socket.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{Extensions, HeaderMap, StatusCode, Uri, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{Shared, framed::Invited};

/// A request that another server took on a loopback address.
#[derive(Debug, Clone, Copy)]
pub(super) struct OnLoopback;

/// The host names that an app answers to.
#[derive(Debug, Clone, Default)]
pub(crate) struct Hosts {
    allowed: Vec<String>,
}

impl Hosts {
    pub(crate) fn allow(&mut self, host: &str) {
        self.allowed.push(host.to_ascii_lowercase());
    }

    /// A server on a loopback address answers to loopback names, besides those that were allowed.
    pub(crate) fn allow_loopback(&mut self) {
        for host in ["localhost", "127.0.0.1", "[::1]"] {
            self.allow(host);
        }
    }

    fn answers_to(&self, host: &str) -> bool {
        self.allowed.is_empty() || self.allowed.iter().any(|allowed| allowed.eq_ignore_ascii_case(without_port(host)))
    }

    /// The same for a request: where another server has taken it, only that says on which address.
    pub(super) fn answer(&self, headers: &HeaderMap, extensions: &Extensions, uri: &Uri) -> bool {
        let Some(host) = request_host(headers, uri) else { return false };
        // No other site knows the way, whatever name it has for this server.
        if extensions.get::<Invited>().is_some() {
            return true;
        }
        if extensions.get::<OnLoopback>().is_none() {
            return self.answers_to(host);
        }
        let mut hosts = self.clone();
        hosts.allow_loopback();
        hosts.answers_to(host)
    }
}

/// Refuses requests for hosts that the app doesn't answer to.
pub(super) async fn check(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    if shared.hosts.answer(request.headers(), request.extensions(), request.uri()) { next.run(request).await } else { misdirected() }
}

/// What is answered to those who ask for another host.
pub(super) fn misdirected() -> Response {
    (StatusCode::MISDIRECTED_REQUEST, "this server doesn't answer to that host name\n").into_response()
}

/// Whether a socket may be opened: browsers send the page's origin with it, and only our own pages may.
pub(crate) fn is_same_origin(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value: &axum::http::HeaderValue| value.to_str().ok());
    // What sends no Origin is no browser, and no other site's page then.
    let Some(origin) = text(header::ORIGIN) else { return !headers.contains_key(header::ORIGIN) };
    let host_of_origin = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
    matches!((host_of_origin, text(header::HOST)), (Some(origin), Some(host)) if origin.eq_ignore_ascii_case(host))
}

fn request_host<'a>(headers: &'a HeaderMap, uri: &'a Uri) -> Option<&'a str> {
    match headers.get(header::HOST) {
        Some(host) => host.to_str().ok(),
        None => uri.host(),
    }
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_of_the_same_origin_may_open_a_socket() {
        let cases = [
            (None, true),
            (Some("http://app.test:8000"), true),
            (Some("https://app.test:8000"), true),
            (Some("http://APP.test:8000"), true),
            (Some("null"), false),
            (Some("http://app.test"), false),
            (Some("http://app.test:8001"), false),
            (Some("http://evil.test:8000"), false),
            (Some("http://app.test:8000.evil.test"), false),
            (Some("http://evil.app.test:8000"), false),
            (Some("http://app.test:8000@evil.test"), false),
            (Some("file://app.test:8000"), false),
            (Some(""), false),
        ];
        for (origin, expected) in cases {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, "app.test:8000".parse().unwrap());
            if let Some(origin) = origin {
                headers.insert(header::ORIGIN, origin.parse().unwrap());
            }
            assert_eq!(is_same_origin(&headers), expected, "{origin:?}");
        }
    }

    #[test]
    fn a_loopback_server_answers_to_loopback_names_only() {
        let mut hosts = Hosts::default();
        assert!(hosts.answers_to("anything"));
        hosts.allow_loopback();
        for host in ["localhost:8000", "127.0.0.1", "[::1]:8000", "[::1]", "LOCALHOST"] {
            assert!(hosts.answers_to(host), "{host}");
        }
        for host in ["evil.test", "localhost.evil.test", "127.0.0.1.evil.test:8000", "", "localhost:80:80"] {
            assert!(!hosts.answers_to(host), "{host}");
        }
    }
}
