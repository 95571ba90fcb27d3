//! What the browser tests of the patch engine look at: pages that render whatever HTML a test gives them, through the
//! real framework. A test posts new HTML, so the page is rendered, compared and patched as for a broadcast.
//!
//! | request | what it does |
//! |---|---|
//! | `GET /raw/{topic}` | the page that shows the topic's HTML |
//! | `GET /probe.js` | a script that says that it ran |
//! | `POST /control/{topic}` | gives the topic new HTML, and tells every page that shows it |
//! | `POST /control/{topic}/hold` | handlers of the topic's pages wait from now on |
//! | `POST /control/{topic}/release` | lets one of them go on |
//! | `POST /control/{topic}/open` | lets all of them go on |

mod board;
mod raw;

use std::{env, io::Write as _};

use axum::{
    Router,
    extract::{Path, State},
    http::header,
    routing::{get, post},
};
use livefloe::{App, Bus};

use crate::{board::Board, raw::Raw};

const PROBE: &str = "window.nProbes = (window.nProbes ?? 0) + 1; sessionStorage.probes = Number(sessionStorage.probes ?? 0) + 1";

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let board = Board::default();
    let app = App::new().title("Cases").state(board.clone()).page("/raw/{topic}", Raw::open);
    let control = Router::new()
        .route("/probe.js", get(async || ([(header::CONTENT_TYPE, "text/javascript")], PROBE)))
        .route("/control/{topic}", post(write))
        .route("/control/{topic}/{what}", post(gate))
        .with_state((board, app.bus()));
    let port = env::var("PORT").unwrap_or_else(|_| "0".to_owned());
    let server = app.bind(&format!("127.0.0.1:{port}")).await?.merge(control);
    writeln!(std::io::stdout(), "listening on http://{}", server.address())?;
    Ok(server.run().await?)
}

async fn write(State((board, bus)): State<(Board, Bus)>, Path(topic): Path<String>, html: String) {
    board.write(&topic, html);
    bus.broadcast(&raw::news(&topic), ());
}

async fn gate(State((board, _)): State<(Board, Bus)>, Path((topic, what)): Path<(String, String)>) {
    match &*what {
        "hold" => board.hold(&topic),
        "release" => board.release(&topic),
        _ => board.open(&topic),
    }
}
