//! Ways that fail, by our own proxy.

use std::time::Duration;

use livefloe_tests::RedisServer;

use crate::{
    Result,
    app::{Settings, StoreKind},
    check::{Report, Terms},
    crowd::Crowd,
    process::ServerProcess,
    proxy::{FaultProxy, Faults, Target, Ways},
    rig::{REST, Rig, Verdict, busy},
    visitor::Manner,
};

/// A server that keeps its sessions in a file, a way to it, and visitors on that way.
struct Scene {
    rig: Rig,
    server: ServerProcess,
    proxy: FaultProxy,
    crowd: Crowd,
}

impl Scene {
    async fn start(rig: Rig, n: usize, ways: Ways, manner: impl FnOnce(Manner) -> Manner) -> Result<Self> {
        let settings = rig.settings(rig.sqlite());
        Self::start_with(rig, settings, n, ways, manner).await
    }

    async fn start_with(rig: Rig, settings: Settings, n: usize, ways: Ways, manner: impl FnOnce(Manner) -> Manner) -> Result<Self> {
        let server = rig.server(settings).await?;
        let proxy = FaultProxy::start(Target::Tcp(server.address()), ways, rig.seed).await?;
        let crowd = rig.crowd(n, &manner(busy(proxy.address())))?;
        Ok(Self { rig, server, proxy, crowd })
    }

    async fn click_for(&self, time: Duration) {
        self.crowd.click();
        tokio::time::sleep(time).await;
    }

    /// On a way without faults, all come to rest; nothing was killed, so effects are there once.
    async fn end(mut self) -> Result<Report> {
        self.proxy.set(Ways::default());
        let history = self.crowd.end(REST).await?;
        if self.server.has_died() {
            return Err("the server died".into());
        }
        let panics = self.server.panics()?;
        if !panics.is_empty() {
            return Err(format!("the server panicked: {panics:?}").into());
        }
        self.rig.check(Terms { are_effects_once: true, ..Terms::default() }, &history)
    }
}

fn up(up: Faults) -> Ways {
    Ways { up, ..Ways::default() }
}

fn down(down: Faults) -> Ways {
    Ways { down, ..Ways::default() }
}

fn both(faults: Faults) -> Ways {
    Ways { up: faults, down: faults, is_closed: false }
}

const PLAIN: Faults =
    Faults { delay: Duration::ZERO, jitter: Duration::ZERO, bytes_per_s: 0, segment: 0, flip_one_of: 0, cut_after: None, is_dead: false };

/// Every byte of a connection is its last one once: of the request, the upgrade, the join, events, patches.
pub(super) async fn cut_everywhere(rig: Rig) -> Result<Verdict> {
    let (most_up, most_down, step) = if rig.is_short { (700, 900, 41) } else { (900, 1_200, 1) };
    let eager = |manner| Manner { patience: Duration::from_millis(20), ..manner };
    let scene = Scene::start(rig, 4, Ways::default(), eager).await?;
    scene.crowd.joined(4, REST).await?;
    scene.crowd.click();
    let mut n_cuts = 0;
    for (most, way) in [(most_up, up as fn(Faults) -> Ways), (most_down, down)] {
        for k in (1..most).step_by(step) {
            let before = scene.proxy.n_accepted();
            scene.proxy.set(way(Faults { cut_after: Some(k), ..PLAIN }));
            scene.proxy.cut();
            // Each comes once at least, and is cut at that byte.
            let again = async {
                while scene.proxy.n_accepted() < before + 2 {
                    tokio::time::sleep(Duration::from_millis(2)).await;
                }
            };
            tokio::time::timeout(REST, again).await.map_err(|_| "nobody came back")?;
            n_cuts += 2;
        }
    }
    let report = scene.end().await?;
    Ok(Verdict::Held(format!("{n_cuts} cuts at least, at every {step}. byte up to {most_up} up and {most_down} down; {report}")))
}

