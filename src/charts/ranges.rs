//! Ranges on one scale from zero: a line from low to high with a mark between.

use super::bars::widest;
use super::canvas::{At, draw};
use super::{BLUE, GREY, GRID};
use plotters::style::RGBColor;

const ROW: i32 = 56;
const SIZE: u32 = 16;
const WIDTH: i32 = 760;

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
    let left = widest(rows.iter().map(|row| row.label.as_str())) + 20;
    let most = rows.iter().map(|row| row.values[2]).fold(0.0, f64::max);
    let scale = f64::from(WIDTH - left - 60) / most.max(f64::MIN_POSITIVE);
    let x = |value: f64| left + (value * scale).round() as i32;
    let height = ROW * rows.len() as i32 + 8;
    draw(WIDTH as u32, height as u32, |canvas| {
        canvas.line(vec![(left, 2), (left, height - 2)], GRID, 1);
        for (index, row) in rows.iter().enumerate() {
            let y = 36 + ROW * index as i32;
            canvas.text(&row.label, (left - 12, y), SIZE, At::Right);
            let [low, middle, high] = row.values.map(x);
            canvas.rectangle((low, y - 3), (high, y + 3), GREY);
            let mark = |at: i32, half: i32, colour: RGBColor| {
                canvas.rectangle((at - half, y - half), (at + half, y + half), colour);
            };
            mark(low, 5, GREY);
            mark(high, 5, GREY);
            mark(middle, 7, BLUE);
            for (at, shown) in [low, middle, high].into_iter().zip(&row.shown) {
                canvas.text(shown, (at, y - 19), SIZE, At::Centre);
            }
        }
    })
}
