//! A wire between two network namespaces, of which the kernel loses packets. As root only.

use std::{
    net::{IpAddr, SocketAddr},
    time::{Duration, Instant},
};

use crate::{
    Result,
    app::Settings,
    check::{Report, Terms},
    crowd::Crowd,
    namespace::Namespace,
    process::{ServerProcess, free_port},
    rig::{REST, Rig, Verdict, busy},
    visitor::Manner,
};

/// A server at the other end.
struct Scene {
    rig: Rig,
    server: ServerProcess,
    crowd: Crowd,
    namespace: Namespace,
}

const N_VISITORS: usize = 16;

impl Scene {
    /// Or why there can be none here.
    async fn start(rig: Rig, from: impl FnOnce(&Namespace) -> Vec<IpAddr>) -> Result<Result<Self, String>> {
        let namespace = match Namespace::create() {
            Ok(namespace) => namespace,
            Err(error) => return Ok(Err(format!("no network namespace: {error}"))),
        };
        // Whether the kernel has what it takes.
        if let Err(error) = namespace.drop_packets(1).and_then(|()| namespace.drop_packets(0)) {
            return Ok(Err(format!("packets can't be dropped here: {error}")));
        }
        let address = SocketAddr::new(namespace.inside(), free_port()?);
        let settings = Settings { address, ..rig.settings(rig.sqlite()) };
        let server = ServerProcess::start_in(&namespace.wrapper(), &rig.program, settings, rig.path("server.log")).await?;
        let manner = Manner { from: from(&namespace), ..busy(address) };
        let crowd = rig.crowd(N_VISITORS, &manner)?;
        crowd.joined(N_VISITORS, REST).await?;
        crowd.click();
        Ok(Ok(Self { rig, server, crowd, namespace }))
    }

    async fn end(mut self) -> Result<Report> {
        self.namespace.drop_packets(0)?;
        let history = self.crowd.end(REST).await?;
        if self.server.has_died() {
            return Err("the server died".into());
        }
        self.rig.check(Terms { are_effects_once: true, ..Terms::default() }, &history)
    }
}

/// No packet arrives, for a minute.
pub(super) async fn gone(rig: Rig) -> Result<Verdict> {
    let time = Duration::from_secs(if rig.is_short { 5 } else { 60 });
    let scene = match Scene::start(rig, |_| vec![]).await? {
        Ok(scene) => scene,
        Err(why) => return Ok(Verdict::Skipped(why)),
    };
    tokio::time::sleep(Duration::from_secs(1)).await;
    scene.namespace.drop_packets(100)?;
    let began = Instant::now();
    let mut noticed = None;
    while began.elapsed() < time {
        tokio::time::sleep(Duration::from_millis(20)).await;
        if scene.crowd.board.n_joined.load(std::sync::atomic::Ordering::SeqCst) == 0 {
            noticed.get_or_insert(began.elapsed());
        }
    }
    let noticed = noticed.ok_or("clients hold on to a connection that is dead")?;
    scene.namespace.drop_packets(0)?;
    let back = Instant::now();
    scene.crowd.joined(N_VISITORS, REST).await?;
    let back = back.elapsed();
    let report = scene.end().await?;
    Ok(Verdict::Held(format!(
        "{} s; noticed after {:.1} s (two heartbeats: 4 s), all back {:.1} s after its end; {report}",
        time.as_secs(),
        noticed.as_secs_f32(),
        back.as_secs_f32()
    )))
}

/// One packet of twenty is lost, then one of five.
pub(super) async fn lossy(rig: Rig) -> Result<Verdict> {
    let time = Duration::from_secs(if rig.is_short { 3 } else { 10 });
    let scene = match Scene::start(rig, |_| vec![]).await? {
        Ok(scene) => scene,
        Err(why) => return Ok(Verdict::Skipped(why)),
    };
    for of_hundred in [5, 20] {
        scene.namespace.drop_packets(of_hundred)?;
        tokio::time::sleep(time).await;
    }
    let report = scene.end().await?;
    Ok(Verdict::Held(format!("{} s of 5 % and of 20 %; {report}", time.as_secs())))
}

/// Each connection comes from one of two addresses.
pub(super) async fn moved(rig: Rig) -> Result<Verdict> {
    let n = rig.rounds(20, 3);
    let scene = match Scene::start(rig, |namespace| vec![namespace.ours(0), namespace.ours(1)]).await? {
        Ok(scene) => scene,
        Err(why) => return Ok(Verdict::Skipped(why)),
    };
    for _ in 0..n {
        tokio::time::sleep(Duration::from_millis(300)).await;
        scene.crowd.reset(N_VISITORS);
        scene.crowd.joined(N_VISITORS, REST).await?;
    }
    let report = scene.end().await?;
    Ok(Verdict::Held(format!("{n} moves of each; {report}")))
}
