//! Brings the ink of a picture into the middle of a grid of another size.

use super::Picture;

impl Picture {
    /// The ink in the middle of a grid of another size, as large as the margin allows: what a classifier wants
    /// that was trained on centred drawings. Row after row, 0.0 for paper to 1.0 for ink.
    ///
    /// The ink's bounding box keeps its aspect ratio; each new cell is the average of the area that it covers. The
    /// margin is in new cells on each side, and gives way where it would leave none for the ink. Without ink
    /// all is paper.
    ///
    /// ```
    /// use livefloe::widget::Picture;
    ///
    /// let dot = Picture::new(4, 4, [[0; 15].as_slice(), &[255]].concat())?;
    /// assert_eq!(dot.centred(3, 3, 1), [0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0]);
    /// # Ok::<(), livefloe::widget::SketchError>(())
    /// ```
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "sizes are far below the 53 bits of an f64")]
    pub fn centred(&self, columns: usize, rows: usize, margin: usize) -> Vec<f32> {
        let mut grid = vec![0.0; columns * rows];
        let Some(ink) = self.bounding_box() else {
            return grid;
        };
        let room = |cells: usize| cells.saturating_sub(2 * margin).max(1) as f64;
        let scale = (room(columns) / ink.width as f64).min(room(rows) / ink.height as f64);
        let across = Axis::new(ink.left, ink.width, columns, scale);
        let down = Axis::new(ink.top, ink.height, rows, scale);
        for row in 0..rows {
            for (source_row, row_share) in down.covered_by(row) {
                for column in 0..columns {
                    for (source_column, column_share) in across.covered_by(column) {
                        let source = self.cells()[source_row * self.columns() + source_column];
                        grid[row * columns + column] += f32::from(source) / 255.0 * row_share * column_share;
                    }
                }
            }
        }
        // Shares of one cell add up to 1 but for rounding, which must not leave the range.
        for cell in &mut grid {
            *cell = cell.clamp(0.0, 1.0);
        }
        grid
    }
}

/// How a stretch of the source lies, scaled and centred, along one side of the target.
struct Axis {
    source_start: usize,
    source_length: f64,
    /// Where the source begins, in target cells.
    offset: f64,
    scale: f64,
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "positions are clamped to the source, which has at most 256 cells on a side"
)]
impl Axis {
    fn new(source_start: usize, source_length: usize, target_length: usize, scale: f64) -> Self {
        let source_length = source_length as f64;
        Self { source_start, source_length, offset: (target_length as f64 - source_length * scale) / 2.0, scale }
    }

    /// The source cells that a target cell covers, and which share of the target cell each of them fills.
    fn covered_by(&self, target: usize) -> impl Iterator<Item = (usize, f32)> + use<> {
        let position = |edge: f64| ((edge - self.offset) / self.scale).clamp(0.0, self.source_length);
        let (from, to) = (position(target as f64), position(target as f64 + 1.0));
        let (source_start, scale) = (self.source_start, self.scale);
        (from.floor() as usize..to.ceil() as usize).map(move |cell| {
            let covered = to.min(cell as f64 + 1.0) - from.max(cell as f64);
            (source_start + cell, (covered * scale) as f32)
        })
    }
}
