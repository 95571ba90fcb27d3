//! What is measured: the apps, and the echo that is their limit. Each runs as a process of its own.

use std::io::{Result, Write as _};

use axum::{
    Router,
    extract::ws::{Message, WebSocket, WebSocketUpgrade},
    routing::get,
};
use livefloe::{App, Component, Cx, Limits, Markup, html};
use serde::{Deserialize, Serialize};

/// Serves until it is killed; says on its first line where.
pub(crate) fn serve(kind: &str) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        match kind {
            "echo" => echo().await,
            "counter" => app(App::new().page("/", Counter::default)).await,
            "table" => app(App::new().page("/", Table::new)).await,
            "rows" => app(crate::rows::app()).await,
            _ => Err(std::io::Error::other("expected echo, counter, table or rows")),
        }
    })
}

async fn app(app: App) -> Result<()> {
    // A load generator is no person; all other bounds stay.
    let limits = Limits { max_events_per_second: 1_000_000, ..Limits::default() };
    let server = app.limits(limits).dev(false).bind("127.0.0.1:0").await.map_err(std::io::Error::other)?;
    announce(server.address())?;
    server.run().await.map_err(std::io::Error::other)
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

#[derive(Default, Serialize, Deserialize)]
struct Counter {
    count: i64,
}

impl Component for Counter {
    fn render(&self, cx: &Cx<Self>) -> Markup {
        html! {
            p { "Count: " (self.count) }
            button id="act" lf-click=(cx.on(Self::increment)) { "+1" }
        }
    }
}

impl Counter {
    fn increment(&mut self) {
        self.count += 1;
    }
}

/// 1,000 rows of three cells in a plain loop: no keys, no components, nothing that helps.
#[derive(Serialize, Deserialize)]
struct Table {
    rows: Vec<Row>,
    n_changes: usize,
}

#[derive(Serialize, Deserialize)]
struct Row {
    id: u32,
    name: String,
    amount: u32,
}

impl Component for Table {
    fn render(&self, cx: &Cx<Self>) -> Markup {
        html! {
            button id="act" lf-click=(cx.on(Self::change)) { "change" }
            table {
                tbody {
                    @for row in &self.rows {
                        tr { td { (row.id) } td { (row.name) } td { (row.amount) } }
                    }
                }
            }
        }
    }
}

impl Table {
    fn new() -> Self {
        let row = |id| Row { id, name: format!("row number {id}"), amount: id * 7 };
        Self { rows: (1..=1_000).map(row).collect(), n_changes: 0 }
    }

    /// Another cell each time, all over the table.
    fn change(&mut self) {
        self.n_changes += 1;
        let index = self.n_changes * 617 % self.rows.len();
        self.rows[index].amount += 1;
    }
}
