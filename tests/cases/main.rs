//! What the browser tests of the patch engine look at: pages that render whatever HTML a test gives them, through the
//! real framework. A test posts new HTML, so the page is rendered, compared and patched as for a broadcast.
//!
//! | request | what it does |
//! |---|---|
//! | `GET /raw/{topic}` | the page that shows the topic's HTML |
//! | `GET /files` | controls for files |
//! | `GET /kept` | a page whose state is kept in the file that `STORE` names |
//! | `GET /probe.js` | a script that says that it ran |
//! | `GET /frame.html` | something to show in a frame |
//! | `GET /silence.wav` | a minute to play |
//! | `GET /picture/{name}` | a picture |
//! | `POST /control/{topic}` | gives the topic new HTML, and tells every page that shows it |
//! | `POST /control/{topic}/hold` | handlers of the topic's pages wait from now on |
//! | `POST /control/{topic}/release` | lets one of them go on |
//! | `POST /control/{topic}/open` | lets all of them go on |

mod board;
mod files;
mod kept;
mod raw;

use std::{env, io::Write as _};

use axum::{
    Router,
    extract::{Path, State},
    http::header,
    routing::{get, post},
};
use livefloe::{
    App, Bus, Visit,
    store::{Durability, Sqlite},
};

use crate::{board::Board, files::Files, kept::Kept, raw::Raw};

const PROBE: &str = "window.nProbes = (window.nProbes ?? 0) + 1; sessionStorage.probes = Number(sessionStorage.probes ?? 0) + 1";

const FRAME: &str = "<!doctype html><title>Frame</title><link rel=\"icon\" href=\"data:,\"><input id=\"i\">";

const PICTURE: &str = "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>";

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let board = Board::default();
    let shown = board.clone();
    let mut app = App::new().title("Cases").state(board.clone()).page("/raw/{topic}", move |visit: &Visit| Raw::open(visit, &shown));
    app = app.page("/kept", Kept::default).page("/files", Files::default);
    if let Some(path) = env::var_os("STORE") {
        app = app.store(Sqlite::open(path)?).durability(Durability::Durable);
    } else {
        app = app.without_store();
    }
    let control = Router::new()
        .route("/probe.js", get(async || ([(header::CONTENT_TYPE, "text/javascript")], PROBE)))
        .route("/frame.html", get(async || ([(header::CONTENT_TYPE, "text/html")], FRAME)))
        .route("/silence.wav", get(async || ([(header::CONTENT_TYPE, "audio/wav")], silence())))
        .route("/picture/{name}", get(async || ([(header::CONTENT_TYPE, "image/svg+xml")], PICTURE)))
        .route("/control/{topic}", post(write))
        .route("/control/{topic}/{what}", post(gate))
        .with_state((board, app.bus()));
    let port = env::var("PORT").unwrap_or_else(|_| "0".to_owned());
    let server = app.bind(&format!("127.0.0.1:{port}")).await?.merge(control);
    writeln!(std::io::stdout(), "listening on http://{}", server.address())?;
    Ok(server.run().await?)
}

/// A minute of silence: 8 bits, 8,000 times a second.
fn silence() -> Vec<u8> {
    const RATE: u32 = 8_000;
    const LENGTH: u32 = 60 * RATE;
    let mut wave = Vec::from(*b"RIFF");
    wave.extend((36 + LENGTH).to_le_bytes());
    wave.extend(*b"WAVEfmt ");
    wave.extend(16_u32.to_le_bytes());
    // PCM, one channel.
    wave.extend([1, 0, 1, 0]);
    // Samples and bytes a second, one byte and eight bits each.
    wave.extend(RATE.to_le_bytes());
    wave.extend(RATE.to_le_bytes());
    wave.extend([1, 0, 8, 0]);
    wave.extend(*b"data");
    wave.extend(LENGTH.to_le_bytes());
    wave.resize(wave.len() + LENGTH as usize, 0x80);
    wave
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
