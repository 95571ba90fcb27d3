//! The diff on fixed inputs: from old and new HTML to the operations of a patch. See README.md for the method.

use std::fmt::Write as _;

use divan::{AllocProfiler, Bencher, black_box};
use livefloe::{
    diff::diff,
    patch::PatchWriter,
    tree::{Resolve, Resolved, Tape},
};

/// Counts allocations beside the time.
#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

fn main() {
    for (name, case, most) in [("counter", counter(), 17), ("one cell", one_cell(), 24), ("create 1,000", create(), 75_000)] {
        let n_bytes = case.run(Tape::parse(&case.old));
        assert!(n_bytes <= most, "{name}: a patch of {n_bytes} bytes; {most} were enough");
    }
    divan::main();
}

struct Case {
    old: String,
    new: String,
}

impl Case {
    /// The length of the patch.
    fn run(&self, tape: Tape) -> usize {
        let mut frame = Vec::with_capacity(64);
        black_box(self.write(tape, &mut frame));
        frame.len()
    }

    fn write(&self, tape: Tape, frame: &mut Vec<u8>) -> Tape {
        let mut writer = PatchWriter::new(frame);
        writer.component(0);
        diff(&self.old, tape, &self.new, 0, None, &mut writer, &NoChildren)
    }

    fn bench(&self, bencher: Bencher<'_, '_>) {
        let tape = Tape::parse(&self.old);
        // With memory for the frame, as a session has it; the new tape is dropped outside of what is timed.
        let inputs = || (tape.clone(), Vec::with_capacity(300_000));
        bencher.with_inputs(inputs).bench_values(|(tape, mut frame)| (self.write(tape, &mut frame), frame));
    }
}

struct NoChildren;

impl Resolve for NoChildren {
    fn resolve(&self, _: u32, _: u64) -> Option<Resolved<'_>> {
        None
    }
}

fn counter() -> Case {
    let page = |count: u32| format!("<p>Count: {count}</p><button lf-click=\"NCaTvSO2\">+1</button>");
    Case { old: page(41), new: page(42) }
}

fn table(rows: u32, changed: Option<u32>) -> String {
    let mut html = "<button lf-click=\"NCaTvSO2\">change</button><table><tbody>".to_owned();
    for row in 1..=rows {
        let amount = row * 7 + u32::from(changed == Some(row));
        let _ = write!(html, "<tr><td>{row}</td><td>row number {row}</td><td>{amount}</td></tr>");
    }
    html + "</tbody></table>"
}

fn one_cell() -> Case {
    Case { old: table(1_000, None), new: table(1_000, Some(617)) }
}

fn create() -> Case {
    Case { old: table(0, None), new: table(1_000, None) }
}

#[divan::bench(name = "counter")]
fn diff_counter(bencher: Bencher<'_, '_>) {
    counter().bench(bencher);
}

#[divan::bench(name = "one_cell_of_1000_rows")]
fn diff_one_cell(bencher: Bencher<'_, '_>) {
    one_cell().bench(bencher);
}

#[divan::bench(name = "one_cell_of_10000_rows")]
fn diff_one_cell_of_many(bencher: Bencher<'_, '_>) {
    Case { old: table(10_000, None), new: table(10_000, Some(6_170)) }.bench(bencher);
}

#[divan::bench(name = "one_more_of_1000_rows")]
fn diff_one_more(bencher: Bencher<'_, '_>) {
    Case { old: table(1_000, None), new: table(1_001, None) }.bench(bencher);
}

#[divan::bench(name = "create_1000_rows")]
fn diff_create(bencher: Bencher<'_, '_>) {
    create().bench(bencher);
}

#[divan::bench(name = "nothing_changed_in_1000_rows")]
fn diff_nothing(bencher: Bencher<'_, '_>) {
    let same = table(1_000, None);
    Case { old: same.clone(), new: same }.bench(bencher);
}
