//! What fuzzing has found, and what it starts from, through the same functions: see `tests/fuzz` in the repository.

use std::{fs, path::Path};

use livefloe::testing::fuzz::{self, TARGETS};

#[test]
fn what_is_kept_of_fuzzing_holds() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fuzz/corpus");
    for (name, target) in TARGETS {
        for path in [corpus.join(format!("{name}.txt")), corpus.join("findings").join(format!("{name}.txt"))] {
            let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            for (number, input) in fuzz::inputs(&text).iter().enumerate() {
                if let Err(finding) = target(input) {
                    panic!("input {number} of {}: {finding}", path.display());
                }
            }
        }
    }
}
