//! What a client saw, line by line: the only thing besides the server's own file that the checker goes by.

use std::{
    fs::File,
    io::{self, BufRead as _, BufReader, BufWriter, Write as _},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::Instant,
};

use serde::{Deserialize, Serialize};

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entry {
    /// µs since the history began.
    pub(crate) at: u64,
    /// Which client.
    pub(crate) who: usize,
    pub(crate) what: What,
}

/// What happened to a client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum What {
    /// Its page came, with this key.
    Opened { key: u64 },
    /// A person clicked, connected or not.
    Made { seq: u64, value: u64 },
    /// All events up to this one are settled: applied, unless they were refused.
    Settled { upto: u64 },
    /// An event was visibly refused.
    Refused { seq: u64, code: u8 },
    /// The server took the connection: what it has settled, which patch it takes the page to show, and which the page shows.
    Joined { ack: u64, seq: u64, applied: u64 },
    /// The connection is gone.
    Lost { why: String },
    /// What the page shows when nothing is under way; `is_same`: a fresh rendering by the server gave the same.
    Shown { n: u64, hash: u64, tail: Vec<u64>, is_same: bool },
    /// The session is over for this client, and says so.
    Ended { code: u16 },
    /// A patch doesn't fit what the page shows.
    Misfit { why: String },
}

/// Writes a history that many clients share.
#[derive(Debug)]
pub(crate) struct Recorder {
    path: PathBuf,
    began: Instant,
    file: Mutex<BufWriter<File>>,
}

impl Recorder {
    pub(crate) fn create(path: PathBuf) -> io::Result<Self> {
        let file = Mutex::new(BufWriter::new(File::create(&path)?));
        Ok(Self { path, began: Instant::now(), file })
    }

    /// µs since the history began.
    pub(crate) fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    pub(crate) fn write(&self, who: usize, what: What) {
        let mut line = serde_json::to_vec(&Entry { at: self.now(), who, what }).expect("an entry has a form in JSON");
        line.push(b'\n');
        self.file.lock().unwrap_or_else(PoisonError::into_inner).write_all(&line).expect("there is room for the history");
    }

    /// Everything so far is in the file, whose name this gives.
    pub(crate) fn flush(&self) -> io::Result<&Path> {
        self.file.lock().unwrap_or_else(PoisonError::into_inner).flush()?;
        Ok(&self.path)
    }

    /// Goes on in a new file, and gives the name of the one before, which is whole.
    pub(crate) fn rotate(&self) -> io::Result<PathBuf> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.flush()?;
        let before = self.path.with_extension("before.jsonl");
        std::fs::rename(&self.path, &before)?;
        *file = BufWriter::new(File::create(&self.path)?);
        Ok(before)
    }
}

/// The entries of a file, in its order.
pub(crate) fn read(path: &Path) -> io::Result<impl Iterator<Item = io::Result<Entry>>> {
    let lines = BufReader::new(File::open(path)?).lines();
    Ok(lines.map(|line| serde_json::from_str(&line?).map_err(io::Error::other)))
}
