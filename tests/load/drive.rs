//! Drives many sessions in a closed loop: each sends its next event when it has seen the last one's patch.

#![allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "figures for people, and seven bits of a number")]

use std::{
    cell::{Cell, RefCell},
    io::{Error, Result},
    net::SocketAddr,
    rc::Rc,
    time::{Duration, Instant},
};

use livefloe::protocol::{ClientMessage, PROTOCOL_VERSION, ServerMessage};
use serde_json::{Value, json};
use tokio::task::LocalSet;

use crate::{
    client::{Client, get},
    process,
};

/// Bytes that the echo sends and gets back: about those of an event.
const ECHO_BYTES: usize = 16;
const WARM_UP: Duration = Duration::from_secs(2);

/// What all sessions share. One thread, so plain cells.
#[derive(Default)]
struct Run {
    is_measuring: Cell<bool>,
    is_over: Cell<bool>,
    n_events: Cell<u64>,
    bytes_up: Cell<u64>,
    bytes_down: Cell<u64>,
    /// In ns.
    latencies: RefCell<Vec<u32>>,
}

/// Runs a command line. `None` when it is none.
pub(crate) fn command(arguments: &[String]) -> Result<Option<Value>> {
    let [kind, address, numbers @ ..] = arguments else { return Ok(None) };
    let Ok(address) = address.parse::<SocketAddr>() else { return Ok(None) };
    let number = |index: usize, default: usize| numbers.get(index).map_or(Some(default), |text| text.parse().ok());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let run = async {
        match (kind.as_str(), number(0, 100), number(1, 8), number(2, 0)) {
            ("counter" | "table" | "chat" | "echo", Some(sessions), Some(seconds), Some(process)) => {
                let process = u32::try_from(process).map_err(Error::other)?;
                events(kind, address, sessions, Duration::from_secs(seconds as u64), process).await.map(Some)
            }
            ("steps", Some(sessions), Some(events), _) => steps(address, sessions, events).await.map(Some),
            ("echo-steps", Some(sessions), Some(events), _) => echo_steps(address, sessions, events).await.map(Some),
            ("idle", Some(sessions), Some(process), _) => {
                idle(address, sessions, u32::try_from(process).map_err(Error::other)?).await.map(Some)
            }
            _ => Ok(None),
        }
    };
    LocalSet::new().block_on(&runtime, run)
}

/// A joined session, ready to click.
struct Session {
    client: Client,
    /// What to click, and what the session has seen.
    handler: [u8; 8],
    n_events: u64,
    seen: u64,
}

impl Session {
    async fn open(address: SocketAddr, number: usize) -> Result<Self> {
        let page = String::from_utf8_lossy(&get(address, "/", "", number).await?).into_owned();
        let between = |before: &str, after: &str| Some(page.split_once(before)?.1.split_once(after)?.0.to_owned());
        let found = || {
            Some((
                between("name=\"livefloe\" content=\"", "\"")?,
                page.split_once("livefloe.js\"")?.0.rsplit('"').next()?.to_owned(),
                between("id=\"act\" lf-click=\"", "\"")?,
            ))
        };
        let Some((token, folder, handler)) = found() else { return Err(Error::other(page)) };
        let mut client = Client::open(address, &livefloe_tests::resolve("/", &format!("{folder}socket")), number).await?;
        client.send(&ClientMessage::Join { version: PROTOCOL_VERSION, token, applied: 0, page: String::new() }.encode()).await?;
        client.receive().await?;
        let handler = handler.as_bytes().try_into().map_err(Error::other)?;
        Ok(Self { client, handler, n_events: 0, seen: 0 })
    }

    /// One click and its patch; payload bytes up and down.
    async fn click(&mut self, frame: &mut Vec<u8>) -> Result<(usize, usize)> {
        self.n_events += 1;
        frame.clear();
        frame.push(2);
        put(self.n_events, frame);
        put(self.seen, frame);
        frame.push(0);
        frame.extend_from_slice(&self.handler);
        self.client.send(frame).await?;
        let mut down = 0;
        loop {
            let answer = self.client.receive().await?;
            down += answer.len();
            match answer {
                [2, rest @ ..] => {
                    let (seq, ack) = (take(rest), take(&rest[length(take(rest))..]));
                    self.seen = seq;
                    if ack >= self.n_events {
                        return Ok((frame.len(), down));
                    }
                }
                [4] => {}
                other => return Err(Error::other(format!("{:?} instead of a patch", ServerMessage::decode(other)))),
            }
        }
    }
}

