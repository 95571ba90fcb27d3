//! [`Mailbox`]: the only way into a session from outside.

use std::{
    any::{Any, TypeId},
    borrow::Cow,
    collections::{BTreeSet, HashMap},
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use tokio::sync::{mpsc, oneshot};

use super::{Posted, Token, Transport, UnderWay, Who, handover::Give};
use crate::{
    HandlerId,
    app::Prefix,
    component::instance::{Deliver, Job},
};

/// A message to a session. This is the whole list.
pub(crate) enum Message {
    /// A socket that wants to join.
    Join(Join),
    /// A form or button that was posted without script.
    Post(Post),
    /// A task has ended: run the rest of its work on the component.
    Job { component: u32, job: Job },
    /// A broadcast for a component.
    Deliver { component: u32, handler: HandlerId, deliver: Deliver, message: Arc<dyn Any + Send + Sync> },
    /// A task of a component panicked.
    TaskFailed { component: u32, failure: crate::Failure },
    /// Look at the components that asked to be rendered again.
    Refresh,
    /// Let go of the session: another node asks for it.
    Give(Give),
    /// Say when nothing is under way, or at once what is.
    #[cfg(any(test, feature = "testing"))]
    Quiet { at_once: bool, answer: oneshot::Sender<super::Quiet> },
    /// End the session.
    Close,
}

/// A socket that wants to join, with what its first frame said.
pub(crate) struct Join {
    pub(crate) transport: Box<dyn Transport>,
    /// The turn of its token, which we made.
    pub(crate) turn: u64,
    pub(crate) applied: u64,
    /// The token of the page, which we made, where that shows another session: one that began when a page was loaded again.
    pub(crate) page: Option<Token>,
}

/// A form or button that was posted without script.
pub(crate) struct Post {
    /// The number that its event has, and the patch that its page showed.
    pub(crate) seq: u64,
    pub(crate) seen: u64,
    pub(crate) component: u64,
    pub(crate) handler: [u8; 8],
    pub(crate) payload: String,
    /// Tells it from another post of the same page.
    pub(crate) mark: u64,
    pub(crate) answer: oneshot::Sender<Posted>,
}

/// The address of a session. Cheap to clone; holds nothing of the session alive but the queue.
#[derive(Clone)]
pub(crate) struct Mailbox {
    inner: Arc<Inner>,
}

struct Inner {
    id: [u8; 16],
    number: u64,
    /// Whose it is.
    who: Who,
    /// In front of the app's paths, in the browser.
    prefix: Box<str>,
    /// Boxed: the channel keeps room for 32 messages in each session, most of which never get one.
    sender: mpsc::Sender<Box<Message>>,
    /// Components to render again. A set: however many ask, it stays as small as the tree.
    refresh: Mutex<BTreeSet<u32>>,
    /// Whether there are any, so that a session that has none takes no lock.
    has_refresh: AtomicBool,
    extensions: Mutex<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>,
    joined: AtomicBool,
    /// What goes on beside the session's turns, and whether somebody waits for its end.
    n_under_way: AtomicUsize,
    is_awaited: AtomicBool,
}

impl Mailbox {
    pub(crate) fn new(id: [u8; 16], number: u64, capacity: usize, prefix: &str, who: Who) -> (Self, mpsc::Receiver<Box<Message>>) {
        let (sender, receiver) = mpsc::channel(capacity);
        let inner = Inner {
            id,
            number,
            who,
            prefix: prefix.into(),
            sender,
            refresh: Mutex::default(),
            has_refresh: AtomicBool::new(false),
            extensions: Mutex::default(),
            joined: AtomicBool::new(false),
            n_under_way: AtomicUsize::new(0),
            is_awaited: AtomicBool::new(false),
        };
        (Self { inner: Arc::new(inner) }, receiver)
    }

    /// Names the session among all. It finds it and gives no right to it.
    pub(crate) fn id(&self) -> [u8; 16] {
        self.inner.id
    }

    /// Names the session within this process.
    #[must_use]
    pub(crate) fn number(&self) -> u64 {
        self.inner.number
    }

    /// Whose it is.
    pub(crate) fn who(&self) -> Who {
        self.inner.who
    }

    /// A path of the app as the browser has it.
    pub(crate) fn href<'a>(&self, path: &'a str) -> Cow<'a, str> {
        Prefix::join(&self.inner.prefix, path)
    }

    /// Whether a socket has ever joined.
    pub(crate) fn has_joined(&self) -> bool {
        self.inner.joined.load(Ordering::Relaxed)
    }

    /// A socket has joined. `true` the first time.
    pub(crate) fn set_joined(&self) -> bool {
        !self.inner.joined.swap(true, Ordering::Relaxed)
    }

    /// Something goes on beside the session's turns, for as long as what is returned lives.
    pub(crate) fn under_way(&self) -> UnderWay {
        UnderWay::new(self)
    }

    pub(super) fn begins(&self) {
        self.inner.n_under_way.fetch_add(1, Ordering::SeqCst);
    }

    /// The order of all four matters: who looks says so first, and who ends looks afterwards whether somebody does.
    pub(super) fn ends(&self) {
        self.inner.n_under_way.fetch_sub(1, Ordering::SeqCst);
        if self.inner.is_awaited.load(Ordering::SeqCst) {
            // No room is no loss: the actor is awake then, and looks after each message.
            self.try_send(Message::Refresh);
        }
    }

    #[cfg(any(test, feature = "testing"))]
    pub(super) fn n_under_way(&self) -> usize {
        self.inner.n_under_way.load(Ordering::SeqCst)
    }

    #[cfg(any(test, feature = "testing"))]
    pub(super) fn set_awaited(&self, is_awaited: bool) {
        self.inner.is_awaited.store(is_awaited, Ordering::SeqCst);
    }

    /// Done when the session has ended and nothing of it is left.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) async fn closed(&self) {
        self.inner.sender.closed().await;
    }

    /// Sends, waiting for room. `false` when the session is gone.
    pub(crate) async fn send(&self, message: Message) -> bool {
        self.inner.sender.send(Box::new(message)).await.is_ok()
    }

    /// Sends if there is room.
    pub(crate) fn try_send(&self, message: Message) -> bool {
        self.inner.sender.try_send(Box::new(message)).is_ok()
    }

    /// Delivers a broadcast if there is room; else the component renders again once the session has caught up.
    pub(crate) fn deliver(&self, component: u32, handler: HandlerId, deliver: Deliver, message: Arc<dyn Any + Send + Sync>) -> bool {
        let delivered = self.try_send(Message::Deliver { component, handler, deliver, message });
        if !delivered && !self.inner.sender.is_closed() {
            tracing::warn!(session = self.number(), component, "mailbox full: a broadcast was dropped");
            self.refresh(&[component]);
        }
        delivered
    }

    /// Asks for components to be rendered again.
    pub(crate) fn refresh(&self, components: &[u32]) {
        let was_empty = {
            let mut refresh = lock(&self.inner.refresh);
            let was_empty = refresh.is_empty();
            refresh.extend(components);
            self.inner.has_refresh.store(true, Ordering::Release);
            was_empty
        };
        if was_empty {
            // No room is no loss: the actor is awake then, and looks at the set after each message.
            self.try_send(Message::Refresh);
        }
    }

    /// What asked to be rendered again. Who asks while this looks has sent a message behind it, and is seen the next time.
    pub(crate) fn take_refresh(&self) -> BTreeSet<u32> {
        if !self.inner.has_refresh.load(Ordering::Acquire) {
            return BTreeSet::new();
        }
        let mut refresh = lock(&self.inner.refresh);
        self.inner.has_refresh.store(false, Ordering::Release);
        std::mem::take(&mut *refresh)
    }

    pub(crate) fn extension<T: Any + Send + Sync>(&self, make: impl FnOnce() -> T) -> Arc<T> {
        let mut extensions = lock(&self.inner.extensions);
        let extension = extensions.entry(TypeId::of::<T>()).or_insert_with(|| Arc::new(make()));
        match Arc::clone(extension).downcast::<T>() {
            Ok(extension) => extension,
            Err(_) => unreachable!("extensions are stored by their own type"),
        }
    }

    /// Drops what the session's components share, which may hold the mailbox itself.
    pub(crate) fn clear_extensions(&self) {
        let extensions = std::mem::take(&mut *lock(&self.inner.extensions));
        drop(extensions);
    }
}

impl fmt::Debug for Mailbox {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Mailbox({})", self.number())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // None of the short sections behind these locks can leave a half-made change.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
