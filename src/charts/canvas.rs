//! The few drawing gestures that charts are made of.

use super::INK;
use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, IntoDrawingArea};
use plotters::element::{Circle, PathElement, Polygon, Rectangle, Text};
use plotters::prelude::SVGBackend;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{
    Color, FontStyle, FontTransform, IntoFont, RGBColor, ShapeStyle, TextStyle, register_font,
};
use std::sync::Once;

const FAMILY: &str = "Noto Sans";

/// Where a text stands from its point.
#[derive(Clone, Copy)]
pub(super) enum At {
    Left,
    Centre,
    Right,
}

/// An SVG being drawn; coordinates in pixels.
pub(super) struct Canvas<'a> {
    area: DrawingArea<SVGBackend<'a>, Shift>,
}

/// Draws an SVG of a size; the same calls give the same bytes.
pub(super) fn draw(width: u32, height: u32, paint: impl FnOnce(&Canvas<'_>)) -> String {
    register_fonts();
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, (width, height)).into_drawing_area();
        let canvas = Canvas { area };
        paint(&canvas);
        canvas.area.present().expect("a string takes all");
    }
    svg
}

fn register_fonts() {
    static FONTS: Once = Once::new();
    FONTS.call_once(|| {
        for (style, bytes) in [
            (FontStyle::Normal, notosans::REGULAR_TTF),
            (FontStyle::Bold, notosans::BOLD_TTF),
        ] {
            if register_font(FAMILY, style, bytes).is_err() {
                unreachable!("the font is in the program");
            }
        }
    });
}

impl Canvas<'_> {
    pub fn line(&self, points: Vec<(i32, i32)>, colour: RGBColor, width: u32) {
        let style: ShapeStyle = colour.stroke_width(width);
        self.area
            .draw(&PathElement::new(points, style))
            .expect("a string takes all");
    }

    pub fn rectangle(&self, from: (i32, i32), to: (i32, i32), colour: RGBColor) {
        self.area
            .draw(&Rectangle::new([from, to], colour.filled()))
            .expect("a string takes all");
    }

    pub fn circle(&self, centre: (i32, i32), radius: i32, colour: RGBColor) {
        self.area
            .draw(&Circle::new(centre, radius, colour.filled()))
            .expect("a string takes all");
    }

    /// A filled outline with a thin white edge.
    pub fn area(&self, points: &[(i32, i32)], fill: RGBColor, edge: RGBColor) {
        self.area
            .draw(&Polygon::new(points.to_vec(), fill.filled()))
            .expect("a string takes all");
        let closed = points.iter().chain(points.first()).copied();
        self.line(closed.collect(), edge, 2);
    }

    /// Slanted lines over a rectangle: what is in it cannot be relied on.
    pub fn hatch(&self, from: (i32, i32), to: (i32, i32), colour: RGBColor) {
        const PACE: usize = 7;
        let height = to.1 - from.1;
        for start in (from.0 - height..to.0).step_by(PACE) {
            // From bottom left to top right, cut at both sides.
            let left = start.max(from.0);
            let right = (start + height).min(to.0);
            if left < right {
                let y = |x: i32| to.1 - (x - start);
                self.line(vec![(left, y(left)), (right, y(right))], colour, 1);
            }
        }
    }

    /// Lines of text around a height.
    pub fn lines(&self, lines: &[String], point: (i32, i32), size: u32, at: At) {
        let top = point.1 - (lines.len() as i32 - 1) * line_height(size) / 2;
        for (place, line) in lines.iter().enumerate() {
            let y = top + place as i32 * line_height(size);
            self.text(line, (point.0, y), size, at);
        }
    }

    pub fn text(&self, text: &str, point: (i32, i32), size: u32, at: At) {
        self.styled(text, point, size, at, INK, FontStyle::Normal);
    }

    /// From its left.
    pub fn plain(&self, text: &str, point: (i32, i32), size: u32, colour: RGBColor) {
        self.styled(text, point, size, At::Left, colour, FontStyle::Normal);
    }

    pub fn coloured(&self, text: &str, point: (i32, i32), size: u32, at: At, colour: RGBColor) {
        self.styled(text, point, size, at, colour, FontStyle::Bold);
    }

    fn styled(
        &self,
        text: &str,
        point: (i32, i32),
        size: u32,
        at: At,
        colour: RGBColor,
        style: FontStyle,
    ) {
        let horizontal = match at {
            At::Left => HPos::Left,
            At::Centre => HPos::Center,
            At::Right => HPos::Right,
        };
        let font = (FAMILY, f64::from(size))
            .into_font()
            .style(style)
            .transform(FontTransform::None);
        let style = TextStyle::from(font)
            .color(&colour)
            .pos(Pos::new(horizontal, VPos::Center));
        self.area
            .draw(&Text::new(text.to_owned(), point, style))
            .expect("a string takes all");
    }
}

