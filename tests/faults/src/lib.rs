//! The fault rig: real servers under load, faults by chance, and a checker that goes only by what clients wrote down.
//!
//! ```text
//! crowd ── visitors ──→ proxy (ours, haproxy) ──→ server processes ──→ store
//!             │                                        │
//!          history ───────────→ checker ←────────── effects
//! ```
//! `faults` (the binary) runs the rows of the matrix in docs/faults.md; short ones are tests as well.

mod app;
mod check;
mod crowd;
mod elsewhere;
mod haproxy;
mod heap;
mod history;
mod namespace;
mod process;
mod proxy;
mod report;
mod rig;
mod rows;
mod soak;
mod stop;
mod visitor;

use std::{error::Error, path::Path, process::ExitCode};

pub(crate) type Result<T, E = Box<dyn Error + Send + Sync>> = std::result::Result<T, E>;

/// What the binary does.
#[must_use]
pub fn main(arguments: Vec<String>) -> ExitCode {
    let done = match arguments.first().map(String::as_str) {
        Some("serve") => serve(arguments.get(1).map_or("", String::as_str)),
        _ => report::run(&arguments),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            report::line(&format!("faults: {error}"));
            ExitCode::FAILURE
        }
    }
}

fn serve(settings: &str) -> Result<bool> {
    let settings = serde_json::from_str(settings)?;
    // As many as it may; a row may have said how many.
    process::raise_files(false);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(app::serve(settings))?;
    Ok(true)
}

/// Runs one row in its short form, with this program as the server; an error says what broke.
///
/// # Errors
/// When the promise was not kept, or the row couldn't be run.
pub fn short(program: &Path, row: &str) -> Result<String> {
    report::short(program, row)
}
