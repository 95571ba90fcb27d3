//! [`Folder`]: where a process keeps the files that come to it.
//!
//! Its name and those in it come from the system's random source, never from a client, and only its owner can read it. It goes with the process; what one leaves
//! behind that was killed is removed by the next, which finds the lock of that folder free.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io,
    path::{Path, PathBuf},
};

/// What the folders begin with.
const PREFIX: &str = "livefloe-uploads-";
const LOCK: &str = "lock";

/// A folder that is removed when it is dropped.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    /// Held for as long as the process lives.
    _lock: File,
}

impl Folder {
    /// Makes one in `parent`, and removes those of processes that are gone.
    pub(super) fn make(parent: &Path) -> io::Result<Self> {
        remove_abandoned(parent);
        let path = parent.join(format!("{PREFIX}{}", random_name()?));
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&path)?;
        let lock = create(&path.join(LOCK))?;
        // Where locks don't work it is only never tidied up by others.
        let _ = lock.try_lock();
        Ok(Self { path, _lock: lock })
    }

    /// A new, empty file.
    pub(super) fn file(&self) -> io::Result<(PathBuf, File)> {
        let path = self.path.join(random_name()?);
        Ok((path.clone(), create(&path)?))
    }
}

impl Folder {
    /// Removes it with all that is in it.
    pub(super) fn clear(&self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        self.clear();
    }
}

/// Never one that is there already, nor through a link that somebody has put there.
fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn random_name() -> io::Result<String> {
    use std::fmt::Write as _;
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    Ok(bytes.iter().fold(String::with_capacity(32), |mut name, byte| {
        // Writing to a string can't fail.
        let _ = write!(name, "{byte:02x}");
        name
    }))
}

fn remove_abandoned(parent: &Path) {
    let Ok(entries) = fs::read_dir(parent) else { return };
    for entry in entries.flatten() {
        let is_one = entry.file_name().to_str().is_some_and(|name| name.starts_with(PREFIX));
        // A link is no folder here, whatever it leads to.
        if !is_one || !entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            continue;
        }
        let path = entry.path();
        // Without a lock it is being made at this moment, or somebody else's.
        let Ok(lock) = OpenOptions::new().write(true).open(path.join(LOCK)) else { continue };
        match lock.try_lock() {
            Ok(()) => {
                if let Err(error) = fs::remove_dir_all(&path) {
                    tracing::debug!(path = %path.display(), %error, "uploads of a process that is gone could not be removed");
                }
            }
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(error)) => tracing::debug!(path = %path.display(), %error, "no lock"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_for_its_owner_and_goes_with_it() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::make(place.path()).unwrap();
        let (path, _) = folder.file().unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
            assert_eq!(fs::metadata(&folder.path).unwrap().permissions().mode() & 0o777, 0o700);
        }
        drop(folder);
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);
    }

    #[test]
    fn what_a_killed_process_left_goes_and_what_a_living_one_has_stays() {
        let place = tempfile::tempdir().unwrap();
        let living = Folder::make(place.path()).unwrap();
        let left = place.path().join(format!("{PREFIX}left"));
        fs::create_dir(&left).unwrap();
        for name in [LOCK, "file"] {
            fs::write(left.join(name), "").unwrap();
        }
        let (being_made, foreign) = (place.path().join(format!("{PREFIX}new")), place.path().join("other"));
        fs::create_dir(&being_made).unwrap();
        fs::create_dir(&foreign).unwrap();
        fs::write(foreign.join(LOCK), "").unwrap();
        let _other = Folder::make(place.path()).unwrap();
        assert!(!left.exists());
        assert!(living.path.exists() && being_made.exists() && foreign.exists());
    }
}
