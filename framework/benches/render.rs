//! From state to HTML to tree, on fixed inputs. See README.md for the method.

use divan::{Bencher, black_box};
use livefloe::{Markup, html, tree::Tape};

fn main() {
    divan::main();
}

fn counter(count: u32) -> Markup {
    html! { p { "Count: " (count) } button lf-click="NCaTvSO2" { "+1" } }
}

fn table(rows: &[(u32, String, u32)]) -> Markup {
    html! {
        button lf-click="NCaTvSO2" { "change" }
        table { tbody { @for (id, name, amount) in rows { tr { td { (id) } td { (name) } td { (amount) } } } } }
    }
}

fn rows() -> Vec<(u32, String, u32)> {
    (1..=1_000).map(|id| (id, format!("row number {id}"), id * 7)).collect()
}

#[divan::bench]
fn render_counter() -> Markup {
    counter(black_box(42))
}

#[divan::bench]
fn render_1000_rows(bencher: Bencher<'_, '_>) {
    let rows = rows();
    bencher.bench(|| table(black_box(&rows)));
}

#[divan::bench]
fn read_counter(bencher: Bencher<'_, '_>) {
    let page = counter(42).into_string();
    bencher.bench(|| Tape::parse(black_box(&page)));
}

#[divan::bench]
fn read_1000_rows(bencher: Bencher<'_, '_>) {
    let page = table(&rows()).into_string();
    bencher.bench(|| Tape::parse(black_box(&page)));
}

/// What finding out that nothing differs costs at the least.
#[divan::bench]
fn compare_1000_rows(bencher: Bencher<'_, '_>) {
    let page = table(&rows()).into_string();
    let same = page.clone();
    bencher.bench(|| black_box(&page) == black_box(&same));
}