/// Events arrive, and what is said to them doesn't.
pub(super) async fn answers_lost(rig: Rig) -> Result<Verdict> {
    let n = rig.rounds(20, 2);
    let scene = Scene::start(rig, 10, Ways::default(), |manner| manner).await?;
    scene.crowd.joined(10, REST).await?;
    for _ in 0..n {
        scene.click_for(Duration::from_millis(500)).await;
        scene.proxy.set(down(Faults { is_dead: true, ..PLAIN }));
        tokio::time::sleep(Duration::from_millis(400)).await;
        scene.proxy.cut();
        scene.proxy.set(Ways::default());
    }
    let report = scene.end().await?;
    Ok(Verdict::Held(report.to_string()))
}

/// Nothing arrives and nobody is told, for longer than two heartbeats.
pub(super) async fn half_open(rig: Rig) -> Result<Verdict> {
    let seconds = if rig.is_short { 5 } else { 20 };
    let scene = Scene::start(rig, 10, Ways::default(), |manner| manner).await?;
    scene.crowd.joined(10, REST).await?;
    scene.click_for(Duration::from_secs(1)).await;
    scene.proxy.set(both(Faults { is_dead: true, ..PLAIN }));
    let began = tokio::time::Instant::now();
    let mut noticed = None;
    while began.elapsed() < Duration::from_secs(seconds) {
        tokio::time::sleep(Duration::from_millis(20)).await;
        if noticed.is_none() && scene.crowd.board.n_joined.load(std::sync::atomic::Ordering::SeqCst) == 0 {
            noticed = Some(began.elapsed());
        }
    }
    let noticed = noticed.ok_or("clients hold on to a connection that is dead")?;
    let report = scene.end().await?;
    Ok(Verdict::Held(format!("{seconds} s; all clients noticed after {:.1} s (two heartbeats: 4 s); {report}", noticed.as_secs_f32())))
}

/// Far away, and unevenly so.
pub(super) async fn late(rig: Rig) -> Result<Verdict> {
    let seconds = if rig.is_short { 2 } else { 15 };
    let far = Faults { delay: Duration::from_millis(150), jitter: Duration::from_millis(200), ..PLAIN };
    let scene = Scene::start(rig, 24, both(far), |manner| manner).await?;
    scene.crowd.joined(24, REST).await?;
    scene.click_for(Duration::from_secs(seconds)).await;
    let report = scene.end().await?;
    if report.n_lost > 0 {
        return Err(format!("connections were given up for being late: {report}").into());
    }
    Ok(Verdict::Held(format!("300 ms and up to 400 ms more there and back; {report}")))
}

/// A way of 64 kbit/s for all of them.
pub(super) async fn narrow(rig: Rig) -> Result<Verdict> {
    let seconds = if rig.is_short { 2 } else { 15 };
    let scene = Scene::start(rig, 24, Ways::default(), |manner| manner).await?;
    scene.crowd.joined(24, REST).await?;
    let before = scene.server.resident_kib()?;
    let n_down = scene.proxy.n_down();
    scene.proxy.set(both(Faults { bytes_per_s: 8_000, ..PLAIN }));
    scene.click_for(Duration::from_secs(seconds)).await;
    let (after, n_down) = (scene.server.resident_kib()?, scene.proxy.n_down() - n_down);
    let report = scene.end().await?;
    if after > before + 20 * 1_024 {
        return Err(format!("the server's memory grew from {before} to {after} KiB").into());
    }
    Ok(Verdict::Held(format!("{n_down} bytes down in {seconds} s; server {before} to {after} KiB; {report}")))
}

/// One byte at a time.
pub(super) async fn split(rig: Rig) -> Result<Verdict> {
    let seconds = if rig.is_short { 2 } else { 15 };
    let scene = Scene::start(rig, 10, both(Faults { segment: 1, ..PLAIN }), |manner| manner).await?;
    scene.crowd.joined(10, REST).await?;
    scene.click_for(Duration::from_secs(seconds)).await;
    let report = scene.end().await?;
    if report.n_lost > 0 {
        return Err(format!("connections were lost: {report}").into());
    }
    Ok(Verdict::Held(report.to_string()))
}