async fn events(kind: &str, address: SocketAddr, sessions: usize, time: Duration, server: u32) -> Result<Value> {
    let run = Rc::new(Run::default());
    // All are there before the first one begins: on a full server the last ones would take long to come.
    let mut tasks = Vec::new();
    if kind == "echo" {
        let mut clients = Vec::new();
        for number in 0..sessions {
            clients.push(Client::open(address, "/echo", number).await?);
        }
        tasks.extend(clients.into_iter().map(|client| tokio::task::spawn_local(echo(Rc::clone(&run), client))));
    } else {
        let mut open = Vec::new();
        for number in 0..sessions {
            open.push(Session::open(address, number).await?);
        }
        tasks.extend(open.into_iter().map(|session| tokio::task::spawn_local(click(Rc::clone(&run), session))));
    }
    tokio::time::sleep(WARM_UP).await;
    let generator = std::process::id();
    let (cpu, own_cpu, start) = (process::cpu_us(server), process::cpu_us(generator), Instant::now());
    run.is_measuring.set(true);
    tokio::time::sleep(time).await;
    run.is_measuring.set(false);
    let (cpu, own_cpu, elapsed) = (process::cpu_us(server) - cpu, process::cpu_us(generator) - own_cpu, start.elapsed().as_secs_f64());
    run.is_over.set(true);
    for task in tasks {
        task.await.map_err(Error::other)??;
    }
    let mut latencies = run.latencies.take();
    latencies.sort_unstable();
    let quantile = |q: usize| latencies.get(latencies.len() * q / 100).map_or(0.0, |ns| f64::from(*ns) / 1_000.0);
    let n_events = run.n_events.get() as f64;
    Ok(json!({
        "events_per_s": n_events / elapsed,
        "server_cpu_us": cpu / n_events,
        "server_busy": cpu / 1e6 / elapsed,
        "generator_busy": own_cpu / 1e6 / elapsed,
        "p50_us": quantile(50),
        "p99_us": quantile(99),
        "bytes_up": run.bytes_up.get() as f64 / n_events,
        "bytes_down": run.bytes_down.get() as f64 / n_events,
    }))
}

async fn echo(run: Rc<Run>, mut client: Client) -> Result<()> {
    while !run.is_over.get() {
        let start = Instant::now();
        client.send(&[b'x'; ECHO_BYTES]).await?;
        let down = client.receive().await?.len();
        run.count(start, ECHO_BYTES, down);
    }
    Ok(())
}

async fn click(run: Rc<Run>, mut session: Session) -> Result<()> {
    let mut frame = Vec::new();
    while !run.is_over.get() {
        let start = Instant::now();
        let (up, down) = session.click(&mut frame).await?;
        run.count(start, up, down);
    }
    Ok(())
}

impl Run {
    fn count(&self, start: Instant, up: usize, down: usize) {
        if self.is_measuring.get() {
            self.n_events.set(self.n_events.get() + 1);
            self.bytes_up.set(self.bytes_up.get() + up as u64);
            self.bytes_down.set(self.bytes_down.get() + down as u64);
            self.latencies.borrow_mut().push(u32::try_from(start.elapsed().as_nanos()).unwrap_or(u32::MAX));
        }
    }
}

/// A fixed number of events, one session after the other: for tools that count what a server does, such as callgrind.
async fn steps(address: SocketAddr, sessions: usize, events: usize) -> Result<Value> {
    let mut open = Vec::new();
    for number in 0..sessions {
        open.push(Session::open(address, number).await?);
    }
    let mut frame = Vec::new();
    for _ in 0..events {
        for session in &mut open {
            session.click(&mut frame).await?;
        }
    }
    Ok(json!({ "events": sessions * events }))
}

async fn echo_steps(address: SocketAddr, sessions: usize, events: usize) -> Result<Value> {
    let mut open = Vec::new();
    for number in 0..sessions {
        open.push(Client::open(address, "/echo", number).await?);
    }
    for _ in 0..events {
        for client in &mut open {
            client.send(&[b'x'; ECHO_BYTES]).await?;
            client.receive().await?;
        }
    }
    Ok(json!({ "events": sessions * events }))
}

/// What a joined session that does nothing costs in memory, once all of them sleep.
async fn idle(address: SocketAddr, sessions: usize, server: u32) -> Result<Value> {
    // The first few pay for what all share.
    const FIRST: usize = 100;
    let mut open = Vec::new();
    for number in 0..FIRST {
        open.push(used(address, number).await?);
    }
    until_asleep(address, FIRST).await?;
    let before = process::resident_kib(server);
    for number in 0..sessions {
        open.push(used(address, number).await?);
    }
    until_asleep(address, FIRST + sessions).await?;
    let after = process::resident_kib(server);
    Ok(json!({ "kib": (after - before) / sessions as f64, "sessions": sessions, "resident_kib": after }))
}

/// Waits until so many sessions sleep. A server that puts none to sleep doesn't say how many do.
async fn until_asleep(address: SocketAddr, sessions: usize) -> Result<()> {
    loop {
        let answer = String::from_utf8_lossy(&get(address, "/sleeping", "", 0).await?).into_owned();
        let asleep = answer.rsplit_once("\r\n\r\n").and_then(|(_, body)| body.trim().parse::<usize>().ok());
        match asleep {
            Some(asleep) if asleep >= sessions => return Ok(()),
            None => return Ok(()),
            Some(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}

/// A session that was used once, as any real one is, and has shown what that changed.
async fn used(address: SocketAddr, number: usize) -> Result<Session> {
    let mut session = Session::open(address, number).await?;
    session.click(&mut Vec::new()).await?;
    let seen = session.seen;
    session.client.send(&ClientMessage::Ack { seen, failed: Vec::new() }.encode()).await?;
    Ok(session)
}

fn put(mut number: u64, into: &mut Vec<u8>) {
    while number >= 0x80 {
        into.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    into.push(number as u8);
}

fn take(bytes: &[u8]) -> u64 {
    let mut number = 0;
    for (index, byte) in bytes.iter().enumerate().take(8) {
        number |= u64::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            break;
        }
    }
    number
}

/// How many bytes a number takes.
fn length(number: u64) -> usize {
    (64 - (number | 1).leading_zeros() as usize).div_ceil(7)
}
