//! [`Sqlite`]: a file, written by one thread.

use std::{
    fmt, fs, io,
    io::{Read as _, Write as _},
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant, SystemTime},
};

use rusqlite::{Connection, ErrorCode, OptionalExtension as _, params};
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
/// Says whose a file is: `LvFl`. The first two versions left it at 0.
const APPLICATION: i32 = i32::from_be_bytes(*b"LvFl");

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
    /// Opens a file, or makes it. One that an earlier version of Livefloe has made is brought up to date, with its sessions.
    ///
    /// # Errors
    /// When the file can't be read or written, another process has it, it is another program's, or a later version of Livefloe has made it. A file
    /// that is refused stays as it is.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        let path = path.as_ref().to_owned();
        let failed = |what: &str| {
            let what = format!("{what} {}", path.display());
            move |error: rusqlite::Error| StoreError::caused(what, error)
        };
        private(fs::OpenOptions::new().create(true).append(true))
            .open(&path)
            .map_err(|error| StoreError::caused(format!("can't open {}", path.display()), error))?;
        let database = Connection::open(&path).map_err(failed("can't open"))?;
        let n_sessions = prepare(&database).map_err(|error| match error {
            Unprepared::Sqlite(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => StoreError::caused(
                format!("can't use {}: another process has it, and two can't share a file of sessions", path.display()),
                error,
            ),
            Unprepared::Sqlite(error) => failed("can't use")(error),
            Unprepared::Later(version) => StoreError::new(format!(
                "can't use {}: a later version of Livefloe has made it (tables of version {version}, expected {SCHEMA} at most); run that version, or take \
                 another file",
                path.display()
            )),
            Unprepared::Other => {
                StoreError::new(format!("can't use {}: it is another program's database, expected one of sessions or none", path.display()))
            }
        })?;
        // Now nobody else makes one.
        let (secret, is_new) = secret(&path.with_extension("key"))?;
        if is_new && n_sessions > 0 {
            tracing::warn!(path = %path.display(), n_sessions, "the key beside the file was missing: the sessions in it can't be read any more");
        }
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
    /// Tables of a version that we don't know.
    Later(i32),
    /// No tables of ours.
    Other,
}

impl From<rusqlite::Error> for Unprepared {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

/// Makes the tables what they have to be, and says how many sessions there are. Nothing is written before it is known whose the file is.
fn prepare(database: &Connection) -> Result<i64, Unprepared> {
    database.busy_timeout(Duration::from_millis(500))?;
    // Held until the process ends: two that write one session would each overwrite what the other has done.
    database.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    let number = |name| database.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
    let (application, version) = (number("application_id")?, number("user_version")?);
    let is_empty = database.query_row("SELECT count(*) = 0 FROM sqlite_schema", [], |row| row.get(0))?;
    match (application, version) {
        (0, 0) if is_empty => {}
        (0 | APPLICATION, 1..=SCHEMA) if database.prepare("SELECT id, snapshot, until FROM session").is_ok() => {}
        (APPLICATION, later) => return Err(Unprepared::Later(later)),
        _ => return Err(Unprepared::Other),
    }
    database.pragma_update(None, "journal_mode", "WAL")?;
    database.pragma_update(None, "synchronous", "FULL")?;
    let tables = match version {
        0 => {
            "CREATE TABLE session (
                 id BLOB PRIMARY KEY, snapshot BLOB NOT NULL, until INTEGER NOT NULL, fence INTEGER NOT NULL DEFAULT 0
             ) WITHOUT ROWID;
             CREATE INDEX session_until ON session (until);"
        }
        1 => "ALTER TABLE session ADD COLUMN fence INTEGER NOT NULL DEFAULT 0;",
        _ => "",
    };
    if version != SCHEMA || application != APPLICATION {
        // All of it or nothing: a process that is killed meanwhile leaves the file as it was.
        database.execute_batch(&format!(
            "BEGIN IMMEDIATE; {tables} PRAGMA user_version = {SCHEMA}; PRAGMA application_id = {APPLICATION}; COMMIT;"
        ))?;
    }
    // Takes the lock now, and not when the first session is saved.
    database.execute("DELETE FROM session WHERE until <= ?1", params![now()])?;
    Ok(database.query_row("SELECT count(*) FROM session", [], |row| row.get(0))?)
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

/// Reads the secret from a file, or makes one; and whether it did. Called by the one process that has the sessions beside it.
fn secret(path: &Path) -> Result<([u8; 32], bool), StoreError> {
    let failed = |error: io::Error| StoreError::caused(format!("can't read or make the key {}", path.display()), error);
    let mut bytes = Vec::new();
    match fs::File::open(path).and_then(|file| file.take(33).read_to_end(&mut bytes)) {
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let mut secret = [0; 32];
            getrandom::fill(&mut secret).map_err(|error| StoreError::new(format!("the system gave no random numbers: {error}")))?;
            write_whole(path, &secret).map_err(failed)?;
            return Ok((secret, true));
        }
        Err(error) => return Err(failed(error)),
    }
    let secret = bytes.try_into().map_err(|bytes: Vec<u8>| {
        let length = if bytes.len() > 32 { "more".to_owned() } else { bytes.len().to_string() };
        StoreError::new(format!(
            "expected a key of 32 bytes in {}, got {length}; without it the sessions beside it can't be read",
            path.display()
        ))
    })?;
    Ok((secret, false))
}

/// Writes a file that is there with all of it or not at all, also when the disk is full or the process is killed.
fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let part = path.with_extension("key.part");
    let written = private(fs::OpenOptions::new().create(true).write(true).truncate(true))
        .open(&part)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&part, path))
        .and_then(|()| sync_folder(path));
    if written.is_err() {
        // What is left of it is of no use; the next attempt begins it anew.
        let _ = fs::remove_file(&part);
    }
    written
}

/// Has the disk know of a file's name.
fn sync_folder(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    if let Some(folder) = path.parent() {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        fs::File::open(folder)?.sync_all()?;
    }
    Ok(())
}

/// For the owner's eyes only.
fn private(options: &mut fs::OpenOptions) -> &mut fs::OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

#[cfg(test)]
mod tests;
