//! [`Redis`]: sessions that several processes share.

mod link;
mod message;
mod news;
mod nodes;
mod scripts;

use std::{
    fmt,
    sync::{Arc, Weak, mpsc},
    time::Duration,
};

use redis::{Client, IntoConnectionInfo as _};
use tokio::{
    runtime::{self, Handle, Runtime},
    task::JoinHandle,
};

use super::{Answer, Claimed, Fence, Node, NodeId, Saved, SessionId, Store, StoreError, StreamId};
use crate::handler::BoxFuture;
use link::{COMMAND_TIME, Link};

/// How long opening may take: connecting and some commands.
const OPEN_TIME: Duration = Duration::from_secs(5);
/// How long a Redis that was just started may take to load its data: machines that start again start all at once.
const LOADING_TIME: Duration = Duration::from_mins(1);

/// Keeps snapshots in Redis, for several processes (nodes) behind any load balancer: a client may come back to another node than the one that it was
/// connected to, or whose page it loaded, and its session moves there. Messages of topics that are [`everywhere`](crate::Topic::everywhere) reach all nodes.
///
/// Each node opens the store once for its app. What a snapshot and a join token are signed with is made by the first of them and lies in Redis as well:
/// whoever may read that Redis may be anybody, so let nobody else in.
///
/// What is kept is as durable as this Redis is: with `appendonly yes` and `appendfsync always`, an event that was acknowledged in
/// [`Durable`](super::Durability::Durable) mode survives its crash. While it can't be reached, sessions go on in memory and are kept when it is there
/// again; in durable mode their events wait until then.
///
/// Redis 5 or newer, one server, also behind a Unix socket (`redis+unix:///run/redis.sock`); no cluster and no TLS so far.
///
/// ```no_run
/// # use livefloe::{App, store::Redis};
/// # fn main() -> Result<(), livefloe::store::StoreError> {
/// let app = App::new().store(Redis::open("redis://127.0.0.1:6379")?);
/// # Ok(()) }
/// ```
///
/// A server that isn't there is an error, which never shows a password:
///
/// ```
/// # use livefloe::store::Redis;
/// let error = Redis::open("redis://:hush@127.0.0.1:1").unwrap_err().to_string();
/// assert!(error.starts_with("can't open the store in Redis at 127.0.0.1:1: "));
/// assert!(!error.contains("hush"));
/// ```
#[derive(Clone)]
pub struct Redis {
    inner: Arc<Inner>,
}

struct Inner {
    /// A thread of its own, so that it can be opened before there is a runtime, and outlives none. `None` while it is dropped.
    runtime: Option<Runtime>,
    client: Client,
    link: Arc<Link>,
    secret: [u8; 32],
}

impl Redis {
    /// What the names of all keys and channels begin with, unless said otherwise.
    pub const PREFIX: &str = "livefloe:";

    /// Connects to a server: `redis://[[user]:password@]host[:port][/database]`. Waits for it, 5 s at most; one that says that it is loading its data, a minute
    /// at most.
    ///
    /// # Errors
    /// When the address is none, or the server can't be reached, refuses us, has not loaded its data in time, or is no Redis.
    pub fn open(address: &str) -> Result<Self, StoreError> {
        Self::open_with_prefix(address, Self::PREFIX)
    }

