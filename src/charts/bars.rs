//! Horizontal bars, plain or stacked to 100 %.

use super::canvas::{At, Canvas, Labels, draw, width};
use super::{GREY, GRID, INK};
use crate::domain::Rgb;
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
    let (drawing, height) = Drawing::new(bars, 0, WIDTH);
    draw(WIDTH as u32, height as u32, |canvas| {
        drawing.draw(canvas, bars, 0);
    })
}

/// Bars between two edges of a chart.
pub(super) struct Drawing {
    labels: Labels,
    heights: Vec<i32>,
    left: i32,
    scale: f64,
}

impl Drawing {
    /// With the height that it takes.
    pub fn new(bars: &[Bar], from: i32, to: i32) -> (Self, i32) {
        let texts = bars.iter().map(|bar| bar.label.as_str());
        let labels = Labels::new(texts, SIZE, (to - from) * 45 / 100);
        let left = from + labels.width + 14;
        let room = widest(bars.iter().map(|bar| bar.shown.as_str())) + 12;
        let largest = bars.iter().map(|bar| bar.value).fold(0.0, f64::max);
        let scale = f64::from(to - left - room) / largest.max(f64::MIN_POSITIVE);
        let heights = labels.heights(ROW);
        let height = heights.iter().sum::<i32>() + 8;
        let drawing = Self {
            labels,
            heights,
            left,
            scale,
        };
        (drawing, height)
    }

    pub fn draw(&self, canvas: &Canvas<'_>, bars: &[Bar], top: i32) {
        let (left, mut y) = (self.left, top + 4);
        let bottom = y + self.heights.iter().sum::<i32>() + 2;
        canvas.line(vec![(left, top + 2), (left, bottom)], INK, 1);
        for ((bar, lines), height) in bars.iter().zip(&self.labels.lines).zip(&self.heights) {
            let middle = y + height / 2;
            let end = left + (bar.value * self.scale).round() as i32;
            let half = ROW / 2 - 4;
            canvas.rectangle((left, middle - half), (end, middle + half), bar.colour);
            canvas.lines(lines, (left - 8, middle), SIZE, At::Right);
            canvas.text(&bar.shown, (end + 6, middle), SIZE, At::Left);
            y += height;
        }
    }
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
    let texts = stacks.iter().map(|stack| stack.label.as_str());
    let labels = Labels::new(texts, SIZE, WIDTH * 2 / 5);
    let left = labels.width + 14;
    let places = key_places(key, left);
    let top = places.last().map_or(0, |place| place.1) + 22;
    let heights = labels.heights(ROW + 6);
    let height = top + heights.iter().sum::<i32>();
    draw(WIDTH as u32, height as u32, |canvas| {
        for ((name, colour), (x, y)) in key.iter().zip(&places) {
            canvas.rectangle((*x, y - 7), (x + 14, y + 7), *colour);
            canvas.text(name, (x + 20, *y), SIZE, At::Left);
        }
        let mut y = top;
        for ((stack, lines), height) in stacks.iter().zip(&labels.lines).zip(&heights) {
            let middle = y + (height - 6) / 2;
            canvas.lines(lines, (left - 8, middle), SIZE, At::Right);
            draw_parts(canvas, stack, left, middle - ROW / 2);
            y += height;
        }
        canvas.line(vec![(left, top - 4), (left, height)], GRID, 1);
    })
}

/// Where each part of a key stands, in as many lines as it takes.
fn key_places(key: &[(String, RGBColor)], left: i32) -> Vec<(i32, i32)> {
    let widest = widest(key.iter().map(|(name, _)| name.as_str())) + 24;
    let left = if left + widest > WIDTH { 0 } else { left };
    let (mut x, mut y) = (left, 15);
    let place = |(name, _): &(String, RGBColor)| {
        let takes = width(name, SIZE) + 44;
        if x + takes - 24 > WIDTH && x > left {
            (x, y) = (left, y + 22);
        }
        let place = (x, y);
        x += takes;
        place
    };
    key.iter().map(place).collect()
}

fn draw_parts(canvas: &Canvas<'_>, stack: &Stack, left: i32, y: i32) {
    let scale = f64::from(WIDTH - left - 10);
    let mut from = f64::from(left);
    let whole = stack.parts.iter().map(|part| part.0).sum::<f64>() * scale;
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
    // Light parts end where the frame does.
    let end = left + whole.round() as i32;
    let corners = [
        (left, y),
        (end, y),
        (end, y + ROW),
        (left, y + ROW),
        (left, y),
    ];
    canvas.line(corners.to_vec(), GREY, 1);
}

/// The width of the widest text.
pub(super) fn widest<'a>(texts: impl Iterator<Item = &'a str>) -> i32 {
    texts.map(|text| width(text, SIZE)).max().unwrap_or(0)
}

/// White on dark fills, ink on light ones.
pub(super) fn on(fill: RGBColor) -> RGBColor {
    if Rgb(fill.0, fill.1, fill.2).luminance() > 0.18 {
        RGBColor(0, 0, 0)
    } else {
        RGBColor(255, 255, 255)
    }
}
