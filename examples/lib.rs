//! Every Rust example as a page of one app: what `--bin serve` and the Python demo serve.
//!
//! An example is one file, `<name>/main.rs`, which also runs alone.

#[expect(dead_code, reason = "main is for the example alone")]
#[path = "counter/main.rs"]
mod counter;

use livefloe::App;

/// Adds the examples as pages at `{prefix}/counter` and so on, with the state that they share.
#[must_use]
pub fn pages(app: App, prefix: &str) -> App {
    let at = |path: &str| format!("{prefix}/{path}");
    app.page(&at("counter"), counter::Counter::default)
}
