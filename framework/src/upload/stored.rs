//! [`Stored`]: a file that is removed when nobody has it any more.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc, LazyLock, Weak,
        atomic::{AtomicU64, Ordering},
    },
};

use dashmap::DashMap;

use super::{Id, folder::Folder};
use crate::metric::{Count, Metrics};

/// Files by their names, for states that are undone or read again. Of the whole process: a state knows nothing of the app that it is in.
static LIVING: LazyLock<DashMap<Id, Weak<Stored>>> = LazyLock::new(DashMap::new);

/// Removing a file of this size is not for a thread of the runtime.
const LARGE_BYTES: u64 = 8 * 1024 * 1024;

/// A file, and the room that was counted for it.
#[derive(Debug)]
pub(super) struct Stored {
    id: Id,
    path: PathBuf,
    room: Room,
    folder: Arc<Folder>,
}

/// The file with this name, if somebody still has it.
pub(super) fn find(id: &Id) -> Option<Arc<Stored>> {
    LIVING.get(id)?.upgrade()
}

impl Stored {
    pub(super) fn new(id: Id, path: PathBuf, room: Room, folder: Arc<Folder>) -> Arc<Self> {
        let stored = Arc::new(Self { id, path, room, folder });
        LIVING.insert(id, Arc::downgrade(&stored));
        stored
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Stored {
    fn drop(&mut self) {
        LIVING.remove(&self.id);
        let path = std::mem::take(&mut self.path);
        let remove = move || {
            if let Err(error) = fs::remove_file(&path)
                && error.kind() != std::io::ErrorKind::NotFound
            {
                tracing::warn!(path = %path.display(), %error, "an upload could not be removed");
            }
        };
        match tokio::runtime::Handle::try_current() {
            // The folder goes with its last file, so that it is still there.
            Ok(runtime) if self.room.n_bytes >= LARGE_BYTES => {
                let folder = Arc::clone(&self.folder);
                drop(runtime.spawn_blocking(move || {
                    remove();
                    drop(folder);
                }));
            }
            _ => remove(),
        }
    }
}

/// Bytes that are counted for as long as this is held.
#[derive(Debug)]
pub(super) struct Room {
    taken: Arc<AtomicU64>,
    n_bytes: u64,
    metrics: Metrics,
}

impl Room {
    /// Room for so many bytes more, if there are no more than `most` then.
    pub(super) fn take(taken: &Arc<AtomicU64>, n_bytes: u64, most: u64, metrics: &Metrics) -> Option<Self> {
        let add = |taken: u64| taken.checked_add(n_bytes).filter(|sum| *sum <= most);
        taken.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add).ok()?;
        metrics.add(Count::StoredUploadBytes, usize::try_from(n_bytes).unwrap_or(usize::MAX));
        Some(Self { taken: Arc::clone(taken), n_bytes, metrics: metrics.clone() })
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        self.taken.fetch_sub(self.n_bytes, Ordering::Relaxed);
        self.metrics.less(Count::StoredUploadBytes, usize::try_from(self.n_bytes).unwrap_or(usize::MAX));
    }
}
