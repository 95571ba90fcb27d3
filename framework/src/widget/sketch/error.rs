//! Why a sketch cannot be read.

/// Why a sketch cannot be read. Always the fault of the client that sent it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SketchError {
    /// The text has another form than the one expected.
    #[error("expected {expected}, got {got:?}")]
    Form {
        /// The form, in words.
        expected: &'static str,
        /// The start of the text, or of the part that does not fit.
        got: String,
    },
    /// A picture with too few or too many cells across or down.
    #[error("expected 1 to {max} columns and rows, got {columns} by {rows}")]
    Size {
        /// The largest number of either.
        max: u16,
        /// How many columns there are.
        columns: u16,
        /// How many rows there are.
        rows: u16,
    },
    /// The picture's data is not Base64.
    #[error("expected the cells of the picture in Base64")]
    Base64 {
        /// What is wrong with it.
        #[from]
        source: base64::DecodeError,
    },
    /// The picture's data does not fit its size.
    #[error("expected {expected} cells of one byte, got {got}")]
    Cells {
        /// Columns times rows.
        expected: usize,
        /// How many there are.
        got: usize,
    },
    /// More strokes or points than are let in.
    #[error("expected at most {max} {what}, got more")]
    TooMany {
        /// What there is too much of.
        what: &'static str,
        /// How many may be.
        max: usize,
    },
}

impl SketchError {
    /// The text has another form; keeps only as much of it as helps to find the fault.
    pub(super) fn form(expected: &'static str, got: &str) -> Self {
        Self::Form { expected, got: got.chars().take(32).collect() }
    }
}
