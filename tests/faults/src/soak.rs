//! Hours in which something always breaks: a thousand sessions, faults by chance from a seed, and the promise checked after each of them.

use std::time::{Duration, Instant};

use livefloe_tests::{Chance, RedisServer};

use crate::{
    Result,
    app::{Settings, StoreKind},
    check::{Checker, Terms},
    crowd::Crowd,
    haproxy::HaProxy,
    process::ServerProcess,
    proxy::{FaultProxy, Faults, Target, Ways},
    report::line,
    rig::{REST, Rig, busy},
    visitor::Manner,
};

/// Below this, what memory does says more about the allocator than about a leak.
const MEANINGFUL: Duration = Duration::from_mins(30);

/// Clients, a way that fails, a load balancer, two nodes of which one is killed and the other one measured, and their store.
struct Scene {
    redis: RedisServer,
    measured: ServerProcess,
    killed: ServerProcess,
    balancer: HaProxy,
    way: FaultProxy,
}

/// Runs for so long. What held, in words; an error is what didn't.
pub(crate) async fn soak(rig: &Rig, time: Duration, n_sessions: usize) -> Result<String> {
    let redis = RedisServer::start_durable().await;
    let settings = Settings { keep: 64, heartbeat_ms: 5_000, ..rig.settings(StoreKind::Redis(redis.address())) };
    let measured = ServerProcess::start(&rig.program, settings.clone(), rig.path("measured.log")).await?;
    let killed = ServerProcess::start(&rig.program, settings, rig.path("killed.log")).await?;
    let servers = [measured.address(), killed.address()];
    let balancer = HaProxy::start(&servers, Duration::from_mins(1), rig.path("haproxy.cfg")).await?;
    let way = FaultProxy::start(Target::Tcp(balancer.address()), Ways::default(), rig.seed).await?;
    let mut scene = Scene { redis, measured, killed, balancer, way };

    let manner = Manner { pause: (Duration::from_secs(2), Duration::from_secs(4)), slow: (5, 200), ..busy(scene.way.address()) };
    let mut crowd = rig.crowd(n_sessions, &manner)?;
    crowd.joined(n_sessions, REST).await?;
    let mut chance = rig.chance();
    let mut checker = Checker::new(Terms::default());
    let (mut samples, mut residents) = (Vec::new(), Vec::new());
    let began = Instant::now();
    let mut n_phases = 0;
    while began.elapsed() < time {
        crowd.click();
        let mut faults = Vec::new();
        for _ in 0..=chance.below(3) {
            tokio::time::sleep(chance.between(Duration::from_secs(2), Duration::from_secs(5))).await;
            faults.push(scene.fault(&mut chance, &crowd).await?);
        }
        tokio::time::sleep(Duration::from_secs(3)).await;
        // Memory can be compared only where the measured node has all sessions.
        scene.killed.stop().await?;
        crowd.rest(REST).await;
        checker.history(&crowd.recorder.rotate()?)?;
        rig.judge(checker.report()).map_err(|error| format!("phase {n_phases} ({}): {error}", faults.join(", ")))?;
        scene.is_sound()?;
        let (resident, heap) = (scene.measured.resident_kib()?, scene.measured.heap_kib().await?);
        scene.killed.run().await?;
        samples.push((began.elapsed(), heap));
        residents.push((began.elapsed(), resident));
        n_phases += 1;
        line(&format!(
            "{:>6.0} s  phase {n_phases:>3} held: {:<60} {heap} KiB allocated, {resident} KiB resident, {} files",
            began.elapsed().as_secs_f32(),
            faults.join(", "),
            scene.measured.n_files()?
        ));
    }
    crowd.end(REST).await?;
    // The last phase had a report of its own, and nothing was made since.
    let report = checker.report();
    let resident = memory(&residents, began.elapsed()).unwrap_or_else(|words| words);
    let allocated = memory(&samples, began.elapsed()).map_err(|words| format!("allocated: {words}; resident: {resident}"))?;
    Ok(format!(
        "{:.0} min, {n_phases} phases; {report}; allocated: {allocated}; resident: {resident}",
        began.elapsed().as_secs_f32() / 60.0
    ))
}

