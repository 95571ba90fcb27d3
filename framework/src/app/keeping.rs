//! [`Keeping`]: where an app's sessions are kept, if nobody said so as well.

use std::{fs, io, path::Path, sync::Arc};

#[cfg(feature = "redis")]
use crate::store::Redis;
use crate::store::{Sqlite, Store, StoreError};

/// The folder of default files, in the one that the process was started in.
const FOLDER: &str = ".livefloe";

/// Where an app keeps its sessions.
#[derive(Default)]
pub(super) enum Keeping {
    /// In a file by the port that the server listens on, which a restart finds again.
    #[default]
    ByPort,
    /// In memory only.
    Nowhere,
    In(Arc<dyn Store>),
}

impl Keeping {
    /// In a store, by address.
    ///
    /// # Errors
    /// When there is no such kind of store, or it can't be opened.
    pub(super) fn at(address: &str) -> Result<Self, StoreError> {
        let (kind, rest) = address.split_once(':').unwrap_or((address, ""));
        match kind {
            "memory" if rest.is_empty() => Ok(Self::Nowhere),
            "sqlite" if !rest.is_empty() => Ok(Self::In(Arc::new(Sqlite::open(rest)?))),
            #[cfg(feature = "redis")]
            "redis" | "redis+unix" | "unix" => Ok(Self::In(Arc::new(Redis::open(address)?))),
            #[cfg(not(feature = "redis"))]
            "redis" | "redis+unix" | "unix" => Err(StoreError::new("a store in Redis needs the feature `redis`")),
            _ => Err(StoreError::new(format!(
                "expected the address of a store such as `sqlite:PATH`, `redis://HOST` or `memory`, got `{address}`"
            ))),
        }
    }

    /// The store of a server that listens on this port, which `asked` for it: nobody comes back to one that the system has chosen.
    pub(super) fn of(self, asked: u16) -> Option<Arc<dyn Store>> {
        match self {
            Self::In(store) => Some(store),
            Self::ByPort if asked != 0 => default_store(Path::new(FOLDER), asked),
            Self::ByPort | Self::Nowhere => None,
        }
    }
}

/// A file that can't be used is no reason not to serve: sessions then live as long as the process.
fn default_store(folder: &Path, port: u16) -> Option<Arc<dyn Store>> {
    let path = folder.join(format!("sessions-{port}.sqlite"));
    let opened = make(folder)
        .map_err(|error| StoreError::caused(format!("can't make the folder {}", folder.display()), error))
        .and_then(|()| Sqlite::open(&path));
    match opened {
        Ok(store) => {
            tracing::debug!(path = %path.display(), "sessions are kept");
            Some(Arc::new(store))
        }
        Err(error) => {
            tracing::warn!(
                %error,
                "sessions end with this process, since the file for them can't be used: give the app another store, or say that it has none"
            );
            None
        }
    }
}

/// For the owner's eyes only, and nothing for version control.
fn make(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(folder) {
        Ok(()) => fs::write(folder.join(".gitignore"), "*\n"),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_that_was_asked_for_has_a_file_which_one_process_uses() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("kept");
        let store = default_store(&folder, 8000).unwrap();
        assert!(folder.join("sessions-8000.sqlite").exists());
        assert_eq!(fs::read_to_string(folder.join(".gitignore")).unwrap(), "*\n");
        assert!(default_store(&folder, 8000).is_none(), "the first has it");
        assert!(default_store(&folder, 8001).is_some());
        drop(store);
    }

    #[test]
    fn a_folder_that_cannot_be_made_leaves_sessions_in_memory() {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("file");
        fs::write(&file, "").unwrap();
        assert!(default_store(&file.join("kept"), 8000).is_none());
        assert!(default_store(&file, 8000).is_none());
    }

    #[test]
    fn only_a_port_that_was_asked_for_has_a_store_by_default() {
        assert!(Keeping::ByPort.of(0).is_none());
        assert!(Keeping::Nowhere.of(8000).is_none());
    }

    #[test]
    fn an_address_names_a_store() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("s.sqlite");
        assert!(matches!(Keeping::at(&format!("sqlite:{}", path.display())), Ok(Keeping::In(_))));
        assert!(path.exists());
        assert!(matches!(Keeping::at("memory"), Ok(Keeping::Nowhere)));
        for address in ["", "sqlite", "sqlite:", "memory:x", "postgres://localhost", "/a/path"] {
            let Err(error) = Keeping::at(address) else { panic!("{address} is no store") };
            assert!(error.to_string().starts_with("expected the address of a store"), "{error}");
        }
        let Err(error) = Keeping::at("redis://127.0.0.1:1") else { panic!("nobody is there") };
        assert!(error.to_string().contains("edis"), "{error}");
    }
}
