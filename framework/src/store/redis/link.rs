//! [`Link`]: the connection for commands, each within its time.

use std::{
    fmt::Write as _,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    time::Duration,
};

use dashmap::DashMap;
use redis::{
    Client, Cmd, ConnectionInfo, ErrorKind, FromRedisValue, RedisError, ServerErrorKind,
    aio::{ConnectionManager, ConnectionManagerConfig},
    io::tcp::TcpSettings,
};
use tokio::{
    sync::{mpsc, watch},
    time::{Instant, error::Elapsed, sleep, timeout},
};

use super::scripts;
use crate::store::{Answer, Claimed, Fence, Saved, SessionId, StoreError};

/// How long a command may take, a new connection included. After it the caller gets an error; what the command does when it is carried
/// out later is harmless.
pub(super) const COMMAND_TIME: Duration = Duration::from_secs(2);
/// How long the other end may leave unacknowledged what was written, before the connection counts as lost.
#[cfg(target_os = "linux")]
const UNACKNOWLEDGED_TIME: Duration = Duration::from_secs(5);
/// How often a Redis that loads its data is asked whether it has.
const LOADING_PAUSE: Duration = Duration::from_millis(200);
/// How long a key is kept at most: what is longer is "for ever".
const LONGEST: Duration = Duration::from_hours(24 * 36_525);

/// What all that a node does in Redis shares.
pub(super) struct Link {
    manager: ConnectionManager,
    /// Without user and password.
    address: String,
    prefix: String,
    /// This node's name.
    pub(super) node: [u8; 16],
    numbers: AtomicU64,
    is_up: AtomicBool,
    attends: AtomicBool,
    /// While other nodes are heard: since when all of them are.
    pub(super) heard: watch::Sender<Option<Instant>>,
    /// Messages for other nodes, on their way.
    outgoing: mpsc::Sender<Vec<u8>>,
    /// Who waits for which answers, from whom.
    pub(super) questions: DashMap<u64, mpsc::Sender<([u8; 16], Answer)>>,
}

/// The settings that a connection has besides those of its address.
pub(super) fn with_settings(info: ConnectionInfo) -> ConnectionInfo {
    let settings = TcpSettings::default().set_nodelay(true);
    #[cfg(target_os = "linux")]
    let settings = settings.set_user_timeout(UNACKNOWLEDGED_TIME);
    info.set_tcp_settings(settings)
}

impl Link {
    /// On the store's own runtime; connects with the first command.
    pub(super) fn new(client: &Client, prefix: String, outgoing: mpsc::Sender<Vec<u8>>) -> Result<Self, StoreError> {
        let mut node = [0; 16];
        getrandom::fill(&mut node).map_err(no_random_numbers)?;
        let config = ConnectionManagerConfig::new()
            // A command that fails begins the next attempt, so that nobody waits for a pause to end.
            .set_number_of_retries(0)
            .set_connection_timeout(Some(COMMAND_TIME))
            // Ours includes connecting.
            .set_response_timeout(None);
        let manager = ConnectionManager::new_lazy_with_config(client.clone(), config).map_err(|error| StoreError::new(words(&error)))?;
        Ok(Self {
            manager,
            address: client.get_connection_info().addr().to_string(),
            prefix,
            node,
            numbers: AtomicU64::new(0),
            is_up: AtomicBool::new(true),
            attends: AtomicBool::new(false),
            outgoing,
            heard: watch::Sender::new(None),
            questions: DashMap::new(),
        })
    }

    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// An app attends from now on. `false` when one did already.
    pub(super) fn set_attends(&self) -> bool {
        !self.attends.swap(true, Ordering::Relaxed)
    }

    /// Whether an app attends: only then anything is heard of other nodes.
    pub(super) fn attends(&self) -> bool {
        self.attends.load(Ordering::Relaxed)
    }

    /// The next command's number.
    pub(super) fn number(&self) -> u64 {
        self.numbers.fetch_add(1, Ordering::Relaxed)
    }

    /// A key or channel of this app.
    pub(super) fn name(&self, of: &str, what: &[u8]) -> Vec<u8> {
        [self.prefix.as_bytes(), of.as_bytes(), what].concat()
    }

    fn key(&self, session: SessionId) -> Vec<u8> {
        self.name("session:", hex(&session.0).as_bytes())
    }

    pub(super) async fn save(
        &self,
        session: SessionId,
        fence: Fence,
        number: u64,
        snapshot: &[u8],
        kept: Duration,
    ) -> Result<Saved, StoreError> {
        let kept_ms = u64::try_from(kept.min(LONGEST).as_millis()).unwrap_or(u64::MAX);
        let mut command = evaluate(scripts::SAVE, &self.key(session));
        command.arg(fence.0).arg(&self.node).arg(number).arg(snapshot).arg(kept_ms);
        let saved: bool = self.run("a session could not be written", &command).await?;
        Ok(if saved { Saved::Kept } else { Saved::TakenOver })
    }

    pub(super) async fn claim(&self, session: SessionId, number: u64) -> Result<Option<Claimed>, StoreError> {
        let mut command = evaluate(scripts::CLAIM, &self.key(session));
        command.arg(&self.node).arg(number);
        let claimed: Option<(u64, Vec<u8>)> = self.run("a session could not be read", &command).await?;
        Ok(claimed.map(|(fence, snapshot)| Claimed { fence: Fence(fence), snapshot }))
    }

