//! Runs rows, prints a table, and keeps it in `target/faults/results.json`.

use std::{
    fs,
    io::Write as _,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{
    Result,
    elsewhere::{self, ELSEWHERE, Shown},
    process::raise_files,
    rig::{Rig, Verdict},
    rows::{ROWS, Row},
    stop::{self, Stopped, unless_stopped},
};

/// Where results, histories and logs go.
fn folder() -> PathBuf {
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target"), PathBuf::from);
    target.join("faults")
}

pub(crate) fn line(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

const FAILED: &str = "FAILED";

/// In the place of rows.
const SOAK: &str = "soak";

struct Wanted {
    rows: Vec<String>,
    seed: u64,
    rounds: Option<usize>,
    is_short: bool,
}

impl Wanted {
    fn parse(arguments: &[String]) -> Result<Self> {
        let mut wanted = Self { rows: Vec::new(), seed: u64::from(std::process::id()), rounds: None, is_short: false };
        let mut words = arguments.iter().filter(|word| *word != SOAK);
        while let Some(word) = words.next() {
            let mut number = || words.next().and_then(|word| word.parse::<u64>().ok()).ok_or(format!("{word} needs a number"));
            match word.as_str() {
                "--seed" => wanted.seed = number()?,
                "--rounds" => wanted.rounds = Some(usize::try_from(number()?)?),
                "--short" => wanted.is_short = true,
                row if ROWS.iter().map(|known| known.id).chain(ELSEWHERE.iter().map(|known| known.id)).any(|id| id == row) => {
                    wanted.rows.push(row.to_owned());
                }
                other => {
                    return Err(format!("there is no row {other}; usage: faults [ROW…] [--seed N] [--rounds N] [--short] | soak").into());
                }
            }
        }
        Ok(wanted)
    }

    fn has(&self, id: &str) -> bool {
        self.rows.is_empty() || self.rows.iter().any(|row| row == id)
    }
}

/// Runs the rows that the command line names, or all. Whether all held.
pub(crate) fn run(arguments: &[String]) -> Result<bool> {
    let wanted = Wanted::parse(arguments)?;
    let n_files = raise_files(true);
    line(&format!("seed {} (the same again: --seed {0}), {n_files} files may be open", wanted.seed));
    let program = std::env::current_exe()?;
    stop::listen()?;
    if arguments.iter().any(|word| word == SOAK) {
        return soak(&program, &wanted);
    }
    let mut table = Table::open(wanted.seed)?;
    for row in ROWS.iter().filter(|row| wanted.has(row.id)) {
        let began = Instant::now();
        let verdict = row.run(&program, &folder(), wanted.seed, wanted.rounds, wanted.is_short);
        let (result, words) = match verdict {
            Ok(Verdict::Held(words)) => ("held", words),
            Ok(Verdict::Skipped(why)) => ("skipped", why),
            Err(error) if error.is::<Stopped>() => return Err(error),
            Err(error) => (FAILED, error.to_string()),
        };
        table.put(row.id, row.fault, result, &words, began.elapsed())?;
    }
    let others: Vec<_> = ELSEWHERE.iter().filter(|row| wanted.has(row.id)).collect();
    if !others.is_empty() {
        let began = Instant::now();
        let failed = runtime()?.block_on(unless_stopped(elsewhere::failed()))?;
        for row in others {
            let (result, words) = match row.shown {
                Shown::It(tests) => match tests.iter().find(|test| failed.iter().any(|failed| failed == *test)) {
                    Some(test) => (FAILED, format!("tests/it: {test}")),
                    None => ("held", format!("tests/it: {}", tests.join(", "))),
                },
                Shown::Other(what) => ("elsewhere", what.to_owned()),
            };
            table.put(row.id, row.fault, result, &words, began.elapsed())?;
        }
    }
    line(&format!("results: {}", folder().join("results.json").display()));
    Ok(!table.has_failed)
}

/// What was found, also before, so that a row can be run again by itself.
struct Table {
    results: Value,
    seed: u64,
    has_failed: bool,
}

impl Table {
    fn open(seed: u64) -> Result<Self> {
        fs::create_dir_all(folder())?;
        let text = fs::read_to_string(folder().join("results.json"));
        let results = text.ok().and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_else(|| json!({}));
        Ok(Self { results, seed, has_failed: false })
    }

    fn put(&mut self, id: &str, fault: &str, result: &str, words: &str, time: Duration) -> Result<()> {
        self.has_failed |= result == FAILED;
        line(&format!("{id:<14} {result:<9} {:>4} s  {fault}\n{:34}{words}", time.as_secs(), ""));
        self.results[id] = json!({ "fault": fault, "result": result, "measured": words, "seconds": time.as_secs(), "seed": self.seed });
        Ok(fs::write(folder().join("results.json"), serde_json::to_string_pretty(&self.results)?)?)
    }
}

/// `SOAK_MINUTES` (30) with `SOAK_SESSIONS` (1,000).
fn soak(program: &Path, wanted: &Wanted) -> Result<bool> {
    let setting = |name: &str, default| std::env::var(name).map_or(Ok(default), |value| value.parse::<u64>());
    let time = Duration::from_secs(60 * setting("SOAK_MINUTES", 30)?);
    let n_sessions = usize::try_from(setting("SOAK_SESSIONS", 1_000)?)?;
    let rig = Rig { program: program.to_owned(), folder: folder(), seed: wanted.seed, rounds: None, is_short: false }.part(SOAK)?;
    let runtime = runtime()?;
    let mut table = Table::open(wanted.seed)?;
    let began = Instant::now();
    let (result, words) = match runtime.block_on(unless_stopped(crate::soak::soak(&rig, time, n_sessions))) {
        Ok(words) => ("held", words),
        Err(error) if error.is::<Stopped>() => return Err(error),
        Err(error) => (FAILED, error.to_string()),
    };
    table.put("F-42", "soak: faults by chance", result, &words, began.elapsed())?;
    Ok(!table.has_failed)
}

/// One row in its short form, with a seed from chance that a failure tells.
pub(crate) fn short(program: &Path, id: &str) -> Result<String> {
    let row = ROWS.iter().find(|row| row.id == id).ok_or_else(|| format!("there is no row {id}"))?;
    let seed = match std::env::var("LIVEFLOE_SEED") {
        Ok(seed) => seed.parse()?,
        Err(_) => u64::from(std::process::id()),
    };
    let folder = folder().join("short");
    match row.run(program, &folder, seed, None, true).map_err(|error| format!("LIVEFLOE_SEED={seed}: {error}"))? {
        Verdict::Held(words) => Ok(words),
        Verdict::Skipped(why) => Ok(format!("skipped: {why}")),
    }
}

fn runtime() -> Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?)
}

impl Row {
    fn run(&self, program: &Path, folder: &Path, seed: u64, rounds: Option<usize>, is_short: bool) -> Result<Verdict> {
        let rig = Rig { program: program.to_owned(), folder: folder.to_owned(), seed, rounds, is_short }.part(self.id)?;
        let runtime = runtime()?;
        // What is shared with other tests fails by panicking; other rows are run all the same.
        catch_unwind(AssertUnwindSafe(|| runtime.block_on(unless_stopped((self.run)(rig)))))
            .unwrap_or_else(|_| Err("it panicked, see above".into()))
    }
}
