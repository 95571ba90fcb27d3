//! What a sketchpad sends, as a type: the ink of its cells, or the way of the pen.
//!
//! It comes from a client, so every size in it is bounded before anything is allocated for it.

mod centring;
mod error;
mod picture;
mod strokes;

use std::{
    fmt::{self, Display, Formatter},
    str::FromStr,
};

pub use self::{
    error::SketchError,
    picture::{BoundingBox, Picture},
    strokes::{Point, Strokes},
};

/// The most cells across or down. Larger pictures are photographs: upload those.
pub(super) const MAX_SIDE: u16 = 256;

/// What a [`sketchpad`](super::sketchpad) sends, of either kind.
///
/// Read from text, alone or as a field of a payload; written back as the same text, so that a component
/// can keep it in its state. Where the kind is known, use [`Picture`] or [`Strokes`] in its place: an empty
/// sketchpad sends empty text, which says nothing of its kind, and is read as no strokes.
///
/// ```
/// use livefloe::widget::Sketch;
///
/// let sketch: Sketch = "2,2,AAD/AA==".parse()?;
/// assert_eq!(sketch.picture().unwrap().to_unit_f32(), [0.0, 0.0, 1.0, 0.0]);
///
/// let sketch: Sketch = "0,0 500,1000;20,20".parse()?;
/// assert_eq!(sketch.strokes().unwrap().as_slice().len(), 2);
/// # Ok::<(), livefloe::widget::SketchError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sketch {
    /// The ink of every cell.
    Picture(Picture),
    /// The way of the pen.
    Strokes(Strokes),
}

impl Sketch {
    /// The picture, if it is one.
    #[must_use]
    pub fn picture(&self) -> Option<&Picture> {
        match self {
            Self::Picture(picture) => Some(picture),
            Self::Strokes(_) => None,
        }
    }

    /// The strokes, if it is those.
    #[must_use]
    pub fn strokes(&self) -> Option<&Strokes> {
        match self {
            Self::Picture(_) => None,
            Self::Strokes(strokes) => Some(strokes),
        }
    }

    /// Whether nothing is drawn.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Picture(picture) => picture.is_empty(),
            Self::Strokes(strokes) => strokes.is_empty(),
        }
    }
}

impl FromStr for Sketch {
    type Err = SketchError;

    fn from_str(text: &str) -> Result<Self, SketchError> {
        // A point has one comma before the next space or semicolon; a picture has two.
        let start = text.split([' ', ';']).next().unwrap_or_default();
        if start.matches(',').nth(1).is_some() { text.parse().map(Self::Picture) } else { text.parse().map(Self::Strokes) }
    }
}

impl Display for Sketch {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Picture(picture) => picture.fmt(formatter),
            Self::Strokes(strokes) => strokes.fmt(formatter),
        }
    }
}

/// Serialisation as text, the same as on the wire.
macro_rules! serde_as_text {
    ($($name:ident)+) => {$(
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )+};
}

serde_as_text!(Sketch Picture Strokes);

#[cfg(test)]
mod tests;
