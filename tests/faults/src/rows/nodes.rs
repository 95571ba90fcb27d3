//! Three servers that share a Redis, behind a load balancer that sends each connection to the next.

use std::{
    collections::HashMap,
    fs,
    io::{Read as _, Write as _},
    net::SocketAddr,
    os::unix::net::UnixStream,
    path::Path,
    time::Duration,
};

use livefloe_tests::RedisServer;

use crate::{
    Result,
    app::{Settings, StoreKind},
    check::Terms,
    haproxy::{self, HaProxy},
    history::{self, What},
    process::ServerProcess,
    proxy::{FaultProxy, Faults, Target, Ways},
    rig::{REST, Rig, Verdict, busy},
    visitor::Manner,
};

const N_NODES: usize = 3;
const LONG: Duration = Duration::from_mins(1);

/// All that there is.
struct Site {
    /// Lives as long as the others.
    redis: RedisServer,
    nodes: Vec<ServerProcess>,
    proxy: HaProxy,
}

impl Site {
    async fn start(rig: &Rig, idle: Duration) -> Result<Self> {
        let redis = RedisServer::start_durable().await;
        let addresses = std::array::from_fn(|_| redis.address());
        Self::start_with(rig, idle, redis, addresses).await
    }

    /// Each node with its own address of Redis.
    async fn start_with(rig: &Rig, idle: Duration, redis: RedisServer, addresses: [String; N_NODES]) -> Result<Self> {
        let mut nodes = Vec::new();
        for (number, address) in addresses.into_iter().enumerate() {
            let settings: Settings = rig.settings(StoreKind::Redis(address));
            nodes.push(ServerProcess::start(&rig.program, settings, rig.path(&format!("node{number}.log"))).await?);
        }
        let addresses: Vec<SocketAddr> = nodes.iter().map(ServerProcess::address).collect();
        let proxy = HaProxy::start(&addresses, idle, rig.path("haproxy.cfg")).await?;
        Ok(Self { redis, nodes, proxy })
    }

    fn panics(&self) -> Result<()> {
        for node in &self.nodes {
            let panics = node.panics()?;
            if !panics.is_empty() {
                return Err(format!("a server panicked: {panics:?}").into());
            }
        }
        Ok(())
    }
}

fn missing() -> Option<Verdict> {
    haproxy::program().is_none().then(|| Verdict::Skipped("haproxy is not installed: 'scripts/setup.sh haproxy'".to_owned()))
}

/// For each client that lost its connection at one of these times (µs), how long it took until one of its events was acknowledged, in ms.
fn waits(history: &Path, times: &[u64]) -> Result<Vec<u64>> {
    const SOON: u64 = 1_500_000;
    let mut waiting: HashMap<usize, u64> = HashMap::new();
    let mut waits = Vec::new();
    for entry in history::read(history)? {
        let entry = entry?;
        match entry.what {
            What::Lost { .. } => {
                if let Some(time) = times.iter().rev().find(|time| (**time..**time + SOON).contains(&entry.at)) {
                    waiting.entry(entry.who).or_insert(*time);
                }
            }
            What::Settled { .. } => waits.extend(waiting.remove(&entry.who).map(|since| (entry.at - since) / 1_000)),
            _ => {}
        }
    }
    waits.sort_unstable();
    Ok(waits)
}

fn quantiles(waits: &[u64]) -> String {
    let at = |of_hundred: usize| waits.get((waits.len() * of_hundred / 100).min(waits.len().saturating_sub(1))).copied().unwrap_or(0);
    format!("median {} ms, p99 {} ms, most {} ms, of {} sessions", at(50), at(99), at(100), waits.len())
}

/// One of three is killed, and comes back a while later; then the next one.
pub(super) async fn killed(rig: Rig) -> Result<Verdict> {
    if let Some(skipped) = missing() {
        return Ok(skipped);
    }
    let n_visitors = if rig.is_short { 30 } else { 90 };
    let n = rig.rounds(12, 2);
    let mut site = Site::start(&rig, LONG).await?;
    let crowd = rig.crowd(n_visitors, &busy(site.proxy.address()))?;
    crowd.joined(n_visitors, REST).await?;
    crowd.click();
    let mut chance = rig.chance();
    let mut times = Vec::new();
    for round in 0..n {
        tokio::time::sleep(chance.between(Duration::from_millis(800), Duration::from_millis(1_500))).await;
        times.push(crowd.recorder.now());
        site.nodes[round % N_NODES].kill().await?;
        tokio::time::sleep(Duration::from_secs(2)).await;
        site.nodes[round % N_NODES].run().await?;
    }
    let history = crowd.end(REST).await?;
    let report = rig.check(Terms::default(), &history)?;
    site.panics()?;
    let waits = waits(&history, &times)?;
    let median = waits.get(waits.len() / 2).copied().unwrap_or(u64::MAX);
    let p99 = waits.get((waits.len() * 99 / 100).min(waits.len().saturating_sub(1))).copied().unwrap_or(u64::MAX);
    let words = format!("{n} kills, next event acknowledged after: {}; {report}", quantiles(&waits));
    // The goals; a test among others has no quiet machine.
    if !rig.is_short && (median >= 1_000 || p99 >= 3_000) {
        return Err(words.into());
    }
    Ok(Verdict::Held(words))
}

