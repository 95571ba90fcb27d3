//! [`Sqlite`]: a file, written by one thread.

use std::{
    fmt, fs, io,
    io::{Read as _, Write as _},
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant, SystemTime},
};

use rusqlite::{Connection, OptionalExtension as _, params};
use tokio::sync::{mpsc, oneshot};

use super::{Claimed, Fence, Saved, SessionId, Store, StoreError};
use crate::handler::BoxFuture;

/// Requests that wait for the thread. Those beyond wait in their sessions.
const MAX_WAITING: usize = 4_096;
/// As many requests share one transaction, and its wait for the disk.
const MAX_SHARED: usize = 1_024;
/// How often what is over is deleted.
const CLEAN_EVERY: Duration = Duration::from_mins(1);
/// Which tables there are: 1 had no fences. A file of a later version is not touched.
const SCHEMA: i32 = 2;

/// Keeps snapshots in an `SQLite` file, which any tool opens. Beside it lies a file `….key` with the secret that the snapshots are signed with; both
/// are readable by their owner only. For one process: a second one is refused. A clone is the same store.
///
/// Writing is durable (write-ahead log, `synchronous=FULL`), and sessions that write at the same time share a transaction.
///
/// ```no_run
/// # use livefloe::{App, store::Sqlite};
/// # fn main() -> Result<(), livefloe::store::StoreError> {
/// let app = App::new().store(Sqlite::open("sessions.sqlite")?);
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Sqlite {
    path: PathBuf,
    requests: mpsc::Sender<Request>,
    secret: [u8; 32],
}

type Answer<T> = oneshot::Sender<Result<T, StoreError>>;

enum Request {
    Save { session: SessionId, fence: Fence, snapshot: Vec<u8>, kept: Duration, answer: Answer<Saved> },
    Remove { session: SessionId, answer: Answer<()> },
    Claim { session: SessionId, answer: Answer<Option<Claimed>> },
}

impl Sqlite {
    /// Opens a file, or makes it.
    ///
    /// # Errors
    /// When the file can't be read or written, is no database of ours, or another process has it.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        let path = path.as_ref().to_owned();
        let failed = |what: &str| {
            let what = format!("{what} {}", path.display());
            move |error: rusqlite::Error| StoreError::caused(what, error)
        };
        let secret = secret(&path.with_extension("key"))?;
        private(fs::OpenOptions::new().create(true).append(true))
            .open(&path)
            .map_err(|error| StoreError::caused(format!("can't open {}", path.display()), error))?;
        let database = Connection::open(&path).map_err(failed("can't open"))?;
        prepare(&database).map_err(|error| match error {
            Unprepared::Sqlite(error) => failed("can't use")(error),
            Unprepared::Schema(version) => {
                StoreError::new(format!("{} has tables of version {version}, expected {SCHEMA}: it is another program's", path.display()))
            }
        })?;
        let (requests, receiver) = mpsc::channel(MAX_WAITING);
        thread::Builder::new()
            .name("livefloe-store".to_owned())
            .spawn(move || Writer { database, cleaned: Instant::now() }.run(receiver))
            .map_err(|error| StoreError::caused("can't start the store's thread", error))?;
        Ok(Self { path, requests, secret })
    }

    fn request<T: Send + 'static>(&self, request: impl FnOnce(Answer<T>) -> Request) -> BoxFuture<'static, Result<T, StoreError>> {
        let (answer, answered) = oneshot::channel();
        let (request, requests) = (request(answer), self.requests.clone());
        Box::pin(async move {
            let gone = || StoreError::new("the store's thread has ended");
            requests.send(request).await.map_err(|_| gone())?;
            answered.await.map_err(|_| gone())?
        })
    }
}

impl Store for Sqlite {
    fn save(&self, session: SessionId, fence: Fence, snapshot: Vec<u8>, kept: Duration) -> BoxFuture<'static, Result<Saved, StoreError>> {
        self.request(|answer| Request::Save { session, fence, snapshot, kept, answer })
    }

    fn claim(&self, session: SessionId) -> BoxFuture<'static, Result<Option<Claimed>, StoreError>> {
        self.request(|answer| Request::Claim { session, answer })
    }

    fn remove(&self, session: SessionId) -> BoxFuture<'static, Result<(), StoreError>> {
        self.request(|answer| Request::Remove { session, answer })
    }

    fn secret(&self) -> Result<[u8; 32], StoreError> {
        Ok(self.secret)
    }
}