/// The way breaks again and again.
pub(super) async fn flapping(rig: Rig) -> Result<Verdict> {
    let n = rig.rounds(100, 6);
    let mut chance = rig.chance();
    let scene = Scene::start(rig, 24, Ways::default(), |manner| manner).await?;
    scene.crowd.joined(24, REST).await?;
    scene.crowd.click();
    let before = scene.server.n_files()?;
    for _ in 0..n {
        tokio::time::sleep(chance.between(Duration::from_millis(300), Duration::from_secs(1))).await;
        scene.proxy.cut();
    }
    scene.crowd.joined(24, REST).await?;
    let (server, proxy) = (&scene.server, &scene.proxy);
    // A connection that was cut is closed on both sides, however soon the next one came.
    let back = async {
        while server.n_files().is_ok_and(|now| now > before + 2) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let is_back = tokio::time::timeout(Duration::from_secs(10), back).await.is_ok();
    let (after, n_open) = (server.n_files()?, proxy.n_open());
    let report = scene.end().await?;
    if !is_back {
        return Err(format!("the server has {after} files open instead of {before}, for {n_open} connections").into());
    }
    Ok(Verdict::Held(format!("{n} cuts; files open before {before}, after {after}; {report}")))
}

/// A way between a server and its Redis that breaks, is late, and stands still.
pub(super) async fn store_way(rig: Rig) -> Result<Verdict> {
    let redis = RedisServer::start_durable().await;
    let way = FaultProxy::start(Target::Unix(redis.socket()), Ways::default(), rig.seed).await?;
    let settings = rig.settings(StoreKind::Redis(format!("redis://{}", way.address())));
    let mut chance = rig.chance();
    let n = rig.rounds(20, 3);
    let scene = Scene::start_with(rig, settings, 16, Ways::default(), |manner| manner).await?;
    scene.crowd.joined(16, REST).await?;
    for round in 0..n {
        scene.click_for(chance.between(Duration::from_millis(200), Duration::from_millis(700))).await;
        match round % 3 {
            0 => way.cut(),
            1 => {
                way.set(both(Faults { is_dead: true, ..PLAIN }));
                tokio::time::sleep(chance.between(Duration::from_millis(100), Duration::from_millis(2_500))).await;
            }
            // Written, and not heard of: it is written again.
            _ => {
                way.set(down(Faults { is_dead: true, ..PLAIN }));
                tokio::time::sleep(chance.between(Duration::from_millis(50), Duration::from_millis(200))).await;
                way.cut();
            }
        }
        way.set(Ways::default());
    }
    let report = scene.end().await?;
    Ok(Verdict::Held(report.to_string()))
}

/// Bits are wrong on the way of some: the server lives, and others don't notice.
pub(super) async fn corrupt(rig: Rig) -> Result<Verdict> {
    let seconds = if rig.is_short { 2 } else { 20 };
    let mut server = rig.server(rig.settings(rig.sqlite())).await?;
    let wrong = up(Faults { flip_one_of: 300, ..PLAIN });
    let proxy = FaultProxy::start(Target::Tcp(server.address()), Ways::default(), rig.seed).await?;
    let eager = Manner { patience: Duration::from_millis(200), ..busy(proxy.address()) };
    // What they say may be anything, so only the others' history is gone through.
    let mut theirs = Crowd::open(16, &eager, rig.seed, rig.path("corrupt.jsonl"))?;
    let crowd = rig.crowd(16, &busy(server.address()))?;
    theirs.joined(16, REST).await?;
    crowd.joined(16, REST).await?;
    theirs.click();
    crowd.click();
    proxy.set(wrong);
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    proxy.set(Ways::default());
    let have_rested = theirs.rest(REST).await;
    let report = rig.check(Terms::default(), &crowd.end(REST).await?)?;
    let panics = server.panics()?;
    if server.has_died() || !panics.is_empty() || !have_rested || report.n_lost > 0 {
        return Err(format!("the server died or panicked ({panics:?}), or clients are lost: {report}").into());
    }
    let n_ended = theirs.board.n_ended.load(std::sync::atomic::Ordering::SeqCst);
    let n_again = proxy.n_accepted();
    Ok(Verdict::Held(format!(
        "one bit of 300 bytes for {seconds} s: {n_again} connections of 16 clients, {n_ended} of their sessions ended; the others: {report}"
    )))
}
