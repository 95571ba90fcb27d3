//! Sketches as a client may send them, well-formed and not.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use proptest::prelude::*;

use super::{BoundingBox, Picture, Sketch, Strokes};

fn picture(columns: u16, rows: u16, cells: &[u8]) -> Picture {
    Picture::new(columns, rows, cells.to_vec()).unwrap()
}

#[test]
fn faulty_sketches_are_refused_with_what_was_expected() {
    let many_points = format!("{}0,0", "0,0 ".repeat(20_000));
    let many_strokes = format!("{}0,0", "0,0;".repeat(2_000));
    let cases = [
        ("1,2,", "expected 2 cells of one byte, got 0"),
        ("1,1,AAAA", "expected 1 cells of one byte, got 3"),
        ("1,1,AAAAAAAA", "expected 1 cells of one byte, got 6"),
        ("0,1,", "expected 1 to 256 columns and rows, got 0 by 1"),
        ("9999,1,AA", "expected 1 to 256 columns and rows, got 9999 by 1"),
        ("99999,1,AA", "expected a picture as columns,rows,BASE64, got \"99999,1,AA\""),
        ("-1,1,AA", "expected a picture as columns,rows,BASE64, got \"-1,1,AA\""),
        ("1,1,!!", "expected the cells of the picture in Base64"),
        ("1,1001", "expected a point as x,y with numbers from 0 to 1000, got \"1,1001\""),
        ("1", "expected a point as x,y with numbers from 0 to 1000, got \"1\""),
        ("1,1;", "expected a point as x,y with numbers from 0 to 1000, got \"\""),
        ("1,1  2,2", "expected a point as x,y with numbers from 0 to 1000, got \"\""),
        (&many_points, "expected at most 16384 points, got more"),
        (&many_strokes, "expected at most 1000 strokes, got more"),
    ];
    for (text, expected) in cases {
        assert_eq!(text.parse::<Sketch>().unwrap_err().to_string(), expected);
    }
}

#[test]
fn sketches_are_fields_of_a_payload_and_of_a_state() {
    for text in ["\"2,1,AP8=\"", "\"1,2 3,4;5,6\"", "\"\""] {
        let sketch: Sketch = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&sketch).unwrap(), text);
    }
    let picture: Picture = serde_json::from_str("\"2,1,AP8\"").unwrap();
    assert_eq!(picture.cells(), [0, 255]);
    assert!(serde_json::from_str::<Strokes>("3").is_err());
}

#[test]
fn nothing_drawn_is_empty() {
    assert!("".parse::<Sketch>().unwrap().is_empty());
    assert!("2,1,AAA=".parse::<Sketch>().unwrap().is_empty());
    assert!(!"2,1,AAE=".parse::<Sketch>().unwrap().is_empty());
    assert!(!"0,0".parse::<Sketch>().unwrap().is_empty());
    let nothing = "".parse::<Picture>().unwrap();
    assert!(nothing.is_empty() && nothing.bounding_box().is_none());
    assert_eq!(nothing.to_string(), "");
    assert_eq!(nothing.centred(2, 2, 0), [0.0; 4]);
    assert_eq!(picture(2, 1, &[0, 0]).bounding_box(), None);
    assert_eq!(picture(2, 1, &[0, 0]).centred(2, 2, 0), [0.0; 4]);
}

#[test]
fn bounding_box_is_tight() {
    #[rustfmt::skip]
    let picture = picture(4, 4, &[
        0, 0, 0, 0,
        0, 0, 9, 0,
        0, 1, 0, 0,
        0, 0, 0, 0,
    ]);
    let expected = BoundingBox { left: 1, top: 1, width: 2, height: 2 };
    assert_eq!(picture.bounding_box(), Some(expected));
}

