//! Every Rust example as a page of one app: what `--bin serve` and the Python demo serve.
//!
//! An example is one file, `<name>/main.rs`, which also runs alone.

#[expect(dead_code, reason = "main is for the example alone")]
#[path = "counter/main.rs"]
mod counter;
#[expect(dead_code, reason = "main is for the example alone")]
#[path = "todo/main.rs"]
mod todo;
#[expect(dead_code, reason = "main is for the example alone")]
#[path = "room/main.rs"]
mod room;
#[expect(dead_code, reason = "main is for the example alone")]
#[path = "signup/main.rs"]
mod signup;
#[expect(dead_code, reason = "main is for the example alone")]
#[path = "digits/main.rs"]
mod digits;
#[expect(dead_code, reason = "main is for the example alone")]
#[path = "desk/main.rs"]
mod desk;
mod faults;
mod index;

use livefloe::App;

pub use index::{Entry, Index};

/// Adds the examples as pages at `{prefix}/counter` and so on, with the state that they share.
///
/// Loads the network of the digits example, which takes a moment.
#[must_use]
pub fn pages(app: App, prefix: &str) -> App {
    let at = |path: &str| format!("{prefix}/{path}");
    app.state(room::Rooms::default())
        .state(signup::Accounts::default())
        .state(digits::Reader::start())
        .page(&at("counter"), counter::Counter::default)
        .page(&at("todo"), todo::Todo::default)
        .page(&at("room/{name}"), room::Room::open)
        .page(&at("signup"), signup::Signup::default)
        .page(&at("desk"), desk::Desk::default)
        .page(&at("digits"), digits::Digits::default)
        .page(&at("faults"), faults::Faults::default)
}

/// What there is at `prefix`, for an [`Index`].
#[must_use]
pub fn entries(prefix: &str) -> Vec<Entry> {
    let entry = |path: &str, title: &str, description: &str| Entry {
        title: title.to_owned(),
        description: description.to_owned(),
        address: format!("{prefix}/{path}"),
        language: "Rust".to_owned(),
    };
    vec![
        entry("counter", "Counter", "State, handlers, and children with a state of their own."),
        entry("todo", "Todo", "A list with keys, forms, and a filter."),
        entry("room/harbour", "Room", "Many visitors: shared state, messages, and who is here."),
        entry("signup", "Sign up", "A form that checks while it is filled in."),
        entry("desk", "Desk", "Tabs, questions, a dialog and a menu that answer at once."),
        entry("digits", "Digits", "A sketchpad, and a network that reads it."),
    ]
}
