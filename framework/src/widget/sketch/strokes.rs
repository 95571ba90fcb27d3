//! The way of the pen over a sketchpad.

use std::{
    fmt::{self, Display, Formatter},
    str::FromStr,
};

use super::SketchError;

/// A thousandth of the sketchpad's width or height is the unit; this is the far edge.
const MAX_COORDINATE: u16 = 1000;
/// More than anyone draws, and few enough to keep in a session.
const MAX_STROKES: usize = 1_000;
/// About four minutes of a pen that never rests, at 60 points a second.
const MAX_POINTS: usize = 16_384;

/// A place on a sketchpad, in thousandths of its width and height.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// 0 at the left to 1000 at the right.
    pub x: u16,
    /// 0 at the top to 1000 at the bottom.
    pub y: u16,
}

/// What was drawn while the pen was down, once and again, in order.
///
/// As text, points are `x,y` with a space between them, and strokes have a `;` between them. At most 1,000 strokes
/// and 16,384 points in all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Strokes(Vec<Vec<Point>>);

impl Strokes {
    /// The strokes in the order in which they were drawn. Each has at least one point.
    #[must_use]
    pub fn as_slice(&self) -> &[Vec<Point>] {
        &self.0
    }

    /// Whether nothing is drawn.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromStr for Strokes {
    type Err = SketchError;

    fn from_str(text: &str) -> Result<Self, SketchError> {
        let mut strokes = Vec::new();
        if text.is_empty() {
            return Ok(Self(strokes));
        }
        let mut points_left = MAX_POINTS;
        for stroke in text.split(';') {
            if strokes.len() == MAX_STROKES {
                let (what, max) = ("strokes", MAX_STROKES);
                return Err(SketchError::TooMany { what, max });
            }
            let mut points = Vec::new();
            for point in stroke.split(' ') {
                let (what, max) = ("points", MAX_POINTS);
                points_left = points_left.checked_sub(1).ok_or(SketchError::TooMany { what, max })?;
                points.push(parse_point(point)?);
            }
            strokes.push(points);
        }
        Ok(Self(strokes))
    }
}

fn parse_point(text: &str) -> Result<Point, SketchError> {
    let coordinate = |text: &str| text.parse().ok().filter(|it| *it <= MAX_COORDINATE);
    text.split_once(',')
        .and_then(|(x, y)| coordinate(x).zip(coordinate(y)))
        .map(|(x, y)| Point { x, y })
        .ok_or_else(|| SketchError::form("a point as x,y with numbers from 0 to 1000", text))
}

impl Display for Strokes {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        for (stroke_index, stroke) in self.0.iter().enumerate() {
            for (point_index, Point { x, y }) in stroke.iter().enumerate() {
                let separator = match (stroke_index, point_index) {
                    (0, 0) => "",
                    (_, 0) => ";",
                    _ => " ",
                };
                write!(formatter, "{separator}{x},{y}")?;
            }
        }
        Ok(())
    }
}