#[test]
fn centring_averages_areas_and_keeps_the_aspect_ratio() {
    type Grid = (usize, usize, usize);
    let cases: [(Picture, Grid, &[f32]); 5] = [
        // Two by two into one: the average.
        (picture(2, 2, &[255, 0, 0, 255]), (1, 1, 0), &[0.5]),
        // Twice as large: every cell four times.
        (picture(1, 1, &[255]), (2, 2, 0), &[1.0; 4]),
        // A line stays a line, in the middle.
        (picture(3, 1, &[255; 3]), (3, 3, 0), &[0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0]),
        // Half a cell of room on each side.
        (picture(1, 2, &[255; 2]), (2, 2, 0), &[0.5; 4]),
        // A margin that leaves no room gives way.
        (picture(1, 1, &[255]), (1, 1, 7), &[1.0]),
    ];
    for (picture, (columns, rows, margin), expected) in cases {
        assert_eq!(picture.centred(columns, rows, margin), expected, "{picture}");
    }
}

fn any_picture() -> impl Strategy<Value = Picture> {
    (1_u16..40, 1_u16..40).prop_flat_map(|(columns, rows)| {
        let count = usize::from(columns) * usize::from(rows);
        let cells = prop::collection::vec(prop_oneof![Just(0_u8), Just(0), any::<u8>()], count);
        cells.prop_map(move |cells| picture(columns, rows, &cells))
    })
}

proptest! {
    #[test]
    fn no_text_makes_the_parser_panic(text in "\\PC{0,60}|[0-9,; ]{0,60}|[0-9]{0,4},[0-9]{0,4},[A-Za-z0-9+/=]{0,20}") {
        if let Ok(sketch) = text.parse::<Sketch>() {
            prop_assert_eq!(sketch.to_string().parse::<Sketch>().unwrap(), sketch);
        }
    }

    #[test]
    fn pictures_survive_being_written(picture in any_picture()) {
        let expected = format!("{},{},{}", picture.columns(), picture.rows(), BASE64_STANDARD.encode(picture.cells()));
        prop_assert_eq!(picture.to_string(), expected);
        prop_assert_eq!(picture.to_string().parse::<Picture>().unwrap(), picture);
    }

    #[test]
    fn strokes_survive_being_written(points in prop::collection::vec(prop::collection::vec((0_u16..=1000, 0_u16..=1000), 1..9), 0..9)) {
        let text: Vec<_> = points.iter().map(|stroke| stroke.iter().map(|(x, y)| format!("{x},{y}")).collect::<Vec<_>>().join(" ")).collect();
        let text = text.join(";");
        prop_assert_eq!(text.parse::<Strokes>().unwrap().to_string(), text);
    }

    #[test]
    fn centred_ink_stays_within_the_margin(picture in any_picture(), columns in 1_usize..40, rows in 1_usize..40, margin in 0_usize..6) {
        let grid = picture.centred(columns, rows, margin);
        prop_assert_eq!(grid.len(), columns * rows);
        prop_assert!(grid.iter().all(|cell| (0.0..=1.0).contains(cell)));
        for (index, cell) in grid.iter().enumerate() {
            let (column, row) = (index % columns, index / columns);
            let is_margin = |position: usize, length: usize| {
                length > 2 * margin && (position < margin || position >= length - margin)
            };
            if is_margin(column, columns) || is_margin(row, rows) {
                prop_assert!(*cell < 1e-4, "ink at {},{}", column, row);
            }
        }
    }

    #[test]
    fn centring_keeps_the_mean_of_the_ink(picture in any_picture(), side in 1_usize..40) {
        let Some(ink) = picture.bounding_box() else { return Ok(()) };
        let longer = f32::from(u8::try_from(ink.width.max(ink.height)).unwrap());
        let before: f32 = picture.to_unit_f32().iter().sum::<f32>() / (longer * longer);
        let after: f32 = picture.centred(side, side, 0).iter().sum::<f32>() / f32::from(u16::try_from(side * side).unwrap());
        prop_assert!((before - after).abs() < 1e-3, "{} became {}", before, after);
    }
}
