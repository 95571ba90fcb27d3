//! Servers that end, or stand still, from one moment to the next.

use std::time::Duration;

use livefloe_tests::close;

use crate::{
    Result,
    app::{Settings, StoreKind},
    check::{Report, Terms},
    history::{self, What},
    proxy::{FaultProxy, Target, Ways},
    rig::{REST, Rig, Verdict, busy},
    visitor::Manner,
};

/// Killed and started again so often, at moments by chance; what clients then have.
async fn rounds(rig: &Rig, settings: Settings, n: usize, n_visitors: usize, terms: Terms) -> Result<Report> {
    let mut chance = rig.chance();
    let mut server = rig.server(settings).await?;
    // Those who come back after a crash may be cut off before they hear of it; there is a way that breaks for that.
    let way = FaultProxy::start(Target::Tcp(server.address()), Ways::default(), rig.seed).await?;
    let crowd = rig.crowd(n_visitors, &busy(if terms.may_go_back { way.address() } else { server.address() }))?;
    crowd.joined(n_visitors, REST).await?;
    crowd.click();
    for _ in 0..n {
        // From right after the start, while clients come back, to when all of them click again.
        tokio::time::sleep(chance.between(Duration::ZERO, Duration::from_millis(900))).await;
        server.kill().await?;
        if chance.below(4) == 0 {
            tokio::time::sleep(chance.between(Duration::ZERO, Duration::from_millis(300))).await;
        }
        server.run().await?;
        for _ in 0..chance.below(4) {
            tokio::time::sleep(chance.between(Duration::ZERO, Duration::from_millis(150))).await;
            way.cut();
        }
    }
    let history = crowd.end(REST).await?;
    let panics = server.panics()?;
    if !panics.is_empty() {
        return Err(format!("the server panicked: {panics:?}").into());
    }
    rig.check(terms, &history)
}

pub(super) async fn durable(rig: Rig) -> Result<Verdict> {
    let n = rig.rounds(500, 12);
    let report = rounds(&rig, rig.settings(rig.sqlite()), n, 24, Terms::default()).await?;
    Ok(Verdict::Held(format!("{n} rounds: 0 acknowledged events lost, 0 applied twice; {report}")))
}

pub(super) async fn relaxed(rig: Rig) -> Result<Verdict> {
    let n = rig.rounds(60, 6);
    let settings = Settings { relaxed_ms: Some(300), ..rig.settings(rig.sqlite()) };
    let terms = Terms { may_go_back: true, ..Terms::default() };
    let report = rounds(&rig, settings, n, 24, terms).await?;
    Ok(Verdict::Held(format!("{n} rounds: pages put right, nothing twice; {report}")))
}

/// Without a store a session goes with its server, and every client says so.
pub(super) async fn memory(rig: Rig) -> Result<Verdict> {
    let mut server = rig.server(rig.settings(StoreKind::None)).await?;
    let crowd = rig.crowd(10, &busy(server.address()))?;
    crowd.joined(10, REST).await?;
    crowd.click();
    tokio::time::sleep(Duration::from_secs(1)).await;
    server.kill().await?;
    server.run().await?;
    let history = crowd.end(REST).await?;
    let report = rig.check(Terms { may_end: true, ..Terms::default() }, &history)?;
    let ends = history::read(&history)?.filter_map(|entry| match entry.ok()?.what {
        What::Ended { code } => Some(code),
        _ => None,
    });
    let ends: Vec<_> = ends.collect();
    if ends != [close::NO_SESSION; 10] {
        return Err(format!("sessions ended with {ends:?}").into());
    }
    Ok(Verdict::Held(format!("all 10 clients were told that their session is gone; {report}")))
}

pub(super) async fn frozen(rig: Rig) -> Result<Verdict> {
    let time = Duration::from_secs(if rig.is_short { 5 } else { 30 });
    let server = rig.server(rig.settings(rig.sqlite())).await?;
    let crowd = rig.crowd(24, &busy(server.address()))?;
    crowd.joined(24, REST).await?;
    crowd.click();
    tokio::time::sleep(Duration::from_secs(1)).await;
    server.pause()?;
    tokio::time::sleep(time).await;
    server.go_on()?;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let history = crowd.end(REST).await?;
    let report = rig.check(Terms { are_effects_once: true, ..Terms::default() }, &history)?;
    Ok(Verdict::Held(format!("{} s; {report}", time.as_secs())))
}

/// Asked to stop and started again, with a thousand sockets.
pub(super) async fn stopped(rig: Rig) -> Result<Verdict> {
    let n_visitors = if rig.is_short { 100 } else { 1_000 };
    let n = rig.rounds(5, 2);
    let settings = Settings { keep: 64, ..rig.settings(rig.sqlite()) };
    let mut server = rig.server(settings).await?;
    let seconds = Duration::from_secs;
    let manner = Manner { pause: (seconds(1), seconds(3)), slow: (20, 500), ..busy(server.address()) };
    let crowd = rig.crowd(n_visitors, &manner)?;
    crowd.joined(n_visitors, REST).await?;
    crowd.click();
    let (mut longest, mut back) = (Duration::ZERO, Duration::ZERO);
    for _ in 0..n {
        tokio::time::sleep(seconds(2)).await;
        longest = longest.max(server.stop().await?);
        server.run().await?;
        let began = std::time::Instant::now();
        crowd.joined(n_visitors, REST).await?;
        back = back.max(began.elapsed());
    }
    let history = crowd.end(REST).await?;
    let report = rig.check(Terms { are_effects_once: true, ..Terms::default() }, &history)?;
    Ok(Verdict::Held(format!(
        "{n} stops, {} ms at most with handlers of up to 500 ms under way, all {n_visitors} back within {:.1} s of the start; {report}",
        longest.as_millis(),
        back.as_secs_f32()
    )))
}