impl fmt::Debug for Sqlite {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Sqlite({})", self.path.display())
    }
}

enum Unprepared {
    Sqlite(rusqlite::Error),
    Schema(i32),
}

impl From<rusqlite::Error> for Unprepared {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

fn prepare(database: &Connection) -> Result<(), Unprepared> {
    database.busy_timeout(Duration::from_millis(500))?;
    // Held until the process ends: two that write one session would each overwrite what the other has done.
    database.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    database.pragma_update(None, "journal_mode", "WAL")?;
    database.pragma_update(None, "synchronous", "FULL")?;
    let version: i32 = database.pragma_query_value(None, "user_version", |row| row.get(0))?;
    match version {
        0 => database.execute_batch(&format!(
            "BEGIN;
             CREATE TABLE session (
                 id BLOB PRIMARY KEY, snapshot BLOB NOT NULL, until INTEGER NOT NULL, fence INTEGER NOT NULL DEFAULT 0
             ) WITHOUT ROWID;
             CREATE INDEX session_until ON session (until);
             PRAGMA user_version = {SCHEMA};
             COMMIT;"
        ))?,
        1 => database.execute_batch(&format!(
            "BEGIN;
             ALTER TABLE session ADD COLUMN fence INTEGER NOT NULL DEFAULT 0;
             PRAGMA user_version = {SCHEMA};
             COMMIT;"
        ))?,
        SCHEMA => {}
        other => return Err(Unprepared::Schema(other)),
    }
    // Takes the lock now, and not when the first session is saved.
    database.execute("DELETE FROM session WHERE until <= ?1", params![now()])?;
    Ok(())
}

/// The thread that has the file.
struct Writer {
    database: Connection,
    cleaned: Instant,
}

impl Writer {
    fn run(mut self, mut requests: mpsc::Receiver<Request>) {
        let mut writes = Vec::new();
        while let Some(first) = requests.blocking_recv() {
            let mut next = Some(first);
            while let Some(request) = next {
                match request {
                    Request::Claim { session, answer } => {
                        // What was asked to be written before is seen.
                        self.write(&mut writes);
                        // Whoever asked may have gone.
                        let _ = answer.send(self.claim(session));
                    }
                    write => writes.push(write),
                }
                next = if writes.len() < MAX_SHARED { requests.try_recv().ok() } else { None };
            }
            self.write(&mut writes);
            self.clean();
        }
    }

    /// Writes all of it in one transaction, and then says so to each.
    fn write(&mut self, writes: &mut Vec<Request>) {
        if writes.is_empty() {
            return;
        }
        let failed = |error: &str| StoreError::new(format!("a session could not be written: {error}"));
        match self.transact(writes) {
            Ok(saved) => writes.drain(..).zip(saved).for_each(|(write, saved)| match write {
                Request::Save { answer, .. } => drop(answer.send(Ok(saved))),
                Request::Remove { answer, .. } => drop(answer.send(Ok(()))),
                Request::Claim { .. } => {}
            }),
            Err(error) => {
                let error = error.to_string();
                writes.drain(..).for_each(|write| match write {
                    Request::Save { answer, .. } => drop(answer.send(Err(failed(&error)))),
                    Request::Remove { answer, .. } => drop(answer.send(Err(failed(&error)))),
                    Request::Claim { .. } => {}
                });
            }
        }
    }

