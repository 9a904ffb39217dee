//! Ranges on one scale from zero: a line from low to high with a mark between.

use super::canvas::{At, Canvas, Labels, draw, width};
use super::{BLUE, GREY, GRID};
use plotters::style::RGBColor;

const ROW: i32 = 56;
const SIZE: u32 = 16;
const WIDTH: i32 = 760;
/// Room for the half of a text over a mark at zero.
const LEFT_OF_AXIS: i32 = 38;

/// Low, middle and high of a group, each with its text.
pub struct Range {
    /// At the left.
    pub label: String,
    /// In rising order.
    pub values: [f64; 3],
    /// As shown above the marks.
    pub shown: [String; 3],
}

/// A row for each range.
pub fn ranges(rows: &[Range]) -> String {
    let texts = rows.iter().map(|row| row.label.as_str());
    let labels = Labels::new(texts, SIZE, WIDTH / 3);
    let left = labels.width + LEFT_OF_AXIS + 12;
    let most = rows.iter().map(|row| row.values[2]).fold(0.0, f64::max);
    let last = rows.iter().map(|row| width(&row.shown[2], SIZE)).max();
    let right = WIDTH - last.unwrap_or(0) / 2 - 10;
    let scale = f64::from(right - left) / most.max(f64::MIN_POSITIVE);
    let x = |value: f64| left + (value * scale).round() as i32;
    let heights = labels.heights(ROW);
    let height = heights.iter().sum::<i32>() + 8;
    draw(WIDTH as u32, height as u32, |canvas| {
        canvas.line(vec![(left, 2), (left, height - 2)], GRID, 1);
        let mut top = 0;
        for ((row, lines), height) in rows.iter().zip(&labels.lines).zip(&heights) {
            let y = top + height / 2 + 8;
            canvas.lines(lines, (left - LEFT_OF_AXIS, y), SIZE, At::Right);
            draw_range(canvas, row, row.values.map(x), (left, y));
            top += height;
        }
    })
}

fn draw_range(canvas: &Canvas<'_>, row: &Range, places: [i32; 3], (left, y): (i32, i32)) {
    let [low, middle, high] = places;
    canvas.rectangle((low, y - 3), (high, y + 3), GREY);
    let mark = |at: i32, half: i32, colour: RGBColor| {
        canvas.rectangle((at - half, y - half), (at + half, y + half), colour);
    };
    mark(low, 5, GREY);
    mark(high, 5, GREY);
    mark(middle, 7, BLUE);
    let texts = apart(places, &row.shown, [left - LEFT_OF_AXIS, WIDTH - 2]);
    for (at, shown) in texts.into_iter().zip(&row.shown) {
        canvas.text(shown, (at, y - 19), SIZE, At::Centre);
    }
}

/// Centres of three texts as near to their marks as they fit side by side between
/// the bounds.
fn apart(places: [i32; 3], shown: &[String; 3], bounds: [i32; 2]) -> [i32; 3] {
    let halves = [0, 1, 2].map(|place: usize| width(&shown[place], SIZE) / 2 + 4);
    let [low, middle, high] = places;
    let [first, second] = [halves[0] + halves[1], halves[1] + halves[2]];
    // From the right bound leftwards, then back from the left one.
    let high = high.max(middle + second).min(bounds[1] - halves[2]);
    let middle = middle.min(high - second);
    let low = low.min(middle - first).max(bounds[0] + halves[0]);
    let middle = middle.max(low + first);
    [low, middle, high.max(middle + second)]
}
