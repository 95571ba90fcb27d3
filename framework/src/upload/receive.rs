//! [`Part`]: a file that comes, from one connection or, after that was lost, from the next.

use std::{
    fs::File,
    io::{self, Write as _},
    sync::Arc,
    time::Duration,
};

use axum::body::BodyDataStream;
use bytes::Bytes;
use futures_util::StreamExt as _;
use tokio::{
    sync::{Mutex, MutexGuard, Notify},
    task::JoinHandle,
};

use super::stored::Stored;

/// As much is gathered before it is written, while as much again may be under way to the disk: what a file costs in memory, however large it is.
const GATHERED_BYTES: usize = 512 * 1024;
/// As much has to come in each of the times that a sender has; one that sends less only holds a place.
const LEAST_BYTES: u64 = 16 * 1024;
/// How long a request waits for the one before it to notice that it is not wanted any more.
const YIELD_TIME: Duration = Duration::from_secs(5);

/// A file that comes.
pub(super) struct Part {
    pub(super) size: u64,
    progress: Mutex<Progress>,
    /// Somebody else goes on with it, or nobody.
    stopped: Notify,
    _stored: Arc<Stored>,
}

/// What has come of it. Held by the request that brings more.
pub(super) struct Progress {
    file: Arc<File>,
    pub(super) received: u64,
}

/// Why the rest has not come.
#[derive(Debug)]
pub(super) enum Unfinished {
    /// The connection was lost, or the sender took too long: it may go on later.
    Cut,
    /// More came than was said.
    TooMuch,
    /// The system could not write it.
    Unwritten(io::Error),
}

impl Part {
    pub(super) fn new(file: File, size: u64, stored: Arc<Stored>) -> Self {
        let progress = Mutex::new(Progress { file: Arc::new(file), received: 0 });
        Self { size, progress, stopped: Notify::new(), _stored: stored }
    }

    /// Whether something of it comes at this moment.
    pub(super) fn is_busy(&self) -> bool {
        self.progress.try_lock().is_err()
    }

    /// Whoever brings it stops.
    pub(super) fn stop(&self) {
        self.stopped.notify_waiters();
    }

    /// Takes it over from a request that may not know yet that its client is gone.
    pub(super) async fn take_over(&self) -> Option<MutexGuard<'_, Progress>> {
        if let Ok(progress) = self.progress.try_lock() {
            return Some(progress);
        }
        self.stop();
        tokio::time::timeout(YIELD_TIME, self.progress.lock()).await.ok()
    }

    /// Writes what comes, to the end of the file. Each `within` something has to come.
    pub(super) async fn receive(&self, progress: &mut Progress, body: &mut BodyDataStream, within: Duration) -> Result<(), Unfinished> {
        let mut stopped = std::pin::pin!(self.stopped.notified());
        let mut writer =
            Writer { file: Arc::clone(&progress.file), gathered: Vec::new(), n_gathered: 0, writing: None, written: progress.received };
        let mut due = tokio::time::Instant::now() + within;
        let (mut received, mut owed) = (progress.received, LEAST_BYTES);
        let ended = loop {
            if received == self.size {
                break Ok(());
            }
            let chunk = tokio::select! {
                biased;
                () = &mut stopped => break Err(Unfinished::Cut),
                chunk = tokio::time::timeout_at(due, body.next()) => chunk,
            };
            let Ok(Some(Ok(chunk))) = chunk else { break Err(Unfinished::Cut) };
            let n_bytes = chunk.len() as u64;
            received += n_bytes;
            if received > self.size {
                break Err(Unfinished::TooMuch);
            }
            owed = owed.saturating_sub(n_bytes);
            if owed == 0 {
                (due, owed) = (tokio::time::Instant::now() + within, LEAST_BYTES);
            }
            if let Err(error) = writer.take(chunk).await {
                break Err(Unfinished::Unwritten(error));
            }
        };
        // What has come is kept, so that nobody has to send it again.
        let written = writer.finish().await;
        progress.received = writer.written;
        match (ended, written) {
            (Err(Unfinished::Unwritten(error)), _) | (_, Err(error)) => Err(Unfinished::Unwritten(error)),
            (ended, Ok(())) => ended,
        }
    }
}

/// Writes beside the runtime's threads, while more comes.
struct Writer {
    file: Arc<File>,
    gathered: Vec<Bytes>,
    n_gathered: usize,
    writing: Option<JoinHandle<io::Result<u64>>>,
    written: u64,
}

impl Writer {
    async fn take(&mut self, chunk: Bytes) -> io::Result<()> {
        self.n_gathered += chunk.len();
        self.gathered.push(chunk);
        if self.n_gathered >= GATHERED_BYTES { self.write().await } else { Ok(()) }
    }

    async fn write(&mut self) -> io::Result<()> {
        self.wait().await?;
        let (file, gathered) = (Arc::clone(&self.file), std::mem::take(&mut self.gathered));
        self.n_gathered = 0;
        self.writing = Some(tokio::task::spawn_blocking(move || {
            let mut file = &*file;
            gathered.iter().try_for_each(|chunk| file.write_all(chunk))?;
            Ok(gathered.iter().map(|chunk| chunk.len() as u64).sum())
        }));
        Ok(())
    }

    async fn wait(&mut self) -> io::Result<()> {
        if let Some(writing) = self.writing.take() {
            self.written += writing.await.map_err(io::Error::other)??;
        }
        Ok(())
    }

    async fn finish(&mut self) -> io::Result<()> {
        if !self.gathered.is_empty() {
            self.write().await?;
        }
        self.wait().await
    }
}
