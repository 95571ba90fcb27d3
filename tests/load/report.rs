//! The results: a table on the screen, and a file that other measurements add to.

use std::{
    fs,
    io::{Error, Result, Write as _},
    path::PathBuf,
};

use serde_json::{Value, json};

/// Results by name, those of earlier runs included until they are measured again.
#[derive(Debug)]
pub(crate) struct Report {
    path: PathBuf,
    results: Vec<Value>,
}

impl Report {
    /// What was measured before.
    pub(crate) fn open() -> Result<Self> {
        let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../target/bench"));
        fs::create_dir_all(&folder)?;
        let path = folder.join("results.json");
        let results = fs::read(&path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
        Ok(Self { path, results })
    }

    pub(crate) fn at_least(&mut self, name: &str, value: f64, unit: &str, goal: f64, against: &str) {
        self.add(name, value, unit, Some((goal, value >= goal)), against);
    }

    pub(crate) fn at_most(&mut self, name: &str, value: f64, unit: &str, goal: f64, against: &str) {
        self.add(name, value, unit, Some((goal, value <= goal)), against);
    }

    /// Something without a goal.
    pub(crate) fn fact(&mut self, name: &str, value: f64, unit: &str, against: &str) {
        self.add(name, value, unit, None, against);
    }

    fn add(&mut self, name: &str, value: f64, unit: &str, goal: Option<(f64, bool)>, against: &str) {
        let (goal, met) = goal.unzip();
        let value = (value * 1_000.0).round() / 1_000.0;
        self.put(json!({ "name": name, "value": value, "unit": unit, "goal": goal, "met": met, "against": against }));
        let goal = goal.map_or(String::new(), |goal| format!("goal {goal} {}", if met == Some(true) { "met" } else { "MISSED" }));
        // The screen is only a courtesy: the file has everything.
        let _ = writeln!(std::io::stdout(), "{name:<28} {value:>12} {unit:<6} {goal:<18} {against}");
    }

    /// One result for each name: the newest.
    fn put(&mut self, result: Value) {
        self.results.retain(|other| other["name"] != result["name"]);
        self.results.push(result);
    }

    /// Writes the file.
    pub(crate) fn finish(mut self) -> Result<()> {
        self.results.sort_by(|one, other| one["name"].as_str().cmp(&other["name"].as_str()));
        let text = serde_json::to_string_pretty(&self.results).map_err(Error::other)?;
        fs::write(&self.path, text + "\n")
    }
}
