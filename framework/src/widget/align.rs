//! How things of different size stand beside each other.

/// Where a child stands across the direction of its container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// At the top of a row, or at the left of a column.
    Start,
    /// In the middle.
    Center,
    /// At the bottom of a row, or at the right of a column.
    End,
    /// As large as the container.
    Stretch,
}
