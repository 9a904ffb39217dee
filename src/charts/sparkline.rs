//! A small line for a cell of a table, from zero, on a scale that its column shares.

use super::canvas::draw;
use super::{BLUE, GRID};

const WIDTH: i32 = 240;
const HEIGHT: i32 = 44;

/// One value a week, none where it is not shown; `most` is the top of the scale.
pub fn sparkline(values: &[Option<f64>], most: f64) -> String {
    let pace = f64::from(WIDTH - 12) / (values.len().max(2) - 1) as f64;
    let point = |(week, value): (usize, &Option<f64>)| {
        let share = (*value)? / most.max(f64::MIN_POSITIVE);
        let x = 4 + (week as f64 * pace).round() as i32;
        Some((
            x,
            HEIGHT - 4 - (share * f64::from(HEIGHT - 10)).round() as i32,
        ))
    };
    let points: Vec<Option<(i32, i32)>> = values.iter().enumerate().map(point).collect();
    draw(WIDTH as u32, HEIGHT as u32, |canvas| {
        canvas.line(vec![(2, HEIGHT - 2), (WIDTH - 2, HEIGHT - 2)], GRID, 2);
        for run in points.split(Option::is_none) {
            canvas.line(run.iter().flatten().copied().collect(), BLUE, 3);
        }
        if let Some(last) = points.iter().rev().find_map(|point| *point) {
            canvas.circle(last, 5, BLUE);
        }
    })
}
