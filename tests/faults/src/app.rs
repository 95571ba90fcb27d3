//! The app under test: a page that writes down every event, in its state and in a file that others read.

use std::{
    collections::VecDeque,
    fs::{File, OpenOptions},
    hash::{BuildHasher as _, Hasher as _, RandomState},
    io::{Error, Write as _},
    net::SocketAddr,
    path::PathBuf,
    time::Duration,
};

use livefloe::{
    App, Component, Cx, Limits, Markup, html,
    store::{Durability, Redis, Sqlite},
};
use serde::{Deserialize, Serialize};

/// How a server is to be run, as its one argument says.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Settings {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    pub(crate) store: StoreKind,
    /// How far the store may be behind; nothing where it may not.
    pub(crate) relaxed_ms: Option<u64>,
    /// The file with a line for each event.
    pub(crate) effects: PathBuf,
    /// How many of the newest events a page shows.
    pub(crate) keep: usize,
    pub(crate) heartbeat_ms: u64,
    /// How long a session waits for its client.
    pub(crate) detached_s: u64,
    /// 0: as many as there are by default.
    pub(crate) max_sessions: usize,
}

/// What keeps the sessions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum StoreKind {
    None,
    Sqlite(PathBuf),
    Redis(String),
}

/// What the hash of all events is when there has been none.
pub(crate) const NO_EVENTS: u64 = 0xcbf2_9ce4_8422_2325;

/// The hash with one more event: FNV-1a's step, so that order counts.
pub(crate) fn fold(hash: u64, value: u64) -> u64 {
    (hash ^ value).wrapping_mul(0x0100_0000_01b3)
}

/// Every event that was applied: the newest by value, all of them by number and hash.
#[derive(Debug, Serialize, Deserialize)]
struct LogPage {
    /// By this the file knows the session.
    key: u64,
    n: u64,
    hash: u64,
    tail: VecDeque<u64>,
}

/// What a click says.
#[derive(Debug, Deserialize)]
struct Click {
    value: u64,
    /// How long the handler takes.
    hold_ms: u64,
    /// Memory that it asks for, and uses.
    #[serde(default)]
    grab_mib: usize,
}

/// What handlers share.
#[derive(Debug)]
struct Shared {
    effects: File,
    keep: usize,
}

impl LogPage {
    fn new() -> Self {
        Self { key: RandomState::new().build_hasher().finish(), n: 0, hash: NO_EVENTS, tail: VecDeque::new() }
    }

    async fn click(&mut self, click: Click, cx: &Cx<Self>) -> Result<(), Error> {
        let shared = cx.state::<Shared>();
        // One call, so that lines of several processes stay whole; 64 bytes, so that none lies on two pages: of such a one a process that is killed
        // may write the half.
        let line = format!("{} {} {}", self.key, click.value, std::process::id());
        (&shared.effects).write_all(format!("{line:<63}\n").as_bytes())?;
        if click.grab_mib > 0 {
            std::hint::black_box(vec![1_u8; click.grab_mib << 20]);
        }
        if click.hold_ms > 0 {
            tokio::time::sleep(Duration::from_millis(click.hold_ms)).await;
        }
        self.n += 1;
        self.hash = fold(self.hash, click.value);
        self.tail.push_back(click.value);
        if self.tail.len() > shared.keep {
            self.tail.pop_front();
        }
        Ok(())
    }
}

impl Component for LogPage {
    fn render(&self, cx: &Cx<Self>) -> Markup {
        html! {
            p id="key" { (self.key) }
            p id="n" { (self.n) }
            p id="hash" { (self.hash) }
            p id="tail" { @for value in &self.tail { (value) " " } }
            form id="click" lf-submit=(cx.form(Self::click)) {}
        }
    }
}

/// What a line of the log begins with that says how much memory is allocated.
pub(crate) const HEAP: &str = "heap bytes: ";

/// Says so whenever it is asked, by a signal.
async fn tell_heap() -> Result<(), Error> {
    let mut asked = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::user_defined2())?;
    while asked.recv().await.is_some() {
        writeln!(std::io::stderr(), "{HEAP}{}", crate::heap::live())?;
    }
    Ok(())
}

/// Serves until it is ended; says on its first line where.
pub(crate) async fn serve(settings: Settings) -> Result<(), Error> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_ansi(false).init();
    let effects = OpenOptions::new().create(true).append(true).open(&settings.effects)?;
    let defaults = Limits::default();
    let limits = Limits {
        heartbeat: Duration::from_millis(settings.heartbeat_ms),
        detached_time: Duration::from_secs(settings.detached_s),
        max_sessions: if settings.max_sessions == 0 { defaults.max_sessions } else { settings.max_sessions },
        ..defaults
    };
    let app = App::new()
        .page("/", LogPage::new)
        .state(Shared { effects, keep: settings.keep })
        .limits(limits)
        .allow_host("localhost")
        .allow_host(&settings.address.ip().to_string())
        .health_at("/health")
        .metrics_at("/metrics", ["127.0.0.0/8"])
        .dev(false)
        .durability(settings.relaxed_ms.map_or(Durability::Durable, |ms| Durability::Relaxed(Duration::from_millis(ms))));
    let app = match settings.store {
        StoreKind::None => app.without_store(),
        StoreKind::Sqlite(path) => app.store(Sqlite::open(path).map_err(Error::other)?),
        StoreKind::Redis(address) => app.store(Redis::open(&address).map_err(Error::other)?),
    };
    let server = app.bind(&settings.address.to_string()).await.map_err(Error::other)?;
    {
        let mut output = std::io::stdout();
        writeln!(output, "{}", server.address())?;
        output.flush()?;
    }
    tokio::spawn(tell_heap());
    server.run().await.map_err(Error::other)
}
