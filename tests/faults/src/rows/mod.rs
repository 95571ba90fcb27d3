//! The rows of the matrix.

mod herd;
mod kill;
mod network;
mod nodes;

use std::{future::Future, pin::Pin};

use crate::{
    Result,
    rig::{Rig, Verdict},
};

type Run = fn(Rig) -> Pin<Box<dyn Future<Output = Result<Verdict>>>>;

/// A fault and what shows that sessions survive it.
pub(crate) struct Row {
    /// As in the matrix; several for parts of one row.
    pub(crate) id: &'static str,
    pub(crate) fault: &'static str,
    pub(crate) run: Run,
}

macro_rules! row {
    ($id:literal, $fault:literal, $run:path) => {
        Row { id: $id, fault: $fault, run: |rig| Box::pin($run(rig)) }
    };
}

pub(crate) const ROWS: &[Row] = &[
    row!("F-01", "connection cut after byte k, k swept over both directions", network::cut_everywhere),
    row!("F-02", "events arrive, answers are lost", network::answers_lost),
    row!("F-03", "half-open: nothing arrives, nobody is told", network::half_open),
    row!("F-05", "late and uneven: 300 ms there and back, up to 400 ms of jitter", network::late),
    row!("F-06", "64 kbit/s for 24 sessions", network::narrow),
    row!("F-07", "every segment is one byte", network::split),
    row!("F-10", "flapping link", network::flapping),
    row!("F-11", "thundering herd: 10,000 sockets, 5,000 cut at once", herd::cut_at_once),
    row!("F-12", "proxy that cuts idle connections, and is killed", nodes::proxied),
    row!("F-15", "kill -9 at random moments, durable in SQLite", kill::durable),
    row!("F-15-relaxed", "kill -9, relaxed in SQLite", kill::relaxed),
    row!("F-15-memory", "kill -9 without a store", kill::memory),
    row!("F-18", "server frozen (SIGSTOP)", kill::frozen),
    row!("F-15-nodes", "three nodes behind haproxy, one killed under load", nodes::killed),
    row!("F-17", "rolling deploy of three nodes", nodes::deployed),
    row!("F-30", "Redis killed, frozen, back", nodes::store),
    row!("F-30-way", "the way to Redis cut, dead, its answers lost", network::store_way),
];
