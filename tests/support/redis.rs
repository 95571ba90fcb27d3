//! [`RedisServer`]: a Redis of its own for a test.

use std::{
    fs,
    io::{Read as _, Write as _},
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicUsize, Ordering},
};

use crate::eventually;

/// How many were started, for folders of their own.
static STARTED: AtomicUsize = AtomicUsize::new(0);

/// A Redis server behind a socket in a folder of its own; both are gone with it.
#[derive(Debug)]
pub struct RedisServer {
    folder: PathBuf,
    options: Vec<String>,
    child: Option<Child>,
}

impl RedisServer {
    /// One that forgets all when it ends.
    pub async fn start() -> Self {
        Self::start_with(&["--appendonly", "no"]).await
    }

    /// One that has written what it answers for.
    pub async fn start_durable() -> Self {
        Self::start_with(&["--appendonly", "yes", "--appendfsync", "always"]).await
    }

    /// One with further options.
    pub async fn start_with(options: &[&str]) -> Self {
        let name = format!("livefloe-redis-{}-{}", std::process::id(), STARTED.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(&folder).expect("a folder for the test");
        let mut server = Self { folder, options: options.iter().map(|&option| option.to_owned()).collect(), child: None };
        server.run().await;
        server
    }

    /// Its address.
    #[must_use]
    pub fn address(&self) -> String {
        format!("redis+unix://{}", self.socket().display())
    }

    /// The socket that it listens on.
    #[must_use]
    pub fn socket(&self) -> PathBuf {
        self.folder.join("redis.sock")
    }

    /// Where it writes.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Starts it again after [`kill`](Self::kill).
    pub async fn run(&mut self) {
        self.run_loading(&[]).await;
        eventually("Redis to have loaded", async || !self.is_loading()).await;
    }

    /// Whether it listens, and has not read yet what it kept.
    #[must_use]
    pub fn is_loading(&self) -> bool {
        self.ask("PING").starts_with("-LOADING")
    }

    /// Starts it again with further options, until it listens: it may still load what it kept.
    pub async fn run_loading(&mut self, further: &[&str]) {
        let program = std::env::var("REDIS_SERVER").unwrap_or_else(|_| "redis-server".to_owned());
        let child = Command::new(&program)
            .args(["--port", "0", "--save", "", "--unixsocket"])
            .arg(self.socket())
            .arg("--dir")
            .arg(&self.folder)
            .args(&self.options)
            .args(further)
            .stdout(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("{program} can't be started ({error}): run 'scripts/setup.sh redis', or set REDIS_SERVER="));
        self.child = Some(child);
        eventually("Redis to listen", async || UnixStream::connect(self.socket()).is_ok()).await;
    }

    /// Ends it from one moment to the next.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().expect("it runs");
            child.wait().expect("it ends");
            // Else it would seem to listen before the next one does.
            let _ = fs::remove_file(self.socket());
        }
    }

    /// The names of all that it keeps.
    #[must_use]
    pub fn keys(&self) -> Vec<String> {
        let answer = self.ask("KEYS *");
        answer.lines().filter(|line| !line.starts_with(['*', '$', '+', '-'])).map(str::to_owned).collect()
    }

    /// How many connections listen to a channel.
    #[must_use]
    pub fn n_listeners(&self, channel: &str) -> usize {
        let answer = self.ask(&format!("PUBSUB NUMSUB {channel}"));
        answer.lines().find_map(|line| line.strip_prefix(':')?.parse().ok()).expect("a number")
    }

    /// Has it write all that it keeps, once.
    pub fn write_all(&self) {
        assert!(self.ask("SAVE").starts_with("+OK"), "it can write");
    }

    /// What it says to a command as a person would type it.
    fn ask(&self, command: &str) -> String {
        let mut stream = UnixStream::connect(self.socket()).expect("it listens");
        write!(stream, "{command}\r\nQUIT\r\n").expect("it reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("it answers");
        answer
    }

    /// Holds it: it is there, and answers nobody.
    pub fn pause(&self) {
        self.signal("STOP");
    }

    /// Lets it go on.
    pub fn go_on(&self) {
        self.signal("CONT");
    }

    fn signal(&self, signal: &str) {
        let id = self.child.as_ref().expect("it runs").id().to_string();
        let sent = Command::new("kill").args([&format!("-{signal}"), &id]).status();
        assert!(sent.expect("there is a `kill`").success());
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        self.kill();
        let _ = fs::remove_dir_all(&self.folder);
    }
}
