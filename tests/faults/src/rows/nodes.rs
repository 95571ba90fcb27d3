//! Three servers that share a Redis, behind a load balancer that sends each connection to the next.

use std::{collections::HashMap, net::SocketAddr, path::Path, time::Duration};

use livefloe_tests::RedisServer;

use crate::{
    Result,
    app::{Settings, StoreKind},
    check::Terms,
    haproxy::{self, HaProxy},
    history::{self, What},
    process::ServerProcess,
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
        let mut nodes = Vec::new();
        for number in 0..N_NODES {
            let settings: Settings = rig.settings(StoreKind::Redis(redis.address()));
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
