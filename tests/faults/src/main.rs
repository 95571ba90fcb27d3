//! `faults`: breaks things around real servers, and says whether their sessions survived. See docs/faults.md.
//!
//! ```text
//! faults [ROW…] [--seed N] [--rounds N]   the rows of the matrix, or some of them
//! faults soak [--seed N]                  SOAK_MINUTES (30) of faults by chance
//! faults serve SETTINGS                   the server under test
//! ```

fn main() -> std::process::ExitCode {
    livefloe_faults::main(std::env::args().skip(1).collect())
}
