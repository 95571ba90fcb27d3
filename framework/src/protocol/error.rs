//! [`DecodeError`]: why bytes are no frame.

/// Why bytes are no frame. Offsets count from the start of the frame, and point at what was read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The frame ended before a field, or within it.
    #[error("byte {offset}: expected {expected}, got the end of the frame")]
    End {
        /// Where the frame ended.
        offset: usize,
        /// The field.
        expected: &'static str,
    },
    /// Strings whose lengths are not those that were said.
    #[error("byte {offset}: expected {expected} of the lengths before them, got others")]
    Lengths {
        /// Where the strings begin.
        offset: usize,
        /// The field.
        expected: &'static str,
    },
    /// A deflated frame that can't be inflated.
    #[error("byte 1: expected a deflated frame, got data that is broken, cut or too long after {got} bytes of it")]
    Inflate {
        /// How many bytes came out.
        got: usize,
    },
    /// A byte that means nothing there.
    #[error("byte {offset}: expected {expected}, got {got:#04x}")]
    Byte {
        /// Where the byte is.
        offset: usize,
        /// What would have meant something.
        expected: &'static str,
        /// The byte.
        got: u8,
    },
    /// A number that its field can't hold.
    #[error("byte {offset}: expected {expected} of at most {most}, got {got}")]
    Range {
        /// Where the number begins.
        offset: usize,
        /// The field.
        expected: &'static str,
        /// The largest number that the field holds.
        most: u64,
        /// The number.
        got: u64,
    },
    /// A number that takes more bytes than the largest one.
    #[error("byte {offset}: expected {expected} in at most 8 bytes, got a number that goes on after them")]
    LongNumber {
        /// Where the number begins.
        offset: usize,
        /// The field.
        expected: &'static str,
    },
    /// A number written with more bytes than it takes.
    #[error("byte {offset}: expected {expected} in its shortest form, got {got} padded to {length} bytes")]
    PaddedNumber {
        /// Where the number begins.
        offset: usize,
        /// The field.
        expected: &'static str,
        /// The number.
        got: u64,
        /// How many bytes it took.
        length: usize,
    },
    /// A field that says it is longer than the rest of the frame.
    #[error("byte {offset}: expected {expected} of {length} bytes, got {left} before the end of the frame")]
    Cut {
        /// Where the content of the field begins.
        offset: usize,
        /// The field.
        expected: &'static str,
        /// How long it says it is.
        length: u64,
        /// How many bytes there are.
        left: usize,
    },
    /// Text that is not UTF-8.
    #[error("byte {offset}: expected {expected} in UTF-8, got an invalid sequence")]
    Utf8 {
        /// Where the first invalid sequence begins.
        offset: usize,
        /// The field.
        expected: &'static str,
    },
    /// Bytes after the last field.
    #[error("byte {offset}: expected the end of the frame, got {left} more bytes")]
    Trailing {
        /// Where the frame should have ended.
        offset: usize,
        /// How many bytes follow.
        left: usize,
    },
}
