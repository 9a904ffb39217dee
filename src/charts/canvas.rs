//! The few drawing gestures that charts are made of.

use super::INK;
use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, IntoDrawingArea};
use plotters::element::{PathElement, Rectangle, Text};
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

    pub fn text(&self, text: &str, point: (i32, i32), size: u32, at: At) {
        self.styled(text, point, size, at, INK, FontStyle::Normal);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_as_wide_as_the_font_says() {
        // Advances of Noto Sans summed by another program, at 14 / 1.24 pixels.
        assert_eq!(width("Production collaborative", 14), 130);
        assert_eq!(width("Messagerie", 14), 62);
    }
}