/// Each of three is stopped and started again, in turn.
pub(super) async fn deployed(rig: Rig) -> Result<Verdict> {
    if let Some(skipped) = missing() {
        return Ok(skipped);
    }
    let n_visitors = if rig.is_short { 30 } else { 90 };
    let n = rig.rounds(3, 1);
    let mut site = Site::start(&rig, LONG).await?;
    let crowd = rig.crowd(n_visitors, &busy(site.proxy.address()))?;
    crowd.joined(n_visitors, REST).await?;
    crowd.click();
    let mut times = Vec::new();
    let mut longest = Duration::ZERO;
    for round in 0..n * N_NODES {
        tokio::time::sleep(Duration::from_millis(700)).await;
        times.push(crowd.recorder.now());
        let node = &mut site.nodes[round % N_NODES];
        longest = longest.max(node.stop().await?);
        node.run().await?;
        // As a deploy does: the next one when this one is there.
        tokio::time::sleep(Duration::from_millis(700)).await;
    }
    let history = crowd.end(REST).await?;
    let report = rig.check(Terms { are_effects_once: true, ..Terms::default() }, &history)?;
    site.panics()?;
    let waits = waits(&history, &times)?;
    Ok(Verdict::Held(format!(
        "{} stops of {} ms at most, next event acknowledged after: {}; {report}",
        n * N_NODES,
        longest.as_millis(),
        quantiles(&waits)
    )))
}