    /// What became of each, in their order.
    fn transact(&mut self, writes: &[Request]) -> rusqlite::Result<Vec<Saved>> {
        let mut saved = vec![Saved::Kept; writes.len()];
        let transaction = self.database.transaction()?;
        {
            // Most of the time nothing changes but the snapshot: then no index has to.
            let mut again = transaction.prepare_cached("UPDATE session SET snapshot = ?2 WHERE id = ?1 AND until = ?3 AND fence = ?4")?;
            let mut save = transaction.prepare_cached(
                "INSERT INTO session (id, snapshot, until, fence) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (id) DO UPDATE SET snapshot = excluded.snapshot, until = excluded.until, fence = excluded.fence
                 WHERE fence <= excluded.fence",
            )?;
            let mut remove = transaction.prepare_cached("DELETE FROM session WHERE id = ?1")?;
            for (write, saved) in writes.iter().zip(&mut saved) {
                match write {
                    Request::Save { session, fence, snapshot, kept, .. } => {
                        let row = params![session.0, snapshot, until(*kept), as_column(*fence)];
                        if again.execute(row)? == 0 && save.execute(row)? == 0 {
                            *saved = Saved::TakenOver;
                        }
                    }
                    Request::Remove { session, .. } => {
                        remove.execute(params![session.0])?;
                    }
                    Request::Claim { .. } => {}
                }
            }
        }
        transaction.commit()?;
        Ok(saved)
    }

    fn claim(&self, session: SessionId) -> Result<Option<Claimed>, StoreError> {
        let claimed = |row: &rusqlite::Row<'_>| {
            let fence = Fence(u64::try_from(row.get::<_, i64>(0)?).unwrap_or(0));
            Ok(Claimed { fence, snapshot: row.get(1)? })
        };
        self.database
            .prepare_cached("UPDATE session SET fence = fence + 1 WHERE id = ?1 AND until > ?2 RETURNING fence, snapshot")
            .and_then(|mut update| update.query_row(params![session.0, now()], claimed).optional())
            .map_err(|error| StoreError::caused("a session could not be read", error))
    }

    fn clean(&mut self) {
        if self.cleaned.elapsed() < CLEAN_EVERY {
            return;
        }
        self.cleaned = Instant::now();
        if let Err(error) = self.database.execute("DELETE FROM session WHERE until <= ?1", params![now()]) {
            tracing::warn!(%error, "sessions that are over could not be deleted");
        }
    }
}

/// Numbers here are signed; none of ours comes near the end.
fn as_column(fence: Fence) -> i64 {
    i64::try_from(fence.0).unwrap_or(i64::MAX)
}

/// When a snapshot's time is over. Where that is hours, in whole minutes, rounded up: the same for many in a row.
fn until(kept: Duration) -> i64 {
    const HOUR: Duration = Duration::from_hours(1);
    const MINUTE: i64 = 60;
    let until = now().saturating_add(i64::try_from(kept.as_secs()).unwrap_or(i64::MAX));
    if kept < HOUR { until } else { until.saturating_add(MINUTE - 1) / MINUTE * MINUTE }
}

/// Seconds since 1970: the file outlives the process, and so has to be the clock.
fn now() -> i64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
}

/// Reads the secret from a file, or makes one.
fn secret(path: &Path) -> Result<[u8; 32], StoreError> {
    let failed = |error: io::Error| StoreError::caused(format!("can't read or make the key {}", path.display()), error);
    let mut secret = [0; 32];
    match private(fs::OpenOptions::new().create_new(true).write(true)).open(path) {
        Ok(mut file) => {
            getrandom::fill(&mut secret).map_err(|error| StoreError::new(format!("the system gave no random numbers: {error}")))?;
            file.write_all(&secret).and_then(|()| file.sync_all()).map_err(failed)?;
            Ok(secret)
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let mut bytes = Vec::new();
            fs::File::open(path).and_then(|file| file.take(33).read_to_end(&mut bytes)).map_err(failed)?;
            bytes.try_into().map_err(|bytes: Vec<u8>| {
                let length = if bytes.len() > 32 { "more".to_owned() } else { bytes.len().to_string() };
                StoreError::new(format!(
                    "expected a key of 32 bytes in {}, got {length}; without it the sessions beside it can't be read",
                    path.display()
                ))
            })
        }
        Err(error) => Err(failed(error)),
    }
}

/// For the owner's eyes only.
fn private(options: &mut fs::OpenOptions) -> &mut fs::OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}
