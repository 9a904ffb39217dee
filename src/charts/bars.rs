//! Horizontal bars, plain or stacked to 100 %.

use super::canvas::{At, Canvas, draw, width};
use super::{GRID, INK};
use plotters::style::RGBColor;

const ROW: i32 = 30;
const SIZE: u32 = 16;
const WIDTH: i32 = 760;

/// A bar: its label, its value, the value as shown.
pub struct Bar {
    /// At the left.
    pub label: String,
    /// From zero.
    pub value: f64,
    /// At its end.
    pub shown: String,
    /// Its fill.
    pub colour: RGBColor,
}

/// Bars in the order given, from zero on one scale.
pub fn bars(bars: &[Bar]) -> String {
    let left = widest(bars.iter().map(|bar| bar.label.as_str())) + 14;
    let room = widest(bars.iter().map(|bar| bar.shown.as_str())) + 12;
    let largest = bars.iter().map(|bar| bar.value).fold(0.0, f64::max);
    let scale = f64::from(WIDTH - left - room) / largest.max(f64::MIN_POSITIVE);
    let height = ROW * bars.len() as i32 + 8;
    draw(WIDTH as u32, height as u32, |canvas| {
        canvas.line(vec![(left, 2), (left, height - 2)], INK, 1);
        for (index, bar) in bars.iter().enumerate() {
            let y = 4 + ROW * index as i32;
            let end = left + (bar.value * scale).round() as i32;
            canvas.rectangle((left, y + 4), (end, y + ROW - 4), bar.colour);
            canvas.text(&bar.label, (left - 8, y + ROW / 2), SIZE, At::Right);
            canvas.text(&bar.shown, (end + 6, y + ROW / 2), SIZE, At::Left);
        }
    })
}

/// A bar cut in shares that make 1.
pub struct Stack {
    /// At the left.
    pub label: String,
    /// Share, as shown, colour.
    pub parts: Vec<(f64, String, RGBColor)>,
}

/// Stacked shares of one; the key above names the parts in order.
pub fn stacks(key: &[(String, RGBColor)], stacks: &[Stack]) -> String {
    let left = widest(stacks.iter().map(|stack| stack.label.as_str())) + 14;
    let height = 34 + (ROW + 6) * stacks.len() as i32;
    draw(WIDTH as u32, height as u32, |canvas| {
        let mut x = left;
        for (name, colour) in key {
            canvas.rectangle((x, 8), (x + 14, 22), *colour);
            canvas.text(name, (x + 20, 15), SIZE, At::Left);
            x += width(name, SIZE) + 44;
        }
        for (index, stack) in stacks.iter().enumerate() {
            let y = 34 + (ROW + 6) * index as i32;
            canvas.text(&stack.label, (left - 8, y + ROW / 2), SIZE, At::Right);
            draw_parts(canvas, stack, left, y);
        }
        canvas.line(vec![(left, 30), (left, height)], GRID, 1);
    })
}

fn draw_parts(canvas: &Canvas<'_>, stack: &Stack, left: i32, y: i32) {
    let scale = f64::from(WIDTH - left - 10);
    let mut from = f64::from(left);
    for (share, shown, colour) in &stack.parts {
        let to = from + share * scale;
        let (start, end) = (from.round() as i32, to.round() as i32);
        canvas.rectangle((start, y), (end, y + ROW), *colour);
        canvas.line(vec![(end, y), (end, y + ROW)], RGBColor(255, 255, 255), 2);
        if to - from > f64::from(width(shown, SIZE) + 8) {
            let middle = (start + end) / 2;
            canvas.coloured(shown, (middle, y + ROW / 2), SIZE, At::Centre, on(*colour));
        }
        from = to;
    }
}

/// The width of the widest text.
pub(super) fn widest<'a>(texts: impl Iterator<Item = &'a str>) -> i32 {
    texts.map(|text| width(text, SIZE)).max().unwrap_or(0)
}

/// White on dark fills, ink on light ones.
fn on(fill: RGBColor) -> RGBColor {
    let light = |c: u8| {
        let c = f64::from(c) / 255.0;
        if c <= 0.03928 {
            c / 12.92
        } else {
            ((c + 0.055) / 1.055).powf(2.4)
        }
    };
    let luminance = 0.2126 * light(fill.0) + 0.7152 * light(fill.1) + 0.0722 * light(fill.2);
    if luminance > 0.18 {
        RGBColor(0, 0, 0)
    } else {
        RGBColor(255, 255, 255)
    }
}