/// The load balancer cuts what is idle, is killed, and comes back.
pub(super) async fn proxied(rig: Rig) -> Result<Verdict> {
    if let Some(skipped) = missing() {
        return Ok(skipped);
    }
    let mut site = Site::start(&rig, Duration::from_millis(500)).await?;
    let slow = Manner { pause: (Duration::from_millis(100), Duration::from_millis(1_500)), ..busy(site.proxy.address()) };
    let n_visitors = 30;
    let crowd = rig.crowd(n_visitors, &slow)?;
    // Idle ones don't stay, so they are never all there.
    crowd.joined(n_visitors / 2, REST).await?;
    crowd.click();
    for _ in 0..rig.rounds(6, 1) {
        tokio::time::sleep(Duration::from_millis(2_500)).await;
        site.proxy.kill().await?;
        site.proxy.run().await?;
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    let history = crowd.end(REST).await?;
    let report = rig.check(Terms::default(), &history)?;
    site.panics()?;
    if report.n_lost < 30 {
        return Err(format!("hardly anything was cut: {report}").into());
    }
    Ok(Verdict::Held(report.to_string()))
}

/// The store is killed and comes back, stands still, and all go on.
pub(super) async fn store(rig: Rig) -> Result<Verdict> {
    if let Some(skipped) = missing() {
        return Ok(skipped);
    }
    let mut site = Site::start(&rig, LONG).await?;
    let n_visitors = 30;
    let crowd = rig.crowd(n_visitors, &busy(site.proxy.address()))?;
    crowd.joined(n_visitors, REST).await?;
    crowd.click();
    let mut chance = rig.chance();
    for round in 0..rig.rounds(8, 2) {
        tokio::time::sleep(chance.between(Duration::from_millis(500), Duration::from_millis(1_500))).await;
        if round % 2 == 0 {
            site.redis.kill();
            tokio::time::sleep(chance.between(Duration::ZERO, Duration::from_millis(1_500))).await;
            site.redis.run().await;
        } else {
            site.redis.pause();
            tokio::time::sleep(chance.between(Duration::ZERO, Duration::from_secs(if rig.is_short { 1 } else { 10 }))).await;
            site.redis.go_on();
        }
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    let history = crowd.end(REST).await?;
    let report = rig.check(Terms::default(), &history)?;
    site.panics()?;
    Ok(Verdict::Held(report.to_string()))
}

/// One node after the other can't reach the store, though its clients reach it: they go to others, and what it still has is fenced off.
pub(super) async fn partitioned(rig: Rig) -> Result<Verdict> {
    if let Some(skipped) = missing() {
        return Ok(skipped);
    }
    let redis = RedisServer::start_durable().await;
    let mut ways = Vec::new();
    for number in 0..N_NODES {
        ways.push(FaultProxy::start(Target::Unix(redis.socket()), Ways::default(), rig.seed.wrapping_add(number as u64)).await?);
    }
    let addresses = std::array::from_fn(|number| format!("redis://{}", ways[number].address()));
    let site = Site::start_with(&rig, LONG, redis, addresses).await?;
    let n_visitors = 45;
    let crowd = rig.crowd(n_visitors, &busy(site.proxy.address()))?;
    crowd.joined(n_visitors, REST).await?;
    crowd.click();
    let dead = Faults { is_dead: true, ..Faults::default() };
    let n = rig.rounds(9, 2);
    let mut times = Vec::new();
    for round in 0..n {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let way = &ways[round % N_NODES];
        times.push(crowd.recorder.now());
        way.set(Ways { up: dead, down: dead, is_closed: false });
        tokio::time::sleep(Duration::from_secs(5)).await;
        way.set(Ways::default());
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    let history = crowd.end(REST).await?;
    let report = rig.check(Terms::default(), &history)?;
    site.panics()?;
    if report.n_lost == 0 {
        return Err(format!("nobody was sent away from a node without a store: {report}").into());
    }
    Ok(Verdict::Held(format!("{n} times 5 s; {report}")))
}

/// Redis comes back with what it had a while ago, and so do the nodes: pages go back to that, and nothing is there twice.
pub(super) async fn forgetful(rig: Rig) -> Result<Verdict> {
    let mut redis =
        RedisServer::start_with(&["--appendonly", "yes", "--appendfsync", "everysec", "--auto-aof-rewrite-percentage", "0"]).await;
    let mut node = rig.server(rig.settings(StoreKind::Redis(redis.address()))).await?;
    let crowd = rig.crowd(16, &busy(node.address()))?;
    crowd.joined(16, REST).await?;
    crowd.click();
    let (live, older) = (redis.folder().join("appendonlydir"), rig.path("older"));
    for _ in 0..rig.rounds(10, 2) {
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        copy(&live, &older)?;
        tokio::time::sleep(Duration::from_millis(700)).await;
        node.kill().await?;
        redis.kill();
        copy(&older, &live)?;
        redis.run().await;
        node.run().await?;
    }
    let history = crowd.end(REST).await?;
    let report = rig.check(Terms { may_go_back: true, ..Terms::default() }, &history)?;
    if report.n_gone_back == 0 {
        return Err(format!("nothing was forgotten: {report}").into());
    }
    Ok(Verdict::Held(report.to_string()))
}

/// The files of a folder, in the place of those of another.
fn copy(from: &Path, to: &Path) -> Result<()> {
    if to.exists() {
        fs::remove_dir_all(to)?;
    }
    fs::create_dir_all(to)?;
    for file in fs::read_dir(from)? {
        let file = file?;
        fs::copy(file.path(), to.join(file.file_name()))?;
    }
    Ok(())
}

/// Redis takes no further connection: a server that starts says so and goes, and the one that has its connections goes on.
pub(super) async fn crowded(rig: Rig) -> Result<Verdict> {
    let redis = RedisServer::start_durable().await;
    let mut server = rig.server(rig.settings(StoreKind::Redis(redis.address()))).await?;
    let crowd = rig.crowd(16, &busy(server.address()))?;
    crowd.joined(16, REST).await?;
    crowd.click();
    tokio::time::sleep(Duration::from_millis(500)).await;
    // Afterwards there would be no connection for it.
    let mut settings = UnixStream::connect(redis.socket())?;
    settings.write_all(b"CONFIG SET maxclients 2\r\n")?;
    settings.read_exact(&mut [0; 5])?;
    let began = std::time::Instant::now();
    let second = ServerProcess::start(&rig.program, rig.settings(StoreKind::Redis(redis.address())), rig.path("second.log")).await;
    let took = began.elapsed();
    if second.is_ok() {
        return Err("a server started without its store".into());
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    settings.write_all(b"CONFIG SET maxclients 1000\r\n")?;
    settings.read_exact(&mut [0; 5])?;
    let history = crowd.end(REST).await?;
    let report = rig.check(Terms { are_effects_once: true, ..Terms::default() }, &history)?;
    if server.has_died() {
        return Err("the server died".into());
    }
    Ok(Verdict::Held(format!("the second server gave up after {} ms; {report}", took.as_millis())))
}
