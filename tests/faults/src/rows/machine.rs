//! A machine that runs out of something, or whose disk and clock are wrong. Mostly as root only.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use livefloe_tests::TestBrowser;
use tokio::{net::TcpStream, process::Command};

use crate::{
    Result,
    app::{Settings, StoreKind},
    check::Terms,
    history::{self, What},
    process::ServerProcess,
    rig::{REST, Rig, Verdict, busy},
};

/// A control group of the first version; gone when dropped.
struct Group(PathBuf);

impl Group {
    /// Of a controller such as `memory`, with its settings; or why there can be none.
    fn create(controller: &str, settings: &[(&str, &str)]) -> Result<Self, String> {
        let path = Path::new("/sys/fs/cgroup").join(controller).join(format!("livefloe-{}", std::process::id()));
        let failed = |error: std::io::Error| format!("no control group {}: {error}", path.display());
        fs::create_dir(&path).map_err(failed)?;
        let group = Self(path.clone());
        for (name, value) in settings {
            fs::write(path.join(name), value).map_err(failed)?;
        }
        Ok(group)
    }

    /// What to put before a command line that is to run in it.
    fn wrapper(&self) -> [String; 4] {
        ["sh", "-c", &format!("echo $$ > {}/cgroup.procs; exec \"$@\"", self.0.display()), "sh"].map(str::to_owned)
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        // A process that was killed just now is in it for a moment longer.
        for _ in 0..100 {
            if fs::remove_dir(&self.0).is_ok() {
                return;
            }
            std::thread::park_timeout(Duration::from_millis(10));
        }
    }
}

async fn start_in(wrapper: &[String], rig: &Rig, settings: Settings) -> Result<ServerProcess> {
    let words: Vec<&str> = wrapper.iter().map(String::as_str).collect();
    ServerProcess::start_in(&words, &rig.program, settings, rig.path("server.log")).await
}

fn is_there(program: &str) -> bool {
    ["/usr/bin", "/usr/sbin", "/bin", "/sbin"].iter().any(|folder| Path::new(folder).join(program).exists())
}

