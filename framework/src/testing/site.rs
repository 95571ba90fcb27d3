//! [`Site`]: an app under test, which any number of pages may be opened of.

use std::{fmt, sync::Arc};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Extensions, HeaderMap, HeaderName, HeaderValue, Request, StatusCode, header},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use tower::ServiceExt;

use super::{Page, TestError};
use crate::{App, Result, app::Shared, session::Peer, store};

/// A page larger than this is no page.
const MAX_PAGE_BYTES: usize = 64 * 1024 * 1024;

/// An app under test. Clone it, open several pages: each is a visitor of their own.
///
/// ```
/// # use livefloe::{App, Component, Cx, Markup, html, testing::Site};
/// # #[derive(Default, serde::Serialize, serde::Deserialize)] struct Hello {}
/// # impl Component for Hello { fn render(&self, _: &Cx<Self>) -> Markup { html! { h1 { "Hello" } } } }
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let site = Site::new(App::new().page("/", Hello::default))?;
/// let (ada, grace) = (site.open("/").await?, site.open("/").await?);
/// assert!(ada.sees("Hello") && grace.sees("Hello"));
/// assert_eq!(site.n_sessions(), 2);
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Site {
    router: Router,
    pub(super) shared: Arc<Shared>,
    headers: HeaderMap,
}

impl Site {
    /// Puts an app together. Unless it has a store of its own, its sessions are kept for [`Page::restart`]. Its pages are those of
    /// browsers that run scripts, and they may be as fast as a test is, unless the app says how many events a second a session may send.
    ///
    /// # Errors
    /// When the app has a mistake.
    pub fn new(app: App) -> Result<Self> {
        let (router, shared) = app.default_store(store::Memory::new()).without_script(false).unhurried().build(0)?;
        Ok(Self { router, shared, headers: HeaderMap::new() })
    }

    /// The same app for visitors whose requests have this header as well: one by which the app knows its users, for example.
    ///
    /// # Errors
    /// When the header is none.
    ///
    /// ```
    /// # use livefloe::{App, Component, Cx, Markup, html, testing::Site};
    /// # #[derive(Default, serde::Serialize, serde::Deserialize)] struct Hello {}
    /// # impl Component for Hello { fn render(&self, _: &Cx<Self>) -> Markup { html! { h1 { "Hello" } } } }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let site = Site::new(App::new().page("/", Hello::default))?;
    /// let ada = site.with_header("accept-language", "en")?.open("/").await?;
    /// # Ok(()) }
    /// ```
    pub fn with_header(&self, name: &str, value: &str) -> Result<Self, TestError> {
        let mut site = self.clone();
        let parsed = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value));
        let (Ok(name), Ok(value)) = parsed else {
            return Err(TestError::Impossible { reason: format!("`{name}: {value}` is no header") });
        };
        site.headers.insert(name, value);
        Ok(site)
    }

    /// Who its visitors are.
    pub(super) fn peer(&self) -> Peer {
        self.shared.peer(&self.headers, &Extensions::default())
    }

    /// Opens a page as a new visitor: its GET, and the join of its socket.
    ///
    /// # Errors
    /// When there is no such page, or it could not be mounted.
    pub async fn open(&self, path: &str) -> Result<Page, TestError> {
        let (status, body) = self.get(path).await;
        if status != StatusCode::OK {
            return Err(TestError::Status { status: status.as_u16(), body: super::page::shortened(&words(&body), 300) });
        }
        Page::join(self.clone(), path, &body).await
    }

    /// The status and the body of a GET.
    pub async fn get(&self, path: &str) -> (StatusCode, String) {
        let request = Request::get(path).header(header::HOST, "localhost").body(Body::empty());
        let Ok(mut request) = request else { return (StatusCode::BAD_REQUEST, format!("`{path}` is no path")) };
        request.headers_mut().extend(self.headers.clone());
        let response = match self.router.clone().oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        };
        let status = response.status();
        let body = to_bytes(response.into_body(), MAX_PAGE_BYTES).await.unwrap_or_default();
        (status, String::from_utf8_lossy(&body).into_owned())
    }

    /// Sends a file as a client does, and gives what an event calls it; or else what the person is told.
    pub(super) async fn upload(&self, ticket: &str, name: &str, kind: &str, bytes: &[u8]) -> std::result::Result<String, String> {
        let encoded = |text: &str| percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string();
        let nonce = crate::session::random_id().map_err(|error| error.to_string())?;
        let request = Request::post("/livefloe/test/upload")
            .header(header::HOST, "localhost")
            .header(header::CONTENT_TYPE, "application/octet-stream")
            .header("livefloe-upload", ticket)
            .header("livefloe-nonce", URL_SAFE_NO_PAD.encode(nonce))
            .header("livefloe-size", bytes.len())
            .header("livefloe-offset", 0)
            .header("livefloe-name", encoded(name))
            .header("livefloe-type", encoded(kind))
            .body(Body::from(bytes.to_vec()))
            .map_err(|error| error.to_string())?;
        let response = match self.router.clone().oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        };
        let is_there = response.status() == StatusCode::OK;
        let said = to_bytes(response.into_body(), MAX_PAGE_BYTES).await.unwrap_or_default();
        let said = String::from_utf8_lossy(&said).into_owned();
        if is_there { Ok(said) } else { Err(said) }
    }

    /// How many sessions live.
    #[must_use]
    pub fn n_sessions(&self) -> usize {
        self.shared.registry.len()
    }

    /// Ends every session, as a server that stops does.
    pub fn close(&self) {
        self.shared.registry.close_all();
    }

    /// The app's state of this type.
    #[must_use]
    pub fn state<T: std::any::Any + Send + Sync>(&self) -> Option<Arc<T>> {
        self.shared.state()
    }
}

/// What a person reads on an error page.
fn words(body: &str) -> String {
    let main = body.split_once("<main").and_then(|(_, rest)| rest.split_once("</main>")).map_or(body, |(main, _)| main);
    let text: String = main.split('<').map(|piece| piece.split_once('>').map_or(piece, |(_, text)| text)).collect::<Vec<_>>().join(" ");
    let unescaped = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&");
    super::reader::squeezed(&unescaped)
}

impl fmt::Debug for Site {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Site({} sessions)", self.n_sessions())
    }
}
