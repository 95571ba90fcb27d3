//! [`Framed`]: pages that others may show in a frame: those who know a secret part of their address.
//!
//! A page that can be framed by anybody can be laid under something that people click on. So frames are for the app's own origin, and beside that
//! for the first few pages that came with the secret, which whoever made it has told nobody else.

use std::sync::{Arc, Mutex, PoisonError};

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, header},
    middleware::{self, Next},
    response::Response,
};

/// Shorter ones could be guessed.
const MIN_BYTES: usize = 16;
/// As many origins may show it: one, mostly.
const MAX_ORIGINS: usize = 4;
/// Where pages say who may frame them.
const DEFAULT: &str = "frame-ancestors 'self'";

/// A secret, and who has shown it.
#[derive(Debug, Clone)]
pub(super) struct Framed {
    pub(super) secret: String,
    origins: Arc<Mutex<Vec<String>>>,
}

/// A request that has named the secret: it is from nobody who was not given it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Invited;

impl Framed {
    /// `None` for what is no secret that can stand in a path.
    pub(super) fn new(secret: &str) -> Option<Self> {
        let is_secret = secret.len() >= MIN_BYTES && secret.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        is_secret.then(|| Self { secret: secret.to_owned(), origins: Arc::default() })
    }

    /// The app, also below the secret.
    pub(super) fn wrap(self, router: Router) -> Router {
        let path = format!("/{}", self.secret);
        let invited = router.clone().layer(middleware::from_fn_with_state(self, invite));
        Router::new().nest_service(&path, invited).fallback_service(router)
    }

    /// Who may frame what is answered. A page that is framed names who does that when it is first asked for, and from then on its own origin.
    fn ancestors(&self, headers: &HeaderMap) -> String {
        // A lock on the way of documents, of which one person opens a few.
        let mut origins = self.origins.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(origin) = headers.get(header::REFERER).and_then(|referer| origin_of(referer.to_str().ok()?))
            && !origins.contains(&origin)
            && origins.len() < MAX_ORIGINS
        {
            origins.push(origin);
        }
        format!("{DEFAULT} {}", origins.join(" ")).trim_end().to_owned()
    }
}

/// Scheme, host and port of an address, of characters that can't be taken for anything else in a policy.
fn origin_of(address: &str) -> Option<String> {
    let (scheme, rest) = address.split_once("://")?;
    let host = rest.split('/').next()?;
    let is_host =
        !host.is_empty() && host.len() <= 255 && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:[]_".contains(&byte));
    (matches!(scheme, "http" | "https") && is_host).then(|| format!("{scheme}://{host}"))
}

async fn invite(State(framed): State<Framed>, mut request: Request, next: Next) -> Response {
    let ancestors = framed.ancestors(request.headers());
    request.extensions_mut().insert(Invited);
    let mut response = next.run(request).await;
    if let Some(policy) = response.headers_mut().get_mut(header::CONTENT_SECURITY_POLICY)
        && let Some(changed) = policy.to_str().ok().map(|policy| policy.replace(DEFAULT, &ancestors))
        && let Ok(changed) = HeaderValue::from_str(&changed)
    {
        *policy = changed;
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_told_from_an_address() {
        let cases = [
            ("http://localhost:8888/", Some("http://localhost:8888")),
            ("https://hub.example.org/user/ada/lab?x=1", Some("https://hub.example.org")),
            ("http://[::1]:8888/lab", Some("http://[::1]:8888")),
            ("https://a.test; script-src *", None),
            ("https://a.test *", None),
            ("https://a@b.test/", None),
            ("file:///home/ada", None),
            ("https://", None),
            ("null", None),
            ("", None),
        ];
        for (address, expected) in cases {
            assert_eq!(origin_of(address).as_deref(), expected, "{address}");
        }
    }

    #[test]
    fn a_secret_is_long_and_can_stand_in_a_path() {
        for (secret, is_one) in [("a".repeat(16), true), ("a".repeat(15), false), ("a/".repeat(8), false), ("{a}".repeat(8), false)] {
            assert_eq!(Framed::new(&secret).is_some(), is_one, "{secret}");
        }
    }
}