/// The kernel kills the server for its memory.
pub(super) async fn out_of_memory(rig: Rig) -> Result<Verdict> {
    let group = match Group::create("memory", &[("memory.limit_in_bytes", "150M")]) {
        Ok(group) => group,
        Err(why) => return Ok(Verdict::Skipped(why)),
    };
    let mut server = start_in(&group.wrapper(), &rig, rig.settings(rig.sqlite())).await?;
    let crowd = rig.crowd(16, &busy(server.address()))?;
    crowd.joined(16, REST).await?;
    crowd.click();
    for _ in 0..rig.rounds(5, 1) {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let mut greedy = TestBrowser::open_at(server.address(), "/").await;
        let action = greedy.action("click", "lf-submit");
        greedy.act(&action, "value=2&hold_ms=0&grab_mib=1000").await;
        let killed = async {
            while !server.has_died() {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        tokio::time::timeout(REST, killed).await.map_err(|_| "the server has more memory than it may have")?;
        // It would ask for the same again.
        drop(greedy);
        server.run().await?;
    }
    let report = rig.check(Terms::default(), &crowd.end(REST).await?)?;
    Ok(Verdict::Held(format!("a group of 150 MiB; {report}")))
}

/// A tenth of a processor.
pub(super) async fn starved(rig: Rig) -> Result<Verdict> {
    let group = match Group::create("cpu", &[("cpu.cfs_period_us", "100000"), ("cpu.cfs_quota_us", "10000")]) {
        Ok(group) => group,
        Err(why) => return Ok(Verdict::Skipped(why)),
    };
    let server = start_in(&group.wrapper(), &rig, rig.settings(rig.sqlite())).await?;
    let crowd = rig.crowd(24, &busy(server.address()))?;
    crowd.joined(24, REST).await?;
    crowd.click();
    tokio::time::sleep(Duration::from_secs(if rig.is_short { 3 } else { 20 })).await;
    let cpu = server.cpu_ms()?;
    let report = rig.check(Terms { are_effects_once: true, ..Terms::default() }, &crowd.end(REST).await?)?;
    if report.n_lost > 0 {
        return Err(format!("heartbeats were missed: {report}").into());
    }
    Ok(Verdict::Held(format!("10 % of a processor, {cpu} ms used; {report}")))
}

/// Files and sockets run out: those who have theirs go on, others come when there is room.
pub(super) async fn out_of_files(rig: Rig) -> Result<Verdict> {
    if !is_there("prlimit") {
        return Ok(Verdict::Skipped("prlimit is missing: it is a part of util-linux".to_owned()));
    }
    let wrapper = ["prlimit", "--nofile=80:80"].map(str::to_owned);
    let mut server = start_in(&wrapper, &rig, rig.settings(rig.sqlite())).await?;
    let crowd = rig.crowd(24, &busy(server.address()))?;
    crowd.joined(24, REST).await?;
    crowd.click();
    let mut cpu = 0;
    let time = Duration::from_secs(if rig.is_short { 1 } else { 5 });
    for _ in 0..rig.rounds(3, 1) {
        let mut others = Vec::new();
        for _ in 0..200 {
            others.push(TcpStream::connect(server.address()).await?);
        }
        let before = server.cpu_ms()?;
        tokio::time::sleep(time).await;
        cpu = cpu.max(server.cpu_ms()? - before);
        crowd.reset(8);
        tokio::time::sleep(time).await;
        drop(others);
        crowd.joined(24, REST).await?;
    }
    let report = rig.check(Terms { are_effects_once: true, ..Terms::default() }, &crowd.end(REST).await?)?;
    if server.has_died() || u128::from(cpu) * 2 > time.as_millis() {
        return Err(format!("the server died, or was busy for {cpu} ms of {} while nothing could be opened", time.as_millis()).into());
    }
    Ok(Verdict::Held(format!("80 files, 200 connections more than there can be: busy for {cpu} ms of {}; {report}", time.as_millis())))
}

/// No thread can be started any more.
pub(super) async fn out_of_threads(rig: Rig) -> Result<Verdict> {
    let group = match Group::create("pids", &[]) {
        Ok(group) => group,
        Err(why) => return Ok(Verdict::Skipped(why)),
    };
    let mut server = start_in(&group.wrapper(), &rig, rig.settings(rig.sqlite())).await?;
    let now = fs::read_to_string(group.0.join("pids.current"))?;
    fs::write(group.0.join("pids.max"), now.trim())?;
    let crowd = rig.crowd(24, &busy(server.address()))?;
    crowd.joined(24, REST).await?;
    crowd.click();
    tokio::time::sleep(Duration::from_secs(2)).await;
    crowd.reset(24);
    tokio::time::sleep(Duration::from_secs(1)).await;
    let report = rig.check(Terms { are_effects_once: true, ..Terms::default() }, &crowd.end(REST).await?)?;
    if server.has_died() {
        return Err("the server died".into());
    }
    Ok(Verdict::Held(format!("{} threads and none more; {report}", now.trim())))
}

/// A file system of its own in memory; gone when dropped.
struct Disk(PathBuf);

impl Disk {
    async fn mount(path: PathBuf, size: &str) -> Result<Self, String> {
        fs::create_dir_all(&path).map_err(|error| error.to_string())?;
        let mounting = Command::new("mount").args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"]).arg(&path).output().await;
        match mounting {
            Ok(output) if output.status.success() => Ok(Self(path)),
            Ok(output) => Err(format!("no disk of a certain size: {}", String::from_utf8_lossy(&output.stderr).trim())),
            Err(error) => Err(format!("mount: {error}")),
        }
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily: whoever has files open there keeps them until then.
        let _ = std::process::Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

/// The store's disk is full (of 16 MiB, of which the write-ahead log may take 4): nothing is acknowledged that isn't there, also when the server is killed then; with room all goes on.
pub(super) async fn full_disk(rig: Rig) -> Result<Verdict> {
    let disk = match Disk::mount(rig.path("disk"), "16m").await {
        Ok(disk) => disk,
        Err(why) => return Ok(Verdict::Skipped(why)),
    };
    let settings = Settings { keep: 64, ..rig.settings(StoreKind::Sqlite(disk.0.join("sessions.sqlite"))) };
    let mut server = rig.server(settings).await?;
    let crowd = rig.crowd(24, &busy(server.address()))?;
    crowd.joined(24, REST).await?;
    crowd.click();
    let filler = disk.0.join("filler");
    let n = rig.rounds(6, 2);
    let mut n_full = 0;
    for round in 0..n {
        tokio::time::sleep(Duration::from_millis(800)).await;
        // As much as there is room for.
        let mut size = 16 << 20;
        while size >= 4_096 {
            let more = vec![0_u8; size];
            let written = fs::OpenOptions::new()
                .create(true)
                .append(true)
                .open(&filler)
                .and_then(|mut file| std::io::Write::write_all(&mut file, &more));
            n_full += usize::from(written.is_err());
            size /= 2;
        }
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        if round % 2 == 1 {
            server.kill().await?;
        }
        fs::remove_file(&filler)?;
        if round % 2 == 1 {
            server.run().await?;
        }
    }
    if n_full == 0 {
        return Err("the disk never was full".into());
    }
    let panics = server.panics()?;
    let report = rig.check(Terms::default(), &crowd.end(REST).await?)?;
    if !panics.is_empty() || server.has_died() {
        return Err(format!("the server died, or panicked: {panics:?}").into());
    }
    Ok(Verdict::Held(format!("full {n} times for 1.5 s, killed meanwhile every second time; {report}")))
}

/// The disk says that it couldn't write what it was asked to keep, now and then.
pub(super) async fn failing_disk(rig: Rig) -> Result<Verdict> {
    if !is_there("strace") {
        return Ok(Verdict::Skipped("strace is missing, which makes system calls fail: 'apt-get install strace'".to_owned()));
    }
    let inject = "inject=fsync,fdatasync,pwrite64:error=EIO:when=40+17";
    let wrapper = ["strace", "-D", "-f", "-qq", "-o", "/dev/null", "-e", "trace=fsync,fdatasync,pwrite64", "-e", inject].map(str::to_owned);
    let mut server = start_in(&wrapper, &rig, rig.settings(rig.sqlite())).await?;
    let crowd = rig.crowd(16, &busy(server.address()))?;
    crowd.joined(16, REST).await?;
    crowd.click();
    for _ in 0..rig.rounds(6, 1) {
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        server.kill().await?;
        server.run().await?;
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    let failures = fs::read_to_string(rig.path("server.log"))?.lines().filter(|line| line.contains("disk I/O error")).count();
    let panics = server.panics()?;
    let report = rig.check(Terms::default(), &crowd.end(REST).await?)?;
    if !panics.is_empty() || server.has_died() || failures == 0 {
        return Err(format!("{failures} failures seen; the server died, or panicked: {panics:?}").into());
    }
    Ok(Verdict::Held(format!("every 17th write or sync fails with EIO, {failures} seen; {report}")))
}

/// The clock is set back an hour, then on by more than sessions are kept.
pub(super) async fn wrong_clock(rig: Rig) -> Result<Verdict> {
    let libraries = ["/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1", "/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1"];
    let Some(library) = libraries.iter().find(|path| Path::new(path).exists()) else {
        return Ok(Verdict::Skipped("libfaketime is missing: 'apt-get install libfaketime'".to_owned()));
    };
    let mut server = rig.server(rig.settings(rig.sqlite())).await?;
    let crowd = rig.crowd(16, &busy(server.address()))?;
    crowd.joined(16, REST).await?;
    crowd.click();
    let at = |clock: &str| {
        ["env".to_owned(), format!("LD_PRELOAD={library}"), format!("FAKETIME={clock}"), "FAKETIME_DONT_FAKE_MONOTONIC=1".to_owned()]
    };
    for clock in ["-1h", "+2h", "-1h"] {
        tokio::time::sleep(Duration::from_secs(1)).await;
        server.kill().await?;
        server.wrap(&at(clock));
        server.run().await?;
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    // Until here nobody may lose anything; what comes now ends all, and says so.
    let mut crowd = crowd;
    if !crowd.rest(REST).await {
        return Err("not all came back after the clock went back and on".into());
    }
    server.kill().await?;
    server.wrap(&at("+400d"));
    server.run().await?;
    let history = crowd.end(REST).await?;
    let report = rig.check(Terms { may_end: true, ..Terms::default() }, &history)?;
    let mut has_rested = std::collections::HashSet::new();
    for entry in history::read(&history)? {
        let entry = entry?;
        match entry.what {
            What::Shown { .. } => drop(has_rested.insert(entry.who)),
            What::Ended { .. } if !has_rested.contains(&entry.who) => {
                return Err(format!("client {} was logged out by a clock that went back", entry.who).into());
            }
            _ => {}
        }
    }
    if report.n_ended != 16 || server.has_died() {
        return Err(format!("the server died, or sessions outlived their time: {report}").into());
    }
    Ok(Verdict::Held(format!("-1 h, +2 h, -1 h: nobody ended; +400 days: all 16 ended and said so; {report}")))
}
