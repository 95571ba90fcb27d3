//! Processes: servers that can be killed, held and counted; and this process's own limits.

use std::{
    fs::{self, OpenOptions},
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};

use livefloe_tests::Chance;
use rustix::process::{Pid, Resource, Rlimit, Signal, getrlimit, kill_process, setrlimit};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
    time::timeout,
};

use crate::{
    Result,
    app::{HEAP, Settings},
};

/// How long a server may take to start, or to stop when asked.
const PATIENCE: Duration = Duration::from_secs(30);

/// A server in a process of its own; gone when dropped.
#[derive(Debug)]
pub(crate) struct ServerProcess {
    program: PathBuf,
    pub(crate) settings: Settings,
    log: PathBuf,
    /// What comes before the program on its command line, such as another namespace.
    wrapper: Vec<String>,
    child: Option<Child>,
}

impl ServerProcess {
    /// Starts one, with what it logs in a file. Port 0 becomes one that it keeps over restarts.
    pub(crate) async fn start(program: &Path, settings: Settings, log: PathBuf) -> Result<Self> {
        Self::start_in(&[], program, settings, log).await
    }

    /// The same through another program.
    pub(crate) async fn start_in(wrapper: &[&str], program: &Path, mut settings: Settings, log: PathBuf) -> Result<Self> {
        if settings.address.port() == 0 {
            settings.address.set_port(free_port()?);
        }
        let wrapper = wrapper.iter().map(|&word| word.to_owned()).collect();
        let mut server = Self { program: program.to_owned(), settings, log, wrapper, child: None };
        server.run().await?;
        Ok(server)
    }

    /// From the next start on, through this program.
    pub(crate) fn wrap(&mut self, wrapper: &[String]) {
        self.wrapper = wrapper.to_vec();
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.settings.address
    }

    /// Starts it again, where it was.
    pub(crate) async fn run(&mut self) -> Result<()> {
        let log = OpenOptions::new().create(true).append(true).open(&self.log)?;
        let mut words = self.wrapper.iter().map(String::as_str).chain([self.program.to_str().ok_or("a program with a name")?]);
        let mut child = Command::new(words.next().unwrap_or_default())
            .args(words)
            .args(["serve", &serde_json::to_string(&self.settings)?])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .kill_on_drop(true)
            .spawn()?;
        let output = child.stdout.take().ok_or("its output is a pipe")?;
        let mut line = String::new();
        timeout(PATIENCE, BufReader::new(output).read_line(&mut line)).await??;
        self.child = Some(child);
        if line.trim() != self.settings.address.to_string() {
            return Err(format!("the server said {line:?} and not where it listens; see {}", self.log.display()).into());
        }
        Ok(())
    }

    /// Ends it from one moment to the next.
    pub(crate) async fn kill(&mut self) -> Result<()> {
        let mut child = self.child.take().ok_or("it runs")?;
        child.start_kill()?;
        child.wait().await?;
        Ok(())
    }

    /// Asks it to stop, and waits until it has; says how long that took.
    pub(crate) async fn stop(&mut self) -> Result<Duration> {
        let began = std::time::Instant::now();
        self.signal(Signal::TERM)?;
        let mut child = self.child.take().ok_or("it runs")?;
        let status = timeout(PATIENCE, child.wait()).await.map_err(|_| "the server didn't stop when it was asked to")??;
        if !status.success() {
            return Err(format!("the server stopped with {status}; see {}", self.log.display()).into());
        }
        Ok(began.elapsed())
    }

    /// Holds it: it is there, and does nothing.
    pub(crate) fn pause(&self) -> Result<()> {
        self.signal(Signal::STOP)
    }

    /// Lets it go on.
    pub(crate) fn go_on(&self) -> Result<()> {
        self.signal(Signal::CONT)
    }

    fn signal(&self, signal: Signal) -> Result<()> {
        let id = i32::try_from(self.id()?)?;
        Ok(kill_process(Pid::from_raw(id).ok_or("a process has a number")?, signal)?)
    }

    pub(crate) fn id(&self) -> Result<u32> {
        Ok(self.child.as_ref().and_then(Child::id).ok_or("it runs")?)
    }

    /// Whether it ended without being asked to.
    pub(crate) fn has_died(&mut self) -> bool {
        self.child.as_mut().is_some_and(|child| !matches!(child.try_wait(), Ok(None)))
    }

    /// Resident memory, in KiB.
    pub(crate) fn resident_kib(&self) -> Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.id()?))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("VmRSS")?;
        Ok(line.split_whitespace().next().ok_or("a number")?.parse()?)
    }

    /// What it has allocated, in KiB.
    pub(crate) async fn heap_kib(&self) -> Result<u64> {
        let told = |log: &str| log.lines().filter_map(|line| line.strip_prefix(HEAP)?.parse::<u64>().ok()).collect::<Vec<_>>();
        let before = told(&fs::read_to_string(&self.log)?).len();
        self.signal(Signal::USR2)?;
        let deadline = Instant::now() + Duration::from_secs(10);
        while Instant::now() < deadline {
            if let [.., newest] = told(&fs::read_to_string(&self.log)?)[before..] {
                return Ok(newest / 1024);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Err("the server does not say how much memory it has".into())
    }

    /// How many files and sockets it has open.
    pub(crate) fn n_files(&self) -> Result<usize> {
        Ok(fs::read_dir(format!("/proc/{}/fd", self.id()?))?.count())
    }

    /// CPU time that it has used so far, in ms.
    pub(crate) fn cpu_ms(&self) -> Result<u64> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.id()?))?;
        let after_name = stat.rsplit_once(')').ok_or("a name")?.1;
        let ticks: u64 = after_name.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum();
        Ok(ticks * 10)
    }

    /// Lines of its log that tell of a panic.
    pub(crate) fn panics(&self) -> Result<Vec<String>> {
        let log = fs::read_to_string(&self.log)?;
        Ok(log.lines().filter(|line| line.contains("panicked at")).map(str::to_owned).collect())
    }
}

/// A port that nobody listens on, below those that the system gives to connections: else a client could be given, as its own, the port of a server
/// that is just away.
pub(crate) fn free_port() -> Result<u16> {
    let mut chance = Chance::new(u64::from(std::process::id()) ^ u64::from(std::time::UNIX_EPOCH.elapsed()?.subsec_nanos()));
    for _ in 0..100 {
        let port = 10_000 + u16::try_from(chance.below(20_000))?;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return Ok(port);
        }
    }
    Err("no port is free".into())
}

/// Lets this process, and those that it starts, have as many files open as it may, or even more where it can; says how many.
pub(crate) fn raise_files(even_more: bool) -> u64 {
    let limit = getrlimit(Resource::Nofile);
    let more = Rlimit { current: Some(65_536), maximum: Some(limit.maximum.map_or(65_536, |most| most.max(65_536))) };
    if !even_more || setrlimit(Resource::Nofile, more).is_err() {
        let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit });
    }
    getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX)
}
