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
    process::raise_files,
    rig::{Rig, Verdict},
    rows::{ROWS, Row},
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
                row if ROWS.iter().any(|known| known.id == row) => wanted.rows.push(row.to_owned()),
                other => {
                    return Err(format!("there is no row {other}; usage: faults [ROW…] [--seed N] [--rounds N] [--short] | soak").into());
                }
            }
        }
        Ok(wanted)
    }
}

/// Runs the rows that the command line names, or all. Whether all held.
pub(crate) fn run(arguments: &[String]) -> Result<bool> {
    let wanted = Wanted::parse(arguments)?;
    let n_files = raise_files(true);
    line(&format!("seed {} (the same again: --seed {0}), {n_files} files may be open", wanted.seed));
    let program = std::env::current_exe()?;
    if arguments.iter().any(|word| word == SOAK) {
        return soak(&program, &wanted);
    }
    let mut results = known()?;
    let mut has_failed = false;
    for row in ROWS.iter().filter(|row| wanted.rows.is_empty() || wanted.rows.iter().any(|id| id == row.id)) {
        let began = Instant::now();
        let verdict = row.run(&program, &folder(), wanted.seed, wanted.rounds, wanted.is_short);
        let (result, words) = match verdict {
            Ok(Verdict::Held(words)) => ("held", words),
            Ok(Verdict::Skipped(why)) => ("skipped", why),
            Err(error) => {
                has_failed = true;
                ("FAILED", error.to_string())
            }
        };
        let seconds = began.elapsed().as_secs();
        line(&format!("{:<14} {:<8} {:>4} s  {}\n{:33}{words}", row.id, result, seconds, row.fault, ""));
        results[row.id] = json!({ "fault": row.fault, "result": result, "measured": words, "seconds": seconds, "seed": wanted.seed });
        fs::write(folder().join("results.json"), serde_json::to_string_pretty(&results)?)?;
    }
    line(&format!("results: {}", folder().join("results.json").display()));
    Ok(!has_failed)
}

/// `SOAK_MINUTES` (30) with `SOAK_SESSIONS` (1,000).
fn soak(program: &Path, wanted: &Wanted) -> Result<bool> {
    let setting = |name: &str, default| std::env::var(name).map_or(Ok(default), |value| value.parse::<u64>());
    let time = Duration::from_secs(60 * setting("SOAK_MINUTES", 30)?);
    let n_sessions = usize::try_from(setting("SOAK_SESSIONS", 1_000)?)?;
    let rig = Rig { program: program.to_owned(), folder: folder(), seed: wanted.seed, rounds: None, is_short: false }.part(SOAK)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let words = runtime.block_on(crate::soak::soak(&rig, time, n_sessions))?;
    line(&words);
    let mut results = known()?;
    results["F-42"] = json!({ "fault": "soak: faults by chance", "result": "held", "measured": words, "seed": wanted.seed });
    fs::write(folder().join("results.json"), serde_json::to_string_pretty(&results)?)?;
    Ok(true)
}

/// What was found before, so that a row can be run again by itself.
fn known() -> Result<Value> {
    fs::create_dir_all(folder())?;
    let text = fs::read_to_string(folder().join("results.json"));
    Ok(text.ok().and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_else(|| json!({})))
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

impl Row {
    fn run(&self, program: &Path, folder: &Path, seed: u64, rounds: Option<usize>, is_short: bool) -> Result<Verdict> {
        let rig = Rig { program: program.to_owned(), folder: folder.to_owned(), seed, rounds, is_short }.part(self.id)?;
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        // What is shared with other tests fails by panicking; other rows are run all the same.
        catch_unwind(AssertUnwindSafe(|| runtime.block_on((self.run)(rig)))).unwrap_or_else(|_| Err("it panicked, see above".into()))
    }
}
