//! [`Spool`]: the uploads of an app's sessions: those that are coming, those that wait for their event, and those that a handler has.
//!
//! Everything is counted before it is taken: files and bytes of a session, bytes of all. What a session has goes when it ends.

use std::{
    io,
    path::PathBuf,
    sync::{
        Arc, Mutex, OnceLock, PoisonError, Weak,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use dashmap::DashMap;
use tokio::sync::Semaphore;

use super::{
    About, Id, REFERENCE, Upload,
    accept::{accepts, in_words},
    folder::Folder,
    offer::{ANY, Offer},
    receive::Part,
    referred,
    stored::{Room, Stored},
};
use crate::{Invalid, Limits, app::Shared, metric::Count, session::random_id};

/// Files that a session may be sending at the same time.
const MAX_SENDING: usize = 8;
/// Bytes of what a file is said to be called and to be.
const MAX_NAME_BYTES: usize = 255;

/// The uploads of an app.
pub(crate) struct Spool {
    parent: PathBuf,
    /// Made when the first file comes.
    folder: OnceLock<Arc<Folder>>,
    making: Mutex<()>,
    sessions: DashMap<[u8; 16], Arc<Mutex<Table>>>,
    /// So that an event of an app without any asks nothing.
    n_sessions: AtomicUsize,
    n_bytes: Arc<AtomicU64>,
    /// Requests that may bring files at the same time.
    pub(super) receiving: Arc<Semaphore>,
    /// Somebody looks for what is over.
    is_tended: AtomicBool,
}

/// The uploads of a session.
struct Table {
    entries: Vec<Entry>,
    sending: Arc<Semaphore>,
}

struct Entry {
    /// What the client calls it while it comes, so that it can go on after the connection was lost.
    nonce: Id,
    offer: Arc<Offer>,
    about: Arc<About>,
    stored: Arc<Stored>,
    /// Until all of it is there.
    part: Option<Arc<Part>>,
    /// A handler has had it: it stays as long as something else has it.
    is_taken: bool,
    touched: Instant,
}

/// What a client says of a file that it wants to send.
pub(super) struct Claim {
    pub(super) nonce: Id,
    pub(super) name: String,
    pub(super) content_type: String,
    pub(super) size: u64,
}

/// What there is of it.
pub(super) enum Begun {
    Whole(Upload),
    Part(Arc<Part>, Arc<Semaphore>),
}

/// Why a file is not taken, in words for the person who chose it.
#[derive(Debug)]
pub(super) enum Refused {
    TooLarge(String),
    WrongKind(String),
    TooMany(&'static str),
    NoRoom,
    Conflict,
    System(io::Error),
}

/// What an event has redeemed.
#[derive(Default)]
pub(crate) struct Redeemed {
    pub(crate) uploads: Vec<Upload>,
    /// The payload as its handler reads it, where that differs from what came.
    pub(crate) payload: Option<String>,
}

impl Spool {
    pub(crate) fn new(parent: PathBuf, limits: &Limits) -> Self {
        Self {
            parent,
            folder: OnceLock::new(),
            making: Mutex::default(),
            sessions: DashMap::new(),
            n_sessions: AtomicUsize::new(0),
            n_bytes: Arc::default(),
            receiving: Arc::new(Semaphore::new(limits.max_uploading.clamp(1, Semaphore::MAX_PERMITS))),
            is_tended: AtomicBool::new(false),
        }
    }

    /// Whether no session has any.
    pub(crate) fn is_empty(&self) -> bool {
        self.n_sessions.load(Ordering::Relaxed) == 0
    }

    fn table(&self, session: &[u8; 16]) -> Option<Arc<Mutex<Table>>> {
        if self.is_empty() {
            return None;
        }
        self.sessions.get(session).map(|table| Arc::clone(&table))
    }

    /// Makes room for a file, or finds what has come of it already. Blocks the thread for as long as it takes to make a file.
    pub(super) fn begin(&self, shared: &Shared, offer: Offer, claim: Claim) -> Result<Begun, Refused> {
        let Shared { limits, metrics, .. } = shared;
        let Claim { nonce, name, content_type, size } = claim;
        let table = Arc::clone(&self.sessions.entry(offer.session).or_insert_with(|| {
            self.n_sessions.fetch_add(1, Ordering::Relaxed);
            Arc::new(Mutex::new(Table { entries: Vec::new(), sending: Arc::new(Semaphore::new(MAX_SENDING)) }))
        }));
        let mut table = lock(&table);
        let sending = Arc::clone(&table.sending);
        if let Some(entry) = table.entries.iter_mut().find(|entry| entry.nonce == nonce) {
            if entry.about.size != size || *entry.offer != offer {
                return Err(Refused::Conflict);
            }
            entry.touched = Instant::now();
            return Ok(match &entry.part {
                Some(part) => Begun::Part(Arc::clone(part), sending),
                None => Begun::Whole(entry.upload()),
            });
        }
        if size > offer.max_bytes {
            return Err(Refused::TooLarge(format!("expected at most {}, got {}", in_words(offer.max_bytes), in_words(size))));
        }
        if !accepts(&offer.accept, &name, &content_type) {
            return Err(Refused::WrongKind(format!("expected a file of the kind {}", offer.accept)));
        }
        table.sweep();
        if table.entries.len() >= limits.max_uploads_per_session {
            metrics.one(Count::LimitedUploads);
            return Err(Refused::TooMany("there are too many files already"));
        }
        let own: u64 = table.entries.iter().map(|entry| entry.about.size).sum();
        if own.saturating_add(size) > limits.max_upload_bytes_per_session {
            metrics.one(Count::LimitedUploadBytes);
            return Err(Refused::TooMany("there is too much in all files together"));
        }
        let Some(room) = Room::take(&self.n_bytes, size, limits.max_total_upload_bytes, metrics) else {
            metrics.one(Count::LimitedTotalUploadBytes);
            tracing::warn!(limit = limits.max_total_upload_bytes, "no room for another upload");
            return Err(Refused::NoRoom);
        };
        let folder = self.folder().map_err(Refused::System)?;
        let id = random_id().map_err(|error| Refused::System(io::Error::other(error.to_string())))?;
        let (path, file) = folder.file().map_err(Refused::System)?;
        let stored = Stored::new(id, path, room, folder);
        let part = Arc::new(Part::new(file, size, Arc::clone(&stored)));
        let about = Arc::new(About { id, name: base_name(&name), content_type: short(content_type), size });
        table.entries.push(Entry {
            nonce,
            offer: Arc::new(offer),
            about,
            stored,
            part: Some(Arc::clone(&part)),
            is_taken: false,
            touched: Instant::now(),
        });
        Ok(Begun::Part(part, sending))
    }

    fn folder(&self) -> io::Result<Arc<Folder>> {
        let _making = lock(&self.making);
        if let Some(folder) = self.folder.get() {
            return Ok(Arc::clone(folder));
        }
        let folder = Arc::new(Folder::make(&self.parent)?);
        Ok(Arc::clone(self.folder.get_or_init(|| folder)))
    }

    /// Removes all files: the server has stopped.
    pub(crate) fn clear(&self) {
        if let Some(folder) = self.folder.get() {
            folder.clear();
        }
    }

    /// All of a file has come.
    pub(super) fn is_whole(&self, session: &[u8; 16], nonce: &Id) -> Option<Upload> {
        let table = self.table(session)?;
        let mut table = lock(&table);
        let entry = table.entries.iter_mut().find(|entry| entry.nonce == *nonce)?;
        (entry.part, entry.touched) = (None, Instant::now());
        Some(entry.upload())
    }

    /// Forgets a file that could not be written, or that its sender doesn't want any more.
    pub(super) fn forget(&self, session: &[u8; 16], nonce: &Id) {
        if let Some(table) = self.table(session) {
            lock(&table).entries.retain(|entry| {
                let stays = entry.nonce != *nonce || entry.is_taken;
                if !stays {
                    entry.stop();
                }
                stays
            });
        }
    }

    /// What the payload of an event names: of this session, brought for this component and under the names that the payload has them under. What it names
    /// besides is none.
    pub(crate) fn redeem(&self, session: &[u8; 16], component: u32, payload: &str) -> Result<Redeemed, Invalid> {
        let mut redeemed = Redeemed::default();
        if memchr::memmem::find(payload.as_bytes(), REFERENCE.as_bytes()).is_none() {
            return Ok(redeemed);
        }
        let table = self.table(session);
        let table = table.as_deref().map(lock);
        let entries = table.as_ref().map_or(&[][..], |table| &table.entries);
        let mut pairs = Vec::new();
        let mut counts: Vec<(String, u32, u32)> = Vec::new();
        for (name, value) in form_urlencoded::parse(payload.as_bytes()) {
            // A control that has several sends them in one value; one that has none says so.
            let is_list = value.split(' ').all(|part| referred(part).is_some());
            if value == REFERENCE {
                continue;
            }
            if !is_list {
                pairs.push((name.into_owned(), value.into_owned()));
                continue;
            }
            for part in value.split(' ') {
                pairs.push((name.clone().into_owned(), part.to_owned()));
                let Some(id) = referred(part) else { continue };
                let found = entries.iter().find(|entry| {
                    entry.about.id == id
                        && entry.part.is_none()
                        && [component, ANY].contains(&entry.offer.component)
                        && entry.offer.name == *name
                });
                let Some(entry) = found else { continue };
                match counts.iter_mut().find(|(other, ..)| *other == *name) {
                    Some((_, count, _)) => *count += 1,
                    None => counts.push((name.clone().into_owned(), 1, entry.offer.max_files)),
                }
                redeemed.uploads.push(entry.upload());
            }
        }
        if let Some((name, count, most)) = counts.into_iter().find(|(_, count, most)| count > most) {
            let files = if most == 1 { "one file" } else { "files" };
            let most = if most == 1 { String::new() } else { format!("{most} ") };
            return Err(Invalid::field(name, format!("expected at most {most}{files}, got {count}")));
        }
        redeemed.payload = Some(form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish());
        Ok(redeemed)
    }

    /// A handler has had these, and ended well: from now on they stay only with whoever has kept them.
    pub(crate) fn taken(&self, session: &[u8; 16], uploads: &[Upload]) {
        let Some(table) = self.table(session) else { return };
        for entry in &mut lock(&table).entries {
            entry.is_taken |= uploads.iter().any(|upload| upload.about.id == entry.about.id);
        }
    }

    /// Lets go of what handlers have had and nobody has kept.
    pub(crate) fn sweep(&self, session: &[u8; 16]) {
        if let Some(table) = self.table(session) {
            lock(&table).sweep();
        }
    }

    /// The session has ended.
    pub(crate) fn end(&self, session: &[u8; 16]) {
        if !self.is_empty()
            && let Some((_, table)) = self.sessions.remove(session)
        {
            self.n_sessions.fetch_sub(1, Ordering::Relaxed);
            for entry in lock(&table).entries.drain(..) {
                entry.stop();
            }
        }
    }

    /// Looks now and then for what was begun and not finished, or sent and never named by an event, for as long as there is anything.
    pub(super) fn tend(shared: &Arc<Shared>) {
        if shared.spool.is_tended.swap(true, Ordering::AcqRel) {
            return;
        }
        let (weak, limits) = (Arc::downgrade(shared), shared.limits.clone());
        tokio::spawn(async move {
            let pause = (limits.upload_time.min(limits.upload_kept_time) / 4).clamp(Duration::from_millis(20), Duration::from_secs(30));
            loop {
                tokio::time::sleep(pause).await;
                let Some(shared) = Weak::upgrade(&weak) else { return };
                let spool = &shared.spool;
                spool.expire(&limits);
                if spool.is_empty() {
                    spool.is_tended.store(false, Ordering::Release);
                    // What came in between has seen that somebody was there.
                    if spool.is_empty() || spool.is_tended.swap(true, Ordering::AcqRel) {
                        return;
                    }
                }
            }
        });
    }

    fn expire(&self, limits: &Limits) {
        self.sessions.retain(|_, shared| {
            let mut table = lock(shared);
            table.sweep();
            table.entries.retain(|entry| {
                let limit = if entry.part.is_some() { limits.upload_time } else { limits.upload_kept_time };
                let is_over = !entry.is_taken && entry.touched.elapsed() > limit && !entry.part.as_ref().is_some_and(|part| part.is_busy());
                if is_over {
                    entry.stop();
                }
                !is_over
            });
            // Who has it is about to put something in: nobody gets it while this looks.
            let is_used = !table.entries.is_empty() || Arc::strong_count(shared) > 1;
            if !is_used {
                self.n_sessions.fetch_sub(1, Ordering::Relaxed);
            }
            is_used
        });
    }
}

impl Table {
    fn sweep(&mut self) {
        // Two: the entry's own and, while it comes, the part's.
        self.entries.retain(|entry| !entry.is_taken || Arc::strong_count(&entry.stored) > 1);
    }
}

impl Entry {
    fn upload(&self) -> Upload {
        Upload { about: Arc::clone(&self.about), stored: Some(Arc::clone(&self.stored)) }
    }

    fn stop(&self) {
        if let Some(part) = &self.part {
            part.stop();
        }
    }
}

/// The last part of what may be a path, without what may not stand in a file's name anywhere. Nothing here is ever called so; but whoever shows it, or writes it into a
/// header, should not be surprised.
fn base_name(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default().trim();
    let name = if matches!(name, "." | "..") { "" } else { name };
    // Characters that turn the direction of writing make `gpj.exe` of what ends with `exe.jpg`.
    let is_harmless = |character: &char| {
        !character.is_control()
            && !matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    short(name.chars().filter(is_harmless).collect())
}

fn short(mut text: String) -> String {
    text.truncate(text.floor_char_boundary(MAX_NAME_BYTES));
    text
}

fn lock<T>(table: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    table.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::base_name;

    #[test]
    fn names_from_elsewhere_are_text_and_no_paths() {
        let cases = [
            ("cat.png", "cat.png"),
            ("../../etc/passwd", "passwd"),
            ("/etc/passwd", "passwd"),
            ("C:\\Windows\\win.ini", "win.ini"),
            ("\\\\host\\share\\x", "x"),
            ("..", ""),
            (".", ""),
            ("", ""),
            ("a/..", ""),
            ("a\0b\r\nc", "abc"),
            ("\u{202e}gpj.exe", "gpj.exe"),
            (" x ", "x"),
            ("Übung (1).tar.gz", "Übung (1).tar.gz"),
        ];
        for (given, expected) in cases {
            assert_eq!(base_name(given), expected, "{given:?}");
        }
        let long = base_name(&"ä".repeat(300));
        assert!(long.len() <= 255 && long.chars().all(|character| character == 'ä'));
    }
}
