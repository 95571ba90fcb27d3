//! `bench`: everything that is measured here, with the servers it takes, as a table and as `target/bench/results.json`.
//!
//! Servers run on one processor and the generator on another, as processes of their own. Ratios are between medians of
//! rounds that alternate within one run: machines differ, and so does one machine from minute to minute.
//! `BENCH_SECONDS`, `BENCH_ROUNDS` and `BENCH_IDLE` change how long, how often, and how many idle sessions; `BENCH_ONLY` names the
//! parts to run. What others have measured and added to that file stays there.

#![allow(clippy::cast_precision_loss, reason = "figures for people")]

mod apps;
mod client;
mod drive;
mod process;
mod report;
mod rows;

use std::{
    io::{BufRead as _, BufReader, Error, Read as _, Result, Write as _},
    net::SocketAddr,
    process::{Child, Command, Stdio},
    time::Instant,
};

use report::Report;
use serde_json::Value;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.split_first() {
        None => bench(),
        Some((command, [kind])) if command == "serve" => apps::serve(kind),
        Some((command, [kind])) if command == "own" => {
            let kib = apps::own_kib(kind, || process::resident_kib(std::process::id()))?;
            writeln!(std::io::stdout(), "{kib}")
        }
        Some((command, rest)) if command == "load" => match drive::command(rest)? {
            Some(report) => writeln!(std::io::stdout(), "{report}"),
            None => Err(Error::other("expected what to load")),
        },
        Some(_) => Err(Error::other("usage: bench")),
    }
}

