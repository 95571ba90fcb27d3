//! Pages and patches from chance, for a browser to follow: what a session sends, and what a fresh load would show.
//!
//! Nothing is kept from one request to the next. The same bytes always give the same story, so a number is enough to tell one
//! again, and bytes are what shrinks.
//!
//! | request | what it gives |
//! |---|---|
//! | `GET /` | the page that compares, with two frames of `GET /frame` |
//! | `GET /client-js/…`, `GET /tests/browser/…` | the client's sources and what compares, as they are in the tree |
//! | `GET /stories/{seed}/{first}/{count}` | that many [stories](Story) |
//! | `POST /story` | the one that the body's bytes make |
//! | `POST /resync/{step}/{component}` | the operations that repair a component after that step of it |

mod story;

use std::{
    env,
    io::Write as _,
    path::{Component, Path as FilePath},
};

use axum::{
    Router,
    body::Bytes,
    extract::Path,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::Serialize;

use crate::story::Story;

/// Where the repository is.
const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// What the framework's pages have, and a policy for those who write them here.
const POLICY: &str = "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'; \
     require-trusted-types-for 'script'; trusted-types livefloe pairs";

const PAGE: &str = "<!doctype html><title>Pairs</title><link rel=\"icon\" href=\"data:,\">\
     <script type=\"module\" src=\"/tests/browser/pairs/run.mjs\"></script>\
     <iframe src=\"/frame\"></iframe><iframe src=\"/frame\"></iframe>";

const FRAME: &str = "<!doctype html><title>Frame</title><script type=\"module\" src=\"/tests/browser/pairs/frame.mjs\"></script>";

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let app = Router::new()
        .route("/", get(async || html(PAGE)))
        .route("/frame", get(async || html(FRAME)))
        .route("/client-js/{*path}", get(async |Path(path): Path<String>| source("client-js", &path)))
        .route("/tests/browser/{*path}", get(async |Path(path): Path<String>| source("tests/browser", &path)))
        .route("/stories/{seed}/{first}/{count}", get(stories))
        .route("/story", post(async |body: Bytes| told(move || Story::new(&body)).await))
        .route("/resync/{step}/{component}", post(resync));
    let port = env::var("PORT").unwrap_or_else(|_| "0".to_owned());
    let listener = tokio::net::TcpListener::bind(format!("127.0.0.1:{port}")).await?;
    writeln!(std::io::stdout(), "listening on http://{}", listener.local_addr()?)?;
    Ok(axum::serve(listener, app).await?)
}

async fn stories(Path((seed, first, count)): Path<(u32, u32, u32)>) -> Response {
    told(move || (first..first.saturating_add(count)).map(|number| Story::new(&story::bytes(seed, number))).collect::<Vec<_>>()).await
}

async fn resync(Path((step, component)): Path<(usize, u32)>, body: Bytes) -> Response {
    told(move || story::resync(&body, step, component)).await
}

/// On a thread of its own: a panic is a finding, too, and its message is what the page shows.
async fn told<T: Serialize + Send + 'static>(tell: impl FnOnce() -> T + Send + 'static) -> Response {
    let told = tokio::task::spawn_blocking(tell).await.map_err(|error| error.to_string());
    match told.and_then(|told| serde_json::to_string(&told).map_err(|error| error.to_string())) {
        Ok(json) => ([(header::CONTENT_TYPE, "application/json")], json).into_response(),
        Err(message) => (StatusCode::INTERNAL_SERVER_ERROR, message).into_response(),
    }
}

fn html(html: &'static str) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CONTENT_SECURITY_POLICY, POLICY)], html)
}

/// A script of this repository.
fn source(folder: &str, path: &str) -> Response {
    let path = FilePath::new(path);
    let is_below = path.components().all(|part| matches!(part, Component::Normal(_)));
    let text = if is_below { std::fs::read_to_string(FilePath::new(ROOT).join(folder).join(path)).ok() } else { None };
    match text {
        Some(text) => ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8")], text).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
