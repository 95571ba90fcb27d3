//! Ten thousand sockets in one process, and five thousand that are cut at once.

use std::{
    collections::{HashMap, VecDeque},
    path::Path,
    time::{Duration, Instant},
};

use crate::{
    Result,
    app::Settings,
    check::Terms,
    history::{self, What},
    process::raise_files,
    rig::{Rig, Verdict, busy},
    visitor::Manner,
};

/// How long anything here may take.
const PATIENCE: Duration = Duration::from_mins(3);

/// How long events took from the click until they were settled, in µs, of clients from `first` on, of clicks in a span of time.
pub(super) fn latencies(history: &Path, first: usize, span: std::ops::Range<u64>) -> Result<Vec<u64>> {
    let mut open: HashMap<usize, VecDeque<(u64, u64)>> = HashMap::new();
    let mut latencies = Vec::new();
    for entry in history::read(history)? {
        let entry = entry?;
        match entry.what {
            What::Made { seq, .. } if entry.who >= first && span.contains(&entry.at) => {
                open.entry(entry.who).or_default().push_back((seq, entry.at));
            }
            What::Settled { upto } => {
                let Some(open) = open.get_mut(&entry.who) else { continue };
                while let Some((_, made)) = open.front().copied().filter(|(seq, _)| *seq <= upto) {
                    open.pop_front();
                    latencies.push(entry.at - made);
                }
            }
            _ => {}
        }
    }
    latencies.sort_unstable();
    Ok(latencies)
}

pub(super) fn p99_ms(latencies: &[u64]) -> u64 {
    latencies.get(latencies.len() * 99 / 100).copied().unwrap_or(0) / 1_000
}

/// The thundering herd.
pub(super) async fn cut_at_once(rig: Rig) -> Result<Verdict> {
    let (n, n_cut) = if rig.is_short { (400, 200) } else { (10_000, 5_000) };
    let n_files = raise_files(true);
    if n_files < n as u64 + 1_000 {
        return Ok(Verdict::Skipped(format!(
            "a process may have {n_files} files open, and {n} sockets are needed on either side: 'ulimit -n 20000'"
        )));
    }
    let settings = Settings { heartbeat_ms: 20_000, keep: 64, ..rig.settings(rig.sqlite()) };
    let server = rig.server(settings).await?;
    let empty = server.resident_kib()?;
    // Half of a thousand clicks in a second, from all of them.
    let seconds = if rig.is_short { 1 } else { 10 };
    let pause = (Duration::from_secs(seconds), Duration::from_secs(3 * seconds));
    let manner = Manner { pause, slow: (0, 0), ..busy(server.address()) };
    let began = Instant::now();
    let mut crowd = rig.crowd(0, &manner)?;
    for n_open in (0..n).step_by(500) {
        let more = (n - n_open).min(500);
        crowd.more(more, &manner, rig.seed.wrapping_add(n_open as u64));
        crowd.joined(n_open + more, PATIENCE).await?;
    }
    let opened = began.elapsed();
    let full = server.resident_kib()?;
    crowd.click();
    let warm = Duration::from_secs(if rig.is_short { 2 } else { 20 });
    tokio::time::sleep(warm).await;
    let (cpu, cut, at) = (server.cpu_ms()?, Instant::now(), crowd.recorder.now());
    crowd.reset(n_cut);
    // Those that are cut have left before anybody is counted.
    let left = async {
        while crowd.board.n_resets.load(std::sync::atomic::Ordering::SeqCst) < n_cut {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(PATIENCE, left).await?;
    crowd.joined(n, PATIENCE).await?;
    let (back, cpu, until) = (cut.elapsed(), server.cpu_ms()? - cpu, crowd.recorder.now());
    let history = crowd.end(PATIENCE).await?;
    let report = rig.check(Terms { are_effects_once: true, ..Terms::default() }, &history)?;
    let before = latencies(&history, n_cut, at.saturating_sub(10_000_000)..at)?;
    let meanwhile = latencies(&history, n_cut, at..until)?;
    Ok(Verdict::Held(format!(
        "{n} sockets open after {:.1} s, {} KiB each; {n_cut} cut: all back after {:.2} s ({cpu} ms of CPU); p99 of the others' events {} ms before, {} ms \
         meanwhile ({} and {} events); {report}",
        opened.as_secs_f32(),
        (full - empty) / n as u64,
        back.as_secs_f32(),
        p99_ms(&before),
        p99_ms(&meanwhile),
        before.len(),
        meanwhile.len(),
    )))
}
