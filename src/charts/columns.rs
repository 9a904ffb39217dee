//! Columns from zero, year after year, in panels on one scale.

use super::canvas::{At, Canvas, draw, wrap};
use super::{GRID, INK};
use plotters::style::RGBColor;

const SIZE: u32 = 15;
const WIDTH: i32 = 760;
const HEIGHT: i32 = 170;
const FOOT: i32 = 26;
const WIDEST_COLUMN: i32 = 64;

/// A panel: its name, then label, value and text of each column.
pub struct Columns {
    /// Above.
    pub title: String,
    /// Label under it, value, value as shown, colour.
    pub columns: Vec<(String, f64, String, RGBColor)>,
}

/// Panels side by side on one scale from zero.
pub fn columns(panels: &[Columns]) -> String {
    let pace = WIDTH / panels.len().max(1) as i32;
    let titles: Vec<Vec<String>> = panels
        .iter()
        .map(|panel| wrap(&panel.title, SIZE, pace - 20))
        .collect();
    let lines = titles.iter().map(Vec::len).max().unwrap_or(1) as i32;
    let head = lines * 18 + 26;
    let values = panels.iter().flat_map(|panel| &panel.columns);
    let most = values
        .map(|column| column.1)
        .fold(f64::MIN_POSITIVE, f64::max);
    draw(WIDTH as u32, (head + HEIGHT + FOOT) as u32, |canvas| {
        for (place, (panel, title)) in panels.iter().zip(&titles).enumerate() {
            let left = place as i32 * pace;
            for (line, text) in title.iter().enumerate() {
                let point = (left, 12 + line as i32 * 18);
                canvas.coloured(text, point, SIZE, At::Left, INK);
            }
            draw_panel(canvas, panel, (left, left + pace - 20), head, most);
        }
    })
}

fn draw_panel(canvas: &Canvas<'_>, panel: &Columns, edges: (i32, i32), top: i32, most: f64) {
    let bottom = top + HEIGHT;
    canvas.line(vec![(edges.0, bottom), (edges.1, bottom)], GRID, 1);
    let pace = (edges.1 - edges.0) / panel.columns.len().max(1) as i32;
    let half = (pace - 12).min(WIDEST_COLUMN) / 2;
    for (place, (label, value, shown, colour)) in panel.columns.iter().enumerate() {
        let x = edges.0 + place as i32 * pace + pace / 2;
        let y = bottom - (value / most * f64::from(HEIGHT)).round() as i32;
        canvas.rectangle((x - half, y), (x + half, bottom), *colour);
        canvas.text(shown, (x, y - 12), SIZE, At::Centre);
        canvas.text(label, (x, bottom + 15), SIZE, At::Centre);
    }
}
