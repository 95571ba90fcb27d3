//! A few who send as fast as they can, on handlers that take their time, and others who want to be served.

use std::time::Duration;

use crate::{
    Result,
    app::Settings,
    check::Terms,
    crowd::Crowd,
    rig::{REST, Rig, Verdict, busy},
    rows::herd::{latencies, p99_ms},
    visitor::Manner,
};

pub(super) async fn greedy(rig: Rig) -> Result<Verdict> {
    let time = Duration::from_secs(if rig.is_short { 2 } else { 10 });
    let settings = Settings { keep: 64, ..rig.settings(rig.sqlite()) };
    let server = rig.server(settings).await?;
    let calm = Manner { slow: (0, 0), ..busy(server.address()) };
    let crowd = rig.crowd(40, &calm)?;
    crowd.joined(40, REST).await?;
    crowd.click();
    tokio::time::sleep(Duration::from_millis(500)).await;
    let quiet = crowd.recorder.now();
    tokio::time::sleep(time).await;
    let flooded = crowd.recorder.now();
    // More than may wait, so some are refused; each handler takes up to 40 ms.
    let hasty = Manner { pause: (Duration::ZERO, Duration::from_millis(2)), slow: (100, 40), most_open: 100, ..busy(server.address()) };
    let flood = Crowd::open(8, &hasty, rig.seed, rig.path("flood.jsonl"))?;
    flood.joined(8, REST).await?;
    flood.click();
    tokio::time::sleep(time).await;
    let over = crowd.recorder.now();
    let flood = flood.end(REST).await?;
    let history = crowd.end(REST).await?;
    // Both keep their order, and what is refused is so visibly.
    let theirs = rig.check(Terms::default(), &flood)?;
    let report = rig.check(Terms::default(), &history)?;
    if theirs.n_refused == 0 {
        return Err(format!("nothing was refused: {theirs}").into());
    }
    let (before, meanwhile) = (latencies(&history, 0, quiet..flooded)?, latencies(&history, 0, flooded..over)?);
    Ok(Verdict::Held(format!(
        "p99 of the others' events {} ms before, {} ms meanwhile; those who flood: {theirs}; the others: {report}",
        p99_ms(&before),
        p99_ms(&meanwhile)
    )))
}
