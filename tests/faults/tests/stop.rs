//! A run that is asked to stop.

use std::{
    fs,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// The processes whose command line names this path: a server's names where it writes.
fn processes(path: &Path) -> Vec<String> {
    let path = path.to_str().expect("a path in words");
    let entries = fs::read_dir("/proc").expect("processes").flatten();
    entries.filter_map(|entry| fs::read_to_string(entry.path().join("cmdline")).ok()).filter(|line| line.contains(path)).collect()
}

/// Waits for a minute at most.
fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_mins(1);
    while !is_so() {
        assert!(Instant::now() < deadline, "waited a minute for {what}");
        thread::park_timeout(Duration::from_millis(20));
    }
}

/// Whatever becomes of the test, it doesn't run on.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn what_a_run_has_started_goes_with_it() {
    for signal in ["TERM", "INT"] {
        let folder = std::env::temp_dir().join(format!("livefloe-stop-{}-{signal}", std::process::id()));
        let mut run = Command::new(env!("CARGO_BIN_EXE_faults"));
        run.args(["F-15", "--rounds", "10000"]).env("CARGO_TARGET_DIR", &folder).stdout(Stdio::null()).stderr(Stdio::null());
        let mut run = Killed(run.spawn().expect("it starts"));
        eventually("a server", || !processes(&folder).is_empty());
        let asked = Command::new("kill").args(["-s", signal, &run.0.id().to_string()]).status().expect("kill is there");
        assert!(asked.success());
        eventually("the end of the run", || run.0.try_wait().expect("a child").is_some());
        assert!(!run.0.wait().expect("it has ended").success(), "what was not seen did not hold");
        eventually("the end of its servers", || processes(&folder).is_empty());
        fs::remove_dir_all(&folder).expect("its folder");
    }
}