fn setting(name: &str, default: usize) -> usize {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

/// A part of the measurements.
type Part = fn(&mut Report) -> Result<()>;

const PARTS: [(&str, Part); 8] = [
    ("sizes", sizes),
    ("start", start),
    ("rows", rows),
    ("idle", idle),
    ("counter", counter),
    ("table", table),
    ("chat", chat),
    ("store", store),
];

fn bench() -> Result<()> {
    let only = std::env::var("BENCH_ONLY").unwrap_or_default();
    let mut report = Report::open()?;
    for (name, part) in PARTS {
        if only.is_empty() || only.split(',').any(|wanted| wanted == name) {
            part(&mut report)?;
        }
    }
    report.finish()
}

/// A server in a process of its own; ends when dropped.
struct Server {
    process: Child,
    address: SocketAddr,
}

impl Server {
    fn start(kind: &str) -> Result<Self> {
        Self::start_with(kind, &[])
    }

    fn start_with(kind: &str, environment: &[(&str, &str)]) -> Result<Self> {
        let mut process = pinned(0)?.args(["serve", kind]).envs(environment.iter().copied()).stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        let output = process.stdout.take().ok_or_else(|| Error::other("no output"))?;
        BufReader::new(output).read_line(&mut line)?;
        let address = line.trim().parse().map_err(|_| Error::other(format!("expected an address, got {line:?}")))?;
        Ok(Self { process, address })
    }

    fn load(&self, kind: &str, numbers: &[usize]) -> Result<Value> {
        let (address, process) = (self.address.to_string(), self.process.id().to_string());
        let mut command = pinned(1)?;
        command.args(["load", kind, &address]).args(numbers.iter().map(usize::to_string)).arg(process);
        let output = command.stderr(Stdio::inherit()).output()?;
        serde_json::from_slice(&output.stdout).map_err(|_| Error::other(format!("{kind}: the generator failed")))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// This program on one processor, where the system has the command for that.
fn pinned(processor: usize) -> Result<Command> {
    let this = std::env::current_exe()?;
    if !std::path::Path::new("/usr/bin/taskset").exists() {
        return Ok(Command::new(this));
    }
    let mut command = Command::new("taskset");
    command.args(["-c", &processor.to_string()]).arg(this);
    Ok(command)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

fn field(loads: &[Value], name: &str) -> f64 {
    median(loads.iter().filter_map(|load| load.get(name)?.as_f64()).collect())
}

/// What keeping sessions costs, against not keeping them.
fn store(report: &mut Report) -> Result<()> {
    let (rounds, seconds) = (setting("BENCH_ROUNDS", 3), setting("BENCH_SECONDS", 8));
    let (mut without, mut relaxed, mut durable) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rounds {
        for (kind, loads) in [("counter", &mut without), ("counter-relaxed", &mut relaxed), ("counter-durable", &mut durable)] {
            loads.push(Server::start(kind)?.load("counter", &[100, seconds])?);
        }
    }
    let rate = |loads| field(loads, "events_per_s");
    for (name, loads, goal) in [("relaxed", &relaxed, 0.9), ("durable", &durable, 0.5)] {
        let against = format!("{name} {:.0}/s, without a store {:.0}/s, 100 sessions", rate(loads), rate(&without));
        report.at_least(&format!("store.{name}_rate"), rate(loads) / rate(&without), "", goal, &against);
    }
    report.fact("store.durable_p99_us", field(&durable, "p99_us"), "µs", "100 sessions, server saturated");
    #[cfg(all(unix, feature = "redis"))]
    redis(report, rate(&without))?;
    Ok(())
}

/// The same in a Redis on this machine, which writes to its disk before it answers.
#[cfg(all(unix, feature = "redis"))]
fn redis(report: &mut Report, without: f64) -> Result<()> {
    let (rounds, seconds) = (setting("BENCH_ROUNDS", 3), setting("BENCH_SECONDS", 8));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let redis = runtime.block_on(livefloe_tests::RedisServer::start_durable());
    let (mut relaxed, mut durable) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        for (kind, loads) in [("counter-redis", &mut relaxed), ("counter-redis-durable", &mut durable)] {
            let server = Server::start_with(kind, &[("BENCH_REDIS", &redis.address())])?;
            loads.push(server.load("counter", &[100, seconds])?);
        }
    }
    for (name, loads) in [("redis_relaxed", &relaxed), ("redis_durable", &durable)] {
        let rate = field(loads, "events_per_s");
        let against = format!("{rate:.0}/s, without a store {without:.0}/s, 100 sessions");
        report.fact(&format!("store.{name}_rate"), rate / without, "", &against);
        report.fact(&format!("store.{name}_p99_us"), field(loads, "p99_us"), "µs", "100 sessions, server saturated");
    }
    Ok(())
}

fn counter(report: &mut Report) -> Result<()> {
    let (rounds, seconds) = (setting("BENCH_ROUNDS", 3), setting("BENCH_SECONDS", 8));
    for sessions in [100, 1_000] {
        let (mut echoes, mut counters) = (Vec::new(), Vec::new());
        for _ in 0..rounds {
            echoes.push(Server::start("echo")?.load("echo", &[sessions, seconds])?);
            counters.push(Server::start("counter")?.load("counter", &[sessions, seconds])?);
        }
        let (echo, ours) = (field(&echoes, "server_cpu_us"), field(&counters, "server_cpu_us"));
        let against = format!("echo {echo:.1} µs, ours {ours:.1} µs");
        report.at_least(&format!("counter.ratio_to_echo_{sessions}"), echo / ours, "", 0.60, &against);
        let rate = (field(&counters, "events_per_s"), field(&echoes, "events_per_s"));
        let busy = field(&echoes, "generator_busy").max(field(&counters, "generator_busy"));
        let against = format!("echo {:.0}/s; generator busy {:.0} %", rate.1, busy * 100.0);
        if sessions == 100 {
            report.fact("counter.events_per_s", rate.0, "1/s", &against);
            let (echo, ours) = (field(&echoes, "p99_us"), field(&counters, "p99_us"));
            let against = format!("echo {echo:.0} µs, ours {ours:.0} µs, 100 sessions, server saturated");
            report.at_most("counter.p99_ratio_to_echo", ours / echo, "", 1.5, &against);
            report.at_most("counter.bytes_down", field(&counters, "bytes_down"), "bytes", 24.0, "LiveView 101, dioxus 57");
            report.at_most("counter.bytes_up", field(&counters, "bytes_up"), "bytes", 24.0, "LiveView 104, dioxus 452");
        } else {
            report.fact("counter.events_per_s_1000", rate.0, "1/s", &against);
        }
    }
    Ok(())
}

fn table(report: &mut Report) -> Result<()> {
    let (small, large) = (closed_loop("table", "table", 20)?, closed_loop("table-10000", "table", 4)?);
    let cpu = field(&small, "server_cpu_us");
    report.at_most("table.cpu_us", cpu, "µs", 150.0, "then 100; LiveView 2,800 plain, 155 streams; dioxus 880");
    report.at_most("table.bytes_down", field(&small, "bytes_down"), "bytes", 32.0, "LiveView 132 plain, 229 streams; dioxus 57");
    let against = format!("10 × the {cpu:.0} µs of 1,000 rows; {:.0} bytes down", field(&large, "bytes_down"));
    report.at_most("table.cpu_us_10000", field(&large, "server_cpu_us"), "µs", 10.0 * cpu, &against);
    Ok(())
}

/// A token into the last of 200 messages.
fn chat(report: &mut Report) -> Result<()> {
    let loads = closed_loop("chat", "chat", 20)?;
    report.at_most("chat.token_bytes", field(&loads, "bytes_down"), "bytes", 60.0, "Gradio about 300");
    report.at_most("chat.token_cpu_us", field(&loads, "server_cpu_us"), "µs", 40.0, "Gradio 2,000");
    Ok(())
}

/// Loads a server of this kind for as many rounds as there are.
fn closed_loop(server: &str, load: &str, sessions: usize) -> Result<Vec<Value>> {
    let (rounds, seconds) = (setting("BENCH_ROUNDS", 3), setting("BENCH_SECONDS", 8));
    (0..rounds).map(|_| Server::start(server)?.load(load, &[sessions, seconds])).collect()
}

/// What js-framework-benchmark's operations send.
fn rows(report: &mut Report) -> Result<()> {
    let server = Server::start("rows")?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(rows::measure(server.address, report))
}

fn idle(report: &mut Report) -> Result<()> {
    // Each session is a file here and one in the server; a few more are needed.
    let sessions = setting("BENCH_IDLE", 10_000).min(max_files().saturating_sub(300));
    let load = Server::start("idle-counter")?.load("idle", &[sessions])?;
    let against = format!("{sessions} sessions, connection included; bare echo 6.1 with 4 KiB buffers, LiveView 35");
    report.at_most("idle.counter_kib", field(&[load], "kib"), "KiB", 10.0, &against);
    let own = pinned(0)?.args(["own", "table"]).output()?;
    let own: f64 = String::from_utf8_lossy(&own.stdout).trim().parse().map_err(Error::other)?;
    let sessions = (sessions / 20).max(1);
    let load = Server::start("idle-table")?.load("idle", &[sessions])?;
    let against = format!("{sessions} sessions; 10 KiB + the state's own {own:.1}; LiveView 1,205");
    report.at_most("idle.table_kib", field(&[load], "kib"), "KiB", 10.0 + own, &against);
    Ok(())
}

/// What goes over the wire before the first click.
fn sizes(report: &mut Report) -> Result<()> {
    let script = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../framework/assets/livefloe.js"))?;
    let mut encoder = flate2::read::GzEncoder::new(&*script, flate2::Compression::best());
    let n_bytes = encoder.read_to_end(&mut Vec::new())?;
    report.at_most("client.gzip_bytes", n_bytes as f64, "bytes", 9_000.0, "htmx 16,500, LiveView 46,000");
    let server = Server::start("counter")?;
    let page = fetch(server.address, "/")?;
    let (mut n_bytes, mut n_requests) = (page.len(), 1);
    let page = String::from_utf8_lossy(&page).into_owned();
    let path = |before: &str| {
        page.split_once(before).and_then(|(_, rest)| rest.split_once('"')).map(|(path, _)| livefloe_tests::resolve("/", path))
    };
    let bare = path("src=\"").filter(|path| path.ends_with("bare.js"));
    let folder = page.split_once("livefloe.js\"").and_then(|(before, _)| before.rsplit('"').next());
    let script = folder.map(|folder| livefloe_tests::resolve("/", &format!("{folder}livefloe.js")));
    // Which the script asks for.
    let notice = script.as_ref().map(|path| path.replace("livefloe.js", "notice.js"));
    for path in [bare, script, notice, path("rel=\"stylesheet\" href=\"")].into_iter().flatten() {
        n_bytes += fetch(server.address, &path)?.len();
        n_requests += 1;
    }
    report.at_most("first_page.bytes", n_bytes as f64, "bytes", 25_000.0, "Gradio 340,000, NiceGUI 409,000");
    report.at_most("first_page.requests", f64::from(n_requests), "", 4.0, "Gradio 45, NiceGUI 14");
    Ok(())
}

/// From the start of the process to the first page.
fn start(report: &mut Report) -> Result<()> {
    let mut times = Vec::new();
    for _ in 0..11 {
        let started = Instant::now();
        let server = Server::start("counter")?;
        fetch(server.address, "/")?;
        times.push(started.elapsed().as_secs_f64() * 1_000.0);
    }
    report.at_most("start.rust_ms", median(times), "ms", 50.0, "LiveView 1,400, Streamlit 1,000");
    Ok(())
}

/// Gets a path as a browser does; everything that came.
fn fetch(address: SocketAddr, path: &str) -> Result<Vec<u8>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(client::get(address, path, "accept-encoding: gzip, deflate, br\r\n", 0))
}

/// How many files a process of this user may have open.
fn max_files() -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(1_024)
}
