//! From state to HTML to tree, on fixed inputs. See README.md for the method.

use divan::{AllocProfiler, Bencher, black_box};
use livefloe::{Identity, Markup, Table, html, tree::Tape};

/// Counts allocations beside the time.
#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

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

/// What 1,000 rows with two handlers each add to a rendering: their ids, and a table that is as large as the one before. Allocates
/// nothing.
#[divan::bench]
fn register_2000_handlers(bencher: Bencher<'_, '_>) {
    let sites = [Identity::ROOT.number(1), Identity::ROOT.number(2)];
    let mut table = Table::default();
    let mut argument = Vec::new();
    let mut register = move || {
        table.begin();
        for row in 1..=1_000_u32 {
            argument.clear();
            argument.extend_from_slice(&row.to_be_bytes());
            for site in sites {
                table.enter(site.bound(&argument), black_box(row), &argument);
            }
        }
        table.commit(0, 0, false);
        table.len()
    };
    // Two tables are kept in turn.
    register();
    register();
    bencher.bench_local(register);
}

/// What an event looks for at the worst: the handler that was registered first.
#[divan::bench]
fn find_one_of_2000_handlers(bencher: Bencher<'_, '_>) {
    let (mut table, id) = (Table::default(), |number| Identity::ROOT.number(number).handler());
    table.begin();
    for number in 0..2_000 {
        table.enter(id(number), (), &[]);
    }
    table.commit(0, 0, false);
    bencher.bench(|| table.find(black_box(id(0)), 0).is_some());
}
