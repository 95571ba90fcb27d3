//! What is measured: apps as an author would write them, and the echo that is their limit. Each runs as a process of its own.

mod chat;
mod counter;
mod rows;
mod table;

use std::{
    io::{Error, Result, Write as _},
    time::Duration,
};

use axum::{
    Router,
    extract::ws::{Message, WebSocket, WebSocketUpgrade},
    routing::get,
};
use livefloe::{
    App, Limits,
    store::{Durability, Sqlite},
};

pub(crate) use rows::{Row, row};

/// What can be served; `own` as well, for what the state alone takes.
const KINDS: &str = "echo, counter, counter-relaxed, counter-durable, counter-redis, counter-redis-durable, table, table-10000, rows, chat, idle-counter or idle-table";

/// Serves until it is killed; says on its first line where.
pub(crate) fn serve(kind: &str) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    // A load generator is no person; all other bounds stay.
    let limits = Limits { max_events_per_second: 1_000_000, ..Limits::default() };
    // Sessions that are opened one after the other shall sleep before the next ones come, as visitors' over a day would.
    let idle = Limits { idle_time: Duration::from_millis(20), max_unjoined: 20_000, ..limits.clone() };
    let counter = || App::new().page("/", counter::Counter::default);
    let table = |n_rows| App::new().page("/", move || table::Table::new(n_rows));
    runtime.block_on(async {
        match kind {
            "echo" => echo().await,
            "counter" => app(counter().limits(limits)).await,
            "counter-relaxed" => app(counter().limits(limits).store(store()?)).await,
            "counter-durable" => app(counter().limits(limits).store(store()?).durability(Durability::Durable)).await,
            #[cfg(feature = "redis")]
            "counter-redis" => app(counter().limits(limits).store(redis()?)).await,
            #[cfg(feature = "redis")]
            "counter-redis-durable" => app(counter().limits(limits).store(redis()?).durability(Durability::Durable)).await,
            "table" => app(table(1_000).limits(limits)).await,
            "table-10000" => app(table(10_000).limits(limits)).await,
            "rows" => app(rows::app().limits(limits)).await,
            "chat" => app(App::new().page("/", chat::Chat::new).limits(limits)).await,
            "idle-counter" => app(counter().limits(idle)).await,
            "idle-table" => app(table(1_000).limits(idle)).await,
            _ => Err(Error::other(format!("expected {KINDS}"))),
        }
    })
}

/// An empty store in a file, on the disk that the results go to.
fn store() -> Result<Sqlite> {
    let folder = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../target/bench/store"));
    if folder.exists() {
        std::fs::remove_dir_all(folder)?;
    }
    std::fs::create_dir_all(folder)?;
    Sqlite::open(folder.join("sessions.sqlite")).map_err(Error::other)
}

/// The Redis that the bench has started.
#[cfg(feature = "redis")]
fn redis() -> Result<livefloe::store::Redis> {
    livefloe::store::Redis::open(&std::env::var("BENCH_REDIS").map_err(Error::other)?).map_err(Error::other)
}

/// What the state of a session takes by itself, in KiB of resident memory: many of them are made and nothing else.
pub(crate) fn own_kib(kind: &str, resident_kib: impl Fn() -> f64) -> Result<f64> {
    const N_STATES: u16 = 200;
    if kind != "table" {
        return Err(Error::other("expected table"));
    }
    let make = || (0..N_STATES).map(|_| table::Table::new(1_000)).collect::<Vec<_>>();
    let before = resident_kib();
    let states = std::hint::black_box(make());
    let kib = (resident_kib() - before) / f64::from(N_STATES);
    drop(states);
    Ok(kib)
}

async fn app(app: App) -> Result<()> {
    let metrics = app.metrics();
    let sleeping = Router::new().route("/sleeping", get(async move || metrics.sleeping_sessions().to_string()));
    let server = app.dev(false).bind("127.0.0.1:0").await.map_err(Error::other)?.merge(sleeping);
    announce(server.address())?;
    server.run().await.map_err(Error::other)
}

async fn echo() -> Result<()> {
    let upgrade = |upgrade: WebSocketUpgrade| async move {
        let read_buffer = Limits::default().read_buffer_bytes;
        upgrade.read_buffer_size(read_buffer).write_buffer_size(0).on_upgrade(|mut socket: WebSocket| async move {
            while let Some(Ok(message)) = socket.recv().await {
                if let Message::Binary(bytes) = message
                    && socket.send(Message::Binary(bytes)).await.is_err()
                {
                    break;
                }
            }
        })
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    announce(listener.local_addr()?)?;
    axum::serve(
        axum::serve::ListenerExt::tap_io(listener, |stream| drop(stream.set_nodelay(true))),
        Router::new().route("/echo", get(upgrade)),
    )
    .await
}

fn announce(address: std::net::SocketAddr) -> Result<()> {
    let mut output = std::io::stdout();
    writeln!(output, "{address}")?;
    output.flush()
}
