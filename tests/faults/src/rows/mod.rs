//! The rows of the matrix.

mod flood;
mod herd;
mod kill;
mod machine;
mod network;
mod nodes;
mod wire;

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
    row!("F-03-wire", "the same, by the kernel", wire::gone),
    row!("F-04", "5 % and 20 % of packets lost", wire::lossy),
    row!("F-05", "late and uneven: 300 ms there and back, up to 400 ms of jitter", network::late),
    row!("F-06", "64 kbit/s for 24 sessions", network::narrow),
    row!("F-07", "every segment is one byte", network::split),
    row!("F-09", "bits flipped on the way to the server", network::corrupt),
    row!("F-10", "flapping link", network::flapping),
    row!("F-11", "thundering herd: 10,000 sockets, 5,000 cut at once", herd::cut_at_once),
    row!("F-12", "proxy that cuts idle connections, and is killed", nodes::proxied),
    row!("F-14", "each connection from another address", wire::moved),
    row!("F-15", "kill -9 at random moments, durable in SQLite", kill::durable),
    row!("F-15-relaxed", "kill -9, relaxed in SQLite", kill::relaxed),
    row!("F-15-memory", "kill -9 without a store", kill::memory),
    row!("F-15-nodes", "three nodes behind haproxy, one killed under load", nodes::killed),
    row!("F-16", "SIGTERM with 1,000 sockets, started again", kill::stopped),
    row!("F-16-nodes", "rolling deploy of three nodes", nodes::deployed),
    row!("F-18", "server frozen (SIGSTOP)", kill::frozen),
    row!("F-19", "killed for its memory", machine::out_of_memory),
    row!("F-20", "a tenth of a processor", machine::starved),
    row!("F-30", "Redis killed, frozen, back", nodes::store),
    row!("F-30-way", "the way to Redis cut, dead, its answers lost", network::store_way),
    row!("F-31", "Redis takes no more connections", nodes::crowded),
    row!("F-32", "Redis comes back with what it had a while ago", nodes::forgetful),
    row!("F-33", "a node that can't reach the store", nodes::partitioned),
    row!("F-35", "the store's disk is full", machine::full_disk),
    row!("F-36", "writes and syncs fail with EIO", machine::failing_disk),
    row!("F-37", "no more files can be opened", machine::out_of_files),
    row!("F-38", "no more threads can be started", machine::out_of_threads),
    row!("F-39", "the clock goes back, and on by 400 days", machine::wrong_clock),
    row!("F-41", "a few who flood slow handlers", flood::greedy),
];
