//! Two values of each row on one scale, joined: here and elsewhere, before and after.

use super::canvas::{At, Canvas, Labels, draw, width};
use super::{BLUE, GREY, GRID, PALE};
use plotters::style::RGBColor;

const ROW: i32 = 34;
const SIZE: u32 = 15;
const WIDTH: i32 = 760;
/// Above, for a line of names.
const HEAD: i32 = 26;

/// A row: its label, the two values and their texts.
pub struct Dumbbell {
    /// At the left.
    pub label: String,
    /// Drawn dark.
    pub here: (f64, String),
    /// Drawn grey.
    pub reference: (f64, String),
}

/// A row for each; `names` are those of the dark and of the grey mark.
pub fn dumbbells(names: [&str; 2], rows: &[Dumbbell]) -> String {
    let texts = rows.iter().map(|row| row.label.as_str());
    let labels = Labels::new(texts, SIZE, WIDTH / 3);
    let sides = rows.iter().flat_map(|row| [&row.here.1, &row.reference.1]);
    let side = sides.map(|text| width(text, SIZE)).max().unwrap_or(0) + 16;
    let left = labels.width + 14;
    let most = rows
        .iter()
        .map(|row| row.here.0.max(row.reference.0))
        .fold(f64::MIN_POSITIVE, f64::max);
    let scale = f64::from(WIDTH - left - 2 * side) / most;
    let x = |value: f64| left + side + (value * scale).round() as i32;
    let heights = labels.heights(ROW);
    let places = name_places(names, left);
    let top = places[1].1 + HEAD - 8;
    let height = top + heights.iter().sum::<i32>();
    draw(WIDTH as u32, height as u32, |canvas| {
        for ((name, colour), (x, y)) in names.into_iter().zip([BLUE, GREY]).zip(places) {
            mark(canvas, (x + 7, y), colour);
            canvas.text(name, (x + 20, y), SIZE, At::Left);
        }
        canvas.line(vec![(left, top), (left, height)], GRID, 1);
        let mut y = top;
        for ((row, lines), height) in rows.iter().zip(&labels.lines).zip(&heights) {
            canvas.lines(lines, (left - 10, y + height / 2), SIZE, At::Right);
            pair(
                canvas,
                row,
                (x(row.here.0), x(row.reference.0)),
                y + height / 2,
            );
            y += height;
        }
    })
}

/// Where the names stand: side by side, or one under the other from the edge.
fn name_places(names: [&str; 2], left: i32) -> [(i32, i32); 2] {
    let takes = names.map(|name| width(name, SIZE) + 20);
    match left + takes[0] + 28 + takes[1] <= WIDTH {
        true => [(left, 12), (left + takes[0] + 28, 12)],
        false => [(2, 12), (2, 12 + HEAD)],
    }
}

/// Each text outside of the pair, so that they never meet.
fn pair(canvas: &Canvas<'_>, row: &Dumbbell, at: (i32, i32), y: i32) {
    let (here, reference) = at;
    canvas.rectangle(
        (here.min(reference), y - 2),
        (here.max(reference), y + 2),
        PALE,
    );
    mark(canvas, (reference, y), GREY);
    mark(canvas, (here, y), BLUE);
    let (low, high) = match here <= reference {
        true => (&row.here.1, &row.reference.1),
        false => (&row.reference.1, &row.here.1),
    };
    canvas.text(low, (here.min(reference) - 12, y), SIZE, At::Right);
    canvas.text(high, (here.max(reference) + 12, y), SIZE, At::Left);
}

/// Round here, square elsewhere: told apart without colour.
fn mark(canvas: &Canvas<'_>, (x, y): (i32, i32), colour: RGBColor) {
    match colour {
        BLUE => canvas.circle((x, y), 7, colour),
        _ => canvas.rectangle((x - 6, y - 6), (x + 6, y + 6), colour),
    }
}
