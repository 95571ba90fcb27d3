//! [`Rig`]: what a row gets to work with.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use livefloe_tests::Chance;

use crate::{
    Result,
    app::{Settings, StoreKind},
    check::{Checker, Report, Terms},
    crowd::Crowd,
    process::ServerProcess,
    visitor::{BACKOFF_MAX, Manner},
};

/// A folder, a seed, and how much is to be done.
#[derive(Debug, Clone)]
pub(crate) struct Rig {
    /// The server under test.
    pub(crate) program: PathBuf,
    /// Of this run and its own: histories, logs, stores.
    pub(crate) folder: PathBuf,
    pub(crate) seed: u64,
    /// How often, where a row says it can be told.
    pub(crate) rounds: Option<usize>,
    /// As a test among others.
    pub(crate) is_short: bool,
}

/// How a row ended that didn't fail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// What was measured.
    Held(String),
    /// Why it can't be run here.
    Skipped(String),
}

/// How long coming to rest may take.
pub(crate) const REST: Duration = Duration::from_mins(1);

impl Rig {
    pub(crate) fn chance(&self) -> Chance {
        Chance::new(self.seed)
    }

    /// So many in full, or so many as a test; or as the command line says.
    pub(crate) fn rounds(&self, full: usize, short: usize) -> usize {
        self.rounds.unwrap_or(if self.is_short { short } else { full })
    }

    /// A part of this rig, in a folder of its own.
    pub(crate) fn part(&self, name: &str) -> Result<Self> {
        let folder = self.folder.join(name);
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        Ok(Self { folder, ..self.clone() })
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    pub(crate) fn sqlite(&self) -> StoreKind {
        StoreKind::Sqlite(self.path("sessions.sqlite"))
    }

    /// A durable server on a free port; change what is to be different.
    pub(crate) fn settings(&self, store: StoreKind) -> Settings {
        Settings {
            address: ([127, 0, 0, 1], 0).into(),
            store,
            relaxed_ms: None,
            effects: self.path("effects"),
            keep: 2_048,
            heartbeat_ms: 2_000,
            detached_s: 300,
            max_sessions: 0,
        }
    }

    pub(crate) async fn server(&self, settings: Settings) -> Result<ServerProcess> {
        ServerProcess::start(&self.program, settings, self.path("server.log")).await
    }

    pub(crate) fn crowd(&self, n: usize, manner: &Manner) -> Result<Crowd> {
        Crowd::open(n, manner, self.seed, self.path("history.jsonl"))
    }

    /// Goes through the history of a crowd that has come to its end. An error has what broke, and where the history is.
    pub(crate) fn check(&self, terms: Terms, history: &Path) -> Result<Report> {
        let mut checker = Checker::new(terms);
        checker.effects(&self.path("effects"))?;
        checker.history(history)?;
        self.judge(checker.report())
    }

    pub(crate) fn judge(&self, report: Report) -> Result<Report> {
        if report.violations.is_empty() {
            return Ok(report);
        }
        Err(format!("{}\n  {}\n  (seed {}, history in {})", report, report.violations.join("\n  "), self.seed, self.folder.display())
            .into())
    }
}

/// Visitors of an address who click all the time, some on slow handlers.
pub(crate) fn busy(address: std::net::SocketAddr) -> Manner {
    Manner {
        address,
        from: Vec::new(),
        pause: (Duration::from_millis(20), Duration::from_millis(120)),
        slow: (10, 60),
        patience: BACKOFF_MAX,
        most_open: 8,
    }
}
