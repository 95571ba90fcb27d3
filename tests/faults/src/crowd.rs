//! [`Crowd`]: many visitors at once, who click until they are told to rest.

use std::{
    net::{IpAddr, Ipv4Addr},
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use livefloe_tests::Chance;
use tokio::{
    sync::{Notify, watch},
    task::JoinSet,
    time::timeout,
};

use crate::{
    Result,
    history::Recorder,
    visitor::{Manner, Visitor},
};

/// What all visitors are to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    Click,
    /// Settle everything, then compare the page with a fresh rendering; numbered.
    Rest(u64),
    /// Stay connected and do nothing.
    Wait,
    /// Those below the first number reset their connection, once for each second number; all go on clicking.
    Reset(usize, u64),
    Stop,
}

impl Order {
    pub(crate) fn is_click(self) -> bool {
        matches!(self, Self::Click | Self::Reset(..))
    }

    pub(crate) fn is_stop(self) -> bool {
        self == Self::Stop
    }

    pub(crate) fn rest(self) -> Option<u64> {
        if let Self::Rest(number) = self { Some(number) } else { None }
    }
}

/// How they are, in numbers.
#[derive(Debug, Default)]
pub(crate) struct Board {
    pub(crate) n_joined: AtomicUsize,
    pub(crate) n_ended: AtomicUsize,
    pub(crate) n_rested: AtomicUsize,
    /// Connections that were reset since the last order to.
    pub(crate) n_resets: AtomicUsize,
    pub(crate) rested: Notify,
}

/// Many visitors.
pub(crate) struct Crowd {
    orders: watch::Sender<Order>,
    pub(crate) board: Arc<Board>,
    pub(crate) recorder: Arc<Recorder>,
    visitors: JoinSet<()>,
    n_rests: u64,
    n_resets: AtomicU64,
}

impl Crowd {
    /// They come, join, and wait.
    pub(crate) fn open(n: usize, manner: &Manner, seed: u64, history: PathBuf) -> Result<Self> {
        let mut crowd = Self {
            orders: watch::Sender::new(Order::Wait),
            board: Arc::default(),
            recorder: Arc::new(Recorder::create(history)?),
            visitors: JoinSet::new(),
            n_rests: 0,
            n_resets: AtomicU64::new(0),
        };
        crowd.more(n, manner, seed);
        Ok(crowd)
    }

    /// Others come as well.
    pub(crate) fn more(&mut self, n: usize, manner: &Manner, seed: u64) {
        let mut chance = Chance::new(seed);
        let first = self.visitors.len();
        for who in first..first + n {
            let mut manner = manner.clone();
            if manner.from.is_empty() && manner.address.ip().is_loopback() {
                // Ports of one address are not enough for many connections.
                manner.from = vec![IpAddr::V4(Ipv4Addr::new(127, 0, 0, u8::try_from(2 + who % 8).unwrap_or(2)))];
            }
            let visitor =
                Visitor::run(who, manner, chance.number(), self.orders.subscribe(), Arc::clone(&self.recorder), Arc::clone(&self.board));
            self.visitors.spawn(visitor);
        }
    }

    pub(crate) fn click(&self) {
        self.orders.send_replace(Order::Click);
    }

    /// The first of them reset their connections at once, as when a switch is gone, and come back.
    pub(crate) fn reset(&self, n: usize) {
        self.board.n_resets.store(0, Ordering::SeqCst);
        self.orders.send_replace(Order::Reset(n, 1 + self.n_resets.fetch_add(1, Ordering::SeqCst)));
    }

    /// All settle what is open, come to rest, and compare. Whoever doesn't in time is told of by the checker.
    pub(crate) async fn rest(&mut self, at_most: Duration) -> bool {
        self.n_rests += 1;
        self.board.n_rested.store(0, Ordering::SeqCst);
        self.orders.send_replace(Order::Rest(self.n_rests));
        let n = self.visitors.len();
        let all = async {
            while self.board.n_rested.load(Ordering::SeqCst) + self.board.n_ended.load(Ordering::SeqCst) < n {
                let _ = timeout(Duration::from_millis(50), self.board.rested.notified()).await;
            }
        };
        timeout(at_most, all).await.is_ok()
    }

    /// Waits until so many have joined.
    pub(crate) async fn joined(&self, n: usize, at_most: Duration) -> Result<()> {
        let all = async {
            while self.board.n_joined.load(Ordering::SeqCst) < n {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        let joined = || self.board.n_joined.load(Ordering::SeqCst);
        timeout(at_most, all).await.map_err(|_| format!("{} of {n} have joined after {} s", joined(), at_most.as_secs()).into())
    }

    /// Rests, stops, and gives the history.
    pub(crate) async fn end(mut self, at_most: Duration) -> Result<PathBuf> {
        self.rest(at_most).await;
        self.orders.send_replace(Order::Stop);
        while let Some(ended) = self.visitors.join_next().await {
            ended?;
        }
        Ok(self.recorder.flush()?.to_owned())
    }
}
