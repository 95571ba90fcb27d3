//! [`Prefix`]: what the address in the browser has in front of the app's own paths, because another app or a proxy hands them on.
//!
//! Three may say so: the app ([`App::under`](super::App::under)), a proxy that is believed (`X-Forwarded-Prefix`), and the router that the app is
//! nested in. A proxy that takes a path off and says nothing is still no hindrance to a page, its script and its socket: those are
//! named relative to the page, and the socket relative to the script. Only links are then the browser's as they are written.

use std::net::SocketAddr;

use axum::{
    Router,
    extract::{ConnectInfo, OriginalUri},
    http::{HeaderMap, HeaderName, request::Parts},
};

use super::{Shared, framed::Invited};

const X_FORWARDED_PREFIX: HeaderName = HeaderName::from_static("x-forwarded-prefix");
/// Bytes of a prefix. A longer one is none.
const MAX_BYTES: usize = 512;

/// The prefix of one request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Prefix {
    /// As far as it is known: empty, or a path that starts with `/` and doesn't end so.
    pub(crate) path: String,
    /// In front of `/livefloe/…`, for the page.
    pub(super) assets: String,
}

/// A path that can stand in front of others: without the `/` at its end, and of characters that need no escape anywhere it goes.
pub(super) fn normal(path: &str) -> Option<&str> {
    let path = path.strip_suffix('/').unwrap_or(path);
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~%!$&'()*+,;=:@/".contains(&byte);
    let is_path = path.is_empty()
        || path.len() <= MAX_BYTES
            && path.starts_with('/')
            && path.bytes().all(is_plain)
            // `//host` is another host's address, and a browser resolves dots before it asks.
            && path[1..].split('/').all(|part| !matches!(part, "" | "." | ".."));
    is_path.then_some(path)
}

impl Prefix {
    /// Of a request: the one of the app, or what stands before what its own router sees.
    pub(super) fn of(shared: &Shared, parts: &Parts) -> Self {
        if let Some(path) = &shared.prefix {
            return Self { path: path.clone(), assets: path.clone() };
        }
        let own = parts.uri.path();
        let asked = parts.extensions.get::<OriginalUri>().map_or(own, |uri| uri.path());
        let nested = asked.strip_suffix(own).unwrap_or(if own == "/" { asked.trim_end_matches('/') } else { "" });
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let is_believed = parts.extensions.get::<Invited>().is_some()
            || peer.is_some_and(|ConnectInfo(peer)| shared.proxies.trusts(peer.ip().to_canonical()));
        match is_believed.then(|| forwarded(&parts.headers)).flatten() {
            Some(before) => {
                let path = format!("{before}{nested}");
                Self { assets: path.clone(), path }
            }
            None => Self { path: nested.to_owned(), assets: relative(asked, nested) },
        }
    }

    /// The address of the page that was asked for, for the page itself.
    pub(super) fn to_page(&self, own: &str) -> String {
        if self.path.is_empty() {
            // Behind a proxy that said nothing as well; and a path that starts with two slashes would be another host's.
            return format!("./{}", own.rsplit('/').next().unwrap_or_default());
        }
        format!("{}/{}", self.path, own.trim_start_matches('/'))
    }

    /// A path of the app as the browser has it. Others, such as addresses with a host, are what they are.
    pub(crate) fn join<'a>(prefix: &str, path: &'a str) -> std::borrow::Cow<'a, str> {
        if prefix.is_empty() || !path.starts_with('/') || path[1..].starts_with(['/', '\\']) {
            path.into()
        } else {
            format!("{prefix}{path}").into()
        }
    }
}

/// What a proxy that is believed says.
fn forwarded(headers: &HeaderMap) -> Option<&str> {
    let mut said = headers.get_all(X_FORWARDED_PREFIX).iter();
    let (Some(prefix), None) = (said.next(), said.next()) else { return None };
    let prefix = prefix.to_str().ok().and_then(normal);
    if prefix.is_none() {
        tracing::debug!("X-Forwarded-Prefix is no path");
    }
    prefix
}

/// The way from a page to the app's first path.
fn relative(asked: &str, nested: &str) -> String {
    match asked.strip_prefix(nested).filter(|rest| rest.starts_with('/')) {
        Some(rest) => match rest.matches('/').count() - 1 {
            0 => ".".to_owned(),
            n => vec![".."; n].join("/"),
        },
        // Asked for without the `/` at its end: the last part is beside the page.
        None => format!("./{}", nested.rsplit('/').next().unwrap_or_default()),
    }
}

/// The router as it is asked by those who take the prefix off and by those who don't.
pub(super) fn wrap(router: Router, shared: &Shared) -> Router {
    let router = match shared.framed.clone() {
        Some(framed) => framed.wrap(router),
        None => router,
    };
    match shared.prefix.as_deref() {
        None | Some("") => router,
        Some(prefix) => Router::new().nest_service(prefix, router.clone()).fallback_service(router),
    }
}

/// The app's own part of a path.
pub(super) fn own<'a>(shared: &Shared, path: &'a str) -> &'a str {
    let rest = shared.prefix.as_deref().and_then(|prefix| path.strip_prefix(prefix)).filter(|rest| rest.starts_with('/'));
    rest.unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_a_path_and_nothing_else() {
        for (given, expected) in
            [("/a", "/a"), ("/a/", "/a"), ("/a/b-c.d_e~1", "/a/b-c.d_e~1"), ("/", ""), ("", ""), ("/%C3%A4", "/%C3%A4")]
        {
            assert_eq!(normal(given), Some(expected), "{given}");
        }
        let long = format!("/{}", "a".repeat(MAX_BYTES));
        for given in [
            "a", "//a", "/a//b", "//", "/..", "/a/../b", "/./a", "/a\"b", "/a<b", "/a b", "/a?b", "/a#b", "/{a}", "\\a", "/a\\b", "/ä",
            &long,
        ] {
            assert_eq!(normal(given), None, "{given}");
        }
    }

    #[test]
    fn assets_are_named_relative_to_the_page() {
        let cases = [
            ("/", "", "."),
            ("/room", "", "."),
            ("/room/a", "", ".."),
            ("/room/a/b", "", "../.."),
            ("/shop/floor", "/shop/floor", "./floor"),
            ("/shop/floor/", "/shop/floor", "."),
            ("/shop/floor/more/x", "/shop/floor", ".."),
        ];
        for (asked, nested, expected) in cases {
            assert_eq!(relative(asked, nested), expected, "{asked}");
        }
    }

    #[test]
    fn a_page_can_be_led_back_to_itself() {
        let at = |path: &str, own: &str| Prefix { path: path.to_owned(), assets: String::new() }.to_page(own);
        for (path, own, expected) in [
            ("", "/", "./"),
            ("", "/room/a", "./a"),
            ("", "//evil.test", "./evil.test"),
            ("/a", "/", "/a/"),
            ("/a", "/room/b", "/a/room/b"),
        ] {
            assert_eq!(at(path, own), expected);
        }
    }

    #[test]
    fn only_paths_of_the_app_get_the_prefix() {
        let cases = [
            ("/more", "/a/more"),
            ("/", "/a/"),
            ("/?x=/y", "/a/?x=/y"),
            ("more", "more"),
            ("../more", "../more"),
            ("//host/x", "//host/x"),
            ("/\\host/x", "/\\host/x"),
            ("https://host/x", "https://host/x"),
            ("#top", "#top"),
            ("", ""),
        ];
        for (path, expected) in cases {
            assert_eq!(Prefix::join("/a", path), expected);
            assert_eq!(Prefix::join("", path), path);
        }
    }
}