impl Scene {
    /// One thing breaks and is mended; says what it was.
    async fn fault(&mut self, chance: &mut Chance, crowd: &Crowd) -> Result<String> {
        let some = |chance: &mut Chance, most_ms| chance.between(Duration::from_millis(100), Duration::from_millis(most_ms));
        let dead = Faults { is_dead: true, ..Faults::default() };
        Ok(match chance.below(11) {
            0 | 1 => {
                self.killed.kill().await?;
                tokio::time::sleep(some(chance, 3_000)).await;
                self.killed.run().await?;
                "a node killed".to_owned()
            }
            2 => {
                self.killed.stop().await?;
                self.killed.run().await?;
                "a node stopped and started".to_owned()
            }
            3 => {
                let time = some(chance, 15_000);
                let node = if chance.below(2) == 0 { &self.killed } else { &self.measured };
                node.pause()?;
                tokio::time::sleep(time).await;
                node.go_on()?;
                format!("a node frozen for {:.1} s", time.as_secs_f32())
            }
            4 => {
                self.redis.kill();
                tokio::time::sleep(some(chance, 3_000)).await;
                self.redis.run().await;
                "Redis killed".to_owned()
            }
            5 => {
                let time = some(chance, 6_000);
                self.redis.pause();
                tokio::time::sleep(time).await;
                self.redis.go_on();
                format!("Redis frozen for {:.1} s", time.as_secs_f32())
            }
            6 => {
                self.balancer.kill().await?;
                self.balancer.run().await?;
                "the balancer killed".to_owned()
            }
            7 => {
                self.way.cut();
                "all connections cut".to_owned()
            }
            8 => {
                let time = some(chance, 15_000);
                let ways = match chance.below(3) {
                    0 => Ways { up: dead, ..Ways::default() },
                    1 => Ways { down: dead, ..Ways::default() },
                    _ => Ways { up: dead, down: dead, is_closed: false },
                };
                self.way.set(ways);
                tokio::time::sleep(time).await;
                self.way.set(Ways::default());
                format!("the way dead for {:.1} s", time.as_secs_f32())
            }
            9 => {
                let late =
                    Faults { delay: some(chance, 400), jitter: some(chance, 400), segment: 1 + chance.below(100), ..Faults::default() };
                self.way.set(Ways { up: late, down: late, is_closed: false });
                tokio::time::sleep(some(chance, 5_000)).await;
                self.way.set(Ways::default());
                "the way late and in pieces".to_owned()
            }
            _ => {
                let n = 1 + chance.below(400);
                crowd.reset(n);
                format!("{n} clients reset")
            }
        })
    }

    /// With one node stopped.
    fn is_sound(&mut self) -> Result<()> {
        for node in [&mut self.measured, &mut self.killed] {
            let panics = node.panics()?;
            if node.has_died() || !panics.is_empty() {
                return Err(format!("a server died, or panicked: {panics:?}").into());
            }
        }
        Ok(())
    }
}

/// How memory went after the first third, as a line through the samples; an error where it grows beyond doubt.
fn memory(samples: &[(Duration, u64)], time: Duration) -> Result<String, String> {
    let warm = time / 3;
    let points: Vec<(f64, f64)> = samples
        .iter()
        .filter(|(at, _)| *at >= warm)
        .map(|(at, kib)| (at.as_secs_f64() / 3_600.0, f64::from(u32::try_from(*kib).unwrap_or(u32::MAX))))
        .collect();
    let Some((slope, error, mean)) = fit(&points) else { return Ok("too short to say how memory goes".to_owned()) };
    let (per_hour, doubt) = (100.0 * slope / mean, 100.0 * error / mean);
    let words = format!("memory {mean:.0} KiB, {per_hour:+.1} % per hour (± {doubt:.1}, {} samples)", points.len());
    if time >= MEANINGFUL && per_hour - 2.0 * doubt > 1.0 {
        return Err(words);
    }
    Ok(words)
}

/// Slope of the line with the least squares, its standard error, and the mean.
#[expect(clippy::cast_precision_loss, reason = "a number of samples")]
fn fit(points: &[(f64, f64)]) -> Option<(f64, f64, f64)> {
    let n = points.len() as f64;
    if points.len() < 4 {
        return None;
    }
    let (mean_x, mean_y) = (points.iter().map(|(x, _)| x).sum::<f64>() / n, points.iter().map(|(_, y)| y).sum::<f64>() / n);
    let spread: f64 = points.iter().map(|(x, _)| (x - mean_x).powi(2)).sum();
    let slope = points.iter().map(|(x, y)| (x - mean_x) * (y - mean_y)).sum::<f64>() / spread;
    let rest: f64 = points.iter().map(|(x, y)| (y - mean_y - slope * (x - mean_x)).powi(2)).sum();
    Some((slope, (rest / (n - 2.0) / spread).sqrt(), mean_y))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every_minute(kib: impl Fn(u64) -> u64) -> Vec<(Duration, u64)> {
        (0..60).map(|minute| (Duration::from_secs(60 * minute), kib(minute))).collect()
    }

    #[test]
    fn a_leak_is_told_from_noise_and_from_warming_up() {
        let hour = Duration::from_hours(1);
        let noise = |minute: u64| minute * 7_919 % 13 * 100;
        assert!(memory(&every_minute(|minute| 50_000 + noise(minute)), hour).is_ok());
        assert!(memory(&every_minute(|minute| 50_000 + 1_000 * minute.min(15)), hour).is_ok());
        assert!(memory(&every_minute(|minute| 50_000 + noise(minute) + 100 * minute), hour).is_err());
        assert!(memory(&every_minute(|minute| 50_000 + 100 * minute)[..20], Duration::from_mins(20)).is_ok(), "too short");
    }
}
