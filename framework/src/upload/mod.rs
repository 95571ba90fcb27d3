//! [`Upload`]: a file that a person has sent, and the way that it comes.
//!
//! Files don't come over the socket: a control of the page has a ticket ([`Offer`]), with which the client posts each file to a route of its own ([`route`]). There it is written
//! into a file that no client names ([`folder`]), and counted before it is written ([`Spool`]). What the client gets for it is a random name, which only an event of
//! that session, of that component and under that control's name can redeem.

mod accept;
mod folder;
mod offer;
mod receive;
pub(crate) mod route;
mod spool;
mod stored;

use std::{
    cell::RefCell,
    fmt, fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

pub use offer::Uploads;
pub(crate) use spool::{Redeemed, Spool};
use stored::Stored;

/// What the name of an upload starts with in a form; alone it says that there is none.
pub(crate) const REFERENCE: &str = "lfu-";

/// Names an upload.
type Id = [u8; 16];

/// A file that a person has sent: what a handler's form has for a [`file_field`](crate::widget::file_field), as `Upload`, `Option<Upload>` or `Vec<Upload>`.
///
/// The file lives as long as something has its `Upload`: drop it, and it is gone; put it into the component's state or into a task, and it stays until that drops it, over
/// reloads of the page too, at most as long as the session. Clones share the file. It doesn't survive the process: of an `Upload` in a state that is made again from a
/// store, the name is left, and reading it is an error that says so. To keep a file, [copy](Self::copy_to) it.
///
/// ```
/// # use livefloe::{Component, Cx, Markup, Upload, html, widget::{button, file_field, form}};
/// # use serde::{Deserialize, Serialize};
/// #[derive(Default, Serialize, Deserialize)]
/// struct Reader { said: String }
///
/// #[derive(Deserialize)]
/// struct Sent { document: Upload }
///
/// impl Component for Reader {
///     fn render(&self, cx: &Cx<Self>) -> Markup {
///         html! {
///             (form(html! {
///                 (file_field("Document", "document", cx.uploads()).accept(".txt").max_bytes(1_000_000))
///                 (button("Read").submit())
///             }).on_submit(cx.form(Self::read)))
///             p { (self.said) }
///         }
///     }
/// }
///
/// impl Reader {
///     async fn read(&mut self, Sent { document }: Sent) -> std::io::Result<()> {
///         let n_bytes = document.bytes().await?.len();
///         self.said = format!("{} has {n_bytes} bytes", document.name());
///         Ok(())
///     }
/// }
/// ```
#[derive(Clone)]
pub struct Upload {
    about: Arc<About>,
    stored: Option<Arc<Stored>>,
}

/// What is known of an upload besides its bytes.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct About {
    #[serde(with = "serde_bytes")]
    id: Id,
    name: String,
    content_type: String,
    size: u64,
}

impl Upload {
    /// What the person's file is called: the client says so. It is text to show, made of what may stand in a file's name, and no path of anything here; may be empty.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.about.name
    }

    /// What the client says the file is, such as `image/png`; may be empty. It proves nothing.
    #[must_use]
    pub fn content_type(&self) -> &str {
        &self.about.content_type
    }

    /// In bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.about.size
    }

    /// Where the file is, for what wants to open it itself. It goes with the last clone of this; don't move it, and don't write to it.
    ///
    /// # Errors
    /// When the file is gone: see [`Upload`].
    pub fn path(&self) -> io::Result<&Path> {
        self.stored.as_deref().map(Stored::path).ok_or_else(|| self.gone())
    }

    /// Opens the file for reading. What is read then blocks the thread, like any file.
    ///
    /// # Errors
    /// When the file is gone, or the system can't open it.
    pub fn open(&self) -> io::Result<fs::File> {
        fs::File::open(self.path()?)
    }

    /// All of the file, read beside the runtime's threads.
    ///
    /// # Errors
    /// When the file is gone, or the system can't read it.
    pub async fn bytes(&self) -> io::Result<Vec<u8>> {
        let upload = self.clone();
        tokio::task::spawn_blocking(move || fs::read(upload.path()?)).await.map_err(io::Error::other)?
    }

    /// Copies the file, beside the runtime's threads.
    ///
    /// # Errors
    /// When the file is gone, or the system can't read it or write the other.
    pub async fn copy_to(&self, path: impl Into<PathBuf>) -> io::Result<()> {
        let (upload, path) = (self.clone(), path.into());
        let copied = tokio::task::spawn_blocking(move || fs::copy(upload.path()?, path)).await;
        copied.map_err(io::Error::other)?.map(|_| ())
    }

    fn gone(&self) -> io::Error {
        let name = &self.about.name;
        io::Error::new(io::ErrorKind::NotFound, format!("the upload {name:?} is gone: it was sent to a server that has ended since"))
    }

    /// How events name it.
    #[must_use]
    pub fn reference(&self) -> String {
        format!("{REFERENCE}{}", URL_SAFE_NO_PAD.encode(self.about.id))
    }
}

/// The id in a reference.
fn referred(text: &str) -> Option<Id> {
    let mut id = Id::default();
    let length = URL_SAFE_NO_PAD.decode_slice(text.strip_prefix(REFERENCE)?, &mut id).ok()?;
    (length == id.len()).then_some(id)
}

impl PartialEq for Upload {
    fn eq(&self, other: &Self) -> bool {
        self.about == other.about
    }
}

impl Eq for Upload {}

impl fmt::Debug for Upload {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Upload({:?}, {} bytes)", self.about.name, self.about.size)
    }
}

thread_local! {
    /// What the event has redeemed whose form is being read.
    static REDEEMED: RefCell<Vec<Upload>> = const { RefCell::new(Vec::new()) };
}

/// Reads a form of an event that has redeemed these.
pub(crate) fn with<T>(uploads: &[Upload], read: impl FnOnce() -> T) -> T {
    /// Also when something panics.
    struct Forget;
    impl Drop for Forget {
        fn drop(&mut self) {
            REDEEMED.take();
        }
    }
    if uploads.is_empty() {
        return read();
    }
    REDEEMED.set(uploads.to_vec());
    let _forget = Forget;
    read()
}

/// In a form: what its event has redeemed, and nothing else. In a state: the file that this process has under that name; only servers write those.
impl<'de> Deserialize<'de> for Upload {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            let text = String::deserialize(deserializer)?;
            let found = REDEEMED.with_borrow(|uploads| uploads.iter().find(|upload| upload.reference() == text).cloned());
            return found.ok_or_else(|| D::Error::custom("expected a file"));
        }
        let about = About::deserialize(deserializer)?;
        let stored = stored::find(&about.id);
        Ok(Self { about: Arc::new(about), stored })
    }
}

impl Serialize for Upload {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() { serializer.serialize_str(&self.reference()) } else { self.about.serialize(serializer) }
    }
}