/// Noto Sans: the height of a line in ems, from which plotters scales the font
/// that it measures.
const LINE_HEIGHT_EM: f64 = 1.362;
/// The part of a size that plotters writes as `font-size`.
const WRITTEN_SIZE: f64 = 1.24;

/// The width of a text in pixels, as it will be drawn.
pub(super) fn width(text: &str, size: u32) -> i32 {
    register_fonts();
    let font = (FAMILY, f64::from(size) * LINE_HEIGHT_EM / WRITTEN_SIZE).into_font();
    font.box_size(text).map_or(0, |(width, _)| width as i32 + 1)
}

/// From one line of a text to the next, in pixels.
pub(super) fn line_height(size: u32) -> i32 {
    size as i32 * 11 / 10
}

/// A text in lines no wider than a limit in pixels, cut between words, or inside
/// a word that is wider alone.
pub(super) fn wrap(text: &str, size: u32, limit: i32) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ').flat_map(|word| pieces(word, size, limit)) {
        match lines.last_mut() {
            Some(line) if width(&format!("{line} {word}"), size) <= limit => {
                line.push(' ');
                line.push_str(&word);
            }
            _ => lines.push(word),
        }
    }
    lines
}

fn pieces(word: &str, size: u32, limit: i32) -> Vec<String> {
    let mut pieces = vec![String::new()];
    for letter in word.chars() {
        let piece = pieces.last_mut().expect("never empty");
        piece.push(letter);
        if piece.chars().count() > 1 && width(piece, size) > limit {
            piece.pop();
            pieces.push(letter.to_string());
        }
    }
    pieces
}

/// Labels at the left of rows, in lines no wider than a limit.
pub(super) struct Labels {
    /// The lines of each.
    pub lines: Vec<Vec<String>>,
    /// What the widest line takes.
    pub width: i32,
    size: u32,
}

impl Labels {
    pub fn new<'a>(texts: impl Iterator<Item = &'a str>, size: u32, limit: i32) -> Self {
        let lines: Vec<Vec<String>> = texts.map(|text| wrap(text, size, limit)).collect();
        let widths = lines.iter().flatten().map(|line| width(line, size));
        Self {
            width: widths.max().unwrap_or(0),
            lines,
            size,
        }
    }

    /// The height of each row: at least that of a bar.
    pub fn heights(&self, least: i32) -> Vec<i32> {
        let height = |lines: &Vec<String>| {
            let text = lines.len() as i32 * line_height(self.size) + 8;
            text.max(least)
        };
        self.lines.iter().map(height).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_as_wide_as_the_font_says() {
        // Advances of Noto Sans summed by another program, at 14 / 1.24 pixels.
        assert_eq!(width("Production collaborative", 14), 130);
        assert_eq!(width("Messagerie", 14), 62);
    }

    #[test]
    fn long_names_become_lines_and_lose_no_letter() {
        let name = "École élémentaire publique intercommunale du Saint-Quentinois-en-Vermandois";
        let lines = wrap(name, 16, 200);
        assert!(lines.len() > 2);
        assert!(lines.iter().all(|line| width(line, 16) <= 200), "{lines:?}");
        assert_eq!(lines.join(" "), name);
        let word = "x".repeat(80);
        let pieces = wrap(&word, 16, 200);
        assert!(pieces.iter().all(|line| width(line, 16) <= 200));
        assert_eq!(pieces.concat(), word);
    }
}
