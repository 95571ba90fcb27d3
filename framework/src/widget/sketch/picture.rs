//! The ink of every cell of a sketchpad, and how to make a model's input of it.

use std::{
    fmt::{self, Display, Formatter},
    str::FromStr,
};

use base64::{
    Engine as _,
    alphabet::STANDARD,
    display::Base64Display,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

use super::{MAX_SIDE, SketchError};

/// A small grey picture: 0 is paper, 255 is ink.
///
/// As text it is `columns,rows,BASE64`, one byte a cell, row after row. 1 to 256 columns and rows. Of an empty
/// sketchpad the text is empty, and so is the picture: no columns and no rows, as by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Picture {
    columns: u16,
    rows: u16,
    cells: Vec<u8>,
}

/// The smallest rectangle around the ink, in cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BoundingBox {
    /// The first column with ink.
    pub left: usize,
    /// The first row with ink.
    pub top: usize,
    /// How many columns, at least 1.
    pub width: usize,
    /// How many rows, at least 1.
    pub height: usize,
}

impl Picture {
    /// A picture from its cells, row after row.
    ///
    /// # Errors
    /// When a side is outside 1 to 256, or the number of cells is not columns times rows.
    pub fn new(columns: u16, rows: u16, cells: Vec<u8>) -> Result<Self, SketchError> {
        check_size(columns, rows)?;
        let expected = usize::from(columns) * usize::from(rows);
        if cells.len() != expected {
            let got = cells.len();
            return Err(SketchError::Cells { expected, got });
        }
        Ok(Self { columns, rows, cells })
    }

    /// The number of cells across.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.columns.into()
    }

    /// The number of cells down.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows.into()
    }

    /// The cells, row after row.
    #[must_use]
    pub fn cells(&self) -> &[u8] {
        &self.cells
    }

    /// Whether there is no ink at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cells.iter().all(|ink| *ink == 0)
    }

    /// The cells, row after row, as 0.0 for paper to 1.0 for ink.
    #[must_use]
    pub fn to_unit_f32(&self) -> Vec<f32> {
        self.cells.iter().map(|ink| f32::from(*ink) / 255.0).collect()
    }

    /// Where the ink is, or nothing when there is none.
    #[must_use]
    pub fn bounding_box(&self) -> Option<BoundingBox> {
        // An empty picture has no columns, which is no length for a chunk.
        let rows = || self.cells.chunks_exact(self.columns().max(1));
        let has_ink = |row: &[u8]| row.iter().any(|ink| *ink != 0);
        let top = rows().position(has_ink)?;
        let bottom = rows().rposition(has_ink)?;
        let left = rows().filter_map(|row| row.iter().position(|ink| *ink != 0)).min()?;
        let right = rows().filter_map(|row| row.iter().rposition(|ink| *ink != 0)).max()?;
        Some(BoundingBox { left, top, width: right - left + 1, height: bottom - top + 1 })
    }
}

impl FromStr for Picture {
    type Err = SketchError;

    fn from_str(text: &str) -> Result<Self, SketchError> {
        if text.is_empty() {
            return Ok(Self::default());
        }
        let malformed = || SketchError::form("a picture as columns,rows,BASE64", text);
        let mut parts = text.splitn(3, ',');
        let mut side = || parts.next()?.parse().ok();
        let (columns, rows) = side().zip(side()).ok_or_else(malformed)?;
        // Checked first: the size bounds what the rest may allocate.
        check_size(columns, rows)?;
        let data = parts.next().ok_or_else(malformed)?;
        let expected = usize::from(columns) * usize::from(rows);
        if data.len() > expected.div_ceil(3) * 4 {
            let got = data.len() / 4 * 3;
            return Err(SketchError::Cells { expected, got });
        }
        Self::new(columns, rows, BASE64.decode(data)?)
    }
}

impl Display for Picture {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        if self.cells.is_empty() {
            return Ok(());
        }
        let data = Base64Display::new(&self.cells, &BASE64);
        write!(formatter, "{},{},{data}", self.columns, self.rows)
    }
}

/// The usual alphabet; the padding at the end is optional.
const BASE64: GeneralPurpose =
    GeneralPurpose::new(&STANDARD, GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent));

fn check_size(columns: u16, rows: u16) -> Result<(), SketchError> {
    if (1..=MAX_SIDE).contains(&columns) && (1..=MAX_SIDE).contains(&rows) {
        Ok(())
    } else {
        Err(SketchError::Size { max: MAX_SIDE, columns, rows })
    }
}
