//! What the operations of js-framework-benchmark send, against what is new in them.

use std::{io::Result, net::SocketAddr};

use livefloe::HandlerId;
use livefloe_tests::TestBrowser;

use crate::{
    apps::{Row, row},
    report::Report,
};

const N_ROWS: u32 = 1_000;
/// What a patch may take for each place that changes, beside the new HTML itself.
const CHANGE_BYTES: usize = 16;
/// Attributes that the page's own buttons have, before those of the rows.
const N_BUTTONS: usize = 5;

/// An operation, and what it makes new.
struct Operation {
    name: &'static str,
    click: Click,
    /// Bytes of HTML that were not there before.
    new_bytes: usize,
    /// Places in the page that change: a node that comes, goes or moves, a text, an attribute.
    n_changes: usize,
    /// What Phoenix `LiveView` 1.0 sends: from a plain loop, with keys, and with keys and permessage-deflate.
    others: &'static str,
    /// The least of those that a large patch must not exceed.
    deflated: Option<usize>,
}

enum Click {
    Button(&'static str),
    Select(usize),
    Remove(usize),
}

/// The operations in an order in which each finds 1,000 rows, or none where it makes them.
fn operations(is_keyed: bool) -> [Operation; 11] {
    let html = |first: u32| (first..first + N_ROWS).map(|id| html_bytes(&Row::new(id), is_keyed)).sum::<usize>();
    let button =
        |name, id, new_bytes, n_changes, others| Operation { name, click: Click::Button(id), new_bytes, n_changes, others, deflated: None };
    let large = |operation: Operation| Operation { deflated: Some(16_500), ..operation };
    let select = |name, index, n_changes| Operation {
        name,
        click: Click::Select(index),
        new_bytes: " class=\"danger\"".len(),
        n_changes,
        others: "LiveView 15,008; keyed, deflated 265 to 2,288",
        deflated: None,
    };
    // Without keys a row that moves is one whose texts and handlers change: number, label, and what its two links do.
    let texts = |id: u32| id.to_string().len() + Row::new(id).label.len() + 2 * 8;
    let swapped = if is_keyed { (0, 2) } else { (texts(N_ROWS + 2) + texts(N_ROWS + 999), 8) };
    [
        large(button("create_1000", "create", html(1), 1, "LiveView 106 K, deflated 16.5 K")),
        large(button("replace", "create", html(N_ROWS + 1), 1, "LiveView 106 K, deflated 16.5 K")),
        button("swap", "swap", swapped.0, swapped.1, "LiveView 328; keyed 138, deflated 10 to 34"),
        button("update_10th", "update", 100 * " !!!".len(), 100, "LiveView 3,775; deflated 379 to 798"),
        select("select_first", 1, 1),
        select("select", 2, 2),
        Operation {
            name: "remove",
            click: Click::Remove(9),
            new_bytes: 0,
            n_changes: 1,
            others: "LiveView 108,645; keyed 9,839, deflated 4,181",
            deflated: None,
        },
        button("clear", "clear", 0, 1, "LiveView 107; deflated 18"),
        button("", "create", 0, 0, ""),
        large(button("append_1000", "append", html(3 * N_ROWS + 1), 1, "LiveView 106 K, deflated 16.5 K")),
        button("", "clear", 0, 0, ""),
    ]
}

/// What a row weighs. All handlers have names of one length.
fn html_bytes(one: &Row, is_keyed: bool) -> usize {
    let handler = HandlerId::from_wire(*b"AAAAAAAA");
    handler.map_or(0, |handler| row(one, is_keyed, false, handler, handler).into_string().len())
}

/// Runs all operations once and reports the bytes of the patch that each one sends.
pub(crate) async fn measure(address: SocketAddr, report: &mut Report) -> Result<()> {
    for (path, is_keyed) in [("/", false), ("/keyed", true)] {
        let mut browser = TestBrowser::open_at(address, path).await;
        for Operation { name, click, new_bytes, n_changes, others, deflated } in operations(is_keyed) {
            let before = browser.n_bytes();
            let refusal = match click {
                Click::Button(id) => browser.click_and_settle(id).await,
                Click::Select(row) => link(&mut browser, 2 * row).await,
                Click::Remove(row) => link(&mut browser, 2 * row + 1).await,
            };
            if let Some(refusal) = refusal {
                return Err(std::io::Error::other(refusal.message));
            }
            if name.is_empty() {
                continue;
            }
            let n_bytes = browser.n_bytes() - before;
            let allowed = new_bytes + CHANGE_BYTES * n_changes;
            let (name, goal) =
                (format!("rows.{name}.{}", if is_keyed { "bytes_keyed" } else { "bytes" }), deflated.unwrap_or(usize::MAX).min(allowed));
            let against = format!("new HTML {new_bytes} + {CHANGE_BYTES} × {n_changes}; {others}");
            report.at_most(&name, n_bytes as f64, "bytes", goal as f64, &against);
        }
    }
    Ok(())
}

/// Clicks a link in a row, counted over those of all rows.
async fn link(browser: &mut TestBrowser, index: usize) -> Option<livefloe_tests::Refusal> {
    let handlers = browser.dom().values("lf-click");
    let handler = handlers.get(N_BUTTONS + index).and_then(|handler| handler.as_bytes().try_into().ok())?;
    let event = browser.act(&livefloe_tests::Action { component: 0, handler }, "").await;
    browser.settled(event).await
}