    /// The same with another prefix of the names of keys and channels: apps that have one each share a server and nothing else.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_with_prefix(address: &str, prefix: &str) -> Result<Self, StoreError> {
        // What the library says of it may quote it, password included.
        let wrong = |_| match address.split_once("://") {
            Some(("rediss" | "valkeys", _)) => StoreError::new("expected an address that begins with redis://: TLS is not supported"),
            _ => StoreError::new("expected an address of the form redis://user:password@host:6379/0"),
        };
        let info = address.into_connection_info().map_err(wrong)?;
        let name = info.addr().to_string();
        let failed = |error: String| StoreError::new(format!("can't open the store in Redis at {name}: {error}"));
        let client = Client::open(link::with_settings(info)).map_err(|error| failed(error.to_string()))?;
        let runtime = runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("livefloe-redis")
            .enable_all()
            .build()
            .map_err(|error| failed(error.to_string()))?;
        let (sender, receiver) = mpsc::sync_channel(1);
        let (opening, prefix) = (client.clone(), prefix.to_owned());
        let (outgoing, messages) = news::outgoing();
        runtime.spawn(async move {
            let opened = async {
                let link = Arc::new(Link::new(&opening, prefix, outgoing)?);
                link.loaded(LOADING_TIME).await?;
                let secret = link.secret().await?;
                tokio::spawn(news::send(Arc::downgrade(&link), messages));
                Ok::<_, StoreError>((link, secret))
            };
            // Nobody waits any more when it took too long.
            let _ = sender.send(opened.await);
        });
        // Each step of it has a time of its own, which together are less.
        let opened = receiver.recv_timeout(LOADING_TIME + OPEN_TIME);
        let opened = opened.unwrap_or_else(|_| Err(StoreError::new("no answer in time")));
        match opened {
            Ok((link, secret)) => Ok(Self { inner: Arc::new(Inner { runtime: Some(runtime), client, link, secret }) }),
            Err(error) => {
                runtime.shutdown_background();
                Err(failed(error.to_string()))
            }
        }
    }

    /// Runs on the store's own thread, whoever waits for it.
    fn run<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, StoreError>> + Send + 'static,
    ) -> BoxFuture<'static, Result<T, StoreError>> {
        let running: Option<JoinHandle<_>> = self.inner.handle().map(|handle| handle.spawn(work));
        Box::pin(async move {
            let closed = || StoreError::new("the store has been closed");
            running.ok_or_else(closed)?.await.map_err(|_| closed())?
        })
    }
}

impl Inner {
    fn handle(&self) -> Option<&Handle> {
        self.runtime.as_ref().map(Runtime::handle)
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // The last one may be dropped where nothing may be waited for.
            runtime.shutdown_background();
        }
    }
}

impl Store for Redis {
    fn save(&self, session: SessionId, fence: Fence, snapshot: Vec<u8>, kept: Duration) -> BoxFuture<'static, Result<Saved, StoreError>> {
        let link = Arc::clone(&self.inner.link);
        // Numbered now: in the order in which they are asked for.
        let number = link.number();
        self.run(async move { link.save(session, fence, number, &snapshot, kept).await })
    }

    fn claim(&self, session: SessionId) -> BoxFuture<'static, Result<Option<Claimed>, StoreError>> {
        let link = Arc::clone(&self.inner.link);
        let number = link.number();
        self.run(async move { link.claim(session, number).await })
    }

    fn remove(&self, session: SessionId) -> BoxFuture<'static, Result<(), StoreError>> {
        let link = Arc::clone(&self.inner.link);
        self.run(async move { link.remove(session).await })
    }

    fn secret(&self) -> Result<[u8; 32], StoreError> {
        Ok(self.inner.secret)
    }

    fn attend(&self, node: Weak<dyn Node>) {
        let Some(handle) = self.inner.handle() else { return };
        if !self.inner.link.set_attends() {
            tracing::warn!("a store in Redis was given to two apps: open it once for each, or they can't hand sessions over to each other");
            return;
        }
        let (sender, receiver) = mpsc::sync_channel(1);
        handle.spawn(nodes::attend(self.inner.client.clone(), Arc::clone(&self.inner.link), self.inner.secret, node, sender));
        // The first page that it serves may be asked for elsewhere a moment later. If it takes longer, it is said where it is tried again.
        let _ = receiver.recv_timeout(COMMAND_TIME);
    }

    fn node(&self) -> Option<NodeId> {
        Some(NodeId(self.inner.link.node))
    }

    fn pass(&self, node: NodeId, stream: StreamId, batch: Vec<u8>, at_most: Duration) -> BoxFuture<'static, Result<Answer, StoreError>> {
        let link = Arc::clone(&self.inner.link);
        self.run(async move { nodes::pass(&link, node, stream, &batch, at_most).await })
    }

    fn ask(&self, session: SessionId, terms: Vec<u8>, at_most: Duration) -> BoxFuture<'static, Result<Answer, StoreError>> {
        let link = Arc::clone(&self.inner.link);
        self.run(async move { nodes::ask(&link, session, &terms, at_most).await })
    }

    fn reaches_others(&self) -> bool {
        true
    }

    fn broadcast(&self, topic: &str, message: Vec<u8>) {
        news::broadcast(&self.inner.link, topic, &message);
    }
}

impl fmt::Debug for Redis {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Redis({})", self.inner.link.address())
    }
}