    pub(super) async fn remove(&self, session: SessionId) -> Result<(), StoreError> {
        let mut command = redis::cmd("DEL");
        command.arg(self.key(session));
        self.run("a session could not be removed", &command).await
    }

    /// Waits while Redis reads what it kept before it was started: until then it answers, and refuses every command. Whether anything else is wrong, the
    /// next command says.
    pub(super) async fn loaded(&self, at_most: Duration) -> Result<(), StoreError> {
        let started = Instant::now();
        let is_loading = async || {
            let ping = redis::cmd("PING");
            let answer = timeout(COMMAND_TIME, ping.query_async::<()>(&mut self.manager.clone())).await;
            matches!(answer, Ok(Err(error)) if error.kind() == ErrorKind::Server(ServerErrorKind::BusyLoading))
        };
        let mut is_said = false;
        while is_loading().await {
            if started.elapsed() >= at_most {
                return Err(StoreError::new(format!("it has not loaded its data within {} s", at_most.as_secs())));
            }
            if !is_said {
                tracing::warn!(address = self.address, "Redis is loading its data: waiting for it, {} s at most", at_most.as_secs());
                is_said = true;
            }
            sleep(LOADING_PAUSE).await;
        }
        Ok(())
    }

    /// The secret of all nodes. The first of them makes it.
    pub(super) async fn secret(&self) -> Result<[u8; 32], StoreError> {
        let mut secret = [0; 32];
        getrandom::fill(&mut secret).map_err(no_random_numbers)?;
        self.secret_or(secret).await
    }

    /// The secret of all nodes; this one, if they have none.
    pub(super) async fn secret_or(&self, secret: [u8; 32]) -> Result<[u8; 32], StoreError> {
        let mut command = evaluate(scripts::SECRET, &self.name("secret", b""));
        command.arg(&secret);
        let secret: Vec<u8> = self.run("the secret could not be read", &command).await?;
        let n_bytes = secret.len();
        secret.try_into().map_err(|_| StoreError::new(format!("expected a secret of 32 bytes, got {n_bytes}: it is another program's")))
    }

    /// Sends a message to all nodes when those before it are sent.
    pub(super) fn send(&self, message: Vec<u8>) {
        if self.outgoing.try_send(message).is_err() {
            tracing::warn!(address = self.address, "a message for other nodes was dropped: too many are on their way");
        }
    }

    /// Publishes all of these, in one go and in their order. Not again when that fails: nobody shall hear one twice.
    pub(super) async fn publish_all(&self, channel: &[u8], messages: &[Vec<u8>]) -> Result<(), StoreError> {
        let mut commands = redis::pipe();
        for message in messages {
            commands.cmd("PUBLISH").arg(channel).arg(message).ignore();
        }
        let result = timeout(COMMAND_TIME, commands.query_async(&mut self.manager.clone())).await;
        self.heard_of("messages for other nodes were lost", result)
    }

    /// Publishes on a channel, and gives the number of those that listen.
    pub(super) async fn publish(&self, channel: &[u8], message: &[u8]) -> Result<usize, StoreError> {
        let mut command = redis::cmd("PUBLISH");
        command.arg(channel).arg(message);
        self.run("the other nodes could not be asked", &command).await
    }

    async fn run<T: FromRedisValue>(&self, failed: &'static str, command: &Cmd) -> Result<T, StoreError> {
        let running = async {
            let first = command.query_async(&mut self.manager.clone()).await;
            match first {
                // The connection was lost before this one; that has begun another. All commands may be given twice.
                Err(error) if RedisError::is_io_error(&error) => command.query_async(&mut self.manager.clone()).await,
                other => other,
            }
        };
        self.heard_of(failed, timeout(COMMAND_TIME, running).await)
    }

    /// Takes note of whether Redis is there.
    fn heard_of<T>(&self, failed: &'static str, result: Result<Result<T, RedisError>, Elapsed>) -> Result<T, StoreError> {
        let error = match result {
            Ok(Ok(value)) => {
                if !self.is_up.swap(true, Ordering::Relaxed) {
                    tracing::info!(address = self.address, "Redis answers again");
                }
                return Ok(value);
            }
            Ok(Err(error)) if !error.is_io_error() => return Err(StoreError::new(format!("{failed}: {}", words(&error)))),
            Ok(Err(error)) => words(&error),
            Err(_) => format!("no answer within {} s", COMMAND_TIME.as_secs()),
        };
        if self.is_up.swap(false, Ordering::Relaxed) {
            tracing::error!(
                address = self.address,
                error,
                "Redis can't be reached: sessions go on in memory, and are kept when it answers again"
            );
        }
        Err(StoreError::new(format!("{failed}: {error}")))
    }
}

fn evaluate(script: &str, key: &[u8]) -> Cmd {
    let mut command = redis::cmd("EVAL");
    command.arg(script).arg(1).arg(key);
    command
}

fn no_random_numbers(error: getrandom::Error) -> StoreError {
    StoreError::new(format!("the system gave no random numbers: {error}"))
}

/// What the library says, without what it adds about itself.
fn words(error: &RedisError) -> String {
    error.to_string()
}

/// Names are text, for those who look with Redis' own tools.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to a string can't fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
